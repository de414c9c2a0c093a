"""What is damaged in the middle of a journal, in words, with the charge on either side of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from faradaic.records.run import Run


def damage_of(run: Run) -> list[dict[str, Any]]:
    """Each damaged place, with the cumulative gross charge on either side of it, and a sentence."""
    places = zip(run.contents.damage, _more(run), strict=True)
    return [{**asdict(one), **more} for one, more in places]


def _more(run: Run) -> Iterator[dict[str, Any]]:
    import numpy as np

    time_s = run.columns.get("time_s", np.empty(0))
    charge_C = run.columns.get("charge_gross_C", np.full(time_s.size, np.nan))
    for one in run.contents.damage:
        before = np.flatnonzero(time_s <= (-1.0 if one.after_s is None else one.after_s))
        behind = np.flatnonzero(time_s >= one.before_s)
        low_C, high_C = (_known(charge_C[at]) for at in (before[-1:], behind[:1]))
        what = f"{one.size_bytes} bytes that are no record"
        if one.records:
            kind = f", the first of them a {one.kind.replace('_', ' ')}" if one.kind else ""
            what = f"{one.records} record{'s' if one.records > 1 else ''} missing{kind}"
        begins = "its beginning" if one.after_s is None else f"{one.after_s:.2f} s"
        text = f"{what} (number {one.first_seq}, {one.file} at byte {one.offset}), between {begins}"
        text += f" and {one.before_s:.2f} s"
        if one.records and low_C is not None and high_C is not None:
            text += f": the charge, as it was counted, went from {low_C:.6g} to {high_C:.6g} C"
        yield {"charge_before_C": low_C, "charge_behind_C": high_C, "text": text}


def _known(values: Any) -> float | None:
    return float(values[0]) if values.size and values[0] == values[0] else None
