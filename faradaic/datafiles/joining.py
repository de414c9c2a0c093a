"""Files of one experiment, one after the other on one clock.

Every row stands once, at its own time. Where two files cover the same time the earlier one keeps
it; what no file covers is a gap that nothing is integrated over. The columns of the files stay as
they were written; what follows from their order gets columns of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column, Dataset, OhmicDrop
from faradaic.diagnostics import Diagnostic, Severity, refusal
from faradaic.quantities import convert

_refused = partial(refusal, "E763")

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TIME = "time_s"
PART = "technique_number"
"""Column: the number of the file that a row came from, from 1, in the order of time."""
CHARGE = "charge_C"
TOTAL_CHARGE = "charge_of_sequence_C"
"""Column: the charge since the beginning of the first file, gaps left out."""

_GAP_INTERVALS = 3.0
"""A pause longer than this many of the usual intervals on either side of it is a gap."""
_SAME_CHARGE = 1e-3
"""A charge that begins within this part of the one before it goes on from there."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    dataset: Dataset
    name: str
    time_s: NDArray[np.float64]
    """On the clock of the whole."""
    keep: NDArray[np.bool_]


def join(datasets: Sequence[Dataset]) -> Dataset:
    """The rows of all files in the order of time, with the columns that any of them has.

    `time_s` counts from the start of the earliest file; `technique_number` numbers the files and
    `charge_of_sequence_C`, where every file has `charge_C`, goes through all of them. Gaps and
    overlaps are warnings. Raises `InputError` (E763) where the files cannot be put on one clock or
    do not measure the same.
    """
    import numpy as np

    if not datasets:
        raise _refused("there is nothing to join", "name at least one file")
    parts, warnings = _on_one_clock(datasets)
    names = list(dict.fromkeys(name for part in parts for name in part.dataset.columns))
    columns = {
        TIME: Column(np.concatenate([p.time_s[p.keep] for p in parts]), "s", "time of the sequence")
    }
    for name in names:
        if name not in (TIME, PART, TOTAL_CHARGE):
            columns[name] = _column(parts, name, warnings)
    rows = [int(part.keep.sum()) for part in parts]
    numbers = np.repeat(np.arange(1.0, len(parts) + 1), rows)
    columns[PART] = Column(numbers, "1", "order of the files")
    if all(CHARGE in part.dataset.columns for part in parts):
        columns[TOTAL_CHARGE] = _total_charge(parts, warnings)
    return _joined(parts, columns, warnings)


def _on_one_clock(datasets: Sequence[Dataset]) -> tuple[list[_Part], list[Diagnostic]]:
    import numpy as np

    named = [(f"{d.source or f'file {n}'}", d) for n, d in enumerate(datasets, 1)]
    starts: list[datetime] = []
    for name, dataset in named:
        if TIME not in dataset.columns:
            raise _refused(f"{name} has no times", "it can be read alone, not in a sequence")
        if not len(dataset):
            raise _refused(f"{name} has no rows", "leave it out")
        if not np.isfinite(dataset[TIME]).all():
            raise _refused(f"{name} has rows without a time", "it can be read alone")
        if dataset.start is None:
            raise _refused(
                f"{name} does not tell when it was started",
                'read it with --assume start="2024-02-29 23:01:02"',
            )
        starts.append(dataset.start)
    if len({start.tzinfo is None for start in starts}) > 1:
        local = next(
            name for (name, _), start in zip(named, starts, strict=True) if not start.tzinfo
        )
        raise _refused(
            f"{local} gives local time and others give it with its zone",
            'read that one with --assume zone="Europe/Berlin"',
        )
    shared = set.intersection(*(set(dataset.columns) for _, dataset in named)) - {TIME}
    if not shared:
        raise _refused(
            "the files have no column in common but the time",
            "they were recorded beside each other, not after each other: read them one by one",
        )
    zero = min(starts)
    ranked = sorted(
        zip(named, starts, strict=True),
        key=lambda item: (item[1] - zero).total_seconds() + float(item[0][1][TIME].min()),
    )
    return _placed([(n, d, d[TIME] + (s - zero).total_seconds()) for (n, d), s in ranked])


def _placed(
    ranked: Iterable[tuple[str, Dataset, NDArray[np.float64]]],
) -> tuple[list[_Part], list[Diagnostic]]:
    """The rows that stand after everything before them, and what lies between the files."""
    import numpy as np

    parts: list[_Part] = []
    warnings: list[Diagnostic] = []
    for name, dataset, time_s in ranked:
        keep = np.ones(len(time_s), dtype=np.bool_)
        if parts:
            before = parts[-1]
            end_s = float(before.time_s[before.keep].max())
            keep = time_s > end_s
            left_out = int(np.count_nonzero(~keep))
            if left_out:
                rows = "all" if left_out == len(keep) else str(left_out)
                warnings.append(
                    _warning(
                        "E762",
                        f"{rows} of the {len(keep)} rows of {name} lie within the time of "
                        f"{before.name}, to {end_s:.6g} s, and are left out",
                        "check the clocks if the files were recorded one after the other",
                    )
                )
            if not keep.any():
                continue
            pause_s = float(time_s[keep].min()) - end_s
            usual_s = max(_interval_s(before.time_s), _interval_s(time_s))
            if not left_out and pause_s > _GAP_INTERVALS * usual_s:
                warnings.append(
                    _warning(
                        "E761",
                        f"nothing was recorded for {pause_s:.6g} s between {before.name} and "
                        f"{name}, from {end_s:.6g} s on",
                        "no charge is counted there",
                    )
                )
        parts.append(_Part(dataset, name, time_s, keep))
    return parts, warnings


