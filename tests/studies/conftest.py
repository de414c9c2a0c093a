"""Small studies whose numbers are known, and the rehearsed CO2 study of the examples."""

from __future__ import annotations

import copy
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from faradaic.studies.analysis import analyze_study
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.writing import write_study

EXAMPLE = Path(__file__).parents[2] / "examples" / "co2_study"

CONDITIONS: Mapping[str, Any] = {
    "area": "1 cm^2",
    "reference": "RHE",
    "pH": 14.0,
    "positive_current": "anodic",
    "feed": "CO2",
    "flow": "outlet",
    "meter": {"temperature": "0 degC", "pressure": "1 atm"},
}
ROWS: Sequence[Sequence[float]] = ((-0.5, -50.0, 20.0, 5000.0, 1000.0),)
"""E (V), I (mA), outlet (sccm), CO and H2 (ppm); the golden values belong to this row."""


def table(path: Path, header: Sequence[str], rows: Sequence[Sequence[float | None]]) -> None:
    """Write a CSV file; None is an empty field."""
    lines = [",".join(header)]
    lines += [",".join("" if v is None else f"{v:.12g}" for v in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.fixture
def co2_study(tmp_path: Path) -> Callable[..., Path]:
    """Writes a study of one sample with one table of injections; returns the study file.

    `conditions` replace those of `CONDITIONS`, None takes one out; `sample` and `top` are keys of
    the sample and of the file.
    """

    def write(
        rows: Sequence[Sequence[float | None]] = ROWS,
        *,
        conditions: Mapping[str, Any] | None = None,
        products: Mapping[str, Any] | None = None,
        sample: Mapping[str, Any] | None = None,
        top: Mapping[str, Any] | None = None,
        header: Sequence[str] = (
            "potential (V)", "current (mA)", "outlet flow (sccm)", "CO (ppm)", "H2 (ppm)",
        ),
    ) -> Path:  # fmt: skip
        merged = {**copy.deepcopy(dict(CONDITIONS)), **(conditions or {})}
        table(tmp_path / "injections.csv", header, rows)
        content = {
            "faradaic_study": 1,
            "kind": "co2",
            "title": "one table",
            "conditions": {key: value for key, value in merged.items() if value is not None},
            "products": products or {"CO": {}, "H2": {}},
            "samples": [{"name": "Ag", "electrolyses": ["injections.csv"], **(sample or {})}],
            **(top or {}),
        }
        path = tmp_path / "study.yaml"
        with path.open("w", encoding="utf-8") as stream:
            YAML().dump(content, stream)
        return path

    return write


@pytest.fixture(scope="session")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the rehearsed study of two catalysts: data and study file."""
    spec = importlib.util.spec_from_file_location("rehearse", EXAMPLE / "rehearse.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("co2-study")
    module.main(folder)
    return folder


@pytest.fixture(scope="session")
def analysed(rehearsed: Path) -> StudyOutcome:
    """What the rehearsed study comes to."""
    return analyze_study(rehearsed / "study.yaml")


@pytest.fixture(scope="session")
def written(analysed: StudyOutcome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of results of the rehearsed study."""
    folder = tmp_path_factory.mktemp("results")
    write_study(analysed, folder)
    return folder
