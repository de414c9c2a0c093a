"""Measured conductivities of one electrolyte in one solvent: published fits, and single values.

Between two single values of one table the logarithms are joined by a straight line. A fit holds
between the concentrations and temperatures of its row; where two hold, their mean
counts, with a band that holds both. `apparent_L_per_mol` is what a
mole of the salt adds to the volume, which makes mol/kg of mol/L; 0.01 L/mol are 1 % of it at
1 mol/L. Forms, kappa in mS/cm, T in K, t in degC, c in mol/L, m in mol/kg:

- gilliam: S/cm = a c + b c² + d c T + e c/T + f c³ + g c² T²
- tiedemann_newman: mS/cm = c exp(a + b c + d c²)
- casteel_amis: k (m/n)^a exp(-b (m - n)² - a (m/n - 1))
- mccleskey: z m (L - A sqrt(m) / (1 + B sqrt(m))), L and A of second order in t
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import exp, log, sqrt
from typing import TYPE_CHECKING

from faradaic.chemistry.solvents import solvent_of
from faradaic.chemistry.tables import normalised, rows
from faradaic.quantities.constants import CELSIUS_ZERO_K

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TEMPERATURE_COEFFICIENT_PER_K = {True: 0.02, False: 0.015}
"""Relative rise of a conductivity per kelvin, in water and in organic solvents."""
SAME = 1.02
"""A value measured at a concentration within this factor counts before a fit."""
_NEAR_K = 5.0
"""Step in temperature up to which it does."""
_BANDS = {
    **{"standard": 0.02, "measured": 0.1, "derived": 0.2, "digitised": 0.45},
    **{"recalled_table": 0.25, "recalled": 0.5},
}
"""Relative uncertainty of a single value, by what it is."""
_STEP = 3.0
"""Factor between two concentrations of one table up to which it tells what is in between."""


@dataclass(frozen=True, slots=True)
class MeasuredConductivity:
    """A measured conductivity, at the concentration nearest to the one asked for."""

    mS_per_cm: float
    concentration_M: float
    band: float
    """Relative uncertainty, with that of the step in temperature."""
    source: str
    inside: bool = False
    """Whether concentration and temperature lie inside what was measured."""

    def distance(self, concentration_M: float) -> float:
        """Factor between the concentrations, 1 or more."""
        ratio = self.concentration_M / concentration_M
        return max(ratio, 1 / ratio)


def measured_conductivity(
    electrolyte: str, solvent: str, concentration_M: float, temperature_K: float
) -> MeasuredConductivity | None:
    """The best there is: at the concentration, inside fits, within a table, else nearest to it."""
    values = _values(electrolyte, solvent, concentration_M, temperature_K)
    fits = _fits(electrolyte, solvent, concentration_M, temperature_K)
    at = next((one for one in values if one.inside and one.distance(concentration_M) <= SAME), None)
    inside = [one for one in fits if one.inside]
    if at is not None or inside:
        return at or _mean(inside)
    between = tuple(_between(values, concentration_M))
    return min(
        (*fits, *between, *values), key=lambda one: one.distance(concentration_M), default=None
    )


def _mean(found: Sequence[MeasuredConductivity]) -> MeasuredConductivity:
    """One for several that hold at the same place."""
    if len(found) == 1:
        return found[0]
    values = [one.mS_per_cm for one in found]
    middle = exp(sum(map(log, values)) / len(values))
    band = max(*(one.band for one in found), *(max(v / middle, middle / v) - 1 for v in values))
    sources = " and ".join(one.source for one in found)
    return MeasuredConductivity(
        middle, found[0].concentration_M, band, f"mean of {sources}", inside=True
    )


@cache
def _of(table: str, electrolyte: str, solvent: str) -> tuple[dict[str, str], ...]:
    key = normalised(electrolyte)
    return tuple(
        row
        for row in rows(table)
        if normalised(row["electrolyte"]) == key and row["solvent"] == solvent
    )


def warmed(per_K: float, step_K: float) -> tuple[float, float]:
    """Factor of a conductivity for a step in temperature, and its relative uncertainty.

    Linear upwards, exponential downwards, where it never vanishes.
    """
    step = per_K * step_K
    return 1 + step if step > 0 else exp(step), 0.005 * abs(step_K)


def _values(
    electrolyte: str, solvent: str, concentration_M: float, temperature_K: float
) -> list[MeasuredConductivity]:
    found = []
    for row in _of("conductivities", electrolyte, solvent):
        step_K = temperature_K - CELSIUS_ZERO_K - float(row["temperature_degC"])
        factor, more = warmed(TEMPERATURE_COEFFICIENT_PER_K[solvent == "H2O"], step_K)
        band = _BANDS[row["kind"]] + more
        value = float(row["conductivity_mS_per_cm"]) * factor
        at = float(row["concentration_mol_per_L"])
        near = abs(step_K) <= _NEAR_K
        found.append(MeasuredConductivity(value, at, band, _cited(row), inside=near))
    return found


def _between(
    values: Sequence[MeasuredConductivity], concentration_M: float
) -> Iterator[MeasuredConductivity]:
    """What a table tells between two of its concentrations: a straight line of logarithms."""
    for source in dict.fromkeys(one.source for one in values):
        of = [one for one in values if one.source == source]
        below = max(
            (one for one in of if one.concentration_M <= concentration_M),
            key=lambda one: one.concentration_M,
            default=None,
        )
        above = min(
            (one for one in of if one.concentration_M > concentration_M),
            key=lambda one: one.concentration_M,
            default=None,
        )
        if below is None or above is None or below.distance(above.concentration_M) > _STEP:
            continue
        steps = log(concentration_M / below.concentration_M)
        steps /= log(above.concentration_M / below.concentration_M)
        yield MeasuredConductivity(
            below.mS_per_cm * (above.mS_per_cm / below.mS_per_cm) ** steps,
            concentration_M,
            max(below.band, above.band),
            source,
            inside=below.inside and above.inside,
        )


def _fits(
    electrolyte: str, solvent: str, concentration_M: float, temperature_K: float
) -> list[MeasuredConductivity]:
    found = []
    for row in _of("conductivity_fits", electrolyte, solvent):
        density = solvent_of(solvent).density_kg_per_m3 / 1000
        volume = float(row["apparent_L_per_mol"])
        molal = row["unit"] == "mol/kg"
        per_kg = density * max(1 - concentration_M * volume, 0.1)
        wanted = concentration_M / per_kg if molal else concentration_M
        held = min(max(wanted, float(row["lowest"])), float(row["highest"]))
        degC = round(temperature_K - CELSIUS_ZERO_K, 6)
        inside = min(max(degC, float(row["coldest_degC"])), float(row["warmest_degC"]))
        parameters = [float(value) for value in row["parameters"].split("|")]
        value = _FORMS[row["form"]](parameters, held, inside)
        per_K = row["per_K"] or TEMPERATURE_COEFFICIENT_PER_K[solvent == "H2O"]
        factor, more = warmed(float(per_K), degC - inside)
        at = held * density / (1 + held * density * volume) if molal else held
        within = abs(held / wanted - 1) < 1e-9
        found.append(
            MeasuredConductivity(
                value * factor,
                concentration_M if within else at,
                float(row["band"]) + more,
                _cited(row),
                inside=within and inside == degC,
            )
        )
    return found


def _cited(row: dict[str, str]) -> str:
    """A source without where it was read."""
    return row["source"].partition(" (")[0]


def _gilliam(p: Sequence[float], c: float, degC: float) -> float:
    kelvin = degC + CELSIUS_ZERO_K
    terms = (c, c**2, c * kelvin, c / kelvin, c**3, c**2 * kelvin**2)
    return 1000 * sum(factor * term for factor, term in zip(p, terms, strict=True))


def _tiedemann_newman(p: Sequence[float], c: float, degC: float) -> float:
    return c * exp(p[0] + p[1] * c + p[2] * c**2)


def _casteel_amis(p: Sequence[float], m: float, degC: float) -> float:
    top, height, a, b = p
    return height * exp(a * log(m / top) - b * (m - top) ** 2 - a * (m / top - 1))


def _mccleskey(p: Sequence[float], m: float, degC: float) -> float:
    limit, fall = ((p[i] * degC + p[i + 1]) * degC + p[i + 2] for i in (0, 3))
    return p[7] * m * (limit - fall * sqrt(m) / (1 + p[6] * sqrt(m)))


_FORMS: dict[str, Callable[[Sequence[float], float, float], float]] = {
    "gilliam": _gilliam,
    "tiedemann_newman": _tiedemann_newman,
    "casteel_amis": _casteel_amis,
    "mccleskey": _mccleskey,
}
