"""Stability figures against logs made from known laws, and the coverage of their errors."""

import math

import numpy as np
import pytest

from faradaic.analysis.stability.account import account
from faradaic.analysis.stability.autocorrelation import effective_size, mean_error, variance_of_sum
from faradaic.analysis.stability.changes import find_changes
from faradaic.analysis.stability.decay import fit_decays
from faradaic.analysis.stability.drift import linear_drift, relative_drift, theil_sen_drift
from faradaic.analysis.stability.operation import operation
from faradaic.analysis.stability.retention import retention, time_to_fraction
from faradaic.analysis.stability.trend import Trend
from faradaic.diagnostics import InputError
from faradaic.timeseries import TimeSeries

HOUR_S = 3600.0


def remembering_noise(rng, n, memory, deviation):
    """Noise of first order with the given autocorrelation at lag one and standard deviation."""
    kicks = rng.normal(size=n) * deviation * math.sqrt(1 - memory**2)
    noise = np.empty(n)
    noise[0] = rng.normal() * deviation
    for i in range(1, n):
        noise[i] = memory * noise[i - 1] + kicks[i]
    return noise


def log(values, hours=16.0, **kind):
    return Trend("current", "A", np.linspace(0, hours * HOUR_S, values.size), values, **kind)


def hours_of(n, hours=16.0):
    return np.linspace(0, hours, n)


def test_operating_time_stands_still_while_the_output_is_off_and_bounds_what_was_not_seen():
    time_s = np.concatenate((np.arange(0, 101.0), np.arange(160, 201.0), np.arange(201, 301.0)))
    on = np.ones(time_s.size, dtype=bool)
    on[-100:-50] = False  # 201 s to 250 s
    current_A = np.full(time_s.size, -0.01)
    edges_s = np.array([[0.0, 200.5], [250.5, 300.0]])
    told = operation(TimeSeries(time_s, current_A, output_on_s=edges_s))
    # the edges of the time with the output on, which only they tell, count as well
    assert told.operating.value == 100 + 40 + 0.5 + 49.5
    assert [(i.start_s, i.end_s) for i in told.interruptions] == [(100, 160), (200, 251)]
    found = operation(TimeSeries(time_s, np.where(on, current_A, np.nan)))
    # 0-100, 160-200 and 251-300 s were seen running; 100-160 s was not seen at all, and from
    # 200 to 251 s the current is missing, which is not the same as none
    assert found.operating.value == 100 + 40 + 49
    assert found.operating.bounds == (189, 300)
    assert found.wall.value == 300
    assert found.operating_time_s[-1] == 189
    spans = [(i.start_s, i.end_s, i.unknown) for i in found.interruptions]
    assert spans == [(100, 160, True), (200, 251, True)]
    # the current fell by 1 uA in each second of operation, and what stands in the log while the
    # output was off plays no part
    current_A = 0.01 - 1e-6 * found.operating_time_s
    current_A[~on] = 5.0
    series = found.series("current", "A", current_A)
    assert series.values.max() == 0.01
    assert linear_drift(series).value == pytest.approx(-1e-6 * HOUR_S, rel=1e-9)
    assert find_changes(series) == ()


def test_a_straight_log_gives_its_slope_exactly():
    series = log(-0.02 + 1e-4 * hours_of(1001))
    assert linear_drift(series).value == pytest.approx(1e-4, rel=1e-9)
    assert theil_sen_drift(series).value == pytest.approx(1e-4, rel=1e-9)
    # a cathodic current that gets smaller loses 0.5 % of its start per hour
    assert relative_drift(series).value == pytest.approx(-0.005, rel=1e-9)
    assert linear_drift(series).unit == "A/h"


