"""One electrolysis as its analysis takes it, whoever recorded it: a run of ours or a data file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from faradaic.chemistry.formulas import parse_formula
from faradaic.chemistry.smiles import molar_mass_of
from faradaic.datafiles.assumptions import parse_place
from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import HEAD_BYTES
from faradaic.datafiles.statements import Statements
from faradaic.diagnostics import refusal
from faradaic.records.run import Run, is_run, load_run
from faradaic.timeseries import TimeSeries

SIMULATED = "SIMULATED"
"""In the beginning of a file: its numbers come from no real cell."""


@dataclass(frozen=True, slots=True, eq=False)
class Electrolysis:
    """The series that was measured, and what its source tells of the reaction."""

    source: Run | Dataset
    name: str
    """The run's or the file's."""
    title: str
    series: TimeSeries
    simulated: bool | None
    """None where it is not recorded."""
    limiting: str = ""
    """The limiting component, to whose amount F/mol refers."""
    limiting_mol: float | None = None
    electrons: float | None = None
    """Per molecule of the limiting component."""
    guessed: frozenset[str] = frozenset()
    """Which of current_A and cell_voltage_V rest on a guess of a simulated cell."""
    model_at_fault: str = ""
    """Why a simulated cell shows nothing of the real one."""
    products: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By id: `electrons` per molecule, `molar_mass_kg_per_mol`, `substrate` with `substrate_mol`
    and the `substrate_molecules` that make one, where known."""
    flow: Mapping[str, Any] = field(default_factory=dict)
    """Of a pumped solution: `rate_m3_per_s`, `concentration_mol_per_m3`, `residence_time_s`."""
    current_accuracy: float | None = None
    """Gain error of the measured current as a fraction."""

    @property
    def run(self) -> Run | None:
        """The run of ours; None for a file of others, which has no plan and no events."""
        return self.source if isinstance(self.source, Run) else None

    @property
    def path(self) -> Path:
        """Where it was read."""
        if isinstance(self.source, Run):
            return self.source.folder or self.source.journal
        return self.source.source or Path("data")


def electrolysis_of(source: Run | Dataset | Electrolysis) -> Electrolysis:
    """The electrolysis of a run or of a file. Raises `InputError` for a file without a current."""
    if isinstance(source, Electrolysis):
        return source
    series = source.time_series()
    if isinstance(source, Run):
        header = source.header
        return Electrolysis(
            source,
            source.name,
            source.title,
            series,
            source.simulated,
            str(header.get("limiting") or ""),
            source.limiting_amount_mol,
            source.electrons,
            source.guessed_columns,
            str(source.stop.get("model_at_fault") or ""),
            header.get("products") or {},
            header.get("flow") or {},
            number(header, "current_accuracy"),
        )
    name = source.source.name if source.source else "data"
    marked = SIMULATED.encode() in source.content[:HEAD_BYTES]
    return Electrolysis(source, name, name, series, True if marked else None)


def load_electrolysis(
    path: Path,
    statements: Statements = Statements(),  # noqa: B008 (it is frozen)
) -> Electrolysis:
    """Read a run folder, a journal, or a data file with time and current, whoever wrote it.

    `statements` are of a file; of a run reference, area, pH and temperature can be stated. Raises
    `InputError` for what is neither.
    """
    if not (path.is_dir() or is_run(path)):
        return electrolysis_of(statements.read(path, Dataset.time_series))
    place, others = parse_place(statements.conditions)
    one = electrolysis_of(load_run(path))
    for told in others.items() - {("sign", one.series.sign)}:
        remedy = "its journal tells; state its reference, area, pH or temperature"
        raise refusal("E767", f"{' '.join(told)} cannot be assumed of a run", remedy)
    return replace(one, series=replace(one.series, **place))


def product_molar_mass(product: Mapping[str, Any]) -> tuple[float, str] | None:
    """In kg/mol and where it comes from, as the protocol tells it; None where it does not."""
    if known := number(product, "molar_mass_kg_per_mol"):
        return known, "of the protocol"
    if smiles := product.get("smiles"):
        return molar_mass_of(str(smiles)), "from its SMILES"
    if formula := product.get("formula"):
        return parse_formula(str(formula)).molar_mass_kg_per_mol, "from its formula"
    return None


def number(mapping: Mapping[str, Any], key: str) -> float | None:
    """A number of plain data; None where there is none."""
    value = mapping.get(key)
    return float(value) if isinstance(value, int | float) else None
