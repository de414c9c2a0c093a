"""Compiled kernels that are kept on disk: where they can be, and when they are compiled again."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from faradaic.diagnostics import Diagnostic, DiagnosticWarning, Severity

_Taken = ParamSpec("_Taken")
_Given = TypeVar("_Given")
_WAIT_S = 120.0
"""The longest that any kernel took to compile, several times over."""


def njit(**options: Any) -> Callable[[Callable[_Taken, _Given]], Callable[_Taken, _Given]]:
    """numba's `njit`; where nothing can be kept on disk, every process compiles for itself."""
    import numba

    def compiled(function: Callable[_Taken, _Given]) -> Callable[_Taken, _Given]:
        try:
            kernel = numba.njit(**options)(function)
        except RuntimeError:  # no folder for it can be written
            _tell()
            return cast(
                "Callable[_Taken, _Given]", numba.njit(**{**options, "cache": False})(function)
            )
        if options.get("cache") and hasattr(kernel, "compile"):
            kernel.compile = _one_at_a_time(kernel.compile, kernel.stats.cache_path)
        return cast("Callable[_Taken, _Given]", kernel)

    return compiled


def _one_at_a_time(compiling: Callable[[Any], Any], folder: str) -> Callable[[Any], Any]:
    """Of programs that start together one compiles; the others wait and take what it kept."""

    def compiled(signature: Any) -> Any:
        from filelock import FileLock

        with contextlib.suppress(OSError, NotImplementedError):  # a disk without locks, a long wait
            lock = FileLock(Path(folder) / "compiling.lock", timeout=_WAIT_S, is_singleton=True)
            with lock:
                return compiling(signature)
        return compiling(signature)

    return compiled


@cache
def _tell() -> None:
    told = Diagnostic(
        "E565",
        "compiled cell models can be kept neither beside the program nor in your own folder",
        Severity.WARNING,
        help="every rehearsal compiles for half a minute: set NUMBA_CACHE_DIR to a folder of yours",
    )
    warnings.warn(told.render(), DiagnosticWarning, stacklevel=3)


def source_digest(*files: str) -> int:
    """A number that changes with the sources of kernels, for an entry point to enclose.

    A cached kernel is found again by its own file and by what it encloses; a change of a kernel
    that it calls in another file would go unnoticed.
    """
    sources = b"".join(Path(file).read_bytes() for file in files)
    return int.from_bytes(sha256(sources).digest()[:7], "big")
