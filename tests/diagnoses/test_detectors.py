"""The detectors on series of the laws that they look for, and on those that are none of them."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from faradaic.diagnoses.creep_shapes import shapes
from faradaic.diagnoses.diagnosis import weighed
from faradaic.diagnoses.diagnosis_catalogue import cause_kinds, diagnosis_kinds
from faradaic.diagnoses.expected import Expected
from faradaic.diagnoses.listener import Listener
from faradaic.diagnoses.resting_voltage import at_rest

UNIT_C = 9.6485
PLANNED = Expected(
    set_A=0.01,
    limit_V=10.0,
    amount_C=UNIT_C,
    electrons=2.0,
    voltage_V=(3.6, 5.7),
    resistance_ohm=(52.0, 62.0),
    dry_share=0.6,
)


def listened(voltage_V, current_A=None, *, expected=PLANNED, sigma_V=2e-4, seed=1, dt_s=1.0):
    """A listener after a series, and what it told."""
    rng = np.random.default_rng(seed)
    voltage_V = np.asarray(voltage_V) + rng.normal(0.0, sigma_V, len(voltage_V))
    if current_A is None:
        current_A = np.full(len(voltage_V), 0.01) + rng.normal(0.0, 1e-7, len(voltage_V))
    listener, told, charge_C = Listener(expected), [], 0.0
    for k, (amps, volts) in enumerate(zip(current_A, voltage_V, strict=True)):
        charge_C += abs(float(amps)) * dt_s
        if (one := listener.take(k * dt_s, float(amps), float(volts), charge_C)) is not None:
            told.append(one)
    return listener, told


T = np.arange(1800.0)


def test_laws_are_told_apart_where_the_rise_is_clear():
    t = np.linspace(0.0, 600.0, 60)
    q = 0.01 * t
    laws = {
        "film": 0.08 * q,
        "precipitation": 0.57 * np.expm1(t / 400.0),
        "leak": 0.57 * (t / 900.0) / (1.0 - t / 900.0) - 0.05 * np.log1p(-t / 900.0),
        "evaporation": 0.57 * ((1 - 0.6 * t / 700.0) / (1 - t / 700.0) - 1)
        - 0.05 * np.log1p(-t / 700),
        "shortage": -0.05 * np.log1p(-q / 6.02),
    }
    for name, rise_V in laws.items():
        found = shapes(list(t), list(q), list(5.0 + rise_V), 1e-4, (0.5, 0.62), 0.6)
        assert max(found, key=lambda key: found[key].likelihood) == name
    assert found["film"].scale > 0.0


@pytest.mark.parametrize("sigma_V", [2e-4, 3e-3])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_film_is_told_within_a_fifth_of_a_faraday(sigma_V, seed):
    rise_V = 3.0 / UNIT_C * np.maximum(0.01 * (T - 500.0), 0.0)
    _, told = listened(5.0 + rise_V, sigma_V=sigma_V, seed=seed)
    assert told[0].id == "D02"
    assert told[0].cause == "film"
    assert told[0].charge_C < 5.0 + 0.2 * UNIT_C
    assert told[0].since_C == pytest.approx(5.0, abs=0.03 * UNIT_C)


@pytest.mark.parametrize("sigma_V", [2e-4, 3e-3, 2e-2])
def test_steady_noise_and_slow_drift_are_nothing(sigma_V):
    for seed in range(5):
        drift_V = 0.02 * T / T[-1]
        _, told = listened(5.0 + drift_V, sigma_V=sigma_V, seed=seed)
        assert not told


def test_double_layers_that_charge_are_nothing():
    _, told = listened(2.9 - 2.4 * np.exp(-T / 40.0))
    assert not told


def test_a_substrate_that_runs_short_when_it_is_due_is_a_note():
    step_V = 0.8 / (1.0 + np.exp(-(T - 1000.0) / 40.0))
    _, told = listened(5.0 + step_V)
    assert [one.id for one in told] == ["D06"]
    assert told[0].note


def test_the_same_step_much_earlier_than_due_is_told():
    step_V = 0.8 / (1.0 + np.exp(-(T - 500.0) / 40.0))
    _, told = listened(5.0 + step_V, expected=replace(PLANNED, depletion_C=1.4 * UNIT_C))
    assert [one.id for one in told] == ["D06"]
    assert not told[0].note
    assert told[0].cause == "substrate"


def test_a_short_is_told_and_its_charge_counted_apart():
    volts = np.where(T < 600.0, 5.0, 0.01)
    listener, told = listened(volts)
    assert [(one.id, one.cause) for one in told] == [("D04", "short")]
    assert listener.lost_C() == pytest.approx(12.0, rel=0.01)


def test_a_fibre_touches_now_and_then():
    volts = np.full(1800, 5.0)
    for start in (600, 660, 800):
        volts[start : start + 4] = 0.05
    listener, told = listened(volts)
    assert [(one.id, one.cause) for one in told] == [("D04", "fibre")]
    assert listener.lost_C() == pytest.approx(0.12, rel=0.2)


def test_a_lead_that_comes_off_and_back_is_loose():
    volts, amps = np.full(900, 5.0), np.full(900, 0.01)
    for start in (400, 500):
        volts[start : start + 2], amps[start : start + 2] = 10.0, 1e-5
    _, told = listened(volts, amps)
    assert [(one.id, one.cause) for one in told] == [("D05", "loose_lead")]


def test_digits_that_stand_still():
    rng = np.random.default_rng(4)
    volts = 5.0 + rng.normal(0.0, 1e-4, 600)
    volts[300:] = volts[300]
    amps = np.full(600, 0.01) + rng.normal(0.0, 1e-7, 600)
    amps[300:] = amps[300]
    _, told = listened(volts, amps, sigma_V=0.0)
    assert [(one.id, one.cause) for one in told] == [("D20", "frozen")]


def test_a_meter_of_three_digits_is_not_frozen():
    rng = np.random.default_rng(4)
    volts = np.round(5.0 + 0.3 * T / T[-1] * 0.1 + rng.normal(0.0, 2e-3, T.size), 2)
    _, told = listened(volts, np.full(T.size, 0.01), sigma_V=0.0)
    assert "D20" not in [one.id for one in told]


def test_a_display_of_two_decimals_makes_no_steps():
    volts = np.round(5.0 + 0.1 * T / T[-1], 2)
    _, told = listened(volts, np.full(T.size, 0.01), sigma_V=0.0)
    assert "D08" not in [one.id for one in told]
    volts = np.round(5.0 + np.where(T < 900.0, 0.0, 0.06), 2)
    _, told = listened(volts, np.full(T.size, 0.01), sigma_V=0.0)
    assert [one.id for one in told if one.id != "D20"] == ["D08"]


def test_a_weak_reverse_level_is_no_short():
    expected = replace(PLANNED, in_turn=True)
    forward = (T // 30) % 2 == 0
    volts, amps = np.where(forward, 5.0, -0.1), np.where(forward, 0.01, -0.01)
    listener, told = listened(volts, amps, expected=expected)
    assert not told
    assert listener.lost_C() == 0.0
    touching = np.where(forward, 0.02, -0.02)
    _, told = listened(touching, amps, expected=expected, sigma_V=1e-5)
    assert [one.cause for one in told] == ["short"]


def test_rest_tells_swapped_leads_of_a_sacrificial_cell():
    zinc = replace(PLANNED, metal="Zn")
    assert at_rest(zinc, 0.6, 1.0).cause == "swapped"
    assert at_rest(zinc, -0.6, -1.0).cause == "swapped"
    assert at_rest(zinc, -0.6, 1.0) is None
    assert at_rest(PLANNED, 0.6, 1.0) is None


def test_memory_does_not_grow():
    def size(listener):
        lasting = listener._bins
        return len(lasting.values) + len(listener.told) + listener._sudden.known

    long, _ = listened(5.0 + 0.02 * np.sin(np.arange(40_000) / 500.0))
    assert size(long) < 96 + 24 + 32 + 2
    assert sys.getsizeof(long._first) < 1000


def test_every_rule_and_cause_says_what_to_do():
    kinds = diagnosis_kinds()
    assert list(kinds) == [f"D{n:02}" for n in range(1, 24)]
    for kind in kinds.values():
        assert kind.title
        assert kind.formula
        assert kind.source
        assert kind.example or not kind.watched
    for cause in cause_kinds().values():
        assert cause.what
        assert cause.look
        assert cause.do


def test_causes_are_weighed_to_one_and_never_certain():
    causes = weighed({"film": 9.0, "leak": 1.0, "short": 0.01})
    assert [one.name for one in causes] == ["film", "leak"]
    assert causes[0].confidence == pytest.approx(0.9, abs=0.01)
    assert weighed({"film": 1.0})[0].confidence == 0.95
