"""The forms there are, and the one way to write any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from faradaic.datafiles.dataset import Dataset
from faradaic.records.run import Run
from faradaic.studies.exports.contents import Contents, gather, refusal


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


@dataclass(frozen=True, slots=True)
class Format:
    """One form: the module that writes it, and how its files end."""

    module: str
    suffix: str
    """"" for a folder."""
    what: str


FORMATS: Mapping[str, Format] = {
    "frictionless": Format("frictionless", "", "data package: CSV tables and datapackage.json"),
    "netcdf": Format("netcdf", ".nc", "NetCDF-4 with CF attributes, for xarray"),
    "bdf": Format("bdf", ".bdf.csv", "Battery Data Format, a CSV table"),
    "eln": Format("eln", ".eln", "RO-Crate in a zip, for electronic laboratory notebooks"),
    "ord": Format("open_reaction_database", ".pbtxt", "message of the Open Reaction Database"),
    "excel": Format("workbook", ".xlsx", "Excel workbook"),
    "csv": Format("csv_files", ".csv", "one CSV table with comments above it"),
}


class _Writer(Protocol):
    def write(self, contents: Contents, path: Path, options: Options) -> Path: ...


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
    """Write a data file, a run folder or a study's folder in one of `FORMATS`; returns the path.

    `out` is the file (the folder, of a data package); without it a name is made of the source's
    and the file stands in the working directory. Raises `InputError` for a source or format that
    cannot be (E790, E791), what a format cannot hold (E792), and an `out` that exists (E793)
    unless it may be overwritten; `StorageError` when nothing can be written.
    """
    form = FORMATS.get(to)
    if form is None:
        raise refusal("E791", f"there is no format {to!r}", "one of " + ", ".join(FORMATS))
    contents = source if isinstance(source, Contents) else gather(source)
    path = out or Path(f"{contents.name}{form.suffix}")
    if path.exists() and not overwrite:
        raise refusal("E793", f"{path} exists", "give another --out, or --overwrite")
    writer = cast("_Writer", import_module(f"faradaic.studies.exports.{form.module}"))
    return writer.write(contents, path, Options(author, product_mol, substrate_left_mol))