def test_the_error_of_a_drift_counts_the_two_numbers_that_were_fitted():
    """n/(n - 2) for intercept and slope (Draper and Smith, Applied Regression Analysis, 1.4);
    with eight points it makes a third."""
    hours = hours_of(8)
    values = 0.02 + 1e-4 * hours + 1e-5 * np.array([1.0, -2.0, 0.5, 1.5, -1.0, 2.0, -0.5, -1.5])
    found = linear_drift(log(values))
    centred = hours - hours.mean()
    slope, level = np.polyfit(centred, values, 1)
    scores = centred * (values - level - slope * centred)
    expected = math.sqrt(variance_of_sum(scores) * 8 / 6) / (centred @ centred)
    assert found.value == pytest.approx(slope, rel=1e-9)
    assert found.random == pytest.approx(expected, rel=1e-9)


def test_stated_errors_of_the_drift_cover_the_truth_although_the_noise_remembers():
    rng = np.random.default_rng(20)
    hits = {"hac": 0, "theil_sen": 0, "ordinary": 0}
    runs, n, slope = 200, 600, -2e-5
    hours = hours_of(n)
    centred = hours - hours.mean()
    for _ in range(runs):
        series = log(0.02 + slope * hours + remembering_noise(rng, n, 0.9, 2e-4))
        for key, found in (("hac", linear_drift(series)), ("theil_sen", theil_sen_drift(series))):
            hits[key] += abs(found.value - slope) < 1.96 * found.random
        fitted = np.polyfit(centred, series.values, 1)
        rest = series.values - np.polyval(fitted, centred)
        ordinary = math.sqrt(rest @ rest / (n - 2) / (centred @ centred))
        hits["ordinary"] += abs(fitted[0] - slope) < 1.96 * ordinary
    # 95 % asked for; the binomial error of 200 runs is 1.5 %
    assert 0.89 <= hits["hac"] / runs <= 0.99
    assert 0.85 <= hits["theil_sen"] / runs <= 0.995
    assert hits["ordinary"] / runs < 0.6


def test_the_robust_drift_does_not_follow_bubbles():
    rng = np.random.default_rng(3)
    values = 0.02 - 1e-5 * hours_of(2000) + rng.normal(size=2000) * 1e-6
    values[1700::25] -= 0.01
    assert theil_sen_drift(log(values[:500], 4.0)).value == pytest.approx(-1e-5, rel=0.05)
    series = Trend("current", "A", np.arange(500) * 100.0, values[1500:])
    hours = series.time_s / HOUR_S
    slope = 1e-5 * 16 / 1999 / (hours[1] - hours[0])
    assert theil_sen_drift(series).value == pytest.approx(-slope, rel=0.1)
    assert abs(linear_drift(series).value) > 5 * slope


def test_noise_of_first_order_counts_its_independent_points():
    noise = remembering_noise(np.random.default_rng(1), 40000, 0.8, 1.0)
    # n (1 - r) / (1 + r) = n / 9, and the error of the mean is 1 / sqrt of it
    assert effective_size(noise) == pytest.approx(40000 / 9, rel=0.1)
    assert mean_error(noise) == pytest.approx(math.sqrt(9 / 40000), rel=0.1)


@pytest.mark.parametrize(
    ("law", "clean", "parameters"),
    [
        ("constant", lambda t: 0.02 + 0 * t, {"X0": 0.02}),
        ("linear", lambda t: 0.02 - 1e-4 * t, {"X0": 0.02, "b_per_h": -1e-4}),
        (
            "exponential",
            lambda t: 0.012 + 0.008 * np.exp(-0.3 * t),
            {"X0": 0.02, "Xinf": 0.012, "k_per_h": 0.3},
        ),
        (
            "stretched exponential",
            lambda t: 0.02 * np.exp(-((0.05 * t) ** 0.5)),
            {"X0": 0.02, "k_per_h": 0.05, "beta": 0.5},
        ),
    ],
)
def test_the_law_that_made_the_log_is_chosen_and_its_parameters_lie_within_their_errors(
    law, clean, parameters
):
    rng = np.random.default_rng(5)
    for sign in (1.0, -1.0):
        values = clean(hours_of(3000)) + remembering_noise(rng, 3000, 0.5, 2e-5)
        best = fit_decays(log(sign * values))[0]
        assert best.law.name == law
        found = dict(zip(best.law.parameters, best.parameters, strict=True))
        errors = dict(zip(best.law.parameters, best.standard_errors, strict=True))
        for name, truth in parameters.items():
            truth *= sign if name.startswith(("X", "b_")) else 1.0
            assert abs(found[name] - truth) < 4 * errors[name], name
            assert errors[name] < 0.1 * abs(truth), name


