"""A sacrificial anode from the plan to the report: what the charge takes, and what is there."""

import json
import re
from pathlib import Path

import pytest

from faradaic.records.run import load_run

PROTOCOL = """\
faradaic: 1
title: reduction with an anode that dissolves
cell: {{type: undivided, vessel: {{kind: vial, volume: 20 mL, inner_diameter: 25 mm}}, gap: 5 mm}}
solution:
  volume: 10 mL
  limiting: halide
  conductivity: 20 mS/cm
  components:
    halide: {{amount: 0.10 mmol, role: substrate, potential: -1.8 V vs SCE}}
    Bu4NBF4: {{concentration: 0.1 M, role: electrolyte}}
    DMF: {{volume: 10 mL, role: solvent}}
electrodes:
  anode: {{material: {material}, form: rod, diameter: 6 mm, length: 15 mm, sacrificial: {anode}}}
  cathode: {{material: graphite, form: plate, width: 20 mm, length: 15 mm}}
reaction: {{kind: reduction, electrons: 2, products: {{acid: {{target: true, at: cathode}}}}}}
environment: {{stirring: 600 rpm, temperature: 25 degC}}
steps:
  - constant_current: {{current: 10 mA, cell_voltage_limit: 15 V, until: 2 F/mol}}
"""
CHARGE_C = 2 * 1e-4 * 96485.33212

MG_PER_C = {
    "Mg": 24.305 / 2,
    "Al": 26.982 / 3,
    "Zn": 65.38 / 2,
    "Fe": 55.845 / 2,
    "Ni": 58.693 / 2,
    "Sn": 118.71 / 2,
    "Cu": 63.546,
}
"""M/n in g/mol (standard atomic masses): milligrams are that times the charge over F."""


def write(faradaic, metal: str, anode: str) -> None:
    text = PROTOCOL.format(material=metal, anode=anode)
    (faradaic.folder / "p.yaml").write_text(text, "utf-8")


@pytest.mark.parametrize("metal", MG_PER_C)
def test_the_plan_tells_the_milligrams_that_the_charge_takes(faradaic, metal: str) -> None:
    write(faradaic, metal, f"{{metal: {metal}, mass: 5 g}}")
    told = " ".join(faradaic("plan", "p.yaml").out.split())
    taken_mg = MG_PER_C[metal] * 2 * 0.1
    row = re.search(
        rf"metal, anode ([0-9.]+) mg of {metal}; 5000 mg there \(as stated\), ([0-9.]+) times", told
    )
    assert row is not None, told
    assert float(row[1]) == pytest.approx(taken_mg, rel=1e-3)
    assert float(row[2]) == pytest.approx(5000 / taken_mg, rel=1e-2)


def test_the_electrons_of_copper_are_a_guess_unless_stated(faradaic) -> None:
    write(faradaic, "Cu", "{metal: Cu, mass: 5 g}")
    assert "times as much (guessed)" in " ".join(faradaic("plan", "p.yaml").out.split())
    write(faradaic, "Cu", "{metal: Cu, electrons: 2, mass: 5 g}")
    told = " ".join(faradaic("plan", "p.yaml").out.split())
    assert "6.355 mg of Cu" in told  # 63.546/2 mg to 1 mmol of electrons
    assert "times as much (guessed)" not in told


def test_a_mass_that_nobody_stated_is_not_known(faradaic) -> None:
    write(faradaic, "zinc", "zinc")  # the short form, by its name
    text = (faradaic.folder / "p.yaml").read_text("utf-8").replace("diameter: 6 mm, ", "")
    (faradaic.folder / "p.yaml").write_text(text, "utf-8")
    told = " ".join(faradaic("plan", "p.yaml").out.split())
    assert "6.538 mg of Zn; whether there is enough is not known: state" in told
    assert "`electrodes.anode.sacrificial.mass`" in told
    assert "how much Zn the anode holds is not known: it never runs short" in told


@pytest.mark.long
@pytest.mark.parametrize(
    ("anode", "lasts"),
    [
        ("{metal: Mg, mass: 1 mg}", 1.0 / 2.4305),
        ("{metal: Zn, electrons: 2, mass_before: 2 mg}", 2.0 / 6.538),
        ("{metal: Al, mass: 2 mg, usable_fraction: 50 %}", 1.0 / 1.7988),
        ("{metal: Fe, mass: 3 mg}", 3.0 / 5.5845),
    ],
)
def test_an_anode_too_light_is_warned_about_and_runs_out(
    faradaic, anode: str, lasts: float
) -> None:
    metal = anode[8:10]
    write(faradaic, metal, anode)
    (found,) = [
        one for one in faradaic("check", "p.yaml", "--json").json["diagnostics"]
        if one["code"] == "S01"
    ]  # fmt: skip
    numbers = found["numbers"]
    assert numbers["there_kg"] / numbers["taken_kg"] == pytest.approx(lasts, rel=1e-3)
    done = faradaic("run", "p.yaml", "--json").json
    assert done["outcome"] == "TRIPPED"
    assert done["share_of_planned"] == pytest.approx(lasts, rel=0.02)
    assert "the anode is used up: " in done["stop_reason"]
    assert f" of {metal} last {lasts * CHARGE_C:.4g} C" in done["stop_reason"]
    assert "model of the cell is at fault" not in done["stop_reason"]
    taken_kg, there_kg = (done["metal_consumed"][k] for k in ("taken_kg", "there_kg"))
    assert taken_kg == pytest.approx(there_kg, rel=0.02)
    notes = [event.fields["text"] for event in load_run(Path(done["run"])).contents.of_kind("note")]
    (note,) = [text for text in notes if "used up" in text]
    used_C = float(re.search(r"after ([0-9.]+) C", note)[1])
    assert used_C == pytest.approx(lasts * CHARGE_C, rel=1e-3)


@pytest.mark.long
def test_show_summary_and_report_tell_the_same_milligrams(faradaic) -> None:
    write(faradaic, "Mg", "{metal: Mg, mass: 5 g}")
    done = faradaic("run", "p.yaml", "--json").json
    folder = Path(done["run"])
    kept = json.loads((folder / "summary.json").read_text("utf-8"))["metal_consumed"]
    assert kept["taken_kg"] == pytest.approx(24.305e-3 * done["charge_C"] / (2 * 96485.33212))
    shown = " ".join(faradaic("show", str(folder)).out.split())
    assert f"metal {kept['taken_kg'] * 1e6:.3f} mg of Mg; 5000 mg there (as stated)" in shown
    page = (folder / "report.html").read_text("utf-8")
    assert "Mg consumed at the anode (by charge)" in page
    assert f"{kept['taken_kg'] * 1e6:.3f} mg" in page
    assert "5000 mg, as stated: 2" in page
