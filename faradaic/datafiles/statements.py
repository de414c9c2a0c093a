"""What a person states beside a data file, and the file read with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from faradaic.datafiles.assumptions import assume, parse_assumptions
from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.date_order import dates_written, order_of
from faradaic.datafiles.mapping_file import load_mapping
from faradaic.datafiles.readers import read
from faradaic.datafiles.readers.mapping import Named, apply_mapping, parse_option
from faradaic.diagnostics import InputError


@dataclass(frozen=True, slots=True)
class Statements:
    """What a file does not tell: conditions, which columns are which, the sheet of a workbook."""

    conditions: Mapping[str, str] = field(default_factory=dict)
    """By the names of `assumptions.EXAMPLES`."""
    columns: Sequence[Named] = ()
    sheet: str | None = None

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

        with dates_written(order_of(self.conditions.get("dates", "")) or ""):
            dataset = read(path, mapping=self.columns, sheet=self.sheet, fits=needed and fits)
        return assume(dataset, self.conditions)


def parse_statements(
    conditions: Sequence[str] | None, columns: Sequence[str] | None, sheet: str | None
) -> Statements:
    """Of `NAME=VALUE`, and of columns one by one or in YAML files. Raises `InputError`."""
    named: list[Named] = []
    for option in columns or ():
        is_file = "=" not in option and Path(option).exists()
        named += load_mapping(Path(option)) if is_file else [parse_option(option)]
    return Statements(parse_assumptions(conditions or ()), tuple(named), sheet)
