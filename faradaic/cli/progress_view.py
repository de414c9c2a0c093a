"""One line that follows a run: state, F/mol so far, cell voltage, the clock time of its end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from faradaic.cli.assumption_view import guessed_mark
from faradaic.quantities import format_duration, format_quantity

if TYPE_CHECKING:
    from faradaic.runner.engine import RunProgress

EVERY_S = 0.2


def progress_line(progress: RunProgress, *, simulated: bool) -> str:
    """The line for one moment."""
    mark = "SIMULATED " if simulated else ""
    parts = [f"{mark}{progress.state}", progress.label]
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


@contextmanager
def shown_progress(*, simulated: bool) -> Iterator[Callable[[RunProgress], None] | None]:
    """An observer that keeps one line of a terminal up to date; None where there is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    shown_s = 0.0
    opening = "opening the bench"
    if simulated:
        opening += "; the first rehearsal compiles the cell model, which takes up to half a minute"
    with Live(
        Text(opening), console=Console(stderr=True), auto_refresh=False, transient=True
    ) as live:

        def observe(progress: RunProgress) -> None:
            nonlocal shown_s
            now_s = time.monotonic()
            if now_s - shown_s >= EVERY_S:
                shown_s = now_s
                live.update(Text(progress_line(progress, simulated=simulated)), refresh=True)

        yield observe
