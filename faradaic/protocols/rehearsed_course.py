"""What a rehearsal made of a plan, kept with it: cell voltage against charge, step by step."""

from __future__ import annotations

from bisect import bisect_right

from pydantic import BaseModel, ConfigDict

LEAST_WIDTH_V = 0.2
"""As well as a calibrated cell predicts the next run (docs/calibration.md): no rehearsal is known
better than that."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class RehearsedStep(_Frozen):
    """One step of a held current: the cell voltage, positive where the source drives the cell."""

    step: str
    """Its id in the plan."""
    charge_C: tuple[float, ...]
    """Gross, since the step began, rising."""
    voltage_V: tuple[float, ...]
    low_V: tuple[float, ...]
    high_V: tuple[float, ...]
    """What the description of the cell leaves open; never nearer than `LEAST_WIDTH_V`."""

    def at(self, charge_C: float) -> tuple[float, float, float] | None:
        """Low, rehearsed and high voltage after a charge of the step; None beyond its end."""
        charges = self.charge_C
        if charge_C > charges[-1]:
            return None
        above = bisect_right(charges, charge_C)
        if above == 0 or above == len(charges):
            place = min(above, len(charges) - 1)
            return self.low_V[place], self.voltage_V[place], self.high_V[place]
        before = above - 1
        share = (charge_C - charges[before]) / (charges[above] - charges[before])
        low_V, mid_V, high_V = (
            values[before] + share * (values[above] - values[before])
            for values in (self.low_V, self.voltage_V, self.high_V)
        )
        return low_V, mid_V, high_V


class Rehearsal(_Frozen):
    """The course of a plan in its simulated cell."""

    steps: tuple[RehearsedStep, ...]
    guess: str = ""
    """What moves its voltage most and nobody stated; empty where all was stated."""
    calibrated_by: str = ""
    """The run whose numbers the cell has; empty without."""
    ended: str = ""
    """How it ended."""

    def of(self, step_id: str) -> RehearsedStep | None:
        """The course of a step of the plan."""
        return next((one for one in self.steps if one.step == step_id), None)
