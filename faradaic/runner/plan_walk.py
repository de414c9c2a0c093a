"""A plan walked by the engine on an ideal bench: no bytes, no noise, nothing on disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from faradaic.protocols.plan import Signal
from faradaic.runner.engine import Engine
from faradaic.runner.host import DeviceHost
from faradaic.runner.run_result import RunResult
from faradaic.runner.states import RunState
from faradaic.runner.world import World

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.protocols.plan import Plan

_READINGS = 400
"""Of the longest step, about; fewer where a plan has many steps."""
_READINGS_OF_ALL = 2000


class IdealHost(DeviceHost, Protocol):
    """A device host that knows what has become of the cell."""

    def conversions(self) -> Mapping[str, float]:
        """What has reacted of each species, as a fraction."""
        ...


class WalkReading(NamedTuple):
    """What is kept of a reading."""

    time_s: float
    current_A: float
    voltage_V: float
    step: int
    """Index in the plan."""
    charge_C: float
    """Gross, since the walk began."""


@dataclass
class PlanWalk:
    """A journal that keeps what a forecast needs, and what it came to."""

    ended: RunResult | None = None
    conversion: float | None = None
    readings: list[WalkReading] = field(default_factory=list)

    def write(
        self, kind: str, time_s: float, fields: Mapping[str, Any], *, durable: bool = False
    ) -> int:
        """Events are not kept."""
        return 0

    def sample(self, time_s: float, values: tuple[float | int | None, ...]) -> int:
        """Keep one reading."""
        step, current_A, voltage_V, charge_C = values[1], values[2], values[3], values[5]
        self.readings.append(
            WalkReading(time_s, current_A or 0.0, voltage_V or 0.0, int(step or 0), charge_C or 0.0)
        )
        return 0

    @property
    def result(self) -> RunResult:
        """Get how it ended."""
        assert self.ended is not None
        return self.ended

    @property
    def is_possible(self) -> bool:
        """Get whether a cell can be so: the model did not fail, and did not drive itself."""
        return self.result.outcome is not RunState.FAILED and not self.result.diagnostics

    @property
    def cell_voltage_V(self) -> float | None:
        """Energy per charge: positive where the source drives the cell, either way."""
        charge_C = energy_J = 0.0
        times_s = [0.0, *(one.time_s for one in self.readings)]
        for (start_s, end_s), one in zip(pairwise(times_s), self.readings, strict=True):
            charge_C += abs(one.current_A) * (end_s - start_s)
            energy_J += one.current_A * one.voltage_V * (end_s - start_s)
        return energy_J / charge_C if charge_C else None


def walked(plan: Plan, host: IdealHost) -> PlanWalk:
    """The plan walked on an ideal bench, coarsely, without devices."""
    longest_s = max(step.time_cap_s for step in plan.steps)
    readings = max(20, min(_READINGS, _READINGS_OF_ALL // len(plan.steps)))
    interval_s = longest_s / readings
    coarse = plan.model_copy(
        update={
            "steps": tuple(
                s.model_copy(update={"interval_s": max(s.interval_s, s.time_cap_s / readings)})
                for s in plan.steps
            ),
            "devices": (),
            "interlocks": (),
            "limits": tuple(one for one in plan.limits if one.signal is not Signal.STALE_S),
        }
    )
    engine = Engine(coarse, plan.bench_sha256, World(host), poll_s=interval_s)
    engine.preflight()
    walk = PlanWalk()
    walk.ended = engine.run(walk, {"simulated": True})
    walk.conversion = host.conversions().get(plan.limiting or "")
    return walk


def open_ends(cell: CellDescription) -> tuple[CellDescription, ...]:
    """The cell with all that is left open at the end where it needs less voltage, and more."""
    bounded = [one for one in cell.assumptions if one.bounds is not None]
    if not bounded:
        return ()
    found = []
    for end in (0, 1):
        data = cell.model_dump()
        for one in reversed(bounded):  # what moves the voltage most has the last word
            assert one.bounds is not None
            *above, key = one.of.split(".")
            inside: Any = data
            for step in above:
                inside = inside[int(step)] if step.isdigit() else inside[step]
            inside[key] = one.bounds[end]
        found.append(type(cell).model_validate(data))
    return tuple(found)
