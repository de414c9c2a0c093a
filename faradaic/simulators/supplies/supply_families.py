"""The words of each family of supplies; where they are from stands in the families' profiles."""

from __future__ import annotations

from functools import partial

from faradaic.simulators.scpi import syntax
from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.scpi.tree import Arguments
from faradaic.simulators.supplies.ranged_output import OutputRange, RangedOutput
from faradaic.simulators.supplies.scpi_supply_emulator import LEVEL, Picks, ScpiSupply


class RigolDp800(ScpiSupply):
    """DP800: the channel in the header, as a word, or the selected one."""

    def _add_commands(self) -> None:
        of = self._of_word
        self.add_selection()
        self.add_meters(of, (4, 4))
        self.tree.add(":MEASure:ALL[:DC]", query=self._all, query_arguments=(0, 1))
        self.tree.add(":APPLy", write=self._apply, arguments=(1, 3), query=self._applied,
                      query_arguments=(0, 2))  # fmt: skip
        self.add_switch(":OUTPut[:STATe]", "on", of, words=True)
        for header in (":OUTPut:MODE", ":OUTPut:CVCC"):
            self.tree.add(header, query=self._mode, query_arguments=(0, 1))
        self.add_range(
            ":OUTPut:RANGe", lambda word: {"LOW": "P20V", "HIGH": "P40V"}.get(word, word)
        )
        for name, level in (("OVP", "ovp_V"), ("OCP", "ocp_A")):
            header = f":OUTPut:{name}"
            self.add_level(f"{header}:VALue", level, of)
            self.add_switch(f"{header}[:STATe]", f"{name.lower()}_armed", of, words=True)
            for asked in ("QUES", "ALAR"):
                self.add_tripped(f"{header}:{asked}", name, of, "YES", "NO")
            self.add_clear(f"{header}:CLEAR", name, of)
        self._add_sources()
        self.tree.add("*OPT", query=lambda _: "DP8-ACCURACY")
        self.add_conditions()
        self.add_panel()

    def _add_sources(self) -> None:
        """With the number of the channel behind `SOURce`, or without."""
        for number in (None, *self.outputs):
            source = "[:SOURce]" if number is None else f":SOURce{number}"

            def of(
                arguments: Arguments, number: int | None = number
            ) -> tuple[RangedOutput, Arguments]:
                return self.output(self.selected if number is None else number), arguments

            self.add_level(f"{source}:VOLTage{LEVEL}", "set_V", of)
            self.add_level(f"{source}:CURRent{LEVEL}", "set_A", of, 4)
            for word, name, level in (("VOLTage", "ovp", "ovp_V"), ("CURRent", "ocp", "ocp_A")):
                protection = f"{source}:{word}:PROTection"
                self.add_level(f"{protection}[:LEVel]", level, of)
                self.add_switch(f"{protection}:STATe", f"{name}_armed", of, words=True)
                what = "OVP" if name == "ovp" else "OCP"
                self.add_tripped(f"{protection}:TRIPped", what, of, "YES", "NO")

    def _all(self, arguments: Arguments) -> str:
        output, _ = self._of_word(arguments)
        volts, amps = output.measure(self.now_s)
        return f"{volts:.4f},{amps:.4f},{volts * amps:.3f}"

    def _mode(self, arguments: Arguments) -> str:
        output, _ = self._of_word(arguments)
        return "CC" if output.mode == "CC" else "CV"  # it says CV of an output that is off

    def _apply(self, arguments: Arguments) -> None:
        output, rest = self._of_word(arguments)
        self.selected = next(n for n, one in self.outputs.items() if one is output)
        for name, argument in zip(("set_V", "set_A"), rest, strict=False):
            self._set_level(name, self._of_selected, (argument,))

    def _applied(self, arguments: Arguments) -> str:
        output, _ = self._of_word(arguments)
        number = next(n for n, one in self.outputs.items() if one is output)
        rating = f"{output.range.volts / 1.05:.0f}V/{output.range.amps / 1.05:.0f}A"
        return f"CH{number}:{rating},{output.set_V:.3f},{output.set_A:.4f}"


