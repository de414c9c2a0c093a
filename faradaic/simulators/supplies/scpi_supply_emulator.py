"""Bench supplies in SCPI: what the families share, and the words of each.

Of the families' own documents, or recalled; where they are silent: a command takes 5 ms; a value
beyond what can be set is refused with -222, a channel that there isn't with -222, a word with -224;
a set-point beyond a protection is taken, and trips when it is reached; `*RST` turns outputs off.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from faradaic.simulators.contracts import CellModel
from faradaic.simulators.electronics.open_leads import OpenLeads
from faradaic.simulators.scpi import syntax
from faradaic.simulators.scpi.device import ScpiDevice
from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.scpi.tree import Arguments
from faradaic.simulators.supplies.ranged_output import RangedOutput, supply_data

TAKES_S = 5e-3
LEVEL = "[:LEVel][:IMMediate][:AMPLitude]"
CC_BIT, CV_BIT, OVP_BIT = 1, 2, 512
"""Of the questionable condition of an output: it holds its current, its voltage; it has tripped."""

Picks = Callable[[Arguments], tuple[RangedOutput, Arguments]]
"""Which output a command is for, and what is left of its parameters."""


class ScpiSupply(ScpiDevice):
    """What supplies have in common; a family registers its words."""

    def __init__(self, model: str, cell: CellModel, seed: int, wired: int, deaf_s: float) -> None:
        """`wired`: the channel that the cell is on; `deaf_s`: for how long it hears nothing after a
        command, and loses what comes."""
        super().__init__()
        data = supply_data()[model]
        self.model, self.identification = model, data.identity
        self.outputs = {
            number: RangedOutput(cell if number == wired else OpenLeads(), ranges, seed)
            for number, ranges in data.channels.items()
        }
        self.wired = self.outputs[wired]
        self.selected = 1
        self._deaf_s = deaf_s
        self._heard_s = float("-inf")
        self._powered = False
        self._add_commands()

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that arrived at `now_s`; any split of a message is allowed."""
        if not self._powered:
            self._powered = True
            for output in self.outputs.values():
                output.apply(now_s)
        super().receive(data, now_s)

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left the instrument; what flows meanwhile flows."""
        if self._powered and now_s > self.now_s:
            self.now_s = now_s
            self.wired.update(now_s)
        return super().transmit(now_s)

    def reset(self) -> None:
        """What `*RST` does."""
        self.selected = 1
        for output in self.outputs.values():
            output.reset()
            output.apply(self.now_s)

    def _execute(self, message: str) -> None:
        if message and self.now_s < self._heard_s + self._deaf_s:
            self._heard_s = self.now_s
            return
        if message:
            self.spend(TAKES_S)
            for output in self.outputs.values():
                output.update(self.now_s)
        super()._execute(message)
        self._heard_s = self.now_s

    # What is set -------------------------------------------------------------------------------

    def _add_commands(self) -> None:
        raise NotImplementedError

    def output(self, number: int) -> RangedOutput:
        found = self.outputs.get(number)
        if found is None:
            raise ScpiError(-222)
        return found

    def _of_selected(self, arguments: Arguments) -> tuple[RangedOutput, Arguments]:
        return self.output(self.selected), arguments

    def _of_list(self, arguments: Arguments) -> tuple[RangedOutput, Arguments]:
        """By a channel list at the end, `(@2)`."""
        if arguments and arguments[-1].startswith("(@"):
            inside = arguments[-1].removeprefix("(@").removesuffix(")")
            return self.output(_whole(inside)), arguments[:-1]
        return self._of_selected(arguments)

    def _of_word(self, arguments: Arguments) -> tuple[RangedOutput, Arguments]:
        """By a word at the beginning, `CH2`."""
        if arguments and arguments[0].upper().startswith("CH"):
            return self.output(_whole(arguments[0][2:])), arguments[1:]
        return self._of_selected(arguments)

    def add_level(self, header: str, name: str, picks: Picks, digits: int = 3) -> None:
        """A level of an output: `set_V`, `set_A`, `ovp_V` or `ocp_A`."""
        self.tree.add(
            header,
            write=partial(self._set_level, name, picks),
            arguments=(1, 2),
            query=partial(self._tell_level, name, picks, digits),
            query_arguments=(0, 2),
        )

    def _most(self, output: RangedOutput, name: str) -> float:
        most = {
            "set_V": output.range.volts,
            "set_A": output.range.amps,
            "ovp_V": output.range.ovp_max,
            "ocp_A": output.range.ocp_max,
        }[name]
        if most is None:
            raise ScpiError(-113)
        return most

    def _set_level(self, name: str, picks: Picks, arguments: Arguments) -> None:
        output, (argument, *_) = picks(arguments)
        most = self._most(output, name)
        word = argument.upper()
        value = most if word in ("MAX", "MAXIMUM") else 0.0 if word in ("MIN", "MINIMUM") else None
        value = syntax.number(argument) if value is None else value
        if not 0.0 <= value <= most * (1 + 1e-9):
            raise ScpiError(-222)
        step = output.range.volt_step if name.endswith("V") else output.range.amp_step
        setattr(output, name, round(value / step) * step)
        if name.startswith("set"):
            output.apply(self.now_s)
        output.update(self.now_s)

    def _tell_level(self, name: str, picks: Picks, digits: int, arguments: Arguments) -> str:
        output, rest = picks(arguments)
        most = self._most(output, name)
        word = rest[0].upper() if rest else ""
        value = {"MAX": most, "MIN": 0.0}.get(word[:3], getattr(output, name))
        return self.number_text(value, digits)

    def number_text(self, value: float, digits: int) -> str:
        """A number as the family writes it."""
        return f"{value:.{digits}f}"

    def add_switch(self, header: str, name: str, picks: Picks, *, words: bool = False) -> None:
        """Something of an output that is on or off: `on`, `ovp_armed`, `ocp_armed`, `fuse`."""

        def write(arguments: Arguments) -> None:
            output, rest = picks(arguments)
            if not rest:
                raise ScpiError(-109)
            state = syntax.boolean(rest[0])
            if name == "on":
                output.switch(state, self.now_s)
            else:
                setattr(output, name, state)
            output.update(self.now_s)

        def query(arguments: Arguments) -> str:
            output, _ = picks(arguments)
            state = bool(getattr(output, name))
            return ("ON" if state else "OFF") if words else str(int(state))

        self.tree.add(header, write=write, arguments=(1, 2), query=query, query_arguments=(0, 1))

    def add_tripped(self, header: str, what: str, picks: Picks, yes: str, no: str) -> None:
        """Whether a protection has tripped."""

        def query(arguments: Arguments) -> str:
            output, _ = picks(arguments)
            return yes if output.tripped == what else no

        self.tree.add(header, query=query, query_arguments=(0, 1))

    def add_clear(self, header: str, what: str, picks: Picks) -> None:
        """Forget that a protection has tripped; the output stays off."""

        def write(arguments: Arguments) -> None:
            output, _ = picks(arguments)
            output.tripped = "" if output.tripped == what else output.tripped

        self.tree.add(header, write=write, arguments=(0, 1))

    def add_meters(self, picks: Picks, digits: tuple[int, int] = (3, 3)) -> None:
        """`:MEASure:VOLTage?`, `:CURRent?`, `:POWer?`."""

        def read(which: str, arguments: Arguments) -> str:
            output, _ = picks(arguments)
            volts, amps = output.measure(self.now_s)
            value = {"V": volts, "A": amps, "W": volts * amps}[which]
            return self.number_text(value, digits[which == "A"])

        for header, which in (
            (":MEASure[:SCALar][:VOLTage][:DC]", "V"),
            (":MEASure[:SCALar]:CURRent[:DC]", "A"),
            (":MEASure[:SCALar]:POWEr[:DC]", "W"),
            (":MEASure[:SCALar]:POWer[:DC]", "W"),
        ):
            self.tree.add(header, query=partial(read, which), query_arguments=(0, 1))

    def add_selection(self) -> None:
        """`:INSTrument:NSELect`, and `:INSTrument[:SELect]` by a word that ends in the number."""

        def select(arguments: Arguments) -> None:
            number = _whole(arguments[0].lstrip("CHOUTPchoutp"))
            self.output(number)
            self.selected = number

        for header in (":INSTrument[:SELect]", ":INSTrument:NSELect"):
            self.tree.add(header, write=select, query=lambda _: str(self.selected))

    def add_conditions(self) -> None:
        """The questionable condition registers."""

        def condition(number: int | None, _: Arguments) -> str:
            output = self.output(self.selected if number is None else number)
            bits = {"CC": CC_BIT, "CV": CV_BIT}.get(output.mode, 0)
            return str(bits | (OVP_BIT if output.tripped == "OVP" else 0))

        for number in self.outputs:
            header = f":STATus:QUEStionable:INSTrument:ISUMmary{number}:CONDition"
            self.tree.add(header, query=partial(condition, number))
        self.tree.add(":STATus:QUEStionable:CONDition", query=partial(condition, None))

    def add_panel(self) -> None:
        """Remote and local; what the front panel would do is not modelled."""
        for word in ("REMote", "LOCal", "RWLock", "MIX"):
            self.tree.add(f":SYSTem:{word}", write=lambda _: None, arguments=(0, 1))
        self.tree.add(":SYSTem:BEEPer[:IMMediate]", write=lambda _: None, arguments=(0, 0))

    def add_range(self, header: str, choices: Callable[[str], str] = str) -> None:
        """The range of the selected output, by its word."""

        def write(arguments: Arguments) -> None:
            if not self.output(self.selected).choose(choices(arguments[0].upper()), self.now_s):
                raise ScpiError(-224)

        self.tree.add(header, write=write, query=lambda _: self.output(self.selected).range.word)


def _whole(text: str) -> int:
    if not (text.isascii() and text.strip().isdigit()):
        raise ScpiError(-224)
    return int(text)
