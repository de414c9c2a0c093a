"""Settings of the devices around the cell, made by them or by the operator."""

from __future__ import annotations

from typing import NamedTuple

from pydantic import model_validator

from faradaic.diagnostics import Severity
from faradaic.documents.models import Flag, Identifier, Model, problem
from faradaic.protocols import wording
from faradaic.protocols.by_hand import HandStep, report_by_hand
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.device_steps import (
    ORDER_S,
    DeviceSetting,
    SetPlan,
    check_within,
    the_device,
)
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema.field_types import (
    NonNegativeRotationRate,
    PositiveGasFlow,
    PositiveTemperatureDifference,
    PositiveTime,
    PositiveVolumeFlow,
)
from faradaic.protocols.step_kind import step_kind
from faradaic.quantities import format_quantity
from faradaic.quantities.fields import Temperature

_TIMED = ("gas", "pump")
"""What nobody would have done by hand in the middle of a run without having planned to."""
STIRRING = 0.05
FLOW = 0.05
"""A speed and a flow are reached this near to what was set, relative."""
TEMPERATURE_K = 1.0
WITHIN_S = 3600.0


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


class _Setting(NamedTuple):
    """One thing that is set."""

    key: str
    trait: str
    value: float
    what: str
    tolerance: float
    name: str | None = None
    gas: str | None = None


@step_kind("set")
class Set(HandStep):
    """Settings of the devices around the cell."""

    stirring_per_s: NonNegativeRotationRate | None = None
    temperature_K: Temperature | None = None
    gas: SetGas | None = None
    pump: SetPump | None = None
    device: Identifier | None = None
    """Which device, by its name on the bench, where several could be meant."""
    tolerance_K: PositiveTemperatureDifference | None = None
    """How near the temperature has to come before the next step; 1 K if not given."""
    within_s: PositiveTime | None = None
    """How long that may take before the run trips; 1 h if not given."""
    wait: Flag = True
    """Whether what was set is waited for, where a device reports it."""

    @model_validator(mode="after")
    def _sets_something(self) -> Set:
        if not self._settings():
            raise problem(
                "`set` sets nothing",
                code="E302",
                help="write for example `set: {stirring: 600 rpm}`",
            )
        return self

    def _settings(self) -> list[_Setting]:
        """What is set, and how near what is reported has to come."""
        found = []
        if self.stirring_per_s is not None:
            rpm = 60.0 * self.stirring_per_s
            what = f"the stirring to {rpm:.0f} rpm"
            found.append(_Setting("stirring", "stirrer", rpm, what, max(10.0, STIRRING * rpm)))
        if self.temperature_K is not None:
            what = f"the temperature to {wording.temperature(self.temperature_K)}"
            near_K = TEMPERATURE_K if self.tolerance_K is None else self.tolerance_K
            found.append(_Setting("temperature", "thermostat", self.temperature_K, what, near_K))
        if self.gas is not None:
            flow = self.gas.flow_mol_per_s or 0.0
            rate = format_quantity(flow, "sccm") if flow else "off"
            what = f"{self.gas.species} to {rate}"
            near = max(FLOW * flow, 1e-9)
            found.append(
                _Setting("gas", "mass_flow_controller", flow, what, near, gas=self.gas.species)
            )
        if self.pump is not None:
            rate = format_quantity(self.pump.flow_m3_per_s, "mL/min")
            name = f" {self.pump.name}" if self.pump.name else ""
            what = f"the pump{name} to {rate}"
            flow = self.pump.flow_m3_per_s
            found.append(_Setting("pump", "pump", flow, what, FLOW * flow, name=self.pump.name))
        return found

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """What devices of the bench set, and what is left for the operator."""
        settings, by_hand, label = [], [], []
        for one in self._settings():
            path = (*place.path, one.key)
            found = the_device(context, path, one.trait, one.name or self.device, one.gas)
            label.append(one.what)
            if found is None:
                words = one.trait.replace("_", " ")
                severity = Severity.WARNING if one.key in _TIMED else Severity.INFO
                report_by_hand(context, place, words, f"setting {one.what}", severity)
                by_hand.append(one.what)
                continue
            name, ability = found
            check_within(context, path, name, ability, one.value)
            settings.append(
                DeviceSetting(
                    device=name,
                    quantity=ability.quantity,
                    value=one.value,
                    text=f"{one.what} ({name})",
                    tolerance=one.tolerance if self.wait and ability.reports else None,
                )
            )
        question = "Set " + " and ".join(by_hand) if by_hand else ""
        if not settings:
            return self.asked(context, place, question)
        waits = any(one.tolerance is not None for one in settings)
        within_s = WITHIN_S if self.within_s is None else self.within_s
        return SetPlan(
            **self.heading(context, place, "set " + " and ".join(label)),
            settings=tuple(settings),
            question=question,
            time_cap_s=within_s if waits else ORDER_S,
            expected_duration_s=0.0,
            expected_end="what was set is reached" if waits else "the devices have taken it",
        )
