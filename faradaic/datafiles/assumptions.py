"""What a file does not tell and a person states instead: taken over, and told as an assumption."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, cast

from faradaic.chemistry.reference_electrodes import typed_name
from faradaic.datafiles.dataset import SIGNED_UNITS, Column, Dataset, OhmicDrop, typed_sign
from faradaic.datafiles.written_forms import clock_of, mark_of, order_of
from faradaic.diagnostics import Diagnostic, Severity, refusal
from faradaic.quantities.dimensions import Dimension
from faradaic.quantities.formatting import convert
from faradaic.quantities.grammar import parse

_wrong = partial(refusal, "E767")

EXAMPLES: Mapping[str, str] = {
    "reference": "Ag/AgCl (3 M KCl)",
    "area": "1 cm^2",
    "pH": "14",
    "temperature": "25 degC",
    "sign": "anodic",
    "ohmic_drop": "uncompensated",
    "start": "2024-02-29 23:01:02",
    "zone": "Europe/Berlin",
    "dates": "dd/mm/yy",
    "times": "mm:ss",
    "numbers": "1.000,5",
    "flow_reference": "0 degC, 1 atm",
}
"""What can be assumed, each with an accepted value."""

_SIGN_UNKNOWN = ("E751", "E755")
_ABOUT = {"area": ("E749",), "sign": _SIGN_UNKNOWN, "start": ("E750", "E756"), "zone": (),
          "dates": ("E750",), "times": ("E750",), "numbers": ("E789",)}  # fmt: skip
"""Warnings that a statement answers."""
_UNSIGNED = ("amplitude", "gross", "range", "limit")
"""In the names of columns that have no direction."""


def assume(dataset: Dataset, stated: Mapping[str, str]) -> Dataset:
    """The dataset with what was stated in place of what it does not tell.

    Each statement stands in the metadata as "assumed NAME" and among the warnings (E764), which
    also tell where it overrules the file. The numbers stay as they are, but for a current that
    is stated to be cathodic positive: it is turned, so that anodic is positive everywhere.
    Raises `InputError` (E767) for what cannot be assumed or read.
    """
    check_written(stated)
    for name, value in stated.items():
        if name not in _SETTERS:
            raise _wrong(
                f"{name!r} cannot be assumed",
                "state one of " + ", ".join(f'{n}="{v}"' for n, v in EXAMPLES.items()),
            )
        before, changed = _SETTERS[name](dataset, value.strip())
        message = f"{name} {value.strip()} is assumed"
        if before:
            message += f"; the file says {before}"
        told = Diagnostic("E764", message, Severity.WARNING)
        answered = _ABOUT.get(name, ())
        dataset = replace(
            changed,
            metadata={**changed.metadata, f"assumed {name}": value.strip()},
            warnings=(*(w for w in changed.warnings if w.code not in answered), told),
        )
    return dataset


def parse_assumptions(options: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` options as a mapping. Raises `InputError` (E767) for any other form."""
    stated = {}
    for option in options:
        name, equals, value = option.partition("=")
        if not (equals and name.strip() and value.strip()):
            raise _wrong(f"{option!r} is not NAME=VALUE", 'write area="1 cm^2"')
        stated[name.strip()] = value.strip().strip("\"'")
    return stated


