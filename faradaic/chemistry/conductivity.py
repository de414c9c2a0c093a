"""Conductivity of a solution and ionic resistance between electrodes, as ranges with a reason.

What the author states counts first, then a measurement of the same electrolyte in the same
solvent, then the estimate from its ions. Several salts: the equivalent conductivity that each pair
of their ions has alone at the ionic strength of the mixture, weighted by their charges, so that a
mixture is a sum of binary electrolytes (Pawlowicz, Limnol. Oceanogr. Methods 2008, 6, 489).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from faradaic.chemistry.ionic_conductivity import (
    VISCOUS_L_PER_MOL,
    equivalent_conductivity,
    limiting_conductivity,
)
from faradaic.chemistry.measured_conductivity import (
    SAME,
    TEMPERATURE_COEFFICIENT_PER_K,
    measured_conductivity,
    warmed,
)
from faradaic.chemistry.salts import Salt, charges, is_quaternary, salt_of
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from faradaic.chemistry.medium import Medium
    from faradaic.chemistry.solvents import SolventMixture

_FREE_IONS, _PAIRED_IONS = 30.0, 20.0
"""Relative permittivities: above the first salts count as dissociated, below the second less."""
_PURE = 0.97
"""Volume fraction from which the measurements in a solvent hold."""
_FAR = 5.0
"""A measurement counts for concentrations within this factor of where it holds."""
_APART = 1.05
"""Factor between concentrations from which an extrapolation is spoken of."""
_SAYS = 0.02
"""Share of the conductivity from which a pair of ions is spoken of."""
_WEAK = 0.3
"""What measurements where salts hardly dissociate differ by beyond their own uncertainty."""
_MIXED = 0.2
"""What an acid and a salt do to each other's dissociation."""
_LEAST_S_PER_M = 1e-4
_METAL = re.compile(r"[A-Z][a-z]?I*(?<!H)")


@dataclass(frozen=True, slots=True)
class Range:
    """A number that is known roughly: low, typical and high, and why so."""

    low: float
    typical: float
    high: float
    reason: str

    def scaled(self, factor: float) -> tuple[float, float]:
        """(low, high) times a factor."""
        return self.low * factor, self.high * factor

    def times(self, factor: float) -> Range:
        """All three times a factor, for the same reason."""
        low, high = self.scaled(factor)
        return Range(low, self.typical * factor, high, self.reason)


_NOTHING = Range(0.0, 0.0, 0.0, "")


def _about(value: float, band: float, reason: str, *, less: float = 0.0) -> Range:
    """A value within a relative band, which reaches further down by `less`."""
    return Range(value / (1 + band + less), value, value * (1 + band), reason)


def conductivity(of: Medium) -> Range | str:
    """Conductivity of a medium, S/m; where the data do not allow it, the sentence that says why."""
    if of.stated_conductivity_S_per_m is not None:
        value, uncertainty = of.stated_conductivity_S_per_m
        within = uncertainty or 0.0
        said = f"{value * 10:.3g} ± {within * 10:.2g}" if within else f"{value * 10:.3g}"
        reason = f"conductivity of {said} mS/cm stated by the author"
        return Range(value - within, value, value + within, reason)
    dissolved, solvent = of.dissolved, of.mixture
    if dissolved.unknown:
        return f"the concentration of {', '.join(dissolved.unknown)} is not known"
    if dissolved.unnamed:
        return f"the ions of {', '.join(dissolved.unnamed)} are not in the table"
    if not dissolved.sources:
        return "nothing that makes ions is named"
    if of.solvent is None or solvent is None:
        named = " and ".join(name for name, _, _ in of.solvents)
        return f"{named or 'the solvent'} is not in the table of solvents"
    measured = _of_one(dissolved.alone, solvent, of.temperature_K)
    if measured is None and dissolved.acid_factor > 1.0:
        measured = _of_electrolytes(dissolved.together, solvent, of.temperature_K)
    measured = measured or _of_molecules(dissolved.molecular, solvent, of.temperature_K)
    if measured is None and solvent.weak:
        return (
            f"salts hardly dissociate in {solvent.id} (relative permittivity"
            f" {solvent.relative_permittivity:.2g}): only a measured conductivity would do"
        )
    found = measured or _of_many(dissolved.ions, solvent, of.temperature_K)
    if isinstance(found, str):
        return found
    if found.typical < _LEAST_S_PER_M:
        return f"{' and '.join(dissolved.sources)} gives next to no ions in {solvent.id}"
    reasons, wider = [found.reason, *dissolved.assumptions], 1.0
    left_out = [name for name, row, _ in of.solvents if row is None]
    if left_out:
        reasons.append(f"{' and '.join(left_out)} is not in the table of solvents and left out")
        wider = 1.5
    if measured is None and dissolved.acid_factor > 1.0:
        wider *= dissolved.acid_factor
        reasons.append(
            f"how far acids dissociate in so concentrated a solution is known within a factor of"
            f" {dissolved.acid_factor:g}: a measured conductivity is better"
        )
    return Range(found.low / wider, found.typical, found.high * wider, "; ".join(reasons))


