"""When a single pass ends: that no solution is left."""

from __future__ import annotations

from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.plan import Condition, Signal
from faradaic.protocols.streams import stream_of


def all_passed(context: Compilation, path: Path) -> tuple[Condition, ...]:
    """What ends a step with current in a single pass: that no solution is left."""
    stream = stream_of(context.protocol)
    if stream is None or stream.mode != "single_pass":
        return ()
    used_s = sum(step.expected_duration_s for step in context.steps if step.passes_current)
    left_s = stream.lasts_s - used_s
    size, rate = wording.volume(stream.volume_m3), wording.flow(stream.rate_m3_per_s)
    if left_s <= 1e-9 * stream.lasts_s:
        context.report(
            "E413",
            f"the {size} of solution have passed at {rate} before this step begins",
            path,
            help="shorten the steps before it, lower the `rate`, or plan more solution",
        )
        raise Unresolvable
    return (
        Condition(
            signal=Signal.TIME_S,
            at_least=left_s,
            text=f"the {size} of solution have passed at {rate}",
            line=context.line(("cell", "flow")),
        ),
    )
