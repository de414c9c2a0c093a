"""Spectra, interrupts and pulse voltammograms in a run: planned, recorded, tabled and analysed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faradaic.cli.assumption_view import unknown_charge
from faradaic.protocols.step_kinds.impedance import GalvanostaticImpedancePlan, ImpedancePlan
from faradaic.records.derive import derive, summarise
from faradaic.records.journal import JournalWriter
from faradaic.records.run import Run, load_run
from faradaic.records.series import series_of
from faradaic.runner.states import RunState
from faradaic.studies.run.electrolysis_results import analyze_electrolysis
from faradaic.studies.run.series_results import spectrum_of
from rigs.protocols import HEAD

SPECTRUM = (
    "  - impedance: {from: 100 kHz, to: 10 Hz, amplitude_voltage: 10 mV, points_per_decade: 3}\n"
)
HELD = "  - constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 0.1 C}\n"
WITH_REFERENCE = HEAD.replace(
    "reaction:", "  reference: {couple: Ag/AgCl, filling: 3 M KCl}\nreaction:"
)


def recorded(rehearse: Any, folder: Path, steps: str, bench: str, **how: Any) -> Run:
    """A run on disk, as it is read back."""
    folder.mkdir(exist_ok=True)
    one = rehearse(f"steps:\n{steps}", bench, **how)
    with JournalWriter(folder / "journal.jsonl") as journal:
        one.journal = journal
        result = one.run()
    assert result.outcome is RunState.COMPLETED, result.stop_reason
    assert result.output.on is False
    derive(folder)
    return load_run(folder)


@pytest.mark.parametrize(
    "bench",
    ["simulated-emstat4-hr", pytest.param("simulated-emstat-pico", marks=pytest.mark.long)],
)
def test_a_spectrum_of_the_twin_is_recorded_tabled_and_gives_its_resistance(
    rehearse, tmp_path, bench
) -> None:
    import polars as pl

    run = recorded(rehearse, tmp_path / "run", SPECTRUM, bench)
    (series,) = series_of(run, "impedance")
    assert len(series.records) == 13
    resistance = rehearse(f"steps:\n{SPECTRUM}", bench).plan.cell.resistance_ohm
    spectrum = spectrum_of(series)
    # The solution, and the double layers of two electrodes at rest in series.
    top = spectrum.frequency_Hz >= 1e4
    assert spectrum.impedance_ohm[top].real == pytest.approx(resistance, rel=0.01)
    results = analyze_electrolysis(run).further
    found = results["uncompensated_resistance_of_spectrum_1"]
    assert found.value == pytest.approx(resistance, rel=0.01)
    assert "passes" in results["kramers_kronig_residual_of_spectrum_1"].basis
    table = pl.read_csv(tmp_path / "run/spectra.csv", comment_prefix="#")
    assert table.equals(pl.read_parquet(tmp_path / "run/spectra.parquet"))
    assert table["frequency_Hz"].to_list() == pytest.approx(list(spectrum.frequency_Hz))
    package = json.loads((tmp_path / "run/datapackage.json").read_text())
    (resource,) = (one for one in package["resources"] if one["name"] == "spectra")
    units = {field["name"]: field["unit"] for field in resource["schema"]["fields"]}
    assert units["impedance_imag_ohm"] == "ohm"
    assert list(units) == table.columns


def test_a_spectrum_is_planned_with_the_periods_of_the_instrument(rehearse) -> None:
    step = rehearse(f"steps:\n{SPECTRUM}", "simulated-emstat4-hr").plan.steps[0]
    assert isinstance(step, ImpedancePlan)
    assert (step.points, step.bias_V, step.across_cell) == (13, None, True)
    periods_s = [1.0 / (1e5 * 1e-4 ** (k / 12)) for k in range(13)]
    nominal_s = sum(min(5.0, one) + max(0.01, one) for one in periods_s)
    assert step.expected_duration_s == pytest.approx(nominal_s + 1.0)
    around = SPECTRUM.replace("amplitude_voltage: 10 mV", "amplitude_current: 100 uA")
    step = rehearse(f"steps:\n{around}", "simulated-emstat4-hr").plan.steps[0]
    assert isinstance(step, GalvanostaticImpedancePlan)
    assert step.held_current_A is None


def test_a_spectrum_at_rest_sets_no_limit_of_the_run(rehearse) -> None:
    steps = (
        SPECTRUM + "  - constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 1 s}\n"
    )
    plan = rehearse(f"steps:\n{steps}", "simulated-emstat4-hr").plan
    assert plan.limits[0].at_least == pytest.approx(7.5e-3)
    assert any("current_limit" in one.field for one in plan.assumptions)


@pytest.mark.long
def test_spectra_before_and_after_tell_the_drift_of_the_resistance(rehearse, tmp_path) -> None:
    under = SPECTRUM.replace("10 mV", "10 mV, bias_voltage: 2 V, settle: 3 s, current_limit: 20 mA")
    run = recorded(rehearse, tmp_path / "run", SPECTRUM + under, "simulated-emstat4-hr")
    results = analyze_electrolysis(run).further
    assert abs(results["drift_of_the_uncompensated_resistance_of_spectra"].value or 1.0) < 0.05
    assert [series.step for series in series_of(run, "impedance")] == [0, 1]
    steady = run.columns["current_A"][run.columns["step"] == 1]
    assert np.isfinite(steady).any(), "what flows around the bias is read"


@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
def test_an_interrupted_current_gives_a_series_of_resistances(rehearse, tmp_path, bench) -> None:
    step = "{current: 5 mA, cell_voltage_limit: 5 V, width: 50 ms, every: 10 s, until: 0.2 C}"
    run = recorded(rehearse, tmp_path / "run", f"  - current_interrupt: {step}\n", bench)
    (series,) = series_of(run, "interrupt")
    assert len(series.records) == 4
    assert run.stop["charge_gross_C"] == pytest.approx(0.2, rel=5e-3)
    assert run.stop["charge_low_C"] <= 0.2 * 1.005
    results = analyze_electrolysis(run).further
    found = results["interruptions_1"]
    resistance = rehearse(f"steps:\n{SPECTRUM}", "simulated-emstat4-hr").plan.cell.resistance_ohm
    assert found.value is not None
    assert abs(found.value - resistance) < 2.0 * found.uncertainty
    # So unsure that a drift of a tenth cannot be seen, which is said and not flagged as one.
    drift = results["drift_of_the_uncompensated_resistance_of_interruptions_1"]
    assert drift.value is None
    assert "uncertain" in drift.reason
    assert (tmp_path / "run/interrupts.csv").exists()


def test_an_interrupt_without_a_current_goes_on_with_the_one_before_it(rehearse) -> None:
    steps = "  - constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 0.1 C}\n"
    plan = rehearse(
        f"steps:\n{steps}  - current_interrupt: {{width: 50 ms, count: 3, every: 2 s}}\n"
    )
    step = plan.plan.steps[1]
    assert (step.held_current_A, step.cell_voltage_limit_V) == (5e-3, 5.0)
    assert step.expected_duration_s == pytest.approx(7.0)
    assert plan.run().outcome is RunState.COMPLETED
    assert len(plan.journal.of("interrupt")) == 3


def test_pulse_voltammograms_are_recorded_and_have_their_peaks(rehearse, tmp_path) -> None:
    how = {"vs": "reference", "from": "0 V", "to": "0.3 V", "current_limit": "20 mA"}
    common = ", ".join(f"{key}: {value}" for key, value in how.items())
    square = f"  - square_wave_voltammetry: {{{common}, amplitude: 25 mV, frequency: 25 Hz}}\n"
    pulses = (
        f"  - differential_pulse_voltammetry: {{{common}, pulse: 50 mV, pulse_time: 50 ms,"
        " rate: 20 mV/s}\n"
    )
    run = recorded(
        rehearse, tmp_path / "run", square + pulses, "simulated-emstat4-hr", head=WITH_REFERENCE
    )
    first, second = series_of(run, "pulse")
    assert len(first.records) == len(second.records) == 61
    assert np.isfinite(first.column("forward_A")).all()
    assert np.isnan(second.column("forward_A")).all(), "missing is missing"
    results = analyze_electrolysis(run).further
    assert {"pulse_peak_potential_1", "pulse_peak_current_2"} <= results.keys()
    # The square wave's two halves are samples; of differential pulses nothing tells what flowed.
    steps = run.columns["step"]
    assert np.isfinite(run.columns["current_A"][steps == 0]).sum() == 2 * 61
    assert not np.isfinite(run.columns["current_A"][steps == 1]).any()
    assert run.stop["charge_high_C"] > run.stop["charge_gross_C"] + 0.01


def test_the_charge_of_differential_pulses_alone_is_missing_and_not_zero(
    rehearse, tmp_path
) -> None:
    pulses = (
        "  - differential_pulse_voltammetry: {vs: reference, from: 0 V, to: 0.1 V,"
        " current_limit: 20 mA, pulse: 50 mV, pulse_time: 50 ms, rate: 20 mV/s}\n"
    )
    run = recorded(rehearse, tmp_path / "run", pulses, "simulated-emstat4-hr", head=WITH_REFERENCE)
    told = summarise(run)
    keys = ("charge_C", "charge_F_per_mol", "charge_net_C", "charge_anodic_C", "charge_cathodic_C")
    assert [told[key] for key in keys] == [None] * 5
    assert told["charge_high_C"] > 0.0
    assert "not known: no reading has a current; at most" in unknown_charge(told)


def test_a_spectrum_that_lacks_points_says_so(rehearse) -> None:
    one = rehearse(f"steps:\n{SPECTRUM}", "simulated-emstat4-hr")
    run = one.host.run

    def losing(segment: Any) -> Any:
        stream, seen = run(segment), 0
        while True:
            try:
                reading = next(stream)
            except StopIteration as end:
                return end.value
            seen += reading.point is not None
            if reading.point is None or seen != 7:
                yield reading

    one.host.run = losing
    result = one.run()
    assert result.outcome is RunState.COMPLETED
    (stop,) = one.journal.of("step_stop")
    assert stop["text"] == "the instrument came to its end with 12 of 13 points"
