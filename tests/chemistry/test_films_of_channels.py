"""The film in a flat channel: Graetz' eigenvalue far downstream, Lévêque's law at the entrance."""

from __future__ import annotations

import pytest

from faradaic.chemistry.flow_reactors import channel_film_m

DIFFUSIVITY, HEIGHT_M, WIDTH_M = 1e-9, 0.5e-3, 10e-3


def test_far_downstream_the_film_is_that_of_the_first_eigenvalue() -> None:
    thin, typical, thick = channel_film_m(DIFFUSIVITY, HEIGHT_M)
    assert typical == pytest.approx(2 * HEIGHT_M / 4.86)
    assert (thin, thick) == pytest.approx((0.8 * typical, 1.2 * typical))


def test_a_fast_stream_has_the_film_of_the_entrance() -> None:
    length_m, rate_m3_per_s = 1e-3, 1e-5
    speed_m_per_s = rate_m3_per_s / (WIDTH_M * HEIGHT_M)
    # Lévêque 1928: Sh = 1.85 (Re Sc d/L)^(1/3), Re Sc d/L = v d²/(D L), d = 2 h
    graetz = speed_m_per_s * (2 * HEIGHT_M) ** 2 / (DIFFUSIVITY * length_m)
    _, typical, _ = channel_film_m(DIFFUSIVITY, HEIGHT_M, (WIDTH_M, length_m, rate_m3_per_s))
    assert typical == pytest.approx(2 * HEIGHT_M / (1.85 * graetz ** (1 / 3)), rel=1e-3)
