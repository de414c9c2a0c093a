"""Potentials from the scale they are written on to the reference electrode that is connected.

E(connected) = E(scale) + E°(scale vs SHE) − E°(connected vs SHE); the reversible hydrogen
electrode stands at −(RT ln 10 / F)·pH vs SHE (−59.16 mV per pH at 25 degC).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from faradaic.chemistry import tables
from faradaic.protocols.schema import ReferenceElectrode
from faradaic.quantities import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K

CONNECTED = "reference"
"""What `vs` says for the reference electrode that is connected."""
_WITH_FILLING = re.compile(r"(.+?)\s*\((.+)\)\s*")


class UnknownScale(LookupError):
    """A scale that cannot be placed against the standard hydrogen electrode; the reason."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Zero of a potential scale, V vs SHE, and where the number comes from."""

    zero_V_vs_SHE: float
    source: str


def rhe_zero_V(pH: float, temperature_K: float) -> float:
    """Zero of the RHE scale, V vs SHE: −(RT ln 10 / F)·pH (Nernst)."""
    return -GAS_CONSTANT_J_PER_MOL_K * temperature_K * math.log(10) / FARADAY_C_PER_MOL * pH


def scale(name: str, filling: str | None, pH: float | None, temperature_K: float) -> Scale:
    """The scale of a name such as "RHE", "SCE", "Ag/AgCl (3 M KCl)"; raises UnknownScale."""
    match = _WITH_FILLING.fullmatch(name)
    if match is not None:
        name, filling = match[1], match[2]
    if tables.normalised(name) == "rhe":
        if pH is None:
            raise UnknownScale("the RHE scale needs the pH of the solution: add `pH: 14` there")
        zero_V = rhe_zero_V(pH, temperature_K)
        return Scale(zero_V, f"Nernst, pH {pH:g}, {temperature_K:.2f} K")
    every = tables.rows("references")
    couple = [row for row in every if tables.normalised(name) in tables.names(row)]
    if not couple:
        known = dict.fromkeys(row["id"] for row in every)
        raise UnknownScale(f"known scales: RHE, {', '.join(known)}, {CONNECTED}")
    inside = tables.normalised(filling or "")
    fitting = [row for row in couple if not inside or tables.normalised(row["filling"]) == inside]
    if len(fitting) != 1:
        fillings = [row["filling"] for row in couple]
        raise UnknownScale(
            f"the potential of {name} depends on its filling, one of: {', '.join(fillings)};"
            " or give `potential` (vs SHE) on the reference electrode"
        )
    return Scale(float(fitting[0]["potential_V_vs_SHE"]), fitting[0]["source"])


def connected(electrode: ReferenceElectrode, pH: float | None, temperature_K: float) -> Scale:
    """The scale of the reference electrode itself; its own calibration wins over the table."""
    if electrode.potential_V is not None:
        return Scale(electrode.potential_V, electrode.potential_source or "given in the protocol")
    return scale(electrode.couple, electrode.filling, pH, temperature_K)


def shift_V(
    vs: str, electrode: ReferenceElectrode, pH: float | None, temperature_K: float
) -> tuple[float, str]:
    """What to add to a potential `vs` a scale to have it against the connected electrode, V.

    Also the sources of the numbers. Raises UnknownScale.
    """
    match = _WITH_FILLING.fullmatch(vs)
    couple, filling = (match[1], match[2]) if match else (vs, None)
    same = tables.normalised(couple) == tables.normalised(electrode.couple)
    if vs == CONNECTED or (same and filling in (None, electrode.filling)):
        return 0.0, ""
    written = scale(vs, None, pH, temperature_K)
    own = connected(electrode, pH, temperature_K)
    return written.zero_V_vs_SHE - own.zero_V_vs_SHE, f"{written.source}; {own.source}"