def test_errors_of_a_fitted_rate_cover_the_truth():
    rng = np.random.default_rng(6)
    runs, hits = 60, 0
    hours = hours_of(400)
    for _ in range(runs):
        noise = remembering_noise(rng, 400, 0.6, 2e-4)
        fits = fit_decays(log(0.012 + 0.008 * np.exp(-0.3 * hours) + noise))
        fit = next(f for f in fits if f.law.name == "exponential")
        hits += abs(fit.parameters[2] - 0.3) < 1.96 * fit.standard_errors[2]
    assert 0.85 <= hits / runs <= 1.0


def test_correlated_noise_alone_is_not_taken_for_a_decay():
    rng = np.random.default_rng(7)
    chosen = [
        fit_decays(log(1 + remembering_noise(rng, 500, 0.9, 0.01)))[0].law.name for _ in range(20)
    ]
    assert chosen.count("constant") >= 12
    assert not {"exponential", "stretched exponential"} & set(chosen[:5])


def test_retention_is_the_ratio_of_the_window_means_whatever_the_sign():
    values = -0.02 * np.exp(-0.05 * hours_of(16001))
    # integral of the exponential over the last and the first hour: exp(-0.05 * 15)
    found = retention(log(values), HOUR_S)
    assert found.value == pytest.approx(math.exp(-0.75), rel=1e-4)
    assert retention(log(-values), HOUR_S).value == pytest.approx(found.value, rel=1e-12)


def test_a_reached_t80_is_interpolated_in_the_measured_log():
    values = 0.02 * (1 - 0.02 * hours_of(16001))
    # the first window of an hour averages 0.99 of the start: 0.8 * 0.99 is reached at 10.4 h
    found = time_to_fraction(log(values), HOUR_S)
    assert found.value == pytest.approx(10.4 * HOUR_S, rel=1e-3)
    assert not found.flags


def test_an_extrapolated_t80_says_so_and_its_error_covers_the_truth():
    rng = np.random.default_rng(8)
    hits, runs = 0, 40
    for _ in range(runs):
        values = 0.02 * (1 - 0.005 * hours_of(1000)) + rng.normal(size=1000) * 2e-4
        fit = next(f for f in fit_decays(log(values)) if f.law.name == "linear")
        found = time_to_fraction(log(values), 60.0, fit)
        # the reference is a mean of two points here; what it is worth is known exactly
        reference = values[:2].mean()
        truth = (1 - 0.8 * reference / 0.02) / 0.005 * HOUR_S
        assert "extrapolated to" in found.flags[0]
        hits += abs(found.value - truth) < 1.96 * found.random
    assert 0.85 <= hits / runs <= 1.0


def test_a_decay_that_stops_above_the_fraction_has_no_t80_but_a_lower_bound():
    values = 0.02 * (0.9 + 0.1 * np.exp(-hours_of(2000)))
    series = log(values)
    found = time_to_fraction(series, 600.0, fit_decays(series)[0])
    assert found.value is None
    assert found.bounds == (16 * HOUR_S - 300, None)
    assert "exponential" in found.reason


