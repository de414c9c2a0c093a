"""From what a person wants changed in a running step to the modification that the run takes.

The change is written into the run's own protocol, which is then validated, compiled for its bench
and checked as a whole, as a new protocol would be. This happens where it is asked for, so that the
run's own process is not kept from its readings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from faradaic.diagnostics import Diagnostic, InputError, refusal
from faradaic.documents.document import load_document
from faradaic.documents.kinds import read_document
from faradaic.protocols import PROTOCOL
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan, StepPlan
from faradaic.runner.bench_file import Bench, load_bench
from faradaic.runner.modification import Modification, is_same_step, later_rounds

_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def modify_step(
    folder: Path,
    step_id: str,
    changes: Mapping[str, str],
    why: str,
    earlier: Sequence[tuple[str, Mapping[str, str]]] = (),
) -> tuple[Modification, list[Diagnostic]]:
    """The modification of a step of the run in a folder, and what the checks newly find of it.

    `changes` are keys of the step and what is to stand there, as in a protocol; an empty text
    takes the key away, a dot leads into a mapping. `earlier` are the modifications that the run has
    taken already. Raises `InputError` with everything that is wrong with the changed protocol.
    """
    bench = load_bench(str(folder / "bench.yaml"))
    data = read_document(folder / "protocol.yaml", PROTOCOL).data
    before = _plan(data, bench)
    step = _step(before, step_id)
    here = _at(data, _path(step.path))
    if not isinstance(here, dict):
        raise refusal(
            "E719",
            f"nothing of step {step_id} ({step.label}) can be modified",
            "`faradaic skip` goes on with the next step",
        )
    for id_, keys in earlier:
        if is_same_step(id_, step_id):
            with_changes(here, keys)
    told = {key: (_write(here, key, value), value) for key, value in changes.items()}
    try:
        after = _plan(data, bench)
    except InputError as error:
        raise InputError(*(replace(d, location=None) for d in error.diagnostics)) from None
    known = {(d.code, d.message) for d in before.diagnostics}
    found = [replace(d, location=None) for d in after.diagnostics]
    changed = _step(after, step_id)
    until = tuple(condition.model_copy(update={"line": step.line}) for condition in changed.until)
    changed = changed.model_copy(update={"line": step.line, "until": until})
    rounds = len(later_rounds(before.steps, before.steps.index(step)))
    modification = Modification(changed, after.limits, told, why, len(earlier), rounds)
    return modification, [d for d in found if (d.code, d.message) not in known]


def with_changes(step: dict[str, Any], changes: Mapping[str, str]) -> None:
    """Write into a step what it was modified to: keys and what stands there, as `modify_step`."""
    for key, value in changes.items():
        _write(step, key, value)


def _plan(data: Mapping[str, Any], bench: Bench) -> Plan:
    """The plan of a protocol's data."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    document = load_document(text, "the modified protocol")
    return compile_protocol(validate_protocol(document), bench)


def _step(plan: Plan, step_id: str) -> StepPlan:
    for step in plan.steps:
        if step.id == step_id:
            return step
    raise refusal(
        "E719",
        f"there would be no step {step_id} any more",
        "change less of it, or `faradaic skip` it",
    )


def _path(dotted: str) -> list[str | int]:
    """The keys of `steps[1].constant_current`."""
    return [key or int(index) for key, index in _PART.findall(dotted)]


def _at(data: Any, path: Iterable[str | int]) -> Any:
    for key in path:
        data = data[key]
    return data


def _write(step: dict[str, Any], dotted: str, text: str) -> str:
    """Put what was typed in a key's place; returns what stood there, empty for nothing."""
    here: Any = step
    *parents, last = dotted.split(".")
    for key in parents:
        here = _within(here, key, dotted)
    if isinstance(here, list):
        having = [one for one in here if isinstance(one, dict) and last in one]
        here = having[0] if len(having) == 1 else None
    if not isinstance(here, dict):
        top = dotted.partition(".")[0]
        raise refusal(
            "E719",
            f"`{dotted}` does not name one place in this step",
            f"write all of `{top}=...` as it is to stand there",
        )
    before = here.get(last)
    if text:
        here[last] = _value(text)
    else:
        here.pop(last, None)
    if before is None:
        return ""
    return before if isinstance(before, str) else json.dumps(before, ensure_ascii=False)


def _within(here: Any, key: str, dotted: str) -> Any:
    if isinstance(here, dict):
        return here.setdefault(key, {}) if key not in here else here[key]
    raise refusal("E719", f"`{dotted}` does not name one place in this step", "leave out the dot")


def _value(text: str) -> Any:
    """What YAML makes of a text, the text itself where it is none (`>= 5 V`)."""
    try:
        return load_document(f"value: {text}").data["value"]
    except InputError:
        return text
