"""Absorption bands: known ones are found within their errors, and noise is not a band."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from faradaic.analysis.optical import absorption_bands, band_results
from faradaic.diagnostics import InputError

NM = np.arange(320.0, 901.0)


def gaussian(centre: float, sigma: float, height: float) -> NDArray[np.float64]:
    return height * np.exp(-0.5 * ((NM - centre) / sigma) ** 2)


def noise(seed: int, sigma: float = 3e-4) -> NDArray[np.float64]:
    return sigma * np.random.default_rng(seed).standard_normal(len(NM))


def test_a_single_band_is_found_to_a_tenth_of_a_nanometre() -> None:
    (band,) = absorption_bands(1e-9 * NM, gaussian(520.3, 25.0, 0.8)).bands
    assert band.wavelength_m == pytest.approx(520.3e-9, abs=0.1e-9)
    assert band.height == pytest.approx(0.8, rel=1e-2)
    assert band.width_m == pytest.approx(2.3548 * 25e-9, rel=2e-2)
    assert not band.shoulder
    # hc/λ: 1239.84 eV nm
    assert band.energy_J / 1.602176634e-19 == pytest.approx(1239.841984 / 520.3, rel=2e-4)


@pytest.mark.parametrize("places", [(390.0, 490.0, 675.0), (400.0, 450.0, 670.0)])
def test_shoulders_on_a_slope_are_found_within_their_errors(places: tuple[float, ...]) -> None:
    """The bands of Ag25 and Au25 that Ye et al. report (Chem. Commun. 2025, 61, 2790)."""
    slope = 1.1 * np.exp(-(NM - 320.0) / 90.0)
    bands = sum(map(gaussian, places, (22.0, 24.0, 45.0), (0.16, 0.12, 0.10)))
    for seed in range(4):
        found = absorption_bands(1e-9 * NM, slope + bands + noise(seed)).bands
        assert len(found) == 3
        for band, place in zip(found, places, strict=True):
            assert abs(1e9 * band.wavelength_m - place) < 3.0 * 1e9 * band.uncertainty_m
        assert found[0].shoulder


EV_NM = 1239.841984


def in_energy(centre: float, height: float, sigma_eV: float) -> NDArray[np.float64]:
    return height * np.exp(-0.5 * ((EV_NM / NM - EV_NM / centre) / sigma_eV) ** 2)


@pytest.mark.parametrize("width", [40.0, 52.0, 59.0])
@pytest.mark.parametrize("shape", ["wavelength", "energy"])
def test_two_bands_that_overlap_are_told_apart(width: float, shape: str) -> None:
    sigma = width / 2.3548
    if shape == "energy":
        per_nm = EV_NM / 450.0**2
        y = in_energy(400.0, 0.35, sigma * per_nm) + in_energy(450.0, 0.28, sigma * per_nm)
        y = y + in_energy(670.0, 0.30, 0.1) + 0.05 + 0.9 / (1 + np.exp(-(EV_NM / NM - 3.9) / 0.28))
    else:
        y = gaussian(400.0, sigma, 0.35) + gaussian(450.0, sigma, 0.28) + gaussian(670.0, 45.0, 0.3)
        y = y + 1.1 * np.exp(-(NM - 320.0) / 90.0)
    for seed in range(1):
        found = absorption_bands(1e-9 * NM, y + noise(seed, 1e-3)).bands
        near = [min(found, key=lambda band: abs(1e9 * band.wavelength_m - place))
                for place in (400.0, 450.0, 670.0)]  # fmt: skip
        for band, place in zip(near, (400.0, 450.0, 670.0), strict=True):
            assert abs(1e9 * band.wavelength_m - place) < 3.0
            assert abs(1e9 * band.wavelength_m - place) < 3.0 * 1e9 * band.uncertainty_m


def test_a_shoulder_is_flagged_in_the_result() -> None:
    spectrum = absorption_bands(
        1e-9 * NM, 1.1 * np.exp(-(NM - 320.0) / 90.0) + gaussian(400.0, 20.0, 0.1)
    )
    (result,) = band_results(spectrum)
    assert result.unit == "m"
    assert "shoulder" in result.flags[0]


def test_noise_and_a_bare_slope_have_no_bands() -> None:
    slope = 1.1 * np.exp(-(NM - 320.0) / 90.0)
    for seed in range(20):
        assert absorption_bands(1e-9 * NM, slope + noise(seed)).bands == ()


def test_the_order_of_the_scan_does_not_matter() -> None:
    y = gaussian(520.3, 25.0, 0.8) + noise(1)
    up, down = absorption_bands(1e-9 * NM, y), absorption_bands(1e-9 * NM[::-1], y[::-1])
    assert up.bands == down.bands


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (NM, NM * 0, "no UV-vis spectrum"),
        (1e-9 * NM[:10], NM[:10], "no spectrum"),
        (1e-9 * NM, np.where(NM == 400, np.nan, 1.0), "missing"),
        (1e-9 * np.append(NM, 400.0), np.append(NM, 0.0), "twice"),
        (1e-9 * NM[::30], NM[::30], "smoothing"),
    ],
)
def test_what_is_no_spectrum_is_refused(
    x: NDArray[np.float64], y: NDArray[np.float64], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        absorption_bands(x, y)
