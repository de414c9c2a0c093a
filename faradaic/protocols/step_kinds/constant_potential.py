"""Constant potential: potentiostatic electrolysis against a reference electrode."""

from __future__ import annotations

from typing import ClassVar, Literal

from faradaic.documents.models import Text
from faradaic.protocols import crosscheck, wording
from faradaic.protocols.ceilings import check_current_limit
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema.field_types import PositiveCurrent
from faradaic.protocols.setpoints import potential_shift_V
from faradaic.protocols.step_kind import EnergisedStep, step_kind
from faradaic.quantities.fields import Voltage


class ConstantPotentialPlan(StepPlan):
    """A potential that is held while the current stays below its limit."""

    kind: Literal["constant_potential"] = "constant_potential"
    potential_V: float
    """Against the reference electrode that is connected (already converted from `vs`)."""
    current_limit_A: float

    @property
    def held_potential_V(self) -> float:
        """Get the potential that the source holds."""
        return self.potential_V


@step_kind("constant_potential")
class ConstantPotential(EnergisedStep):
    """Potentiostatic electrolysis against a reference electrode."""

    front_panel: ClassVar[str] = "potential"
    pause_keeps: ClassVar[str] = "hold_potential"

    potential_V: Voltage
    vs: Text
    """The scale: SHE, RHE, SCE, Ag/AgCl, ..., or `reference` for the electrode connected."""
    current_limit_A: PositiveCurrent
    ir_compensation: Literal["none", "measured"] = "none"

    def converts_at(self) -> tuple[float, str] | None:
        """Its potential, if a charge is to pass at it."""
        aims = any(one.charge is not None or one.total is not None for one in self.until or ())
        return (self.potential_V, self.vs) if aims else None

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The potential against the electrode that is connected."""
        path = place.path
        potential_V = self.potential_V + potential_shift_V(context, self.vs, path)
        crosscheck.check_voltage(context, potential_V, (*path, "potential"))
        check_current_limit(context, self.current_limit_A, path)
        if self.ir_compensation != "none":
            context.report(
                "E402",
                "this version cannot compensate the ohmic drop",
                (*path, "ir_compensation"),
                help="write `ir_compensation: none`",
            )
        label = f"constant potential {wording.voltage(self.potential_V)} vs {self.vs}"
        return ConstantPotentialPlan(
            **self.heading(context, place, label),
            **self.course(context, path, current_limit_A=self.current_limit_A),
            potential_V=potential_V,
            current_limit_A=self.current_limit_A,
        )
