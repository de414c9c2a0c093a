"""Noise of a meter: its spectrum, its size after averaging, and that a seed fixes it."""

import math
import random
import statistics

import numpy as np
import pytest

from faradaic.simulators.electronics.converters import convert, level_width, quantise
from faradaic.simulators.electronics.noise import HIGHEST_HZ, LOWEST_HZ, FlickerNoise, mains


def test_flicker_noise_has_a_spectral_density_of_one_over_f():
    rate_Hz, length = 2e4, 2048
    power = np.zeros(length // 2 + 1)
    for seed in range(40):
        noise = FlickerNoise(random.Random(seed).gauss)
        values = np.array([noise.sample(k / rate_Hz, 0.0) for k in range(length)])
        window = np.hanning(length)
        spectrum = np.fft.rfft((values - values.mean()) * window)
        power += 2.0 * np.abs(spectrum) ** 2 / (rate_Hz * np.sum(window**2)) / 40
    frequency = np.fft.rfftfreq(length, 1.0 / rate_Hz)
    # One-sided, away from the lowest bins (window) and the highest rates (1e4 Hz).
    for low_Hz, high_Hz in ((40.0, 120.0), (120.0, 400.0), (400.0, 1200.0)):
        band = (frequency > low_Hz) & (frequency < high_Hz)
        assert np.mean(power[band] * frequency[band]) == pytest.approx(1.0, rel=0.12)


def test_flicker_noise_has_the_variance_of_its_band():
    # ∫ df/f over the band in which it is 1/f.
    first = [FlickerNoise(random.Random(seed).gauss).sample(0.0, 0.0) for seed in range(4000)]
    expected = math.log(HIGHEST_HZ / LOWEST_HZ)
    assert statistics.pvariance(first) == pytest.approx(expected, rel=0.1)


def test_flicker_noise_does_not_depend_on_how_often_it_is_sampled():
    def increments(step: int) -> list[float]:
        found = []
        for seed in range(800):
            noise = FlickerNoise(random.Random(seed).gauss)
            values = [noise.sample(k / step, 0.0) for k in range(step + 1)]
            found.append(values[-1] - values[0])
        return found

    assert statistics.pstdev(increments(1)) == pytest.approx(
        statistics.pstdev(increments(16)), rel=0.1
    )


def test_averaging_helps_little_against_flicker_noise():
    def deviation(aperture_s: float) -> float:
        found = []
        for seed in range(1500):
            noise = FlickerNoise(random.Random(seed).gauss)
            found.append(noise.sample(0.0, aperture_s))
        return statistics.pstdev(found)

    brief, long = deviation(1e-6), deviation(1.0)
    # Six decades of averaging remove about half of nine decades of equal power.
    assert 0.6 < long / brief < 0.9


def test_pickup_from_the_mains_vanishes_over_whole_cycles_and_only_there():
    times_s = [k * 1.7e-3 for k in range(200)]
    assert max(abs(mains(t, 0.02, 50.0)) for t in times_s) < 1e-9
    assert max(abs(mains(t, 0.0, 50.0)) for t in times_s) == pytest.approx(1.0, abs=1e-3)
    # Half a cycle leaves 2/π.
    assert max(abs(mains(t, 0.01, 50.0)) for t in times_s) == pytest.approx(2 / math.pi, abs=1e-3)
    assert max(abs(mains(t, 0.02, 60.0)) for t in times_s) > 0.1


def test_the_error_of_quantisation_has_the_variance_of_a_twelfth_of_a_level_squared():
    width = level_width(1.0, 12)
    assert width == 2.0 / 4096
    rng = random.Random(3)
    errors = [
        quantise(value, 1.0, 12) - value for value in (rng.uniform(-0.9, 0.9) for _ in range(50000))
    ]
    assert statistics.pvariance(errors) == pytest.approx(width**2 / 12, rel=0.02)
    assert abs(statistics.fmean(errors)) < 0.01 * width
    assert max(map(abs, errors)) <= width / 2 * (1 + 1e-9)


def test_a_converter_gives_its_full_scale_and_says_so():
    assert convert(0.3, 1.0, 4) == (0.25, False)
    assert convert(1.2, 1.0, 4) == (1.0, True)
    assert convert(-7.0, 1.0, 4) == (-1.0, True)
