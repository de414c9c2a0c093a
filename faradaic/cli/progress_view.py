"""One line that follows a run: state, F/mol so far, cell voltage, the clock time of its end.

While a question waits for its answer the line stands above the prompt, and what is typed there
stays as it is. A thread writes, so that a terminal that takes nothing more (Ctrl+S, a pipe that
nobody reads) holds up no run.
"""

from __future__ import annotations

import contextlib
import queue
import shutil
import sys
import threading
import time
from typing import TYPE_CHECKING, Self

from faradaic.cli.assumption_view import guessed_mark
from faradaic.cli.output import shown
from faradaic.quantities import format_duration, format_quantity

if TYPE_CHECKING:
    from faradaic.runner.progress import RunProgress

EVERY_S = 0.2
LAST_WORDS_S = 1.0
"""How long the end of a run waits for a terminal that takes nothing."""

PROMPT = "> "
_ERASE = "\r\x1b[2K"
_ABOVE = "\x1b7\x1b[1A", "\x1b8"
"""To the line above, and back to where somebody types."""

_WAITING = {"PAUSED(open_circuit)": "PAUSED", "RUNNING": "WAITING"}
_HELD = {
    "PAUSED(hold_potential)": "PAUSED, OUTPUT ON, the voltage held",
    "PAUSED(keep_current)": "PAUSED, OUTPUT ON, the current kept",
}


LONGEST_LABEL = 30
"""Characters of a step in the line; of a longer one its first part: the readings are to be seen."""


def progress_line(progress: RunProgress, *, simulated: bool) -> str:
    """The line for one moment."""
    mark = "SIMULATED " if simulated else ""
    state = _HELD.get(progress.state.value, progress.state.value)
    if progress.waiting_s is not None:
        seconds = int(progress.waiting_s)
        lasted = f"{seconds} s" if seconds < 60 else format_duration(seconds)
        state = f"{_WAITING.get(state, state)} for {lasted}, output off"
    parts = [f"{mark}{state}"]
    if progress.diagnosis:
        parts.append(progress.diagnosis)
    label = progress.label
    parts.append(label if len(label) <= LONGEST_LABEL else label.partition(",")[0])
    if progress.charge_F_per_mol is not None:
        parts.append(f"{progress.charge_F_per_mol:.3f} F/mol")
    else:
        parts.append(format_quantity(progress.charge_C, "C"))
    if progress.cell_voltage_V is not None:
        mark = guessed_mark("cell_voltage_V" in progress.guessed)
        parts.append(f"U {progress.cell_voltage_V:.2f} V{mark}")
    if progress.potential_V is not None:
        parts.append(f"E {progress.potential_V:.3f} V")
    if progress.current_A is not None:
        mark = guessed_mark("current_A" in progress.guessed)
        parts.append(format_quantity(progress.current_A, "mA") + mark)
    parts.append(format_duration(progress.time_s))
    parts.append(f"done {progress.ends_utc.astimezone():%a %H:%M}")
    return " · ".join(parts)


class StatusLine:
    """The line on stderr, and the questions below it; questions alone where it is no terminal."""

    def __init__(self, *, simulated: bool) -> None:
        self._simulated = simulated
        self._terminal = sys.stderr.isatty()
        self._shown_s = 0.0
        self._asked = False
        self._text = "opening the bench"
        if simulated:
            self._text += "; the first rehearsal compiles the cell model, up to half a minute"
        self._words: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._writer = threading.Thread(target=self._write_on, daemon=True)
        self._writer.start()

    def __enter__(self) -> Self:
        self._draw()
        return self

    def __exit__(self, *_: object) -> None:
        self._text = ""
        self._draw()
        self._words.put(None)
        self._writer.join(LAST_WORDS_S)

    def observe(self, progress: RunProgress) -> None:
        """Show where a run is, a few times a second at most."""
        now_s = time.monotonic()
        if now_s - self._shown_s >= EVERY_S:
            self._shown_s = now_s
            self._text = progress_line(progress, simulated=self._simulated)
            self._draw()

    def ask(self, question: str) -> None:
        """Show a question and a prompt below the line; an empty one takes the prompt away."""
        if not self._terminal:
            self._words.put(f"{shown(question)}\n")
            return
        if self._asked:
            self._words.put(_ABOVE[0] + _ERASE + _ABOVE[1])
        self._asked = bool(question)
        self._words.put(
            f"{_ERASE}{shown(question)}\n{self._fitting()}\n{PROMPT}" if question else _ERASE
        )

    def _draw(self) -> None:
        if self._terminal and self._words.empty():  # else it would be old before it is seen
            before, after = _ABOVE if self._asked else ("", "")
            self._words.put(f"{before}{_ERASE}{self._fitting()}{after}")

    def _fitting(self) -> str:
        return shown(self._text)[: shutil.get_terminal_size().columns - 1]

    def _write_on(self) -> None:
        with contextlib.suppress(OSError):  # nobody is there to see it any more
            while (text := self._words.get()) is not None:
                sys.stderr.write(text)
                sys.stderr.flush()
