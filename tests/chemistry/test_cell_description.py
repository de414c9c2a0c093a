"""A wrong description of a cell is refused with the key, what was given and what to write."""

import copy
import math
import tomllib
from pathlib import Path
from typing import Any

import pytest

from faradaic.chemistry.cell_description.preparative_description import DUMMY_CELL, parse_cell
from faradaic.diagnostics import InputError
from faradaic.simulators.preparative.preparative_cell import PreparativeCell

DESCRIPTION = tomllib.loads(
    (Path(__file__).parents[1] / "fixtures" / "cells" / "preparative.toml").read_text()
)
WORKING = ("electrodes", "working")
FIRST = (*WORKING, "reactions", 0)
MISSING = object()


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    data = copy.deepcopy(DESCRIPTION)
    inner: Any = data
    for key in path[:-1]:
        inner = inner[key]
    if value is MISSING:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "place", "help_"),
    [
        (("volume_m3",), MISSING, "cell.volume_m3", "add `volume_m3: 1e-05`"),
        (("volume_m3",), "10 mL", "cell.volume_m3", "volume_m3: 1e-05"),
        (("volume_m3",), 0.0, "cell.volume_m3", "volume_m3: 1e-05"),
        (("volume_m3",), True, "cell.volume_m3", "volume_m3: 1e-05"),
        (("resistance_ohm",), -1.0, "cell.resistance_ohm", "resistance_ohm: 25.0"),
        (("resistance_ohm",), math.nan, "cell.resistance_ohm", "resistance_ohm: 25.0"),
        (("resistence_ohm",), 1.0, "cell.resistence_ohm", "did you mean `resistance_ohm`?"),
        (("reference", "ohmic_fraction"), 1.1, "cell.reference.ohmic_fraction", "0.1"),
        (("species",), [], "cell.species", "concentration_mol_per_m3"),
        (
            ("species", "substrate", "concentration_mol_per_m3"),
            -1.0,
            "cell.species.substrate.concentration_mol_per_m3",
            "20.0",
        ),
        (("electrodes", "counter"), MISSING, "cell.electrodes.counter", "add `counter"),
        ((*WORKING, "double_layer_F"), 0.0, "cell.electrodes.working.double_layer_F", "4e-05"),
        ((*WORKING, "reactions"), "none", "cell.electrodes.working.reactions", "reactions"),
        ((*FIRST, "direction"), "anodic", "cell.electrodes.working.reactions.0.direction", "oxid"),
        ((*FIRST, "electrons"), 0, "cell.electrodes.working.reactions.0.electrons", "2"),
        ((*FIRST, "gas"), {"species": "H2"}, "reactions.0.gas.mol_per_mol_electrons", "0.5"),
        ((*FIRST, "substrate"), "alkyne", "cell", ""),
        ((*FIRST, "substrate"), None, "cell", ""),
    ],
)
def test_one_wrong_key_is_named_with_an_accepted_example(path, value, place, help_):
    with pytest.raises(InputError) as caught:
        PreparativeCell.from_mapping(changed(path, value))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E530"
    assert diagnostic.path.endswith(place)
    assert help_ in diagnostic.help


def test_a_substrate_that_is_no_species_is_named_with_those_that_are():
    with pytest.raises(InputError, match=r"uses `alkyne`, which is not among the species \(sub"):
        parse_cell(changed((*FIRST, "substrate"), "alkyne"))


def test_a_cell_that_can_only_oxidise_is_refused():
    path = ("electrodes", "counter", "reactions", 0, "direction")
    with pytest.raises(InputError, match="an oxidation and a reduction"):
        parse_cell(changed(path, "oxidation"))


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(InputError) as caught:
        parse_cell({"volume_m3": -1.0, "electrodes": {}})
    assert {d.path for d in caught.value.diagnostics} == {
        "cell.volume_m3",
        "cell.resistance_ohm",
        "cell.electrodes.working",
        "cell.electrodes.counter",
    }


def test_an_empty_description_is_the_dummy_cell():
    assert parse_cell({}) == parse_cell(DUMMY_CELL)
