"""A calibration line has an intercept, limits and errors, and nothing below them becomes zero."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.calibration import fit_calibration
from faradaic.diagnostics import InputError

# Miller and Miller, Statistics and Chemometrics for Analytical Chemistry, chapter 5: fluorescence
# of fluorescein standards (pg/mL); their a = 1.52, b = 1.93, s(y/x) = 0.4329, s_b = 0.0409,
# s_a = 0.2949, and for y = 13.5 x = 6.21 with s = 0.24 (one measurement).
CONCENTRATION = [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]
FLUORESCENCE = [2.1, 5.0, 9.0, 12.6, 17.3, 21.0, 24.7]


def test_the_line_is_that_of_the_textbook() -> None:
    line = fit_calibration(CONCENTRATION, FLUORESCENCE, unit="pg/mL")
    assert line.intercept == pytest.approx(1.52, abs=0.005)
    assert line.slope == pytest.approx(1.93, abs=0.005)
    assert line.residual_area == pytest.approx(0.4329, abs=1e-4)
    assert np.sqrt(np.diag(line.covariance)) == pytest.approx([0.2949, 0.0409], abs=1e-4)
    assert line.detection_limit == pytest.approx(3.3 * 0.4329 / 1.9304, rel=1e-4)
    assert line.quantification_limit == pytest.approx(10 * 0.4329 / 1.9304, rel=1e-4)


def test_the_error_of_an_unknown_is_that_of_the_textbook() -> None:
    found = fit_calibration(CONCENTRATION, FLUORESCENCE, unit="pg/mL").amount(13.5)
    assert found.random is not None
    assert found.systematic is not None
    assert found.values[0] == pytest.approx(6.21, abs=0.005)
    assert np.hypot(found.random, found.systematic)[0] == pytest.approx(0.24, abs=0.005)


@pytest.mark.parametrize("weights", ["1", "1/x", "1/x2"])
def test_stated_errors_cover_the_truth_as_often_as_they_promise(weights: str) -> None:
    random = np.random.default_rng(7)
    amounts = np.repeat([1.0, 2.0, 5.0, 10.0, 20.0, 50.0], 4)
    power = {"1": 0.0, "1/x": 0.5, "1/x2": 1.0}[weights]
    pulls = []
    for _ in range(600):
        areas = 3.0 + 7.0 * amounts + 0.5 * amounts**power * random.standard_normal(len(amounts))
        line = fit_calibration(amounts, areas, unit="ppm", weights=weights)  # type: ignore[arg-type]
        found = line.amount(3.0 + 7.0 * 12.0 + 0.5 * 12.0**power * random.standard_normal())
        assert found.random is not None
        assert found.systematic is not None
        pulls.append((found.values[0] - 12.0) / np.hypot(found.random, found.systematic)[0])
    # 22 degrees of freedom: Student's t, whose standard deviation is sqrt(22/20)
    assert np.std(pulls) == pytest.approx(np.sqrt(22 / 20), abs=0.1)
    assert np.mean(pulls) == pytest.approx(0.0, abs=0.15)


def test_what_lies_outside_of_the_standards_is_flagged_and_kept() -> None:
    line = fit_calibration(CONCENTRATION, FLUORESCENCE, unit="pg/mL")
    found = line.amount([-1.0, 2.0, 4.0, 30.0, np.nan], name="CO")
    assert found.values[:4] == pytest.approx((np.array([-1, 2, 4, 30]) - 1.5179) / 1.9304, rel=1e-3)
    assert np.isnan(found.values[4])
    text = "\n".join(found.flags)
    for expected in (
        "CO: negative area: check the integration in 1 of 5",
        "CO: below the detection limit 0.74 pg/mL in 2 of 5",
        "CO: below the quantification limit 2.24 pg/mL in 1 of 5",
        "CO: extrapolated above the highest standard 12 pg/mL in 1 of 5",
        "CO: no peak in 1 of 5",
    ):
        assert expected in text


def test_the_error_of_the_standards_is_common_to_all_results() -> None:
    areas = 2.0 + 5.0 * np.arange(6.0)
    line = fit_calibration(np.arange(6.0), areas, unit="ppm", standards_relative=0.02)
    found = line.amount(2.0 + 5.0 * np.array([1.0, 4.0]))
    assert found.systematic == pytest.approx([0.02, 0.08], rel=1e-6)


@pytest.mark.parametrize(
    ("amounts", "areas", "weights", "message"),
    [
        ([1, 2], [1, 2], "1", "2 standards at 2 amounts"),
        ([1, 1, 1], [1, 2, 3], "1", "3 standards at 1 amounts"),
        ([1, 2, 3], [1, 2], "1", "not a table of numbers"),
        ([1, 2, np.nan], [1, 2, 3], "1", "not a table of numbers"),
        ([0, 1, 2], [0, 1, 2], "1/x", "cannot be used with a lowest standard of 0"),
        ([1, 2, 3], [3, 2, 1], "1", "do not rise"),
    ],
)
def test_what_gives_no_line_is_refused(
    amounts: list[float], areas: list[float], weights: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        fit_calibration(amounts, areas, unit="ppm", weights=weights)  # type: ignore[arg-type]
