"""SRS EC301 potentiostat/galvanostat, over its Ethernet (port 1680) or GPIB interface.

The working electrode lead goes to the anode, the counter electrode lead to the cathode. In a cell
of two electrodes the reference lead is on the counter electrode: what it measures, WE sense against
RE, is then the cell voltage.

Answers carry no mark: a reading is voltage, current, state of the cell switch and of the limit,
voltage and current again (`LinesInStep`). A command that it does not know is not answered. It is
never reset. Numbers are sent without exponents, which it does not read.

Limits: the counter electrode is clamped against ground (`celimv`), to within 0.25 V to 1 V; no
current limit is held. A potential is programmed in whole millivolts.

Source: EC301 manual (SRS), sections 1.4 and 8.
"""

from __future__ import annotations

import re

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities, OffState, Tier
from faradaic.instruments.lines_in_step import LinesInStep
from faradaic.instruments.polled_source import Measured, PolledSource
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    LevelsSegment,
    OpenCircuitSegment,
    StaircaseSegment,
)
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.transports import DamagedReply, Transport, TransportTimeout

RANGES_A = tuple(10.0**-k for k in range(9, -1, -1))
"""Of `irange` 10 to 1."""
REACH = 2.0
"""A set current may be this multiple of its range; of the widest, the range itself."""
LIMIT_MIN_V = 0.5
STATES = {"0": False, "1": True}
AGREES, AGREES_V, AGREES_OF_RANGE = 0.01, 0.01, 0.005
"""Two readings that follow each other at once are the same to within these."""

BEFORE = (
    ("dcntrl", 0),
    ("addscn", 0),
    ("irenab", 0),
    ("irnaut", 0),
    ("eadcrg", 2),
    ("clbwth", 4),
)
"""No external input, no compensation of resistance, no ranges of its own, 15 V, 100 Hz."""

READING = ("vlevel?", "ilevel?", "cellon?", "limitg?", "vlevel?", "ilevel?")

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


