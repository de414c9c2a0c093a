"""What all wells of a plate have in common: one stirrer, one temperature.

What the first well says counts for all; a well that says something else is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from faradaic.diagnostics import Diagnostic
from faradaic.documents.document import KeyPath
from faradaic.protocols.load import LoadedProtocol
from faradaic.protocols.plates.plate_schema import Shared
from faradaic.protocols.schema import Repeat, Step
from faradaic.quantities import format_quantity


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that a protocol sets."""

    value: Any
    words: str
    path: KeyPath


def contradictions(
    shared: Sequence[Shared], wells: Sequence[tuple[str, LoadedProtocol]]
) -> Iterator[Diagnostic]:
    """Each shared thing that two wells set otherwise (E454), once for a well."""
    for what in shared:
        first: tuple[str, Setting] | None = None
        told = set()
        for name, loaded in wells:
            for setting in _settings(what, loaded):
                if first is None:
                    first = name, setting
                    continue
                place = loaded.document.locate(setting.path)
                if setting.value != first[1].value and place not in told:
                    told.add(place)
                    yield Diagnostic(
                        "E454",
                        f"well {name} has {setting.words}, and {first[0]} {first[1].words}: the"
                        f" wells share one {_DEVICES[what]}",
                        help=f"give all wells one {what}; where each has its own, write"
                        f" `shared: {_without(shared, what)}`",
                        location=place,
                    )


_DEVICES: dict[Shared, str] = {"stirring": "stirrer", "temperature": "temperature"}


def _without(shared: Sequence[Shared], what: Shared) -> str:
    return "[" + ", ".join(one for one in shared if one != what) + "]"


def _settings(what: Shared, loaded: LoadedProtocol) -> Iterator[Setting]:
    """All that a protocol sets of it, its environment first."""
    environment = loaded.protocol.environment
    if what == "stirring" and environment.stirring is not None:
        rate = environment.stirring.rate_per_s
        yield Setting(rate, _rate(rate), ("environment", "stirring"))
    if what == "temperature" and environment.temperature is not None:
        kelvin = environment.temperature.setpoint_K
        yield Setting(kelvin, format_quantity(kelvin, "degC"), ("environment", "temperature"))
    yield from _set_steps(what, loaded.protocol.steps, ("steps",))


def _set_steps(what: Shared, steps: Sequence[Step], path: KeyPath) -> Iterator[Setting]:
    for number, step in enumerate(steps):
        below = (*path, number, step.kind)
        body: Any = step.body
        if isinstance(body, Repeat):
            yield from _set_steps(what, body.steps, (*below, "steps"))
        elif step.kind == "set" and what == "stirring" and body.stirring_per_s is not None:
            yield Setting(body.stirring_per_s, _rate(body.stirring_per_s), (*below, "stirring"))
        elif step.kind == "set" and what == "temperature" and body.temperature_K is not None:
            words = format_quantity(body.temperature_K, "degC")
            yield Setting(body.temperature_K, words, (*below, "temperature"))


def _rate(rate_per_s: float | None) -> str:
    return "stirring of unknown speed" if rate_per_s is None else f"{rate_per_s * 60:.0f} rpm"
