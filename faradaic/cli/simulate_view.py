"""What `faradaic simulate` gives: words or JSON, a table, a figure; each says SIMULATED."""

from __future__ import annotations

import json as json_
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic import __version__
from faradaic.cli.output import tell, write_new
from faradaic.diagnostics import InputError, refusal
from faradaic.reporting.figures import (
    BLUE,
    COLUMN_MM,
    FRAMED,
    as_files,
    mark_simulated,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from faradaic.simulators.voltammetry import Voltammogram

    Columns = Mapping[str, NDArray[np.float64]]

POINTS_PER_DECADE_MAX = 1000


def give_curve(
    curve: Voltammogram,
    numbers: Mapping[str, Any],
    csv: Path | None,
    figure: Path | None,
    json: bool,
) -> None:
    """Print and write a curve with the numbers behind it."""
    about = {"technique": curve.technique, "mechanism": curve.mechanism, "engine": curve.engine}
    columns = {
        "time_s": curve.time_s,
        "potential_V": curve.potential_V,
        "current_A": curve.current_A,
    }
    sweep = curve.technique in ("cv", "lsv", "staircase")
    peaks = _peaks(curve) if sweep else {}

    def draw(axes: Axes) -> None:
        if curve.technique == "chronopotentiometry":
            axes.plot(curve.time_s, curve.potential_V, color=BLUE)
            axes.set(xlabel="t / s", ylabel="E / V")
            return
        scale, unit = _current_unit(float(abs(curve.current_A).max()))
        x = curve.potential_V if sweep else curve.time_s
        axes.plot(x, curve.current_A * scale, color=BLUE)
        axes.axhline(0.0, color="0.6", linewidth=0.5)
        axes.set(xlabel="E / V" if sweep else "t / s", ylabel=f"I / {unit}")

    notes = list(curve.notes)
    if sweep and not peaks:
        notes.append(
            "no peak: the largest current is at an end or a turn of the sweep; where the wave lies "
            "further out (slow k0, fast scan) move --from and --to"
        )
    more = {"peaks": peaks, "notes": notes} if sweep else {"notes": notes}
    _give(about, numbers, columns, more, draw, csv, figure, json)


def give_spectrum(
    impedance_ohm: Callable[[Any], Any],
    limits_Hz: list[float],
    per_decade: int,
    mechanism: str,
    numbers: Mapping[str, Any],
    csv: Path | None,
    figure: Path | None,
    json: bool,
) -> None:
    """Print and write impedance as a function of frequency (Hz) between two frequencies."""
    import numpy as np

    highest, lowest = max(limits_Hz), min(limits_Hz)
    if not 1 <= per_decade <= POINTS_PER_DECADE_MAX or highest == lowest:
        raise refusal(
            "E704",
            f"{per_decade} points per decade from {lowest:g} to {highest:g} Hz",
            f"1 to {POINTS_PER_DECADE_MAX} points, between two frequencies",
        )
    count = max(2, round(per_decade * math.log10(highest / lowest)) + 1)
    frequency_Hz = np.geomspace(highest, lowest, count)
    z = impedance_ohm(frequency_Hz)
    columns = {
        "frequency_Hz": frequency_Hz,
        "impedance_real_ohm": z.real,
        "impedance_imaginary_ohm": z.imag,
    }

    def draw(axes: Axes) -> None:
        axes.plot(z.real, -z.imag, "o-", color=BLUE, markersize=2.5)
        axes.set(xlabel="Z′ / Ω", ylabel="−Z″ / Ω")
        axes.set_aspect("equal", adjustable="datalim")

    about = {"technique": "eis", "mechanism": mechanism, "engine": "analytic"}
    _give(about, numbers, columns, {}, draw, csv, figure, json)


def _give(
    about: Mapping[str, str],
    numbers: Mapping[str, Any],
    columns: Columns,
    more: Mapping[str, Any],
    draw: Callable[[Axes], None],
    csv: Path | None,
    figure: Path | None,
    json: bool,
) -> None:
    numbers = {name: "inf" if value == math.inf else value for name, value in numbers.items()}
    files = {}
    if csv is not None:
        write_new(csv, _table(about, numbers, columns))
        files["csv"] = str(csv)
    if figure is not None:
        write_new(figure, _figure(about, figure, draw))
        files["figure"] = str(figure)
    points = len(next(iter(columns.values())))
    lines = [f"SIMULATED {about['technique']} of {about['mechanism']} ({about['engine']} engine)"]
    for kind, peak in more.get("peaks", {}).items():
        scale, unit = _current_unit(abs(peak["current_A"]))
        potential_mV = peak["potential_V"] * 1e3
        lines.append(
            f"  {kind} peak  {peak['current_A'] * scale:9.4f} {unit} at {potential_mV:.2f} mV"
        )
    lines += [f"  note: {note}" for note in more.get("notes", ())]
    for name in ("charge_transfer_resistance_ohm", "warburg_coefficient_ohm_per_rt_s"):
        if name in numbers:
            lines.append(f"  {name} = {numbers[name]:.6g}")
    lines += [f"  wrote {name}" for name in files.values()]
    if files:
        values = {}
    else:
        lines.append(f"  {points} points; keep them with --csv FILE and --figure FILE")
        values = {"columns": {name: column.tolist() for name, column in columns.items()}}
    content = {**about, "points": points, "files": files, **more, **values, "numbers": numbers}
    tell(json, lines, simulated=True, **content)


def _peaks(curve: Voltammogram) -> dict[str, dict[str, float]]:
    found = {}
    for kind, anodic in (("anodic", True), ("cathodic", False)):
        try:
            potential_V, current_A = curve.peak(anodic=anodic)
        except InputError:
            continue  # a curve without a peak is a result as well
        found[kind] = {"potential_V": potential_V, "current_A": current_A}
    return found


def _current_unit(largest_A: float) -> tuple[float, str]:
    for scale, unit in ((1.0, "A"), (1e3, "mA"), (1e6, "µA"), (1e9, "nA")):
        if largest_A * scale >= 1.0:
            return scale, unit
    return 1e12, "pA"


def _table(about: Mapping[str, str], numbers: Mapping[str, Any], columns: Columns) -> bytes:
    lines = [
        f"# SIMULATED by faradaic {__version__}: {about['technique']}, {about['engine']} engine",
        f"# mechanism: {about['mechanism']}".replace("\n", "; "),
        f"# numbers: {json_.dumps(dict(numbers), ensure_ascii=False)}",
        "# signs: anodic current positive",
        ",".join(columns),
    ]
    rows = zip(*(values.tolist() for values in columns.values()), strict=True)
    lines += [",".join(map(repr, row)) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def _figure(about: Mapping[str, str], path: Path, draw: Callable[[Axes], None]) -> bytes:
    kind = path.suffix.lower().lstrip(".")
    if kind not in ("png", "svg"):
        raise refusal("E704", f"{path} is neither .png nor .svg", f"{path.stem}.png")
    with styled(FRAMED):
        figure = new_figure(COLUMN_MM, 70.0)
        axes = figure.subplots()
        draw(axes)
        axes.set_title(f"SIMULATED · {about['mechanism']}", fontsize=7.5)
        mark_simulated(figure, 28.0)
    return as_files(figure, kind)[kind]
