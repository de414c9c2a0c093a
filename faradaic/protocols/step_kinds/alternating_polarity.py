"""Alternating polarity: a current or a cell voltage that is reversed again and again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import model_validator

from faradaic.diagnostics import Diagnostic
from faradaic.documents.models import exactly_one, problem
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Place
from faradaic.protocols.level_steps import (
    HELD_BY,
    LevelsPlan,
    PlannedLevel,
    Regulated,
    Setpoints,
    net_that_never_comes,
    phase_text,
    require_limit,
)
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema import ElectrodeCurrentDensity, Protocol
from faradaic.protocols.schema.field_types import (
    NonNegativeTime,
    PositiveCurrent,
    PositiveTime,
    PositiveVoltage,
)
from faradaic.protocols.setpoints import density_current
from faradaic.protocols.step_kind import EnergisedStep, step_kind
from faradaic.quantities.fields import Fraction, Frequency


class AlternatingPolarityPlan(LevelsPlan):
    """Two levels of opposite direction; conditions look at the forward one."""

    kind: Literal["alternating_polarity"] = "alternating_polarity"


@step_kind("alternating_polarity")
class AlternatingPolarity(EnergisedStep):
    """Current or cell voltage whose direction is reversed again and again.

    Charges count both directions. Conditions on the current and the cell voltage look at the
    forward direction; limits hold in both.
    """

    mode: ClassVar[str] = "levels"

    current_A: PositiveCurrent | None = None
    current_density: ElectrodeCurrentDensity | None = None
    cell_voltage_V: PositiveVoltage | None = None
    half_period_s: PositiveTime | None = None
    frequency_Hz: Frequency | None = None
    """Of whole periods: there and back."""
    duty: Fraction | None = None
    """Share of the period in the forward direction; one half if not given."""
    start: Literal["forward", "reverse"] = "forward"
    phase_s: NonNegativeTime = 0.0
    """How far into its period it begins, as of a run that this one goes on from."""
    cell_voltage_limit_V: PositiveVoltage | None = None
    current_limit_A: PositiveCurrent | None = None

    @model_validator(mode="after")
    def _one_each(self) -> AlternatingPolarity:
        exactly_one(self, ("current_A", "current_density", "cell_voltage_V"), "the level")
        exactly_one(self, ("half_period_s", "frequency_Hz"), "how fast the polarity alternates")
        require_limit(self, self.regulates)
        if self.duty is not None and not 0 < self.duty < 1:
            raise problem(
                "a duty that is not between 0 and 100 % leaves one direction only",
                code="E305",
                help="write a share between, such as `duty: 50 %`",
                path=["duty"],
            )
        return self

    @property
    def regulates(self) -> Regulated:
        """Get what is held."""
        return "voltage" if self.cell_voltage_V is not None else "current"

    @property
    def period_s(self) -> float:
        """Get the time of both directions."""
        return 1.0 / self.frequency_Hz if self.frequency_Hz else 2.0 * (self.half_period_s or 0.0)

    def left_after(self, elapsed_s: float, gross_C: float | None) -> Mapping[str, str]:
        """The phase in which it goes on: by its charge where a current is held all the time."""
        by_charge = self.current_A and gross_C is not None
        at_s = (gross_C or 0.0) / self.current_A if by_charge and self.current_A else elapsed_s
        return {"phase": phase_text(self.phase_s + at_s, self.period_s)}

    def reverses(self) -> bool:
        """Whether it needs a source that reverses its polarity: always."""
        return True

    def mode_behind_a_bridge(self) -> str:
        """What is held: each half-period is by itself, the cell open between two."""
        return HELD_BY[self.regulates]

    def held_A(
        self, areas_m2: Mapping[str, Mapping[str, float]], limiting_mol: float | None
    ) -> float | None:
        """Its magnitude, of a current that alternates."""
        density = self.current_density
        return self.current_A if density is None else density.current_A(areas_m2)

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """Both levels with their signs; those of the electrodes say which way is forward."""
        path = place.path
        setpoints = Setpoints(context, path, self.mode, self.regulates, self.bears_gap())
        setpoints.require_mode()
        size, key, words = self._size(context, path)
        setpoints.check(size, (*path, key))
        duty = 0.5 if self.duty is None else self.duty
        period_s = self.period_s
        halves_s = {"forward": duty * period_s, "reverse": (1.0 - duty) * period_s}
        dead_s = context.bench.source.dead_time_s
        self._require_time(context, setpoints, min(halves_s.values()), period_s)
        times_s = {direction: half_s - dead_s for direction, half_s in halves_s.items()}
        limits = setpoints.limits(self.cell_voltage_limit_V, self.current_limit_A)
        forward = context.protocol.electrodes.forward_sign
        order = ("forward", "reverse") if self.start == "forward" else ("reverse", "forward")
        signs = {"forward": forward, "reverse": -forward}
        levels = []
        for direction in order:
            held = PlannedLevel(self.regulates, signs[direction] * size, times_s[direction])
            levels += [held, PlannedLevel("off", 0.0, dead_s)] if dead_s else [held]
        mean_A = size * sum(times_s.values()) / period_s
        what = wording.current(size) if self.regulates == "current" else wording.voltage(size)
        label = f"alternating polarity ±{what}{words}, {_rhythm(halves_s)}"
        if dead_s:
            label += f", the cell open for {wording.short_time(dead_s)} of each (bridge)"
        return AlternatingPolarityPlan(
            **self.heading(context, place, label),
            **self.course(
                context,
                path,
                current_limit_A=limits.get("current_limit_A", size),
                held_current_A=mean_A if self.regulates == "current" else None,
            ),
            **limits,
            regulates=self.regulates,
            levels=tuple(levels),
            phase_s=self.phase_s,
            watched=order.index("forward") * len(levels) // 2,
        )

    def _size(self, context: Compilation, path: Path) -> tuple[float, str, str]:
        """Magnitude in A or V, the key that says it, and words on what it refers to."""
        if self.current_density is not None:
            key = "current_density"
            current_A, words = density_current(context, self.current_density, (*path, key))
            return current_A, key, words
        if self.current_A is not None:
            return self.current_A, "current", ""
        assert self.cell_voltage_V is not None
        return self.cell_voltage_V, "cell_voltage", ""

    def _require_time(
        self, context: Compilation, setpoints: Setpoints, shortest_s: float, period_s: float
    ) -> None:
        """Half-periods that the source can hold, behind a bridge after its dead time (E409)."""
        least_s = context.bench.source.level_min_s + context.bench.source.dead_time_s
        if self.frequency_Hz:
            most_Hz = wording.to_three_digits(shortest_s / period_s / least_s, up=False)
            key, example = "frequency", f"frequency: {most_Hz:.3g} Hz"
        else:
            least_half_s = least_s * 0.5 * period_s / shortest_s
            least_half_s = wording.to_three_digits(least_half_s, up=True)
            key, example = "half_period", f"half_period: {wording.short_time(least_half_s)}"
        setpoints.require_time(shortest_s, key, example)

    def contradictions(self, protocol: Protocol) -> Iterator[tuple[Diagnostic, Path]]:
        """A net charge that every second half-period takes back."""
        if self.duty in (None, 0.5):
            yield from net_that_never_comes(self.until, "both directions last equally long")


def _rhythm(times_s: dict[str, float]) -> str:
    forward_s, reverse_s = times_s["forward"], times_s["reverse"]
    if abs(forward_s - reverse_s) < 1e-9 * forward_s:
        return f"reversed every {wording.short_time(forward_s)}"
    return f"{wording.short_time(forward_s)} forward, {wording.short_time(reverse_s)} back"
