"""Settings of the devices around the cell, made by the operator."""

from __future__ import annotations

from pydantic import model_validator

from faradaic.documents.models import Flag, Identifier, Model, problem
from faradaic.protocols import wording
from faradaic.protocols.by_hand import HandStep, report_by_hand
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema.field_types import (
    PositiveGasFlow,
    PositiveRotationRate,
    PositiveVolumeFlow,
)
from faradaic.protocols.step_kind import step_kind
from faradaic.quantities import format_quantity
from faradaic.quantities.fields import Temperature


class SetGas(Model):
    """A gas flow to set."""

    species: Identifier
    flow_mol_per_s: PositiveGasFlow | None = None
    off: Flag = False

    @model_validator(mode="after")
    def _flows_or_not(self) -> SetGas:
        if self.off and self.flow_mol_per_s is not None:
            raise problem("`flow` and `off` are both given", help="keep one", path=["off"])
        if not self.off and self.flow_mol_per_s is None:
            raise problem(
                f"how much {self.species} is not said",
                code="E302",
                help="add `flow: 20 sccm`, or `off: true`",
            )
        return self


class SetPump(Model):
    """A pump to set."""

    name: Identifier | None = None
    flow_m3_per_s: PositiveVolumeFlow


@step_kind("set")
class Set(HandStep):
    """Settings of the devices around the cell."""

    stirring_per_s: PositiveRotationRate | None = None
    temperature_K: Temperature | None = None
    gas: SetGas | None = None
    pump: SetPump | None = None

    @model_validator(mode="after")
    def _sets_something(self) -> Set:
        if not self._settings():
            raise problem(
                "`set` sets nothing",
                code="E302",
                help="write for example `set: {stirring: 600 rpm}`",
            )
        return self

    def _settings(self) -> list[tuple[str, str]]:
        """What is set: the device that could, and the setting in words."""
        found = []
        if self.stirring_per_s is not None:
            found.append(("stirrer", f"the stirring to {self.stirring_per_s * 60:.0f} rpm"))
        if self.temperature_K is not None:
            held = wording.temperature(self.temperature_K)
            found.append(("thermostat", f"the temperature to {held}"))
        if self.gas is not None:
            flow = self.gas.flow_mol_per_s
            rate = "off" if flow is None else format_quantity(flow, "sccm")
            found.append(("mass flow controller", f"{self.gas.species} to {rate}"))
        if self.pump is not None:
            rate = format_quantity(self.pump.flow_m3_per_s, "mL/min")
            name = f" {self.pump.name}" if self.pump.name else ""
            found.append(("pump", f"the pump{name} to {rate}"))
        return found

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The operator sets what no device on the bench sets."""
        settings = self._settings()
        for device, what in settings:
            report_by_hand(context, place, device, f"setting {what}")
        return self.asked(context, place, "Set " + " and ".join(what for _, what in settings))
