"""Charge, means, energy and efficiencies agree with integrals solved by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.analysis.electrical import SIGN_UNKNOWN
from faradaic.analysis.integration import charge_by_direction, find_intervals, noise, trapezoid
from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers import read
from faradaic.datafiles.statements import Statements
from faradaic.diagnostics import InputError
from faradaic.records.derive import derive
from faradaic.records.journal import JournalWriter
from faradaic.records.run import load_run
from faradaic.studies.exports.formats import export
from faradaic.studies.run.electrolysis import load_electrolysis
from faradaic.studies.run.electrolysis_results import analyze_electrolysis
from faradaic.timeseries import TimeSeries, spans_of_on_time

RunWriter = Callable[..., Path]
F = 96485.33212  # C/mol, CODATA 2018


def test_a_linear_current_is_integrated_exactly() -> None:
    time_s = np.sort(np.random.default_rng(1).uniform(0.0, 10.0, 500))
    current_A = 2e-3 * time_s
    intervals = find_intervals(TimeSeries(time_s, current_A))
    kept = intervals.conducting
    exact = np.sum((1e-3 * np.diff(time_s**2))[kept])
    assert trapezoid(current_A, intervals) == pytest.approx(exact, rel=1e-13)


def test_the_error_of_the_trapezoid_on_a_decay_falls_with_the_square_of_the_interval() -> None:
    # Cottrell-like decay I = I0 exp(-t/tau): Q = I0 tau (1 - exp(-T/tau))
    errors = []
    for interval_s in (2.0, 1.0, 0.5):
        time_s = np.arange(0.0, 100.0 + interval_s / 2, interval_s)
        current_A = 0.01 * np.exp(-time_s / 25.0)
        exact_C = 0.01 * 25.0 * (1 - math.exp(-4.0))
        errors.append(trapezoid(current_A, find_intervals(TimeSeries(time_s, current_A))) - exact_C)
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.01)
    assert errors[1] / errors[2] == pytest.approx(4.0, rel=0.01)


def test_alternating_current_is_booked_by_direction() -> None:
    # One period of a triangle of 1 mA: 0.25 s * 1 mA in each direction, zero net
    time_s = np.linspace(0.0, 1.0, 8)
    current_A = np.interp(time_s, [0, 0.25, 0.75, 1.0], [0, 1e-3, -1e-3, 0])
    dense_s = np.linspace(0.0, 1.0, 701)
    dense_A = np.interp(dense_s, time_s, current_A)
    anodic_C, cathodic_C = charge_by_direction(
        current_A, find_intervals(TimeSeries(time_s, current_A))
    )
    assert anodic_C == pytest.approx(np.trapezoid(np.maximum(dense_A, 0), dense_s), rel=1e-4)
    assert cathodic_C == pytest.approx(anodic_C, rel=1e-12)


def test_noise_is_found_under_a_drift() -> None:
    rng = np.random.default_rng(3)
    time_s = np.arange(20_000.0)
    values = 1e-3 * time_s + rng.normal(0.0, 0.02, 20_000)
    assert noise(values, find_intervals(TimeSeries(time_s, values))) == pytest.approx(
        0.02, rel=0.03
    )


def test_constant_current_gives_the_charge_of_faraday_s_law(closed_form_run: RunWriter) -> None:
    run = load_run(closed_form_run())
    metrics = analyze_electrolysis(run)
    assert metrics.charge_gross.value == pytest.approx(5.0)
    assert metrics.charge_per_amount.value == pytest.approx(5.0 / F / 2e-4, rel=1e-12)
    assert metrics.time_with_current.value == pytest.approx(1000.0)
    assert metrics.mean_current.value == pytest.approx(5e-3)
    assert metrics.charge_gross.bounds == (5.0, 5.0)
    assert metrics.charge_gross.flags == ()


def test_golden_time_for_two_faraday_per_mole(
    closed_form_run: RunWriter, header: dict[str, Any]
) -> None:
    # t = phi n F / I is 2.680148 h for 1 mmol, 2 F/mol and 20 mA; nothing was booked, so this
    # is the trapezoid
    path = closed_form_run(
        current=lambda t: 20e-3,
        gross=lambda t: math.nan,
        duration_s=2.680148 * 3600,
        interval_s=2.680148 * 3600 / 500,
        rest_s=0.0,
        header={**header, "limiting_amount_mol": 1e-3},
        end=False,
    )
    metrics = analyze_electrolysis(load_run(path))
    assert metrics.charge_gross.method.startswith("trapezoidal rule")
    assert metrics.charge_per_amount.value == pytest.approx(2.0, abs=1e-6)


@pytest.mark.parametrize("rest", [(1e-14, 1), (None, 0), (-3e-13, 0)])
def test_voltage_statistics_of_a_ramp_leave_the_rest_before_it_out(
    closed_form_run: RunWriter, rest: tuple[float | None, int]
) -> None:
    # U = 8 V + 1.4 V * t/1000 s while I falls linearly from 6 to 2 mA:
    # mean by time 8.7 V; by charge 8 + 1.4 * (6/2 - 4/3) / 4 = 8.58333... V
    run = load_run(
        closed_form_run(
            rest=rest,
            current=lambda t: 6e-3 - 4e-6 * t,
            voltage=lambda t: 8.0 + 1.4e-3 * t,
            gross=lambda t: 6e-3 * t - 2e-6 * t * t,
        )
    )
    metrics = analyze_electrolysis(run)
    assert metrics.cell_voltage_start.value == 8.0
    assert metrics.cell_voltage_end.value == pytest.approx(9.4)
    assert metrics.cell_voltage_max.value == pytest.approx(9.4)
    assert metrics.cell_voltage_mean.value == pytest.approx(8.7)
    assert metrics.cell_voltage_mean_by_charge.value == pytest.approx(8 + 1.4 * 5 / 12, rel=1e-6)
    # energy = mean by charge times charge
    energy_J = (8 + 1.4 * 5 / 12) * 4.0
    assert metrics.energy.value == pytest.approx(energy_J, rel=1e-6)
    assert metrics.energy_per_amount.value == pytest.approx(energy_J / 3.6e6 / 2e-4, rel=1e-6)
    assert metrics.energy_per_amount.basis == "limiting component"


def test_the_voltage_of_a_working_cathode_is_that_of_the_anode_less_the_cathode(
    closed_form_run: RunWriter,
) -> None:
    run = load_run(
        closed_form_run(
            current=lambda t: -4e-3 + 0 * t,
            voltage=lambda t: -3.0 + 0 * t,
            gross=lambda t: 4e-3 * t,
        )
    )
    metrics = analyze_electrolysis(run)
    assert metrics.cell_voltage_mean.value == pytest.approx(3.0)
    assert metrics.cell_voltage_start.value == metrics.cell_voltage_max.value == 3.0
    assert metrics.energy.value == pytest.approx(12.0, rel=1e-3)


def test_an_alternating_polarity_has_a_mean_of_the_magnitude_beside_the_signed_one(
    closed_form_run: RunWriter,
) -> None:
    # 3 V for 600 s, -2 V for 400 s: (1800 - 800)/1000 and (1800 + 800)/1000
    def way(t: float) -> float:
        return 1.0 if t < 600 else -1.0

    metrics = analyze_electrolysis(
        load_run(
            closed_form_run(
                current=lambda t: 4e-3 * way(t),
                voltage=lambda t: 3.0 if t < 600 else -2.0,
                gross=lambda t: 4e-3 * t,
            )
        )
    )
    assert metrics.cell_voltage_mean.value == pytest.approx(1.0, abs=0.03)
    assert metrics.mean_voltage.value == pytest.approx(2.6, abs=0.01)
    assert metrics.mean_voltage.name == "cell voltage, mean of its magnitude"
    assert metrics.energy.value == pytest.approx(4e-3 * 2600, rel=5e-3)


def test_a_ramp_from_zero_is_no_contact_of_the_electrodes(closed_form_run: RunWriter) -> None:
    metrics = analyze_electrolysis(
        load_run(
            closed_form_run(
                current=lambda t: 5e-6 * t,
                voltage=lambda t: 5e-3 * t,
                gross=lambda t: 2.5e-6 * t * t,
            )
        )
    )
    assert metrics.cell_voltage_mean.flags == ()


def test_a_cell_voltage_near_zero_is_flagged_as_a_contact_of_the_electrodes(
    closed_form_run: RunWriter,
) -> None:
    metrics = analyze_electrolysis(
        load_run(closed_form_run(voltage=lambda t: 4.0 if t < 600 else 0.01))
    )
    (flag,) = metrics.cell_voltage_mean.flags
    assert flag.startswith("below 0.3 V during 400")
    assert metrics.notes() == [f"cell voltage, mean: {flag}"]  # said once, for two results
    assert (
        analyze_electrolysis(
            load_run(closed_form_run(voltage=lambda _: 4.0))
        ).cell_voltage_mean.flags
        == ()
    )


def test_a_weak_reverse_level_is_no_contact_of_the_electrodes(closed_form_run: RunWriter) -> None:
    def flags(reverse_V: float, forward_V: float) -> tuple[str, ...]:
        run = closed_form_run(
            current=lambda t: 4e-3 if t < 500 else -4e-3,
            voltage=lambda t: forward_V if t < 500 else reverse_V,
            gross=lambda t: 4e-3 * t,
        )
        return analyze_electrolysis(load_run(run)).cell_voltage_mean.flags

    assert not any("may touch" in flag for flag in flags(-0.1, 3.0))
    assert any("may touch" in flag for flag in flags(-0.02, 0.02))


def test_efficiency_yield_and_energy_per_kilogram(closed_form_run: RunWriter) -> None:
    metrics = analyze_electrolysis(
        load_run(closed_form_run()),
        product_amount_mol=1e-5,
        product_uncertainty_mol=2e-7,
        substrate_left_mol=1.85e-4,
        current_accuracy=0.002,
    )
    efficiency = metrics.faradaic_efficiency
    assert efficiency.value == pytest.approx(4 * 1e-5 * F / 5.0)
    assert efficiency.random == pytest.approx(efficiency.value * 0.02, rel=1e-6)
    assert efficiency.systematic == pytest.approx(efficiency.value * 0.002)
    assert metrics.product_yield.value == pytest.approx(0.05)
    assert metrics.conversion.value == pytest.approx(0.075)
    assert metrics.selectivity.value == pytest.approx(2 / 3)
    assert metrics.charge_efficiency.value == pytest.approx(4 * 0.075 / (5.0 / F / 2e-4))
    assert metrics.energy_per_mass.value == pytest.approx(40.0 / 3.6e6 / (1e-5 * 0.31638))
    assert metrics.energy_per_amount.basis == "product"


def test_golden_formate_efficiency(closed_form_run: RunWriter) -> None:
    # 10 mM formate in 25 mL after 100 C, z = 2: 48.24 %
    run = load_run(closed_form_run(current=lambda t: 0.1, gross=lambda t: 0.1 * t))
    metrics = analyze_electrolysis(run, product_amount_mol=0.010 * 0.025, electrons=2)
    assert metrics.faradaic_efficiency.value == pytest.approx(0.4824, abs=5e-5)


def test_more_product_than_charge_is_flagged_and_not_clipped(closed_form_run: RunWriter) -> None:
    metrics = analyze_electrolysis(load_run(closed_form_run()), product_amount_mol=2.5e-5)
    value = metrics.faradaic_efficiency.value
    assert value == pytest.approx(4 * 2.5e-5 * F / 5.0)
    assert value > 1.9
    assert "exceeds 100 %" in metrics.faradaic_efficiency.flags[0]


def test_a_gap_widens_the_interval_instead_of_being_filled(closed_form_run: RunWriter) -> None:
    run = load_run(closed_form_run(leave_out=(400.0, 500.0), end=False))
    intervals = find_intervals(run.time_series())
    assert intervals.gap.sum() == 1
    assert intervals.duration_s[intervals.gap].sum() == pytest.approx(100.0)
    metrics = analyze_electrolysis(run)
    assert metrics.time_with_current.value == pytest.approx(900.0)


def test_a_pause_is_no_time_with_current_however_short_it_is(tmp_path: Path) -> None:
    # 10 mA at 3 V, sampled every 10 s, the output off from 20 to 22.3 s: the marks tell it, the
    # distance of the samples does not
    with JournalWriter(tmp_path / "journal.jsonl") as journal:
        journal.write("run_start", 0.0, {"title": "paused"})
        units = {"time_s": "s", "step": "1", "current_A": "A", "cell_voltage_V": "V"}
        columns = [{"name": name, "unit": unit} for name, unit in units.items()]
        journal.write("columns", 0.0, {"columns": columns})
        journal.write("step_start", 0.0, {"step": "1", "kind": "constant_current"})
        for on_s, off_s, samples in ((0.0, 20.0, (0, 10, 20)), (22.3, 27.4, (22.3, 27.3))):
            journal.write("mark", on_s, {"what": "output_on_intent"})
            for time_s in samples:
                journal.sample(time_s, (time_s, 0, 0.01, 3.0))
            journal.write("mark", off_s, {"what": "output_off", "on": False})
    run = load_run(tmp_path)
    results = analyze_electrolysis(run)
    assert results.time_with_current.value == pytest.approx(25.0)
    assert results.energy.value == pytest.approx(0.75)
    assert run.time_series().output_on_s.tolist() == [[0.0, 20.0], [22.3, 27.4]]
    assert [step.fields["kind"] for step in run.steps_with_current] == ["constant_current"]
    # as a table it stays a pause, and the current keeps its sign
    derive(tmp_path)
    for table in (export(run, "csv", tmp_path / "table.csv"), tmp_path / "data.csv"):
        again = load_electrolysis(table)
        assert again.series.sign == "anodic"
        assert analyze_electrolysis(again).time_with_current.value == pytest.approx(25.0)
        assert analyze_electrolysis(again).energy.value == pytest.approx(0.75)


@given(lengths=st.lists(st.tuples(st.floats(0.1, 50.0), st.booleans()), min_size=1, max_size=20))
def test_what_a_column_of_on_times_tells_is_what_it_was_made_of(
    lengths: list[tuple[float, bool]],
) -> None:
    edges = np.append(0.0, np.cumsum([length for length, _ in lengths]))
    on = np.append(0.0, np.cumsum([length * is_on for length, is_on in lengths]))
    spans = spans_of_on_time(edges, on)
    again = TimeSeries(edges, np.zeros(edges.size), output_on_s=spans).on_time_s()
    assert again == pytest.approx(on, abs=1e-9)
    assert (np.diff(spans.ravel()) >= 0).all()


def test_a_table_of_any_instrument_gives_the_numbers_of_a_run(tmp_path: Path) -> None:
    # 5 mA for 600 s while the voltage rises from 3.20 to 3.26 V
    path = tmp_path / "cp.csv"
    rows = "".join(f"{t},5.0,{3.2 + 1e-4 * t:.4f}\n" for t in range(0, 601, 10))
    path.write_text("time (s),current (mA),cell voltage (V)\n" + rows)
    one = load_electrolysis(path)
    results = analyze_electrolysis(
        one, product_amount_mol=1.2e-5, electrons=2, limiting_mol=2e-5, substrate_left_mol=5e-6
    )
    assert results.charge_gross.value == pytest.approx(3.0)
    assert results.energy.value == pytest.approx(9.69)
    assert results.faradaic_efficiency.value == pytest.approx(2 * 1.2e-5 * F / 3.0)
    assert results.product_yield.value == pytest.approx(0.6)
    assert results.conversion.value == pytest.approx(0.75)
    assert results.charge_gross.bounds is None  # nobody knows what passed outside of the table
    assert results.charge_net.flags == (SIGN_UNKNOWN,)
    assert results.regulation_share.value is None
    cathodic = load_electrolysis(path, Statements({"sign": "cathodic", "reference": "SCE"}))
    assert cathodic.series.sign == "anodic"
    assert analyze_electrolysis(cathodic).charge_net.value == pytest.approx(-3.0)
    assert analyze_electrolysis(cathodic).charge_net.flags == ()


def test_a_run_read_as_a_data_file_gives_the_same_series(closed_form_run: RunWriter) -> None:
    path = closed_form_run(leave_out=(400.0, 500.0))
    as_file, as_run = read(path).time_series(), load_run(path).time_series()
    assert find_intervals(as_file).conducting.tolist() == find_intervals(as_run).conducting.tolist()
    assert (as_file.sign, as_file.sha256) == (as_run.sign, as_run.sha256)


def test_zero_current_of_a_file_is_no_time_with_current() -> None:
    time_s = np.arange(101.0)
    current_A = np.where((time_s >= 20) & (time_s <= 80), 0.01, 0.0)
    series = TimeSeries(time_s, current_A)
    # with the two intervals in which the current rises and falls
    assert np.sum(find_intervals(series).conducting) == 62


def test_a_charge_that_the_file_itself_contradicts_is_flagged() -> None:
    time_s, current_A = np.arange(101.0), np.full(101, 0.01)
    kept = {"time_s": Column(time_s, "s"), "current_A": Column(current_A, "A", sign="anodic")}
    for last_C, flagged in ((1.0, False), (1.1, True)):
        charge = Column(np.linspace(0.0, last_C, 101), "C", sign="anodic")
        results = analyze_electrolysis(Dataset({**kept, "charge_C": charge}))
        assert results.charge_gross.value == pytest.approx(1.0)
        assert bool(results.charge_gross.flags) is flagged


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("time (s),potential (V)", "holds no current"),
        ("potential (V),current (mA)", "holds no time"),
    ],
)
def test_a_table_that_is_no_electrolysis_is_refused(
    tmp_path: Path, columns: str, said: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"{columns}\n1,1\n2,2\n3,3\n")
    with pytest.raises(InputError, match=said) as caught:
        load_electrolysis(path)
    assert "--map" in caught.value.diagnostics[0].help


def test_a_current_density_needs_the_area(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("time (s),current density (mA/cm^2)\n0,10\n10,10\n20,10\n")
    with pytest.raises(InputError, match="area"):
        load_electrolysis(path)
    series = load_electrolysis(path, Statements({"area": "2 cm^2"})).series
    assert series.current_A == pytest.approx([0.02] * 3)


def test_a_lost_run_has_no_upper_bound(closed_form_run: RunWriter) -> None:
    metrics = analyze_electrolysis(load_run(closed_form_run(end=False)))
    assert metrics.charge_gross.value == pytest.approx(5.0)
    assert metrics.charge_gross.bounds == (5.0, None)
    assert "no last record" in metrics.charge_gross.flags[0]
    bounds = analyze_electrolysis(load_run(closed_form_run(end=False)), product_amount_mol=1e-5)
    assert bounds.faradaic_efficiency.bounds[0] == 0.0


def test_booked_charge_that_the_samples_contradict_is_flagged(closed_form_run: RunWriter) -> None:
    run = load_run(closed_form_run(stop={"charge_gross_C": 5.2, "charge_low_C": 5.2}))
    (flag,) = analyze_electrolysis(run).charge_gross.flags
    assert "5.2 C" in flag
    assert "5 C" in flag


def test_time_at_a_limit_is_not_time_at_the_set_point(closed_form_run: RunWriter) -> None:
    run = load_run(closed_form_run(flags=lambda t: int(t > 750.0)))
    assert analyze_electrolysis(run).regulation_share.value == pytest.approx(0.75, abs=2e-3)


def test_what_is_unknown_says_why(closed_form_run: RunWriter, header: dict[str, Any]) -> None:
    known = {k: v for k, v in header.items() if k in ("title", "simulated", "utc")}
    metrics = analyze_electrolysis(load_run(closed_form_run(header=known)), product_amount_mol=1e-5)
    for result, words in (
        (metrics.charge_per_amount, "limiting component is unknown"),
        (metrics.faradaic_efficiency, "electrons per molecule of product are unknown"),
        (metrics.energy_per_mass, "molar mass"),
        (metrics.conversion, "no amount of unreacted substrate"),
        (metrics.potential_mean, "no potential against a reference electrode"),
    ):
        assert result.value is None
        assert words in result.reason


def test_an_empty_run_has_reasons_and_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"")
    for result in analyze_electrolysis(load_run(path), product_amount_mol=1e-5, electrons=4):
        assert result.value is None
        assert result.reason


@pytest.mark.parametrize(
    "arguments",
    [
        {"product_amount_mol": -1e-5},
        {"product_amount_mol": math.nan},
        {"electrons": 0.0},
        {"molar_mass_kg_per_mol": math.inf},
    ],
)
def test_amounts_that_cannot_be_are_refused(
    closed_form_run: RunWriter, arguments: dict[str, float]
) -> None:
    with pytest.raises(InputError, match="cannot be"):
        analyze_electrolysis(load_run(closed_form_run()), **arguments)


def numbers_of(tmp_path: Path, currents: list[str]) -> Any:
    path = tmp_path / "table.csv"
    rows = "".join(f"{10 * i},{current}\n" for i, current in enumerate(currents))
    path.write_text("time (s),current (A)\n" + rows)
    return analyze_electrolysis(load_electrolysis(path, Statements({"sign": "anodic"})))


@pytest.mark.parametrize("lost", ["", "inf", "NaN"])
@pytest.mark.parametrize("at", [0, 7, 30])
def test_a_missing_current_leaves_a_gap_that_is_bounded_and_flagged(
    tmp_path: Path, lost: str, at: int
) -> None:
    currents = ["0.01"] * 31  # 3 C
    currents[at] = lost
    charge = numbers_of(tmp_path, currents).charge_gross
    beside = 1 if at in (0, 30) else 2
    assert charge.value == pytest.approx(3.0 - 0.1 * beside)
    assert charge.bounds == pytest.approx((3.0 - 0.1 * beside, 3.0))
    assert any("without a current" in flag for flag in charge.flags)
    assert charge.random is None  # there is no noise to estimate it from


def test_the_larger_of_the_nearest_currents_bounds_a_stretch_without_any(tmp_path: Path) -> None:
    charge = numbers_of(tmp_path, ["0.01"] * 5 + [""] * 3 + ["0.02"] * 5).charge_gross
    assert charge.bounds == pytest.approx((0.4 + 0.8, 0.4 + 0.8 + 40 * 0.02))


def test_a_current_measured_as_zero_is_a_charge_of_zero(tmp_path: Path) -> None:
    found = numbers_of(tmp_path, ["0"] * 5)
    assert (found.charge_gross.value, found.time_with_current.value) == (0.0, 0.0)
    assert "the current was measured, and is zero throughout" in found.charge_gross.flags


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("0,0.01\n", "fewer than two rows have a current"),
        ("0,\n10,\n20,\n", "fewer than two rows have a current"),
        ("0,0.01\n,0.01\n20,0.01\n", "1 of 3 rows have no time"),
    ],
)
def test_a_table_that_nothing_can_be_integrated_of_is_refused(
    tmp_path: Path, rows: str, told: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_text("time (s),current (A)\n" + rows)
    with pytest.raises(InputError, match=told):
        load_electrolysis(path)
