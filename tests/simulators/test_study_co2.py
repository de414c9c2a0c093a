"""The rehearsed CO2 study: what the paper reports of the two clusters holds, and files can be read.

The order of the clusters is that of Ye et al., Chem. Commun. 2025, 61, 2790, Fig. 4.
"""

import csv
import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.simulators.rehearsed_co2_study import RehearsedStudy, rehearse_co2_study


@pytest.fixture(scope="module")
def silver() -> RehearsedStudy:
    return rehearse_co2_study("ag25", seed=1)


@pytest.fixture(scope="module")
def gold() -> RehearsedStudy:
    return rehearse_co2_study("au25", seed=1)


def test_gold_stands_above_silver_at_every_potential(
    silver: RehearsedStudy, gold: RehearsedStudy
) -> None:
    for of in (
        lambda study: [hold.fe_co for hold in study.holds],
        lambda study: [-j for j in study.partial_current_density_A_per_m2()],
        lambda study: study.turnover_frequency_per_s(),
    ):
        assert all(au > ag > 0 for ag, au in zip(of(silver), of(gold), strict=True))


def test_sweeps_carry_more_current_in_co2(silver: RehearsedStudy, gold: RehearsedStudy) -> None:
    for study in (silver, gold):
        nitrogen, carbon_dioxide = study.sweeps
        assert (nitrogen.gas, carbon_dioxide.gas) == ("N2", "CO2")
        reducing = nitrogen.potential_V_vs_RHE < -0.2
        assert (carbon_dioxide.current_A[reducing] < nitrogen.current_A[reducing]).all()
        assert np.abs(nitrogen.current_A[nitrogen.potential_V_vs_RHE > 0.1]).max() < 1e-4


def test_gold_keeps_current_and_efficiency_for_16_hours_better(
    silver: RehearsedStudy, gold: RehearsedStudy
) -> None:
    kept = {}
    for name, study in (("ag", silver), ("au", gold)):
        run = study.long_run
        assert run.trace.time_s[-1] == 57600.0
        assert len(run.record.time_s) == 47  # every 20 min, the first after 20 min
        early, late = slice(0, 5), slice(-5, None)
        kept[name] = [np.mean(x[late]) / np.mean(x[early]) for x in (run.current_A, run.fe_co)]
    assert kept["au"][0] > 0.8 > kept["ag"][0]
    assert kept["au"][1] > 0.95 > kept["ag"][1]


def test_measured_efficiencies_are_near_the_truth_and_not_equal_to_it(
    silver: RehearsedStudy,
) -> None:
    errors = [hold.fe_co / hold.fe_co_true - 1 for hold in silver.holds]
    assert max(map(abs, errors)) < 0.1  # 2 % of calibration, 1 % of scatter, 1 % of flow: 3 sigma
    assert min(map(abs, errors)) > 0


def test_a_turnover_frequency_counts_every_cluster(silver: RehearsedStudy) -> None:
    # 1 mg/cm² of the salt, 5506.06 g/mol, on 1 cm²; 200 mA/cm² on 0.1 mg/cm² are 57.07 per second
    assert silver.sites_mol == pytest.approx(1e-3 / 5506.06)
    for tof, j in zip(
        silver.turnover_frequency_per_s(), silver.partial_current_density_A_per_m2(), strict=True
    ):
        assert tof == pytest.approx(57.07 * (-j / 2000) / 10, rel=1e-4)


def test_the_same_seed_gives_the_same_study(silver: RehearsedStudy) -> None:
    again = rehearse_co2_study("ag25", seed=1, long_s=3600.0)
    other = rehearse_co2_study("ag25", seed=2, long_s=3600.0)
    efficiencies = [[hold.fe_co for hold in s.holds] for s in (silver, again, other)]
    assert efficiencies[0] == efficiencies[1]
    assert all(a != b for a, b in zip(efficiencies[0], efficiencies[2], strict=True))


def test_files_say_simulated_and_hold_what_the_study_holds(
    silver: RehearsedStudy, tmp_path: Path
) -> None:
    files = silver.write(tmp_path / "study")
    assert [f.name for f in files] == [
        "sweep-N2.csv",
        "sweep-CO2.csv",
        "holds.csv",
        "long-run.csv",
        "long-run-gas.csv",
    ]
    for file in files:
        head = file.read_text("utf-8").splitlines()[0]
        assert head.startswith("# SIMULATED")
        assert "ILLUSTRATIVE" in head
    with (tmp_path / "study" / "holds.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(itertools.islice(lines, 1, None)))
    assert [float(row["FE_CO"]) for row in rows] == pytest.approx(
        [hold.fe_co for hold in silver.holds], rel=1e-8
    )
    with (tmp_path / "study" / "long-run.csv").open(encoding="utf-8") as lines:
        assert sum(1 for _ in lines) == 57600 + 2


def test_a_missing_value_is_an_empty_field(tmp_path: Path) -> None:
    quiet = rehearse_co2_study("ag-weng", holds_V_vs_RHE=(0.1, -0.4), long_s=1500.0)
    assert math.isnan(quiet.holds[0].fe_co)
    assert math.isnan(quiet.sites_mol)
    rows = (quiet.write(tmp_path)[2]).read_text("utf-8").splitlines()
    assert rows[2].split(",")[2] == ""
    assert float(rows[3].split(",")[2]) > 0


def test_a_study_against_rhe_needs_a_reference_electrode() -> None:
    with pytest.raises(InputError, match="reference electrode"):
        rehearse_co2_study("ag25", cell={"reference": None})
