"""The message exchange of a SCPI instrument on a byte stream, on a clock that others move.

Messages are executed one after the other, each when the one before has ended; a command that
takes time (a measurement) makes those behind it wait. On a stream there is no moment at which the
controller "reads", so responses are sent as soon as they are ready, also when nobody waits for
them, and the query errors -410 and -420 of a GPIB talker do not occur.
"""

from __future__ import annotations

from faradaic.simulators.answer_queue import AnswerQueue
from faradaic.simulators.scpi.status import OPERATION_COMPLETE, ScpiError, StatusModel
from faradaic.simulators.scpi.status import error_messages as messages
from faradaic.simulators.scpi.syntax import number
from faradaic.simulators.scpi.tree import Arguments, CommandTree

INPUT_LIMIT_BYTES = 64 * 1024
OUTPUT_LIMIT_CHARS = 64 * 1024 * 1024


class ScpiDevice:
    """A SCPI instrument: common commands and `:SYSTem:ERRor`; subclasses add the rest."""

    model = ""
    identification = ""

    def __init__(self) -> None:
        self.status = StatusModel()
        self.tree = CommandTree()
        self.now_s = 0.0
        """The instrument's own time: when what is being executed happens."""
        self._input = bytearray()
        self._output = AnswerQueue()
        self._add_common_commands()

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that arrived at `now_s`; any split of a message is allowed."""
        self.now_s = max(self.now_s, now_s)
        self._input += data
        if b"\n" in data:
            *lines, rest = self._input.split(b"\n")
            self._input = rest
            for line in lines:
                self._execute(line.decode("latin-1").strip("\r\0 \t"))
        if len(self._input) > INPUT_LIMIT_BYTES:
            self._input.clear()
            self.status.report(-363, self.now_s)

    def transmit(self, now_s: float) -> bytes:
        """Bytes that left the instrument since the last call, up to `now_s`."""
        return self._output.left_by(now_s)

    def next_event_s(self) -> float | None:
        """When there will next be something to transmit without further input; None if never."""
        return self._output.next_s()

    def spend(self, duration_s: float) -> None:
        """Let the command that is being executed take time."""
        self.now_s += duration_s

    def reset(self) -> None:
        """What `*RST` does; subclasses restore their settings."""

    def _execute(self, message: str) -> None:
        responses: list[str] = []
        indefinite = False
        for step in self.tree.resolve(message):
            try:
                if step.error is not None:
                    raise step.error
                if step.write is not None:
                    step.write(step.arguments)
                elif step.query is not None:
                    if indefinite:
                        raise ScpiError(-440)
                    responses.append(step.query(step.arguments))
                    indefinite = step.indefinite
            except ScpiError as error:
                self.status.report(error.code, self.now_s)
        if responses:
            response = ";".join(responses)
            if len(response) > OUTPUT_LIMIT_CHARS:
                self.status.report(-430, self.now_s)
            else:
                self._output.add(self.now_s, response.encode("latin-1") + b"\n")

    def _add_common_commands(self) -> None:
        add, status = self.tree.add, self.status
        nothing = (0, 0)
        add("*CLS", write=lambda _: status.clear(), arguments=nothing)
        add("*ESE", write=self._set_event_enable, query=lambda _: str(status.event_enable))
        add("*ESR", query=lambda _: str(status.take_events()))
        add("*IDN", query=lambda _: self.identification)
        add("*OPC", write=self._operation_complete, query=lambda _: "1", arguments=nothing)
        add("*RST", write=lambda _: self.reset(), arguments=nothing)
        add("*SRE", write=self._set_service_enable, query=lambda _: str(status.service_enable))
        add("*STB", query=lambda _: str(status.status_byte(bool(self._output))))
        add("*TST", query=lambda _: "0")
        add("*WAI", write=lambda _: None, arguments=nothing)
        add(":SYSTem:ERRor[:NEXT]", query=lambda _: self.error_text(*status.next_error()))
        add(":SYSTem:ERRor:CODE[:NEXT]", query=lambda _: str(status.next_error()[0]))
        add(":SYSTem:ERRor:COUNt", query=lambda _: str(status.error_count()))
        add(":SYSTem:CLEar", write=lambda _: status.clear_errors(), arguments=nothing)
        add(":SYSTem:VERSion", query=lambda _: "1999.0")
        add(":STATus:CLEar", write=lambda _: status.clear(), arguments=nothing)
        add(":STATus:PRESet", write=lambda _: None, arguments=nothing)

    def error_text(self, code: int, time_s: float) -> str:
        """A queue entry as `:SYSTem:ERRor?` sends it; models add what they know of it."""
        return f'{code},"{messages()[code]}"'

    def _operation_complete(self, _: Arguments) -> None:
        self.status.events |= OPERATION_COMPLETE

    def _set_event_enable(self, arguments: Arguments) -> None:
        self.status.event_enable = _mask(arguments[0])

    def _set_service_enable(self, arguments: Arguments) -> None:
        self.status.service_enable = _mask(arguments[0]) & ~64


def _mask(argument: str) -> int:
    value = round(number(argument))
    if not 0 <= value <= 255:
        raise ScpiError(-222)
    return value