def parse_place(stated: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What fields of a run's `TimeSeries` are stated to be, and the other statements."""
    readers: dict[str, tuple[str, Callable[[str], Any]]] = {
        "pH": ("pH", _pH),
        "temperature": ("temperature_K", lambda text: parse(text, Dimension.TEMPERATURE)),
        "reference": ("reference", typed_name),
        "area": ("area_m2", lambda text: parse(text, Dimension.AREA)),
    }
    place = {field: read(stated[name]) for name, (field, read) in readers.items() if name in stated}
    return place, {name: value for name, value in stated.items() if name not in readers}


def _pH(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _wrong(f"{text!r} is no pH", "state pH=14") from None


Setter = Callable[[Dataset, str], tuple[str, Dataset]]
"""What the file says itself ("" where it does not), and the dataset with the statement."""


def _reference(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    value = typed_name(value)
    columns = dict(dataset.columns)
    told = []
    for name, column in columns.items():
        if column.unit == "V" and "potential" in name and "amplitude" not in name:
            told.append(column.reference or "")
            columns[name] = replace(column, reference=value)
    return _differing(told, value), replace(dataset, columns=columns)


def _flow_reference(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    columns = dict(dataset.columns)
    told = []
    for name, column in columns.items():
        if column.unit == "sccm":
            told.append(column.reference or "")
            columns[name] = replace(column, reference=value)
    return _differing(told, value), replace(dataset, columns=columns)


def _sign(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    positive = typed_sign(value)
    if positive is None:
        raise _wrong(f"{value!r} is no sign", 'state sign="anodic" where anodic is positive')
    told: list[str] = []

    def turned(columns: Mapping[str, Column]) -> dict[str, Column]:
        changed = dict(columns)
        for name, column in columns.items():
            if column.unit in SIGNED_UNITS and not any(word in name for word in _UNSIGNED):
                told.append(f"{column.sign} positive" if column.sign else "")
                values = -column.values if positive == "cathodic" else column.values
                changed[name] = replace(column, values=values, sign="anodic")
        return changed

    columns = turned(dataset.columns)
    further = {name: turned(table) for name, table in dataset.further.items()}
    before = _differing(told, f"{positive} positive")
    return before, replace(dataset, columns=columns, further=further)


def _area(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    area_m2 = parse(value, Dimension.AREA)
    told = dataset.area_m2
    before = f"{convert(told, 'cm^2'):g} cm^2" if told is not None and told != area_m2 else ""
    return before, replace(dataset, area_m2=area_m2)


def _acidity(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    return "", replace(dataset, pH=_pH(value))


def _temperature(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    return "", replace(dataset, temperature_K=parse(value, Dimension.TEMPERATURE))


def _ohmic_drop(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    if value not in ("compensated", "uncompensated"):
        raise _wrong(f"{value!r} is no state of the ohmic drop", 'state ohmic_drop="uncompensated"')
    told = dataset.ohmic_drop or ""
    return _differing([told], value), replace(dataset, ohmic_drop=cast("OhmicDrop", value))


def _start(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    try:
        start = datetime.fromisoformat(value)
    except ValueError:
        raise _wrong(
            f"{value!r} is no date and time", f'state start="{EXAMPLES["start"]}", local time'
        ) from None
    told = dataset.start.isoformat(" ") if dataset.start else ""
    return _differing([told], start.isoformat(" ")), replace(dataset, start=start)


def _zone(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    from zoneinfo import ZoneInfo

    try:
        zone = ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise _wrong(
            f"{value!r} is no time zone", f'state zone="{EXAMPLES["zone"]}" or zone="UTC"'
        ) from None
    start = dataset.start
    if start is None:
        raise _wrong("there is no start whose zone it could be", 'state start="..." before it')
    if start.tzinfo is not None:
        return str(start.tzinfo), replace(dataset, start=start.replace(tzinfo=zone))
    return "", replace(dataset, start=start.replace(tzinfo=zone))


def _written(dataset: Dataset, value: str) -> tuple[str, Dataset]:
    """The file was read as it is said to be written (`Statements.read`)."""
    del value
    return "", dataset


def check_written(stated: Mapping[str, str]) -> None:
    """Raises `InputError` (E767) for a form of dates, times or numbers that is none."""
    for name, of, help_ in (
        ("dates", order_of, 'state dates="dd/mm/yy"'),
        ("times", clock_of, 'state times="mm:ss" or times="hh:mm"'),
        ("numbers", mark_of, 'state numbers="1.000,5" or numbers="1,000.5"'),
    ):
        if (value := stated.get(name)) is not None and of(value) is None:
            raise _wrong(f"{value!r} is no form of {name}", help_)


_SETTERS: Mapping[str, Setter] = {
    "reference": _reference,
    "area": _area,
    "pH": _acidity,
    "temperature": _temperature,
    "sign": _sign,
    "ohmic_drop": _ohmic_drop,
    "start": _start,
    "zone": _zone,
    "dates": _written,
    "times": _written,
    "numbers": _written,
    "flow_reference": _flow_reference,
}


def _differing(told: list[str], stated: str) -> str:
    return ", ".join(dict.fromkeys(text for text in told if text and text != stated))
