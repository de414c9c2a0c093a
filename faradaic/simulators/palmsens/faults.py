"""What can go wrong in a script, as the instrument numbers it."""

from __future__ import annotations


class ScriptFault(Exception):
    """An error of a script: a code of the instrument, and where, counted from 1."""

    def __init__(self, code: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.column = column

    def __str__(self) -> str:
        text = f"!{self.code}"
        if self.line is not None:
            text += f": Line {self.line}"
            if self.column is not None:
                text += f", Col {self.column}"
        return text


class ScriptAborted(Exception):
    """The host or the script asked for the script to end; `on_finished:` still runs."""


class LoopAborted(Exception):
    """The host asked for the running measurement loop to end; the script goes on."""
