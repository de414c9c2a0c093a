"""What an engine and the process that holds its bench say to each other: lines of JSON.

Commands to the host carry a number `n` that its answers repeat:

    {"n": 1, "do": "open", "driver": NAME, "address": URL, "options": {...}, "devices": [...],
     "patience_s": 5.0, "may_be_on": false}    identity
    {"n": 2, "do": "run", "segment": {...}}    reading ..., then end | interruption
    {"do": "next"} {"do": "here"} {"do": "stop"}    of the segment under way; `stop`: stopped
    {"n": 3, "do": "off"}    off
    {"n": 4, "do": "notes"}    notes
    {"do": "order", "id": 1, "device": NAME, "action": ACTION, "values": [...]}
    {"do": "log", "path": FILE}
    {"do": "close"}

Any command may be answered by an `error`. While one is being done the host says `tick` and waits
for `here`. What is learned of a device around the cell comes unasked, at any time, as `device`;
an order is answered by that alone. See `faradaic.runner.host_child` for what becomes of an engine
that doesn't answer.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from faradaic.diagnostics import DeviceError, Diagnostic, FaradaicError, InputError
from faradaic.instruments.readings import Passed, Point, Reading, Regulation
from faradaic.instruments.segments import Segment

Message = dict[str, Any]

LEASE_S = 2.0
"""An output stays on for this long after the engine was last seen to go on."""

TICK_S = 0.25
"""How often an engine that waits for a reading is asked whether it is there."""

_SEGMENTS: Mapping[str, type[Segment]] = {one.mode: one for one in get_args(Segment)}


def encoded(message: Mapping[str, Any]) -> bytes:
    """A message as its line."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def decoded(line: bytes) -> Message:
    """A line as its message. Raises `ValueError` for one that is none."""
    message = json.loads(line)
    if not isinstance(message, dict):
        raise ValueError("a message is a mapping")
    return message


def segment_fields(segment: Segment) -> Message:
    """A segment as plain data; no limit is None."""
    values = {name: _finite(value) for name, value in asdict(segment).items()}
    return {"mode": segment.mode, "values": values}


def segment_of(told: Mapping[str, Any]) -> Segment:
    """What `segment_fields` made plain data of."""
    kind = _SEGMENTS[told["mode"]]
    values = dict(told["values"])
    if values.get("charge_limit_C", 0.0) is None:
        values["charge_limit_C"] = math.inf
    return kind(**values)


def reading_of(told: list[Any]) -> Reading:
    """A reading that came as the list of its values."""
    reading = Reading(*told)
    point = None if reading.point is None else Point(*reading.point)
    passed = None if reading.passed is None else Passed(*reading.passed)
    regulation = Regulation(reading.regulation)
    return reading._replace(regulation=regulation, point=point, passed=passed)


def error_fields(error: FaradaicError) -> Message:
    """An error as plain data."""
    return {
        "is": "error",
        "input": isinstance(error, InputError),
        "diagnostics": [diagnostic.as_dict() for diagnostic in error.diagnostics],
    }


def error_of(told: Mapping[str, Any]) -> FaradaicError:
    """What `error_fields` made plain data of."""
    kind = InputError if told["input"] else DeviceError
    return kind(*(Diagnostic.from_dict(one) for one in told["diagnostics"]))


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
