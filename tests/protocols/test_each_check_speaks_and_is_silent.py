"""Each check is said by one change to a protocol that it is silent about, and by no other here.

The protocol is an oxidation in acetonitrile that a careful colleague would let pass.
"""

import re
from dataclasses import replace

import pytest

from faradaic.diagnostics import InputError
from faradaic.runner.bench_file import LimitsEntry, load_bench
from protocols.conftest import DescribedBench

BASE = """\
faradaic: 1
title: An oxidation
cell:
  type: undivided
  vessel: {kind: vial, volume: 20 mL, inner_diameter: 25 mm}
  gap: 8 mm
  closure: septum_vented
solution:
  volume: 14 mL
  limiting: anisole
  components:
    anisole: {amount: 0.6 mmol, role: substrate, smiles: COc1ccccc1}
    Bu4NBF4: {concentration: 0.1 M, role: electrolyte}
    water: {volume: 0.5 mL, role: proton_source}
    MeCN: {volume: 13.5 mL, role: solvent}
electrodes:
  anode: {material: carbon, form: plate, width: 2 cm, length: 4 cm, thickness: 2 mm, immersed: 2 cm}
  cathode: {material: Pt, form: plate, width: 2 cm, length: 4 cm, thickness: 1 mm, immersed: 2 cm}
reaction:
  electrons: 2
  half_reactions: {anode: ArH -> ArX + 2 H+ + 2 e-, cathode: 2 H+ + 2 e- -> H2}
environment: {temperature: 23 degC, stirring: 600 rpm, atmosphere: nitrogen}
sampling: {interval: 1 s}
steps:
  - open_circuit: {duration: 60 s}
  - constant_current:
      current: 5 mA
      cell_voltage_limit: 5 V
      until: [{charge: 2.5 F/mol}]
  - open_circuit: {duration: 60 s}
"""
STEP = BASE[BASE.index("  - constant_current:") : BASE.rindex("  - open_circuit")]
POLES = ("anode", "cathode")
ANODE, CATHODE = (next(x for x in BASE.splitlines() if x.startswith(f"  {n}")) for n in POLES)
WATER = "    water: {volume: 0.5 mL, role: proton_source}\n"
SALT = "Bu4NBF4: {concentration: 0.1 M, role: electrolyte}"
HALVES = next(line for line in BASE.splitlines(True) if "half_reactions" in line)
ALTERNATING = (
    "  - alternating_polarity: {current: 5 mA, half_period: 30 s, cell_voltage_limit: 10 V, until:"
    " 2.5 F/mol}\n"
)
REFERENCE = CATHODE + "\n  reference: "
SCE = REFERENCE + "{couple: SCE}"
HELD = (
    "  - constant_potential: {potential: 1.5 V, vs: reference, current_limit: 5 mA, until: 2.5"
    " F/mol, caps: {time: 20 h}}\n"
)


def with_component(line: str) -> tuple[str, str]:
    return WATER, f"{WATER}    {line}\n"


def gas(*made: str) -> tuple[str, str]:
    return HALVES, HALVES + f"  gases: [{', '.join(made)}]\n"