class SiglentSpd(ScpiSupply):
    """SPD3000X and SPD1000X: the channel in front of the header or as a word; a status word."""

    def error_text(self, code: int, time_s: float) -> str:
        """`0  No Error`."""
        return "0  No Error" if code == 0 else super().error_text(code, time_s).replace(",", "  ")

    def _add_commands(self) -> None:
        of = self._of_word
        single = len(self.outputs) == 1
        self.add_selection()
        self.tree.add(":INSTrument", write=self._select, query=lambda _: f"CH{self.selected}")
        self.add_meters(of)
        for number in (None, *self.outputs):
            head = "" if number is None else f":CH{number}"

            def of_number(
                arguments: Arguments, number: int | None = number
            ) -> tuple[RangedOutput, Arguments]:
                return self.output(self.selected if number is None else number), arguments

            self.add_level(f"{head}:VOLTage", "set_V", of_number)
            self.add_level(f"{head}:CURRent", "set_A", of_number)
        self.tree.add(":OUTPut", write=self._switch, arguments=(2, 2))
        self.tree.add(":OUTPut:TRACK", write=lambda _: None)
        self.tree.add(":SYSTem:STATus", query=lambda _: self._status())
        self.tree.add("*LOCK", write=lambda _: None, arguments=(0, 0))
        self.tree.add("*UNLOCK", write=lambda _: None, arguments=(0, 0))
        if single:
            self.add_level(":OVP", "ovp_V", self._of_selected)
            self.add_level(":OCP", "ocp_A", self._of_selected)
            self.tree.add(":MODE:SET", write=lambda _: None)
            for output in self.outputs.values():
                output.ovp_armed = output.ocp_armed = True

    def reset(self) -> None:
        """The protections of an SPD1000X are always armed."""
        super().reset()
        if len(self.outputs) == 1:
            self.wired.ovp_armed = self.wired.ocp_armed = True

    def _select(self, arguments: Arguments) -> None:
        output, _ = self._of_word(arguments)
        self.selected = next(n for n, one in self.outputs.items() if one is output)

    def _switch(self, arguments: Arguments) -> None:
        output, rest = self._of_word(arguments)
        output.switch(syntax.boolean(rest[0]), self.now_s)
        output.update(self.now_s)

    def _status(self) -> str:
        word = 0 if len(self.outputs) == 1 else 0x04
        for number, output in self.outputs.items():
            word |= (output.mode == "CC") << (number - 1)
            word |= output.on << (number + 3)
        return f"0x{word:04X}" if len(self.outputs) > 1 else f"0x{word:x}"


class RohdeSchwarzHmp(ScpiSupply):
    """HMP: a selected channel, an output state for each and one for all, a fuse."""

    def error_text(self, code: int, time_s: float) -> str:
        """With a blank behind the comma."""
        return super().error_text(code, time_s).replace(",", ", ", 1)

    def _add_commands(self) -> None:
        of = self._of_selected
        self.add_selection()
        self.add_meters(of, (3, 4))
        self.add_level(f"[:SOURce]:VOLTage{LEVEL}", "set_V", of)
        self.add_level(f"[:SOURce]:CURRent{LEVEL}", "set_A", of, 4)
        self.add_level("[:SOURce]:VOLTage:PROTection[:LEVel]", "ovp_V", of)
        self.add_tripped("[:SOURce]:VOLTage:PROTection:TRIPped", "OVP", of, "1", "0")
        self.add_clear("[:SOURce]:VOLTage:PROTection:CLEar", "OVP", of)
        self.add_switch(":FUSE[:STATe]", "fuse", of)
        self.add_tripped(":FUSE:TRIPped", "OCP", of, "1", "0")
        self._chosen: set[int] = set()
        self._general = False
        self.tree.add(":OUTPut[:STATe]", write=self._switch, query=lambda _: str(int(of(())[0].on)))
        self.tree.add(
            ":OUTPut:SELect",
            write=self._choose,
            query=lambda _: str(int(self.selected in self._chosen)),
        )
        self.tree.add(":OUTPut:GENeral", write=self._all, query=lambda _: str(int(self._general)))
        self.add_conditions()
        self.add_panel()
        for output in self.outputs.values():
            output.ovp_armed = True

    def reset(self) -> None:
        """Overvoltage is always watched."""
        super().reset()
        self._chosen, self._general = set(), False
        for output in self.outputs.values():
            output.ovp_armed = True

    def _switch(self, arguments: Arguments) -> None:
        """The selected output; on, the switch of all as well."""
        self._general = self._general or syntax.boolean(arguments[0])
        self._choose(arguments)

    def _choose(self, arguments: Arguments) -> None:
        """Whether the selected output follows the switch of all."""
        on = syntax.boolean(arguments[0])
        (self._chosen.add if on else self._chosen.discard)(self.selected)
        self._apply()

    def _all(self, arguments: Arguments) -> None:
        self._general = syntax.boolean(arguments[0])
        self._apply()

    def _apply(self) -> None:
        for number, output in self.outputs.items():
            on = self._general and number in self._chosen
            if on is not output.on:
                output.switch(on, self.now_s)
                output.update(self.now_s)


