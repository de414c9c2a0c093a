"""Aqueous cells know their ions: the pH of both sides, its course, and the voltage that follows."""

from __future__ import annotations

import math

import pytest

from faradaic.chemistry.ionic_diffusivity import diffusivity_in_water_m2_per_s
from faradaic.documents.document import load_document
from faradaic.protocols.cell_of_protocol import describe_cell
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.resolved import resolve_protocol
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.simulators.cell_models import cell_from_mapping
from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import PreparativeCell

H_CELL = """faradaic: 1
title: Divided cell, two solutions
cell: {{type: h_cell, gap: 40 mm, separator: {{kind: {separator}}}}}
compartments:
  anolyte:
    volume: 20 mL
    components:
{anolyte}
      H2O: {{volume: 20 mL, role: solvent}}
  catholyte:
    volume: 20 mL
    components:
{catholyte}
      H2O: {{volume: 20 mL, role: solvent}}
electrodes:
  anode:   {{material: Pt, form: plate, width: 10 mm, length: 20 mm, immersed: 10 mm}}
  cathode: {{material: Pt, form: plate, width: 10 mm, length: 20 mm, immersed: 10 mm}}
reaction: {{electrons: 2}}
steps:
  - constant_current: {{current: 20 mA, cell_voltage_limit: 10 V, until: 60 s}}
"""


def solution(**molar: float) -> str:
    return "\n".join(
        f"      {name}: {{concentration: {c} mol/L, role: electrolyte}}"
        for name, c in molar.items()
    )


def described(text: str) -> PreparativeCell:
    protocol = validate_protocol(load_document(text, "cell.yaml")).protocol
    made = cell_from_mapping(
        describe_cell(resolve_protocol(protocol)).model_dump(mode="json", exclude_unset=True)
    )
    assert isinstance(made, PreparativeCell)
    return made


def h_cell(separator: str, anolyte: str, catholyte: str = "") -> PreparativeCell:
    return described(
        H_CELL.format(separator=separator, anolyte=anolyte, catholyte=catholyte or anolyte)
    )


def electrolysed(made: PreparativeCell, faradays_per_m3: float) -> tuple[float, float]:
    """(anolyte, catholyte) after a charge per volume of a compartment, mol/m³."""
    seconds = faradays_per_m3 * 20e-6 * FARADAY_C_PER_MOL / 0.02
    for _ in range(200):
        made.step(Control.CURRENT, 0.02, seconds / 200)
    pH = made.ledger().pH
    assert pH is not None
    return pH


def test_sulfuric_acid_in_a_divided_cell_needs_two_to_three_volts() -> None:
    # 1.23 V, 0.6 to 0.9 V on platinum, and 20 mA over 40 mm of 0.21 S/cm and 1 to 2 cm²
    made = h_cell("cem", solution(H2SO4=0.5))
    assert made.ledger().pH == pytest.approx((0.29, 0.29), abs=0.02)
    for _ in range(60):
        state = made.step(Control.CURRENT, 0.02, 1.0)
    assert 2.0 < state.cell_voltage_V < 3.0
    assert electrolysed(made, 100.0) == pytest.approx((0.29, 0.29), abs=0.02)


@pytest.mark.parametrize(
    ("electrolyte", "pH"),
    [
        # strong acid and base; Henderson and Hasselbalch; (pK1 + pK2)/2; 7 + (pKa + lg c)/2, and
        # h² = Kw/(1 + c/Ka) where that is not small
        ({"HClO4": 0.1}, 1.0),
        ({"NaOH": 0.1}, 13.0),
        ({"K2HPO4": 0.05, "KH2PO4": 0.05}, 7.21),
        ({"KHCO3": 1.0}, 8.34),
        ({"NaOAc": 0.5}, 7 + (4.756 + math.log10(0.5)) / 2),
        ({"Na2SO4": 0.5}, 7 + math.log10(1 + 0.5 * 10**1.96) / 2),
    ],
)
def test_a_solution_starts_at_the_pH_of_its_composition(
    electrolyte: dict[str, float], pH: float
) -> None:
    found = h_cell("cem", solution(**electrolyte)).ledger().pH
    assert found == pytest.approx((pH, pH), abs=0.03)


