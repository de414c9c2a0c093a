"""A short electrolysis with faults, rehearsed over real bytes on the virtual clock."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from faradaic.chemistry.cell_description import CellDescription
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.runner.bench_file import load_bench
from faradaic.runner.engine import Engine
from faradaic.runner.host import InlineHost
from faradaic.runner.run_result import RunResult
from faradaic.runner.world import World

CURRENT_A = 10e-3
EMSTAT = "simulated-emstat4-hr"
AMOUNT_MOL = 2e-4
START_S = 60.0
HEAD = """\
faradaic: 1
title: a short electrolysis
cell: {type: undivided, gap: 10 mm, vessel: {kind: vial, volume: 20 mL, inner_diameter: 25 mm}}
solution:
  volume: 8 mL
  limiting: substrate
  components:
    substrate: {amount: 0.20 mmol, role: substrate}
    Bu4NBF4: {amount: 0.80 mmol, role: electrolyte}
    MeCN: {volume: 8 mL, role: solvent}
electrodes:
  anode: {material: Pt, form: plate, width: 15 mm, length: 15 mm, immersed: 15 mm}
  cathode: {material: Pt, form: plate, width: 15 mm, length: 15 mm, immersed: 15 mm}
  reference: {couple: Ag/AgCl, filling: 3 M KCl}
reaction: {electrons: 2, gases: [{H2: 0.5 per electron, at: cathode}]}
steps:
"""
CURRENT = "  - constant_current: {current: 10 mA, cell_voltage_limit: 15 V, until: 180 s}\n"
REST = "  - open_circuit: {duration: 120 s}\n"
CURRENT_4 = "  - constant_current: {current: 10 mA, cell_voltage_limit: 5.5 V, until: 180 s}\n"
POTENTIAL = """\
  - constant_potential: {potential: 1.5 V, vs: reference, current_limit: 50 mA, until: 120 s}
"""


def described(cell: CellDescription, kind: str) -> dict[str, Any]:
    """The cell of the protocol with a part more, or with a part that is known to the digit."""
    told = cell.model_dump(mode="json", exclude_unset=True)
    electrodes = {
        side: {**electrode, "immersed_m": 0.015} for side, electrode in told["electrodes"].items()
    }
    parts: dict[str, dict[str, Any]] = {
        "plain": {},
        "bare": {"thermal": None, "separator": None, "reference": None},
        "conducting": {
            "resistance_ohm": 30.0,
            "contact_resistance_ohm": 0.0,
            "thermal": None,
            "bubbles": None,
        },
        "level": {"vessel_cross_section_m2": 4.9e-4, "electrodes": electrodes},
        "divided": {
            "counter_volume_m3": 8e-6,
            "separator": {"area_m2": 1e-4, "permeability_m_per_s": 1e-9},
        },
        "thermal": {
            "conductivity_per_K": 0.02,
            "thermal": {
                "heat_capacity_J_per_K": 20.0,
                "heat_loss_W_per_K": 0.1,
                "ambient_K": 298.15,
            },
        },
    }
    return {**told, **parts[kind]}


class MemoryJournal:
    """A journal sink that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.samples: list[tuple[Any, ...]] = []

    def write(self, kind: str, time_s: float, fields: Any, *, durable: bool = False) -> int:
        self.events.append((kind, dict(fields)))
        return len(self.events)

    def sample(self, time_s: float, values: tuple[Any, ...]) -> int:
        self.samples.append(values)
        return len(self.samples)


@dataclass
class Rehearsed:
    """A run that has ended."""

    result: RunResult
    time_s: np.ndarray
    current_A: np.ndarray
    voltage_V: np.ndarray
    potential_V: np.ndarray
    charge_C: np.ndarray
    flags: np.ndarray
    cell: Any
    emulator: Any

    def after(self, start_s: float = START_S + 2.5) -> Rehearsed:
        """The samples from some time on."""
        keep = self.time_s >= start_s
        names = ("time_s", "current_A", "voltage_V", "potential_V", "charge_C", "flags")
        return Rehearsed(
            self.result,
            *(getattr(self, name)[keep] for name in names),
            self.cell,
            self.emulator,
        )


@cache
def rehearse(
    *faults: str, steps: str = CURRENT, bench: str = "simulated", cell: str = "plain"
) -> Rehearsed:
    """Run the steps with faults, through real bytes on the virtual clock."""
    loaded_bench = load_bench(bench)
    loaded = validate_protocol(load_document(HEAD + steps, "test.yaml"))
    plan = compile_protocol(loaded, loaded_bench)
    host = InlineHost(
        loaded_bench,
        cell=described(plan.cell, cell),
        seed=1,
        speed=None,
        faults=faults,
        limiting_amount_mol=plan.limiting_amount_mol,
    )
    engine = Engine(plan, loaded_bench.sha256, World(host))
    journal: Any = MemoryJournal()
    engine.preflight()
    result = engine.run(journal, {"simulated": True})
    columns = np.array(journal.samples, dtype=float).T
    scheme: Any = host._scheme
    emulator = next(iter(scheme._emulators.values()))  # of the source; others are of a bridge
    return Rehearsed(
        result,
        columns[0],
        *columns[2:6],
        columns[7],
        scheme.cell,
        getattr(emulator, "inner", emulator),
    )


def extra_voltage(fault: str, **options: Any) -> tuple[np.ndarray, Rehearsed]:
    """What a fault adds to the cell voltage at constant current, sample by sample."""
    plain, faulty = rehearse(**options), rehearse(fault, **options)
    assert plain.time_s == pytest.approx(faulty.time_s)
    return faulty.voltage_V - plain.voltage_V, faulty
