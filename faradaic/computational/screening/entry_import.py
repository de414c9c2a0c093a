"""Energies that others computed: CSV, pymatgen's ComputedEntry, VASP, the Materials Project."""

from __future__ import annotations

import csv
import json
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from faradaic.chemistry.formulas import parse_formula
from faradaic.computational.screening.entries import (
    EnergyEntry,
    EntryFile,
    entry_of,
    read_entries,
)
from faradaic.diagnostics import FaradaicError, InputError, refusal, warning
from faradaic.input_files import check_file, read_file
from faradaic.optional_libraries import optional_library
from faradaic.records.spreadsheet_text import cells

CSV_COLUMNS = ("name", "composition", "energy_eV", "method", "role")
"""What a CSV file must have; the other fields of `EnergyEntry` may be there."""

MATERIALS_PROJECT_METHOD = "Materials Project, PBE and PBE+U with MP2020 corrections"


def read_energies(path: Path | str, *, role: str = "competitor", method: str = "") -> EntryFile:
    """Read energies from a file of any known kind, told by its name.

    `.jsonl`: our own; `.csv`: `CSV_COLUMNS`, the composition as the formula of the cell ("Mg4O4");
    `.json`: one ComputedEntry of pymatgen or a list of them; `vasprun*.xml`, also compressed. The
    last two become entries of `role`, by `method` where it is given, else by what the file says.
    Raises `InputError` (E821) naming file and line.
    """
    path = Path(path)
    kind = "".join(path.suffixes[-2:]).lower()
    if not path.is_file():
        raise _unreadable(path, "there is no such file", "check the name")
    if kind.endswith(".jsonl"):
        return read_entries(path)
    if kind.endswith(".csv"):
        return EntryFile(tuple(_csv_entries(path)))
    if kind.endswith(".json"):
        return EntryFile(tuple(_computed_entries(path, role, method)))
    if ".xml" in kind:
        return _vasprun(path, role, method)
    raise _unreadable(
        path,
        f"a file {path.suffix or 'without a suffix'} is not known",
        "use .jsonl, .csv, .json (pymatgen's ComputedEntry) or vasprun.xml",
    )


def materials_project_entries(
    elements: Iterable[str], *, key: str | None = None
) -> tuple[EnergyEntry, ...]:
    """All phases of some elements in the Materials Project, as competing phases.

    `key` is the personal key, by default that of the environment (MP_API_KEY, or pymatgen's
    configuration). Raises `InputError`: E815 without a key, E816 when nothing can be had.
    """
    matproj = optional_library("pymatgen.ext.matproj")
    wanted = sorted(set(elements))
    try:
        with matproj.MPRester(key) as client:
            found = client.get_entries_in_chemsys(wanted)
    except (ValueError, OSError, RuntimeError, matproj.MPRestError) as error:
        if "key" in str(error).lower():
            raise refusal(
                "E815",
                "the Materials Project wants a personal key, and there is none",
                "get one at materialsproject.org and set MP_API_KEY",
            ) from None
        raise refusal(
            "E816",
            f"the Materials Project gave nothing: {type(error).__name__}: {error}"[:300],
            "check the network, or import a file of entries that was saved before",
        ) from None
    return tuple(
        _from_computed(entry, "competitor", MATERIALS_PROJECT_METHOD, "Materials Project")
        for entry in found
    )


def write_csv(entries: Iterable[EnergyEntry], path: Path | str) -> None:
    """Write entries as `read_energies` reads them from a CSV file; six decimals of an eV."""
    optional = ("prototype", "family", "converged", "max_force_eV_A", "source", "key")
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([*CSV_COLUMNS, *optional])
        for entry in entries:
            cell = "".join(f"{symbol}{count}" for symbol, count in entry.composition.items())
            force = entry.max_force_eV_A
            writer.writerow(
                cells([
                    entry.name, cell, f"{entry.energy_eV:.6f}", entry.method, entry.role,
                    entry.prototype, entry.family, "yes" if entry.converged else "no",
                    "" if force is None else f"{force:.4f}", entry.source, entry.key,
                ])
            )  # fmt: skip


