"""Impedance spectroscopy: at rest, at a held potential, cell voltage or current."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from faradaic.documents.models import Count, Text, exactly_one, problem
from faradaic.protocols import crosscheck, wording
from faradaic.protocols.ceilings import check_below, check_current_limit, stated_ceilings
from faradaic.protocols.compilation import Compilation, Path, Place
from faradaic.protocols.endings import TIME_CAP_FACTOR
from faradaic.protocols.plan import Signal, StepPlan
from faradaic.protocols.schema.field_types import (
    PositiveCurrent,
    PositiveFrequency,
    PositiveTime,
    PositiveVoltage,
)
from faradaic.protocols.setpoints import potential_shift_V
from faradaic.protocols.step_kind import StepKind, step_kind
from faradaic.quantities import format_quantity
from faradaic.quantities.fields import Current, Voltage

OVERHEAD_S = 1.0
"""What a spectrum takes before its first frequency: the cell at rest, ranges, the handshakes."""

SHORTEST_INTERVAL_S = 0.1


class SpectrumPlan(StepPlan):
    """Frequencies, from the first to the last."""

    first_Hz: float
    last_Hz: float
    points: int
    settle_s: float
    limit_assumed: bool = False
    """Whether nobody stated the limit of a spectrum around the cell at rest."""

    done: ClassVar[str] = "the spectrum is complete"

    @property
    def about_rest(self) -> bool:
        """Get whether it has no bias, and no limit of its own."""
        return self.limit_assumed

    @property
    def series_points(self) -> int:
        """Get how many frequencies there are."""
        return self.points

    @property
    def ratio(self) -> float:
        """Get the ratio of a frequency to the one before it."""
        return spacing(self.first_Hz, self.last_Hz, self.points)

    def series_behind(self, point: Mapping[str, Any]) -> int:
        """By its frequency: one that was lost on the way is not measured again."""
        return 1 + frequencies_before(
            float(point["frequency_Hz"]), self.first_Hz, self.last_Hz, self.points
        )

    def series_left(self, behind: int) -> dict[str, Any]:
        """The frequencies that are left, in the same spacing."""
        left = self.points - behind
        if not behind or left < 1:
            return {}
        first_Hz = self.first_Hz * self.ratio**behind if left > 1 else self.last_Hz
        return {"first_Hz": first_Hz, "points": left}

    def series_words(self, behind: int) -> str:
        """That it goes on, and what was done anew."""
        settled = (
            f", after {wording.short_time(self.settle_s)} of its bias" if self.settle_s else ""
        )
        first_Hz = self.series_left(behind)["first_Hz"]
        return (
            f"the spectrum goes on at {wording.frequency(first_Hz)}{settled}: {behind} of"
            f" {self.points} frequencies were measured before it was interrupted, and are kept"
        )


class ImpedancePlan(SpectrumPlan):
    """A small sine of voltage on a steady one."""

    kind: Literal["impedance"] = "impedance"
    bias_V: float | None
    """None for the voltage of the cell at rest."""
    across_cell: bool
    amplitude_V: float
    current_limit_A: float

    @property
    def potentiostatic(self) -> bool:
        """Get whether a potential is imposed, rather than a cell voltage."""
        return not self.across_cell

    @property
    def largest_voltage_V(self) -> float | None:
        """Get the largest cell voltage, where it is the cell voltage that is held."""
        if not self.across_cell:
            return None
        return abs(self.bias_V or 0.0) + math.sqrt(2.0) * self.amplitude_V


class GalvanostaticImpedancePlan(SpectrumPlan):
    """A small sine of current on a steady one."""

    kind: Literal["galvanostatic_impedance"] = "galvanostatic_impedance"
    bias_A: float
    amplitude_A: float
    cell_voltage_limit_V: float

    @property
    def follows_from_the_cell(self) -> tuple[str, ...]:
        """Get what the source does not hold."""
        return ("cell_voltage_V",)

    @property
    def held_current_A(self) -> float | None:
        """Get the steady current; None where there is none."""
        return self.bias_A or None

    @property
    def largest_current_A(self) -> float:
        """Get the largest current of the sine."""
        return abs(self.bias_A) + math.sqrt(2.0) * self.amplitude_A


@step_kind("impedance")
class Impedance(StepKind):
    """Impedance spectroscopy: a small sine of one frequency after the other.

    With an amplitude in volts around the potential (`vs` its scale) or the cell voltage of
    `bias_voltage`, or around the cell at rest without one; with an amplitude in amperes around
    `bias_current`, or around no current. `settle` holds the bias before the first frequency.
    """

    other_modes: ClassVar[tuple[str, ...]] = ("galvanostatic_impedance",)

    from_Hz: PositiveFrequency
    to_Hz: PositiveFrequency
    points_per_decade: Count = 10
    amplitude_V: PositiveVoltage | None = Field(default=None, alias="amplitude_voltage")
    """Root mean square."""
    amplitude_A: PositiveCurrent | None = Field(default=None, alias="amplitude_current")
    """Root mean square."""
    bias_V: Voltage | None = Field(default=None, alias="bias_voltage")
    bias_A: Current | None = Field(default=None, alias="bias_current")
    """Positive in the direction of the electrolysis."""
    vs: Text | None = None
    settle_s: PositiveTime | None = None
    current_limit_A: PositiveCurrent | None = None
    cell_voltage_limit_V: PositiveVoltage | None = None

    @model_validator(mode="after")
    def _one_sine(self) -> Impedance:
        exactly_one(self, ("amplitude_V", "amplitude_A"), "the amplitude")
        if self.from_Hz == self.to_Hz:
            raise problem(
                "the spectrum ends at the frequency where it begins",
                code="E305",
                help="write another frequency",
                path=["to"],
            )
        of_voltage = self.amplitude_V is not None
        others: dict[str, object] = {
            "bias_current": self.bias_A,
            "cell_voltage_limit": self.cell_voltage_limit_V,
        }
        if not of_voltage:
            others = {
                "bias_voltage": self.bias_V,
                "vs": self.vs,
                "current_limit": self.current_limit_A,
            }
        for key, value in others.items():
            if value is not None:
                raise problem(
                    f"`{key}` doesn't go with `amplitude_{'voltage' if of_voltage else 'current'}`",
                    help="remove it, or write the other amplitude",
                    path=[key],
                )
        if self.vs is not None and self.bias_V is None:
            raise problem(
                "`vs` is the scale of `bias_voltage`, which is not given",
                help="add `bias_voltage`, or remove `vs`: the spectrum is then taken at rest",
                path=["vs"],
            )
        limit, key = (
            (self.current_limit_A, "current_limit: 10 mA")
            if of_voltage
            else (self.cell_voltage_limit_V, "cell_voltage_limit: 3 V")
        )
        if (self.bias_V is not None or self.bias_A) and limit is None:
            raise problem(
                "nothing limits this spectrum, which is taken under current",
                code="E302",
                help=f"add for example `{key}`",
            )
        return self

    @property
    def points(self) -> int:
        """Get the number of frequencies."""
        decades = abs(math.log10(self.from_Hz / self.to_Hz))
        return max(2, round(decades * self.points_per_decade) + 1)

    def left_after_points(self, last_Hz: float) -> tuple[str, int] | None:
        """The frequency at which it goes on after a point, as it is written, and how many were
        measured; None where that was the last."""
        done = 1 + frequencies_before(last_Hz, self.from_Hz, self.to_Hz, self.points)
        if done >= self.points - 1:  # one frequency alone is no spectrum
            return None
        first_Hz = self.from_Hz * spacing(self.from_Hz, self.to_Hz, self.points) ** done
        return f"{first_Hz:.6g} Hz", done

    def needed_mode(self) -> str:
        """That of a potentiostat or of a galvanostat."""
        return self.mode if self.amplitude_V is not None else self.other_modes[0]

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The sine and what it stands on, each within what the source can."""
        span = " to ".join(map(wording.frequency, (self.from_Hz, self.to_Hz)))
        label = f"impedance {span}, {self.points} frequencies, "
        course = self._course(context, place.path)
        if self.amplitude_A is not None:
            return self._of_current(context, place, label, course, self.amplitude_A)
        assert self.amplitude_V is not None
        return self._of_voltage(context, place, label, course, self.amplitude_V)

    def _of_voltage(
        self, context: Compilation, place: Place, label: str, course: dict[str, Any], rms_V: float
    ) -> ImpedancePlan:
        path, source = place.path, context.bench.source
        assert source.sines is not None
        if rms_V > source.sines.largest_V:
            most = format_quantity(source.sines.largest_V, "mV")
            context.report(
                "E403",
                f"a sine of {format_quantity(rms_V, 'mV')} (rms) is asked for; the {source.model}"
                f" gives {most} at most",
                (*path, "amplitude_voltage"),
                help=f"write at most {most}; 5 mV to 20 mV keep most cells linear",
                numbers={"amplitude_V": rms_V, "amplitude_max_V": source.sines.largest_V},
            )
        bias_V, across, where = self.bias_V, self.vs is None, "around the cell at rest"
        if bias_V is not None:
            where = f"around {wording.voltage(bias_V)}" + (f" vs {self.vs}" if self.vs else "")
            if self.vs is not None:
                bias_V += potential_shift_V(context, self.vs, path)
            peak_V = abs(bias_V) + math.sqrt(2.0) * rms_V
            crosscheck.check_voltage(context, peak_V, (*path, "bias_voltage"))
            if across:
                bias_path = (*path, "bias_voltage")
                check_below(context, Signal.CELL_VOLTAGE_V, peak_V, bias_path, regulated=True)
        else:
            across = context.protocol.electrodes.reference is None
        limit_A = self.current_limit_A
        if limit_A is None:
            stated = stated_ceilings(context).get(Signal.CURRENT_A)
            limit_A = min(source.current_max_A, math.inf if stated is None else stated.value)
            context.assume((*path, "current_limit"), wording.current(limit_A), _NOT_STATED)
        else:
            check_current_limit(context, limit_A, path)
        at_rest = bias_V is None
        return ImpedancePlan(
            **self.heading(context, place, f"{label}{format_quantity(rms_V, 'mV')} {where}"),
            **course,
            charge_cap_C=limit_A * course["time_cap_s"],
            expected_charge_C=0.0 if at_rest else None,
            bias_V=bias_V,
            across_cell=across,
            amplitude_V=rms_V,
            current_limit_A=limit_A,
            limit_assumed=self.current_limit_A is None,
        )

    def _of_current(
        self, context: Compilation, place: Place, label: str, course: dict[str, Any], rms_A: float
    ) -> GalvanostaticImpedancePlan:
        path, source = place.path, context.bench.source
        bias_A = (self.bias_A or 0.0) * context.protocol.electrodes.forward_sign
        largest_A = abs(bias_A) + math.sqrt(2.0) * rms_A
        crosscheck.check_current(context, largest_A, (*path, "amplitude_current"))
        amplitude_path = (*path, "amplitude_current")
        check_below(context, Signal.CURRENT_A, largest_A, amplitude_path, regulated=True)
        limit_V, limit_path = self.cell_voltage_limit_V, (*path, "cell_voltage_limit")
        if limit_V is None:
            stated = stated_ceilings(context).get(Signal.CELL_VOLTAGE_V)
            limit_V = min(source.compliance_V, math.inf if stated is None else stated.value)
            context.assume(limit_path, wording.voltage(limit_V), _NOT_STATED)
        else:
            check_below(context, Signal.CELL_VOLTAGE_V, limit_V, limit_path)
            limit_V = crosscheck.reachable_voltage_V(context, limit_V, limit_path)
        around = f"around {wording.current(bias_A)}" if bias_A else "around no current"
        return GalvanostaticImpedancePlan(
            **self.heading(context, place, f"{label}{wording.current(rms_A)} {around}"),
            **course,
            charge_cap_C=2.0 * abs(bias_A) * course["time_cap_s"] if bias_A else None,
            expected_charge_C=abs(bias_A) * course["expected_duration_s"],
            bias_A=bias_A,
            amplitude_A=rms_A,
            cell_voltage_limit_V=limit_V,
            limit_assumed=self.cell_voltage_limit_V is None,
        )

    def _course(self, context: Compilation, path: Path) -> dict[str, Any]:
        """Frequencies within the source's, and how long they take."""
        source = context.bench.source
        sines = source.sines
        assert sines is not None
        for key, frequency_Hz in (("from", self.from_Hz), ("to", self.to_Hz)):
            within = sines.lowest_Hz * (1 - 1e-9) <= frequency_Hz <= sines.highest_Hz * (1 + 1e-9)
            if not within:
                lowest, highest = map(wording.frequency, (sines.lowest_Hz, sines.highest_Hz))
                context.report(
                    "E409",
                    f"{wording.frequency(frequency_Hz)} is asked for; the"
                    f" {source.model} measures impedances from {lowest} to {highest}",
                    (*path, key),
                    help=f"write a frequency from {lowest} to {highest}",
                    numbers={"frequency_Hz": frequency_Hz},
                )
        ratio = (self.to_Hz / self.from_Hz) ** (1.0 / (self.points - 1))
        frequencies_Hz = [self.from_Hz * ratio**k for k in range(self.points)]
        slowest_s = sines.point_s(min(self.from_Hz, self.to_Hz))
        settle_s = self.settle_s or 0.0
        duration_s = settle_s + sines.duration_s(frequencies_Hz) + OVERHEAD_S
        return {
            "time_cap_s": TIME_CAP_FACTOR * duration_s,
            "interval_s": max(SHORTEST_INTERVAL_S, slowest_s),
            "expected_duration_s": duration_s,
            "expected_end": SpectrumPlan.done,
            "first_Hz": self.from_Hz,
            "last_Hz": self.to_Hz,
            "points": self.points,
            "settle_s": settle_s,
        }


def spacing(first_Hz: float, last_Hz: float, points: int) -> float:
    """The ratio of a frequency to the one before it."""
    return math.pow(last_Hz / first_Hz, 1.0 / max(1, points - 1))


def frequencies_before(frequency_Hz: float, first_Hz: float, last_Hz: float, points: int) -> int:
    """How many come before this one."""
    ratio = spacing(first_Hz, last_Hz, points)
    return round(math.log(frequency_Hz / first_Hz) / math.log(ratio))


_NOT_STATED = "not stated; what the source and the limits of the run allow"