H2, O2 = "{H2: 0.5 per electron, at: cathode}", "{O2: 0.25 per electron, at: anode}"
REDUCTION = [
    (HALVES, ""),
    ("electrons: 2", "electrons: 2\n  kind: reduction"),
    ("anisole: {amount: 0.6 mmol, role: substrate, smiles: COc1ccccc1}",
     "anisole: {amount: 0.6 mmol, role: substrate, smiles: O=C(c1ccccc1)c1ccccc1}"),
]  # fmt: skip
ZINC = (
    ANODE,
    "  anode: {material: Zn, form: plate, width: 15 mm, length: 4 cm, thickness: 2 mm, immersed:"
    " 18 mm, sacrificial: Zn}",
)
MAGNESIUM = (ANODE, ZINC[1].replace("Zn", "Mg"))
H_CELL = [
    ("  type: undivided\n", "  type: h_cell\n  separator: {kind: frit}\n"),
    (
        BASE[BASE.index("solution:") : BASE.index("electrodes:")],
        "compartments:\n  anolyte: {volume: 14 mL, limiting: anisole, components: {anisole:"
        f" {{amount: 0.6 mmol, role: substrate}}, {SALT}, MeCN: {{volume: 14 mL, role: solvent}}"
        f"}}}}\n  catholyte: {{volume: 14 mL, components: {{{SALT}, MeCN: {{volume: 14 mL, role:"
        " solvent}}}\n",
    ),
]
CASES: dict[str, list[tuple[str, str]]] = {
    # id: what is changed
    "C03": [(STEP, HELD.replace(", caps: {time: 20 h}", "")), (CATHODE, SCE)],
    "C05": [(HALVES, ""), (WATER, "")],
    "Q04": [("[{charge: 2.5 F/mol}]", "[{charge: 2.5 F/mol}, {time: 1 h}]")],
    "Q08": [(STEP, STEP + "  - sample: {volume: 0.9 mL}\n")],
    "A04": [("width: 2 cm, length: 4 cm, thickness: 1 mm", "width: 3 mm, length: 4 cm")],
    "A05": [("gap: 8 mm", "gap: 22 mm")],
    "A06": [("immersed: 2 cm}\n  cathode", "immersed: 2 cm, reuse_count: 4}\n  cathode")],
    "A07": [("length: 4 cm, thickness: 2 mm", "length: 2 cm, thickness: 2 mm")],
    "M02": [with_component("xyz: {amount: 6 µmol, role: mediator}")],
    "M03": [("role: substrate, smiles", "role: substrate, solubility: poor, smiles")],
    "M04": [("stirring: 600 rpm", "stirring: {kind: none}")],
    "V04": [(SALT, "NaCl: {concentration: 0.1 M, role: electrolyte}")],
    "V05": [(SALT, "Bu4NBF4: {concentration: 1 mM, role: electrolyte}")],
    "V06": [(STEP, HELD.replace("5 mA", "50 mA")), (CATHODE, SCE)],
    "V07": [("cell_voltage_limit: 5 V", "cell_voltage_limit: 20 V")],
    "W01": [(STEP, HELD.replace("1.5 V", "3.2 V")), (CATHODE, SCE)],
    "W02": [(SALT, "Bu4NBr: {concentration: 0.1 M, role: electrolyte}")],
    "W03": [("MeCN: {volume: 13.5 mL", "DMSO: {volume: 13.5 mL")],
    "W04": [("anode: {material: carbon", "anode: {material: Pt"), ("MeCN:", "MeOH:")],
    "W05": [("anode: {material: carbon", "anode: {material: stainless steel")],
    "W06": [(HALVES, HALVES + "  products: {aniline: {target: true, smiles: Nc1ccccc1}}\n")],
    "X01": [*REDUCTION, (WATER, "")],
    "X02": [(WATER, ""), gas(H2), ("ArX + 2 H+ + 2 e-", "ArX+ + 2 e-")],
    "X03": H_CELL,
    "X04": [*REDUCTION, ZINC],
    "X05": [
        (H_CELL[0][0], H_CELL[0][1].replace("frit", "cem")),
        (H_CELL[1][0], H_CELL[1][1].replace("MeCN", "DMF")),
    ],
    "X06": [("electrons: 2", "kind: paired\n  electrons: {anode: 2}")],
    "S02": [*REDUCTION, (ANODE, ZINC[1].replace("thickness: 2 mm", "thickness: 0.05 mm"))],
    "S03": [*REDUCTION, MAGNESIUM],
    "S04": [(STEP, ALTERNATING), ("anode: {material: carbon", "anode: {material: Mg")],
    "S05": [
        *REDUCTION,
        MAGNESIUM,
        with_component("BnBr: {name: benzyl bromide, equiv: 1, role: reagent}"),
    ],
    "S06": [*REDUCTION, ZINC],
    "G05": [gas("{CO: 0.5 per electron, at: cathode}")],
    "G06": [
        gas(H2),
        ("closure: septum_vented", "closure: balloon"),
        ("amount: 0.6 mmol", "amount: 60 mmol"),
    ],
    "G07": [
        gas(H2),
        ("Pt, form: plate, width: 2 cm", "carbon, form: felt, width: 5 mm"),
        ("current: 5 mA", "current: 60 mA"),
        ("thickness: 1 mm", "thickness: 3 mm, area_basis: envelope"),
    ],
    "T01": [("current: 5 mA", "current: 400 mA"), ("amount: 0.6 mmol", "amount: 6 mmol")],
    "T02": [("temperature: 23 degC", "temperature: 75 degC")],
    "H02": [
        (SALT, "LiClO4: {concentration: 0.1 M, role: electrolyte}"),
        ("MeCN: {", "DMSO: {"),
    ],
    "H04": [("MeCN: {", "HFIP: {")],
    "H05": [with_component("TfOH: {equiv: 1, role: acid}")],
    "H06": [
        with_component("NaN3: {equiv: 2, role: reagent}"),
        with_component("AcOH: {equiv: 5, role: acid}"),
    ],
    "H08": [("MeCN: {", "MeNO2: {"), with_component("Et3N: {equiv: 1, role: base}")],
    "H09": [("atmosphere: nitrogen", "atmosphere: oxygen"), ("MeCN: {", "THF: {")],
    "H10": [
        with_component("TMSCN: {equiv: 1, role: reagent}"),
        with_component("AcOH: {equiv: 5, role: acid}"),
    ],
    "H11": [*REDUCTION, (SALT, "Bu4NCl: {concentration: 0.1 M, role: electrolyte}")],
    "H12": [gas("{CO: 0.5 per electron, at: cathode}"), ("material: Pt", "material: Ni")],
    "H13": [
        with_component("SO2: {equiv: 2, role: reagent}"),
        ("closure: septum_vented", "closure: sealed"),
    ],
    "H14": [*REDUCTION, MAGNESIUM, ("MeCN: {", "DCM: {")],
    "H15": [with_component("HMPA: {equiv: 2, role: additive}")],
    "H16": [
        ("MeCN: {", "DMSO: {"),
        with_component("BzCl: {name: benzoyl chloride, equiv: 1, role: reagent}"),
    ],
    "H18": [("role: substrate, smiles", "role: substrate, hazards: [stench], smiles")],
    "R02": [
        (STEP, HELD),
        (CATHODE, SCE),
        (SALT, "LiClO4: {concentration: 0.1 M, role: electrolyte}"),
    ],
    "R05": [(STEP, HELD), (CATHODE, SCE)],
    "R06": [("current: 5 mA", "current: 150 mA"), ("amount: 0.6 mmol", "amount: 6 mmol")],
    "P04": [(STEP, ALTERNATING)],
    "L01": [("until: [{charge: 2.5 F/mol}]", "until: [{time: 20 s}]")],
    "L03": [(STEP + "  - open_circuit: {duration: 60 s}\n", STEP)],
}  # fmt: skip
BENCH = "simulated-emstat4-hr"
OTHER_BENCH = {"T01": "simulated", "V07": "simulated", "R06": "simulated"}


