"""The conditions of one file: its own, then its sample's, then the study's; and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from faradaic.chemistry.gases import ReferenceState
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.document import Document
from faradaic.documents.models import yaml_key
from faradaic.documents.schema_lookup import example_at
from faradaic.quantities import format_quantity
from faradaic.studies.schema import MeasurementConditions

Value = TypeVar("Value")

_UNITS = {
    "area_m2": "cm^2",
    "temperature_K": "degC",
    "resistance_ohm": "Ohm",
    "resistance_uncertainty_ohm": "Ohm",
    "area_uncertainty": "%",
    "compensated": "%",
    "current_uncertainty": "%",
    "flow_uncertainty": "%",
    "flow_repeatability": "%",
}


_EXAMPLES = {
    "area_m2": "area: 1 cm^2",
    "compensated": "compensated: 0 %",
    "dead_volume_m3": "dead_volume: 30 mL",
    "aliquot_m3": "aliquot: 0.5 mL",
    "meter": "meter: {temperature: 0 degC, pressure: 1 atm}",
    "products": "products: {CO: {}, H2: {}}",
}
"""Where the schema has none, or one from another trade."""
_PLACES = {"dead_volume_m3": "stability", "aliquot_m3": "liquids", "products": ""}
"""Keys that are no conditions, by where they stand."""


def nearest(*levels: MeasurementConditions) -> MeasurementConditions:
    """The conditions that count, the nearest level given first."""
    merged: dict[str, Any] = {}
    for level in reversed(levels):
        merged |= {name: getattr(level, name) for name in level.model_fields_set}
    return MeasurementConditions().model_copy(update=merged)


class MissingCondition(InputError):
    """A condition that nothing gives; `example` is a value that would be accepted."""

    def __init__(self, told: Diagnostic, name: str, example: str) -> None:
        super().__init__(told)
        self.name, self.example = name, example


@contextmanager
def placed(document: Document, *path: str | int) -> Iterator[None]:
    """Errors within that have no place of their own get that of a key of the study file."""
    try:
        yield
    except MissingCondition:
        raise
    except InputError as error:
        place = document.locate(path, key=True)
        raise InputError(*(told.at(place) for told in error.diagnostics)) from None


class Needed:
    """Takes conditions out, or says in one line which one is missing and what to type."""

    def __init__(self, conditions: MeasurementConditions, document: Document, file: str) -> None:
        self.conditions = conditions
        self._document = document
        self._file = file

    def get(self, name: str, value: Value | None, what_for: str) -> Value:
        """The value; raises `MissingCondition` (E782) where there is none.

        `name` is a condition, or a key of the file itself: then it raises `InputError`.
        """
        if value is not None:
            return value
        key = yaml_key(name)
        example = _EXAMPLES.get(name) or example_at(MeasurementConditions, [key]).strip("`")
        below = _PLACES.get(name, "conditions")
        help_text = f"add `{example}`" + (f" under `{below}:`" if below else "")
        short = example.partition(": ")[2]
        if below == "conditions":
            quoted = f'"{key}={short}"' if " " in short else f"{key}={short}"
            help_text += f", or type `--assume {quoted}` to have it recorded as assumed"
        told = Diagnostic(
            "E782",
            f"`{key}` is missing: {self._file} needs it for {what_for}",
            help=help_text,
            location=self._document.locate([below] if below else [], key=True),
        )
        raise MissingCondition(told, key, short) if below == "conditions" else InputError(told)

    @contextmanager
    def placed(self, text: str) -> Iterator[None]:
        """Errors within get the place of a text that the study file states, if it does."""
        try:
            yield
        except InputError as error:
            path = path_to(self._document.data, text)
            place = self._document.locate(path) if path else None
            raise InputError(*(told.at(place) for told in error.diagnostics)) from None

    def area_m2(self) -> float:
        """Area that current densities refer to."""
        return self.get("area_m2", self.conditions.area_m2, "current densities")

    def reference_state(self) -> ReferenceState:
        """State for which the flow meter counts standard volumes."""
        meter = self.get("meter", self.conditions.meter, "molar flows (0 or 25 °C: 9 % apart)")
        return ReferenceState(meter.temperature_K, meter.pressure_Pa)


def in_words(conditions: MeasurementConditions) -> Iterator[tuple[str, str]]:
    """(condition, value) of what is known, for people."""
    for name in MeasurementConditions.model_fields:
        value = getattr(conditions, name, None)
        if value is None or (name not in conditions.model_fields_set and name != "temperature_K"):
            continue
        key = yaml_key(name).replace("_", " ")
        if name == "meter":
            words = f"standard volumes at {ReferenceState(value.temperature_K, value.pressure_Pa)}"
            if value.calibrated_for:
                words += f", calibrated for {value.calibrated_for}"
            if value.humidity:
                words += f", gas of {100 * value.humidity:g} % humidity"
            yield key, words
        elif name in _UNITS:
            given = "" if name in conditions.model_fields_set else " (taken, not given)"
            yield key, format_quantity(value, _UNITS[name]).replace("^2", "²") + given
        else:
            yield key, f"{value:g}" if isinstance(value, float) else str(value)


def path_to(data: Any, text: str) -> tuple[str | int, ...]:
    """The keys that lead to a text in nested data; empty where it is not there."""
    children = data.items() if isinstance(data, dict) else enumerate(data)
    for key, child in children:
        if child == text:
            return (key,)
        if isinstance(child, dict | list) and (below := path_to(child, text)):
            return (key, *below)
    return ()
