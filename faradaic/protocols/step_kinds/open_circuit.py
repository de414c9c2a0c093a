"""Open circuit: rest with the output off, measuring the voltage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from faradaic.diagnostics import Diagnostic
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Place
from faradaic.protocols.endings import conditions
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema import Protocol
from faradaic.protocols.schema.field_types import PositiveTime
from faradaic.protocols.step_kind import MeasuredStep, step_kind


class OpenCircuitPlan(StepPlan):
    """A rest of a known length."""

    kind: Literal["open_circuit"] = "open_circuit"
    passes_current: bool = False


@step_kind("open_circuit")
class OpenCircuit(MeasuredStep):
    """Rest with the output off, measuring the voltage."""

    short_form: ClassVar[str] = "duration"

    duration_s: PositiveTime

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """A rest that its duration ends, if no condition does before."""
        label = f"open circuit, {wording.duration(self.duration_s)}"
        until = conditions(context, self.until or (), place.path, 1, self.duration_s)
        return OpenCircuitPlan(
            **self.heading(context, place, label),
            until=until,
            time_cap_s=self.duration_s,
            interval_s=self.reading_interval_s(context, place.path),
            expected_duration_s=self.duration_s,
            expected_end=until[-1].text,
        )

    def contradictions(self, protocol: Protocol) -> Iterator[tuple[Diagnostic, Path]]:
        """Conditions on what doesn't flow."""
        for index, until in enumerate(self.until or ()):
            if until.signal in ("charge", "current"):
                message = (
                    f"no current flows at open circuit, so the {until.signal} never gets there"
                )
                remedy = "end the rest by `duration`, or watch `cell_voltage`"
                yield Diagnostic("E306", message, help=remedy), ("until", index)
