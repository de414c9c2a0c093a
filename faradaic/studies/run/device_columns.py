"""What the devices around the cell reported in a run: a table and a row of the figure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from faradaic.quantities import convert
from faradaic.reporting.figures import COLOURS
from faradaic.timeseries import on_time_s

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure
    from numpy.typing import NDArray

    from faradaic.records.run import Run

PANELS_MAX = 3
"""Panels of a row; the table has all columns."""

_SHOWN = {
    ("stirring", "rpm"): ("stirring", "rpm", None),
    ("temperature", "K"): ("temperature", "°C", "degC"),
    ("gas_flow", "mol_per_s"): ("gas flow", "sccm", "sccm"),
    ("pump_flow", "m3_per_s"): ("pump flow", "mL/min", "mL/min"),
    ("relay_closed", ""): ("contact closed", "", None),
    ("pH", ""): ("pH", "", None),
}
"""Beginning and end of a column: in words, the unit shown, and the unit that it is converted to."""


class DeviceColumn(NamedTuple):
    """One column, in the unit that is shown."""

    words: str
    unit: str
    values: NDArray[np.float64]

    @property
    def title(self) -> str:
        """Get what stands at its axis."""
        return f"{self.words} / {self.unit}" if self.unit else self.words


def device_columns(run: Run) -> Iterator[DeviceColumn]:
    """The columns of devices that hold something."""
    for name, values in run.columns.items():
        for (begins, ends), (words, unit, shown) in _SHOWN.items():
            if not (name.startswith(begins) and name.endswith(ends)):
                continue
            if np.isnan(values).all():
                break
            device = name.removeprefix(begins).removesuffix(ends).strip("_")
            if shown is not None:
                zero, one = convert(0.0, shown), convert(1.0, shown)
                values = zero + (one - zero) * values
            yield DeviceColumn(f"{words} ({device})" if device else words, unit, values)
            break


def device_rows(run: Run) -> list[tuple[str, ...]]:
    """Each column: lowest, mean and highest while the output was on, and at the end."""
    found = []
    time_s = run.columns.get("time_s", np.empty(0))
    spans = run.time_series().output_on_s
    on_s = on_time_s(time_s, np.empty((0, 2)) if spans is None else spans)
    on = np.diff(on_s, prepend=0.0) > 0.0
    for column in device_columns(run):
        while_on = column.values[on]
        known = while_on[~np.isnan(while_on)]
        told = (known.min(), known.mean(), known.max()) if known.size else (np.nan,) * 3
        last = column.values[~np.isnan(column.values)][-1]
        numbers = ("–" if np.isnan(one) else f"{one:.4g} {column.unit}" for one in (*told, last))
        found.append((column.words, *numbers))
    return found


def draw_devices(figure: SubFigure, letter: str, run: Run) -> None:
    """What they reported over time, the columns that change most of their own size first."""
    columns = sorted(device_columns(run), key=_moves, reverse=True)[:PANELS_MAX]
    axes = np.atleast_1d(figure.subplots(1, len(columns)))
    time_s = run.columns["time_s"]
    unit, seconds = ("h", 3600.0) if time_s[-1] > 2.0 * 3600.0 else ("min", 60.0)
    for offset, (axis, column) in enumerate(zip(axes, columns, strict=True)):
        axis.plot(time_s / seconds, column.values, color=COLOURS[1 + offset], lw=0.9)
        axis.set_xlabel(f"t / {unit}")
        axis.set_ylabel(column.title)
        axis.set_title(chr(ord(letter) + offset), loc="left", fontweight="bold", fontsize=8.0)


def _moves(column: DeviceColumn) -> float:
    """How much it changed, of its own size; whether a contact is closed is drawn last."""
    if not column.unit and column.words.startswith("contact"):
        return -1.0
    values = column.values[~np.isnan(column.values)]
    return float(np.ptp(values) / (abs(values).max() or 1.0))
