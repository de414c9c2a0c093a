"""A bench that isn't there: cell physics, electronics and wire-level emulators."""
