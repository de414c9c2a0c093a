"""Rehearsals of one cell in which something goes wrong."""

from pathlib import Path

from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.records.run import Run, load_run
from faradaic.runner.bench_file import load_bench
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan

TROUBLESHOOTING = """\
faradaic: 1
title: Troubleshooting cell
cell:
  type: undivided
  vessel: {kind: vial, volume: 10 mL, inner_diameter: 20 mm}
  gap: 6 mm
  closure: vented
solution:
  volume: 6 mL
  limiting: sulfide
  components:
    sulfide: {amount: 0.10 mmol, role: substrate}
    Et4NBF4: {concentration: 0.1 M, role: electrolyte}
    MeCN: {volume: 6 mL, role: solvent}
electrodes:
  anode:   {material: graphite, form: plate, width: 8 mm, length: 50 mm, immersed: 12 mm}
  cathode: {material: Pt, form: plate, width: 8 mm, length: 50 mm, immersed: 12 mm}
reaction: {electrons: 2, gases: [{H2: 0.5 per electron, at: cathode}]}
environment: {temperature: 23 degC, stirring: 600 rpm, atmosphere: air}
limits: {current: 20 mA}
steps:
  - open_circuit: 1 min
  - constant_current: {current: 10 mA, cell_voltage_limit: 10 V, until: 2.5 F/mol}
"""


def rehearse(text: str, faults: list[str], seed: int, folder: Path) -> Run:
    """A run folder of a protocol's text on the simulated bench."""
    path = folder / "protocol.yaml"
    path.write_text(text)
    bench = load_bench("simulated")
    plan = compile_protocol(load_protocol(path), bench)
    done = run_plan(
        plan,
        bench,
        protocol_text=text,
        runs_dir=folder / "runs",
        seed=seed,
        speed=None,
        operator=DefaultOperator(),
        controls=Controls(),
        faults=faults,
        tables=lambda _: {},
    )
    return load_run(done.folder)
