"""Results in words: values in the units of the trade, with their uncertainty."""

from __future__ import annotations

import math

from faradaic.quantities.constants import HOUR_S
from faradaic.reporting.typography import with_minus
from faradaic.results import Result
from faradaic.studies.outcome import StudyOutcome

_SHOWN = {
    "1": ("%", 100.0),
    "m": ("nm", 1e9),
    "A/m²": ("mA cm⁻²", 0.1),
    "A": ("mA", 1e3),
    "m2": ("cm²", 1e4),
    "A/h": ("mA/h", 1e3),
    "V/h": ("mV/h", 1e3),
    "1/h": ("%/h", 100.0),
    "1/s": ("s⁻¹", 1.0),
}
"""Unit and factor by the unit of the result; a turnover number stays a number."""
_PLAIN = frozenset(
    {
        "turnover_number",
        "circuit_parameter",
        "transfer_coefficient",
        "exponent_of_the_scan_rate",
        "electrons",
        "roughness_factor",
    }
)
"""Keys of pure numbers that are no shares."""
_PREFIXES = {"F": (("mF", 1e3), ("µF", 1e6), ("nF", 1e9), ("pF", 1e12)),
             "mA": (("µA", 1e3), ("nA", 1e6), ("pA", 1e9))}  # fmt: skip
"""Smaller units and their factors, for values that are small in the first one."""
_SHORTER = {
    "faradaic_efficiency": "FE of {of}",
    "partial_current_density": "j of {of}",
    "total_faradaic_efficiency": "total FE",
}
"""Heads of columns by the key of the result; others are called by their name."""
_EFFICIENCIES = ("faradaic_efficiency", "total_faradaic_efficiency")


def shown(result: Result) -> str:
    """ "85.5 ± 2.0 %", or that there is no value."""
    if result.value is None:
        return "no value"
    unit, factor = _SHOWN.get(result.unit, (result.unit, 1.0))
    if result.unit == "1" and result.key in _PLAIN:
        unit, factor = "", 1.0
    size = abs(factor * result.value)
    if unit in _PREFIXES and 0.0 < size < 0.1:
        unit, more = next((p for p in _PREFIXES[unit] if size * p[1] >= 1.0), _PREFIXES[unit][-1])
        factor *= more
    if result.unit == "s" and abs(result.value) >= HOUR_S:
        unit, factor = "h", 1 / HOUR_S
    return with_error(factor * result.value, factor * result.uncertainty, unit)


def in_per_cent(result: Result) -> Result:
    """A share in per cent, a number of turnovers and all others as they are."""
    if result.unit != "1" or result.key in _PLAIN:
        return result
    return result.scaled(100.0, unit="%")


def two_digits(error: float) -> str:
    """An uncertainty to its two leading digits, with the zero that is one of them: 0.20, 12."""
    return f"{error:#.2g}".removesuffix(".").replace(".e", "e")


def with_error(value: float, error: float, unit: str) -> str:
    """The value to the second digit of its error, or to four digits where there is none."""
    size = max(abs(value), error if math.isfinite(error) else 0.0)
    if 0.0 < size < 1e-4:
        power = math.floor(math.log10(size))
        number = with_error(value / 10.0**power, error / 10.0**power, "")
        number = f"({number})" if "±" in number else number
        return f"{number}e{power:+03d} {unit}".strip()
    if error > 0 and math.isfinite(error):
        digits = max(0, 1 - math.floor(math.log10(error)))
        text = f"{value:.{digits}f} ± {error:.{digits}f}"
    else:
        text = f"{value:.4g}"
    return with_minus(f"{text} {unit}".strip())


def products_at_a_glance(
    outcome: StudyOutcome, *, brief: bool = False
) -> tuple[list[str], list[list[str]]]:
    """Head and rows: one row for each sample and potential, one column for each result.

    In brief, partial currents and turnover only of the first product.
    """
    heads: dict[tuple[str, str], str] = {}
    rows: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for finding in outcome.findings:
        if finding.topic == "products":
            result = finding.result
            column = (result.key, result.of)
            heads[column] = _SHORTER.get(result.key, result.name).format(of=result.of)
            rows.setdefault((finding.sample, finding.at), {})[column] = shown(result)
    if brief and heads:
        first = next(iter(heads))[1]
        heads = {c: head for c, head in heads.items() if c[1] == first or c[0] in _EFFICIENCIES}
    body = [[*key, *(cells.get(column, "") for column in heads)] for key, cells in rows.items()]
    return ["sample", "at", *heads.values()], body
