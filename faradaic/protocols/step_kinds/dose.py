"""A reagent added during the run, by a pump or by the operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import model_validator

from faradaic.diagnostics import Diagnostic, Severity, did_you_mean
from faradaic.documents.models import Identifier, exactly_one, problem
from faradaic.protocols import wording
from faradaic.protocols.bench import AbilityProfile
from faradaic.protocols.by_hand import HandStep, report_by_hand
from faradaic.protocols.compilation import Compilation, Path, Place, Unresolvable
from faradaic.protocols.device_steps import ORDER_S, DosePlan, check_within, the_device
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema import Component, Protocol
from faradaic.protocols.schema.field_types import (
    PositiveAmount,
    PositiveConcentration,
    PositiveVolumeFlow,
)
from faradaic.protocols.step_kind import step_kind
from faradaic.quantities import format_quantity
from faradaic.quantities.fields import Volume


@step_kind("dose")
class Dose(HandStep):
    """A reagent added during the run."""

    component: Identifier
    volume_m3: Volume | None = None
    amount_mol: PositiveAmount | None = None
    concentration_mol_per_m3: PositiveConcentration | None = None
    """Of what is added by volume; the component itself, by its density, if not given."""
    rate_m3_per_s: PositiveVolumeFlow | None = None
    pump: Identifier | None = None

    @model_validator(mode="after")
    def _how_much(self) -> Dose:
        exactly_one(self, ("volume_m3", "amount_mol"), "how much")
        if self.concentration_mol_per_m3 is not None and self.volume_m3 is None:
            raise problem(
                "`concentration` belongs to a volume", help="remove it", path=["concentration"]
            )
        return self

    def doses(self, components: Mapping[str, Component]) -> Iterator[tuple[str, float | None]]:
        """The component and its moles."""
        moles, added = self.amount_mol, components.get(self.component)
        if self.volume_m3 is not None and self.concentration_mol_per_m3 is not None:
            moles = self.volume_m3 * self.concentration_mol_per_m3
        elif self.volume_m3 is not None and added is not None:
            density, molar_mass = added.density_kg_per_m3, added.molar_mass_kg_per_mol
            moles = self.volume_m3 * density / molar_mass if density and molar_mass else None
        yield self.component, moles

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """A pump delivers a volume where the bench has one; else the operator adds it."""
        found = the_device(context, (*place.path, "pump"), "pump", self.pump)
        if found is not None and self.volume_m3 is not None:
            return self._pumped(context, place, self.volume_m3, *found)
        size = (
            wording.volume(self.volume_m3)
            if self.volume_m3 is not None
            else wording.amount(self.amount_mol or 0.0)
        )
        device = "pump that knows the volume of an amount" if found else "pump"
        what = f"dosing {self.component}"
        report_by_hand(context, place, device, what, Severity.WARNING)
        if self.concentration_mol_per_m3 is not None:
            size += f" of {format_quantity(self.concentration_mol_per_m3, 'mol/L')}"
        how = "" if self.rate_m3_per_s is None else f" at {wording.flow(self.rate_m3_per_s)}"
        how += f" with {self.pump}" if self.pump else ""
        return self.asked(context, place, f"Add {size} of {self.component}{how}")

    def _pumped(
        self,
        context: Compilation,
        place: Place,
        volume_m3: float,
        device: str,
        ability: AbilityProfile,
    ) -> StepPlan:
        rate = self.rate_m3_per_s
        if rate is None:
            context.report(
                "E302",
                f"how fast {device} delivers is not said",
                place.path,
                help="add `rate: 1 mL/min`",
            )
            raise Unresolvable
        check_within(context, (*place.path, "rate"), device, ability, rate)
        solutions = context.protocol.solutions.values()
        components = {name: c for s in solutions for name, c in s.components.items()}
        moles = next(moles for _, moles in self.doses(components))
        words = f"{wording.volume(volume_m3)} of {self.component} at {wording.flow(rate)}"
        duration_s = volume_m3 / rate
        return DosePlan(
            **self.heading(context, place, f"dose {words} ({device})"),
            device=device,
            volume_m3=volume_m3,
            rate_m3_per_s=rate,
            component=self.component,
            mol_per_m3=None if moles is None else moles / volume_m3,
            time_cap_s=1.1 * duration_s + ORDER_S,
            expected_duration_s=duration_s,
            expected_end=f"{device} has delivered {wording.volume(volume_m3)}",
        )

    def contradictions(self, protocol: Protocol) -> Iterator[tuple[Diagnostic, Path]]:
        """A component that isn't in the protocol."""
        components = [name for s in protocol.solutions.values() for name in s.components]
        if self.component not in components:
            message = f"{self.component!r} is not among the components"
            remedy = did_you_mean(self.component, components)
            yield Diagnostic("E307", message, help=remedy), ("component",)
