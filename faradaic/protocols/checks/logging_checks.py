"""L: what is recorded of a run."""

from __future__ import annotations

from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.level_steps import LevelsPlan
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.wording import short_time

_SHARE = 0.01
_PER_HALF = 10
_BYTES = 150.0
"""Of one reading in the journal."""
_LARGE_BYTES = 200e6


@check("L01")
def too_few_readings(context: Context) -> Findings:
    """Fewer than a hundred readings of a step, or ten of a level, show little of it."""
    for step in context.flowing:
        if step.series_points is not None or step.held_current_A is None:
            continue
        if isinstance(step, LevelsPlan):
            continue  # what has passed in each level is counted by who switches them
        if step.expected_duration_s and step.interval_s > _SHARE * step.expected_duration_s:
            count = step.expected_duration_s / step.interval_s
            found = warning if count < _PER_HALF else info
            yield found(
                f"the step takes {short_time(step.expected_duration_s)} and is read every"
                f" {short_time(step.interval_s)}: {count:.0f} readings in all",
                path=step.path,
                help="write `sampling: {interval:"
                f" {short_time(_SHARE * step.expected_duration_s)}}}` or less",
                numbers={"interval_s": step.interval_s, "duration_s": step.expected_duration_s},
            )


@check("L02")
def large_journal(context: Context) -> Findings:
    """What the readings of a run take on disk."""
    size = sum(_BYTES * step.expected_duration_s / step.interval_s for step in context.flowing)
    if size > _LARGE_BYTES:
        yield info(
            f"the readings take about {size / 1e6:.0f} MB",
            path=("sampling",),
            help=f"write `interval: {size / _LARGE_BYTES * _fastest_s(context.flowing):.2g} s`",
            numbers={"bytes": size},
        )


def _fastest_s(steps: list[StepPlan]) -> float:
    return min(step.interval_s for step in steps)


@check("L03")
def no_rest_afterwards(context: Context) -> Findings:
    """The voltage at rest before and after tells a short, a dead lead and what was made."""
    steps, flowing = context.plan.steps, context.flowing
    if not flowing or (len(flowing) == len(steps) == 1 and flowing[0].held_current_A is None):
        return
    if steps[-1].passes_current and context.current_A is not None:
        yield info(
            "nothing is recorded after the current has stopped",
            path=steps[-1].path,
            help="end with `open_circuit: {duration: 60 s}`; before the first step too, it tells a"
            " short or a dead lead",
        )
