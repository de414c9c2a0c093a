"""How often the right cause is told first: rehearsals with drawn faults, and healthy ones.

    uv run python benchmarks/diagnoses.py              # the half that set no threshold
    uv run python benchmarks/diagnoses.py --half set   # the half that did
    uv run python benchmarks/diagnoses.py --seeds 20 --healthy 200

Onset and size of each fault are drawn from its seed; so are noise, bubbles and drift of the healthy
ones. Even seeds and every second chemistry set the thresholds. Also: microseconds per reading.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from faradaic.diagnoses.diagnosis import Diagnosis
from faradaic.diagnoses.expected import Expected
from faradaic.diagnoses.listener import Listener
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.protocols.plan import Plan, step_plan
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.bench_file import Bench, load_bench
from faradaic.runner.engine import Engine
from faradaic.runner.expected_of_step import expected_of
from faradaic.runner.forecast import needs_forecast, with_forecast
from faradaic.runner.host import InlineHost
from faradaic.runner.world import World
from faradaic.simulators.ideal_bench import IdealBench

HERE = Path(__file__).parent / "diagnoses_cells"
SET = ("troubleshooting", "library:styrene-dicarboxylation-magnesium", "sulfide-held-voltage")
KEPT = (
    "library:sulfonyl-benzothiophene",
    "library:arene-pyridination-h-cell",
    "library:manganese-diazidation",
    "library:alkene-isomerisation-zinc",
    "thioether-held-voltage",
)
WITHIN = 0.2
"""F/mol after the onset within which the cause has to be told."""

FAULTS = {
    "film": "film",
    "activation": "skin",
    "contact": "contact",
    "short": "short",
    "fibre": "fibre",
    "dendrite": "dendrite",
    "open_lead": "open_lead",
    "loose_lead": "loose_lead",
    "swapped_leads": "swapped",
    "stir_stop": "stirrer",
    "electrolyte": "salt",
    "precipitation": "precipitation",
    "evaporation": "evaporation",
    "leak": "leak",
    "bubbles": "bubbles",
    "area": "area",
    "anode_exhausted": "anode",
    "overheat": "overheating",
    "substrate": "substrate",
    "stuck": "frozen",
    "noise": "noise",
}
"""Each fault, and the cause that is right."""


def drawn(fault: str, seed: int, volume_mL: float) -> tuple[str, float]:
    """A fault with drawn onset and size, and its onset in F/mol."""
    chance = random.Random(f"{fault} {seed}")
    start = round(chance.uniform(0.15, 0.6), 3)
    at = f"start={start}F/mol"
    match fault:
        case "film":
            return f"film:{at},rate={chance.uniform(0.8, 5):.2f}V/F", start
        case "activation":
            return f"activation:resistance={chance.uniform(150, 400):.0f} Ohm", 0.0
        case "contact":
            return f"contact:{at},resistance={chance.uniform(20, 100):.0f} Ohm", start
        case "electrolyte":
            return f"electrolyte:factor={chance.uniform(2, 12):.1f}%", 0.0
        case "precipitation":
            return f"precipitation:{at},time={chance.uniform(5, 20):.0f} min", start
        case "evaporation" | "leak":
            return f"{fault}:{at},rate={volume_mL * chance.uniform(1.0, 3.0):.1f} mL/h", start
        case "anode_exhausted":
            return f"{fault}:{at},charge={chance.uniform(0.05, 0.18):.2f}F/mol", start
        case "overheat":
            return f"overheat:{at},power={volume_mL * chance.uniform(0.2, 0.6):.2f} W", start
        case "area":
            return f"area:{at},factor={chance.uniform(15, 40):.0f}%", start
        case "substrate":
            return f"substrate:factor={chance.uniform(25, 40):.0f}%", 0.0
        case "swapped_leads":
            return fault, 0.0
        case "dendrite":
            return f"dendrite:{at}", start
    return f"{fault}:{at}", start


def healthy(seed: int) -> list[str]:
    """The imperfections of a cell that is well: noise, a few bubbles, a lid that is not tight."""
    chance = random.Random(f"healthy {seed}")
    found = [f"noise:factor={chance.uniform(1.5, 10):.1f}"]
    if seed % 3:
        cover, period = chance.uniform(3, 20), chance.uniform(2, 10)
        found.append(f"bubbles:coverage={cover:.0f}%,period={period:.1f}s")
    if seed % 4 == 0:
        found.append(f"evaporation:rate={chance.uniform(0.005, 0.05):.3f} mL/h")
    return found


class _Tap:
    """A host whose readings are kept as they pass."""

    def __init__(self, host: InlineHost) -> None:
        self._host = host
        self.rows: list[tuple[str, float, float | None, float | None]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._host, name)

    def run(self, segment: Any) -> Any:
        stream = self._host.run(segment)
        try:
            while True:
                try:
                    one = next(stream)
                except StopIteration as end:
                    return end.value
                self.rows.append((segment.mode, one.time_s, one.current_A, one.cell_voltage_V))
                yield one
        finally:
            stream.close()


class _Nowhere:
    def write(self, *_: object, **__: object) -> int:
        return 0

    def sample(self, *_: object) -> int:
        return 0


_plans: dict[str, tuple[Plan, Bench]] = {}
PROBE_F_PER_MOL = 0.1


def probed(plan: Plan) -> Plan:
    """With its constant currents interrupted for 0.1 s every 0.1 F/mol, as `probe: 0.1 F/mol`."""
    amount_mol = plan.limiting_amount_mol
    kind = step_plan("current_interrupt")

    def one(step: Any) -> Any:
        if step.kind != "constant_current" or not amount_mol:
            return step
        every_s = PROBE_F_PER_MOL * amount_mol * FARADAY_C_PER_MOL / abs(step.held_current_A)
        told = {k: v for k, v in step.model_dump().items() if k != "kind"}
        return kind.model_validate(told | {"width_s": 0.1, "every_s": every_s})

    return plan.model_copy(update={"steps": tuple(one(step) for step in plan.steps)})


def plan_of(name: str) -> tuple[Plan, Bench]:
    """A plan on the simulated bench, and the bench."""
    if name not in _plans:
        path = name if name.startswith("library:") else HERE / f"{name}.yaml"
        bench = load_bench("simulated")
        plan = compile_protocol(load_protocol(path), bench)
        if needs_forecast(plan):
            plan = with_forecast(plan, IdealBench)
        _plans[name] = plan, bench
    return _plans[name]


def rehearsed(
    name: str, faults: list[str], seed: int
) -> tuple[list[Diagnosis], Expected, list[tuple[float, float | None, float | None]]]:
    """What a rehearsal told, what was expected, and time, current and voltage."""
    plan, bench = plan_of(name)
    host = InlineHost(
        bench,
        cell=plan.cell,
        seed=seed,
        speed=None,
        faults=faults,
        limiting_amount_mol=plan.limiting_amount_mol,
        patience_s=plan.interruption_s,
        plan=plan,
    )
    tap = _Tap(host)
    engine = Engine(plan, bench.sha256, World(tap, seed=seed))
    engine.preflight()
    engine.run(_Nowhere(), {"simulated": True, "faults": list(faults)})
    told = engine._verdict.diagnosing.told
    step = next(s for s in plan.steps if s.passes_current and not s.about_rest)
    on = [row[1:] for row in tap.rows if row[0] != "open_circuit"]
    return told, expected_of(plan, step), on


def seconds_of(expected: Expected, rows: list[tuple[float, float | None, float | None]]) -> float:
    """What the detectors take for the readings of a run."""
    listener, charge_C, last_s = Listener(expected), 0.0, rows[0][0]
    began = time.thread_time()
    for time_s, current_A, voltage_V in rows:
        charge_C += abs(current_A or 0.0) * (time_s - last_s)
        last_s = time_s
        listener.take(time_s, current_A, voltage_V, charge_C)
    return time.thread_time() - began


def first_cause(told: list[Diagnosis], unit_C: float, start: float) -> tuple[str, str, float]:
    """The causes that stood first and second when the time was over, and how late they came."""
    due_C = (start + WITHIN) * unit_C
    seen = [d for d in told if not (d.note and d.cause in ("depletion", "noise"))]
    after = [d for d in seen if d.charge_C >= start * unit_C - 1e-9]
    within = [d for d in after if d.charge_C <= due_C]
    if not within:
        if any(d.cause == "noise" for d in told):
            return "noise", "", 0.0
        return ("late: " + after[0].cause if after else "silent"), "", math.nan
    last = within[-1]
    second = last.causes[1].name if len(last.causes) > 1 else ""
    return last.cause, second, last.charge_C / unit_C - start


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--half", choices=("set", "kept"), default="kept")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--healthy", type=int, default=12)
    parser.add_argument("--faults", default="")
    parser.add_argument("--probe", action="store_true", help="with `probe: 0.1 F/mol`")
    parser.add_argument("--only", default="")
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    names = [n for n in (SET if told.half == "set" else KEPT) if told.only in n]
    odd = 0 if told.half == "set" else 1
    seeds = [2 * k + odd for k in range(told.seeds)]
    faults = told.faults.split(",") if told.faults else list(FAULTS)
    table: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    readings, seconds = 0, 0.0
    for name in names:
        plan, bench = plan_of(name)
        if told.probe:
            plan = probed(plan)
            _plans[name] = plan, bench
        volume_mL = 1e6 * float(getattr(plan.cell, "volume_m3", None) or 1e-5)
        for fault in faults:
            for seed in seeds:
                text, start = drawn(fault, seed, volume_mL)
                try:
                    found, expected, _ = rehearsed(name, [text], seed)
                except Exception as error:  # noqa: BLE001 - a fault that the cell cannot have
                    table[fault][name][f"refused: {str(error)[:50]}"] += 1
                    break
                cause, second, _ = first_cause(found, expected.amount_C or 1.0, start)
                if cause != FAULTS[fault] == second:
                    cause += ", then right"
                table[fault][name][cause] += 1
            said = dict(table[fault][name])
            print(f"{name:44} {fault:16} {said}", flush=True)
    print()
    print("| fault | right cause | " + " | ".join(n.removeprefix("library:") for n in names) + " |")
    print("|---|---|" + "---|" * len(names))
    for fault in faults:
        cells = []
        for name in names:
            count = table[fault][name]
            right = count[FAULTS[fault]]
            rest = [f"{k} {v}" for k, v in count.most_common() if k != FAULTS[fault]]
            cells.append(
                f"{right}/{sum(count.values())}" + (f" ({', '.join(rest)})" if rest else "")
            )
        print(f"| `{fault}` | {FAULTS[fault]} | " + " | ".join(cells) + " |")
    alarms: Counter[str] = Counter()
    hours = 0.0
    for k in range(told.healthy):
        name, seed = names[k % len(names)], 2 * k + odd
        found, expected, rows = rehearsed(name, healthy(seed), seed)
        hours += (rows[-1][0] - rows[0][0]) / 3600
        readings, seconds = readings + len(rows), seconds + seconds_of(expected, rows)
        for one in found:
            if not one.note and not (one.cause == "bubbles" and seed % 3):
                alarms[f"{one.id} {one.cause} {name}"] += 1
                print("  alarm", name, healthy(seed), one.sentence[:160])
    print(f"\nhealthy: {told.healthy} rehearsals, {hours:.0f} h, {sum(alarms.values())} alarms")
    if readings:
        print(f"{1e6 * seconds / readings:.1f} us per reading")
    if told.json:
        plain = {f: {n: dict(c) for n, c in row.items()} for f, row in table.items()}
        told.json.write_text(json.dumps(plain, indent=1))


if __name__ == "__main__":
    main()
