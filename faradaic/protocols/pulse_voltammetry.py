"""What square-wave and differential pulse voltammetry share."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from pydantic import model_validator

from faradaic.documents.models import Text, problem
from faradaic.protocols import crosscheck, wording
from faradaic.protocols.ceilings import check_current_limit
from faradaic.protocols.compilation import Compilation, Path
from faradaic.protocols.endings import TIME_CAP_FACTOR
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema.field_types import PositiveCurrent, PositiveVoltage
from faradaic.protocols.setpoints import potential_shift_V
from faradaic.protocols.step_kind import StepKind
from faradaic.quantities.fields import Voltage

STEP_V = 5e-3
"""Height of a stair if the protocol doesn't say: half of what Osteryoung uses for one electron."""


class PulseVoltammetryPlan(StepPlan):
    """A staircase with pulses on it."""

    begin_V: float
    end_V: float
    step_V: float
    """Magnitude of a stair."""
    current_limit_A: float
    expected_current_A: float | None = None
    """The limiting current, from which the range is chosen; None if it is not known."""

    goes_on: ClassVar[bool] = False
    done: ClassVar[str] = "the voltammogram is complete"

    @property
    def potentiostatic(self) -> bool:
        """Get whether a potential is imposed: always."""
        return True

    @property
    def series_points(self) -> int:
        """Get the number of stairs."""
        return stairs(self.begin_V, self.end_V, self.step_V)


class PulseVoltammetryStep(StepKind):
    """A potential that goes one way in stairs."""

    vs: Text
    from_V: Voltage
    to_V: Voltage
    step_V: PositiveVoltage | None = None
    """Height of a stair, 5 mV if not given."""
    current_limit_A: PositiveCurrent

    @model_validator(mode="after")
    def _goes_somewhere(self) -> PulseVoltammetryStep:
        if self.from_V == self.to_V:
            raise problem(
                "the voltammogram ends where it begins",
                code="E305",
                help="write another potential",
                path=["to"],
            )
        return self

    @property
    def stair_V(self) -> float:
        """Get the height of a stair."""
        return self.step_V or STEP_V

    readings_per_stair: ClassVar[int] = 1
    """How many times a stair is read."""

    def stair_s(self) -> float:
        """The time of a stair."""
        raise NotImplementedError

    def nominal_duration_s(self) -> float:
        """All stairs."""
        return stairs(self.from_V, self.to_V, self.stair_V) * self.stair_s()

    def course(
        self, context: Compilation, path: Path, beyond_V: float, shortest_s: float
    ) -> dict[str, Any]:
        """Stairs, time and end, as fields of a `PulseVoltammetryPlan`.

        The pulses reach `beyond_V` further; `shortest_s` is the shortest time at a potential.
        """
        shift_V = potential_shift_V(context, self.vs, path)
        begin_V, end_V = self.from_V + shift_V, self.to_V + shift_V
        for key, potential_V in (("from", begin_V), ("to", end_V)):
            reached_V = potential_V + math.copysign(beyond_V, potential_V)
            crosscheck.check_voltage(context, reached_V, (*path, key))
        check_current_limit(context, self.current_limit_A, path)
        if self.step_V is None:
            context.assume((*path, "step"), wording.voltage(STEP_V), "not stated")
        source = context.bench.source
        least_s = source.half_wave_min_s
        crosscheck.check_interval(
            context,
            shortest_s,
            path,
            least_s,
            f"take a lower frequency or longer pulses: {least_s * 1e3:.3g} ms at each potential",
        )
        limiting_A = context.resolved.limiting_currents_A()
        duration_s = self.nominal_duration_s()
        return {
            "time_cap_s": TIME_CAP_FACTOR * duration_s,
            "charge_cap_C": self.current_limit_A * duration_s,
            "interval_s": self.stair_s() / self.readings_per_stair,
            "expected_duration_s": duration_s,
            "expected_charge_C": None,
            "expected_end": PulseVoltammetryPlan.done,
            "begin_V": begin_V,
            "end_V": end_V,
            "step_V": self.stair_V,
            "current_limit_A": self.current_limit_A,
            "expected_current_A": None if isinstance(limiting_A, str) else limiting_A[2],
        }

    def span(self) -> str:
        """From where to where, in words."""
        return f"{wording.voltage(self.from_V)} to {wording.voltage(self.to_V)} vs {self.vs}"


def stairs(begin_V: float, end_V: float, step_V: float) -> int:
    """How many stairs there are, both ends included."""
    return math.floor(abs(end_V - begin_V) / step_V + 1e-9) + 1
