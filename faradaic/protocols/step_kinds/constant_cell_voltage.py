"""Constant cell voltage: what is held stands between anode and cathode."""

from __future__ import annotations

from typing import ClassVar, Literal

from faradaic.protocols import crosscheck, wording
from faradaic.protocols.ceilings import check_below, check_current_limit
from faradaic.protocols.compilation import Compilation, Place
from faradaic.protocols.plan import Signal, StepPlan
from faradaic.protocols.schema.field_types import PositiveCurrent, PositiveVoltage
from faradaic.protocols.step_kind import EnergisedStep, step_kind


class ConstantCellVoltagePlan(StepPlan):
    """A cell voltage that is held; the source limits the current while it does."""

    kind: Literal["constant_cell_voltage"] = "constant_cell_voltage"
    cell_voltage_V: float
    """Working less counter electrode: negative where the working electrode is the cathode."""
    current_limit_A: float

    @property
    def follows_from_the_cell(self) -> tuple[str, ...]:
        """Get what the cell decides: its current."""
        return ("current_A",)

    @property
    def limiting_is_lost_regulation(self) -> bool:
        """Get that a limited current is what was asked for."""
        return False

    @property
    def largest_voltage_V(self) -> float:
        """Get the magnitude of the cell voltage that the source holds."""
        return abs(self.cell_voltage_V)


@step_kind("constant_cell_voltage")
class ConstantCellVoltage(EnergisedStep):
    """A constant voltage between anode and cathode."""

    front_panel: ClassVar[str] = "cell voltage"
    pause_keeps: ClassVar[str] = "hold_potential"

    cell_voltage_V: PositiveVoltage
    current_limit_A: PositiveCurrent

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The voltage, below the source's compliance and the ceilings."""
        path = place.path
        setpoint = (*path, "cell_voltage")
        crosscheck.check_voltage(context, self.cell_voltage_V, setpoint)
        check_below(context, Signal.CELL_VOLTAGE_V, self.cell_voltage_V, setpoint, regulated=True)
        check_current_limit(context, self.current_limit_A, path)
        label = f"constant cell voltage {wording.voltage(self.cell_voltage_V)}"
        return ConstantCellVoltagePlan(
            **self.heading(context, place, label),
            **self.course(context, path, current_limit_A=self.current_limit_A),
            cell_voltage_V=context.protocol.electrodes.forward_sign * self.cell_voltage_V,
            current_limit_A=self.current_limit_A,
        )
