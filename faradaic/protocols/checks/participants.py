"""Everything that takes part in a run, with the classes that it belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from faradaic.chemistry.substance_classes import classes_of
from faradaic.chemistry.tables import rows
from faradaic.protocols.checks import Context, Findings, Path, info, warning
from faradaic.quantities.constants import CELSIUS_ZERO_K


@dataclass(frozen=True, slots=True)
class Participant:
    """A component, a gas or the material of an electrode."""

    path: Path
    name: str
    place: str
    """Its compartment; empty for what reaches all of them."""
    classes: frozenset[str]


def participants(context: Context) -> Iterator[Participant]:
    """Components first, then gases, then the materials of the electrodes."""
    for path, name, component, compartment in context.components:
        salts = compartment.salts[name]
        tags = {*component.hazards, *(["acid"] if component.role.value == "acid" else ())}
        tags |= {"base"} if component.role.value == "base" else set()
        yield Participant(
            path,
            name,
            compartment.place,
            classes_of(
                tuple(text for text in (name, component.name) if text),
                ions=frozenset(ion for salt in salts for ion in (salt.cation, salt.anion)),
                tags=frozenset(tags),
                smiles=component.smiles,
            ),
        )
    for compartment in context.resolved.compartments:
        if (gas := compartment.written.gas) is not None:
            path = (*compartment.path, "gas")
            yield Participant(path, gas.species, compartment.place, classes_of((gas.species,)))
    for gas_made in context.protocol.reaction.gases:
        species = gas_made.species
        place = context.resolved.at(gas_made.at).compartment.place
        yield Participant(("reaction", "gases"), species, place, classes_of((species,)))
    for electrode in context.resolved.electrodes:
        material = electrode.written.material
        yield Participant(
            ("electrodes", electrode.name),
            material,
            electrode.compartment.place,
            classes_of((material,)),
        )


def of_class(context: Context, wanted: str) -> Iterator[Participant]:
    """Those of one class, none twice by name."""
    found = {one.name: one for one in participants(context) if wanted in one.classes}
    yield from found.values()


def incompatible(context: Context, rule: str) -> Findings:
    """What the table holds against two things that meet, or against one alone, under a rule."""
    hot_degC = context.resolved.temperature_K - CELSIUS_ZERO_K
    for row in rows("incompatibilities"):
        if row["rule"] != rule or (row["above_degC"] and hot_degC < float(row["above_degC"])):
            continue
        for first in of_class(context, row["first"]):
            beside = ""
            if row["second"]:
                others = of_class(context, row["second"])
                met = next((other for other in others if _meet(first, other)), None)
                if met is None:
                    continue
                beside = f" beside {met.name}"
            yield warning(
                f"{first.name}{beside}: {row['says']}", path=first.path, help=row["remedy"]
            )
            break


def _meet(one: Participant, other: Participant) -> bool:
    return one.name != other.name and (one.place == other.place or not one.place or not other.place)


def told_of(
    context: Context, wanted: str, says: str, remedy: str, *, grave: bool = True
) -> Findings:
    """A sentence about each participant of a class."""
    found = warning if grave else info
    for one in of_class(context, wanted):
        yield found(f"{one.name} {says}", path=one.path, help=remedy)
