"""Diffusion as a sum of exponentials: how a surface answers to a flux.

A flux J(t) (mol/m²/s) into the solution raises the concentration at the surface by the convolution
of J with a kernel G(t) (s/m per s), which depends on the geometry and on first-order decay with
k: G = G_diffusion exp(-k t). Here every kernel becomes Σ w exp(-λ t) plus a term `instant` J(t)
for all modes too fast for the shortest time step, which answer at once.

- planar: G = 1/√(πDt) = (1/π√D) ∫ exp(u/2) exp(-e^u t) du, by the trapezoidal rule in u, which
  converges exponentially in the spacing (Beylkin and Monzón, Appl. Comput. Harmon. Anal. 28
  (2010) 131);
- sphere of radius r: the Laplace image 1/(√D (√s + √D/r)) has the spectral density
  (1/π√D) √λ/(λ + D/r²); the same rule;
- disc of radius r in an insulator: 1/(√D (√s + √D/r h(r √(s/D)))), where h = 1 + (4/π - 1)/(1 +
  βy + γy²) leads from the edge at short times (as a sphere of the disc's own radius) to the steady
  current 4nFDcr; β makes the approach to it right, 1 + 0.71835/√τ with τ = 4Dt/r² (Aoki and
  Osteryoung, J. Electroanal. Chem. 122 (1981) 19), and γ the rest, within 0.5 % of the formula of
  Shoup and Szabo (J. Electroanal. Chem. 140 (1982) 237), both recalled;
- film with the bulk concentration at distance d: poles λ = D((n+½)π/d)², weights 2/d;
- closed thin layer: poles D(nπ/d)², weights 2/d, and a pole at zero with 1/d.

The poles of the last two are taken one by one at first, then octave by octave with the nodes of a
Gauss-Legendre rule in n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

TOLERANCE = 1e-5
"""Relative error of a kernel between the shortest and the longest time."""
_SINGLE_POLES = 32
_OCTAVE_NODES = 5
_STEADY = 4.0 / math.pi - 1.0
_APPROACH = (1.0 - 0.71835 * 2.0 / math.sqrt(math.pi)) / _STEADY
_BETWEEN = 0.1
"""Of a disc: 4/π - 1, β and γ."""
_LUMPED = 1e-3
"""Modes with λ T below this do not decay during the experiment: one mode with λ = 0 has them."""


@dataclass(frozen=True, slots=True)
class Planar:
    """A plane electrode with unlimited solution before it."""


@dataclass(frozen=True, slots=True)
class Sphere:
    """A sphere, or with twice the area a hemisphere on an insulator, in unlimited solution."""

    radius_m: float


@dataclass(frozen=True, slots=True)
class NernstFilm:
    """A stagnant layer with the bulk concentration at its outer side."""

    thickness_m: float


@dataclass(frozen=True, slots=True)
class ThinLayer:
    """Solution between the electrode and a wall."""

    thickness_m: float


@dataclass(frozen=True, slots=True)
class Disc:
    """A disc in an insulating plane; the concentration is taken as even over it."""

    radius_m: float


Geometry: TypeAlias = Planar | Sphere | Disc | NernstFilm | ThinLayer


@dataclass(frozen=True, slots=True)
class Modes:
    """A kernel: Σ weight exp(-rate t), and what answers at once."""

    rate_per_s: Floats
    weight_per_m: Floats
    instant_s_per_m: float


def kernel_modes(
    geometry: Geometry,
    diffusion_m2_per_s: float,
    decay_per_s: float,
    shortest_s: float,
    longest_s: float,
) -> Modes:
    """The modes of a geometry, good for time steps from `shortest_s` up to a total `longest_s`."""
    fastest_per_s = (math.log(1.0 / TOLERANCE) + 1.0) / shortest_s
    if isinstance(geometry, NernstFilm):
        return _series(geometry.thickness_m, 0.5, diffusion_m2_per_s, decay_per_s, fastest_per_s)
    if isinstance(geometry, ThinLayer):
        return _series(geometry.thickness_m, 0.0, diffusion_m2_per_s, decay_per_s, fastest_per_s)
    return _unbounded(
        geometry, diffusion_m2_per_s, decay_per_s, math.log(fastest_per_s) + 1.0, longest_s
    )


def _away(
    geometry: Planar | Sphere | Disc, root: Floats, diffusion_m2_per_s: float
) -> npt.NDArray[np.complex128]:
    """√D times what beside √s carries molecules away, at √s = i `root`: complex, in √(1/s)."""
    if isinstance(geometry, Planar):
        return np.zeros(root.shape, np.complex128)
    along = math.sqrt(diffusion_m2_per_s) / geometry.radius_m
    if isinstance(geometry, Sphere):
        return np.full(root.shape, along, np.complex128)
    y = 1j * root / along
    approach = 1.0 + _APPROACH * y + _BETWEEN * y * y
    return np.asarray(along * (1.0 + _STEADY / approach), np.complex128)


def _unbounded(
    geometry: Planar | Sphere | Disc,
    diffusion_m2_per_s: float,
    decay: float,
    top: float,
    longest_s: float,
) -> Modes:
    spacing = math.pi**2 / (math.log(1.0 / TOLERANCE) + 1.0)
    bottom = math.log(_LUMPED / longest_s)
    count = math.ceil((top - bottom) / spacing)
    # 60 more at either end for the sums that stand for the slow and the fast tail
    tail = math.ceil(60.0 / spacing)
    u = top - spacing * np.arange(-tail, count + tail, dtype=np.float64)
    rate = np.exp(u)
    root = np.sqrt(rate)
    image = 1j * root + _away(geometry, root, diffusion_m2_per_s)
    weight = spacing / (math.pi * math.sqrt(diffusion_m2_per_s)) * rate
    weight *= image.imag / np.abs(image) ** 2
    kept = slice(tail, tail + count)
    instant = float(np.sum(weight[:tail] / (rate[:tail] + decay)))
    slow = float(np.sum(weight[tail + count :]))
    return Modes(
        np.append(rate[kept], 0.0) + decay,
        np.append(weight[kept], slow),
        instant,
    )


def _series(
    thickness_m: float, offset: float, diffusion_m2_per_s: float, decay: float, fastest: float
) -> Modes:
    unit = diffusion_m2_per_s * (math.pi / thickness_m) ** 2
    first = np.arange(_SINGLE_POLES, dtype=np.float64) + offset + (1.0 if offset == 0.0 else 0.0)
    places, weights = [first], [np.ones_like(first)]
    nodes, node_weights = np.polynomial.legendre.leggauss(_OCTAVE_NODES)
    edge = float(first[-1]) + 0.5  # a sum over n is the integral between the half-integers
    while unit * edge**2 < fastest:
        places.append(edge * (1.5 + 0.5 * nodes))
        weights.append(edge * 0.5 * node_weights)
        edge *= 2.0
    place, weight = np.concatenate(places), np.concatenate(weights) * 2.0 / thickness_m
    if decay > 0.0:
        instant = math.atan(math.sqrt(decay / unit) / edge) / math.sqrt(unit * decay)
    else:
        instant = 1.0 / (unit * edge)
    rate = unit * place**2
    if offset == 0.0:
        rate, weight = np.append(rate, 0.0), np.append(weight, 1.0 / thickness_m)
    return Modes(rate + decay, weight, instant * 2.0 / thickness_m)
