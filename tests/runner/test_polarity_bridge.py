"""A supply of one direction behind a relay board: what the cell saw, edge by edge, and who moved.

The truth is the cell's own record and that of the contacts: none may move under current.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.records.run import Run, load_run
from faradaic.runner.bench_file import Bench, bench_of_text, load_bench
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan
from faradaic.simulators import emulated_bench
from faradaic.simulators.contracts import Control
from faradaic.simulators.reversed_leads import ReversedLeads
from faradaic.studies.run.electrolysis import load_electrolysis
from faradaic.studies.run.electrolysis_results import analyze_electrolysis
from rigs.edges import EdgeCell
from rigs.protocols import HEAD

SUPPLIES = {
    "rigol-dp811": (2.0, 2.0),
    "siglent-spd1168x": (1.0, 3.0),
    "korad-ka3005p": (0.2, 2.0),
    "riden-rd6006p": (0.2, 1.0),
    "genesys-20-38": (2.0, 1.5),
}
"""A current that each holds well, A, and a dead time that suits it, s."""


ENDS = "cell_voltage_limit: 9 V, until: 1 h"
PULSES = "on: {current: 200 mA, time: 5 s}, off: {current: -100 mA, time: 5 s}"
RAMP = "current: {from: -100 mA, to: 100 mA}, duration: 1 min"
OTHER = """  other:
    driver: lcus-relay
    address: "emulated://lcus-relay?place=x"
    role: polarity_bridge
    dead_time: 2 s
"""
SHARED = """  gc:
    driver: lcus-relay
    address: "emulated://lcus-relay?place=bridge&answers=1"
    options: {channel: 3}
"""


def bench_with(
    driver: str = "korad-ka3005p", dead: str = "2 s", options: str = "answers: true", more: str = ""
) -> Bench:
    """A supply with a bridge of two contacts."""
    answers = int("true" in options)
    address = f"emulated://lcus-relay?place=bridge&answers={answers}"
    return bench_of_text(
        f"""faradaic_bench: 1