def _of_one(
    alone: tuple[Salt, float] | None, solvent: SolventMixture, temperature_K: float
) -> Range | None:
    """Of a single electrolyte that has been measured, S/m; None when it has not."""
    if alone is None or not alone[1]:
        return None
    salt, molar = alone[0], alone[1] / 1000
    found = _measured(salt, molar, solvent, temperature_K)
    return found and found.times(0.1 * molar * salt.charge)


def _of_electrolytes(
    together: Sequence[tuple[Salt, float]], solvent: SolventMixture, temperature_K: float
) -> Range | None:
    """Of salts with an acid whose ions no constant tells, each measured alone, S/m; else None.

    Each counts with the equivalent conductivity that it has alone at the ionic strength of all,
    all taken as dissociated (after Young, 1951); the acid with less, for what the salts add to
    the viscosity. What one does to the dissociation of the other is left out.
    """
    salt_M = sum(salt.charge * c / 1000 for salt, c in together if salt.cation != "H")
    strength = sum(salt.ionic_strength * amount / 1000 for salt, amount in together)
    parts: list[Range] = []
    for salt, amount in together:
        found = _measured(salt, strength / salt.ionic_strength, solvent, temperature_K)
        if found is None:
            return None
        slower = exp(-VISCOUS_L_PER_MOL[True] * salt_M) if salt.cation == "H" else 1.0
        parts.append(found.times(0.1 * salt.charge * amount / 1000 * slower))
    total = sum(part.typical for part in parts)
    if not total:
        return None
    heard = [part.reason for part in parts if part.typical >= _SAYS * total]
    return Range(
        sum(part.low for part in parts) / (1 + _MIXED),
        total,
        sum(part.high for part in parts) * (1 + _MIXED),
        "; ".join((*dict.fromkeys(heard), "together, as the sum of what each has alone")),
    )


def _of_molecules(
    molecular: tuple[str, float] | None, solvent: SolventMixture, temperature_K: float
) -> Range | None:
    """Of one acid or base that hardly dissociates, where a table has it, S/m."""
    (largest, share) = solvent.parts[0]
    if molecular is None or share < _PURE:
        return None
    name, molar = molecular[0], molecular[1] / 1000
    found = measured_conductivity(name, largest.id, molar, temperature_K)
    if found is None or found.distance(molar) > _APART:
        return None
    how = "" if found.source.startswith("recalled") else "measured "
    reason = f"{how}{name} in {largest.id}, ±{100 * found.band:.0f} % ({found.source})"
    return _about(found.mS_per_cm / 10, found.band, reason)


def _of_many(
    ions: Mapping[str, float], solvent: SolventMixture, temperature_K: float
) -> Range | str:
    """Of any ions, S/m, pair by pair."""
    molar = {ion: amount / 1000 for ion, amount in ions.items()}
    strength = sum(amount * charges()[ion] ** 2 for ion, amount in molar.items()) / 2
    plus, minus = (
        {ion: abs(charges()[ion]) * c for ion, c in molar.items() if charges()[ion] * sign > 0}
        for sign in (1, -1)
    )
    whole = sum(minus.values())
    parts: list[Range] = []
    for cation, first in plus.items():
        for anion, second in minus.items():
            salt, share = salt_of(cation, anion), first * second / whole
            own = strength / salt.ionic_strength
            found: Range | str | None = _measured(salt, own, solvent, temperature_K)
            found = found or _estimated(salt, own, solvent, temperature_K)
            if isinstance(found, str):
                return found
            parts.append(found.times(0.1 * share))
    total = sum(part.typical for part in parts)
    heard = [part.reason for part in parts if part.typical >= _SAYS * total]
    if len(heard) > 1:
        heard.append("several salts, as the sum over the pairs of their ions")
    return Range(
        sum(part.low for part in parts),
        total,
        sum(part.high for part in parts),
        "; ".join(dict.fromkeys(heard)),
    )