def test_a_potential_has_a_drift_but_no_retention_since_its_zero_is_a_convention():
    rng = np.random.default_rng(9)
    series = Trend(
        "potential vs RHE",
        "V",
        np.linspace(0, 16 * HOUR_S, 2000),
        -0.38 - 0.002 * hours_of(2000) + rng.normal(size=2000) * 1e-3,
        keeps_zero=False,
    )
    told = account(series, break_in_s=HOUR_S, window_s=HOUR_S)
    drift, robust, relative, kept, t80 = told.results
    assert abs(drift.value + 0.002) < 3 * drift.random
    assert abs(robust.value + 0.002) < 3 * robust.random
    assert relative.value is kept.value is t80.value is None
    assert "convention" in kept.reason
    assert told.series.time_s[0] >= HOUR_S
    assert "stretched exponential" not in {fit.law.name for fit in told.fits}


def test_a_few_efficiencies_give_a_drift_with_what_it_rests_on():
    series = Trend("FE of CO", "1", np.arange(5) * HOUR_S, np.array([0.9, 0.89, 0.9, 0.88, 0.87]))
    told = account(series, break_in_s=0.0, window_s=HOUR_S)
    assert told.results[0].value == pytest.approx(np.polyfit(np.arange(5), series.values, 1)[0])
    assert told.results[0].random is None
    assert "too few" in told.results[0].flags[0]
    assert told.fits == ()
    assert told.changes == ()


def test_breaks_of_level_and_slope_are_found_where_they_were_put():
    rng = np.random.default_rng(10)
    hours = hours_of(20000)
    values = np.where(hours < 5, 0.02, 0.018) - 2e-4 * np.maximum(hours - 10, 0)
    found = find_changes(log(values + remembering_noise(rng, 20000, 0.7, 1e-4)))
    assert len(found) == 2
    assert abs(found[0].time_s - 5 * HOUR_S) <= found[0].resolution_s
    assert found[0].jump == pytest.approx(-0.002, rel=0.05)
    assert found[1].time_s == pytest.approx(10 * HOUR_S, rel=0.05)
    assert found[1].slope_after_per_h == pytest.approx(-2e-4, rel=0.1)


def test_a_smooth_decay_is_no_chain_of_breaks_but_a_step_on_it_is_one():
    rng = np.random.default_rng(12)
    hours = hours_of(4000)
    decay = 0.012 + 0.008 * np.exp(-0.3 * hours) + rng.normal(size=4000) * 1e-5
    assert account(log(decay), break_in_s=0.0, window_s=HOUR_S).changes == ()
    stepped = log(decay - np.where(hours > 12, 5e-4, 0.0))
    found = account(stepped, break_in_s=0.0, window_s=HOUR_S).changes
    largest = max(found, key=lambda change: abs(change.jump))
    assert abs(largest.time_s - 12 * HOUR_S) <= largest.resolution_s
    assert -5.5e-4 < largest.jump < -2.5e-4  # the law takes up a part of it


def test_samples_at_one_operating_time_are_one_point():
    rng = np.random.default_rng(13)
    values = 1 + rng.normal(size=500) * 0.01
    assert find_changes(Trend("FE", "1", np.repeat(np.arange(50.0), 10), values)) == ()


def test_slow_noise_is_not_taken_for_breaks():
    rng = np.random.default_rng(11)
    breaks = [len(find_changes(log(remembering_noise(rng, 3000, 0.95, 1.0)))) for _ in range(30)]
    assert breaks.count(0) >= 26


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (lambda: Trend("E", "V", np.array([0.0, 2, 1]), np.zeros(3)), "go back"),
        (lambda: Trend("E", "V", np.arange(3.0), np.array([0, np.nan, 1])), "not finite"),
        (lambda: Trend("E", "V", np.arange(3.0), np.zeros(2)), "3"),
        (lambda: log(np.ones(9)).without_break_in(1e9), "break-in"),
        (lambda: retention(log(np.ones(9)), 1e9), "window"),
        (lambda: fit_decays(log(np.ones(9))), "too few"),
    ],
)
def test_what_cannot_be_analysed_is_refused_with_a_remedy(fault, said):
    with pytest.raises(InputError, match=said) as caught:
        fault()
    assert caught.value.diagnostics[0].help
