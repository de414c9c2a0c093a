"""The stream that carries the limiting component through a flow cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from faradaic.chemistry.flow import charge_per_pass_F_per_mol, residence_time_s
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.plan import Condition, FlowEstimate, Signal
from faradaic.protocols.schema import Protocol


@dataclass(frozen=True, slots=True)
class Stream:
    """A solution that is pumped."""

    mode: Literal["single_pass", "recirculating"]
    rate_m3_per_s: float
    volume_m3: float
    """Of the solution."""
    channel_m3: float | None
    concentration_mol_per_m3: float | None
    """Of the limiting component as it enters."""

    @property
    def lasts_s(self) -> float:
        """Time in which all of the solution passes once."""
        return residence_time_s(self.volume_m3, self.rate_m3_per_s)

    def estimate(self, current_A: float | None) -> FlowEstimate:
        """What one pass does at a current."""
        concentration, channel = self.concentration_mol_per_m3, self.channel_m3
        return FlowEstimate(
            mode=self.mode,
            rate_m3_per_s=self.rate_m3_per_s,
            volume_m3=self.volume_m3,
            concentration_mol_per_m3=concentration,
            pass_s=self.lasts_s,
            residence_time_s=channel and residence_time_s(channel, self.rate_m3_per_s),
            pass_F_per_mol=charge_per_pass_F_per_mol(current_A, concentration, self.rate_m3_per_s)
            if current_A and concentration
            else None,
        )


def stream_of(protocol: Protocol) -> Stream | None:
    """The stream of the limiting component, else of the anolyte; None without a rate."""
    flow = protocol.cell.flow
    if flow is None:
        return None
    place = protocol.limiting[0] if protocol.limiting else next(iter(protocol.solutions))
    sides = {"anolyte": flow.anolyte_m3_per_s, "catholyte": flow.catholyte_m3_per_s}
    rate = sides.get(place) or flow.rate_m3_per_s
    if rate is None:
        return None
    volume_m3, channel = protocol.solutions[place].volume_m3, flow.channel
    moles = protocol.limiting_amount_mol
    return Stream(
        flow.mode,
        rate,
        volume_m3,
        None if channel is None else channel.width_m * channel.height_m * channel.length_m,
        None if moles is None else moles / volume_m3,
    )


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
