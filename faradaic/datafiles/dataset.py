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
from faradaic.quantities.pint_registry import pint_unit, registry

if TYPE_CHECKING:
    import numpy as np
    import pint
    import polars as pl
    from numpy.typing import NDArray

    from faradaic.timeseries import TimeSeries

Sign = Literal["anodic", "cathodic"]
"""Which current counts as positive."""

SIGNED_UNITS = ("A", "C", "A/m^2", "C/m^2")
"""Of what has a direction."""

OhmicDrop = Literal["compensated", "uncompensated"]
"""Whether the instrument took the ohmic drop off the potentials before it wrote them."""


def typed_sign(text: str) -> Sign | None:
    """The sign that a person states, as "cathodic" or "cathodic positive"; None for other words."""
    word = " ".join(text.casefold().split()).removesuffix(" positive")
    return "anodic" if word == "anodic" else "cathodic" if word == "cathodic" else None


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

    def to_pint(self) -> pint.Quantity[NDArray[np.float64]]:
        """Values and unit for pint. Raises `QuantityError` (E104) for a unit that is not known."""
        found: pint.Quantity[NDArray[np.float64]] = registry().Quantity(
            self.values, pint_unit(self.unit)
        )
        return found


class LazyColumns(Mapping[str, Column]):
    """Columns of one length that are made when they are asked for, and then kept."""

    def __init__(self, rows: int, makers: Mapping[str, Callable[[], Column]]) -> None:
        self.rows = rows
        self.makers = makers
        self._made: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._made:
            self._made[name] = self.makers[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.makers)

    def __len__(self) -> int:
        return len(self.makers)

    def __contains__(self, name: object) -> bool:
        return name in self.makers


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
    pH: float | None = None
    temperature_K: float | None = None
    """With the pH what places a reference electrode; None where they are not stated."""
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
    output_on_s: NDArray[np.float64] | None = None
    """(k, 2), when the output went on and off; None where the file does not tell."""

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
            raise InputError.of(
                f"{self.source or 'the data'} holds no column {name!r}",
                help="there is " + ", ".join(self.columns),
                code="E754",
            )
        return self.columns[name].values

    def time_series(self) -> TimeSeries:
        """What was measured over time, anodic current positive where the file tells the sign.

        A cell voltage is taken from the potentials of working and counter electrode where it has
        no column of its own, a current from its density where the area is known. Raises
        `InputError` (E754) where time or current is missing.
        """
        import numpy as np

        from faradaic.timeseries import BookedCharge, TimeSeries, spans_of_on_time

        if self.technique.lower().startswith("open circuit"):
            raise InputError.of(
                f"{self.source or 'the data'}: an open circuit, in which no current flows",
                help=f"`faradaic read {self.source}` shows its potential",
                code="E754",
            )

        def known(name: str) -> NDArray[np.float64]:
            return self.columns[name].values if name in self.columns else np.empty(0)

        current, factor = self.columns.get("current_A"), 1.0
        density = self.columns.get("current_density_A_per_m2")
        if current is None and density is not None and self.area_m2:
            current, factor = density, self.area_m2
        for what, found, example in (
            ("time", "time_s" in self.columns, "time=HEADER, s"),
            ("current", current is not None, "current=HEADER, mA, anodic"),
        ):
            if not found:
                raise self._without(what, example)
        assert current is not None
        time_s = known("time_s")
        if timeless := int(np.count_nonzero(~np.isfinite(time_s))):
            raise self._unusable(f"{timeless} of {len(self)} rows have no time")
        if np.count_nonzero(np.isfinite(current.values)) < 2:
            raise self._unusable("fewer than two rows have a current: nothing can be integrated")
        charge_C = known("charge_C")
        again = np.flatnonzero(np.diff(known("cycle"))) + 1
        if charge_C.size and again.size and (charge_C[again] == charge_C[0]).all():
            charge_C = np.empty(0)  # it begins anew with every cycle
        charge_C = charge_C[np.isfinite(charge_C)]
        sign = -1.0 if current.sign == "cathodic" else 1.0
        voltage_V = known("cell_voltage_V") if "cell_voltage_V" in self.columns else known(
            "working_minus_counter_V"
        )  # fmt: skip
        if not voltage_V.size and "counter_potential_V" in self.columns:
            voltage_V = self["potential_V"] - known("counter_potential_V")
        potential = self.columns.get("potential_V")
        output_on_s = self.output_on_s
        if output_on_s is None and "on_time_s" in self.columns:
            output_on_s = spans_of_on_time(time_s, known("on_time_s"))
        return TimeSeries(
            time_s,
            current.values * (sign * factor),
            voltage_V,
            known("potential_V"),
            charge_gross_C=known("charge_gross_C"),
            part=known("step") if "step" in self.columns else known("technique_number"),
            output_on_s=output_on_s,
            sign="anodic" if current.sign else None,
            reference=potential.reference if potential else None,
            pH=self.pH,
            temperature_K=self.temperature_K,
            area_m2=self.area_m2,
            booked=BookedCharge(net_C=sign * float(charge_C[-1] - charge_C[0]))
            if charge_C.size
            else BookedCharge(),
            sha256=self.sha256,
        )

    def _unusable(self, why: str) -> InputError:
        remedy = f"complete the file or take out those rows; `faradaic read {self.source}` shows it"
        return InputError.of(f"{self.source or 'the data'}: {why}", help=remedy, code="E754")

    def _without(self, what: str, example: str) -> InputError:
        remedy = f'if it is one of {", ".join(self.columns)}: --map "{example}"'
        if "current_density_A_per_m2" in self.columns:
            remedy = 'it holds a current density: give --assume area="1 cm^2"'
        return InputError.of(
            f"{self.source or 'the data'} holds no {what}", help=remedy, code="E754"
        )

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
