"""tomato payloads (.json, version 0.2, which newer ones update by themselves).

Source: dgbowl-schemas, whose models read the file back in the tests, and the words of its BioLogic
driver as aurora-unicycler writes them. The device is called MPG2 there.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from faradaic.protocols.plan import Plan
from faradaic.runner.plan_files.portable_steps import (
    PortableStep,
    cannot,
    header_lines,
    portable,
)
from faradaic.runner.plan_files.unicycler import lost_of_cyclers, time_of

SUFFIX = ".json"
NAME = "tomato"
DEVICE = "MPG2"


def write(plan: Plan, path: Path) -> tuple[list[Path], list[str]]:
    """Write the payload; the paths written, and what is not in them. Raises `InputError`."""
    made = portable(plan, NAME)
    lost = [*made.lost, *lost_of_cyclers(made)]
    lost.append(f"the device is called `{DEVICE}`: write the name that your pipeline has")
    if any(one.rounds > 1 for one in made.steps):
        lost.append("loops are those of tomato 0.2: newer versions have none")
    lost.append("limits of voltage and current are those of the technique, not of the run")
    method: list[dict[str, Any]] = []
    for step in made.steps:
        first = len(method)
        method += [_held(step, index) for index in range(len(step.levels))]
        if step.rounds > 1:
            loop = {"device": DEVICE, "technique": "loop", "goto": first}
            method.append({**loop, "n_gotos": step.rounds - 1})
    content = {
        "version": "0.2",
        "sample": {"name": made.name, "notes": header_lines(made, lost)},
        "method": method,
        "tomato": {"unlock_when_done": True},
    }
    with path.open("x", encoding="utf-8") as file:
        json.dump(content, file, indent=2, ensure_ascii=False)
        file.write("\n")
    return [path], lost


def _held(step: PortableStep, index: int) -> dict[str, Any]:
    level = step.levels[index]
    common = {"device": DEVICE, "record_every_dt": step.interval_s}
    if level.regulates == "off":
        return {**common, "technique": "open_circuit_voltage", "time": level.duration_s}
    if level.regulates == "current":
        told = {**common, "technique": "constant_current", "current": level.value}
        told["time"] = time_of(step, index)
        if (limit_V := step.voltage_limit_V) is not None:
            end = "limit_voltage_max" if level.value > 0 else "limit_voltage_min"
            told[end] = limit_V if level.value > 0 else -limit_V
        return told
    if step.charge_C is not None:
        raise cannot(
            NAME,
            f"step {step.id} ends by a charge at a held voltage, which nothing counts there",
            "end it by `duration`, or export to `ec-lab`, which counts charge",
        )
    return {
        **common,
        "technique": "constant_voltage",
        "voltage": level.value,
        "time": level.duration_s,
    }
