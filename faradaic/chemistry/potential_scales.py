"""Potentials from the reference electrode that was connected to the scale of the paper, and back.

E(wanted) = E(measured) + zero(connected) − zero(wanted), both zeros on one footing. The reversible
hydrogen electrode stands at −(RT ln 10 / F)·pH vs SHE. Where connected and wanted share their
footing (mercury oxide in the electrolyte of the cell and the RHE; silver ion and ferrocene) the
pH, or the uncertain bridge between solvents, drops out. Absolute potentials place the standard
hydrogen electrode against the vacuum.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from faradaic.chemistry.reference_electrodes import ReferenceElectrode, reference_electrode
from faradaic.chemistry.tables import rows
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)
from faradaic.results import Result, missing

_KEY = "shift_of_the_potential_scale"
_MECN, _OTHER_SOLVENT_V = "MeCN", 0.1
"""By 0.1 V ferrocene moves between the solvents of the table."""
_METHOD = "zero of the connected electrode minus zero of the wanted scale"


@dataclass(frozen=True, slots=True)
class AbsolutePotential:
    """The standard hydrogen electrode against the vacuum, at 25 degC."""

    name: str
    potential_V: float
    uncertainty_V: float | None
    surface_included: bool
    """Whether the surface potential of water is in it, as it is in a work function."""
    source: str


def nernst_slope_V(temperature_K: float) -> float:
    """RT ln 10 / F in V per pH (Nernst 1889); 59.159 mV at 25 degC.

    Raises `InputError` (E771) unless 0 < T < 1000 K.
    """
    if not 0.0 < temperature_K < 1000.0:
        raise _wrong_temperature(temperature_K, 0, 1000)
    return GAS_CONSTANT_J_PER_MOL_K * temperature_K * math.log(10.0) / FARADAY_C_PER_MOL


def rhe_zero_V(pH: float, temperature_K: float) -> float:
    """Zero of the RHE scale, V vs SHE: −(RT ln 10 / F)·pH (Nernst)."""
    return -nernst_slope_V(temperature_K) * pH


def scale_shift(
    connected: str | ReferenceElectrode,
    wanted: str | ReferenceElectrode,
    *,
    temperature_K: float,
    pH: float | None = None,
    pH_uncertainty: float = 0.0,
    allow_standard: bool = False,
    solvent: str | None = None,
) -> Result:
    """What to add to a potential measured against `connected` to have it against `wanted`, in V.

    `solvent` (an id of the table of solvents) is where ferrocene stands in; acetonitrile if it is
    not given or has no value.
    A missing pH gives a result without a value and the reason. Standard potentials (unit activity)
    belong to no real filling and raise `InputError` (E772) unless allowed.
    """
    first, second = ends = [
        reference_electrode(e) if isinstance(e, str) else e for e in (connected, wanted)
    ]
    if not 200.0 <= temperature_K <= 500.0:
        raise _wrong_temperature(temperature_K, 200, 500)
    for end in ends:
        if end.kind == "standard" and not allow_standard:
            raise InputError.of(
                f"{end.name} is a standard potential, which no electrode with a filling shows",
                help="name the filling of the electrode, or set allow_standard=True",
                code="E772",
            )
    if first == second:
        return Result(_KEY, 0.0, "V", _METHOD, systematic=0.0, basis=f"vs {second.name}")
    footings = {first.against, second.against}
    bridged = len(footings) > 1
    if bridged and "RHE" in footings and pH is None:
        return missing(
            _KEY, "V", _METHOD, "the RHE scale needs the pH at the time of the measurement: pH=6.8"
        )
    zeros = [end.zero_V(temperature_K) for end in ends]
    value_V = zeros[0][0] - zeros[1][0]
    variance = zeros[0][1] ** 2 + zeros[1][1] ** 2
    flags = []
    if bridged:
        for end, sign in zip(ends, (1.0, -1.0), strict=True):
            if end.against == "RHE" and pH is not None:
                value_V += sign * rhe_zero_V(pH, temperature_K)
                variance += (nernst_slope_V(temperature_K) * pH_uncertainty) ** 2
            elif end.against == "Fc":
                zero_V, error_V = _ferrocene_V_vs_SHE(solvent)
                value_V += sign * zero_V
                variance += error_V**2
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
        _KEY,
        value_V,
        "V",
        _METHOD,
        basis=f"{basis}; {first.source}; {second.source}",
        systematic=math.sqrt(variance),
        flags=tuple(flags),
    )


@cache
def absolute_potentials() -> dict[str, AbsolutePotential]:
    """The conventions of the table, by name."""
    return {
        row["id"]: AbsolutePotential(
            row["id"],
            float(row["potential_V"]),
            float(row["uncertainty_V"]) if row["uncertainty_V"] else None,
            row["solvent_surface"] == "included",
            row["source"],
        )
        for row in rows("potential_scales")
        if row["against"] == "vacuum"
    }


def absolute_potential(convention: str | float) -> AbsolutePotential:
    """A convention by name or a number in V. Raises `InputError` (E858) for an unknown name."""
    try:
        value = float(convention)
    except ValueError:
        known = absolute_potentials()
        if convention in known:
            return known[str(convention)]
        raise InputError.of(
            f"there is no absolute potential {convention!r}",
            help="give a number in V or one of "
            + ", ".join(f"{one.name} ({one.potential_V:g})" for one in known.values()),
            code="E858",
        ) from None
    if not 3.5 <= value <= 5.5:
        raise InputError.of(
            f"an absolute potential of {value:g} V is not between 3.5 and 5.5 V",
            help="the literature has 4.2 to 4.85 V",
            code="E858",
        )
    return AbsolutePotential(f"{value:g} V", value, None, True, "given")


@cache
def _ferrocene_V_vs_SHE(solvent: str | None) -> tuple[float, float]:
    """Its potential in a solvent and the uncertainty, V; as in acetonitrile where it is unknown."""
    known = {row["solvent"]: row for row in rows("potential_scales") if row["scale"] == "Fc"}
    row = known.get(solvent or _MECN)
    if row is None:
        return float(known[_MECN]["potential_V"]), _OTHER_SOLVENT_V
    return float(row["potential_V"]), float(row["uncertainty_V"])


def _wrong_temperature(temperature_K: float, low_K: int, high_K: int) -> InputError:
    return InputError.of(
        f"the temperature is {temperature_K:g} K; {low_K} to {high_K} K make sense",
        help="give it in kelvin, 298.15, or in a study file with its unit: `25 degC`",
        code="E771",
    )
