"""aurora-unicycler protocols (.json), which become files for BioLogic, Neware and PyBaMM there.

Source: aurora-unicycler 0.4, whose models read the file back in the tests. It knows rests, constant
currents and voltages, and loops; a current ends by time or voltage, a voltage by time or current.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faradaic.protocols.plan import Plan, Signal
from faradaic.runner.plan_files.portable_steps import (
    PortablePlan,
    PortableStep,
    cannot,
    header_lines,
    largest,
    portable,
)

SUFFIX = ".json"
NAME = "aurora-unicycler"


def write(plan: Plan, path: Path) -> tuple[list[Path], list[str]]:
    """Write the protocol; the paths written, and what is not in them. Raises `InputError`."""
    made = portable(plan, NAME)
    method, lost = _method(made), [*made.lost, *lost_of_cyclers(made)]
    voltage_V, current_A = (largest(plan, s) for s in (Signal.CELL_VOLTAGE_V, Signal.CURRENT_A))
    # Its models forbid keys that they do not know: notes are tags among the steps.
    content = {
        "unicycler": {"version": "0.4.0"},
        "sample": {"name": made.name, "capacity_mAh": None},
        "record": {"time_s": min(one.interval_s for one in made.steps)},
        "safety": {
            "max_voltage_V": voltage_V,
            "min_voltage_V": None if voltage_V is None else -voltage_V,
            "max_current_mA": None if current_A is None else current_A * 1e3,
            "min_current_mA": None if current_A is None else -current_A * 1e3,
        },
        "method": [
            *({"step": "tag", "tag": f"note {n}: {line}"} for n, line in _notes(made, lost)),
            *method,
        ],
    }
    with path.open("x", encoding="utf-8") as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
        file.write("\n")
    return [path], lost


def _notes(plan: PortablePlan, lost: list[str]) -> Iterator[tuple[int, str]]:
    yield from enumerate(header_lines(plan, lost), start=1)


def _method(plan: PortablePlan) -> list[dict[str, Any]]:
    method: list[dict[str, Any]] = []
    for step in plan.steps:
        if step.rounds > 1:
            begin = f"step {step.id}"
            method.append({"step": "tag", "tag": begin})
            method += [held(step, index) for index in range(len(step.levels))]
            method.append({"step": "loop", "loop_to": begin, "cycle_count": step.rounds})
        else:
            method += [held(step, index) for index in range(len(step.levels))]
    return method


def held(step: PortableStep, index: int) -> dict[str, Any]:
    """One level in the words of aurora-unicycler. Raises `InputError` (E423)."""
    level = step.levels[index]
    if level.regulates == "off":
        return {"step": "open_circuit_voltage", "until_time_s": level.duration_s}
    if level.regulates == "current":
        limit_V = step.voltage_limit_V
        signed_V = None if limit_V is None else (limit_V if level.value > 0 else -limit_V)
        return {
            "step": "constant_current",
            "current_mA": level.value * 1e3,
            "until_time_s": time_of(step, index),
            "until_voltage_V": signed_V,
        }
    if step.charge_C is not None:
        raise cannot(
            NAME,
            f"step {step.id} ends by a charge at a held voltage, which nothing counts there",
            "end it by `duration`, or export to `ec-lab`, which counts charge",
        )
    return {
        "step": "constant_voltage",
        "voltage_V": level.value,
        "until_time_s": level.duration_s,
    }


def time_of(step: PortableStep, index: int) -> float:
    """How long a level of a current is held: a charge is the time that it takes."""
    level = step.levels[index]
    if step.charge_C is None or not level.value:
        return level.duration_s
    return min(level.duration_s, step.charge_C / abs(level.value))


def lost_of_cyclers(plan: PortablePlan) -> Iterator[str]:
    """What programs for cyclers do not have: charge, a limited current, a reference of its own."""
    for step in plan.steps:
        if step.regulates == "current" and time_of(step, 0) < step.levels[0].duration_s:
            yield (
                f"step {step.id} ends by the time that its charge takes, not by the charge: a"
                " current that is not held passes less"
            )
        if step.current_limit_A is not None:
            yield f"step {step.id} is not limited to {step.current_limit_A * 1e3:.4g} mA by itself"
        if step.regulates == "potential":
            yield f"step {step.id} holds its potential against whatever the cycler calls Ref"
        if step.rounds > 1:
            yield f"step {step.id} is {step.rounds} whole periods, not a charge or a time"