@pytest.fixture
def said(planned):
    def codes(edits: list[tuple[str, str]], bench: str = BENCH) -> dict[str, list[dict]]:
        text = BASE
        for before, after in edits:
            assert before in text, before
            text = text.replace(before, after, 1)
        found: dict[str, list[dict]] = {}
        for one in planned(text, bench).findings:
            found.setdefault(one["code"], []).append(one)
        return found

    return codes


def test_the_protocol_itself_is_let_pass(said) -> None:
    found = said([])
    assert not set(found) & set(CASES)
    warned = {c for c, several in found.items() if any(f["severity"] == "warning" for f in several)}
    assert warned <= {"A02"}


@pytest.mark.parametrize("code", CASES)
def test_one_change_makes_a_check_speak(said, code: str) -> None:
    found = said(CASES[code], OTHER_BENCH.get(code, BENCH))
    assert code in found, sorted(found)
    for one in found[code]:
        assert one["severity"] in ("warning", "info")
        assert one["line"] is not None
        if one["severity"] == "warning":
            assert re.search(r"\d", one["message"] + one["help"]), "no number"
            assert one["help"]


def test_hydrogen_and_oxygen_in_a_sealed_vial_are_refused(said) -> None:
    sealed = ("closure: septum_vented", "closure: sealed")
    with pytest.raises(InputError) as raised:
        said([gas(H2, O2), sealed])
    assert {one.code for one in raised.value.diagnostics} >= {"G04"}
    (told,) = said([gas(H2, O2)])["G04"]
    assert told["severity"] == "warning"
    assert "G04" not in said([gas(H2, O2), ("closure: septum_vented", "closure: open")])


def test_a_source_of_a_hundred_volt_needs_insulated_clips(planned) -> None:
    source = replace(load_bench("simulated").source, compliance_V=210.0)
    bench = DescribedBench("high voltage", source, LimitsEntry())
    for limit_V, words in ((29, ""), (48, "wet hands"), (100, "can kill")):
        text = BASE.replace("cell_voltage_limit: 5 V", f"cell_voltage_limit: {limit_V} V")
        found = [one["message"] for one in planned(text, bench).findings if one["code"] == "H17"]
        assert [words in message for message in found] == ([True] if words else [])


def test_a_control_without_current_is_not_told_to_pass_more(said) -> None:
    assert "Q01" not in said([(STEP, "")])


def test_a_waiver_of_one_place_leaves_the_others(said) -> None:
    felt = "graphite, form: felt, width: 15 mm, length: 4 cm, thickness: 3 mm, immersed: 2 cm"
    anode = (ANODE, f"  anode: {{material: {felt}}}")
    cathode = (CATHODE, f"  cathode: {{material: {felt}}}")
    waiver = ("faradaic: 1\n", "faradaic: 1\nwaivers: {A03@electrodes.anode: envelope is meant}\n")
    found = said([anode, cathode, waiver])["A03"]
    assert sorted(bool(one["waived"]) for one in found) == [False, True]
