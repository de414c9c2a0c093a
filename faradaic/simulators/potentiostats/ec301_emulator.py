"""An SRS EC301 potentiostat/galvanostat at the end of a wire, on a cell.

Source: EC301 manual, section 8: commands of either case with spaces anywhere, `;` between several,
no exponents in arguments; what is not known is not answered and leaves error 114, which the next
set command forgets. Where it is silent: a query among several answers a line of its own; a refused
value leaves error 113; the switch of the cell turns to the set-point at once. Scans, pulses, data
streams and boosters are not modelled.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.electronics import ElectronicsSpec
from faradaic.simulators.potentiostats.potentiostat_wire import PotentiostatWire

RANGES_A = {k: 10.0 ** (1 - k) for k in range(1, 11)}
COMPLIANCE_V = 30.0
POTENTIAL_MAX_V = 15.0
UNKNOWN, REFUSED = 114, 113
TEXTS = {0: "No error", UNKNOWN: "Bad remote command", REFUSED: "Parameter out of range"}

SPECIFICATION = ElectronicsSpec(
    current_ranges_A=tuple(sorted(RANGES_A.values())),
    voltage_ranges_V=(2.0, 5.0, 15.0),
    current_max_A=1.0,
    compliance_V=COMPLIANCE_V,
    headroom=2.0,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A whole number that is set and asked for."""

    low: int
    high: int
    default: int


SETTINGS = {
    "ecmode": Setting(0, 2, 0),
    "setvol": Setting(-15000, 15000, 0),
    "clbwth": Setting(0, 5, 2),
    "celimt": Setting(0, 1, 0),
    "celimv": Setting(500, 30000, 30000),
    "ceenab": Setting(0, 1, 0),
    "irenab": Setting(0, 1, 0),
    "irtype": Setting(0, 1, 0),
    "eadcrg": Setting(0, 2, 2),
    "eadcfl": Setting(0, 2, 0),
    "iadcfl": Setting(0, 2, 0),
    "irange": Setting(1, 10, 1),
    "irnaut": Setting(0, 1, 0),
    "avgexp": Setting(0, 8, 0),
    "addscn": Setting(0, 1, 0),
    "dcntrl": Setting(0, 1, 0),
    "bstren": Setting(0, 1, 0),
    "brenab": Setting(0, 1, 0),
    "lpfile": Setting(0, 1, 0),
    "lpfili": Setting(0, 1, 0),
    "autotb": Setting(0, 1, 1),
}
"""Limits: section 8.3; defaults where it names none are guesses."""

_UNIT = re.compile(r"(\*?[a-z]+)(\?)?([+-]?[0-9.]*)", re.ASCII)


class Ec301(PotentiostatWire):
    """The instrument's state behind its lines."""

    model = "ec301"
    identification = "Stanford_Research_Systems,EC301,SIM301,ver1.12"

    def __init__(self, cell: CellModel, seed: int) -> None:
        super().__init__(cell, SPECIFICATION, seed)
        self.values = {name: setting.default for name, setting in SETTINGS.items()}
        self.fraction = 0.0
        self.safety_switch = True
        """The red switch at the front panel, pushed in."""
        self.error = 0

    def line(self, text: str) -> None:
        """Its commands, from left to right."""
        for unit in text.split(";"):
            if word := "".join(unit.split()).lower():
                self._command(word)

    def _command(self, word: str) -> None:
        match = _UNIT.fullmatch(word)
        if match is None:
            self.error = UNKNOWN
            return
        name, asked, argument = match.groups()
        if asked:
            answer = self._answer(name, argument)
            if answer is None:
                self.error = UNKNOWN
            else:
                self.say(answer)
        elif name in ("setcur", *SETTINGS) and argument:
            self.error = 0 if self._set(name, argument) else REFUSED
        elif name == "*rst":
            self.values = {key: setting.default for key, setting in SETTINGS.items()}
            self.fraction = 0.0
            self._drive()
        elif name == "*cls":
            self.error = 0
        else:
            self.error = UNKNOWN

    def _answer(self, name: str, argument: str) -> str | None:
        values = self.values
        if name == "setcur":
            return f"{self.fraction * self._range_A:.6g}" if values["ecmode"] == 1 else None
        if name == "setvol" and values["ecmode"] != 0:
            return None
        if name in SETTINGS:
            return str(values[name])
        measured = self.electronics.measure(self.now_s, 1e-3)
        volts = measured.potential_V
        answers = {
            "*idn": self.identification,
            "*opc": "1",
            "cellon": str(int(bool(values["ceenab"]) and self.safety_switch)),
            "limitg": str(int(bool(values["celimt"]) and self.electronics.in_compliance)),
            "vlevel": f"{volts:.6g}",
            "ilevel": f"{measured.current_A:.6g}",
            "progrm": f"{values['setvol'] / 1e3:+.3f}",
            "errlst": str(self.error),
            "fpgarv": "27",
        }
        if name == "errdcd":
            return TEXTS.get(int(argument or 0), "Unknown error")
        return answers.get(name)

    def _set(self, name: str, argument: str) -> bool:
        """Whether it was taken."""
        values = self.values
        if name == "setcur":
            share = float(argument) if argument not in ("+", "-", ".") else 9.0
            if abs(share) > (2.0 if values["irange"] > 1 else 1.0) or values["ecmode"] != 1:
                return False
            self.fraction = share
        else:
            setting = SETTINGS[name]
            try:
                value = int(argument)
            except ValueError:
                return False
            refused = name == "setvol" and values["ecmode"] != 0
            refused = refused or (name == "irange" and bool(values["irnaut"]))
            if refused or not setting.low <= value <= setting.high:
                return False
            if name == "ecmode" and value != values["ecmode"]:
                values["ceenab"] = 0
                self.fraction, values["setvol"] = 0.0, 0
            values[name] = value
        self._drive()
        return True

    @property
    def _range_A(self) -> float:
        return RANGES_A[self.values["irange"]]

    def press_safety_switch(self, *, pushed_in: bool) -> None:
        """What a person does at the front panel."""
        self.safety_switch = pushed_in
        self._drive()

    def _drive(self) -> None:
        values, electronics, now_s = self.values, self.electronics, self.now_s
        auto = values["ecmode"] == 0 and values["irnaut"]
        electronics.fix_current_range(None if auto else self._range_A)
        if not (values["ceenab"] and self.safety_switch):
            electronics.off(now_s)
        elif values["ecmode"] == 1:
            limit_V = values["celimv"] / 1e3 if values["celimt"] else COMPLIANCE_V
            electronics.galvanostat(self.fraction * self._range_A, limit_V, now_s)
        else:
            most_A = SPECIFICATION.current_max_A
            most_A = min(most_A, self._range_A * (2.0 if values["irange"] > 1 else 1.0))
            electronics.potentiostat(values["setvol"] / 1e3, most_A, now_s)


def ec301(cell: CellModel, seed: int) -> Emulator:
    """An EC301, its working electrode lead on the working electrode, its safety switch in."""
    return Ec301(cell, seed)
