"""Doing it: the engine, the device host, limits and the bench configuration."""

from faradaic.documents.kinds import DocumentKind

BENCH = DocumentKind(
    "bench",
    "a bench file",
    "faradaic check PROTOCOL --bench {}",
    frozenset({"source.driver", "source.address"}),
)
