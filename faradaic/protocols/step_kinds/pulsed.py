"""Pulses: two levels in turn, of a current, a potential or a cell voltage, or the open cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import model_validator

from faradaic.documents.models import Flag, Model, Text, exactly_one, problem
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Place, Unresolvable
from faradaic.protocols.level_steps import (
    LevelsPlan,
    PlannedLevel,
    Regulated,
    Setpoints,
    phase_text,
    require_limit,
    require_scale,
)
from faradaic.protocols.plan import StepPlan
from faradaic.protocols.schema import ElectrodeCurrentDensity
from faradaic.protocols.schema.field_types import (
    NonNegativeTime,
    PositiveCurrent,
    PositiveTime,
    PositiveVoltage,
)
from faradaic.protocols.setpoints import density_current
from faradaic.protocols.step_kind import EnergisedStep, step_kind
from faradaic.quantities.fields import Current, CurrentDensity, Voltage

_OF_KEY: dict[str, Regulated] = {
    "current_A": "current",
    "current_density": "current",
    "potential_V": "potential",
    "cell_voltage_V": "voltage",
}


class LevelDensity(ElectrodeCurrentDensity):
    """A current density of a level: negative the other way."""

    value_A_per_m2: CurrentDensity


class Level(Model):
    """One level of a pulse: exactly one of what is held, or the open cell."""

    current_A: Current | None = None
    """Positive in the direction that the roles of the electrodes say; negative the other way."""
    current_density: LevelDensity | None = None
    """The same."""
    potential_V: Voltage | None = None
    cell_voltage_V: Voltage | None = None
    open_circuit: Flag | None = None
    time_s: PositiveTime

    @model_validator(mode="after")
    def _one_level(self) -> Level:
        exactly_one(self, (*_OF_KEY, "open_circuit"), "the level")
        if self.open_circuit is False:
            raise problem(
                "`open_circuit: false` says nothing of the level",
                help="write what is held, such as `current: 0 mA`, or `open_circuit: true`",
                path=["open_circuit"],
            )
        return self

    @property
    def key(self) -> str:
        """Get the field that says what is held, or `open_circuit`."""
        return next(key for key in (*_OF_KEY, "open_circuit") if getattr(self, key) is not None)

    @property
    def direction(self) -> float:
        """Get a number with the sign of what is held; 0 where the cell is open."""
        if self.current_density is not None:
            return self.current_density.value_A_per_m2
        return 0.0 if self.key == "open_circuit" else float(getattr(self, self.key))

    def held(self, context: Compilation, path: Path) -> tuple[float, str]:
        """What is held in A or V, 0 where the cell is open, and words on what it refers to."""
        if self.current_density is not None:
            return density_current(context, self.current_density, (*path, "current_density"))
        return self.direction, ""


class PulsedPlan(LevelsPlan):
    """Two levels; conditions look at the one that is on."""

    kind: Literal["pulsed"] = "pulsed"


@step_kind("pulsed")
class Pulsed(EnergisedStep):
    """Two levels in turn.

    Both hold the same quantity, or one leaves the cell open. Charges count both directions;
    conditions on current, voltage and potential look at `on`.
    """

    mode: ClassVar[str] = "levels"

    on: Level
    off: Level
    vs: Text | None = None
    phase_s: NonNegativeTime = 0.0
    """How far into its period it begins, as of a run that this one goes on from."""
    cell_voltage_limit_V: PositiveVoltage | None = None
    current_limit_A: PositiveCurrent | None = None

    @model_validator(mode="after")
    def _one_quantity(self) -> Pulsed:
        if self.on.key == "open_circuit":
            raise problem(
                "nothing is held while it is on",
                help="give `on` a current, a potential or a cell voltage",
                path=["on"],
            )
        if _OF_KEY.get(self.off.key, self.regulates) != self.regulates:
            raise problem(
                "`on` and `off` hold two different quantities, which a source cannot without an"
                " interruption",
                help=f"write the same quantity in both, or `off: {{open_circuit: true, time:"
                f" {self.off.time_s:g} s}}`",
                path=["off"],
            )
        require_limit(self, self.regulates)
        require_scale(self.regulates, self.vs)
        return self

    @property
    def regulates(self) -> Regulated:
        """Get what is held."""
        return _OF_KEY[self.on.key]

    def left_after(self, elapsed_s: float, gross_C: float | None) -> Mapping[str, str]:
        """The phase in which it goes on."""
        return {"phase": phase_text(self.phase_s + elapsed_s, self.on.time_s + self.off.time_s)}

    def reverses(self) -> bool:
        """Whether a level has the other direction."""
        return self.regulates != "potential" and min(self.on.direction, self.off.direction) < 0

    def mode_behind_a_bridge(self) -> str:
        """None: its levels follow each other without a gap."""
        return ""

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """Both levels with their signs, potentials against the electrode connected."""
        path, regulates = place.path, self.regulates
        setpoints = Setpoints(context, path, self.mode, regulates, self.bears_gap())
        setpoints.require_mode()
        self._can_open(context, setpoints, path)
        shift_V = setpoints.shift_V(self.vs) if regulates == "potential" else 0.0
        sign = 1 if regulates == "potential" else context.protocol.electrodes.forward_sign
        levels, words = [], []
        for name, level in (("on", self.on), ("off", self.off)):
            if level.key == "open_circuit":
                self._require_time(setpoints, level, name)
                levels.append(PlannedLevel("off", 0.0, level.time_s))
                words.append("open")
                continue
            written, refers_to = level.held(context, (*path, name))
            value = sign * written + shift_V
            words.append(f"{self._said(written)}{refers_to}")
            key = level.key.removesuffix("_A").removesuffix("_V")
            if value or regulates != "current":
                setpoints.check(abs(value), (*path, name, key))
            self._require_time(setpoints, level, name)
            levels.append(PlannedLevel(regulates, value, level.time_s))
        if not any(level.value for level in levels) and regulates == "current":
            context.report(
                "E305", "no current flows in either level", (*path, "on"), help="give `on` one"
            )
            raise Unresolvable
        limits = setpoints.limits(self.cell_voltage_limit_V, self.current_limit_A)
        period_s = sum(level.duration_s for level in levels)
        mean_A = sum(abs(level.value) * level.duration_s for level in levels) / period_s
        holds_current = regulates == "current"
        largest_A = max(abs(level.value) for level in levels) if holds_current else 0.0
        return PulsedPlan(
            **self.heading(context, place, self._words(*words)),
            **self.course(
                context,
                path,
                current_limit_A=limits.get("current_limit_A", largest_A),
                held_current_A=mean_A if holds_current else None,
                sign=-1 if self.on.direction < 0 and holds_current else 1,
            ),
            **limits,
            regulates=regulates,
            levels=tuple(levels),
            phase_s=self.phase_s,
        )

    def _require_time(self, setpoints: Setpoints, level: Level, name: str) -> None:
        least = wording.short_time(setpoints.context.bench.source.level_min_s)
        setpoints.require_time(level.time_s, "time", f"time: {least}", name)

    def _can_open(self, context: Compilation, setpoints: Setpoints, path: Path) -> None:
        source = context.bench.source
        opens = self.off.key == "open_circuit" and self.regulates != "current"
        if opens and not source.opens_between_voltages:
            others = setpoints.other_benches()
            context.report(
                "E401",
                f"the {source.model} cannot open the cell between two pulses of a"
                f" {'cell voltage' if self.regulates == 'voltage' else 'potential'}",
                (*path, "off"),
                help="hold a second value while it is off, such as the voltage at rest, or take"
                f" {' or '.join(others) or 'a potentiostat'}",
            )
            raise Unresolvable

    def _said(self, value: float) -> str:
        return wording.current(value) if self.regulates == "current" else wording.voltage(value)

    def _words(self, on: str, off: str) -> str:
        vs = f" vs {self.vs}" if self.regulates == "potential" else ""
        return (
            f"pulses of {on}{vs} for {wording.short_time(self.on.time_s)},"
            f" {off} for {wording.short_time(self.off.time_s)}"
        )
