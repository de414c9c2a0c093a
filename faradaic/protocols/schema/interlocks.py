"""Interlocks: what has to be so around the cell while current flows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import model_validator
from pydantic_core import core_schema

from faradaic.documents.models import Identifier, Model, problem
from faradaic.protocols.schema.field_types import (
    GasFlowThreshold,
    PositiveTime,
    StirringThreshold,
    TemperatureThreshold,
    Threshold,
    VolumeFlowThreshold,
)

WATCHED = {
    "stirring": "stirring_rpm",
    "temperature": "temperature_K",
    "gas": "gas_flow_mol_per_s",
    "pump": "pump_flow_m3_per_s",
    "pH": "pH",
    "relay": "relay_closed",
}
"""Keys of an interlock, with what devices report under them."""

_PH = re.compile(r"\s*(>=|<=|≥|≤)\s*(-?\d{1,2}(?:\.\d{1,4})?)\s*")


@dataclass(frozen=True)
class _PhThresholdOf:
    """Pydantic annotation: `">= 3"` becomes a `Threshold`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self._parse)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "pattern": _PH.pattern, "examples": [">= 3"]}

    def _parse(self, value: Any) -> Threshold:
        match = _PH.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise problem(
                f"{value!r:.60} doesn't say on which side of a pH it is to be",
                code="E303",
                help='write for example ">= 3", with the quotes',
            )
        return Threshold(">=" if match[1] in (">=", "≥") else "<=", float(match[2]))


class Interlock(Model):
    """What has to be so while current flows: where it is not, the run trips, once and for all."""

    device: Identifier | None = None
    """Which device reports it, by its name on the bench; the only one that does if not given."""
    stirring: StirringThreshold | None = None
    temperature: TemperatureThreshold | None = None
    gas: GasFlowThreshold | None = None
    pump: VolumeFlowThreshold | None = None
    pH: Annotated[Threshold, _PhThresholdOf()] | None = None
    relay: Literal["closed", "open"] | None = None
    """How a contact has to be that reports its state."""
    silent_s: PositiveTime | None = None
    """How long the device may report nothing; three of its periods and 1 s if not given."""

    @model_validator(mode="after")
    def _watches_something(self) -> Interlock:
        present = [key for key in WATCHED if getattr(self, key) is not None]
        if len(present) > 1:
            raise problem(
                f"`{present[0]}` and `{present[1]}` are two interlocks",
                help="write each as an item of its own",
                path=[present[1]],
            )
        if not present and (self.silent_s is None or self.device is None):
            raise problem(
                "this interlock does not say what has to be so",
                code="E302",
                help='write for example `{stirring: ">= 200 rpm"}`, or'
                " `{device: NAME, silent: 3 s}`",
            )
        return self

    @property
    def watched(self) -> tuple[str, str, float | None, float | None] | None:
        """The key, the quantity, the least and the most that it may be; None for silence alone."""
        for key, quantity in WATCHED.items():
            value = getattr(self, key)
            if value is None:
                continue
            if key == "relay":
                return (key, quantity, *((0.5, None) if value == "closed" else (None, 0.5)))
            bound = value.value * 60.0 if key == "stirring" else value.value
            return (key, quantity, *((bound, None) if value.sign == ">=" else (None, bound)))
        return None
