"""Results in words: values in the units of the trade, with their uncertainty."""

from __future__ import annotations

import math

from faradaic.results import Result
from faradaic.studies.outcome import StudyOutcome

_SHOWN = {
    "1": ("%", 100.0),
    "m": ("nm", 1e9),
    "A/m²": ("mA cm⁻²", 0.1),
    "A": ("mA", 1e3),
    "A/h": ("mA/h", 1e3),
    "V/h": ("mV/h", 1e3),
    "1/h": ("%/h", 100.0),
    "1/s": ("s⁻¹", 1.0),
}
"""Unit and factor by the unit of the result; a turnover number stays a number."""
_SHORTER = {"Faradaic efficiency": "FE", "partial current density": "j"}
_HOUR_S = 3600.0


def shown(result: Result) -> str:
    """ "85.5 ± 2.0 %", or that there is no value."""
    if result.value is None:
        return "no value"
    unit, factor = _SHOWN.get(result.unit, (result.unit, 1.0))
    if result.name.startswith("TON"):
        unit, factor = "", 1.0
    if result.unit == "s" and abs(result.value) >= _HOUR_S:
        unit, factor = "h", 1 / _HOUR_S
    return with_error(factor * result.value, factor * combined(result), unit)


def with_error(value: float, error: float, unit: str) -> str:
    """The value to the second digit of its error, or to four digits where there is none."""
    if error > 0 and math.isfinite(error):
        digits = max(0, 1 - math.floor(math.log10(error)))
        text = f"{value:.{digits}f} ± {error:.{digits}f}"
    else:
        text = f"{value:.4g}"
    return f"{text} {unit}".strip().replace("-", "−")


def combined(result: Result) -> float:
    """Random and systematic uncertainty together, as far as they are known."""
    return math.hypot(result.random or 0.0, result.systematic or 0.0)


def products_at_a_glance(
    outcome: StudyOutcome, *, brief: bool = False
) -> tuple[list[str], list[list[str]]]:
    """Head and rows: one row for each sample and potential, one column for each result.

    In brief, partial currents and turnover only of the first product.
    """
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for finding in outcome.findings:
        if finding.topic == "products":
            name = finding.result.name
            for long, short in _SHORTER.items():
                name = name.replace(long, short)
            rows.setdefault((finding.sample, finding.at), {})[name] = shown(finding.result)
    names = list(dict.fromkeys(name for cells in rows.values() for name in cells))
    if brief and names:
        first = names[0].removeprefix("FE")
        names = [n for n in names if first in n or "FE" in n]
    body = [[*key, *(cells.get(name, "") for name in names)] for key, cells in rows.items()]
    return ["sample", "at", *names], body
