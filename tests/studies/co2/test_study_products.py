"""Efficiencies, partial currents and turnover of a study, against golden values and by its flags.

Golden values: 5000 ppm CO in 20 sccm (0 degC) at -50 mA is FE 0.286980, 0.262916 for a meter that
counts at 25 degC; 1000 ppm H2 is 0.057396 (dgpost 2.4 gives the same). A j_CO of 200 mA/cm2 on
0.1 mg/cm2 of the Ag25 salt (5506.06 g/mol) is 57.07 per cluster and second, 2.283 per silver atom.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.results import Result
from faradaic.studies.analysis import analyze_study
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import ProductRows

Writer = Callable[..., Path]
AG25 = {"cluster": "Ag25(SPhMe2)18-", "loading": "0.1 mg/cm^2", "weighed": "salt"}


def result(outcome: StudyOutcome, key: str, of: str = "") -> Result:
    """The one result of that key, of that product."""
    (found,) = (f.result for f in outcome.findings if (f.result.key, f.result.of) == (key, of))
    return found


@pytest.mark.parametrize(("degC", "co"), [(0, 0.286980), (25, 0.262916)])
def test_the_state_of_the_meter_decides_the_efficiency(
    co2_study: Writer, degC: float, co: float
) -> None:
    outcome = analyze_study(co2_study(conditions={"meter": {"temperature": f"{degC} degC"}}))
    assert result(outcome, "faradaic_efficiency", "CO").value == pytest.approx(co, abs=1e-6)
    assert f"{degC} °C" in result(outcome, "faradaic_efficiency", "CO").basis


def test_hydrogen_and_partial_currents_follow(co2_study: Writer) -> None:
    outcome = analyze_study(co2_study())
    assert result(outcome, "faradaic_efficiency", "H2").value == pytest.approx(0.057396, abs=1e-6)
    density = result(outcome, "partial_current_density", "CO")
    assert density.value == pytest.approx(-500 * 0.286980, rel=1e-5)
    assert "geometric" in density.basis


@pytest.mark.parametrize(("per", "expected"), [("cluster", 57.07), ("metal atom", 2.283)])
def test_turnover_names_what_it_counts(co2_study: Writer, per: str, expected: float) -> None:
    # -200 mA of pure CO: x such that FE is 1
    x_ppm = 5000 / 0.28698003 * 4
    outcome = analyze_study(
        co2_study(
            [(-0.7, -200.0, 20.0, x_ppm, 0.0)],
            sample={"catalyst": AG25 | {"per": per}},
        )
    )
    turnover = result(outcome, "turnover_frequency", "CO")
    assert turnover.name == f"TOF_app of CO per {per}"
    assert turnover.value == pytest.approx(expected, rel=2e-4)
    assert any("apparent" in flag for flag in turnover.flags)


def test_electrodes_are_averaged_and_their_scatter_is_the_error(
    co2_study: Writer, tmp_path: Path
) -> None:
    head = "potential (V),current (mA),outlet flow (sccm),CO (ppm),H2 (ppm)\n"
    for number, ppm in enumerate((4500, 5000, 5500), 1):
        row = f"{-0.5 - 2e-4 * number},-50,20,{ppm},1000\n"  # as a potentiostat holds them
        (tmp_path / f"{number}.csv").write_text(head + row)
    path = co2_study(sample={"electrolyses": ["1.csv", "2.csv", "3.csv"]})
    efficiency = result(analyze_study(path), "faradaic_efficiency", "CO")
    expected = 0.286980 * np.array([0.9, 1.0, 1.1])
    assert efficiency.value == pytest.approx(expected.mean(), abs=1e-6)
    assert efficiency.random == pytest.approx(expected.std(ddof=1) / 3**0.5, rel=1e-5)


def test_electrodes_of_different_areas_are_not_averaged(co2_study: Writer) -> None:
    other = {"file": "injections.csv", "conditions": {"area": "2 cm^2"}}
    with pytest.raises(InputError, match="differ in `area`"):
        analyze_study(co2_study(sample={"electrolyses": ["injections.csv", other]}))


def test_the_nearest_condition_counts(co2_study: Writer) -> None:
    path = co2_study(sample={"conditions": {"area": "2 cm^2"}})
    outcome = analyze_study(path)
    density = result(outcome, "partial_current_density", "CO")
    assert density.value == pytest.approx(-250 * 0.286980, rel=1e-5)
    assert outcome.conditions["Ag"]["area"] == "2.00 cm²"


def test_potentials_are_brought_to_the_scale_and_freed_of_the_drop(co2_study: Writer) -> None:
    conditions = {
        "reference": "Hg/HgO (1 M KOH)",
        "resistance": "2 Ohm",
        "compensated": "50 %",
    }
    outcome = analyze_study(co2_study(conditions=conditions))
    (products,) = outcome.of(ProductRows)
    applied = products.rows.applied_V[0]
    # 0.1034 V (Kawashima 2023) and 59.159 mV per pH
    assert applied == pytest.approx(-0.5 + 0.1034 + 14 * 0.0591593, abs=1e-5)
    corrected = products.rows.potential_V[0]
    assert corrected == pytest.approx(applied + 0.5 * 2 * 0.05, abs=1e-9)


def test_peak_areas_go_through_their_calibration(co2_study: Writer, tmp_path: Path) -> None:
    (tmp_path / "CO.csv").write_text(
        "mole fraction (ppm),area\n1000,210\n3000,610\n5000,1010\n10000,2010\n"
    )
    path = co2_study(
        [(-0.5, -50.0, 20.0, 1010.0)],
        products={"CO": {"calibration": "CO.csv", "column": "CO area"}},
        header=("potential (V)", "current (mA)", "outlet flow (sccm)", "CO area"),
    )
    outcome = analyze_study(path)
    # area = 10 + 0.2 ppm: 1010 is 5000 ppm
    assert result(outcome, "faradaic_efficiency", "CO").value == pytest.approx(0.286980, abs=1e-6)
    assert [entry.role for entry in outcome.inputs] == [
        "Ag: electrolyses 1",
        "Ag: calibration of CO",
    ]


CASES: list[tuple[dict[str, Any], tuple[float, ...], str, str]] = [
    ({}, (-0.5, -50.0, 20.0, 20000.0, 0.0), ("faradaic_efficiency", "CO"), "exceeds 100 %"),
    ({}, (-0.5, -50.0, 20.0, -500.0, 1000.0), ("faradaic_efficiency", "CO"), "below −1 %"),
    (
        {},
        (-0.5, -50.0, 20.0, -5.0, 1000.0),
        ("faradaic_efficiency", "CO"),
        "CO: negative in 1 of 1",
    ),
    (
        {"positive_current": "cathodic"},
        (-0.5, -50.0, 20.0, 5000.0, 1000.0),
        ("faradaic_efficiency", "CO"),
        "the current is anodic at 1 of 1 injections, but CO is made by reduction",
    ),
    ({}, (-0.5, -50.0, 20.0, 5000.0, 1000.0), ("total_faradaic_efficiency", ""), "below 85 %"),
    (
        {"flow": "inlet"},
        (-0.5, -50.0, 20.0, 5000.0, 1.0),
        ("faradaic_efficiency", "CO"),
        "inlet flow",
    ),
]


@pytest.mark.parametrize(("conditions", "row", "key", "flag"), CASES)
def test_odd_results_are_flagged_and_not_clipped(
    co2_study: Writer,
    conditions: dict[str, Any],
    row: tuple[float, ...],
    key: tuple[str, str],
    flag: str,
) -> None:
    outcome = analyze_study(co2_study([row], conditions=conditions))
    found = result(outcome, *key)
    assert any(flag in text for text in found.flags), found.flags
    if found.name.endswith("of CO"):
        assert found.value == pytest.approx(row[3] / 5000 * 0.286980, rel=1e-5)


@pytest.mark.parametrize(("resistance", "flagged"), [("2 Ohm", False), ("500 Ohm", True)])
def test_an_ohmic_drop_beyond_the_sweep_is_flagged(
    co2_study: Writer, tmp_path: Path, resistance: str, flagged: bool
) -> None:
    rows = (f"{-0.01 * i},{-0.5 * i}" for i in range(60))
    (tmp_path / "sweep.csv").write_text("potential (V),current (mA)\n" + "\n".join(rows))
    sweeps = {"electrolyses": [], "sweeps": [{"file": "sweep.csv", "gas": "CO2"}]}
    given = {"resistance": resistance, "compensated": "0 %"}
    drop = result(
        analyze_study(co2_study(sample=sweeps, conditions=given)), "largest_ohmic_drop_taken_off"
    )
    assert drop.value == pytest.approx(-0.0295 * float(resistance.split()[0]))
    assert any("over half of the potentials" in flag for flag in drop.flags) is flagged


def test_the_carbon_of_the_feed_is_balanced_where_the_inlet_is_known(co2_study: Writer) -> None:
    # 30 sccm in; out 20 sccm with 30 % CO and 35 % CO2: 6/30 converted, 13/30 found, the rest
    # carbonate that nobody measured
    header = (
        "potential (V)", "current (mA)", "outlet flow (sccm)", "CO (%)", "H2 (%)",
        "inlet flow (sccm)", "CO2 (%)",
    )  # fmt: skip
    rows = [(-0.5, -1000.0, 20.0, 30.0, 1.0, 30.0, 35.0)]
    outcome = analyze_study(co2_study(rows, header=header))
    assert result(outcome, "single_pass_conversion").value == pytest.approx(6 / 30, rel=1e-12)
    balance = result(outcome, "carbon_balance")
    assert balance.value == pytest.approx(13 / 30, rel=1e-12)
    assert "carbonate not measured: what it binds counts as missing" in balance.flags
    assert any("56.7 % of the carbon missing" in flag for flag in balance.flags)
    without = analyze_study(co2_study([row[:-1] for row in rows], header=header[:-1]))
    assert not [f for f in without.findings if f.result.key == "carbon_balance"]
    assert result(without, "single_pass_conversion").value == pytest.approx(6 / 30, rel=1e-12)


def test_the_carbon_of_different_injections_is_not_put_together(co2_study: Writer) -> None:
    # the second injection has no CO peak, the third no inlet flow: alone the first tells all of it
    header = (
        "potential (V)", "current (mA)", "outlet flow (sccm)", "CO (%)", "inlet flow (sccm)",
        "CO2 (%)",
    )  # fmt: skip
    rows = [
        (-0.5, -1000.0, 20.0, 30.0, 30.0, 35.0),
        (-0.5, -1000.0, 20.0, None, 60.0, 90.0),
        (-0.5, -1000.0, 20.0, 60.0, None, 10.0),
    ]
    outcome = analyze_study(co2_study(rows, header=header, products={"CO": {}}))
    conversion = result(outcome, "single_pass_conversion")
    assert conversion.value == pytest.approx(6 / 30, rel=1e-12)
    assert any("of the 1 of 3 injections" in flag for flag in conversion.flags)
    assert result(outcome, "carbon_balance").value == pytest.approx(13 / 30, rel=1e-12)
    none = analyze_study(co2_study(rows[1:], header=header, products={"CO": {}}))
    assert result(none, "single_pass_conversion").value is None


def test_a_stated_detection_limit_scatters_every_value(co2_study: Writer) -> None:
    # 10 ppm at three standard deviations (Currie, Anal. Chem. 40 (1968) 586, recalled): 3.33 ppm on
    # 20 ppm are 16.7 %, whatever the repeatability of a large peak is
    header = ("potential (V)", "current (mA)", "outlet flow (sccm)", "CO (ppm)")
    how = {"CO": {"repeatability": "1 %", "detection_limit": "10 ppm"}}
    (row,) = rows = [(-0.5, -1.0, 20.0, 20.0)]
    found = result(
        analyze_study(co2_study(rows, header=header, products=how)), "faradaic_efficiency", "CO"
    )
    assert found.value is not None
    assert found.random is not None
    assert found.random / found.value == pytest.approx(np.hypot(1 / 6, 0.01), rel=1e-9)
    rows = [row, (*row[:-1], 9.0), (*row[:-1], None)]
    found = result(
        analyze_study(co2_study(rows, header=header, products=how)), "faradaic_efficiency", "CO"
    )
    assert any("below the detection limit 10 ppm in 1 of 3" in flag for flag in found.flags)
    assert any("a mean of the others is too high" in flag for flag in found.flags)
    with pytest.raises(InputError, match="no detection limit"):
        analyze_study(co2_study(rows, header=header, products={"CO": {"detection_limit": "10 mM"}}))


def test_a_negative_peak_area_is_told(co2_study: Writer, tmp_path: Path) -> None:
    (tmp_path / "CO.csv").write_text("mole fraction (ppm),area\n1000,210\n3000,612\n5000,1010\n")
    outcome = analyze_study(
        co2_study(
            [(-0.5, -50.0, 20.0, -40.0)],
            products={"CO": {"calibration": "CO.csv", "column": "CO area"}},
            header=("potential (V)", "current (mA)", "outlet flow (sccm)", "CO area"),
        )
    )
    found = result(outcome, "faradaic_efficiency", "CO")
    assert found.value is not None
    assert found.value < 0
    assert any("negative area" in flag for flag in found.flags)
