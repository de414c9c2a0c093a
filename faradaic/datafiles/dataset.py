"""What a data file holds, whoever wrote it: columns in SI and what is known about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.optional_libraries import optional_library

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

Sign = Literal["anodic", "cathodic"]
"""Which current counts as positive."""

OhmicDrop = Literal["compensated", "uncompensated"]
"""Whether the instrument took the ohmic drop off the potentials before it wrote them."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: numbers in SI and what is known about them."""

    values: NDArray[np.float64]
    """One number per row, read-only; NaN where nothing was measured."""
    unit: str
    """SI ("V", "A", "s"); "1" for a pure number; of an unknown column what the file says."""
    raw_name: str = ""
    """The header in the file, unit included."""
    sign: Sign | None = None
    """Of a current or charge; None where the file does not tell."""
    reference: str | None = None
    """Of a potential: what it was measured against, as the file says; None where it does not."""

    def __post_init__(self) -> None:
        values = self.values.view()
        values.flags.writeable = False
        object.__setattr__(self, "values", values)


class LazyColumns(Mapping[str, Column]):
    """Columns of one length that are made when they are asked for, and then kept."""

    def __init__(self, rows: int, makers: Mapping[str, Callable[[], Column]]) -> None:
        self.rows = rows
        self._makers = makers
        self._made: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __contains__(self, name: object) -> bool:
        return name in self._makers


@dataclass(frozen=True, eq=False)
class Dataset:
    """One table of a data file with its metadata. A derived column belongs in a new dataset."""

    columns: Mapping[str, Column]
    """By name and unit (`time_s`, `potential_V`, `current_A`); unknown ones by their header."""
    technique: str = ""
    """As the file names it; "" where it does not."""
    instrument: str = ""
    """As the file names it; "" where it does not."""
    start: datetime | None = None
    """Start of the measurement; without a time zone where the file gives local time only."""
    area_m2: float | None = None
    """Electrode area as written in the file; None where it holds none or the maker's default."""
    ohmic_drop: OhmicDrop | None = None
    """None where the file does not tell."""
    metadata: Mapping[str, str] = field(default_factory=dict)
    """Everything else of the header, as written."""
    warnings: tuple[Diagnostic, ...] = ()
    """What was odd, unknown or assumed while reading."""
    further: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)
    """Other tables of the same file, by their name there."""
    format: str = ""
    """Which reader understood the file."""
    source: Path | None = None
    content: bytes = field(default=b"", repr=False)
    """What was read, as it stood on the disk."""
    digest: str = ""
    """The hash, where it is not that of `content`."""

    @cached_property
    def sha256(self) -> str:
        """Hash of the bytes that were read; "" where the data do not come from a file."""
        return self.digest or (sha256(self.content).hexdigest() if self.content else "")

    def __post_init__(self) -> None:
        if isinstance(self.columns, LazyColumns):
            return
        lengths = {len(column.values) for column in self.columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"columns of different lengths: {sorted(lengths)}")

    def __len__(self) -> int:
        """Rows."""
        if isinstance(self.columns, LazyColumns):
            return self.columns.rows
        return next((len(column.values) for column in self.columns.values()), 0)

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """The numbers of one column. Raises `InputError` naming the columns there are."""
        if name not in self.columns:
            raise InputError(
                Diagnostic(
                    "E754",
                    f"{self.source or 'the data'} holds no column {name!r}",
                    help="there is " + ", ".join(self.columns),
                )
            )
        return self.columns[name].values

    def to_polars(self) -> pl.DataFrame:
        """A polars table, column names as here."""
        import polars as pl

        return pl.DataFrame({name: column.values for name, column in self.columns.items()})

    def to_pandas(self) -> Any:
        """A `pandas.DataFrame`. Raises `InputError` when pandas is not installed."""
        pandas = optional_library("pandas")
        return pandas.DataFrame({name: column.values for name, column in self.columns.items()})

    def to_xarray(self) -> Any:
        """An `xarray.Dataset` over `row` with `units` and what else is known as attributes.

        Raises `InputError` when xarray is not installed.
        """
        xarray = optional_library("xarray")
        variables = {
            name: (
                "row",
                column.values,
                {
                    key: value
                    for key, value in (
                        ("units", column.unit),
                        ("raw_name", column.raw_name),
                        ("positive_current", column.sign),
                        ("reference", column.reference),
                    )
                    if value
                },
            )
            for name, column in self.columns.items()
        }
        start = self.start.isoformat() if self.start else ""
        known = {"technique": self.technique, "instrument": self.instrument, "start": start}
        attributes = {**known, "source": str(self.source or ""), "sha256": self.sha256}
        return xarray.Dataset(variables, attrs=attributes)
