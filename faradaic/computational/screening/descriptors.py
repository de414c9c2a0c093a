"""Descriptors of a composition: mean and spread of its ions' properties over the shared site.

The spread is the standard deviation over the ions themselves (divisor n, not n - 1), since they
are the whole site and no sample. Radii are Shannon's ionic ones in six-fold coordination; for the
coordination of another site, ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import fmean, pstdev

from faradaic.chemistry.elements import elements
from faradaic.computational.screening.ions import Ion
from faradaic.computational.screening.radii import ionic_radius_A
from faradaic.diagnostics import refusal

PAPER = ("electronegativity", "ionic radius")
"""The properties that the screening of high-entropy spinels correlates with stability."""


def property_of(name: str, ion: Ion, coordination: str = "VI", spin: str = "") -> float:
    """A property of an ion, by one of the names of `UNITS`.

    Raises `InputError`: E812 for an unknown property, E806 for a radius and E813 for another value
    that the tables do not have.
    """
    if name == "ionic radius":
        return ionic_radius_A(ion, coordination, spin)
    if name == "charge":
        return float(ion.charge)
    if name == "ionic potential":
        return ion.charge / ionic_radius_A(ion, coordination, spin)
    if name not in UNITS:
        raise refusal("E812", f"{name!r} is not a descriptor", "there is " + ", ".join(UNITS))
    value = elements()[ion.element].get(_PROPERTIES[name])
    if value is None:
        raise refusal(
            "E813",
            f"the table of elements has no {name} of {ion.element}",
            f"leave out the descriptor {name!r}, or {ion.element}",
        )
    return value


def descriptor_values(
    cations: Mapping[str, Sequence[str]],
    pool: Iterable[Ion],
    properties: Sequence[str] = PAPER,
    coordination: str = "VI",
    spin: str | Mapping[Ion, str] = "",
) -> dict[str, dict[str, float]]:
    """Mean and standard deviation of properties over the ions of each composition.

    `cations` are the elements on the shared site by name of the composition; `pool` tells their
    charges, `spin` ("high" or "low", for all or by ion) which of two radii. The result is by
    descriptor ("mean ionic radius", "standard deviation of charge"), then by composition, in the
    units of `UNITS`. Raises
    as `property_of` does, and `InputError` (E814) for an element that is not in the pool, or is
    there with several charges.
    """
    statistics: Mapping[str, Callable[[list[float]], float]] = {
        "mean ": fmean,
        "standard deviation of ": pstdev,
    }
    by_element: dict[str, list[Ion]] = {}
    for ion in pool:
        by_element.setdefault(ion.element, []).append(ion)
    wanted = {element for members in cations.values() for element in members}
    ions = {element: _only(element, by_element.get(element, [])) for element in sorted(wanted)}
    values: dict[str, dict[str, float]] = {}
    for name in properties:
        known = {
            e: property_of(
                name, ion, coordination, spin if isinstance(spin, str) else spin.get(ion, "")
            )
            for e, ion in ions.items()
        }
        for prefix, statistic in statistics.items():
            values[prefix + name] = {
                composition: statistic([known[element] for element in members])
                for composition, members in cations.items()
            }
    return values


def _only(element: str, ions: list[Ion]) -> Ion:
    if len(ions) == 1:
        return ions[0]
    problem = "is not in the pool" if not ions else f"is in the pool as {', '.join(map(str, ions))}"
    raise refusal("E814", f"{element} {problem}", "name each element with one charge")


_PROPERTIES = {
    "electronegativity": "pauling_electronegativity",
    "ionisation energy": "first_ionisation_energy_eV",
    "atomic mass": "standard_atomic_weight",
    "valence electrons": "valence_electrons",
}

UNITS: Mapping[str, str] = {
    "electronegativity": "1",
    "ionic radius": "Å",
    "ionic potential": "1/Å",
    "charge": "1",
    "ionisation energy": "eV",
    "atomic mass": "u",
    "valence electrons": "1",
}
"""The properties there are, with their units; electronegativity is on Pauling's scale."""