class Keysight(ScpiSupply):
    """E36300A with channel lists, E3631A and E3633A with a selected output."""

    def number_text(self, value: float, digits: int) -> str:
        """`+5.00000000E+00`."""
        return f"{value:+.8E}"

    def error_text(self, code: int, time_s: float) -> str:
        """`+0,"No error"`."""
        text = super().error_text(code, time_s)
        return text if text.startswith("-") else f"+{text}"

    def _add_commands(self) -> None:
        listed = self.model == "keysight-e36313a"
        of = self._of_list if listed else self._of_selected
        self.add_selection()
        self.add_meters(of)
        self.add_level(f"[:SOURce]:VOLTage{LEVEL}", "set_V", of)
        self.add_level(f"[:SOURce]:CURRent{LEVEL}", "set_A", of)
        if self.model != "keysight-e3631a":
            protection = "[:SOURce]:VOLTage:PROTection"
            self.add_level(f"{protection}[:LEVel]", "ovp_V", of)
            self.add_tripped(f"{protection}:TRIPped", "OVP", of, "1", "0")
            self.add_switch("[:SOURce]:CURRent:PROTection:STATe", "fuse", of)
            self.add_tripped("[:SOURce]:CURRent:PROTection:TRIPped", "OCP", of, "1", "0")
            for output in self.outputs.values():
                output.ovp_armed = True
        if listed:
            self.add_switch(":OUTPut[:STATe]", "on", of)
        else:
            self.tree.add(":OUTPut[:STATe]", write=self._all_of_them, arguments=(1, 1),
                          query=lambda _: str(int(self.wired.on)))  # fmt: skip
            self.add_range("[:SOURce]:VOLTage:RANGe")
        self.add_conditions()
        self.add_panel()

    def reset(self) -> None:
        """Overvoltage is always watched where it is at all."""
        super().reset()
        for output in self.outputs.values():
            output.ovp_armed = self.model != "keysight-e3631a"

    def _all_of_them(self, arguments: Arguments) -> None:
        """One switch for all outputs."""
        for output in self.outputs.values():
            output.switch(syntax.boolean(arguments[0]), self.now_s)


class Owon(ScpiSupply):
    """SPE and P4000: one output, limits that trip."""

    def _add_commands(self) -> None:
        of = self._of_selected
        self.add_meters(of)
        self.add_level("[:SOURce]:VOLTage", "set_V", of)
        self.add_level("[:SOURce]:CURRent", "set_A", of)
        self.add_level("[:SOURce]:VOLTage:LIMit", "ovp_V", of)
        self.add_level("[:SOURce]:CURRent:LIMit", "ocp_A", of)
        self.add_switch(":OUTPut", "on", of)
        self.add_panel()
        for output in self.outputs.values():
            output.ovp_armed = output.ocp_armed = True


class DeltaSm(ScpiSupply):
    """SM with Ethernet: it takes set-points only from the programming source that was chosen."""

    def error_text(self, code: int, time_s: float) -> str:
        """`0,None`."""
        return "0,None" if code == 0 else super().error_text(code, time_s).replace('"', "")

    def _add_commands(self) -> None:
        of = self._of_selected
        self._sources = {"CV": "front", "CC": "front"}
        self.add_meters(of, (4, 4))
        for voltage in ("VOLtage", "VOLTage"):
            self.add_level(f":SOURce:{voltage}", "set_V", of, 4)
            self.tree.add(f":SOURce:{voltage}:MAXimum", query=lambda _: f"{self._range.volts:.0f}")
            self.tree.add(f":MEASure:{voltage}", query=lambda _: f"{self._measured[0]:.4f}")
        for current in ("CURrent", "CURRent"):
            self.add_level(f":SOURce:{current}", "set_A", of, 4)
            self.tree.add(f":SOURce:{current}:MAXimum", query=lambda _: f"{self._range.amps:.0f}")
            self.tree.add(f":MEASure:{current}", query=lambda _: f"{self._measured[1]:.4f}")
        self.add_switch(":OUTPut", "on", of)
        for kind in self._sources:
            self.tree.add(
                f":SYSTem:REMote:{kind}[:STATus]",
                write=partial(self._take, kind),
                query=partial(self._taken, kind),
            )
        self.tree.add(":SYSTem:WARning", query=lambda _: "0,None")

    @property
    def _range(self) -> OutputRange:
        return self.wired.range

    @property
    def _measured(self) -> tuple[float, float]:
        return self.wired.measure(self.now_s)

    def _take(self, kind: str, arguments: Arguments) -> None:
        source = arguments[0].lower()
        if source not in ("front", "web", "seq", "eth", "ethernet", "rem", "loc"):
            raise ScpiError(-224)
        self._sources[kind] = source

    def _taken(self, kind: str, _: Arguments) -> str:
        return self._sources[kind].capitalize()

    def _set_level(self, name: str, picks: Picks, arguments: Arguments) -> None:
        if self._sources["CV" if name == "set_V" else "CC"] not in ("eth", "ethernet", "rem"):
            raise ScpiError(-221)
        super()._set_level(name, picks, arguments)


