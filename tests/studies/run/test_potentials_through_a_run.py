"""A potential set on a scale is what the analysis of the run says on that scale."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from faradaic.chemistry.reference_electrodes import reference_electrodes
from faradaic.cli.main import app
from faradaic.datafiles.readers import read
from faradaic.datafiles.statements import Statements
from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.records.run import load_run
from faradaic.runner.bench_file import load_bench
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan
from faradaic.studies.run.electrolysis import load_electrolysis
from faradaic.studies.run.electrolysis_results import analyze_electrolysis

PROTOCOL = """
faradaic: 1
title: A potential on a scale
cell: {{type: undivided, gap: 10 mm}}
solution:
  volume: 20 mL
  {pH}
  components:
    alcohol: {{amount: 1 mmol, role: substrate}}
    KOH: {{concentration: 0.2 M, role: electrolyte}}
    H2O: {{volume: 20 mL, role: solvent}}
electrodes:
  working: {{material: Ni, role: anode, form: plate, width: 10 mm, length: 20 mm, immersed: 15 mm}}
  counter: {{material: Pt, role: cathode, form: plate, width: 10 mm, length: 10 mm}}
  reference: {reference}
reaction: {{electrons: 2}}
environment: {{temperature: 25 degC}}
steps:
  - constant_potential: {{potential: 1.200 V, vs: {vs}, current_limit: 100 mA, duration: 2 s}}
"""

CONNECTED = [name for name, e in reference_electrodes().items() if e.kind != "standard"]


def run_of(tmp_path: Path, reference: str, vs: str, pH: str = "pH: 13.3") -> Path:
    text = PROTOCOL.format(reference=reference, vs=vs, pH=pH)
    bench = load_bench("simulated-emstat4-hr")
    plan = compile_protocol(validate_protocol(load_document(text, "p.yaml")), bench)
    return run_plan(
        plan, bench, protocol_text=text, runs_dir=tmp_path, seed=1, speed=None,
        operator=DefaultOperator(), controls=Controls(),
    ).folder  # fmt: skip


@pytest.mark.parametrize("name", CONNECTED)
def test_a_set_point_vs_RHE_comes_back_whatever_electrode_is_connected(
    tmp_path: Path, name: str
) -> None:
    folder = run_of(tmp_path, f'"{name}"', "RHE")
    series = load_run(folder / "journal.jsonl").time_series()  # needs no plan beside it
    assert (series.reference, series.pH, series.temperature_K) == (name, 13.3, 298.15)
    assert series.area_m2 == pytest.approx(1.5e-4)
    results = analyze_electrolysis(load_run(folder), scales=["RHE", "SHE"])
    assert results.potential_mean.basis == f"vs {name}"
    assert results.on_scales["SHE"].value == pytest.approx(1.2 - 0.0591597 * 13.3, abs=1e-3)
    if name == "RHE":  # the scale of the electrode itself
        assert results.potential_mean.value == pytest.approx(1.2, abs=1e-3)
    assert results.on_scales["RHE"].value == pytest.approx(1.2, abs=1e-3)


def test_a_calibrated_electrode_is_placed_by_its_own_zero(tmp_path: Path) -> None:
    written = "{couple: Hg/HgO, filling: 1 M KOH, potential: 0.0985 V}"
    folder = run_of(tmp_path, written, "SHE")
    results = analyze_electrolysis(load_run(folder))
    assert results.potential_mean.basis == "vs Hg/HgO (1 M KOH), 98.5 mV vs SHE"
    assert results.potential_mean.value == pytest.approx(1.1015, abs=1e-3)
    assert list(results.on_scales) == ["SHE"]
    assert results.on_scales["SHE"].value == pytest.approx(1.2, abs=1e-3)
    assert results.as_dict()["potential_mean_vs_SHE"]["unit"] == "V"


def test_the_command_says_what_places_a_reference_and_takes_it(tmp_path: Path) -> None:
    folder = run_of(tmp_path, '"SCE"', "reference", pH="")
    wanted = ["analyze", str(folder), "--vs", "RHE"]
    assert "needs the pH" in CliRunner().invoke(app, wanted).output
    told = CliRunner().invoke(app, [*wanted, "--assume", "pH=7"]).output
    assert "vs SCE (sat. KCl)" in told
    assert re.search(r"mean potential vs RHE +1\.855\d V", told)  # 1.2 + 0.2412 + 0.4141 V
    with pytest.raises(InputError, match="RHEE"):
        CliRunner().invoke(app, [*wanted[:3], "RHEE"], catch_exceptions=False)
    with pytest.raises(InputError, match="cannot be assumed of a run"):
        load_electrolysis(folder, Statements({"sign": "cathodic"}))
    assert read(folder).columns["potential_V"].reference == "SCE (sat. KCl)"
    assert read(folder).area_m2 == pytest.approx(1.5e-4)


def test_a_file_whose_reference_is_stated_has_its_potential_on_other_scales(tmp_path: Path) -> None:
    path = tmp_path / "others.csv"
    path.write_text("t/s,I/mA,E/V\n0,1,0.5\n1,1,0.5\n2,1,0.5\n")
    wanted = ["analyze", str(path), "--vs", "SHE"]
    assert "the reference electrode is unknown: give" in CliRunner().invoke(app, wanted).output
    told = CliRunner().invoke(app, [*wanted, "--assume", "reference=SCE"]).output
    assert re.search(r"mean potential vs SHE +0\.7412 V", told)
    assert "the temperature is not known: 25 degC is taken" in told
