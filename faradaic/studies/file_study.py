"""What a data file alone is studied as: the technique that its numbers show, and its study."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.voltammetry.curves import sweeps as directions
from faradaic.datafiles.dataset import Dataset
from faradaic.diagnostics import Diagnostic, InputError, did_you_mean
from faradaic.documents.document import load_document
from faradaic.documents.models import yaml_key
from faradaic.studies.analysis import analyze_loaded
from faradaic.studies.loading import StudyFile, study_of
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.schema import MeasurementConditions

Floats = NDArray[np.float64]

OF_ONE_FILE = frozenset({"impedance", "voltammogram", "sweep", "steps", "open_circuit"})
OF_SEVERAL = {"voltammogram": "scan_rates", "sweep": "rotation"}
"""The kind of study for several files, by that of each."""
ENTRY = {kind: kind for kind in OF_ONE_FILE} | {
    "impedance": "spectrum",
    "open_circuit": "rest",
    "scan_rates": "voltammograms",
    "rotation": "sweeps",
}
"""The key of a study's data files, by its kind."""

_EVEN = 0.3
"""A potential is swept where its steps differ by less than this from their middle one ..."""
_MOSTLY = 0.8
"""... for so much of the rows."""
_FEWEST = 20
_HELD = 0.02
"""A current that changes by less than this of its size was held: its potential is no sweep."""
_NAMED = (
    ("open circuit", "open_circuit"),
    ("ocp", "open_circuit"),
    ("ocv", "open_circuit"),
    ("chronoamperometry", "steps"),
    ("chronocoulometry", "steps"),
    ("chronopotentiometry", "steps"),
)
"""Words in a file's name of its technique: a step, a rest and an electrolysis are the same numbers
over time, and only the name tells them apart."""


def technique_of(dataset: Dataset) -> str | None:
    """The kind of study for one file of a technique; None for one of an electrolysis, or none.

    The numbers say it, not the name that a program gives: a spectrum has frequencies and
    impedances, a sweep equal steps of the potential, with a current that is not held. Steps and
    open circuit are taken by the name; a potential beside no other column was at rest too.
    """
    columns = dataset.columns
    if {"frequency_Hz", "impedance_real_Ohm", "impedance_imaginary_Ohm"} <= columns.keys():
        return "impedance"
    current = columns.get("current_A", columns.get("current_density_A_per_m2"))
    if "potential_V" not in columns:
        return None
    if current is None:
        alone = columns.keys() <= {"time_s", "potential_V", "temperature_K"}
        rest = alone and "time_s" in columns and len(dataset) >= _FEWEST
        return _by_name(dataset) or ("open_circuit" if rest else None)
    return _of_curve(columns["potential_V"].values, current.values) or _by_name(dataset)


def _by_name(dataset: Dataset) -> str | None:
    """What the file calls its technique, where its potential is that of one electrode."""
    if "time_s" not in dataset.columns or "cell_voltage_V" in dataset.columns:
        return None
    words = dataset.technique.casefold()
    return next((kind for name, kind in _NAMED if name in words), None)


def _of_curve(E_V: Floats, I_A: Floats) -> str | None:
    """Sweep or voltammogram, by equal steps of the potential and a current that is not held."""
    known = np.isfinite(E_V) & np.isfinite(I_A)
    E_V, I_A = E_V[known], I_A[known]
    if E_V.size < _FEWEST or np.ptp(I_A) < _HELD * np.max(np.abs(I_A)):
        return None
    steps_V = np.abs(np.diff(E_V))
    step_V = float(np.median(steps_V))
    even = np.abs(steps_V - step_V) < _EVEN * step_V
    if step_V == 0.0 or np.mean(even) < _MOSTLY or np.ptp(E_V) < 5.0 * step_V:
        return None
    return "voltammogram" if len(directions(E_V)) > 1 else "sweep"


def asked_kind(wanted: str, files: int) -> str | None:
    """The kind of study that was asked for so many files; None for an electrolysis.

    Raises `InputError` (E780) for what is no kind, or not one of so many files.
    """
    if wanted == "preparative" and files == 1:
        return None
    several = set(OF_SEVERAL.values())
    known = sorted(OF_ONE_FILE | several | {"preparative"})
    if wanted not in known:
        raise InputError.of(
            f"there is no kind {wanted!r} of data files",
            help=did_you_mean(wanted, known),
            code="E780",
        )
    if (wanted in several) != (files > 1):
        raise InputError.of(
            f"`--kind {wanted}` is for {'several files' if wanted in several else 'one file'},"
            f" not for {files}",
            help=f"for {'several' if files > 1 else 'one'} give one of: "
            + ", ".join(sorted(several if files > 1 else (OF_ONE_FILE | {"preparative"}))),
            code="E780",
        )
    return wanted


def study_of_files(
    files: Mapping[Path, Dataset], kind: str, conditions: Mapping[str, str]
) -> StudyFile:
    """The study of data files; `conditions` are assumed, as a study file writes them.

    Potentials stay on the scale of the files where none is asked for. Raises `InputError`.
    """
    first = next(iter(files))
    several = kind not in OF_ONE_FILE
    stated = _told_by(files[first])
    if "scale" not in conditions:
        stated["scale"] = "measured"
    names = [json.dumps(str(path.resolve()), ensure_ascii=False) for path in files]
    entry = f"[{', '.join(names)}]" if several else names[0]
    title = f"{first.name} and {len(files) - 1} more" if several else first.name
    lines = [
        "faradaic_study: 1",
        f"kind: {kind}",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"conditions: {json.dumps(stated)}",
        f"{ENTRY[kind]}: {entry}",
    ]
    assumed = [f"{name}={value}" for name, value in conditions.items()]
    document = load_document("\n".join(lines) + "\n", title)
    loaded = study_of(document, first.resolve().parent, assumed)
    return replace(loaded, read={path.resolve(): data for path, data in files.items()})


def analyze_files(
    files: Mapping[Path, Dataset], kind: str, conditions: Mapping[str, str]
) -> StudyOutcome:
    """The study of data files that nobody wrote a study file for.

    Raises `InputError` that says what to state on the command line.
    """
    try:
        return analyze_loaded(study_of_files(files, kind, conditions))
    except InputError as error:  # there is no file whose lines could be shown
        raise InputError(*(_typed(told) for told in error.diagnostics)) from None


def _typed(told: Diagnostic) -> Diagnostic:
    stated = told.help.partition("or type ")[2].removesuffix(" to have it recorded as assumed")
    return replace(told, help=f"add {stated}" if stated else told.help, location=None)


def _told_by(dataset: Dataset) -> dict[str, float | str]:
    """Conditions that the file tells, or that were stated of it."""
    told: dict[str, float | str] = {}
    if dataset.pH is not None:
        told["pH"] = dataset.pH
    if dataset.temperature_K is not None:
        told["temperature"] = f"{dataset.temperature_K!r} K"
    return told


def split_conditions(assume: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """`NAME=VALUE` that a file can be given, and those that only a study has."""
    from faradaic.datafiles.assumptions import EXAMPLES

    own = {yaml_key(field) for field in MeasurementConditions.model_fields} - set(EXAMPLES)
    of_file, of_study = [], {}
    for typed in assume:
        name, _, value = typed.partition("=")
        if name.strip() in own:
            of_study[name.strip()] = value.strip()
        else:
            of_file.append(typed)
    return of_file, of_study
