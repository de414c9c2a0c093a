"""`set`, `dose` and `sample` through devices, on the simulated bench: told, reported, at rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.protocols.device_steps import DosePlan, SetPlan, TriggerPlan
from faradaic.protocols.plan import AskPlan
from faradaic.runner.engine import Engine
from faradaic.runner.forecast import with_forecast
from faradaic.runner.host import InlineHost
from faradaic.runner.requests import Request
from faradaic.runner.states import RunState
from faradaic.runner.world import World
from faradaic.simulators.ideal_bench import IdealBench
from runner.conftest import MemoryJournal, plan_of

BENCH = "simulated-with-devices"
SCCM = 7.435838900911719e-07


class Run:
    """One run on the bench with one device of each kind."""

    def __init__(self, steps: str, *, head: str = "", faults: tuple[str, ...] = ()) -> None:
        self.plan, self.bench = plan_of(f"{head}steps:\n{steps}", BENCH)
        self.host = InlineHost(
            self.bench, cell=self.plan.cell, seed=1, speed=None, plan=self.plan, faults=faults
        )
        self.world = World(self.host)
        self.journal = MemoryJournal()
        engine = Engine(self.plan, self.bench.sha256, self.world)
        engine.preflight()
        self.result = engine.run(self.journal, {"title": "devices", "simulated": True})

    @property
    def around(self) -> Any:
        return self.host._scheme.surroundings  # type: ignore[attr-defined]

    @property
    def cell(self) -> Any:
        return self.host._scheme.cell  # type: ignore[attr-defined]

    def column(self, name: str) -> np.ndarray:
        (columns,) = self.journal.of("columns")
        at = [one["name"] for one in columns["columns"]].index(name)
        return np.array([row[at] for row in self.journal.samples], float)

    def told(self, what: str) -> list[dict[str, Any]]:
        return [event for event in self.journal.of("device") if event["what"] == what]


def test_a_temperature_is_waited_for_and_everything_is_put_to_rest():
    run = Run(
        "  - set: {stirring: 700 rpm, temperature: 40 degC, tolerance: 0.5 K, within: 20 min}\n"
        "  - constant_current: {current: 1 mA, cell_voltage_limit: 5 V, until: 10 s}\n"
    )
    assert run.result.outcome is RunState.COMPLETED
    step = run.column("step")
    temperature_K = run.column("temperature_hotplate_K")
    assert temperature_K[step == 1][0] == pytest.approx(313.15, abs=0.6)
    assert temperature_K[0] < 300.0  # the way there is in the table
    assert np.isnan(run.column("current_A")[step == 0]).all()
    assert run.column("stirring_rpm")[-1] == pytest.approx(700.0, rel=0.01)
    assert run.column("temperature_probe_K")[-1] == pytest.approx(313.15, abs=0.6)
    rests = {event["device"]: event["at_rest"] for event in run.told("rest")}
    assert rests == dict.fromkeys(run.bench.devices, True)
    run.around.advance(run.host.clock.monotonic_s() + 10.0)
    assert run.around.stirring_rpm < 1.0
    assert run.around._heated_to_K is None


def test_a_temperature_that_is_not_reached_trips_with_what_there_is():
    run = Run("  - set: {temperature: 90 degC, within: 1 min}\n")
    assert run.result.outcome is RunState.TRIPPED
    assert "after 60 s: not reached" in run.result.stop_reason
    assert run.result.exit_code == 4
    assert all(event["at_rest"] for event in run.told("rest"))


def test_what_is_to_stay_on_stays_on_and_the_rest_does_not():
    run = Run(
        "  - set: {stirring: 700 rpm, gas: {species: N2, flow: 20 sccm}}\n"
        "  - constant_current: {current: 1 mA, cell_voltage_limit: 5 V, until: 5 s}\n",
        head="end_state: {gas: keep, stirring: off}\n",
    )
    assert run.result.outcome is RunState.COMPLETED
    run.around.advance(run.host.clock.monotonic_s() + 10.0)
    assert run.around.gas_mol_per_s == pytest.approx(20 * SCCM, rel=0.01)
    assert run.around.stirring_rpm < 1.0


def test_a_dose_reaches_the_cell_and_the_table():
    steps = (
        "  - dose: {component: substrate, volume: 0.5 mL, rate: 2 mL/min,"
        " concentration: 0.1 mol/L}\n  - open_circuit: {duration: 10 s}\n"
    )
    run = Run(steps)
    assert isinstance(run.plan.steps[0], DosePlan)
    assert run.result.outcome is RunState.COMPLETED
    assert run.column("pump_flow_m3_per_s").max() == pytest.approx(2e-6 / 60, rel=1e-3)
    (dosed,) = run.told("dosed")
    assert dosed["volume_m3"] == pytest.approx(0.5e-6, rel=5e-3)
    assert not run.result.diagnostics
    added_mol = run.host._scheme._surrounded.added["substrate"]  # type: ignore[attr-defined]
    assert added_mol == pytest.approx(0.05e-3, rel=5e-3)


def test_a_dose_that_the_pump_does_not_deliver_trips():
    run = Run(
        "  - dose: {component: substrate, volume: 0.5 mL, rate: 0.5 mL/min}\n",
        faults=("pump_stall:start=10 s",),
    )
    assert run.result.outcome is RunState.TRIPPED
    assert "not delivered" in run.result.stop_reason
    assert "stalled" in run.result.stop_reason


def test_a_sample_closes_a_contact_for_a_moment():
    run = Run(
        "  - constant_current: {current: 1 mA, cell_voltage_limit: 5 V, until: 5 s}\n"
        "  - sample: {method: GC, trigger: gc, hold: 2 s}\n"
    )
    assert isinstance(run.plan.steps[1], TriggerPlan)
    assert run.around.closures == {"1": 1}
    assert run.around.closed == {"1": False}
    assert len(run.told("triggered")) == 1


def test_a_stop_in_the_middle_opens_the_contact_and_rests_the_devices():
    plan, bench = plan_of("steps:\n  - sample: {trigger: gc, hold: 1 h}\n", BENCH)
    host = InlineHost(bench, cell=plan.cell, seed=1, speed=None, plan=plan)
    world, journal = World(host), MemoryJournal()
    write = journal.write

    def stop(kind: str, time_s: float, fields: Any, *, durable: bool = False) -> int:
        if fields.get("what") == "triggered":
            world.controls.ask(Request.STOP, "enough")
        return write(kind, time_s, fields, durable=durable)

    journal.write = stop  # type: ignore[method-assign]
    engine = Engine(plan, bench.sha256, world)
    engine.preflight()
    result = engine.run(journal, {"title": "devices", "simulated": True})
    assert result.outcome is RunState.STOPPED
    assert host._scheme.surroundings.closed == {"1": False}  # type: ignore[attr-defined]


def test_a_refused_setting_fails_the_run_with_its_reason():
    plan, bench = plan_of("steps:\n  - set: {gas: {species: N2, flow: 90 sccm}}\n", BENCH)
    host = InlineHost(bench, cell=plan.cell, seed=1, speed=None, plan=plan)
    engine = Engine(plan, bench.sha256, World(host))
    engine.preflight()
    inside = host._scheme.emulator("alicat-mc?full_scale=100&gas=N2")  # type: ignore[attr-defined]
    inside._full = 50.0  # it is another one than the bench file says
    result = engine.run(MemoryJournal(), {"title": "devices", "simulated": True})
    assert result.outcome is RunState.FAILED
    assert "reads back as 50" in result.stop_reason
    assert result.exit_code == 3


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("set: {stirring: 3000 rpm}", "takes 50 rpm to 1500 rpm"),
        ("set: {gas: {species: N2, flow: 200 sccm}}", "to 100 sccm"),
        ("set: {temperature: 400 degC}", "to 310 degC"),
        ("dose: {component: substrate, volume: 1 mL, rate: 100 mL/min}", "not 100 mL/min"),
        ("dose: {component: substrate, volume: 1 mL}", "how fast pump delivers"),
        ("set: {stirring: 500 rpm, device: hotplat}", "is called `hotplat`"),
        ("sample: {trigger: fraction}", "is called `fraction`"),
    ],
)
def test_what_a_device_cannot_do_is_refused_where_it_is_written(step, why):
    with pytest.raises(InputError, match=why) as caught:
        plan_of(f"steps:\n  - {step}\n", BENCH)
    assert caught.value.diagnostics[0].location is not None


def test_without_a_device_the_operator_is_asked_as_before():
    plan, _ = plan_of(
        "steps:\n  - set: {stirring: 600 rpm}\n  - sample: {trigger: gc}\n"
        "  - dose: {component: substrate, volume: 1 mL}\n"
    )
    assert all(isinstance(step, AskPlan) for step in plan.steps)


def test_one_step_may_be_done_by_a_device_and_by_a_person():
    plan, _ = plan_of(
        "steps:\n  - set: {stirring: 600 rpm, gas: {species: Ar, flow: 20 sccm}}\n", BENCH
    )
    (step,) = plan.steps
    assert isinstance(step, SetPlan)
    assert step.question == "Set Ar to 20.0 sccm"
    assert [one.device for one in step.settings] == ["hotplate"]


def test_stirring_is_felt_by_the_cell_as_the_fault_that_stops_it_is():
    """k goes with the root of the speed (Levich's law of a laminar boundary layer)."""

    def factor(rpm: int, *faults: str) -> float:
        told = f"stirring: {rpm} rpm" if rpm else "stirring: 0 rpm"
        run = Run(
            f"  - set: {{{told}}}\n  - open_circuit: {{duration: 30 s}}\n",
            head="environment: {stirring: 400 rpm}\n",
            faults=faults,
        )
        return float(run.cell.disturbance("mass_transfer_factor"))

    assert factor(400) == pytest.approx(1.0, abs=0.01)
    assert factor(1600 // 4 * 3) == pytest.approx(3.0**0.5, rel=0.02)
    assert factor(0) == pytest.approx(0.1)
    assert factor(400, "stir_stop:start=20 s,factor=20 %") == pytest.approx(0.2, rel=0.02)
    assert factor(400, "stirrer_stall:start=20 s") == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("fault", "column", "far"),
    [
        ("stirrer_stall", "stirring_rpm", lambda values: values[-1] < 1.0),
        ("gas_out", "gas_flow_mol_per_s", lambda values: values[-1] < SCCM),
        ("heater_stuck", "temperature_probe_K", lambda values: values[-1] > values[0] + 5.0),
        ("devices_mute", "stirring_rpm", lambda values: np.isnan(values[-1])),
    ],
)
def test_a_fault_of_a_device_shows_in_its_column(fault, column, far):
    run = Run(
        "  - set: {stirring: 600 rpm, gas: {species: N2, flow: 20 sccm}}\n"
        "  - constant_current: {current: 1 mA, cell_voltage_limit: 5 V, until: 40 s}\n",
        faults=(f"{fault}:start=20 s",),
    )
    assert run.result.outcome is RunState.COMPLETED  # nothing is demanded of them
    assert far(run.column(column))


def test_what_the_cell_cannot_feel_is_said():
    run = Run("  - set: {gas: {species: N2, flow: 20 sccm}}\n  - open_circuit: {duration: 5 s}\n")
    (told,) = [d for d in run.result.diagnostics if d.code == "E572"]
    assert "does not feel the gas flow: this cell has no gas channel" in told.message


def test_equal_seeds_give_equal_journals_with_devices_too():
    steps = (
        "  - set: {stirring: 600 rpm}\n"
        "  - constant_current: {current: 1 mA, cell_voltage_limit: 5 V, until: 20 s}\n"
    )
    first, second = Run(steps), Run(steps)
    assert first.journal.samples == second.journal.samples


def test_a_forecast_walks_over_devices():
    plan, _ = plan_of(
        "steps:\n  - set: {stirring: 600 rpm}\n"
        "  - constant_cell_voltage: {cell_voltage: 3 V, current_limit: 100 mA, until: 1 min}\n",
        BENCH,
    )
    assert with_forecast(plan, IdealBench).forecast is not None