class Ec301(PolledSource):
    """The EC301 (a `Source` of `faradaic.instruments.traits`)."""

    DOUBTS_JUMPS = True

    capabilities = Capabilities(
        manufacturer="Stanford Research Systems",
        model="EC301",
        modes=frozenset(
            {
                OpenCircuitSegment.mode,
                ConstantCurrentSegment.mode,
                ConstantPotentialSegment.mode,
                ConstantCellVoltageSegment.mode,
                LevelsSegment.mode,
                StaircaseSegment.mode,
            }
        ),
        current_max_A=1.0,
        compliance_V=15.0,
        current_ranges_A=RANGES_A,
        current_resolution=2e-3,
        current_accuracy=5e-3,
        bipolar=True,
        reference_electrode=True,
        interval_min_s=0.2,
        native_voltage_limit=True,
        native_charge_stop=False,
        on_host_death="The cell stays on at the last set-point, within the limit of its counter"
        " electrode, until someone presses CELL ENABLE at its front panel: no watchdog is used.",
        tier=Tier.MANUAL,
        compliance_min_V=LIMIT_MIN_V,
        level_min_s=0.5,
        opens_between_voltages=False,
        off_state=OffState.OPEN,
    )
    RESTS_OFF = True
    TOLD_OFF = "ceenab 0"
    ASKED_OUTPUT = "ceenab?"
    OFF_HELP = "press CELL ENABLE at the front panel: its red light goes out"
    LOST_HELP = "its safety switch CELL ENABLE was pressed, or an overload opened the cell"

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._lines = LinesInStep(transport, self.retries, "*IDN?")
        self._range_A = RANGES_A[-1]

    def _identify(self) -> Identity:
        """Find out who answers. Raises `DeviceError`."""
        self._lines.write("")
        answer = self._lines.identified()
        fields = [field.strip() for field in answer.split(",")] + [""] * 4
        if "EC301" not in fields[1].upper():
            raise DeviceError.of(
                f"{self.transport.address} answers as {answer[:60]!r}, not as an SRS EC301",
                help="correct the address or the driver in the bench file; `faradaic devices` lists"
                " the drivers",
                code="E511",
            )
        self._lines.write("addscn 0")  # which forgets errors of programs before this one
        return Identity(fields[0], "EC301", fields[2], fields[3])

    def _configure(self, held: SetPoint) -> None:
        """Set everything that the segment depends on and read it back. Raises `DeviceError`."""
        galvanostat = held.regulation is Regulation.CURRENT
        self._set("ecmode", int(galvanostat))
        for name, value in BEFORE:
            self._set(name, value)
        most_A = held.largest if galvanostat else held.limit
        self._range_A = next(
            one for one in RANGES_A if most_A <= one * (REACH if one < 1.0 else 1.0) * (1 + 1e-9)
        )
        self._set("irange", 1 + round(RANGES_A.index(1.0) - RANGES_A.index(self._range_A)))
        limit_V = held.highest_V if galvanostat else self.capabilities.compliance_V * 2
        self._set("celimv", round(1e3 * limit_V))
        self._set("celimt", 1)
        self._change(held, held.value)

    def _change(self, held: SetPoint, value: float) -> None:
        if held.regulation is Regulation.CURRENT:
            share = value / self._range_A
            self._settle(f"setcur {share:.6f}", "setcur?", value, 2e-6 * self._range_A)
        else:
            self._settle(f"setvol {round(1e3 * value)}", "setvol?", round(1e3 * value), 0.5)

    def _set(self, name: str, value: int) -> None:
        self._settle(f"{name} {value}", f"{name}?", value, 0.5)

    def _settle(self, command: str, question: str, wanted: float, off: float) -> None:
        def ask() -> str | None:
            told = self._lines.surely(question, _number)
            return None if abs(told - wanted) <= off + 1e-5 * abs(wanted) else f"{told:g}"

        self.settle(command, lambda: self._lines.write(command), ask)

    def _switch_on(self) -> None:
        def ask() -> str | None:
            if self._lines.surely("cellon?", _state):
                return None
            return "0: its red safety switch CELL ENABLE may be out"

        self.settle("ceenab 1", lambda: self._lines.write("ceenab 1"), ask)

    def _tell_off(self) -> None:
        self._lines.write(self.TOLD_OFF)

    def _ask_output(self) -> tuple[bool | None, str]:
        self._lines.suspect = True
        on = self._lines.surely(self.ASKED_OUTPUT, _state)
        return on, str(int(on))

    def _resynchronise(self) -> None:
        self._lines.resynchronise()

    def _errors(self) -> list[str]:
        code = self._lines.surely("errlst?", lambda answer: int(_number(answer)))
        if code == 0:
            return []
        text = self._lines.surely(f"errdcd? {code}", str)
        self._lines.write("addscn 0")
        return [f"{code}, {text}"]

    def _measure(self, held: SetPoint) -> Measured:
        lines = self._lines
        try:
            said = lines.ask_all(READING)
            volts, amps, volts_again, amps_again = (_number(said[k]) for k in (0, 1, 4, 5))
            on, limited = _state(said[2]), _state(said[3])
        except (DamagedReply, TransportTimeout):
            lines.suspect = True
            raise
        raw = ";".join(said)
        near_A = AGREES * abs(amps) + AGREES_OF_RANGE * self._range_A
        if abs(volts - volts_again) > AGREES * abs(volts) + AGREES_V or (
            abs(amps - amps_again) > near_A
        ):
            lines.suspect = True
            raise DamagedReply.of(f"`{raw[:80]}` does not say the same twice")
        if on is (held.regulation is Regulation.OFF):
            lines.suspect = True
            raise DamagedReply.of(f"`{raw[:80]}` says the cell is {'on' if on else 'off'}")
        across = held.regulation is not Regulation.POTENTIAL
        at_V, potential_V = (volts_again, None) if across else (None, volts_again)
        return Measured(amps_again, at_V, held.regulation, limited, raw, potential_V=potential_V)


def _number(text: str) -> float:
    """A number as it answers one. Raises `DamagedReply`."""
    if not _NUMBER.fullmatch(text):
        raise DamagedReply.of(f"`{text[:60]}` came where a number was expected", code="E517")
    return float(text)


def _state(text: str) -> bool:
    """0 or 1. Raises `DamagedReply`."""
    if text not in STATES:
        raise DamagedReply.of(f"`{text[:60]}` came where 0 or 1 was expected", code="E517")
    return STATES[text]
