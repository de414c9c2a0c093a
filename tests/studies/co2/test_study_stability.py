"""Hours at one potential: decay, gaps and turnover number come out as they were put in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.results import Result
from faradaic.studies.analysis import analyze_study
from faradaic.studies.co2.stability import charge_with_gaps
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import HeldCurrentRows, HeldEfficiencyRows
from faradaic.timeseries import TimeSeries

Writer = Callable[..., Path]
HOURS = 8.0


def long_run(
    folder: Path,
    co2_study: Writer,
    gap_h: tuple[float, float] = (99, 99),
    *,
    hours: float = HOURS,
    fading_s: float = np.inf,
    **conditions: Any,
) -> Path:
    """A current that decays from -50 mA with 20 h, sampled each 30 s; 5000 ppm at its start.

    The efficiency fades with a time constant of its own.
    """
    time_s = np.arange(0.0, 3600 * hours + 1, 30.0)
    time_s = time_s[(time_s < 3600 * gap_h[0]) | (time_s > 3600 * gap_h[1])]
    lines = [f"{t:g},{-50 * np.exp(-t / 72000):.9g}" for t in time_s]
    (folder / "trace.csv").write_text("\n".join(["time (s),current (mA)", *lines]) + "\n")
    at_s = np.arange(600.0, 3600 * hours, 1200.0)
    made_s = at_s - 90 - 30  # 90 s before, over a minute
    made = 5000 * np.exp(-made_s / 72000 - made_s / fading_s)
    lines = [f"{t:g},20,{x:.9g},1000" for t, x in zip(at_s, made, strict=True)]
    head = "time (s),outlet flow (sccm),CO (ppm),H2 (ppm)"
    (folder / "gas.csv").write_text("\n".join([head, *lines]) + "\n")
    # 30 mL at 20 sccm, 25 degC: 82.5 s; 90 s are 32.74 mL
    stability = {"file": "trace.csv", "gas": "gas.csv", "dead_volume": "32.7458 mL"}
    catalyst = {"cluster": "Ag25(SPhMe2)18-", "loading": "1 mg/cm^2", "weighed": "salt"}
    sample = {"stability": stability, "catalyst": catalyst | conditions.pop("catalyst", {})}
    return co2_study(sample=sample, conditions=conditions)


def of_stability(outcome: StudyOutcome, key: str, of: str = "") -> Result:
    (found,) = (
        f.result
        for f in outcome.findings
        if (f.topic, f.result.key, f.result.of) == ("stability", key, of)
    )
    return found


def test_a_decay_is_recovered(tmp_path: Path, co2_study: Writer) -> None:
    outcome = analyze_study(long_run(tmp_path, co2_study))
    charge = of_stability(outcome, "charge_gross")
    assert charge.value == pytest.approx(0.05 * 72000 * (1 - np.exp(-HOURS / 20)), rel=1e-6)
    assert not charge.flags
    kept = of_stability(outcome, "retention", "current")
    assert kept.value == pytest.approx(np.exp(-(HOURS - 1) / 20), rel=1e-3)
    t80 = of_stability(outcome, "t80", "current")
    assert t80.value is not None
    # from the mean of the first hour, which is the current after half an hour
    assert t80.value / 3600 == pytest.approx(0.5 - 20 * np.log(0.8), rel=1e-3)


@pytest.mark.parametrize("drift_V_per_h", [0.0, -2.5e-3])
def test_a_potential_that_was_not_held_has_a_drift(
    tmp_path: Path, co2_study: Writer, drift_V_per_h: float
) -> None:
    time_s = np.arange(0.0, 3600 * HOURS + 1, 30.0)
    noise_V = 5e-4 * np.random.default_rng(3).standard_normal(time_s.size)
    potential_V = -0.8 + drift_V_per_h * time_s / 3600 + noise_V
    lines = [f"{t:g},-50,{E:.9g}" for t, E in zip(time_s, potential_V, strict=True)]
    head = "time (s),current (mA),potential (V)"
    (tmp_path / "trace.csv").write_text("\n".join([head, *lines]) + "\n")
    outcome = analyze_study(co2_study(sample={"stability": {"file": "trace.csv"}}))
    keys = [f.result.key for f in outcome.findings if f.result.of == "potential"]
    (trace,) = outcome.of(HeldCurrentRows)
    if not drift_V_per_h:
        assert "drift" not in keys
        assert trace.detail == "−0.80 V vs RHE applied"
        return
    drift = of_stability(outcome, "drift", "potential")
    assert drift.value == pytest.approx(drift_V_per_h, rel=0.02)
    assert "retention" not in keys
    assert trace.rows.potential_V is not None
    assert trace.rows.potential_V[-1] == pytest.approx(-0.82, abs=2e-3)


def test_an_efficiency_belongs_to_the_current_that_made_the_gas(
    tmp_path: Path, co2_study: Writer
) -> None:
    """Current and gas decay together: only with the right dead time is the efficiency constant."""
    outcome = analyze_study(long_run(tmp_path, co2_study))
    (gas,) = outcome.of(HeldEfficiencyRows)
    assert gas.rows.efficiency["CO"].values == pytest.approx(0.286980, abs=1e-5)
    number = of_stability(outcome, "turnover_number", "CO")
    # the charge of the whole run, to its ends, over 1 mg of 5506.06 g/mol
    charge_C = 0.05 * 72000 * (1 - np.exp(-HOURS / 20))
    expected = 0.286980 * charge_C / (2 * 96485.33212 * 1e-3 / 5506.06)
    assert number.value == pytest.approx(expected, rel=1e-4)
    assert any(flag.startswith("assumed: the first efficiency") for flag in number.flags)


def test_means_and_turnovers_of_a_decay_are_those_of_the_charge(
    tmp_path: Path, co2_study: Writer
) -> None:
    """16 h of I = I0 exp(-t/T) with FE = a exp(-t/S), in closed form, with U = 1/(1/T + 1/S).

    By charge FE = a U (1 - exp(-t/U))/(T (1 - exp(-t/T))). Between the first and the last window
    a turnover number is 2 % low, and the plain mean of FE 3 %.
    """
    fading_s, end_s = 200000.0, 57600.0
    path = long_run(
        tmp_path, co2_study, hours=16, fading_s=fading_s,
        flow_uncertainty="3 %", catalyst={"loading_uncertainty": "4 %"},
    )  # fmt: skip
    outcome = analyze_study(path)
    U_s = 1 / (1 / 72000 + 1 / fading_s)
    charge_C = 0.05 * 72000 * (1 - np.exp(-end_s / 72000))
    product_C = 0.286980 * 0.05 * U_s * (1 - np.exp(-end_s / U_s))
    mean = of_stability(outcome, "faradaic_efficiency", "CO")
    assert mean.value == pytest.approx(product_C / charge_C, rel=3e-4)
    number = of_stability(outcome, "turnover_number", "CO")
    sites_mol = 1e-3 / 5506.06
    assert number.value == pytest.approx(product_C / (2 * 96485.33212 * sites_mol), rel=3e-4)
    assert number.systematic == pytest.approx(0.05 * (number.value or 0), rel=0.01)


def test_charge_across_a_gap_is_bounded_and_flagged(tmp_path: Path, co2_study: Writer) -> None:
    whole = of_stability(analyze_study(long_run(tmp_path, co2_study)), "charge_gross").value
    outcome = analyze_study(long_run(tmp_path, co2_study, gap_h=(3, 4)))
    charge = of_stability(outcome, "charge_gross")
    assert any("1 gap of 36" in flag for flag in charge.flags)
    assert charge.bounds is not None
    low, high = charge.bounds
    assert charge.value == low
    assert whole is not None
    assert low is not None
    assert high is not None
    assert low < whole < high
    assert "interruption" in of_stability(outcome, "operating_time").flags[0]
    (trace,) = outcome.of(HeldCurrentRows)
    (empty,) = np.flatnonzero(np.isnan(trace.rows.density_A_per_m2))
    assert trace.rows.time_s[empty] / 3600 == pytest.approx(3.5, abs=0.02)


def test_a_record_without_a_current_has_no_charge() -> None:
    result = charge_with_gaps(TimeSeries(np.arange(3.0), np.full(3, np.nan)))
    assert result.value is None
    assert result.reason


def test_a_window_that_does_not_fit_says_what_to_change(tmp_path: Path, co2_study: Writer) -> None:
    path = long_run(tmp_path, co2_study)
    path.write_text(path.read_text().replace("file: trace.csv", "file: trace.csv\n    window: 6 h"))
    with pytest.raises(InputError) as caught:
        analyze_study(path)
    (told,) = caught.value.diagnostics
    assert "`window: 1 h`" in told.help
    assert told.message.startswith("Ag: a window of 21600 s")


def test_the_dead_volume_is_asked_for(tmp_path: Path, co2_study: Writer) -> None:
    path = long_run(tmp_path, co2_study)
    path.write_text(path.read_text().replace("    dead_volume: 32.7458 mL\n", ""))
    with pytest.raises(InputError) as caught:
        analyze_study(path)
    assert "`dead_volume: 30 mL` under `stability:`" in caught.value.diagnostics[0].help
