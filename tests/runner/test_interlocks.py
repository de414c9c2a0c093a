"""No current without what has to be so: every kind of interlock on every device, many times.

The simulated devices are disturbed at a drawn time while current flows; what the emulators of the
source and the device did is the truth. A run has to trip within two readings (of the
slower of device and source) and 50 ms, with the output off and read back, and stays tripped.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from faradaic.diagnostics import DeviceError, InputError
from faradaic.runner.bench_file import load_bench
from faradaic.runner.engine import Engine
from faradaic.runner.host import InlineHost
from faradaic.runner.states import RunState
from faradaic.runner.world import World
from runner.conftest import MemoryJournal, plan_of

BENCH = """\
faradaic_bench: 1
name: guarded
source: {{driver: {source}, address: "emulated://{source}"}}
devices:
  {device}
interlocks:
  - {interlock}
"""

DEVICES = {
    "hotplate": '{driver: ika-rct, address: "emulated://ika-rct"}',
    "probe": '{driver: icpdas-7018, address: "emulated://icpdas-7018"}',
    "gas": '{driver: alicat-mc, address: "emulated://alicat-mc", options: {full_scale: 100 sccm}}',
    "pump": '{driver: new-era, address: "emulated://new-era", options: {diameter: 14.43 mm}}',
    "contact": '{driver: lcus-relay, address: "emulated://lcus-relay", options: {answers: true}}',
    "acidity": '{driver: atlas-ph, address: "emulated://atlas-ph"}',
}
SETS = {
    "hotplate": "stirring: 600 rpm",
    "gas": "gas: {species: N2, flow: 20 sccm}",
    "pump": "pump: {flow: 1 mL/min}",
}
READS_S = {"acidity": 0.9, "contact": 0.2}
"""How long a device takes to answer, where it is long: that comes on top."""


@dataclass(frozen=True)
class Case:
    device: str
    interlock: str
    trouble: str
    """What goes wrong around the cell, and where that is a threshold, how."""


CASES = (
    Case("hotplate", '{stirring: ">= 200 rpm"}', "stirrer_stall"),
    Case("hotplate", '{stirring: "<= 700 rpm"}', "stir 1200"),
    Case("hotplate", '{temperature: "<= 60 degC"}', "warm 80"),
    Case("hotplate", '{temperature: ">= 10 degC"}', "warm 0"),
    Case("probe", '{temperature: "<= 60 degC"}', "warm 80"),
    Case("probe", '{temperature: ">= 10 degC"}', "warm 0"),
    Case("gas", '{gas: ">= 5 sccm"}', "gas_out"),
    Case("gas", '{gas: "<= 30 sccm"}', "feed 60"),
    Case("pump", '{pump: ">= 0.5 mL/min"}', "pump_stall"),
    Case("contact", "{relay: open}", "close"),
    Case("acidity", '{pH: ">= 3"}', "pH 2"),
    Case("acidity", '{pH: "<= 9"}', "pH 11"),
    *(Case(name, f"{{device: {name}, silent: 3 s}}", "devices_mute") for name in DEVICES),
)


class Guarded:
    """One run on a bench with one device and one interlock, disturbed at a time."""

    def __init__(self, tmp_path: Any, case: Case, source: str, interval_s: float) -> None:
        path = tmp_path / "bench.yaml"
        device = f"{case.device}: {DEVICES[case.device]}"
        path.write_text(BENCH.format(source=source, device=device, interlock=case.interlock))
        told = SETS.get(case.device)
        steps = f"steps:\n  - set: {{{told}}}\n" if told else "steps:\n"
        steps += (
            "  - constant_current: {current: 1 mA, cell_voltage_limit: 5 V, until: 40 s,"
            f" interval: {interval_s:g} s}}\n"
        )
        self.plan, self.bench = plan_of(steps, str(path))
        self.case = case
        self.true_s = float("inf")

    def run(self, seed: int, at_s: float) -> tuple[Any, MemoryJournal, float]:
        """The result, the journal, and when its output was off."""
        host = InlineHost(self.bench, cell={}, seed=seed, speed=None, plan=self.plan)
        around = host._scheme.surroundings  # type: ignore[attr-defined]
        self.true_s = float("inf")
        what, _, value = self.case.trouble.partition(" ")

        def fault_is_on(fault: str, now_s: float) -> bool:
            if now_s < self.on_s + at_s:
                return False
            if self.true_s == float("inf"):
                self.true_s = self.on_s + at_s
            match what:
                case "stir":
                    around.stirring_rpm = float(value)
                case "warm":
                    around.temperature_K = 273.15 + float(value)
                case "feed":
                    around.gas_mol_per_s = 7.436e-7 * float(value)
                case "close":
                    around.switch("1", closed=True)
                case "pH":
                    around._pH = float(value)
            return fault == what

        self.on_s = float("inf")
        around.fault_is_on = fault_is_on
        journal = MemoryJournal()
        write = journal.write

        def written(kind: str, time_s: float, fields: Any, *, durable: bool = False) -> int:
            if fields.get("what") == "output_on_intent":
                self.on_s = host.clock.monotonic_s()
            return write(kind, time_s, fields, durable=durable)

        journal.write = written  # type: ignore[method-assign]
        engine = Engine(self.plan, self.bench.sha256, World(host))
        engine.preflight()
        begun_s = host.clock.monotonic_s()
        result = engine.run(journal, {"title": "guarded", "simulated": True})
        off_s = next(
            time_s
            for kind, time_s, fields in reversed(journal.events)
            if kind == "mark" and fields["what"] == "output_off" and fields["on"] is False
        )
        return result, journal, begun_s + off_s


def slope_s(case: Case) -> float:
    """How long what is reported takes to cross its bound after the trouble."""
    match case.trouble:
        case "stirrer_stall":
            return 0.5 * 1.0986  # ln(600/200)
        case "gas_out":
            return 0.3 * 1.3863  # ln(20/5)
        case "devices_mute":
            return 3.0
    return 0.0


def tried(tmp_path: Any, case: Case, count: int, seed: int) -> None:
    chance = random.Random(seed)
    guarded = {
        interval_s: Guarded(
            tmp_path, case, chance.choice(("keithley-2450", "emstat4-hr")), interval_s
        )
        for interval_s in (0.1, 1.0, 10.0)
    }
    for number in range(count):
        interval_s, one = chance.choice(list(guarded.items()))
        at_s = chance.uniform(4.0, 15.0)
        result, journal, off_s = one.run(seed + number, at_s)
        told = f"{case}, {interval_s:g} s, at {at_s:.3f} s: {result.stop_reason}"
        assert result.outcome is RunState.TRIPPED, told
        assert result.exit_code == 4, told
        assert result.output.on is False, told
        assert result.stop_reason.startswith(f"interlock {case.device}"), told
        assert "guarded" in result.stop_reason, told
        assert len(journal.of("limit")) == 1, told
        states = [event["to"] for event in journal.of("state")]
        assert states[-2:] == ["FINISHING", "TRIPPED"], told
        (stated,) = one.plan.interlocks  # as `plan` says it
        stated_s = stated.trips_within_s(min(interval_s, 1.0)) + READS_S.get(case.device, 0.0)
        late_s = off_s - (one.true_s + slope_s(case))
        assert late_s <= stated_s, f"{told}: {late_s:.3f} s"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.device}-{case.trouble}")
def test_an_interlock_trips_in_time_and_latched(tmp_path, case):
    tried(tmp_path, case, count=6, seed=1)


@pytest.mark.long
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.device}-{case.trouble}")
def test_an_interlock_trips_a_hundred_times_of_a_hundred(tmp_path, case):
    tried(tmp_path, case, count=100, seed=1000)


def test_nothing_is_switched_on_where_an_interlock_does_not_hold(tmp_path):
    case = Case("hotplate", '{stirring: ">= 200 rpm"}', "none")
    one = Guarded(tmp_path, case, "keithley-2450", 1.0)
    one.plan = one.plan.model_copy(update={"steps": one.plan.steps[1:]})  # nobody stirs
    result, journal, _ = one.run(1, 5.0)
    assert result.outcome is RunState.TRIPPED
    assert "0 rpm" in result.stop_reason
    assert result.charge_high_C == 0.0
    assert "output_on_intent" not in [event["what"] for event in journal.of("mark")]


def test_a_device_that_never_answers_ends_the_run_before_it_begins(tmp_path):
    one = Guarded(tmp_path, CASES[0], "keithley-2450", 1.0)
    host = InlineHost(one.bench, cell={}, seed=1, speed=None, plan=one.plan)
    host._scheme.surroundings.fault_is_on = lambda fault, now_s: fault == "devices_mute"  # type: ignore[attr-defined]
    engine = Engine(one.plan, one.bench.sha256, World(host))
    with pytest.raises(DeviceError, match="`hotplate` does not answer") as caught:
        engine.preflight()
    assert caught.value.diagnostics[0].code == "E527"


@pytest.mark.parametrize(
    ("device", "options", "interlock", "why"),
    [
        ("contact", "{}", "{relay: closed}", "cannot report its relay"),
        ("contact", "{}", "{device: contact, silent: 3 s}", "cannot report anything"),
        ("hotplate", "{}", '{pH: ">= 3"}', "nothing on this bench reports the pH"),
        ("hotplate", "{}", '{device: hotplat, pH: ">= 3"}', "is called `hotplat`"),
        ("probe", "{}", '{device: probe, stirring: ">= 3 rpm"}', "cannot report any stirring"),
        ("hotplate", "{}", '{stirring: ">= 5000 rpm"}', "up to 1500 rpm"),
        ("hotplate", "{}", "{device: hotplate, silent: 0.1 s}", "is read every 0.5 s"),
    ],
)
def test_an_interlock_that_cannot_trip_is_refused_where_it_is_written(
    tmp_path, device, options, interlock, why
):
    path = tmp_path / "bench.yaml"
    driver = {"contact": "lcus-relay", "hotplate": "ika-rct", "probe": "icpdas-7018"}[device]
    entry = f'{device}: {{driver: {driver}, address: "emulated://{driver}", options: {options}}}'
    path.write_text(BENCH.format(source="keithley-2450", device=entry, interlock=interlock))
    with pytest.raises(InputError, match=why) as caught:
        load_bench(str(path))
    (told,) = caught.value.diagnostics
    assert told.code == "E431"
    assert told.location is not None
    assert told.location.line == 7