def _measured(
    salt: Salt, concentration_M: float, solvent: SolventMixture, temperature_K: float
) -> Range | None:
    """Equivalent conductivity of a salt alone after a measurement, S cm²/mol of charge.

    Outside the concentrations that were measured it is moved along the estimate and the band
    widened; where salts hardly dissociate, in proportion to the concentration, and one quaternary
    ammonium salt stands for another within a factor of 3.
    """
    (largest, share), weak = solvent.parts[0], solvent.weak
    if share < _PURE:
        return None
    name, apart = salt.id, 1.0
    found = measured_conductivity(name, largest.id, concentration_M, temperature_K)
    if found is None and weak and is_quaternary(salt.cation):
        name, apart = "Bu4NPF6", 3.0
        found = measured_conductivity(name, largest.id, concentration_M, temperature_K)
    if found is None:
        return None
    value = found.mS_per_cm / (found.concentration_M * salt.charge)
    distance = found.distance(concentration_M)
    band = found.band + (_WEAK if weak else 0.0)
    how = "" if found.source.startswith("recalled") else "measured "
    reason = f"{how}{name} in {largest.id}, ±{100 * band:.0f} % ({found.source})"
    if distance > _FAR:
        return None
    if distance > SAME:
        band += 0.3 * log(distance)
    if distance > _APART:
        reason = (
            f"extrapolated from {found.concentration_M:.2g} mol/L to {concentration_M:.2g} mol/L of"
            f" {reason}"
        )
    if distance > SAME and not weak:
        here, there = (
            _estimated(salt, c, solvent, temperature_K)
            for c in (concentration_M, found.concentration_M)
        )
        if isinstance(here, str) or isinstance(there, str):
            return None
        value *= here.typical / there.typical
    if apart > 1:
        reason = f"{salt.id} taken as {name} within a factor of {apart:g}: {reason}"
    return _about(value, (1 + band) * apart - 1, reason)


def _estimated(
    salt: Salt, concentration_M: float, solvent: SolventMixture, temperature_K: float
) -> Range | str:
    """Equivalent conductivity of a salt alone from its ions, S cm²/mol of charge."""
    both = [(ion, limiting_conductivity(ion, solvent)) for ion in (salt.cation, salt.anion)]
    missing = [ion for ion, found in both if found is None]
    if missing:
        return f"the ionic conductivity of {' and '.join(missing)} is not in the tables"
    known = [(ion, found) for ion, found in both if found is not None]
    (cation, anion) = ((ion, found.value) for ion, found in known)
    charge_M = concentration_M * salt.charge
    value = equivalent_conductivity(
        cation, anion, concentration_M * salt.ionic_strength, charge_M, solvent
    )
    water = solvent.parts[0][0].id == "H2O"
    step_K = temperature_K - STANDARD_TEMPERATURE_K
    factor, more = warmed(TEMPERATURE_COEFFICIENT_PER_K[water], step_K)
    value *= factor
    reason = f"estimated from ionic conductivities in {solvent.id}"
    band = 0.13 + 0.05 * charge_M if water else 0.2 + 0.35 * charge_M
    band = min(band, 2.0) * charges()[salt.cation] * -charges()[salt.anion]
    band += more + sum(found.spread for _, found in known) / 2
    for how in dict.fromkeys(found.how for _, found in known if found.how):
        reason += f", of {' and '.join(ion for ion, found in known if found.how == how)} {how}"
    if len(solvent.parts) > 1:
        share = solvent.parts[0][1]
        band += (0.15 if solvent.viscosity_is == "measured" else 0.3) * 4 * share * (1 - share)
        reason += (
            f", {solvent.viscosity_is} viscosity of the mixture"
            f" {solvent.viscosity_Pa_s * 1e3:.2g} mPa s"
        )
    less = 0.0
    if solvent.relative_permittivity < _FREE_IONS:
        less = 0.2 if solvent.relative_permittivity < _PAIRED_IONS else 0.1
        value *= 1 - less
        reason += "; ion pairs lower it in so weak a dielectric"
    elif solvent.protic < 0.5 and _METAL.fullmatch(salt.cation):
        less = 0.4 * min(1.0, 3 * charge_M)
        reason += "; lower where the metal pairs with its anion"
    return _about(value, band, reason, less=less)


def resistance_ohm(
    solutions: Sequence[Range], gap_m: float, area_m2: float, separator_ohm: Range | None = _NOTHING
) -> Range:
    """Ionic resistance between two electrodes, ohm: R = gap / (kappa A).

    A divided cell has half the gap in the solution on either side, and the resistance of its
    separator in between (None: it is not known).
    """
    path = gap_m / area_m2 / len(solutions)
    low, typical, high = (
        sum(path / getattr(kappa, side) for kappa in solutions)
        for side in ("high", "typical", "low")
    )
    reasons = [kappa.reason for kappa in solutions]
    own = separator_ohm or _NOTHING
    if separator_ohm is None:
        reasons.append("the separator's own resistance is not known and left out")
    elif separator_ohm.reason:
        reasons.append(separator_ohm.reason)
    reason = "; ".join(dict.fromkeys(reasons))
    return Range(low + own.low, typical + own.typical, high + own.high, reason)
