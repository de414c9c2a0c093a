"""MethodSCRIPT (.mscr), one file a step: what the driver would send, for PSTrace and others.

Each ends by itself, at its time, its charge and its cell voltage, which the instrument watches.
"""

from __future__ import annotations

import math
from pathlib import Path

from faradaic.diagnostics import FaradaicError
from faradaic.instruments.palmsens.device_models import DeviceModel, model, model_names
from faradaic.instruments.palmsens.scripts import script_for
from faradaic.protocols.plan import Plan, Signal, StepPlan
from faradaic.runner.plan_files.portable_steps import cannot
from faradaic.runner.translate import segment_for

SUFFIX = ".mscr"
ENDS = (Signal.TIME_S, Signal.CHARGE_C, Signal.NET_CHARGE_C)
NAME = "MethodSCRIPT"


def write(plan: Plan, path: Path, source_model: str = "") -> tuple[list[Path], list[str]]:
    """Write the scripts into a folder; the paths written, and what is not in them.

    `source_model` is that of the bench. Raises `InputError` (E423).
    """
    device = _device(source_model)
    scripts: list[tuple[str, str]] = []
    lost = ["nothing watches interlocks, and limits of the run but voltage, current and charge"]
    for step in plan.steps:
        if not step.is_reached:
            lost.append(f"step {step.id} (only should the repeat need it) is left out")
        elif step.passes_current or step.kind == "open_circuit":
            try:
                scripts.append((f"{step.id}_{step.kind}", _script(step, device)))
            except FaradaicError as error:
                told = error.diagnostics[0]
                why = f"step {step.id} ({step.label}): {told.message}"
                raise cannot(NAME, why, told.help) from error
            lost += _lost(step)
        else:
            lost.append(f"step {step.id} ({step.label}) is left out: do it by hand, in its place")
    path.mkdir()
    written = []
    for number, (name, text) in enumerate(scripts, start=1):
        file = path / f"{number:02d}_{name}{SUFFIX}"
        head = [f"# {plan.title}: {name}, for {device.name}, written by faradaic"]
        head += [f"# NOT IN THESE FILES: {one}" for one in lost]
        # Without the command `e` before it and the empty line behind, which load it.
        body = text.removeprefix("e\n").rstrip("\n")
        file.write_text("\n".join([*head, body]) + "\n", encoding="utf-8")
        written.append(file)
    return written, lost


def _script(step: StepPlan, device: DeviceModel) -> str:
    charges_C = _reached(step, Signal.CHARGE_C) + _reached(step, Signal.NET_CHARGE_C)
    if step.charge_cap_C is not None:
        charges_C.append(step.charge_cap_C)
    time_s = min([step.time_cap_s, *_reached(step, Signal.TIME_S)])
    left_C = min(charges_C, default=math.inf)
    return script_for(segment_for(step, time_s, left_C, step.interval_s, 0.0), device).text


def _reached(step: StepPlan, signal: Signal) -> list[float]:
    """Where conditions of a step end it, of a signal that is counted from its beginning."""
    return [
        one.at_least
        for one in step.until
        if one.signal is signal and one.at_least is not None and not one.since
    ]


def _lost(step: StepPlan) -> list[str]:
    return [
        f"step {step.id} does not end when {one.text}: watch it, and end it by hand"
        for one in step.until
        if one.signal not in ENDS or one.since or one.leaves
    ]


def _device(source_model: str) -> DeviceModel:
    for key in ("emstat4_lr", "emstat4_hr", "nexus", "emstat_pico"):
        if model(key).name == source_model:
            return model(key)
    raise cannot(
        NAME,
        f"the source of the bench is a {source_model}, which does not speak it",
        "take the bench of the instrument that is to run it: "
        + ", ".join(f"`{name}`" for name in dict.fromkeys(model_names().values()))
        + " (`--bench simulated-emstat4-hr` and the like)",
    )
