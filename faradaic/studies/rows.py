"""The tables of a study: columns in SI, and how each of them is shown.

A kind of table is a frozen dataclass of columns of one length: arrays, texts, or values with their
uncertainty. What a column is called and in which unit a reader sees it stands at its type, once;
CSV files, the workbook and the axes of the figures take it from there. Columns that are None are
not part of the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.turnover import Sites
from faradaic.quantities import convert
from faradaic.results import Result

Floats = NDArray[np.float64]
Texts = tuple[str, ...]

_NOT_IN_THE_GRAMMAR = ("", "1/s", "mol/mol", "sccm")
_PRINTED = {"mA/cm^2": "mA cm⁻²", "1/s": "s⁻¹"}


@dataclass(frozen=True, slots=True)
class Shown:
    """How a quantity is shown: its symbol and the unit that readers are used to."""

    symbol: str
    unit: str = ""
    """"" for text and pure numbers; "sccm" stands as it was read."""

    def values(self, values: Floats) -> Floats:
        """Values in SI, in the shown unit."""
        return values if self.unit in _NOT_IN_THE_GRAMMAR else values * convert(1.0, self.unit)

    def header(self, symbol: str = "") -> str:
        """ "j (mA/cm^2)", of a column."""
        return f"{symbol or self.symbol} ({self.unit})" if self.unit else symbol or self.symbol

    def label(self, symbol: str = "") -> str:
        """ "j / mA cm⁻²", of an axis, as IUPAC recommends."""
        unit = _PRINTED.get(self.unit, self.unit)
        return f"{symbol or self.symbol} / {unit}" if unit else symbol or self.symbol


@dataclass(frozen=True, slots=True)
class PotentialAxis:
    """What potentials count against, and what was done about the ohmic drop."""

    reference: str
    corrected: bool | None = None
    """None where it is not of interest."""

    def header(self) -> str:
        """ "E (V vs RHE), iR-corrected", of a column."""
        return f"E (V vs {self.reference}){self._state()}"

    def label(self, symbol: str = "E") -> str:
        """ "E vs RHE / V, iR-corrected", of an axis."""
        return f"{symbol} vs {self.reference} / V{self._state()}"

    def _state(self) -> str:
        return {None: "", True: ", iR-corrected", False: ", not iR-corrected"}[self.corrected]


@dataclass(frozen=True, slots=True, eq=False)
class Uncertain:
    """Values with their combined standard uncertainty; NaN where nothing is known."""

    values: Floats
    error: Floats

    @classmethod
    def of(cls, results: Sequence[Result]) -> Uncertain:
        """A column of results."""
        values = [np.nan if one.value is None else one.value for one in results]
        return cls(np.array(values, np.float64), np.array([one.uncertainty for one in results]))


POTENTIAL = Shown("E", "V")
APPLIED = Shown("E applied", "V")
DENSITY = Shown("j", "mA/cm^2")
CURRENT = Shown("I", "mA")
CELL_VOLTAGE = Shown("U", "V")
CHARGE = Shown("Q", "C")
EFFICIENCY = Shown("FE", "%")
TURNOVER = Shown("TOF", "1/s")
TIME = Shown("t", "h")
WAVELENGTH = Shown("wavelength", "nm")
ABSORBANCE = Shown("absorbance")


def time_shown(time_s: Floats) -> Shown:
    """Time in the unit that fits its length."""
    last_s = np.nanmax(time_s, initial=0.0)
    return Shown("t", "h" if last_s >= 7200.0 else "min" if last_s >= 300.0 else "s")


class Rows:
    """What all kinds of tables share."""

    __slots__ = ()
    topic: ClassVar[str]
    """What the rows are, and the beginning of the name of their file."""

    def columns(self) -> dict[str, Floats | Texts]:
        """Values as they are shown, by header."""
        return {header: values for _, header, values, _ in self._columns()}

    def by_field(self) -> dict[str, tuple[str, Floats | Texts]]:
        """(header, values as they are shown) by the name of the field."""
        return {name: (header, values) for name, header, values, _ in self._columns()}

    def described(self) -> dict[str, dict[str, str]]:
        """Unit, and where known the reference of a potential and the sign of a current, by header.

        Text columns are left out.
        """
        axis: PotentialAxis | None = getattr(self, "axis", None)
        known = {
            POTENTIAL: {"reference": axis.reference} if axis else {},
            CURRENT: {"sign": "anodic"},
            DENSITY: {"sign": "anodic"},
        }
        return {
            header: {"unit": shown.unit or "1", **known.get(shown, {})}
            for _, header, values, shown in self._columns()
            if not isinstance(values, tuple)
        }

    def __len__(self) -> int:
        return len(next(values for _, _, values, _ in self._columns()))

    def _columns(self) -> Iterator[tuple[str, str, Floats | Texts, Shown]]:
        for name, shown in _shown(type(self)).items():
            value = getattr(self, name)
            parts = value if isinstance(value, Mapping) else {"": value}
            for key, column in parts.items():
                if column is None:
                    continue
                symbol = f"{shown.symbol} {key}".strip().format(rows=self)
                header = shown.header(symbol)
                if shown is POTENTIAL and (axis := getattr(self, "axis", None)):
                    header = axis.header()
                if isinstance(column, tuple):
                    yield name, header, column, shown
                elif isinstance(column, Uncertain):
                    yield name, header, shown.values(column.values), shown
                    yield f"{name}_error", f"u {header}", shown.values(column.error), shown
                else:
                    yield name, header, shown.values(np.asarray(column, np.float64)), shown


def _shown(kind: type[Rows]) -> dict[str, Shown]:
    """How the columns of a kind of table are shown, by field; other fields are no columns."""
    return {
        name: shown
        for name, hint in get_type_hints(kind, include_extras=True).items()
        for shown in get_args(hint)[1:]
        if isinstance(shown, Shown)
    }


Potential = Annotated[Floats, POTENTIAL]
Density = Annotated[Floats, DENSITY]
Current = Annotated[Floats, CURRENT]
Time = Annotated[Floats, TIME]


def per_area(current_A: Floats, area_m2: float | None) -> Floats | None:
    """Densities; None where the area is not known."""
    return None if area_m2 is None else current_A / area_m2


@dataclass(frozen=True, slots=True, eq=False)
class SweepRows(Rows):
    """One branch of a sweep."""

    topic = "sweep"
    axis: PotentialAxis
    potential_V: Potential
    density_A_per_m2: Annotated[Floats | None, DENSITY]
    """None where the area is not known."""
    current_A: Current


@dataclass(frozen=True, slots=True, eq=False)
class CycleRows(SweepRows):
    """One cycle of a voltammogram."""

    topic = "cycle"


def shown_current(rows: SweepRows | PeakRows) -> tuple[Floats, str]:
    """Density, or current where the area is not known, as it is shown, and its axis."""
    if rows.density_A_per_m2 is not None:
        return DENSITY.values(rows.density_A_per_m2), DENSITY.label()
    return CURRENT.values(rows.current_A), CURRENT.label()


@dataclass(frozen=True, slots=True, eq=False)
class DifferenceRows(Rows):
    """Two sweeps on one grid of potentials."""

    topic = "difference"
    axis: PotentialAxis
    gas: str
    blank: str
    potential_V: Potential
    in_gas_A_per_m2: Annotated[Floats, Shown("j in {rows.gas}", "mA/cm^2")]
    in_blank_A_per_m2: Annotated[Floats, Shown("j in {rows.blank}", "mA/cm^2")]
    difference_A_per_m2: Annotated[Floats, Shown("difference", "mA/cm^2")]


@dataclass(frozen=True, slots=True, eq=False)
class PeakRows(Rows):
    """The peaks of a cycle."""

    topic = "peaks"
    potential_V: Potential
    density_A_per_m2: Annotated[Floats | None, DENSITY]
    current_A: Current
    error_V: Annotated[Floats, Shown("u E", "V")]


@dataclass(frozen=True, slots=True, eq=False)
class SpectrumRows(Rows):
    """An absorption spectrum."""

    topic = "absorption"
    wavelength_m: Annotated[Floats, WAVELENGTH]
    absorbance: Annotated[Floats, ABSORBANCE]
    baseline: Annotated[Floats, Shown("baseline")]


@dataclass(frozen=True, slots=True, eq=False)
class BandRows(Rows):
    """The bands of a spectrum."""

    topic = "bands"
    wavelength_m: Annotated[Floats, WAVELENGTH]
    error_m: Annotated[Floats, Shown("u", "nm")]
    height: Annotated[Floats, Shown("height")]
    width_m: Annotated[Floats, Shown("width", "nm")]


@dataclass(frozen=True, slots=True, eq=False)
class ProductRows(Rows):
    """The products at each potential, means over the injections."""

    topic = "products"
    axis: PotentialAxis
    sites: Sites | None
    """That the turnover counts."""
    applied_V: Annotated[Floats, APPLIED]
    potential_V: Potential
    product: Annotated[Texts, Shown("product")]
    electrodes: Annotated[Floats, Shown("electrodes")]
    injections: Annotated[Floats, Shown("injections")]
    efficiency: Annotated[Uncertain, EFFICIENCY]
    density_A_per_m2: Annotated[Uncertain, DENSITY]
    turnover_per_s: Annotated[Uncertain | None, TURNOVER]


@dataclass(frozen=True, slots=True, eq=False)
class InjectionRows(Rows):
    """Each injection and product: what the workbook computes the efficiency from."""

    topic = "injections"
    electrode: Annotated[Floats, Shown("electrode")]
    applied_V: Annotated[Floats, APPLIED]
    point_V: Annotated[Floats, Shown("point", "V")]
    """The applied potential that the injections are averaged at."""
    product: Annotated[Texts, Shown("product")]
    electrons: Annotated[Floats, Shown("z")]
    current_A: Annotated[Floats, Shown("I", "A")]
    fraction: Annotated[Floats, Shown("x", "mol/mol")]
    flow_sccm: Annotated[Floats, Shown("flow", "sccm")]
    meter_K: Annotated[Floats, Shown("meter T", "K")]
    meter_Pa: Annotated[Floats, Shown("meter p", "Pa")]
    flow_mol_per_s: Annotated[Floats, Shown("flow", "mol/s")]
    area_m2: Annotated[Floats, Shown("A", "cm^2")]
    sites_mol: Annotated[Floats, Shown("sites", "mol")]


@dataclass(frozen=True, slots=True, eq=False)
class LiquidRows(Rows):
    """A dissolved product up to each aliquot."""

    topic = "liquids"
    charge_C: Annotated[Floats, CHARGE]
    amount_mol: Annotated[Floats, Shown("n", "mmol")]
    efficiency: Annotated[Uncertain, EFFICIENCY]


@dataclass(frozen=True, slots=True, eq=False)
class HeldCurrentRows(Rows):
    """Current density over hours, and the potential where it was not held."""

    topic = "stability current"
    axis: PotentialAxis
    time_s: Time
    density_A_per_m2: Density
    potential_V: Annotated[Floats | None, POTENTIAL]


@dataclass(frozen=True, slots=True, eq=False)
class HeldEfficiencyRows(Rows):
    """Efficiencies over hours, by product."""

    topic = "stability gas"
    time_s: Time
    efficiency: Annotated[Mapping[str, Uncertain], EFFICIENCY]


@dataclass(frozen=True, slots=True, eq=False)
class TraceRows(Rows):
    """One signal of a run, drawn with as many points as the eye can tell apart."""

    topic = "trace"
    time_s: Time
    current_A: Annotated[Floats | None, CURRENT] = None
    cell_voltage_V: Annotated[Floats | None, CELL_VOLTAGE] = None
    charge_C: Annotated[Floats | None, CHARGE] = None
