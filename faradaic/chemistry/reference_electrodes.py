"""Reference electrodes: their potentials with filling, temperature, uncertainty and source.

One table serves what a protocol sets and what an analysis reads; `potential_scales` converts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from faradaic.chemistry.tables import rows
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import CELSIUS_ZERO_K, STANDARD_TEMPERATURE_K
from faradaic.quantities.dimensions import Dimension
from faradaic.quantities.units import scan_unit, with_key

_CALIBRATED = re.compile(
    r"(?:(.+),)?\s*([-+]?\d+\.?\d*)\s*(?:(?:±|\+-|\+/-)\s*(\d+\.?\d*)\s*)?(m?V)\s+vs\.?\s+(SHE|RHE|Fc)\s*"
)
"""An electrode calibrated in the cell, as a person writes it: perhaps its name, its zero."""
_CONCENTRATION = re.compile(
    r"(\d+(?:\.\d+)?)\s*([numkµμ]?(?:m|mol\s*[/·⋅\s]\s*[dcm]?[lm](?:\^?[-−⁻]?[13¹³])?))(?!\w)"
    r"|\b(?:sat'd|saturated|sat)\b"
)
_OWN_VALUE = re.compile(r"\(\s*[-+]?\d+(?:\.\d+)?\s*v\s*\)\s*$")
"""What EC-Lab writes after an electrode: "SCE Saturated Calomel Electrode (0.241 V)"."""
_TYPICAL_V_PER_K = 1e-3
_COEFFICIENT_NEEDED_K = 5.0


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


@cache
def reference_electrodes() -> Mapping[str, ReferenceElectrode]:
    """The table of references by name, "Ag/AgCl (sat. KCl)", each with its source."""
    found = {}
    for row in rows("reference_electrodes"):
        name = f"{row['id']} ({row['filling']})" if row["filling"] else row["id"]
        known = bool(row["c1_V_per_K"])
        c1, c2, c3, low, high = (
            float(row[column]) if known else 0.0
            for column in ("c1_V_per_K", "c2_V_per_K2", "c3_V_per_K3", "lowest_C", "highest_C")
        )
        found[name] = ReferenceElectrode(
            name=name,
            against=row["against"],
            potential_V=float(row["potential_V"]),
            uncertainty_V=float(row["uncertainty_V"]),
            kind=row["kind"],
            coefficients=(c1, c2, c3) if known else None,
            temperatures_C=(low, high) if known else None,
            source=row["source"],
        )
    return found


def reference_electrode(name: str) -> ReferenceElectrode:
    """The electrode of a name such as "SCE", "Ag/AgCl (3 M KCl)", "MSE sat. K2SO4".

    Case, spaces and brackets do not matter. One that was calibrated in the cell is written as its
    zero, "0.926 ± 0.002 V vs RHE", perhaps after its name and a comma. Raises `InputError` (E770)
    for a name that is unknown or leaves the filling open, with the names that are possible.
    """
    if match := _CALIBRATED.fullmatch(name):
        own_name, zero, error, unit, against = match.groups()
        scale = 1e-3 if unit == "mV" else 1.0
        how = f"calibrated, {name.strip()}" + ("" if error else ", uncertainty not given")
        own = measured_reference(against, scale * float(zero), scale * float(error or 0.0), how)
        return replace(own, name=own_name or own.name)
    found = possible_electrodes(name)
    if len(found) == 1:
        return found[0]
    words = plain_name(name)[1]
    couple = [e for key, e, _ in _spellings() if words.startswith(key[1])]
    listed = dict.fromkeys(e.name for e in found or couple) or reference_electrodes()
    what = "depends on the filling" if found else "is unknown"
    raise InputError.of(
        f"the potential of {name!r} {what}",
        help=f"write one of: {', '.join(listed)}; or your own, by its zero: 0.21 V vs SHE",
        code="E770",
    )


def possible_electrodes(name: str) -> list[ReferenceElectrode]:
    """What a name may mean: one electrode, every one of a bare couple or filling, or none."""
    key = plain_name(name)
    whole = [(_joined(couple, filling), e) for couple, e, filling in _spellings()]
    exact = [e for joined, e in whole if joined == key]
    bare = [e for couple, e, _ in _spellings() if couple == key]
    return (
        exact
        or bare
        or [e for (amount, rest), e in whole if amount == key[0] and rest.startswith(f"{key[1]}in")]
        or [
            e
            for (amount, rest), e in whole
            if any(key) and amount == key[0] and rest.startswith(key[1])
        ]  # the salt of the filling is left out
    )


def table_name(name: str) -> str:
    """How the table calls an electrode that a person wrote; as written where it is not one."""
    found = possible_electrodes(name)
    return found[0].name if len(found) == 1 else name


def typed_name(name: str) -> str:
    """The same of what a person typed. Raises `InputError` (E770) where nothing is like it."""
    if not possible_electrodes(name):
        reference_electrode(name)  # one that is calibrated, or no electrode
    return table_name(name)


def plain_name(name: str) -> tuple[str, str]:
    """A name as it is compared: mol/m3 of the filling or "sat", and the rest without its spaces."""
    text = _OWN_VALUE.sub("", re.sub(r"^\s*vs\.?\s+", "", name.lower()))
    concentration = ""
    if match := _CONCENTRATION.search(text):
        number, written = match.groups()
        concentration = "sat"
        if number:
            key = scan_unit(re.sub("m$", "M", written), 0)[0]  # the molar, in lower case above
            unit = with_key(key).get(Dimension.CONCENTRATION)
            concentration = f"{float(number) * unit.factor:g}" if unit else match[0]
        text = text.replace(match[0], " ", 1)
    return concentration, re.sub(r"[^a-z0-9+]", "", text)


def measured_reference(
    against: str, zero_V: float, uncertainty_V: float, how: str
) -> ReferenceElectrode:
    """An electrode calibrated in the cell, for example against the half-wave of ferrocene.

    `zero_V` is its zero on the scale `against` ("SHE", "RHE" or "Fc"): minus the potential that
    the hydrogen electrode, or ferrocene, showed against it.
    """
    if against not in ("SHE", "RHE", "Fc"):
        raise InputError.of(
            f"a reference cannot be calibrated against {against!r}",
            help='write "SHE", "RHE" or "Fc"',
            code="E770",
        )
    name = f"electrode calibrated against {against}"
    return ReferenceElectrode(name, against, zero_V, uncertainty_V, "measured", None, None, how)


Key = tuple[str, str]


@cache
def _spellings() -> tuple[tuple[Key, ReferenceElectrode, Key], ...]:
    """Couple in each of its spellings, the electrode, and its filling."""
    return tuple(
        (plain_name(couple), electrode, plain_name(row["filling"]))
        for row, electrode in zip(
            rows("reference_electrodes"), reference_electrodes().values(), strict=True
        )
        for couple in (row["id"], *filter(None, row["aliases"].split("|")))
    )


def _joined(couple: Key, filling: Key) -> Key:
    return couple[0] + filling[0], couple[1] + filling[1]


def _no_temperature(electrode: ReferenceElectrode, temperature_K: float, why: str) -> InputError:
    return InputError.of(
        f"{electrode.name} at {temperature_K - CELSIUS_ZERO_K:.1f} degC: {why}",
        help="calibrate the electrode in the cell and write its zero as the reference:"
        " `0.926 ± 0.002 V vs RHE`",
        code="E771",
    )
