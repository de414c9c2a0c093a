"""Diagnoses are as right as docs/diagnoses.md has it, on a cell that set no threshold."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "diagnoses.py"
CELL = "library:arene-pyridination-h-cell"
TOLD = (
    *("film", "activation", "short", "dendrite", "open_lead", "stir_stop", "electrolyte"),
    *("precipitation", "bubbles", "stuck", "noise"),
)
"""Faults that have to be told first, of those that this cell can tell at all."""


@pytest.mark.long
def test_right_causes_come_first_on_a_cell_that_set_no_threshold():
    spec = importlib.util.spec_from_file_location("benchmark_of_diagnoses", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    wrong = []
    for fault in TOLD:
        for seed in (7,):
            text, start = benchmark.drawn(fault, seed, 8.0)
            told, expected, _ = benchmark.rehearsed(CELL, [text], seed)
            cause, _, _ = benchmark.first_cause(told, expected.amount_C, start)
            if cause != benchmark.FAULTS[fault]:
                wrong.append((text, cause))
    assert len(wrong) <= 1, wrong
