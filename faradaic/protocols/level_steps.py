"""What steps have in common whose set-point has several levels: alternation, pulses, ramps."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, Protocol

from faradaic.diagnostics import Diagnostic
from faradaic.documents.models import problem
from faradaic.protocols import crosscheck, wording
from faradaic.protocols.ceilings import check_below, check_current_limit
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.plan import Signal, StepPlan
from faradaic.protocols.schema.end_conditions import Conditions
from faradaic.protocols.setpoints import potential_shift_V

Regulated = Literal["current", "potential", "voltage"]
"""What is held: a current, a potential, the voltage across the cell."""

HELD_BY = {
    "current": "constant_current",
    "potential": "constant_potential",
    "voltage": "constant_cell_voltage",
}
"""The mode of a source that holds one of them."""


class PlannedLevel(NamedTuple):
    """What is held for a time."""

    regulation: Literal["current", "potential", "voltage", "off"]
    value: float
    """A or V, signed; 0 where the cell is open."""
    duration_s: float


class VaryingPlan(StepPlan):
    """A set-point that changes; `regulates` says what it is of."""

    regulates: Regulated

    @property
    def follows_from_the_cell(self) -> tuple[str, ...]:
        """Get what the source does not hold."""
        if self.regulates == "current":
            return ("cell_voltage_V",)
        return ("current_A",) if self.regulates == "voltage" else ("cell_voltage_V", "current_A")

    @property
    def limiting_is_lost_regulation(self) -> bool:
        """Get whether a source at its limit doesn't do what it was asked to."""
        return self.regulates != "voltage"

    @property
    def potentiostatic(self) -> bool:
        """Get whether a potential is imposed."""
        return self.regulates == "potential"

    def _held(self, regulation: str, value: float) -> tuple[float | None, float | None]:
        if regulation == "current" and value:
            return value, None
        return (None, value) if regulation == "potential" else (None, None)


class LevelsPlan(VaryingPlan):
    """Levels one after the other and over again."""

    levels: tuple[PlannedLevel, ...]
    phase_s: float = 0.0
    """How far into its period it begins."""
    watched: int = 0
    """The level that conditions on current, voltage and potential look at."""

    @property
    def period_s(self) -> float:
        """Get the time after which it begins again."""
        return sum(level.duration_s for level in self.levels)

    @property
    def reverses(self) -> bool:
        """Get whether one level has the other direction than another."""
        return min(one.value for one in self.levels) * max(one.value for one in self.levels) < 0

    @property
    def held_current_A(self) -> float | None:
        """Get the largest current that is held."""
        if self.regulates != "current":
            return None
        watched = self.levels[self.watched].value
        largest = max(abs(level.value) for level in self.levels)
        return math.copysign(largest, watched or 1.0)

    @property
    def mean_current_A(self) -> float | None:
        """Get the mean magnitude of the current over a period."""
        if self.regulates != "current":
            return None
        return sum(abs(one.value) * one.duration_s for one in self.levels) / self.period_s

    @property
    def largest_voltage_V(self) -> float | None:
        """Get the cell voltage that is held or limited at."""
        if self.regulates == "voltage":
            return max(abs(level.value) for level in self.levels)
        return self.cell_voltage_limit_V

    def time_to_pass_s(self, charge_C: float, elapsed_s: float) -> float | None:
        """How long a gross charge takes from a place in the period on; None where the current
        follows the chemistry."""
        if self.regulates != "current":
            return None
        whole_C = sum(abs(one.value) * one.duration_s for one in self.levels)
        if not math.isfinite(charge_C):
            return math.inf
        periods = math.floor(charge_C / whole_C)
        left_C, time_s = charge_C - periods * whole_C, periods * self.period_s
        at_s = elapsed_s % self.period_s
        for level in (*self.levels, *self.levels):
            there_s = min(at_s, level.duration_s)
            at_s -= there_s
            lasts_s, rate_A = level.duration_s - there_s, abs(level.value)
            if rate_A * lasts_s >= left_C:
                return time_s + (left_C / rate_A if left_C > 0 else 0.0)
            left_C -= rate_A * lasts_s
            time_s += lasts_s
        return time_s

    def held_in(self, level: int | None) -> tuple[float | None, float | None]:
        """The current and the potential that are held in a level; neither in an open cell."""
        return (None, None) if level is None else self._held(*self.levels[level][:2])

    def watched_in(self, level: int | None) -> bool:
        """Only one of them: the other's current has the other direction, or is none."""
        return level is None or level == self.watched

    def kept_as(self, level: int | None) -> int:
        """Each level has its own readings."""
        return 0 if level is None else 1 + level


