"""The forms there are, and the one way to write any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from faradaic.datafiles.dataset import Dataset
from faradaic.diagnostics import refusal
from faradaic.plugins import Plugins
from faradaic.records.run import Run
from faradaic.studies.exports.contents import Contents, gather


@dataclass(frozen=True, slots=True)
class Person:
    """Who exports; a message of the Open Reaction Database cannot be without."""

    name: str
    email: str = ""
    orcid: str = ""


@dataclass(frozen=True, slots=True)
class Options:
    """What a source does not tell and a format may ask for."""

    author: Person | None = None
    product_mol: float | None = None
    """Amount of the target product found."""
    substrate_left_mol: float | None = None
    """Amount of the limiting substrate left."""


class Export(Protocol):
    """What an entry point of the group names, a module: the form its first line says."""

    SUFFIX: str
    """How its files end; "" of a folder."""

    def write(self, contents: Contents, path: Path, options: Options) -> Path:
        """Write everything at a path, which is returned. Raises `InputError` (E792)."""
        ...


EXPORTS: Plugins[Export] = Plugins(
    "faradaic.exports", "export", "E791", {"SUFFIX": str, "write": Callable}
)


def export(
    source: Path | Dataset | Run | Contents,
    to: str = "frictionless",
    out: Path | None = None,
    *,
    author: Person | None = None,
    product_mol: float | None = None,
    substrate_left_mol: float | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a data file, a run folder or a study's folder in a form of `EXPORTS`; returns the path.

    `out` is the file (the folder, of a data package); without it a name is made of the source's
    and the file stands in the working directory. Raises `InputError` for a source or format that
    cannot be (E790, E791), what a format cannot hold (E792), and an `out` that exists (E793)
    unless it may be overwritten; `StorageError` when nothing can be written.
    """
    form = EXPORTS.load(to)
    contents = source if isinstance(source, Contents) else gather(source)
    path = out or Path(f"{contents.name}{form.SUFFIX}")
    if path.exists() and not overwrite:
        raise refusal("E793", f"{path} exists", "give another --out, or --overwrite")
    return form.write(contents, path, Options(author, product_mol, substrate_left_mol))
