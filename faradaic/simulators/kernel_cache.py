"""When a compiled kernel that is kept on disk has to be compiled again."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path


def source_digest(*files: str) -> int:
    """A number that changes with the sources of kernels, for an entry point to enclose.

    A cached kernel is found again by its own file and by what it encloses; a change of a kernel
    that it calls in another file would go unnoticed.
    """
    sources = b"".join(Path(file).read_bytes() for file in files)
    return int.from_bytes(sha256(sources).digest()[:7], "big")