@pytest.mark.parametrize(
    ("separator", "expected"),
    [
        # 20 mol/m³ of charge: K+ through a cation exchanger leaves 30 of 50 HPO4-- on the left
        ("cem", (7.21 - math.log10(7 / 3), 7.21 + math.log10(7 / 3))),
        ("bpm", (7.21, 7.21)),
    ],
)
def test_the_separator_decides_how_a_buffer_is_spent(
    separator: str, expected: tuple[float, float]
) -> None:
    made = h_cell(separator, solution(K2HPO4=0.05, KH2PO4=0.05))
    assert electrolysed(made, 20.0) == pytest.approx(expected, abs=0.01)


def test_an_unbuffered_salt_turns_acid_and_alkaline_and_the_voltage_follows() -> None:
    made = h_cell("frit", solution(Na2SO4=0.5))
    for _ in range(5):
        first = made.step(Control.CURRENT, 0.02, 1.0).cell_voltage_V
    before = made.ledger().pH
    assert before is not None
    pH = electrolysed(made, 20.0)
    assert pH[0] < 3.5 < 11 < pH[1]
    last = made.step(Control.CURRENT, 0.02, 1e-3).cell_voltage_V
    assert last - first == pytest.approx(
        0.05916 * (pH[1] - pH[0] - before[1] + before[0]), abs=0.03
    )


def test_a_stated_pH_is_kept_with_the_salt_that_is_there() -> None:
    text = H_CELL.format(
        separator="aem", anolyte=solution(NaOAc=0.5), catholyte=solution(NaOAc=0.5)
    ).replace("  catholyte:\n    volume: 20 mL\n", "  catholyte:\n    volume: 20 mL\n    pH: 4.5\n")
    made = described(text)
    assert made.ledger().pH == pytest.approx((9.23, 4.5), abs=0.01)
    assert made.ledger().counter_concentration_mol_per_m3["OAc"] == pytest.approx(500.0, rel=1e-3)


def test_magnesium_that_dissolves_in_water_leaves_a_base() -> None:
    text = """faradaic: 1
title: Magnesium in salt water
cell: {type: undivided, gap: 10 mm}
solution:
  volume: 20 mL
  components:
    NaCl: {concentration: 0.5 mol/L, role: electrolyte}
    H2O: {volume: 20 mL, role: solvent}
electrodes:
  anode:
    {material: Mg, form: rod, diameter: 6 mm, length: 20 mm,
     sacrificial: {metal: Mg, electrons: 2}}
  cathode: {material: Pt, form: plate, width: 10 mm, length: 20 mm}
reaction: {electrons: 2}
steps:
  - constant_current: {current: 20 mA, cell_voltage_limit: 10 V, until: 60 s}
"""
    pH = electrolysed(described(text), 5.0)
    assert pH == pytest.approx((11 + math.log10(5), 11 + math.log10(5)), abs=0.01)


@pytest.mark.parametrize(
    ("ion", "diffusivity"),
    # Vanysek, CRC Handbook, table of ionic conductivity and diffusion: 1e-5 cm²/s
    [("K", 1.957e-9), ("Cl", 2.032e-9), ("SO4", 1.065e-9), ("H", 9.311e-9), ("CO3", 0.923e-9)],
)
def test_ions_diffuse_as_they_conduct(ion: str, diffusivity: float) -> None:
    assert diffusivity_in_water_m2_per_s(ion) == pytest.approx(diffusivity, rel=2e-3)


def test_an_electrolyte_that_is_not_known_leaves_the_pH_open_and_says_so() -> None:
    text = H_CELL.format(
        separator="cem", anolyte=solution(Na2SO4=0.5), catholyte=solution(Unobtainium=0.1)
    )
    protocol = validate_protocol(load_document(text, "cell.yaml")).protocol
    cell = describe_cell(resolve_protocol(protocol)).model_dump(mode="json")
    assert cell["ions"] == {}
    assert any("pH of the solution is not followed" in a["text"] for a in cell["assumptions"])
