"""Potentials from the reference electrode that was connected to the scale of the paper.

E(wanted) = E(measured) + zero(connected) − zero(wanted), both zeros on one footing. The reversible
hydrogen electrode stands at −(RT ln 10 / F)·pH vs SHE. Where connected and wanted share their
footing (mercury oxide in the electrolyte of the cell and the RHE; silver ion and ferrocene) the
pH, or the uncertain bridge between solvents, drops out.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.quantities.constants import (
    CELSIUS_ZERO_K,
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)
from faradaic.results import Result, missing

_TABLE = Path(__file__).parent / "tables" / "reference_electrodes.csv"
_NAME = "shift of the potential scale"
_METHOD = "zero of the connected electrode minus zero of the wanted scale"
_CALIBRATED = re.compile(
    r"\s*([-+]?\d+\.?\d*)\s*(?:(?:±|\+-|\+/-)\s*(\d+\.?\d*)\s*)?(m?V)\s+vs\.?\s+(SHE|RHE|Fc)\s*"
)
"""An electrode calibrated in the cell, as a person writes it."""
_TYPICAL_V_PER_K = 1e-3
_COEFFICIENT_NEEDED_K = 5.0
_FERROCENE_V_VS_SHE = 0.631
"""In acetonitrile, +0.38 to +0.40 V vs SCE (Pavlishchuk & Addison 2000), hence 0.62 to 0.64 V."""
_FERROCENE_UNCERTAINTY_V = 0.03
"""Of any number carried over a junction between water and an organic solvent."""


@dataclass(frozen=True, slots=True)
class ReferenceElectrode:
    """A reference electrode, or a scale, and where its zero stands."""

    name: str
    against: str
    """The footing of `potential_V`: SHE, RHE or Fc."""
    potential_V: float
    """At 25 degC, or at the temperature of the measurement for a measured one."""
    uncertainty_V: float
    """Standard uncertainty."""
    kind: str
    """definition; formal (this filling); generic (tables disagree); standard (unit activity, no
    real filling); measured (calibrated in the cell)."""
    coefficients: tuple[float, float, float] | None
    """V/K, V/K², V/K³ about 25 degC; None where no temperature dependence is known."""
    temperatures_C: tuple[float, float] | None
    """Range of the coefficients."""
    source: str

    def zero_V(self, temperature_K: float) -> tuple[float, float]:
        """(potential, standard uncertainty) at a temperature, V on its own footing.

        Without coefficients, up to 5 K from 25 degC count as 1 mV/K of uncertainty; further away,
        and outside the range of the coefficients, `InputError` (E771).
        """
        if self.kind == "measured":
            return self.potential_V, self.uncertainty_V
        away_K = temperature_K - STANDARD_TEMPERATURE_K
        if self.coefficients is None:
            if abs(away_K) > _COEFFICIENT_NEEDED_K:
                raise _no_temperature(self, temperature_K, "its temperature dependence is unknown")
            return self.potential_V, math.hypot(self.uncertainty_V, _TYPICAL_V_PER_K * away_K)
        low_C, high_C = self.temperatures_C or (-math.inf, math.inf)
        if not low_C <= temperature_K - CELSIUS_ZERO_K <= high_C:
            raise _no_temperature(
                self, temperature_K, f"its potential is known from {low_C:g} to {high_C:g} degC"
            )
        shift_V = sum(c * away_K ** (k + 1) for k, c in enumerate(self.coefficients))
        return self.potential_V + shift_V, self.uncertainty_V


@dataclass(frozen=True, slots=True)
class ConvertedPotential:
    """Potentials on another scale; the measured ones are left as they are."""

    potential_V: NDArray[np.float64]
    """Against `scale`."""
    scale: str
    shift: Result
    """What was added, with its systematic uncertainty, in V."""


def nernst_slope_V(temperature_K: float) -> float:
    """RT ln 10 / F in V per pH (Nernst 1889); 59.159 mV at 25 degC."""
    return GAS_CONSTANT_J_PER_MOL_K * temperature_K * math.log(10.0) / FARADAY_C_PER_MOL


@cache
def reference_electrodes() -> Mapping[str, ReferenceElectrode]:
    """The table of references by name, "Ag/AgCl (sat. KCl)", each with its source."""
    return {electrode.name: electrode for electrode, _ in _rows()}


def reference_electrode(name: str) -> ReferenceElectrode:
    """The electrode of a name such as "SCE", "Ag/AgCl (3 M KCl)", "MSE (sat. K2SO4)".

    One that was calibrated in the cell is written as its zero, "0.926 ± 0.002 V vs RHE".
    Raises `InputError` (E770) for a name that is unknown or leaves the filling open, with the
    names that are possible.
    """
    if match := _CALIBRATED.fullmatch(name):
        zero, error, unit, against = match.groups()
        scale = 1e-3 if unit == "mV" else 1.0
        how = f"calibrated, {name.strip()}" + ("" if error else ", uncertainty not given")
        return measured_reference(against, scale * float(zero), scale * float(error or 0.0), how)
    match = re.fullmatch(r"\s*(.+?)\s*(?:\((.+)\))?\s*", name)
    couple, filling = (match[1], match[2] or "") if match else (name, "")
    rows = [row for row in _rows() if _plain(couple) in row[1]]
    found = [e for e, _ in rows if not filling or e.name.endswith(f"({filling})")]
    if not found and filling:
        found = [e for e, _ in rows if _plain(e.name).endswith(_plain(filling))]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(e.name for e, _ in rows) or ", ".join(reference_electrodes())
    what = "depends on the filling" if len(found) > 1 else "is unknown"
    raise InputError(
        Diagnostic("E770", f"the potential of {name!r} {what}", help=f"write one of: {listed}")
    )


def measured_reference(
    against: str, zero_V: float, uncertainty_V: float, how: str
) -> ReferenceElectrode:
    """An electrode calibrated in the cell, for example against the half-wave of ferrocene.

    `zero_V` is its zero on the scale `against` ("SHE", "RHE" or "Fc"): minus the potential that
    the hydrogen electrode, or ferrocene, showed against it.
    """
    if against not in ("SHE", "RHE", "Fc"):
        raise InputError(
            Diagnostic(
                "E770",
                f"a reference cannot be calibrated against {against!r}",
                help='write "SHE", "RHE" or "Fc"',
            )
        )
    name = f"electrode calibrated against {against}"
    return ReferenceElectrode(name, against, zero_V, uncertainty_V, "measured", None, None, how)


def scale_shift(
    connected: str | ReferenceElectrode,
    wanted: str | ReferenceElectrode,
    *,
    temperature_K: float,
    pH: float | None = None,
    pH_uncertainty: float = 0.0,
    allow_standard: bool = False,
) -> Result:
    """What to add to a potential measured against `connected` to have it against `wanted`, in V.

    A missing pH gives a result without a value and the reason. Standard potentials (unit activity)
    belong to no real filling and raise `InputError` (E772) unless allowed.
    """
    ends = [reference_electrode(e) if isinstance(e, str) else e for e in (connected, wanted)]
    if not 200.0 <= temperature_K <= 500.0:
        raise InputError(
            Diagnostic(
                "E771",
                f"the temperature is {temperature_K:g} K; 200 to 500 K make sense",
                help="give it in kelvin, 298.15, or in a study file with its unit: `25 degC`",
            )
        )
    for end in ends:
        if end.kind == "standard" and not allow_standard:
            raise InputError(
                Diagnostic(
                    "E772",
                    f"{end.name} is a standard potential, which no electrode with a filling shows",
                    help="name the filling of the electrode, or set allow_standard=True",
                )
            )
    first, second = ends
    if first == second:
        return Result(_NAME, 0.0, "V", _METHOD, systematic=0.0, basis=f"vs {second.name}")
    footings = {first.against, second.against}
    bridged = len(footings) > 1
    if bridged and "RHE" in footings and pH is None:
        return missing(
            _NAME, "V", _METHOD, "the RHE scale needs the pH at the time of the measurement: pH=6.8"
        )
    zeros = [end.zero_V(temperature_K) for end in ends]
    value_V = zeros[0][0] - zeros[1][0]
    variance = zeros[0][1] ** 2 + zeros[1][1] ** 2
    flags = []
    if bridged:
        slope_V = nernst_slope_V(temperature_K)
        for end, sign in zip(ends, (1.0, -1.0), strict=True):
            if end.against == "RHE" and pH is not None:
                value_V -= sign * slope_V * pH
                variance += (slope_V * pH_uncertainty) ** 2
            elif end.against == "Fc":
                value_V += sign * _FERROCENE_V_VS_SHE
                variance += _FERROCENE_UNCERTAINTY_V**2
                flags.append("approximate: crosses the junction between water and a solvent")
    for end in ends:
        if end.kind == "generic":
            flags.append(f"tables disagree about {end.name}: calibrate it")
        if end.coefficients is None and end.kind != "measured":
            away_K = temperature_K - STANDARD_TEMPERATURE_K
            if abs(away_K) > 0.5:
                flags.append(f"{end.name} taken at 25 degC, {away_K:+.1f} K away")
    basis = f"from {first.name} to {second.name} at {temperature_K:.2f} K"
    if bridged and "RHE" in footings:
        basis += f", pH {pH:g}"
    return Result(
        _NAME,
        value_V,
        "V",
        _METHOD,
        basis=f"{basis}; {first.source}; {second.source}",
        systematic=math.sqrt(variance),
        flags=tuple(flags),
    )


def convert_potential(
    potential_V: ArrayLike,
    connected: str | ReferenceElectrode,
    wanted: str | ReferenceElectrode,
    *,
    temperature_K: float,
    pH: float | None = None,
    pH_uncertainty: float = 0.0,
    allow_standard: bool = False,
) -> ConvertedPotential:
    """Potentials (V, any shape) measured against `connected`, as a new array against `wanted`.

    Raises `InputError` (E773) when the pH is needed and not given; otherwise as `scale_shift`.
    """
    shift = scale_shift(
        connected,
        wanted,
        temperature_K=temperature_K,
        pH=pH,
        pH_uncertainty=pH_uncertainty,
        allow_standard=allow_standard,
    )
    name = wanted if isinstance(wanted, str) else wanted.name
    if shift.value is None:
        raise InputError(
            Diagnostic("E773", f"no potentials vs {name}: {shift.reason}", help="add pH=6.8")
        )
    return ConvertedPotential(np.asarray(potential_V, float) + shift.value, name, shift)


@cache
def _rows() -> tuple[tuple[ReferenceElectrode, frozenset[str]], ...]:
    found = []
    with _TABLE.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            known = bool(row["c1_V_per_K"])
            electrode = ReferenceElectrode(
                name=f"{row['id']} ({row['filling']})" if row["filling"] else row["id"],
                against=row["against"],
                potential_V=float(row["potential_V"]),
                uncertainty_V=float(row["uncertainty_V"]),
                kind=row["kind"],
                coefficients=(
                    float(row["c1_V_per_K"]),
                    float(row["c2_V_per_K2"]),
                    float(row["c3_V_per_K3"]),
                )
                if known
                else None,
                temperatures_C=(float(row["lowest_C"]), float(row["highest_C"])) if known else None,
                source=row["source"],
            )
            names = (row["id"], *filter(None, row["aliases"].split("|")))
            found.append((electrode, frozenset(_plain(name) for name in names)))
    return tuple(found)


def _plain(text: str) -> str:
    return re.sub(r"[\s._()]", "", text).replace("saturated", "sat").lower()


def _no_temperature(electrode: ReferenceElectrode, temperature_K: float, why: str) -> InputError:
    return InputError(
        Diagnostic(
            "E771",
            f"{electrode.name} at {temperature_K - CELSIUS_ZERO_K:.1f} degC: {why}",
            help="calibrate the electrode in the cell and write its zero as the reference:"
            " `0.926 ± 0.002 V vs RHE`",
        )
    )