def _interval_s(time_s: NDArray[np.float64]) -> float:
    import numpy as np

    return float(np.median(np.abs(np.diff(time_s)))) if len(time_s) > 1 else 0.0


def _column(parts: Sequence[_Part], name: str, warnings: list[Diagnostic]) -> Column:
    """One column of all files; what only some of them tell about it counts as unknown."""
    import numpy as np

    having = [(part, part.dataset.columns.get(name)) for part in parts]
    first = next(column for _, column in having if column is not None)
    columns = [column for _, column in having if column is not None]
    if any(column.unit != first.unit for column in columns):
        units = " and ".join(sorted({column.unit for column in columns}))
        raise _refused(f"{name} is in {units}", "read the files one by one")
    signs = {column.sign for column in columns}
    if len(signs - {None}) > 1:
        raise _refused(
            f"positive {name} is anodic in one file and cathodic in another",
            'turn the cathodic one: --map "current=NAME, cathodic"',
        )
    references = {column.reference for column in columns}
    if len(references) > 1:
        told = " and ".join(sorted(str(r or "unknown") for r in references))
        warnings.append(
            _warning("E766", f"the reference of {name} is {told}: it counts as unknown")
        )
    values = [
        np.full(int(part.keep.sum()), np.nan) if column is None else column.values[part.keep]
        for part, column in having
    ]
    return replace(
        first,
        values=np.concatenate(values),
        sign=first.sign if len(signs) == 1 else None,
        reference=first.reference if len(references) == 1 else None,
    )


def _total_charge(parts: Sequence[_Part], warnings: list[Diagnostic]) -> Column:
    """The charge of all files: one that goes on from the file before is not added to it again."""
    import numpy as np

    pieces: list[NDArray[np.float64]] = []
    last_C = total_C = 0.0
    for index, part in enumerate(parts):
        charge_C = part.dataset[CHARGE][part.keep]
        known = charge_C[np.isfinite(charge_C)]
        first_C = float(known[0]) if len(known) else 0.0
        cut = not part.keep.all()
        continues = (
            index > 0 and last_C != 0.0 and abs(first_C - last_C) < _SAME_CHARGE * abs(last_C)
        )
        # of a file whose beginning lies in the one before, only what came after it counts
        begin_C = last_C if continues else first_C if cut else 0.0
        offset_C = total_C - begin_C
        if continues:
            warnings.append(
                _warning("E768", f"the charge of {part.name} goes on from {parts[index - 1].name}")
            )
        pieces.append(charge_C + offset_C)
        if len(known):
            last_C = float(known[-1])
            total_C = last_C + offset_C
    first = parts[0].dataset.columns[CHARGE]
    return Column(np.concatenate(pieces), "C", f"{first.raw_name}, summed", sign=first.sign)


def _joined(
    parts: Sequence[_Part], columns: Mapping[str, Column], warnings: list[Diagnostic]
) -> Dataset:
    datasets = [part.dataset for part in parts]
    areas = {dataset.area_m2 for dataset in datasets}
    if len(areas) > 1:
        told = " and ".join(
            "unknown" if a is None else f"{convert(a, 'cm^2'):g} cm^2" for a in areas
        )
        warnings.append(_warning("E766", f"the area is {told}: it counts as unknown"))
    drops: set[OhmicDrop | None] = {dataset.ohmic_drop for dataset in datasets}
    shared = set.intersection(*(set(dataset.metadata.items()) for dataset in datasets))
    sources = {
        f"file {n}": f"{part.name} sha256 {part.dataset.sha256}" for n, part in enumerate(parts, 1)
    }
    zero = min(d.start for d in datasets if d.start is not None)
    return Dataset(
        columns,
        technique=", ".join(filter(None, (dataset.technique for dataset in datasets))),
        instrument="; ".join(dict.fromkeys(filter(None, (d.instrument for d in datasets)))),
        start=zero,
        area_m2=areas.pop() if len(areas) == 1 else None,
        ohmic_drop=drops.pop() if len(drops) == 1 else None,
        metadata=dict(sorted(shared)) | sources,
        warnings=(*(w for dataset in datasets for w in dataset.warnings), *warnings),
        further={
            f"file {n}: {name}": table
            for n, dataset in enumerate(datasets, 1)
            for name, table in dataset.further.items()
        },
        format="joined",
        digest=sha256("".join(dataset.sha256 for dataset in datasets).encode()).hexdigest(),
    )


def _warning(code: str, message: str, help: str = "") -> Diagnostic:  # noqa: A002
    return Diagnostic(code, message, Severity.WARNING, help=help)
