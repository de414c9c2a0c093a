"""Constant current: galvanostatic electrolysis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import model_validator

from faradaic.documents.models import Flag, exactly_one
from faradaic.protocols import crosscheck, wording
from faradaic.protocols.ceilings import check_below
from faradaic.protocols.compilation import Compilation, Path, Place
from faradaic.protocols.countermeasure_plans import CounterPlan, counter_plan
from faradaic.protocols.plan import Signal, StepPlan
from faradaic.protocols.probed_current import MODE, probed
from faradaic.protocols.schema import ElectrodeCurrentDensity
from faradaic.protocols.schema.countermeasures import Countermeasures
from faradaic.protocols.schema.field_types import (
    PositiveChargeRate,
    PositiveCurrent,
    PositiveVoltage,
)
from faradaic.protocols.schema.probes import Probe
from faradaic.protocols.setpoints import density_current, limiting_mol
from faradaic.protocols.step_kind import EnergisedStep, step_kind


class ConstantCurrentPlan(StepPlan):
    """A current that is held while the cell voltage stays below its limit."""

    kind: Literal["constant_current"] = "constant_current"
    current_A: float
    cell_voltage_limit_V: float
    counter: CounterPlan | None = None
    """What is done about what is diagnosed; None where nothing is."""

    @property
    def follows_from_the_cell(self) -> tuple[str, ...]:
        """Get what the cell decides: its voltage."""
        return ("cell_voltage_V",)

    @property
    def held_current_A(self) -> float:
        """Get the current that the source holds."""
        return self.current_A


@step_kind("constant_current")
class ConstantCurrent(EnergisedStep):
    """Galvanostatic electrolysis; exactly one of `current`, `current_density` and `rate`."""

    front_panel: ClassVar[str] = "current"
    pause_keeps: ClassVar[str] = "keep_current"
    other_modes: ClassVar[tuple[str, ...]] = (MODE,)

    current_A: PositiveCurrent | None = None
    """Magnitude; the roles of the electrodes say the direction."""
    current_density: ElectrodeCurrentDensity | None = None
    rate_C_per_mol_per_s: PositiveChargeRate | None = None
    """Faradays per mole of the limiting component and time: "0.5 F/mol/h"."""
    cell_voltage_limit_V: PositiveVoltage
    reverse: Flag = False
    """Passes the current the other way, for example to clean an electrode."""
    probe: Probe | None = None
    """Interrupts the current for a moment every so much charge, which tells R_u as it goes."""
    countermeasures: Countermeasures | None = None
    """What is done by itself about a film and the like; nothing if not given."""

    @model_validator(mode="after")
    def _one_setpoint(self) -> ConstantCurrent:
        exactly_one(self, ("current_A", "current_density", "rate_C_per_mol_per_s"), "the current")
        return self

    def reverses(self) -> bool:
        """Whether it passes the current the other way."""
        return self.reverse or any(
            one.reverse is not None
            for one in (self.countermeasures.attempts if self.countermeasures else ())
        )

    def needed_mode(self) -> str:
        """That of an interrupted current, where it is probed."""
        return self.mode if self.probe is None else MODE

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The current in A, whichever way it is written, and the voltage limit that holds."""
        path = place.path
        magnitude_A, setpoint, words = self._setpoint(context, path)
        crosscheck.check_current(context, magnitude_A, setpoint)
        check_below(context, Signal.CURRENT_A, magnitude_A, setpoint, regulated=True)
        limit_path = (*path, "cell_voltage_limit")
        check_below(context, Signal.CELL_VOLTAGE_V, self.cell_voltage_limit_V, limit_path)
        limit_V = crosscheck.reachable_voltage_V(context, self.cell_voltage_limit_V, limit_path)
        turn = -1 if self.reverse else 1
        course = self.course(
            context,
            path,
            current_limit_A=magnitude_A,
            held_current_A=magnitude_A,
            sign=turn,
        )
        label = f"constant current {wording.current(magnitude_A)}{words}"
        held = ConstantCurrentPlan(
            **self.heading(context, place, label + (", reversed" if self.reverse else "")),
            **course,
            current_A=turn * context.protocol.electrodes.forward_sign * magnitude_A,
            cell_voltage_limit_V=limit_V,
            compliance_V=crosscheck.compliance_above_V(context, limit_V),
            counter=None
            if self.countermeasures is None
            else counter_plan(context, self.countermeasures, path),
        )
        return held if self.probe is None else probed(context, held, self.probe, path)

    def _setpoint(self, context: Compilation, path: Path) -> tuple[float, Path, str]:
        """Magnitude of the current, where it is written, and words on what it refers to."""
        if self.current_A is not None:
            return self.current_A, (*path, "current"), ""
        if self.rate_C_per_mol_per_s is not None:
            path = (*path, "rate")
            amount_mol = limiting_mol(context, "a rate in F/mol/h", path)
            return self.rate_C_per_mol_per_s * amount_mol, path, ""
        assert self.current_density is not None
        path = (*path, "current_density")
        current_A, words = density_current(context, self.current_density, path)
        return current_A, path, words

    def held_A(
        self, areas_m2: Mapping[str, Mapping[str, float]], limiting_mol: float | None
    ) -> float | None:
        """Its magnitude, whichever way it is written."""
        if self.rate_C_per_mol_per_s is not None:
            return None if limiting_mol is None else self.rate_C_per_mol_per_s * limiting_mol
        density = self.current_density
        return self.current_A if density is None else density.current_A(areas_m2)
