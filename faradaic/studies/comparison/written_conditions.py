"""What the protocols of runs say otherwise: the conditions by which entries of a table differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from faradaic.chemistry.cell_description.calibrated_cell import CALIBRATED_BY
from faradaic.diagnostics import FaradaicError
from faradaic.documents.document import load_document
from faradaic.records.run import Run

NO_CONDITION = frozenset(
    {"faradaic", "title", "name", "source", "assumptions", "waivers", "report", "continues"}
)
"""Parts of a protocol that say nothing of how it is done."""
NOT_SAID = "–"


def written_conditions(run: Run | None) -> dict[str, str]:
    """What was written of a run, by the key of its protocol; its bench, faults and calibration.

    Empty for a file of others and for a journal alone, which tell nothing of it.
    """
    if run is None or run.folder is None:
        return {}
    try:
        data = load_document(run.folder / "protocol.yaml").data
    except FaradaicError:  # its own copy is not there, or is another kind of document
        return {}
    told = {key: value for key, value in data.items() if key not in NO_CONDITION}
    found = dict(_leaves(told, ""))
    found["bench"] = str(run.header.get("bench") or "")
    for number, fault in enumerate(run.faults, 1):
        found[f"fault {number}"] = fault
    calibrated = (str(one.get("text", "")).partition(CALIBRATED_BY)[2] for one in run.assumptions)
    if by := next((name for name in calibrated if name), ""):
        found["calibrated by"] = by
    return {key: value for key, value in found.items() if value}


def differing(conditions: Sequence[Mapping[str, str]]) -> list[str]:
    """The keys that not all of them have alike, in the order of the protocols.

    Those that change together are all kept: which of them matters is for the reader.
    """
    keys = dict.fromkeys(key for one in conditions for key in one)
    return [key for key in keys if len({one.get(key, NOT_SAID) for one in conditions}) > 1]


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inside in value.items():
            yield from _leaves(inside, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, inside in enumerate(value, 1):
            yield from _leaves(inside, f"{path} {number}")
    elif value is not None:
        yield path, str(value)
