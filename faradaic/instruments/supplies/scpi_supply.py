"""Bench supplies as galvanostats and cell-voltage sources, in the words of their profiles.

A supply holds a current as long as the cell needs less than its voltage limit, and says which of
the two it holds; it gives current in one direction only. The anode goes to plus.

Its answers have no marks and no check sums. So a reading is voltage, current, what is held and
whether the output is on, voltage and current again; it counts where both pairs agree and the output
is on. One damaged digit, or an answer that came late or twice, shows. After an answer that was lost
or damaged the identity is asked for until it comes: answers come in their order, so that nothing
older is on its way then. Every question about the output is asked like this, and twice.

The output is on at its current limit from the moment that it is switched on; what its output
capacitor holds is not counted. With its output off it measures itself and not the cell, so that a
rest has no voltage. Nothing of a supply is reset, and a protection that has tripped is never
cleared from here: some supplies turn their output on again then.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, ClassVar

from annotated_types import Interval

from faradaic.diagnostics import DeviceError, InputError
from faradaic.instruments.capabilities import Capabilities, OffState, Tier
from faradaic.instruments.lines_in_step import LinesInStep
from faradaic.instruments.polled_source import Measured, PolledSource
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    OpenCircuitSegment,
    StaircaseSegment,
)
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.supplies.supply_profiles import (
    Output,
    Pair,
    Question,
    SupplyFamily,
    SupplyModel,
    read_error,
    read_number,
)
from faradaic.instruments.transports import DamagedReply, Transport

ERRORS_MAX = 20

AGREES = 0.005
STEPS_APART = 3.0
"""Two readings that follow each other at once agree to within this part, and so many steps."""

HOLDS = 0.02
"""A value that is missed by less than this part, or by its offset and some steps, is held."""

MARGIN = 0.1
MARGIN_V = 0.5
"""A protection stands this much above what may be reached."""

STAIR_MIN_S = 2.0

ON_HOST_DEATH = (
    "The output stays on at the last set-point, within its voltage limit and protections, until"
    " someone turns it off: no watchdog is used. Where that matters, put a contact that opens into"
    " the leads."
)


class ScpiSupply(PolledSource):
    """One output of a supply (a `Source` of `faradaic.instruments.traits`); models subclass it."""

    DOUBTS_JUMPS = True

    family: ClassVar[SupplyFamily]
    model: ClassVar[SupplyModel]
    READ_TIMEOUT_S = 5.0

    def __init__(
        self,
        transport: Transport,
        *,
        channel: Annotated[int, Interval(ge=1, le=4)] = 1,
        voltage_range: str = "",
    ) -> None:
        """`channel`: which of its outputs the cell is on; `voltage_range`: the word of its range,
        where it has several."""
        super().__init__(transport)
        self._out = self._output_of(channel, voltage_range)
        self.capabilities = self.abilities(channel=channel, voltage_range=voltage_range)
        self.TOLD_OFF = self._in_words(self.family.off)
        self.ASKED_OUTPUT = self._in_words(self.family.output.ask)
        self._lines = LinesInStep(
            transport, self.retries, "*IDN?", gap_s=self.family.gap_s, clock=lambda: self._clock
        )
        self._level_value: float | None = None
        """The last of several levels; None for the first."""

    @classmethod
    def abilities(cls, *, channel: int = 1, voltage_range: str = "") -> Capabilities:
        """What one output can do, in one of its ranges. Raises `InputError`."""
        out = cls._output_of(channel, voltage_range)
        return Capabilities(
            manufacturer=cls.family.maker,
            model=cls.model.name,
            modes=frozenset(
                {
                    OpenCircuitSegment.mode,
                    ConstantCurrentSegment.mode,
                    ConstantCellVoltageSegment.mode,
                    StaircaseSegment.mode,
                }
            ),
            current_max_A=out.amps,
            compliance_V=out.volts,
            current_ranges_A=(out.amps,),
            current_resolution=max(out.amp_step, out.amp_offset) / out.amps,
            current_accuracy=out.gain_error,
            bipolar=False,
            reference_electrode=False,
            interval_min_s=cls.family.interval_s,
            native_voltage_limit=True,
            native_charge_stop=False,
            on_host_death=ON_HOST_DEATH,
            tier=Tier.EMULATED,
            clamps=True,
            compliance_min_V=max(out.volt_step, 0.01),
            level_min_s=STAIR_MIN_S,
            opens_between_voltages=False,
            current_min_A=out.amp_step,
            off_state=OffState.CONNECTED,
            rests_measured=False,
            output_capacitance_F=out.capacitance_F,
            channels=len({one.channel for one in cls.model.outputs}),
        )

    @classmethod
    def _output_of(cls, channel: int, voltage_range: str) -> Output:
        outputs = [one for one in cls.model.outputs if one.channel == channel]
        if not outputs:
            known = ", ".join(str(n) for n in sorted({one.channel for one in cls.model.outputs}))
            raise InputError.of(
                f"the {cls.model.name} has no channel {channel} that is used here",
                code="E521",
                help=f"channels: {known}",
            )
        found = [one for one in outputs if voltage_range in ("", one.range)]
        if not found:
            known = ", ".join(one.range for one in outputs if one.range)
            raise InputError.of(
                f"the {cls.model.name} has no range `{voltage_range}`",
                code="E521",
                help=f"ranges: {known}" if known else "leave `voltage_range` out: it has one range",
            )
        return found[0]

    # Lines -------------------------------------------------------------------------------------

    def _in_words(self, template: str, value: str = "") -> str:
        out = self._out
        return template.format(ch=out.channel, range=out.range, value=value)

    def _ready(self) -> None:
        self._lines.ready()

    def _resynchronise(self) -> None:
        self._lines.resynchronise()

    # What a driver says ------------------------------------------------------------------------

    def _identify(self) -> Identity:
        """Find out who answers. Raises `DeviceError`."""
        self._lines.write("")  # ends a command that an earlier program may have left half sent
        answer = self._lines.identified()
        fields = [field.strip() for field in answer.split(",")]
        fields += [""] * (4 - len(fields))
        identity = Identity(fields[0], fields[1], fields[2], ", ".join(fields[3:]).rstrip(", "))
        right = fields[0].upper().startswith(self.family.answers_as)
        if not (right and fields[1].upper().startswith(self.model.name.upper())):
            raise DeviceError.of(
                f"{self.transport.address} answers as {answer[:60]!r}, not as a"
                f" {self.family.maker} {self.model.name}",
                help="correct the address or the driver in the bench file; `faradaic devices` lists"
                " the drivers",
                code="E511",
            )
        for command in (*self.family.first, "*CLS"):
            self._lines.write(command)
        self._lines.resynchronise()
        self._errors()  # of programs before this one
        self._tripped()
        return identity

    def _configure(self, held: SetPoint) -> None:
        """Range and protections before current and voltage, which begins at nothing."""
        family, out = self.family, self._out
        self._level_value = None
        if tripped := self._tripped():
            raise self._off_by(tripped)
        if family.range is not None and out.range:
            self._set_word(family.range, out.range)
        for pair in family.before:
            self._set_word(pair, pair.answer)
        self._set_number(family.voltage, 0.0, out.volt_step)
        if family.ovp is not None:
            highest_V = held.highest_V * (1.0 + MARGIN) + MARGIN_V
            self._set_number(family.ovp, min(highest_V, out.ovp_max), out.volt_step)
        if family.ocp is not None:
            highest_A = held.highest_A * (1.0 + MARGIN) + STEPS_APART * out.amp_offset
            self._set_number(family.ocp, min(highest_A, out.ocp_max), out.amp_step)
        self._set_number(family.current, held.current_A, out.amp_step)
        self._set_number(family.voltage, held.voltage_V, out.volt_step)

    def _change(self, held: SetPoint, value: float) -> None:
        if held.regulation is Regulation.CURRENT:
            self._set_number(self.family.current, value, self._out.amp_step)
        else:
            self._set_number(self.family.voltage, value, self._out.volt_step)
        self._level_value = value

    def _set_number(self, pair: Pair, value: float, step: float) -> None:
        text = _in_steps(value, step)
        question = self._in_words(pair.ask)
        self._set(
            self._in_words(pair.tell, text),
            question,
            lambda answer: abs(read_number(answer, question) - float(text)) <= 0.5 * step,
        )

    def _set_word(self, pair: Pair, word: str) -> None:
        self._set(
            self._in_words(pair.tell),
            self._in_words(pair.ask),
            lambda answer: (answer.upper().split() or [""])[-1] == word.upper(),
        )

    def _set(self, command: str, question: str, same: Callable[[str], bool]) -> None:
        def asked() -> str | None:
            answer = self._lines.ask(question)
            return None if same(answer) else answer

        self.settle(
            command,
            lambda: self._lines.write(command),
            lambda: self._lines.until_heard(question, asked),
        )

    def _switch_on(self) -> None:
        command = self._in_words(self.family.on)
        self.settle(command, lambda: self._lines.write(command), self._still_off)

    def _still_off(self) -> str | None:
        on, answer = self._ask_output()
        return None if on else answer

    def _tell_off(self) -> None:
        self._lines.write(self.TOLD_OFF)

    def _ask_output(self) -> tuple[bool | None, str]:
        self._lines.suspect = True  # this one counts more than what it takes
        question = self.family.output

        def read(answer: str) -> tuple[bool, str]:
            return "on" in question.meanings(answer, self._out.channel), answer

        # the sooner it has answered, the better it is known since when it is on
        return self._lines.surely(self._in_words(question.ask), read, who_last=False)

    def _measure(self, held: SetPoint) -> Measured:
        """Voltage, current, what is held and whether it is on; voltage and current again."""
        out, family = self._out, self.family
        first = self._volts_and_amps()
        answers = [self._said(question) for question in self._state_questions()]
        volts, amps = again = self._volts_and_amps()
        said: set[str] = set().union(*(means for _, means in answers))
        raw = ";".join(f"{value:g}" for value in (*first, *again))
        raw += "".join(f";{answer}" for answer, _ in answers)
        if "on" not in said:
            self._lines.suspect = True
            raise DamagedReply.of(f"`{raw[:80]}` says the output is off")
        for one, other, step in zip(first, again, (out.volt_step, out.amp_step), strict=True):
            if abs(one - other) > AGREES * max(abs(one), abs(other)) + STEPS_APART * step:
                self._lines.suspect = True
                raise DamagedReply.of(f"`{raw[:80]}` says two things")
        if family.regulation is None:
            holds = self._told_by_values(held, volts, amps)
        elif "current" in said:
            holds = Regulation.CURRENT
        elif "voltage" in said or ("voltage" not in family.regulation.bits and _has_bits(family)):
            holds = Regulation.VOLTAGE
        else:
            holds = None
        return Measured(amps, volts, holds or _other(held), holds is not held.regulation, raw)

    def _volts_and_amps(self) -> tuple[float, float]:
        ask, (volts, amps) = self._lines.ask, map(self._in_words, self.family.measure)
        try:
            return read_number(ask(volts), volts), read_number(ask(amps), amps)
        except DamagedReply:
            self._lines.suspect = True
            raise

    def _state_questions(self) -> tuple[Question, ...]:
        """Whether it is on and what it holds: one question where one answer says both."""
        output, regulation = self.family.output, self.family.regulation
        if regulation is None:
            return (output,)
        if regulation.ask != output.ask:
            return (output, regulation)
        return (Question(output.ask, {}, {**output.bits, **regulation.bits}, output.base),)

    def _said(self, question: Question) -> tuple[str, set[str]]:
        answer = self._lines.ask(self._in_words(question.ask))
        try:
            return answer, question.meanings(answer, self._out.channel)
        except DamagedReply:
            self._lines.suspect = True
            raise

    def _told_by_values(self, held: SetPoint, volts: float, amps: float) -> Regulation | None:
        """Which of its two set-points is there, of a supply that doesn't say; None for neither."""
        out = self._out
        slack_A = HOLDS * held.current_A + out.amp_offset + STEPS_APART * out.amp_step
        slack_V = HOLDS * held.voltage_V + STEPS_APART * out.volt_step
        current = abs(amps - self._now(held, Regulation.CURRENT)) <= slack_A
        voltage = abs(volts - self._now(held, Regulation.VOLTAGE)) <= slack_V
        if current and voltage:
            return held.regulation
        if current or voltage:
            return Regulation.CURRENT if current else Regulation.VOLTAGE
        return None

    def _now(self, held: SetPoint, quantity: Regulation) -> float:
        """The set-point of a quantity as it is now."""
        if quantity is held.regulation and self._level_value is not None:
            return self._level_value
        return held.current_A if quantity is Regulation.CURRENT else held.voltage_V

    # What is wrong with it ---------------------------------------------------------------------

    def _errors(self) -> list[str]:
        found: list[str] = []
        if not (question := self.family.error):
            return found

        def asked() -> str:
            return read_error(self._lines.ask(question))

        # What was lost may have been an error, but all that is set is read back.
        while len(found) < ERRORS_MAX and (said := self._lines.until_heard(question, asked)):
            found.append(said)
        return found

    def _tripped(self) -> str:
        """Which of its protections have tripped, as it says."""
        found: set[str] = set()
        for question in self.family.trips:
            asked = partial(self._said, question)
            _, means = self._lines.until_heard(self._in_words(question.ask), asked)
            found |= means
        return " and ".join(sorted(found))

    def _off_for_good(self) -> str:
        tripped = self._tripped()
        return f"its {tripped} protection has tripped" if tripped else ""

    def _off_by(self, tripped: str) -> DeviceError:
        return DeviceError.of(
            f"the {tripped} protection of the {self.model.name} has tripped and holds its output"
            " off",
            help="find out why, then clear it at the front panel; nothing clears it from here",
            code="E529",
        )


def _has_bits(family: SupplyFamily) -> bool:
    return family.regulation is not None and bool(family.regulation.bits)


def _other(held: SetPoint) -> Regulation:
    """What is held where the set-point is not."""
    return Regulation.VOLTAGE if held.regulation is Regulation.CURRENT else Regulation.CURRENT


def _in_steps(value: float, step: float) -> str:
    """A number as it is told: the nearest step, with no digit more than it has."""
    decimals = max(0, len(f"{step:.6f}".rstrip("0").partition(".")[2]))
    return f"{round(value / step) * step:.{decimals}f}"
