"""Alternation on the ideal bench against its closed form: charge, direction, energy."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from faradaic.instruments.readings import EndReason, Regulation
from faradaic.instruments.segments import Level, LevelsSegment
from faradaic.simulators.ideal_bench import IdealBench
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing import drain
from rigs.edges import EdgeCell

OHM, FARAD = 25.0, 2.4e-3
"""Ohmic resistance, and double layers of 6 and 4 mF in series, as of felts."""
CURRENT_A, VOLTAGE_V = 0.02, 1.0


def bench_with(cell: EdgeCell) -> IdealBench:
    """An ideal bench around a cell."""
    bench = IdealBench.__new__(IdealBench)
    bench.clock = VirtualClock(datetime(2026, 11, 30, tzinfo=UTC))
    bench._cell, bench._cell_s = cell, bench.clock.monotonic_s()
    return bench


def alternated(
    regulation: Regulation, value: float, half_s: float, periods: int = 20
) -> tuple[EdgeCell, float, float, float]:
    """The cell, and what was counted: anodic and cathodic charge, energy."""
    cell = EdgeCell(ohm=OHM, farad=FARAD)
    limits = (1e6, None) if regulation is Regulation.CURRENT else (None, 1e6)
    both = Level(regulation, value, half_s), Level(regulation, -value, half_s)
    segment = LevelsSegment(both, 0.0, 2 * periods * half_s, 1.0, math.inf, *limits)
    readings, end = drain(bench_with(cell).run(segment))
    assert end is EndReason.DURATION
    passed = [reading.passed for reading in readings]
    sums = [sum(getattr(one, name) for one in passed if one) for name in ("anodic_C", "cathodic_C")]
    return cell, sums[0], sums[1], sum(one.energy_J or 0.0 for one in passed if one)


@pytest.mark.parametrize("half_s", [1e-3, 1e-2, 0.1, 1.0, 10.0])
def test_a_current_puts_in_what_its_resistance_turns_into_heat(half_s: float) -> None:
    cell, anodic_C, cathodic_C, energy_J = alternated(Regulation.CURRENT, CURRENT_A, half_s)
    exact_C = CURRENT_A * 20 * half_s
    assert anodic_C == pytest.approx(exact_C, rel=1e-9)
    assert cathodic_C == pytest.approx(exact_C, rel=1e-9)
    # Whole periods leave the double layers as they were: I²R t is all that is put in.
    assert energy_J == pytest.approx(CURRENT_A**2 * OHM * 40 * half_s, rel=1e-3)
    seen = [(edge.value, edge.control) for edge in cell.edges if edge.value]
    assert len(seen) == 40


@pytest.mark.parametrize("half_s", [1e-3, 1e-2, 0.1, 1.0, 10.0])
def test_a_voltage_charges_the_double_layers_from_one_side_to_the_other(half_s: float) -> None:
    """Steady alternation of ±U on R and C in series: Q = 2 C U tanh(T/(2RC)) each way, and
    2 C U² tanh(T/(2RC)) a half-period, all of it heat; the first half-periods settle towards it."""
    settled = 2 + math.ceil(5 * OHM * FARAD / half_s)
    _, first_a, first_c, first_J = alternated(Regulation.VOLTAGE, VOLTAGE_V, half_s, settled)
    _, anodic_C, cathodic_C, energy_J = alternated(
        Regulation.VOLTAGE, VOLTAGE_V, half_s, settled + 20
    )
    share = math.tanh(half_s / (2 * OHM * FARAD))
    exact_C = 20 * 2 * FARAD * VOLTAGE_V * share
    assert anodic_C - first_a == pytest.approx(exact_C, rel=1e-3)
    assert cathodic_C - first_c == pytest.approx(exact_C, rel=1e-3)
    assert energy_J - first_J == pytest.approx(2 * VOLTAGE_V * exact_C, rel=1e-3)
