"""A held current with a probe is a current that is interrupted: when, and for how long."""

from __future__ import annotations

from faradaic.protocols import crosscheck, wording
from faradaic.protocols.compilation import Compilation, Path
from faradaic.protocols.plan import StepPlan, step_plan
from faradaic.protocols.schema.probes import ProbeEvery
from faradaic.protocols.setpoints import charge_C

MODE = "current_interrupt"
"""What a source has to do for it."""
WIDTH_S = 0.1
"""For how long the current is off where nobody says: 50 to 200 ms tell an ohmic drop from what
relaxes (practice of battery testers), and no film is lost in it."""
SHORTEST_EVERY_S = 10.0
"""Between two probes: they are to be seldom, `current_interrupt` is there for the rest."""


def probed(context: Compilation, held: StepPlan, probe: ProbeEvery, path: Path) -> StepPlan:
    """The same held current with interruptions; E305 where they come too often, or never."""
    current_A = held.held_current_A
    assert current_A is not None
    every_s = charge_C(context, probe.every, (*path, "probe", "every")) / abs(current_A)
    if every_s < SHORTEST_EVERY_S:
        context.report(
            "E305",
            f"a probe every {wording.duration(every_s)} is more often than every"
            f" {wording.duration(SHORTEST_EVERY_S)}",
            (*path, "probe", "every"),
            help="write a larger charge, such as `every: 0.1 F/mol`, or a `current_interrupt` step",
        )
    if 0 < held.expected_duration_s < every_s:
        context.report(
            "E305",
            f"a probe every {wording.duration(every_s)} never comes in a step of"
            f" {wording.duration(held.expected_duration_s)}",
            (*path, "probe", "every"),
            help="write a smaller charge, such as `every: 0.1 F/mol`, or leave `probe` out",
        )
    least_s = context.bench.source.interrupt_min_s
    width_s = probe.width_s
    if width_s is None:
        width_s = max(WIDTH_S, least_s)
        context.assume((*path, "probe", "width"), f"{width_s * 1e3:.3g} ms", "not stated")
    crosscheck.check_interval(
        context,
        width_s,
        (*path, "probe", "width"),
        least_s,
        f"write at least `width: {least_s * 1e3:.3g} ms`",
    )
    told = held.model_dump() | {
        "label": f"{held.label}, probed every {wording.duration(every_s)}",
        "width_s": width_s,
        "every_s": every_s,
    }
    del told["kind"]
    return step_plan(MODE).model_validate(told)