def _csv_entries(path: Path) -> Iterable[EnergyEntry]:
    try:
        text = read_file(path).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, f"it cannot be read: {error}", "save it as UTF-8 text") from None
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in CSV_COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise _unreadable(
            path,
            f"it has no column {', '.join(missing)}",
            "the first line names the columns: " + ",".join(CSV_COLUMNS),
        )
    for row in rows:
        try:
            yield entry_of(_csv_values(row))
        except (ValueError, FaradaicError) as error:
            why = error.diagnostics[0].message if isinstance(error, FaradaicError) else str(error)
            raise _unreadable(
                path,
                f"line {rows.line_num}: {why}",
                'write "MgO,Mg4O4,-47.9,PBE,competitor" under the names of the columns',
            ) from None


def _csv_values(row: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {name: text for name, text in row.items() if text}
    for name in CSV_COLUMNS:
        if name not in values:
            raise ValueError(f"{name} is empty")
    values["composition"] = dict(parse_formula(values["composition"]).atoms)
    for name in ("energy_eV", "max_force_eV_A"):
        if name in values:
            values[name] = float(values[name])
    if "converged" in values:
        words = {"yes": True, "true": True, "no": False, "false": False}
        if values["converged"].lower() not in words:
            raise ValueError(f"converged is {values['converged']!r}, neither yes nor no")
        values["converged"] = words[values["converged"].lower()]
    return values


def _computed_entries(path: Path, role: str, method: str) -> Iterable[EnergyEntry]:
    computed = optional_library("pymatgen.entries.computed_entries")
    try:
        content = json.loads(read_file(path))
    except (OSError, ValueError, RecursionError) as error:
        raise _unreadable(path, f"it is not JSON: {error}", "save it again") from None
    if isinstance(content, Mapping) and "entries" in content:
        content = content["entries"]
    for number, item in enumerate(content if isinstance(content, list) else [content], 1):
        try:
            entry = computed.ComputedEntry.from_dict(item)
            yield _from_computed(entry, role, method, f"{path}, entry {number}")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _unreadable(
                path,
                f"entry {number} is no ComputedEntry: {type(error).__name__}: {error}",
                "write it with pymatgen: json.dump([e.as_dict() for e in entries], file)",
            ) from None


def _from_computed(entry: Any, role: str, method: str, source: str) -> EnergyEntry:
    atoms = {}
    for element, amount in entry.composition.items():
        if amount != round(amount):
            raise ValueError(f"{entry.composition.formula} does not count whole atoms")
        atoms[element.symbol] = round(amount)
    named = method or str(entry.parameters.get("run_type") or "")
    if not named:
        raise ValueError("it does not say its functional (parameters.run_type); give a method")
    if not method and entry.correction:
        named += ", corrected"
    formula = entry.composition.reduced_formula
    label = f"{formula} {entry.entry_id}" if entry.entry_id else formula
    return EnergyEntry(label, atoms, float(entry.energy), named, role, source=source)


def _vasprun(path: Path, role: str, method: str) -> EntryFile:
    import numpy as np

    outputs = optional_library("pymatgen.io.vasp.outputs")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what it warns of becomes a finding below
            check_file(path)
            run = outputs.Vasprun(path, parse_dos=False, parse_eigen=False, parse_potcar_file=False)
        energy_eV = float(run.final_energy)
        last = run.ionic_steps[-1]
        forces = last.get("forces")
        composition = run.final_structure.composition
        cutoff_eV = run.parameters.get("ENMAX") or run.incar.get("ENCUT")
        functional = run.run_type
    except (
        OSError, SyntaxError, ValueError, KeyError, IndexError, TypeError, AttributeError
    ) as error:  # fmt: skip
        raise _unreadable(
            path,
            f"it is damaged or cut short: {type(error).__name__}: {error}"[:300],
            "copy it again, or finish the calculation",
        ) from None
    named = method or f"VASP {functional}" + (f", cutoff {cutoff_eV:g} eV" if cutoff_eV else "")
    entry = EnergyEntry(
        f"{composition.reduced_formula} {path.name}",
        {element.symbol: round(amount) for element, amount in composition.items()},
        energy_eV,
        named,
        role,
        converged=bool(run.converged),
        max_force_eV_A=None if forces is None else float(np.linalg.norm(forces, axis=1).max()),
        source=str(path),
    )
    if entry.converged:
        return EntryFile((entry,))
    return EntryFile(
        (entry,),
        (
            warning(
                "E826",
                f"{path} did not converge (electronic: {run.converged_electronic}, ionic:"
                f" {run.converged_ionic})",
                help="let it run on from its CONTCAR before its energy is used",
            ),
        ),
    )


def _unreadable(path: Path, why: str, remedy: str) -> InputError:
    return refusal("E821", f"{path} holds no energies: {why}", remedy)
