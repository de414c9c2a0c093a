"""What an ion of the electrolyte does at an electrode, where it is easier than what else is."""

from __future__ import annotations

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.resolved import ResolvedProtocol, resolve_protocol

TEXT = """\
faradaic: 1
title: an electrolyte with a halide
cell: {{type: undivided, gap: 5 mm}}
solution:
  volume: 10 mL
  components:
    {salt}
    {solvent}: {{volume: 10 mL, role: solvent}}
electrodes:
  anode: {{material: {anode}, form: plate, width: 10 mm, length: 20 mm, immersed: 20 mm}}
  cathode: {{material: {cathode}, form: plate, width: 10 mm, length: 20 mm, immersed: 20 mm}}
reaction: {{electrons: 2}}
steps: [{{constant_current: {{current: 20 mA, cell_voltage_limit: 9 V, until: 1 min}}}}]
"""


def resolved(
    salt: str, anode: str = "graphite", solvent: str = "H2O", cathode: str = "Pt"
) -> ResolvedProtocol:
    text = TEXT.format(salt=salt, anode=anode, solvent=solvent, cathode=cathode)
    return resolve_protocol(validate_protocol(load_document(text, "test.yaml")).protocol)


def electrolyte(salt: str, molar: float) -> str:
    return f"{salt}: {{concentration: {molar} M, role: electrolyte}}"


@pytest.mark.parametrize(
    ("salt", "molar", "anode", "first"),
    [
        # Chlor-alkali and hydrochloric acid: chlorine; iodide and bromide before oxygen.
        ("NaCl", 4, "DSA", "oxidation (chloride)"),
        ("HCl", 5, "graphite", "oxidation (chloride)"),
        ("KBr", 1, "graphite", "oxidation (bromide)"),
        ("KI", 0.3, "Pt", "oxidation (iodide)"),
        # A buffer's worth of chloride runs short, and other salts have none.
        ("NaCl", 0.01, "graphite", "oxygen evolution"),
        ("K2SO4", 0.5, "graphite", "oxygen evolution"),
    ],
)
def test_in_water(salt: str, molar: float, anode: str, first: str) -> None:
    assert resolved(electrolyte(salt, molar), anode).anode.forward.reactions[0].name == first


def test_hydroxide_goes_before_chloride() -> None:
    both = "\n    ".join((electrolyte("KOH", 1), electrolyte("KCl", 1)))
    assert resolved(both, "Ni").anode.forward.reactions[0].name == "oxygen evolution"


def test_chlorine_stands_at_its_potential_and_is_a_guess_with_its_key() -> None:
    # E°(Cl2/Cl-) = 1.36 V, whatever the pH, and 50 mV on a coated anode at 10 mA/cm²
    line = resolved(electrolyte("NaCl", 4), "DSA").anode.forward.reactions[0]
    assert line.potential_V_vs_SHE == pytest.approx(1.36 + 0.05)
    assert line.current_density_A_per_m2 == 100.0
    assert line.gas == ("Cl2", 0.5)
    assert line.guessed
    assert line.of == "NaCl"


@pytest.mark.parametrize(
    ("anode", "more_V"),
    # by classical compilations: graphite takes 0.1 to 0.3 V more than coated titanium, platinum is
    # passivated
    [
        ("graphite", (0.05, 0.3)),
        ("Pt", (0.2, 0.6)),
        ("BDD", (0.2, 0.8)),
        ("unobtainium", (0.1, 0.5)),
    ],
)
def test_chlorine_takes_more_on_other_materials(anode: str, more_V: tuple[float, float]) -> None:
    easy, hard = (
        resolved(electrolyte("NaCl", 4), one).anode.forward.reactions[0] for one in ("DSA", anode)
    )
    assert more_V[0] < hard.potential_V_vs_SHE - easy.potential_V_vs_SHE < more_V[1]
    assert hard.spread_V > easy.spread_V


@pytest.mark.parametrize(
    ("salt", "molar", "cathode", "first"),
    [
        # What is plated: before hydrogen at the metal that it makes, not at the bare cathode.
        ("CuSO4", 0.6, "stainless steel", "deposition of Cu"),
        ("AgNO3", 0.5, "Pt", "deposition of Ag"),
        ("NiSO4", 1.0, "stainless steel", "deposition of Ni"),
        ("ZnSO4", 1.0, "Al", "deposition of Zn"),
        ("CuSO4", 0.01, "Pt", "hydrogen evolution"),
        ("MgSO4", 1.0, "Pt", "hydrogen evolution"),
    ],
)
def test_at_a_cathode_in_water(salt: str, molar: float, cathode: str, first: str) -> None:
    text = electrolyte(salt, molar)
    assert resolved(text, "Pt", cathode=cathode).cathode.forward.reactions[0].name == first


def test_a_halide_of_the_electrolyte_goes_before_a_harder_substrate() -> None:
    # A carbamate at +1.9 V vs SCE in methanol with bromide at +0.7 V: the bromide mediates.
    salt = (
        "carbamate: {name: methyl pyrrolidine-1-carboxylate, amount: 1 mmol, role: substrate}\n"
        "    Et4NBr: {concentration: 0.1 M, role: electrolyte}"
    )
    text = TEXT.format(salt=salt, anode="graphite", solvent="MeOH", cathode="Pt")
    text = text.replace("volume: 10 mL\n", "volume: 10 mL\n  limiting: carbamate\n", 1)
    one = resolve_protocol(validate_protocol(load_document(text, "test.yaml")).protocol)
    line = one.anode.forward.reactions[0]
    assert line.of == "Et4NBr"
    assert "taken to turn the substrate over" in line.assumed
    # The author's potential of the bromide counts, as that of an oxidation.
    stated = text.replace("M, role: electrolyte", "M, role: electrolyte, potential: 0.9 V vs SCE")
    one = resolve_protocol(validate_protocol(load_document(stated, "test.yaml")).protocol)
    line = one.anode.forward.reactions[0]
    assert line.potential_V_vs_SHE == pytest.approx(0.9 + 0.2412)
