"""Who stands where on a plate: what there is to run, and the wells it is put into."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.documents.document import Document, KeyPath
from faradaic.protocols.plates.plate_schema import (
    MOST_WELLS,
    ROWS,
    STANDARD,
    Control,
    Grid,
    Plate,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A key of the protocol and what it is set to."""

    factor: str
    """What it is called."""
    key: str
    value: Any
    written: KeyPath
    """Where the value stands in the plate."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done in a well, replicates apart."""

    changes: tuple[Change, ...] = ()
    control: Control | None = None
    listed: int | None = None
    """Which of the list of runs it is; None on a plate of one protocol."""
    number: int = 0
    """Which of the controls it is."""

    @property
    def label(self) -> str:
        """Get it in words: "current 2 mA, electrode graphite"."""
        words = [self.control.label] if self.control is not None else []
        words += [f"{one.factor} {shown(one.value)}" for one in self.changes]
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Well:
    """One well, what is done in it, and which of its replicates it is."""

    name: str
    treatment: int
    """Index of what is done in it."""
    replicate: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The plate as it is put together."""

    rows: int
    columns: int
    treatments: tuple[Treatment, ...]
    wells: tuple[Well, ...] = field(default=())
    """In the order of their names, row by row."""


def shown(value: Any) -> str:
    """A value as it is shown: a text as it is, of a mapping its values."""
    if isinstance(value, Mapping):
        return " ".join(shown(one) for one in value.values())
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def laid_out(plate: Plate, document: Document) -> Layout:
    """Put what a plate asks for into wells.

    Raises `InputError`: E450 for more wells than a plate has, E451 for a well that is not on it.
    """
    treatments: list[Treatment] = []
    wanted: list[tuple[int, int]] = []
    """Treatment and replicate of each well."""
    asked = list(itertools.islice(_asked(plate), MOST_WELLS + 1))
    times = _times(plate, asked, document)
    for treatment, replicates in asked:
        count = replicates * (times if treatment.control is None else 1)
        if len(wanted) + count > MOST_WELLS:
            raise _too_large(plate, document)
        treatments.append(treatment)
        wanted += [(len(treatments) - 1, number) for number in range(1, count + 1)]
    if plate.wells is not None:
        return _as_placed(plate, document, treatments)
    grid = _grid(plate, len(wanted), document)
    names = list(itertools.islice(_names(grid), len(wanted)))
    if plate.randomise is not None:
        random.Random(plate.randomise.seed).shuffle(wanted)
    wells = tuple(Well(name, *one) for name, one in zip(names, wanted, strict=True))
    return Layout(grid.rows, grid.columns, tuple(treatments), wells)


def _asked(plate: Plate) -> Iterator[tuple[Treatment, int]]:
    """Each treatment and how often it stands on the plate."""
    if plate.runs is not None:
        for number, run in enumerate(plate.runs):
            below: KeyPath = ("runs", number, "set")
            changes = tuple(Change(k, k, v, (*below, k)) for k, v in run.set.items())
            yield Treatment(changes, listed=number), run.replicates * plate.replicates
        return
    if plate.wells is not None:
        for well, values in plate.wells.items():
            yield _treatment_of(plate, well, values), 1
    else:
        names = list(plate.factors)
        levels = [range(len(plate.factors[name].values or ())) for name in names]
        for chosen in itertools.product(*levels):
            changes = tuple(_level(plate, name, at) for name, at in zip(names, chosen, strict=True))
            yield Treatment(changes), plate.replicates
    for number, control in enumerate(plate.controls):
        below = ("controls", number, "set")
        set_ = tuple(Change(k, k, v, (*below, k)) for k, v in control.set.items())
        yield Treatment(set_, control, number=number), control.replicates


def _times(plate: Plate, asked: Sequence[tuple[Treatment, int]], document: Document) -> int:
    """How often each is repeated so that as many wells are filled as are to be."""
    if plate.fill is None:
        return 1
    controls = sum(n for one, n in asked if one.control is not None)
    once = sum(n for one, n in asked if one.control is None)
    times, left = divmod(plate.fill - controls, once)
    if times < 1 or left:
        words = f"{once} wells once" + (f" and {controls} controls" if controls else "")
        raise InputError(
            Diagnostic(
                "E450",
                f"{plate.fill} wells are not filled by {words}",
                help=f"write `wells: {max(1, times) * once + controls}`, or `replicates` in its"
                " place",
                location=document.locate(["fill"]),
            )
        )
    return times


def _level(plate: Plate, name: str, at: int) -> Change:
    entry = plate.factors[name]
    assert entry.values is not None
    below = (name, "values", at) if entry.key else (name, at)
    return Change(name, plate.key_of(name), entry.values[at], ("factors", *below))


def _treatment_of(plate: Plate, well: str, values: Mapping[str, Any]) -> Treatment:
    return Treatment(
        tuple(
            Change(name, plate.key_of(name), value, ("wells", well, name))
            for name, value in values.items()
        )
    )


def _names(grid: Grid) -> Iterator[str]:
    for row in ROWS[: grid.rows]:
        for column in range(1, grid.columns + 1):
            yield f"{row}{column}"


def _grid(plate: Plate, wells: int, document: Document) -> Grid:
    if plate.layout is None:
        rows, columns = next(STANDARD[size] for size in STANDARD if size >= wells)
        return Grid(rows=rows, columns=columns)
    size = plate.layout.rows * plate.layout.columns
    if wells > size:
        raise InputError(
            Diagnostic(
                "E450",
                f"{wells} wells are asked for, and a plate of {plate.layout.rows} x"
                f" {plate.layout.columns} has {size}",
                help=f"write `layout: {next(s for s in STANDARD if s >= wells)}`, or fewer values"
                " or replicates",
                location=document.locate(["layout"]),
                path="layout",
            )
        )
    return plate.layout


def _as_placed(plate: Plate, document: Document, treatments: list[Treatment]) -> Layout:
    """`wells` say what stands where; controls follow in the wells that are left."""
    assert plate.wells is not None
    places = [(ROWS.index(name[0]), int(name[1:])) for name in plate.wells]
    controls = [c.replicates for c in plate.controls]
    count = len(plate.wells) + sum(controls)
    if plate.layout is None:
        fitting = (
            Grid(rows=rows, columns=columns)
            for size, (rows, columns) in STANDARD.items()
            if size >= count and all(r < rows and c <= columns for r, c in places)
        )
        grid = next(fitting, None)
    else:
        grid = _grid(plate, count, document)
    for name, (row, column) in zip(plate.wells, places, strict=True):
        if grid is None or row >= grid.rows or column > grid.columns:
            size_words = "16 x 24" if grid is None else f"{grid.rows} x {grid.columns}"
            raise InputError(
                Diagnostic(
                    "E451",
                    f"there is no well {name} on a plate of {size_words}",
                    help="rows are A, B, ..., columns 1, 2, ...; `layout: 4 x 6` says how many",
                    location=document.locate(["wells", name], key=True),
                    path=f"wells.{name}",
                )
            )
    assert grid is not None
    free = (name for name in _names(grid) if name not in (plate.wells or ()))
    stands = {name: (number, 1) for number, name in enumerate(plate.wells)}
    for number, times in enumerate(controls, len(plate.wells)):
        stands |= {next(free): (number, replicate) for replicate in range(1, times + 1)}
    wells = tuple(Well(name, *stands[name]) for name in _names(grid) if name in stands)
    return Layout(grid.rows, grid.columns, tuple(treatments), wells)


def _too_large(plate: Plate, document: Document) -> InputError:
    parts = [f"{len(f.values or ())} of {name}" for name, f in plate.factors.items()]
    parts += [f"{plate.replicates} replicates"] if plate.replicates > 1 else []
    return InputError(
        Diagnostic(
            "E450",
            f"more than {MOST_WELLS} wells are asked for ({' x '.join(parts) or 'runs'})",
            help="write several plates, or fewer values or replicates",
            location=document.locate(["factors" if plate.factors else "replicates"], key=True),
        )
    )
