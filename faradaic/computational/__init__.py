"""The atomistic side: screenings of compositions, and the electrified interface."""
