"""What the simulated cell makes of a plan, before anything is run.

The engine walks the plan on an ideal bench (no bytes, no noise) and keeps nothing. It does so
three times: with the cell as described, and at the two ends of what its description leaves open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from faradaic.protocols.plan import Signal
from faradaic.runner.engine import Engine, RunProgress, RunResult
from faradaic.runner.host import DeviceHost
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.protocols.plan import Plan

_READINGS = 400
"""Of a step, about; fewer where a plan has many steps."""


class IdealHost(DeviceHost, Protocol):
    """A device host that knows what has become of the cell."""

    def conversions(self) -> Mapping[str, float]:
        """What has reacted of each species, as a fraction."""
        ...


class _NoJournal:
    """A forecast leaves no record."""

    def write(
        self, kind: str, time_s: float, fields: Mapping[str, Any], *, durable: bool = False
    ) -> int:
        return 0

    def sample(self, time_s: float, values: tuple[float | int | None, ...]) -> int:
        return 0


def walk(plan: Plan, host: IdealHost) -> RunResult:
    longest_s = max((step.time_cap_s for step in plan.steps), default=1.0)
    interval_s = max(1.0, longest_s / max(20, min(_READINGS, 4000 // max(1, len(plan.steps)))))
    coarse = plan.model_copy(
        update={
            "steps": tuple(s.model_copy(update={"interval_s": interval_s}) for s in plan.steps),
            "limits": tuple(one for one in plan.limits if one.signal is not Signal.STALE_S),
        }
    )
    engine = Engine(
        coarse, plan.bench_sha256, host, operator=DefaultOperator(), controls=Controls(),
        poll_s=interval_s,
    )  # fmt: skip
    engine.preflight()
    return engine.run(_NoJournal(), {"simulated": True})
