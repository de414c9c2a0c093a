"""The series of a run as it is drawn: spectra, pulse voltammograms, R_u of interruptions; and what
devices around the cell reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic.diagnostics import InputError
from faradaic.records.series import IMPEDANCE, INTERRUPT, PULSE, Series, series_of
from faradaic.reporting.figures import COLOURS
from faradaic.studies.run.device_columns import device_columns, draw_devices
from faradaic.studies.run.electrolysis import Electrolysis
from faradaic.studies.run.series_results import interrupt_resistances, spectrum_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import SubFigure

ROW_MM = 62.0
_PREFIXES = (("M", 1e6), ("k", 1e3), ("", 1.0), ("m", 1e-3), ("µ", 1e-6), ("n", 1e-9))
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEAST_DECADES = 0.3
"""A modulus spans at least so much of its axis: noise is no feature."""

Draw = Callable[["SubFigure", str], None]


def series_rows(one: Electrolysis) -> Iterator[Draw]:
    """What draws each row: a subfigure and the letter of its first panel."""
    run = one.run
    if run is None:
        return
    for kind, draw in (
        (IMPEDANCE, _draw_spectra),
        (PULSE, _draw_pulses),
        (INTERRUPT, _draw_interrupts),
    ):
        if series := series_of(run, kind):
            yield _row(draw, series, one)
    if next(device_columns(run), None) is not None:
        yield lambda figure, letter: draw_devices(figure, letter, run)


def _row(draw: Callable[..., None], series: tuple[Series, ...], one: Electrolysis) -> Draw:
    return lambda figure, letter: draw(figure, letter, series, one)


def _draw_spectra(
    figure: SubFigure, letter: str, series: tuple[Series, ...], one: Electrolysis
) -> None:
    """Nyquist with equal axes; Bode with modulus and phase."""
    nyquist, bode = figure.subplots(1, 2)
    phase = bode.twinx()
    spectra = []
    for one_series in series:
        try:
            spectra.append((one_series.number, spectrum_of(one_series)))
        except InputError:
            continue
    largest = max((float(np.abs(s.impedance_ohm).max()) for _, s in spectra), default=1.0)
    prefix, factor = _prefix(largest)
    for (number, spectrum), colour in zip(spectra, 10 * COLOURS[1:], strict=False):
        z, f = spectrum.impedance_ohm / factor, spectrum.frequency_Hz
        name = f"spectrum {number}"
        nyquist.plot(z.real, -z.imag, ".-", color=colour, ms=3.0, lw=0.7, label=name)
        bode.loglog(f, np.abs(z), ".-", color=colour, ms=3.0, lw=0.7)
        phase.semilogx(f, np.degrees(-np.angle(z)), "--", color=colour, lw=0.7)
    nyquist.set_aspect("equal", adjustable="datalim")
    nyquist.axhline(0.0, color="black", lw=0.4)
    nyquist.set_xlabel(f"Z′ / {prefix}Ω")
    nyquist.set_ylabel(f"−Z″ / {prefix}Ω")
    if spectra:
        nyquist.legend(frameon=False, loc="best")
        low, high = bode.get_ylim()
        if (short := _LEAST_DECADES - np.log10(high / low)) > 0:
            bode.set_ylim(low * 10 ** (-short / 2), high * 10 ** (short / 2))
        bottom, top = phase.get_ylim()
        phase.set_ylim(min(bottom, -5.0), max(top, 5.0))
        _decades(bode.xaxis)
        _decades(bode.yaxis)
    bode.set_xlabel("f / Hz")
    bode.set_ylabel(f"|Z| / {prefix}Ω")
    phase.set_ylabel("−φ / ° (dashed)")
    _letters((nyquist, bode), letter)


def _draw_pulses(
    figure: SubFigure, letter: str, series: tuple[Series, ...], one: Electrolysis
) -> None:
    """The difference, and what it is the difference of where that was told."""
    axis = figure.subplots()
    columns = [
        {name: s.column(name) for name in ("potential_V", "difference_A", "forward_A", "reverse_A")}
        for s in series
    ]
    currents = np.concatenate([c[name] for c in columns for name in list(c)[1:]])
    known = np.abs(currents[np.isfinite(currents)])
    prefix, factor = _prefix(float(known.max()) if known.size else 1.0)
    for one_series, told, colour in zip(series, columns, 10 * COLOURS[1:], strict=False):
        E_V = told["potential_V"]
        name = f"voltammogram {one_series.number}"
        axis.plot(E_V, told["difference_A"] / factor, color=colour, label=f"{name}, difference")
        for part, style in (("forward_A", "--"), ("reverse_A", ":")):
            if np.isfinite(told[part]).any():
                label = part.removesuffix("_A")
                axis.plot(E_V, told[part] / factor, style, color=colour, lw=0.7, label=label)
    axis.axhline(0.0, color="black", lw=0.4)
    reference = one.series.reference
    axis.set_xlabel(f"E vs {reference.partition(',')[0]} / V" if reference else "E / V")
    axis.set_ylabel(f"I / {prefix}A")
    axis.legend(frameon=False, loc="best")
    _letters((axis,), letter)


def _draw_interrupts(
    figure: SubFigure, letter: str, series: tuple[Series, ...], one: Electrolysis
) -> None:
    """R_u over time with its uncertainty, and the voltage after the interruptions."""
    over_time, trace = figure.subplots(1, 2)
    for one_series, colour in zip(series, 10 * COLOURS[1:], strict=False):
        results = interrupt_resistances(one_series)
        began_s = one_series.column("began_s")
        value = np.array([np.nan if r.value is None else r.value for r in results])
        error = np.array([r.uncertainty for r in results])
        at = began_s / 60.0
        over_time.errorbar(at, value, error, fmt="o", ms=3.0, lw=0.7, color=colour)
        most = np.array(
            [np.nan if r.value is not None or r.bounds is None else r.bounds[1] for r in results],
            dtype=float,
        )
        label = "at most" if np.isfinite(most).any() else None
        over_time.plot(at, most, "v", ms=3.0, mfc="none", mew=0.6, color=colour, label=label)
        if label:
            over_time.legend(frameon=False, loc="best")
        for record, shade in zip(
            (one_series.records[0], one_series.records[-1]), (1.0, 0.5), strict=True
        ):
            fields = record.fields
            voltage_V = np.array([np.nan if v is None else v for v in fields["cell_voltage_V"]])
            time_ms = 1e3 * np.array(fields["time_s"])
            label = f"at {fields['began_s'] / 60.0:.1f} min"
            trace.plot(time_ms, voltage_V, ".-", ms=2.5, lw=0.6, color=colour, alpha=shade,
                       label=label)  # fmt: skip
    over_time.set_xlabel("t / min")
    over_time.set_ylabel("R_u / Ω")
    low, high = over_time.get_ylim()
    if high - low < 0.2 * abs(high):
        middle = 0.5 * (low + high)
        over_time.set_ylim(middle - 0.1 * abs(high), middle + 0.1 * abs(high))
    trace.axvspan(0.0, 1e3 * float(series[0].records[0].fields["dead_time_s"]), color="#EFEFEF")
    trace.set_xlabel("t after the interruption / ms")
    trace.set_ylabel("U / V")
    trace.legend(frameon=False, loc="best")
    _letters((over_time, trace), letter)


def _decades(axis: Any) -> None:
    """Powers of ten in words that need no typesetting."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axis.set_major_formatter(FuncFormatter(_power_of_ten))
    axis.set_minor_formatter(NullFormatter())


def _power_of_ten(value: float, _: object) -> str:
    return "10" + f"{round(np.log10(value)):d}".translate(_SUPERSCRIPTS)


def _letters(axes: tuple[Axes, ...], first: str) -> None:
    for offset, axis in enumerate(axes):
        letter = chr(ord(first) + offset)
        axis.set_title(letter, loc="left", fontweight="bold", fontsize=8.0)


def letters_of(figure: Any) -> int:
    """How many letters a row has taken: its axes, without those that share a panel."""
    return sum(bool(axis.get_title(loc="left")) for axis in figure.axes)


def _prefix(largest: float) -> tuple[str, float]:
    return next((p for p in _PREFIXES if largest >= p[1]), _PREFIXES[-1])
