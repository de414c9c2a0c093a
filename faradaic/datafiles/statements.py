"""What a person states beside a data file, and the file read with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from faradaic.datafiles.assumptions import assume, check_written, parse_assumptions
from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.mapping_file import load_mapping
from faradaic.datafiles.readers import read
from faradaic.datafiles.readers.mapping import Named, apply_mapping, parse_option
from faradaic.datafiles.written_forms import written_as
from faradaic.diagnostics import InputError, refusal


@dataclass(frozen=True, slots=True)
class Statements:
    """What a file does not tell: conditions, which columns are which, the sheet of a workbook."""

    conditions: Mapping[str, str] = field(default_factory=dict)
    """By the names of `assumptions.EXAMPLES`."""
    columns: Sequence[Named] = ()
    sheet: str | None = None
    cycle: int | None = None
    """As the file counts them; None for all."""

    def read(self, path: Path, needed: Callable[[Dataset], object] | None = None) -> Dataset:
        """The file with what is stated; of a workbook the table that `needed` takes.

        Raises `InputError` for what cannot be read or stated.
        """

        def fits(dataset: Dataset) -> bool:
            assert needed is not None
            try:
                needed(assume(apply_mapping(dataset, self.columns), self.conditions))
            except InputError:
                return False
            return True

        check_written(self.conditions)
        with written_as(*(self.conditions.get(name, "") for name in ("dates", "numbers", "times"))):
            dataset = read(path, mapping=self.columns, sheet=self.sheet, fits=needed and fits)
        dataset = assume(dataset, self.conditions)
        return dataset if self.cycle is None else of_cycle(dataset, self.cycle)


def of_cycle(dataset: Dataset, cycle: int) -> Dataset:
    """The rows of one cycle, by the file's own count. Raises `InputError` (E767)."""
    import numpy as np

    counted = dataset.columns.get("cycle")
    if counted is None:
        raise refusal(
            "E767",
            f"{dataset.source} does not count cycles",
            'name the column that does: --map "cycle=HEADER, 1"; a study of voltammograms finds'
            " them by their turning points",
        )
    rows = np.flatnonzero(counted.values == cycle)
    if not rows.size:
        there = counted.values[np.isfinite(counted.values)]
        what = f"{dataset.source} has no cycle {cycle}"
        raise refusal("E767", what, f"it counts from {there.min():g} to {there.max():g}"
                      if there.size else "its column of cycles is empty")  # fmt: skip
    columns = {
        name: replace(column, values=column.values[rows])
        for name, column in dataset.columns.items()
    }
    return replace(dataset, columns=columns, metadata={**dataset.metadata, "cycle": str(cycle)})


def parse_statements(
    conditions: Sequence[str] | None,
    columns: Sequence[str] | None,
    sheet: str | None,
    cycle: int | None = None,
) -> Statements:
    """Of `NAME=VALUE`, and of columns one by one or in YAML files. Raises `InputError`."""
    named: list[Named] = []
    for option in columns or ():
        is_file = "=" not in option and Path(option).exists()
        named += load_mapping(Path(option)) if is_file else [parse_option(option)]
    return Statements(parse_assumptions(conditions or ()), tuple(named), sheet, cycle)
