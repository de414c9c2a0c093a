"""The runs that a run goes on from, and the charge and the time of all of them together.

What its own header says of them is enough; where a folder is still there beside it, its samples can
be drawn too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.records.run import Run, is_run, load_run


@dataclass(frozen=True, slots=True)
class Earlier:
    """One run before, as it was recovered; None for what is not known."""

    name: str
    outcome: str
    taken_C: float
    """Gross charge that counted as passed."""
    measured_C: float
    low_C: float
    high_C: float | None
    began: datetime | None
    ended: datetime | None
    gap_s: float | None
    """From its end to the beginning of the next run, by the wall clocks; None too where that is
    less than nothing, as on clocks that were set or simulated."""
    journal_sha256: str

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        moments = {"began": self.began, "ended": self.ended}
        iso = {key: None if when is None else when.isoformat() for key, when in moments.items()}
        return {**asdict(self), **iso}

    def load(self, beside: Run) -> tuple[Run | None, str]:
        """The run itself, from where the folder of `beside` lies too; or why it is not read."""
        if beside.folder is None:
            return None, "the run is read from its journal alone"
        folder = beside.folder.parent / self.name
        if folder.parent != beside.folder.parent or folder.is_symlink() or not is_run(folder):
            return None, f"its folder is not in {beside.folder.parent} any more"
        run = load_run(folder)
        if run.journal_sha256 != self.journal_sha256:
            return None, "the journal in its folder is not the one that was recovered"
        return run, ""


def earlier_runs(run: Run) -> tuple[Earlier, ...]:
    """The runs that a run goes on from, oldest first."""
    entries: list[Any] = [
        one for one in run.header.get("continues") or () if isinstance(one, Mapping)
    ]
    if not entries:
        return ()
    begins = [*(_moment(one.get("began")) for one in entries[1:]), _moment(run.header.get("utc"))]
    found = []
    for entry, next_began in zip(entries, begins, strict=True):
        taken_C = _number(entry.get("charge_C")) or 0.0
        measured_C, low_C = (
            taken_C if (value := _number(entry.get(key))) is None else value
            for key in ("charge_measured_C", "charge_low_C")
        )
        ended = _moment(entry.get("ended"))
        gap_s = (next_began - ended).total_seconds() if next_began and ended else -1.0
        found.append(
            Earlier(
                str(entry.get("run") or ""),
                str(entry.get("outcome") or ""),
                taken_C,
                measured_C,
                low_C,
                _number(entry.get("charge_high_C")),
                _moment(entry.get("began")),
                ended,
                gap_s if gap_s >= 0.0 else None,
                str(entry.get("journal") or ""),
            )
        )
    return tuple(found)


def totals(run: Run, earlier: tuple[Earlier, ...], charge_C: float | None) -> dict[str, Any]:
    """Gross charge of all runs together: measured, at least, at most; None where not known.

    `charge_C` is that of the last one.
    """
    low_C, high_C = (_number(run.stop.get(f"charge_{side}_C")) for side in ("low", "high"))
    low_C = charge_C if low_C is None else low_C
    highs = [high_C, *(one.high_C for one in earlier)]
    total_C = None
    if earlier and charge_C is not None:
        total_C = charge_C + sum(one.measured_C for one in earlier)
    known = total_C is not None and low_C is not None
    moles = run.limiting_amount_mol
    return {
        "charge_total_C": total_C,
        "charge_total_low_C": low_C + sum(one.low_C for one in earlier)  # type: ignore[operator]
        if known
        else None,
        "charge_total_high_C": sum(high for high in highs if high is not None)
        if known and None not in highs
        else None,
        "charge_total_F_per_mol": total_C / (FARADAY_C_PER_MOL * moles)
        if total_C is not None and moles
        else None,
    }


def _moment(text: Any) -> datetime | None:
    try:
        told = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return told if told.tzinfo is not None else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
