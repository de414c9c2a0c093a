"""MethodSCRIPT error replies: recognised on the wire, explained from the table `errors.csv`.

Source of the codes: palmsens-sdk 39c885db, `comm_registry.COMM_PROTOCOL_EXCEPTIONS`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from faradaic.diagnostics import DeviceError, Diagnostic
from faradaic.instruments.readings import OutputState
from faradaic.instruments.transports import LinkError, TransportTimeout

_REPLY = re.compile(r"[^!]{0,8}!([0-9A-Fa-f]{4})(?:: *(?:Line (\d+))?(?:, *Col (\d+))?)?.*\n?")


class ErrorReply(NamedTuple):
    """An error as the instrument reported it; line and column count from 1."""

    code: str
    line: int | None
    column: int | None


class ScriptError(DeviceError):
    """The instrument rejected a command or stopped a script; `reply` is what it said."""

    default_code = "E510"

    def __init__(self, reply: ErrorReply, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic)
        self.reply = reply


@cache
def error_table() -> dict[str, dict[str, str]]:
    """Meaning and remedy of the known codes."""
    text = files(__package__).joinpath("errors.csv").read_text(encoding="utf-8")
    return {row["code"]: row for row in csv.DictReader(text.splitlines())}


def parse_error(line: str) -> ErrorReply | None:
    """The error in a line of output, whatever echo stands before it; None if there is none."""
    if "!" not in line or line.startswith(("T", "P")):
        return None
    match = _REPLY.fullmatch(line)
    if match is None:
        return None
    code, row, column = match.groups()
    return ErrorReply(code.upper(), int(row) if row else None, int(column) if column else None)


def script_error(reply: ErrorReply, sent: str) -> ScriptError:
    """The error to raise for a reply to what was sent: a command, or the lines of a script."""
    known = error_table().get(reply.code, {})
    meaning = known.get("meaning", "a code that is not in the table of this version")
    place = ""
    if reply.line is not None:
        lines = sent.split("\n")
        quoted = lines[reply.line - 1].strip() if 0 < reply.line <= len(lines) else "?"
        column = f", column {reply.column}" if reply.column is not None else ""
        place = f" at line {reply.line}{column} of the script: `{quoted}`"
    elif sent:
        place = f" in answer to `{sent.strip()[:60]}`"
    remedy = known.get("remedy") or "see the MethodSCRIPT manual, error codes"
    return ScriptError(
        reply,
        Diagnostic(
            "E510",
            f"the instrument reports !{reply.code}, {meaning}{place}",
            help=remedy,
        ),
    )


def with_output(error: DeviceError, state: OutputState) -> DeviceError:
    """The same error with what became of the cell."""
    words = {
        True: "the cell is still ON",
        False: "the cell was turned off and read back",
        None: "whether the cell is off is unknown",
    }
    first = error.diagnostics[0]
    told = replace(first, help=f"{first.help}; {words[state.on]} ({state.evidence})")
    return ScriptError(error.reply, told) if isinstance(error, ScriptError) else type(error)(told)


def silent(address: str, patience_s: float) -> TransportTimeout:
    """No line came from a running script."""
    return TransportTimeout.of(
        f"{address} sent nothing for {patience_s:.3g} s while a script was running",
        help="check the cable and the power of the instrument",
        code="E501",
    )


def suspect(message: str) -> LinkError:
    """Lines came that cannot be right."""
    return LinkError.of(
        message,
        help="check the cable, hubs and the baud rate, and that no other program uses the port",
        code="E511",
    )
