"""Zahner PP2x2 and XPOT2 potentiostats at the end of their command port, on a cell.

Source: zahner_potentiostat 1.1.2 (docstrings and error numbers); limits of the models recalled.
Where it is silent: a command takes 2 ms, a value 5 ms; a setting beyond the model is refused with
100; a potentiostat that is on outside of a primitive has no limits but the model's own.

Modelled: identity, coupling, set-points, ranges, limits, state, values, open-circuit voltage, and
the polarisation primitive `:MEAS:POGA?` with its limits of voltage, current, charge and time. The
other primitives are refused with 1000, which the maker uses for what is foreseen; nothing comes out
of the data port.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.electronics import ElectronicsSpec
from faradaic.simulators.potentiostats.potentiostat_wire import PotentiostatWire

MODELS = {
    "PP212": (12.0, 20.0),
    "PP222": (22.0, 10.0),
    "PP242": (5.0, 40.0),
    "XPOT2": (25.0, 0.5),
}
"""Largest voltage and current, V and A (recalled)."""
UNKNOWN, BEYOND, LIMIT, ABORTED, BLOCKED, FORESEEN = 27, 100, 1003, 1005, 1006, 1000
VALUE_S = 5e-3
SAMPLE_S = 0.02
PRIMITIVES = (":MEAS:RMPT?", ":MEAS:RMPS?", ":MEAS:RMPV?", ":MEAS:OCVS?", ":MEAS:IESC?")
ACCEPTED = re.compile(
    r":SESO:(UREL (OCV|0)|CRNG:AUTO [01]|CRNG:AUTO:[LU]LIM \d+|CRNG:IDX \d+|VRNG(:IDX)? \S+"
    r"|INTP [01]|BAND \d+|FILT \S+|SFRQ \S+|UILT \S+|CALO)"
    r"|:SYST:(LINF \S+|TIME \S+|SEPC|HOTS)"
    r"|:PARA:(UREL (OCV|0)|TOL:\S+ \S+|SCRA \S+|STEP \S+|UILT \S+)"
)
"""Commands that are taken and change nothing here."""


def specification(most_V: float, most_A: float) -> ElectronicsSpec:
    """The analogue side of a model; ranges of decades are a guess."""
    return ElectronicsSpec(
        current_ranges_A=(*(most_A * 10.0**k for k in range(-4, 0)), most_A),
        voltage_ranges_V=(most_V,),
        current_max_A=most_A,
        compliance_V=most_V,
        adc_bits=20,
        current_noise=1e-5,
        voltage_noise=1e-5,
    )


class Zahner(PotentiostatWire):
    """The instrument's state behind its lines."""

    ends = b"\n"

    def __init__(self, model: str, cell: CellModel, seed: int) -> None:
        self.most_V, self.most_A = MODELS[model]
        super().__init__(cell, specification(self.most_V, self.most_A), seed)
        self.model = f"zahner-{model.lower()}"
        self._identity = f"ZAHNER-ELEKTRIK,{model},SIM{model},1.1.0"
        self._reset()
        self._running: Callable[[], str] | None = None

    def _reset(self) -> None:
        self.galvanostat, self.on, self.error = False, False, 0
        self.values: dict[str, float] = {
            "SESO:UVAL": 0.0,
            "SESO:IVAL": 0.0,
            "SESO:CRNG": self.most_A,
            "SESO:ULIM:MAX": self.most_V,
            "SESO:ULIM:MIN": -self.most_V,
            "SESO:ILIM:MAX": self.most_A,
            "SESO:ILIM:MIN": -self.most_A,
            "PARA:UVAL": 0.0,
            "PARA:IVAL": 0.0,
            "PARA:TIME": 1.0,
            "PARA:TMAX": 1.0,
            "PARA:TMIN": 0.0,
            "PARA:ULIM:MAX": self.most_V,
            "PARA:ULIM:MIN": -self.most_V,
            "PARA:ILIM:MAX": self.most_A,
            "PARA:ILIM:MIN": -self.most_A,
            "PARA:CHAR:MAX": math.inf,
            "PARA:CHAR:MIN": -math.inf,
        }
        self.armed: set[str] = set()

    def line(self, text: str) -> None:
        """One command, one answer."""
        word = text.upper()
        if word == "ABOR":
            if self._running is not None:
                self._end(f"error {ABORTED}")
                self.error = ABORTED
            self.say("ok")
        elif word == "*RST":
            self._running = None
            self._reset()
            self._drive()
            self.say("ok")
        elif self._running is not None:
            return  # it hears nothing else
        else:
            answer = self._command(word)
            if answer is not None:
                self.say(answer)

    def _command(self, word: str) -> str | None:
        if word == "*IDN?":
            return self._identity
        if word in ("*CLS", "*CLS?"):
            told, self.error = self.error, 0 if word == "*CLS" else self.error
            return "ok" if word == "*CLS" or not told else f"error {told}"
        if word.endswith("?"):
            return self._query(word)
        name, _, argument = word.removeprefix(":").partition(" ")
        if name == "SESO:COUP" and argument in ("POT", "GAL"):
            if (argument == "GAL") is not self.galvanostat:
                self.on = False
            self.galvanostat = argument == "GAL"
        elif name == "SESO:STAT" and argument in ("ON", "OFF"):
            if argument == "ON" and self.error:
                return f"error {BLOCKED}"
            self.on = argument == "ON"
        elif name.endswith(":STAT") and argument in ("ON", "OFF", "0", "1"):
            (self.armed.add if argument in ("ON", "1") else self.armed.discard)(name)
        elif name in self.values:
            return self._set(name, argument)
        elif ACCEPTED.fullmatch(word):
            return "ok"
        else:
            return f"error {UNKNOWN}"
        self._drive()
        return "ok"

    def _set(self, name: str, argument: str) -> str:
        try:
            value = float(argument)
        except ValueError:
            return f"error {BEYOND}"
        most = math.inf
        if "CHAR" not in name and not name.startswith("PARA:T"):
            voltage = "UVAL" in name or "ULIM" in name
            most = self.most_V if voltage else self.most_A
        if not abs(value) <= most * (1 + 1e-9) or (name.startswith("PARA:T") and value < 0):
            return f"error {BEYOND}"
        self.values[name] = value
        self._drive()
        return "ok"

    def _query(self, word: str) -> str | None:
        if word in (":MEAS:VOLT?", ":MEAS:CURR?", ":MEAS:OCV?"):
            self.now_s += VALUE_S
            measured = self.electronics.measure(self.now_s, VALUE_S)
            wanted = measured.current_A if "CURR" in word else measured.potential_V
            return f"{wanted:.6e}"
        if word == ":MEAS:POGA?":
            if self.error:
                return f"error {BLOCKED}"
            self._polarise()
            return None
        if word == ":MEAS:TEMP?":
            return "2.500000e+01"
        if word == ":SYST:LINF?":
            return "5.000000e+01"
        if word in PRIMITIVES:
            return f"error {FORESEEN}"
        return f"error {UNKNOWN}"

    # The primitive -----------------------------------------------------------------------------

    def _polarise(self) -> None:
        """Begin a polarisation, which `passed` follows."""
        values, begun_s = self.values, self.now_s
        was_on, last_s, charge_C = self.on, begun_s, 0.0
        self._drive(values["PARA:IVAL"] if self.galvanostat else values["PARA:UVAL"])
        self._was_on = was_on

        def follow() -> str:
            nonlocal last_s, charge_C
            state = self.electronics.state
            charge_C += state.current_A * (self.now_s - last_s)
            last_s = self.now_s
            volts, amps = state.potential_V, state.current_A
            for room, beyond in (("SESO", f"error {LIMIT}"), ("PARA", "ok")):
                if f"{room}:ULIM:STAT" in self.armed and not (
                    values[f"{room}:ULIM:MIN"] <= volts <= values[f"{room}:ULIM:MAX"]
                ):
                    return beyond
                if f"{room}:ILIM:STAT" in self.armed and not (
                    values[f"{room}:ILIM:MIN"] <= amps <= values[f"{room}:ILIM:MAX"]
                ):
                    return beyond
            if "PARA:CHAR:STAT" in self.armed and not (
                values["PARA:CHAR:MIN"] <= charge_C <= values["PARA:CHAR:MAX"]
            ):
                return "ok"
            return "ok" if self.now_s - begun_s >= values["PARA:TMAX"] - 1e-9 else ""

        self._running = follow

    def passed(self) -> None:
        """Follow a primitive to now."""
        if self._running is not None and (answer := self._running()):
            self._end(answer)

    def _end(self, answer: str) -> None:
        self._running = None
        self.on = self._was_on and answer == "ok"
        if answer == f"error {LIMIT}":
            self.error = LIMIT
        self._drive()
        self.say(answer)

    def next_event_s(self) -> float | None:
        """When it next has something to say, or something to look at."""
        event_s = super().next_event_s()
        return event_s if self._running is None else self.now_s + SAMPLE_S

    def _drive(self, value: float | None = None) -> None:
        electronics, now_s = self.electronics, self.now_s
        if not self.on and value is None:
            electronics.off(now_s)
        elif self.galvanostat:
            told = self.values["SESO:IVAL"] if value is None else value
            electronics.galvanostat(told, self.most_V, now_s)
        else:
            told = self.values["SESO:UVAL"] if value is None else value
            electronics.potentiostat(told, self.most_A, now_s)


def zahner_pp212(cell: CellModel, seed: int) -> Emulator:
    """A PP212."""
    return Zahner("PP212", cell, seed)


def zahner_pp222(cell: CellModel, seed: int) -> Emulator:
    """A PP222."""
    return Zahner("PP222", cell, seed)


def zahner_pp242(cell: CellModel, seed: int) -> Emulator:
    """A PP242."""
    return Zahner("PP242", cell, seed)


def zahner_xpot2(cell: CellModel, seed: int) -> Emulator:
    """An XPOT2."""
    return Zahner("XPOT2", cell, seed)