name: bridged
source: {{driver: {driver}, address: "emulated://{driver}"}}
devices:
  bridge:
    driver: lcus-relay
    address: "{address}"
    options: {{channel: 1, second: 2, {options}}}
    role: polarity_bridge
    dead_time: {dead}
{more}"""
    )


def planned(steps: str, bench: Bench) -> Any:
    return compile_protocol(
        validate_protocol(load_document(f"{HEAD}steps:\n{steps}\n", "p.yaml")), bench
    )


class Done:
    """A run, its cell and its contacts."""

    def __init__(self, steps: str, bench: Bench, folder: Path, monkeypatch, ohm: float) -> None:
        self.cell = EdgeCell(ohm=ohm)
        self.leads: list[ReversedLeads] = []
        monkeypatch.setattr(emulated_bench, "simulated_cell", lambda described: self.cell)

        def wired(*args: Any) -> ReversedLeads:
            self.leads.append(ReversedLeads(*args))
            return self.leads[-1]

        monkeypatch.setattr(emulated_bench, "ReversedLeads", wired)
        text = f"{HEAD}steps:\n{steps}\n"
        self.plan = planned(steps, bench)
        self.result = run_plan(
            self.plan, bench, protocol_text=text, runs_dir=folder, seed=0, speed=None,
            operator=DefaultOperator(), controls=Controls(),
        )  # fmt: skip
        self.run: Run = load_run(self.result.folder)

    @property
    def moves(self) -> list[Any]:
        return [move for leads in self.leads for move in leads.moves]

    @property
    def edges(self) -> list[tuple[float, float]]:
        """When what value was imposed, 0 for the open cell; from the first current on."""
        found = [
            (e.time_s, 0.0 if e.control is Control.OPEN_CIRCUIT else e.value)
            for e in self.cell.edges
        ]
        first = next(k for k, (_, value) in enumerate(found) if value)
        return [(time_s - found[first][0], value) for time_s, value in found[first:]]


@pytest.mark.parametrize("driver", SUPPLIES)
def test_the_cell_sees_the_protocol_edge_by_edge(driver, tmp_path, monkeypatch) -> None:
    current_A, dead_s = SUPPLIES[driver]
    step = f"  - alternating_polarity: {{current: {current_A} A, half_period: 6 s, "
    done = Done(
        step + "cell_voltage_limit: 12 V, until: 40 s}", bench_with(driver, f"{dead_s:g} s"),
        tmp_path, monkeypatch, 5.0 / current_A,
    )  # fmt: skip
    assert done.run.outcome == "COMPLETED", done.run.stop
    on_s = 6.0 - dead_s
    due = [(6.0 * (k // 2) + on_s * (k % 2)) for k in range(14)]
    due[13] = 40.0 if 36.0 + on_s > 40.0 else due[13]
    assert [time_s for time_s, _ in done.edges] == pytest.approx(due, abs=0.06)
    values = [current_A * (0, 1, 0, -1)[(k + 1) % 4] for k in range(14)]
    assert [value for _, value in done.edges] == pytest.approx(values, rel=5e-3, abs=1e-9)
    lengths = np.diff([time_s for time_s, _ in done.edges])
    assert lengths[1::2] == pytest.approx(dead_s, abs=0.06)  # no dead time but the stated one
    summary = done.run.summary
    assert summary is not None
    assert summary["charge_anodic_C"] == pytest.approx(done.cell.anodic_C, rel=2e-3)
    assert summary["charge_cathodic_C"] == pytest.approx(done.cell.cathodic_C, rel=2e-3)
    stop, true_C = done.run.stop, done.cell.anodic_C + done.cell.cathodic_C
    assert stop["charge_low_C"] * (1 - 2e-3) <= true_C <= stop["charge_high_C"] * (1 + 2e-3)
    assert not done.run.contents.of_kind("limit")
    energy = analyze_electrolysis(load_electrolysis(done.result.folder)).energy
    # 5 V all the time; what passed before the first reading is not in it.
    assert energy.value == pytest.approx(5.0 * true_C, rel=0.03)
    assert not any("less than the whole" in flag for flag in energy.flags)


def test_contacts_move_with_the_output_off_only_and_end_at_rest(tmp_path, monkeypatch) -> None:
    step = "  - alternating_polarity: {cell_voltage: 3 V, half_period: 5 s, current_limit: 500 mA, "
    done = Done(step + "until: 3.3 C}", bench_with(), tmp_path, monkeypatch, 30.0)
    assert done.run.outcome == "COMPLETED"
    assert len(done.moves) >= 8
    assert {move.under for move in done.moves} == {Control.OPEN_CIRCUIT}
    assert [m.closed for m in done.moves if m.contact == "bridge1"][-1] is False
    off_s = [e.time_s for e in done.cell.edges if e.control is Control.OPEN_CIRCUIT]
    on_s = [e.time_s for e in done.cell.edges if e.control is not Control.OPEN_CIRCUIT]
    t0 = next(m.time_s for m in done.moves)  # the cell counts from when its source was first asked
    assert all(on - off >= 1.9 for off, on in zip(off_s[1:], on_s[1:], strict=False))
    assert t0 > 0.0


def test_a_constant_current_can_be_reversed_behind_it(tmp_path, monkeypatch) -> None:
    steps = (
        "  - constant_current: {current: 200 mA, cell_voltage_limit: 12 V, until: 5 s}\n"
        "  - constant_current: {current: 0.2 A, reverse: true, until: 5 s, cell_voltage_limit: 9 V}"
    )
    done = Done(steps, bench_with(), tmp_path, monkeypatch, 25.0)
    assert done.run.outcome == "COMPLETED"
    assert done.cell.anodic_C == pytest.approx(1.0, rel=0.02)
    assert done.cell.cathodic_C == pytest.approx(1.0, rel=0.02)
    series = done.run.time_series()
    assert np.sign(series.current_A[[0, -1]]).tolist() == [1, -1]
    assert np.sign(series.cell_voltage_V[-1]) == -1
    assert done.moves[-1].closed is False


def test_a_limit_trips_in_the_reversed_half_too(tmp_path, monkeypatch) -> None:
    step = "  - alternating_polarity: {current: 200 mA, start: reverse, half_period: 5 s, "
    done = Done(
        step + "cell_voltage_limit: 3 V, until: 1 h}", bench_with(), tmp_path, monkeypatch, 25.0
    )
    assert done.run.outcome == "TRIPPED"
    assert done.edges[-1][1] == 0.0
    assert done.cell.cathodic_C > 0.0 == done.cell.anodic_C


def test_a_pause_keeps_the_phase(tmp_path, monkeypatch) -> None:
    until = "until: [{time: 8 s, then: pause}, {time: 12 s}]"
    step = f"  - alternating_polarity: {{current: 200 mA, half_period: 6 s, {until}, "
    step += "cell_voltage_limit: 12 V}"
    done = Done(step, bench_with(), tmp_path, monkeypatch, 25.0)
    # 0-4 forth, 6-8 back, pause, 8-10 back.
    assert done.run.stop["charge_net_C"] == pytest.approx(0.0, abs=0.03)
    assert done.cell.anodic_C - done.cell.cathodic_C == pytest.approx(0.0, abs=0.03)
    assert {move.under for move in done.moves} == {Control.OPEN_CIRCUIT}


def test_contacts_that_stand_apart_end_the_run_with_the_output_off(tmp_path, monkeypatch) -> None:
    step = (
        "  - alternating_polarity: {current: 200 mA, half_period: 6 s, cell_voltage_limit: 12 V, "
    )
    moved = emulated_bench.Surroundings.switch

    def stuck(self: Any, contact: str, closed: bool) -> None:
        if contact != "bridge2":
            moved(self, contact, closed)

    monkeypatch.setattr(emulated_bench.Surroundings, "switch", stuck)
    done = Done(step + "until: 40 s}", bench_with(), tmp_path, monkeypatch, 25.0)
    assert done.run.outcome == "FAILED"
    assert "stand apart" in done.run.stop["stop_reason"]
    assert done.edges[-1][1] == 0.0
    assert done.cell.anodic_C == pytest.approx(0.8, rel=0.02)  # one half-period, then no more


def test_a_board_that_says_nothing_is_told_of_in_no_reading(tmp_path, monkeypatch) -> None:
    step = (
        "  - alternating_polarity: {current: 200 mA, half_period: 6 s, cell_voltage_limit: 12 V, "
    )
    bench = bench_with(options="answers: false")
    done = Done(step + "until: 12 s}", bench, tmp_path, monkeypatch, 25.0)
    assert done.run.outcome == "COMPLETED"
    assert done.cell.cathodic_C == pytest.approx(0.8, rel=0.02)


def test_the_plan_counts_the_dead_time() -> None:
    step = (
        "  - alternating_polarity: {current: 200 mA, half_period: 10 s, cell_voltage_limit: 12 V, "
    )
    plan = planned(step + "until: 16 C}", load_bench("simulated-korad-bridge"))
    assert plan.steps[0].expected_duration_s == pytest.approx(100.0)
    assert "open for 2 s of each (bridge)" in plan.steps[0].label


@pytest.mark.parametrize(
    ("step", "code", "told"),
    [
        (f"alternating_polarity: {{current: 1 A, half_period: 3 s, {ENDS}}}", "E409", "after 2 s"),
        (f"pulsed: {{{PULSES}, {ENDS}}}", "E408", "bears no such gap"),
        (f"ramp: {{{RAMP}, cell_voltage_limit: 9 V}}", "E408", "alternating_polarity"),
    ],
)  # fmt: skip
def test_what_it_cannot_do_is_refused(step: str, code: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        planned(f"  - {step}", load_bench("simulated-korad-bridge"))
    found = [one for one in refused.value.diagnostics if one.code == code]
    assert told in " ".join(f"{one.message} {one.help}" for one in found)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"dead": "0.5 s"}, "write at least"),
        ({"driver": "keithley-2450"}, "reverses its polarity by itself"),
        ({"more": OTHER}, "both reverse"),
        ({"more": SHARED}, "port of its own"),
    ],
)  # fmt: skip
def test_a_bridge_that_cannot_be_used_is_refused(how: dict[str, str], told: str) -> None:
    with pytest.raises(InputError) as refused:
        bench_with(**how)
    (one,) = refused.value.diagnostics
    assert one.code == "E438"
    assert told in f"{one.message} {one.help}"


def test_a_role_and_its_dead_time_belong_together() -> None:
    with pytest.raises(InputError, match="dead_time"):
        bench_of_text(bench_with().text.replace("    dead_time: 2 s\n", ""))
    with pytest.raises(InputError, match="only a bridge"):
        bench_of_text(bench_with().text.replace("    role: polarity_bridge\n", ""))


@pytest.mark.parametrize("rhythm", ["frequency: 0.5 Hz", "half_period: 2 s, duty: 70 %"])
def test_what_a_refusal_tells_to_type_is_taken(rhythm: str) -> None:
    step = f"  - alternating_polarity: {{current: 200 mA, {rhythm}, {ENDS}}}"
    with pytest.raises(InputError) as refused:
        planned(step, load_bench("simulated-korad-bridge"))
    words = next(one.help for one in refused.value.diagnostics if one.code == "E409").split("`")
    key = words[1].split(":")[0]
    again = re.sub(rf"{key}: [\d.]+ \w+", words[1], step)
    assert planned(again, load_bench("simulated-korad-bridge")).steps
    benches = [word.removeprefix("--bench ") for word in words if word.startswith("--bench")]
    assert "simulated" in benches
    for name in benches:
        assert planned(step, load_bench(name)).steps, name
