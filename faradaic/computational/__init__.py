"""The atomistic side: screenings of compositions, and the electrified interface."""

from faradaic.documents.kinds import DocumentKind

SCREENING = DocumentKind(
    "screening",
    "a screening",
    "faradaic screen spinels {}",
    frozenset({"prototype", "fixed", "pool", "distinct", "anion", "descriptors", "energies"}),
)
CONSTRAINED_RUN = DocumentKind(
    "constrained_run",
    "a constrained run",
    "faradaic constrained run {}",
    frozenset({"atoms", "coordinate", "windows", "pull_steps", "dynamics"}),
)
