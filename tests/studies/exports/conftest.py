"""A voltammogram whose every property is known, one with nothing known, and a preparative run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faradaic.datafiles.dataset import Column, Dataset

PLAN = {
    "title": "Closed form",
    "source": {"doi": "10.1039/d2sc01175a"},
    "steps": [
        {"id": "1", "kind": "open_circuit", "label": "open circuit"},
        {"id": "2", "kind": "constant_current", "label": "5.00 mA", "current_A": 5e-3},
    ],
    "electrodes": [
        {"name": "anode", "description": "graphite felt"},
        {"name": "cathode", "description": "Pt foil"},
    ],
    "assumptions": [{"field": "cell.gap", "value": "10 mm", "reason": "not stated"}],
    "procedure": {
        "cell": "undivided cell (vial, 20.0 mL), electrode gap 10 mm, septum",
        "components": [
            {"id": "hydrazide", "name": "hydrazide", "role": "substrate", "amount_mol": 2e-4},
            {"id": "HFIP", "role": "solvent", "amount_mol": None, "text": "HFIP (9.40 mL)"},
            {"id": "salt", "role": "electrolyte", "amount_mol": None, "text": "salt (50 mg)"},
            {"id": "spice", "role": "additive", "amount_mol": None, "text": "spice"},
        ],
        "temperature": "23 degC",
        "stirring": "600 rpm",
        "atmosphere": "air",
        "workup": [{"type": "CONCENTRATION", "details": "under reduced pressure"}],
        "purification": [{"type": "SUBLIMATION", "details": None}],
        "analysis": [{"type": "WEIGHT", "details": None}],
    },
}


@pytest.fixture
def dataset() -> Dataset:
    """Awkward numbers on purpose: subnormal, huge, missing, infinite, of seventeen digits."""
    time_s = np.array([0.0, 0.1, 0.2, 0.30000000000000004, 1e3])
    return Dataset(
        {
            "time_s": Column(time_s, "s", "time/s"),
            "cycle": Column(np.array([1.0, 1.0, 2.0, 2.0, 3.0]), "1", "cycle"),
            "potential_V": Column(
                np.array([-0.1, 1 / 3, np.nan, 5e-324, 1.7e308]), "V", "Ewe/V", None, "SCE"
            ),
            "potential_RHE_V": Column(
                np.array([0.3, 0.7, np.nan, 0.1, np.inf]), "V", "", None, "RHE"
            ),
            "current_A": Column(np.array([1e-3, -1e-9, 0.0, 2e-3, -0.5]), "A", "I/mA", "anodic"),
            "odd/name, quoted": Column(np.arange(5.0), "bananas", "odd"),
        },
        technique="CV",
        instrument="SP-300",
        start=datetime(2026, 11, 21, 7, 0, 12, tzinfo=UTC),
        area_m2=1.96e-5,
        ohmic_drop="uncompensated",
        metadata={"simulated": "true", "Comment": "=1+1; 5 µL", "Line": "a\nb"},
        further={"OCV": {"time_s": Column(np.arange(3.0), "s", "T")}},
    )


@pytest.fixture
def unknown() -> Dataset:
    """Nothing is known but units."""
    return Dataset(
        {
            "time_s": Column(np.arange(4.0), "s"),
            "potential_V": Column(np.arange(4.0), "V"),
            "current_A": Column(np.arange(4.0), "A"),
        }
    )


@pytest.fixture
def plan() -> dict[str, Any]:
    """What is planned for `preparative_run`."""
    return dict(PLAN)


@pytest.fixture
def preparative_run(closed_form_run: Callable[..., Path]) -> Path:
    """A run folder of 1000 s at 5 mA with a plan; simulated."""
    return closed_form_run(plan=PLAN)


@pytest.fixture
def measured_run(closed_form_run: Callable[..., Path], header: dict[str, Any]) -> Path:
    """The same of a real bench."""
    return closed_form_run(plan=PLAN, header=header | {"simulated": False})
