"""A bench that isn't there: cell physics, electronics and wire-level emulators."""

from faradaic.documents.kinds import DocumentKind

FAULTS = DocumentKind(
    "faults",
    "a list of faults",
    "faradaic run PROTOCOL --faults {}",
    frozenset({"faults"}),
)
