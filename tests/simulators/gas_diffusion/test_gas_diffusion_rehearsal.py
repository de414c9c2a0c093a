"""A CO2 protocol through planning, driver, bytes, emulator and cell, on the virtual clock."""

from importlib.resources import files
from pathlib import Path

import polars as pl

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.runner.bench_file import load_bench
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan

STEPS = """steps:
  - open_circuit: {duration: 60 s}
  - set: {gas: {species: N2, flow: 20 sccm}}
  - linear_sweep:
      {from: 0.2 V, to: -0.6 V, vs: RHE, rate: 20 mV/s, step: 5 mV, current_limit: 200 mA}
  - set: {gas: {species: CO2, flow: 20 sccm}}
  - linear_sweep:
      {from: 0.2 V, to: -0.6 V, vs: RHE, rate: 20 mV/s, step: 5 mV, current_limit: 200 mA}
  - constant_potential: {potential: -0.38 V, vs: RHE, current_limit: 200 mA, duration: 30 s}
"""


def currents_A(metal: str, folder: Path) -> dict[int, pl.Series]:
    """The currents of a rehearsal, by number of the step."""
    text = (files("faradaic.protocols") / "library" / f"co2-electrolysis-{metal}.yaml").read_text()
    head, tail = text.split("steps:\n")[0], text.split("\nend_state:")[1]
    text = f"{head}{STEPS}\nend_state:{tail}"
    bench = load_bench("simulated-emstat4-hr")
    plan = compile_protocol(validate_protocol(load_document(text, "short.yaml")), bench)
    done = run_plan(
        plan,
        bench,
        protocol_text=text,
        runs_dir=folder,
        seed=1,
        speed=None,
        operator=DefaultOperator(),
        controls=Controls(),
    )
    table = pl.read_parquet(done.folder / "data.parquet")
    return {
        number: table.filter(pl.col("step") == number)["current_A"]
        for number in table["step"].unique()
    }


def test_a_rehearsal_sweeps_in_nitrogen_then_in_co2_and_gold_carries_more(tmp_path: Path) -> None:
    held = {}
    for metal in ("ag25", "au25"):
        found = currents_A(metal, tmp_path / metal)
        in_n2, in_co2 = found[2], found[4]
        # sweeps begin where nothing reacts, and end with more current in CO2
        for sweep in (in_n2, in_co2):
            assert abs(sweep[0]) < 2e-4
            assert len(sweep) == 161
        assert in_co2[-1] < 2 * in_n2[-1] < -0.01
        held[metal] = found[5][-1]
    assert held["au25"] < 1.5 * held["ag25"] < -0.005
