"""Kinetics of gas evolution by material of the electrode and medium, as Tafel lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING, Literal

from faradaic.chemistry.tables import names, normalised, rows
from faradaic.quantities.constants import GAS_CONSTANT_J_PER_MOL_K, STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACTIVATION_J_PER_MOL = 50e3
"""Of gas evolution: on nickel in 30 % KOH 80 kJ/mol for oxygen at 22 to 35 degC and 55 above
(J. Electrochem. (Xiamen) 4 (1998) no. 4, abstract), for hydrogen about 40 (recalled)."""
_ACTIVATION_SPREAD_J_PER_MOL = 20e3
GasReaction = Literal["HER", "OER", "CER"]
"""Evolution of hydrogen, oxygen and, from chloride, chlorine."""
_NEXT = {
    ("HER", "neutral"): ("neutral", "alkaline", "acid"),
    ("OER", "neutral"): ("neutral", "acid", "alkaline"),
    ("HER", "acid"): ("acid", "neutral", "alkaline"),
    ("OER", "acid"): ("acid", "neutral", "alkaline"),
    ("HER", "alkaline"): ("alkaline", "neutral", "acid"),
    ("OER", "alkaline"): ("alkaline", "neutral", "acid"),
    ("HER", "ionomer"): ("ionomer", "acid", "neutral", "alkaline"),
    ("OER", "ionomer"): ("ionomer", "acid", "neutral", "alkaline"),
    ("CER", "brine"): ("brine",),
}
"""Where to look next: without a strong buffer a neutral solution turns alkaline at a cathode and
acid at an anode."""


@dataclass(frozen=True, slots=True)
class GasOverpotential:
    """A gas-evolving reaction in water on a material, as a Tafel line."""

    material: str
    medium: str
    """Where it was measured: `acid`, `neutral`, `alkaline`, `ionomer`, that conducts protons, or
    `brine`."""
    at_100_A_per_m2_V: float
    tafel_slope_V_per_decade: float
    spread_V: float
    source: str

    def at(self, temperature_K: float) -> GasOverpotential:
        """The line at a temperature, from its row at 25 degC.

        The exchange current follows Arrhenius, and the transfer coefficient stays as it is, so that
        the slope 2.303 R T/(alpha F) rises with the temperature.
        """
        warmer = 1 / STANDARD_TEMPERATURE_K - 1 / temperature_K
        per_J_per_mol = warmer / (GAS_CONSTANT_J_PER_MOL_K * log(10.0))
        slope_V = self.tafel_slope_V_per_decade * temperature_K / STANDARD_TEMPERATURE_K
        decades = self.at_100_A_per_m2_V / self.tafel_slope_V_per_decade
        return replace(
            self,
            at_100_A_per_m2_V=slope_V * (decades - _ACTIVATION_J_PER_MOL * per_J_per_mol),
            tafel_slope_V_per_decade=slope_V,
            spread_V=self.spread_V + slope_V * _ACTIVATION_SPREAD_J_PER_MOL * abs(per_J_per_mol),
        )


def oxygen_V_vs_RHE(temperature_K: float) -> float:
    """E°(O2/H2O), V vs RHE, the reversible voltage of water: 1.229 V at 25 degC.

    LeRoy, Bowen and LeRoy, J. Electrochem. Soc. 127 (1980) 1954, as in
    github.com/Lingkangjin/AEC-Modelling.
    """
    kelvin = temperature_K
    return 1.5184 - 1.5421e-3 * kelvin + 9.523e-5 * kelvin * log(kelvin) + 9.84e-8 * kelvin**2


def medium_of_pH(pH: float) -> str:
    """`acid` below pH 4, `alkaline` above 10, else `neutral`."""
    return "acid" if pH < 4 else "alkaline" if pH > 10 else "neutral"


def gas_overpotential(
    material: str, reaction: GasReaction, medium: str = "acid"
) -> GasOverpotential | None:
    """Overpotential of a gas on a material; None when the table has no such row.

    Where the table has the material in another medium only, that row: its `medium` tells.
    """
    found = [row for row in rows("gas_overpotentials") if row["reaction"] == reaction]
    for name in _readings(material):
        of = {row["medium"]: row for row in found if name in names(row, "electrode")}
        for where in _NEXT[reaction, medium]:
            if where in of:
                row = of[where]
                return GasOverpotential(
                    row["electrode"],
                    where,
                    float(row["at_10_mA_per_cm2_V"]),
                    float(row["tafel_slope_V_per_decade"]),
                    float(row["spread_V"]),
                    row["source"],
                )
    return None


def unknown_overpotential(reaction: GasReaction, medium: str = "acid") -> GasOverpotential:
    """Of a material that is not in the table: between its best and its worst in that medium."""
    found = [row for row in rows("gas_overpotentials") if row["reaction"] == reaction]
    of = [row["medium"] for row in found]  # one material alone is no range
    where = next(near for near in _NEXT[reaction, medium] if of.count(near) > 1)
    at_V = {
        row["electrode"]: float(row["at_10_mA_per_cm2_V"])
        for row in found
        if row["medium"] == where
    }
    best, worst = min(at_V, key=at_V.__getitem__), max(at_V, key=at_V.__getitem__)
    return GasOverpotential(
        "",
        medium,
        (at_V[best] + at_V[worst]) / 2,
        0.12,
        (at_V[worst] - at_V[best]) / 2,
        f"guessed as the middle between {best} and {worst}",
    )


def _readings(material: str) -> Iterator[str]:
    """The name of a material and what its words may mean, the longest first."""
    words = [word for word in re.split(r"[\s,_/()-]+", material) if word]
    yield normalised(material)
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            yield normalised("".join(words[start : start + length]))
