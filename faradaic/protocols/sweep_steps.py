"""What linear and cyclic sweeps share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from faradaic.documents.models import Text
from faradaic.protocols import crosscheck, wording
from faradaic.protocols.ceilings import check_current_limit
from faradaic.protocols.compilation import Compilation, Path
from faradaic.protocols.endings import TIME_CAP_FACTOR, conditions
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema.end_conditions import Conditions
from faradaic.protocols.schema.field_types import (
    PositiveCurrent,
    PositiveVoltage,
)
from faradaic.protocols.step_kind import StepKind
from faradaic.quantities import format_quantity
from faradaic.quantities.fields import ScanRate

SWEEP_STEP_V = 1e-3
"""Height of a stair if the protocol doesn't say and the source is fast enough."""


COARSE_STEP_V = 5e-3
"""Beyond which a stair is told to be coarse; an engineering guess."""


class SweepPlan(StepPlan):
    """A staircase of potentials against the reference electrode that is connected."""

    step_V: float
    """Magnitude of a stair."""
    rate_V_per_s: float
    current_limit_A: float
    goes_on: ClassVar[bool] = False
    expected_current_A: float | None = None
    """The limiting current, from which the range is chosen; None if it is not known."""

    @property
    def potentiostatic(self) -> bool:
        """Get that a potential is imposed."""
        return True


class SweepStep(StepKind):
    """A potential that moves evenly."""

    vs: Text
    rate_V_per_s: ScanRate
    step_V: PositiveVoltage | None = None
    """Height of a stair; if not given 1 mV, or the finest that the source runs at the rate."""
    current_limit_A: PositiveCurrent
    until: Conditions | None = None

    def way_V(self) -> float:
        """The whole way that the potential takes."""
        raise NotImplementedError

    def nominal_duration_s(self) -> float | None:
        """What the way takes at the rate, where no condition can end it before."""
        return None if self.until else self.way_V() / self.rate_V_per_s

    def course(
        self, context: Compilation, path: Path, turns_V: Mapping[str, float]
    ) -> dict[str, Any]:
        """Stairs, time and end, as fields of a `SweepPlan`; `turns_V` are its potentials by key."""
        for key, potential_V in turns_V.items():
            crosscheck.check_voltage(context, potential_V, (*path, key))
        check_current_limit(context, self.current_limit_A, path)
        source = context.bench.source
        finest_V = self.rate_V_per_s * source.stair_min_s
        step_V = self.step_V or max(SWEEP_STEP_V, finest_V)
        if self.step_V is None:
            why = "not stated"
            if step_V > COARSE_STEP_V:
                why += f"; the {source.model} takes no finer at this rate, and peaks suffer"
            context.assume((*path, "step"), wording.voltage(step_V), why)
        interval_s = step_V / self.rate_V_per_s
        remedy = f"write at least `step: {format_quantity(finest_V, 'mV')}`, or sweep more slowly"
        crosscheck.check_interval(context, interval_s, (*path, "step"), source.stair_min_s, remedy)
        sign = context.protocol.electrodes.forward_sign
        duration_s = self.way_V() / self.rate_V_per_s
        limiting_A = context.resolved.limiting_currents_A()
        return {
            "until": conditions(context, self.until or (), path, sign),
            "time_cap_s": TIME_CAP_FACTOR * duration_s,
            "charge_cap_C": self.current_limit_A * duration_s,
            "interval_s": interval_s,
            "expected_duration_s": duration_s,
            "expected_end": "the sweep is complete",
            "step_V": step_V,
            "rate_V_per_s": self.rate_V_per_s,
            "current_limit_A": self.current_limit_A,
            "expected_current_A": None if isinstance(limiting_A, str) else limiting_A[2],
        }
