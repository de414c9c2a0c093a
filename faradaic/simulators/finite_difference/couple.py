"""One couple of dissolved species at an imposed potential without a resistance, compiled.

No Newton and no matrices; the equations, grid and steps of `kernels`, from and to the same state.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from faradaic.simulators.finite_difference import finite_difference_kernels as kernels
from faradaic.simulators.finite_difference.finite_difference_kernels import (
    begin,
    formula,
    record,
    scaled_rates,
)
from faradaic.simulators.kernel_cache import njit, source_digest


@njit()
def factorise_couple(p, lam, own, outer, inner):  # type: ignore[no-untyped-def]
    """c_i = P_i + inner_i c_{i-1} with P_i = own_i h_i + outer_i P_{i+1}, for both species."""
    nodes = p.volume.shape[0]
    for s in range(2):
        inner[nodes, s] = 0.0
        for i in range(nodes - 1, 0, -1):
            inwards = lam * p.diffusion[s] * p.conductance[i - 1] / p.volume[i]
            outwards = 0.0
            if i < nodes - 1:
                outwards = lam * p.diffusion[s] * p.conductance[i] / p.volume[i]
            elif p.fixed_bulk:
                inwards = 0.0
            own[i, s] = 1.0 / (1.0 + inwards + outwards * (1.0 - inner[i + 1, s]))
            outer[i, s] = own[i, s] * outwards
            inner[i, s] = own[i, s] * inwards


def _compiled(digest: int) -> Any:
    """The entry point, cached on disk for these sources."""

    @njit(cache=True, fastmath={"contract"})
    def run_couple(p, y, dt, restart, start, value, out):  # type: ignore[no-untyped-def]
        """As `kernels.run`, for one couple."""
        _ = digest
        nodes = p.volume.shape[0]
        own, outer = np.empty((nodes, 2)), np.empty((nodes, 2))
        inner, P = np.empty((nodes + 1, 2)), np.empty((nodes, 2))
        c, before = y.c, y.c_before
        ox, red = p.step_oxidised[0], p.step_reduced[0]
        factorised, E, j = 0.0, y.z[3], y.z[2]
        E_before = y.z_before[3]
        self_ox, self_red, known = 0.0, 0.0, np.empty(2)
        for k in range(dt.shape[0]):
            begin(y.book, dt[k], restart[k])
            remaining, current = dt[k], 0.0
            while remaining > 0.0:
                piece, lam, a1, a2, _ = formula(y.book, remaining, remaining)
                remaining -= piece
                imposed = value[k] - (value[k] - start[k]) * (remaining / dt[k])
                phi = p.step_electrons[0] * p.f * (imposed - p.step_E0[0])
                inverse, k_red, k_ox, _, _ = scaled_rates(p, 0, phi)
                if abs(lam - factorised) < 1e-9 * lam:
                    lam = factorised
                else:
                    factorise_couple(p, lam, own, outer, inner)
                    factorised = lam
                    gain = p.diffusion[ox] * p.conductance[0]
                    self_ox = p.volume[0] / lam + gain * (1.0 - inner[1, ox])
                    gain = p.diffusion[red] * p.conductance[0]
                    self_red = p.volume[0] / lam + gain * (1.0 - inner[1, red])
                # both species in registers: a load after the store would triple the time
                first, second = 0.0, 0.0
                for i in range(nodes - 1, 0, -1):
                    h0, h1 = a1 * c[i, 0] + a2 * before[i, 0], a1 * c[i, 1] + a2 * before[i, 1]
                    first = own[i, 0] * h0 + outer[i, 0] * first
                    second = own[i, 1] * h1 + outer[i, 1] * second
                    P[i, 0], P[i, 1] = first, second
                for s in range(2):
                    h = a1 * c[0, s] + a2 * before[0, s]
                    known[s] = p.volume[0] * h / lam + p.diffusion[s] * p.conductance[0] * P[1, s]
                # c_O = (known_O + j)/self_O and c_R = (known_R - j)/self_R in the rate law
                numerator = k_ox * known[red] / self_red - k_red * known[ox] / self_ox
                j = numerator / (inverse + k_ox / self_red + k_red / self_ox)
                before[0, ox], before[0, red] = c[0, ox], c[0, red]
                c[0, ox] = (known[ox] + j) / self_ox
                c[0, red] = (known[red] - j) / self_red
                first, second = c[0, 0], c[0, 1]
                for i in range(1, nodes):
                    first = P[i, 0] + inner[i, 0] * first
                    second = P[i, 1] + inner[i, 1] * second
                    before[i, 0], before[i, 1] = c[i, 0], c[i, 1]
                    c[i, 0], c[i, 1] = first, second
                current = p.faraday * p.step_electrons[0] * j
                current += p.capacitance * (imposed - a1 * E - a2 * E_before) / lam
                E_before, E = E, imposed
                record(y.book, lam, a1, a2, piece, current)
            out[k, 0], out[k, 1], out[k, 2] = current, E, y.book[0]
            out[k, 3], out[k, 4] = c[0, 0], c[0, 1]
        for q in range(3):
            y.z_before[q] = y.z[q]
        y.z_before[3] = E_before
        y.z[0], y.z[1], y.z[2], y.z[3] = c[0, 0], c[0, 1], j, E

    return run_couple


run_couple = _compiled(source_digest(kernels.__file__, __file__))