class AimTti(ScpiSupply):
    """CPX and QL: a language of their own, with registers for what went wrong."""

    def _add_commands(self) -> None:
        self._execution_error = 0
        self._events = dict.fromkeys(self.outputs, 0)
        for output in self.outputs.values():
            output.ovp_armed = output.ocp_armed = True

    def reset(self) -> None:
        """Its protections are always armed."""
        super().reset()
        for output in self.outputs.values():
            output.ovp_armed = output.ocp_armed = True

    def _execute(self, message: str) -> None:
        if message.startswith("*") or not message:
            super()._execute(message)
            return
        self.spend(2e-3)
        for unit in message.split(";"):
            for number, output in self.outputs.items():
                output.update(self.now_s)
                self._note(number, output)
            try:
                answer = self._command(unit.strip().upper())
            except (ScpiError, ValueError):
                self._execution_error = 100
                continue
            except KeyError:
                self.status.events |= 0x20
                continue
            if answer is not None:
                self._output.add(self.now_s, answer.encode("ascii") + b"\r\n")

    def _note(self, number: int, output: RangedOutput) -> None:
        """Events since they were read."""
        bits = {"CV": 1, "CC": 2}.get(output.mode, 0)
        bits |= 4 if output.tripped == "OVP" else 0
        bits |= 8 if output.tripped == "OCP" else 0
        self._events[number] |= bits

    def _command(self, unit: str) -> str | None:
        head, _, argument = unit.partition(" ")
        if head == "OPALL":
            for output in self.outputs.values():
                output.switch(argument.strip() == "1", self.now_s)
            return None
        if head == "TRIPRST":
            for output in self.outputs.values():
                output.tripped = ""
            return None
        if head == "EER?":
            code, self._execution_error = self._execution_error, 0
            return str(code)
        if head == "QER?":
            return "0"
        if head in ("LOCAL", "IFLOCK", "IFUNLOCK"):
            return None
        return self._of_an_output(head, argument.strip())

    def _of_an_output(self, head: str, argument: str) -> str | None:
        """`V1 5`, `V1V 5`, `V1?`, `V1O?`, and the like. Raises `KeyError` for another."""
        name = head.rstrip("?VO0123456789")
        rest = head[len(name) :]
        if not name:
            name, rest = head[:1], head[1:]
        elif name + rest[:1] in ("OV", "IV"):
            raise KeyError(head)
        number, tail = int(rest[:1] or "0"), rest[1:]
        if number not in self.outputs:
            raise ScpiError(-222)
        output = self.outputs[number]
        if tail == "O?":
            volts, amps = output.measure(self.now_s)
            return {"V": f"{volts:.3f}V", "I": f"{amps:.3f}A"}[name]
        if tail == "?":
            return self._told(name, number, output)
        if tail not in ("", "V"):
            raise KeyError(head)
        value = syntax.number(argument)
        levels = {"V": "set_V", "I": "set_A", "OVP": "ovp_V", "OCP": "ocp_A"}
        if name == "OP":
            output.switch(value >= 0.5, self.now_s)
        elif name in ("RANGE", "IRANGE"):
            if output.on or not output.choose(argument, self.now_s):
                raise ScpiError(-221)
        else:
            level = levels[name]
            self._set_level(level, lambda arguments: (output, arguments), (argument,))
        return None

    def _told(self, name: str, number: int, output: RangedOutput) -> str:
        if name == "LSR":
            events, self._events[number] = self._events[number], 0
            return str(events)
        return {
            "V": f"V{number} {output.set_V:.3f}",
            "I": f"I{number} {output.set_A:.3f}",
            "OP": str(int(output.on)),
            "OVP": f"VP{number} {output.ovp_V:.2f}",
            "OCP": f"CP{number} {output.ocp_A:.3f}",
            "RANGE": f"R{number} {output.range.word}",
        }[name]