class Setpoints:
    """What the levels of one step are, against what the bench and its limits allow."""

    def __init__(
        self,
        context: Compilation,
        path: Path,
        mode: str,
        regulates: Regulated,
        bears_gap: bool | None,
    ) -> None:
        """`bears_gap`: whether the gap of a polarity bridge may be in it; None where it does not
        reverse."""
        self.context = context
        self.path = path
        self.mode = mode
        self.regulates = regulates
        self.bears_gap = bears_gap
        self.largest_A = 0.0
        """The largest current that was looked at."""

    def other_benches(self, level_s: float | None = None) -> list[str]:
        """Those that run it, to be typed; with levels as short where a time is given."""
        found = self.context.bench.others_with(
            HELD_BY[self.regulates] if self.bears_gap else self.mode,
            HELD_BY[self.regulates],
            level_s=level_s,
            current_A=self.largest_A,
            bears_gap=self.bears_gap,
        )
        return [f"`--bench {name}`" for name in found]

    def require_mode(self) -> None:
        """Reports E401 where the source does not hold what is asked for, raises Unresolvable."""
        mode, source = HELD_BY[self.regulates], self.context.bench.source
        if mode in source.modes:
            return
        others = self.other_benches()
        self.context.report(
            "E401",
            f"the {source.manufacturer} {source.model} on bench `{self.context.bench.name}` holds"
            f" no {'cell voltage' if self.regulates == 'voltage' else self.regulates}",
            self.path,
            help=f"take {' or '.join(others) or 'a bench whose source does'}",
        )
        raise Unresolvable

    def require_time(self, shortest_s: float, key: str, example: str, *within: str) -> None:
        """A level no shorter than the source can hold one (E409); `example` is what to write."""
        source = self.context.bench.source
        dead_s = source.dead_time_s
        least_s = source.level_min_s + dead_s
        if shortest_s >= least_s * (1 - 1e-9):
            return
        quicker = self.other_benches(shortest_s)
        remedy = f"write `{example}`"
        behind = f", after {wording.short_time(dead_s)} of an open cell (bridge)" if dead_s else ""
        self.context.report(
            "E409",
            f"a level of {wording.short_time(shortest_s)} is asked for; the {source.model} holds"
            f" one for {wording.short_time(source.level_min_s)} at least{behind}",
            (*self.path, *within, key),
            help=f"{remedy}, or take {' or '.join(quicker)}" if quicker else remedy,
            numbers={"level_s": shortest_s, "level_min_s": least_s},
        )
        raise Unresolvable

    def check(self, largest: float, where: Path) -> None:
        """The largest magnitude against source and ceilings."""
        context = self.context
        if self.regulates == "current":
            self.largest_A = max(self.largest_A, largest)
            crosscheck.check_current(context, largest, where)
            check_below(context, Signal.CURRENT_A, largest, where, regulated=True)
            return
        crosscheck.check_voltage(context, largest, where)
        if self.regulates == "voltage":
            check_below(context, Signal.CELL_VOLTAGE_V, largest, where, regulated=True)

    def limits(
        self, cell_voltage_limit_V: float | None, current_limit_A: float | None
    ) -> dict[str, Any]:
        """The limit that belongs to what is held, as fields of a `StepPlan`."""
        context, path = self.context, self.path
        if self.regulates == "current":
            assert cell_voltage_limit_V is not None
            where = (*path, "cell_voltage_limit")
            check_below(context, Signal.CELL_VOLTAGE_V, cell_voltage_limit_V, where)
            limit_V = crosscheck.reachable_voltage_V(context, cell_voltage_limit_V, where)
            return {
                "cell_voltage_limit_V": limit_V,
                "compliance_V": crosscheck.compliance_above_V(context, limit_V),
            }
        assert current_limit_A is not None
        check_current_limit(context, current_limit_A, path)
        return {"current_limit_A": current_limit_A}

    def shift_V(self, vs: str | None) -> float:
        """What to add to a potential for the electrode connected."""
        return potential_shift_V(self.context, vs or "reference", self.path)


class Limited(Protocol):
    """A step that says within what it holds its levels."""

    @property
    def cell_voltage_limit_V(self) -> float | None: ...
    @property
    def current_limit_A(self) -> float | None: ...


def require_limit(step: Limited, regulates: Regulated) -> None:
    """Raises a problem where a step doesn't limit what follows from the cell, or what it holds."""
    given = {"cell_voltage_limit": step.cell_voltage_limit_V, "current_limit": step.current_limit_A}
    needed = "cell_voltage_limit" if regulates == "current" else "current_limit"
    (other,) = given.keys() - {needed}
    if given[needed] is None:
        example = "10 V" if regulates == "current" else "50 mA"
        raise problem(f"`{needed}` is missing", code="E302", help=f"add `{needed}: {example}`")
    if given[other] is not None:
        held = "cell voltage" if regulates == "voltage" else regulates
        raise problem(
            f"nothing uses `{other}` where a {held} is held",
            code="E306",
            help=f"remove it; `{needed}` is the limit of this step",
            path=[other],
        )


def require_scale(regulates: Regulated, vs: str | None) -> None:
    """Raises a problem where a potential is held and nobody says against what."""
    if regulates == "potential" and vs is None:
        raise problem(
            "`vs` is missing: against what the potential is held",
            code="E302",
            help="add `vs: reference`, the electrode that is connected, or a scale",
        )


def phase_text(elapsed_s: float, period_s: float) -> str:
    """How far into its period a step of levels is, as it is written."""
    at_s = elapsed_s % period_s
    return f"{0.0 if period_s - at_s < 1e-6 * period_s else at_s:.9g} s"


def net_that_never_comes(until: Conditions | None, why: str) -> Iterator[tuple[Diagnostic, Path]]:
    """A net charge that the levels take back (E306)."""
    for index, one in enumerate(until or ()):
        if one.count == "net":
            yield (
                Diagnostic(
                    "E306",
                    f"{why}, so the net charge never gets there",
                    help="leave out `count: net`: the charge then counts both directions",
                ),
                ("until", index),
            )
