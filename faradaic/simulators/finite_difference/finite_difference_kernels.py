"""The time step of the finite-difference engine, compiled; also runs as ordinary Python.

Each step of backward differentiation solves, for every cell i of the grid and species s,

    V_i (c_i - h_i)/λ = D [(c_{i+1} - c_i)/Δx_i - (c_i - c_{i-1})/Δx_{i-1}] + V_i R_s(c_i)

with h = a₁c(t-dt) + a₂c(t-dt-dt') and λ of the formula. The cells are eliminated from the bulk
inwards, c_i = P_i + Q_i c_{i-1} (block Thomas), and the rest is one dense Newton system at the
electrode: concentrations there, coverages, the rate j_e of every electrode step and the potential E
behind the uncompensated resistance. The rates are unknowns of their own, so that the current is a
flux and never the difference of two large terms, at any k0.
"""

from __future__ import annotations

import math

import numpy as np

from faradaic.simulators.finite_difference.dense_system import solve_dense
from faradaic.simulators.kernel_cache import njit

REFERENCE_RATE = 1.0
"""Scale of the rows of electrode steps: keeps an irreversible step finite at any potential."""

FIRST_PIECE = 3e-4
"""First step after a discontinuity, over the sampling interval."""

PIECE_GROWTH = 0.02
"""Longest step over the time since the last discontinuity."""

DT, SINCE, FIRST = 2, 3, 4
"""Places in the book of a state: last step, time since the last discontinuity, step after it."""

POTENTIAL_CHANGE_MAX_V = 0.2
"""Of one Newton iteration."""

ITERATIONS_MAX = 60

UNDERSHOOT = 1e-4
"""Of a concentration below zero, over the largest, after which a step is made shorter."""

SHORTEST_PIECE = 1e-9
"""Of a sampling interval, below which a step is not made shorter any more."""


@njit(cache=True)
def reaction_rates(constants, order, nu, c, rate, slope):  # type: ignore[no-untyped-def]
    """R_s(c) and ∂R_s/∂c_q of the homogeneous steps at one node."""
    rate[:] = 0.0
    slope[:] = 0.0
    for r in range(constants.shape[0]):
        a, b = order[r, 0], order[r, 1]
        k = constants[r]
        for s in range(c.shape[0]):
            made = nu[r, s]
            if made != 0.0:
                if b < 0:
                    rate[s] += made * k * c[a]
                    slope[s, a] += made * k
                else:
                    # No less than none reacts: a trace below zero would grow without bound.
                    first, second = max(c[a], 0.0), max(c[b], 0.0)
                    rate[s] += made * k * first * second
                    if c[a] >= 0.0:
                        slope[s, a] += made * k * second
                    if c[b] >= 0.0:
                        slope[s, b] += made * k * first


@njit(cache=True)
def factorise(p, c, w, lam):  # type: ignore[no-untyped-def]
    """Q_i and the inverse block of every cell, linearised about `c`."""
    nodes, n = c.shape
    for i in range(nodes - 1, 0, -1):
        if p.reaction_k.shape[0] > 0:
            reaction_rates(p.reaction_k, p.reaction_order, p.reaction_nu, c[i], w.rate, w.slope)
        inward, outward = p.conductance[i - 1] / p.volume[i], 0.0
        if i < nodes - 1:
            outward = p.conductance[i] / p.volume[i]
        fixed = p.fixed_bulk and i == nodes - 1
        for s in range(n):
            for q in range(n):
                w.block[s, q] = -lam * w.slope[s, q]
                if outward > 0.0:
                    w.block[s, q] -= lam * p.diffusion[s] * outward * w.Q[i + 1, s, q]
                w.inverse[i, s, q] = 0.0
            w.inverse[i, s, s] = 1.0
            w.block[s, s] += 1.0 + lam * p.diffusion[s] * (inward + outward)
        if not solve_dense(w.block, w.inverse[i], n, n):
            return False
        for s in range(n):
            for q in range(n):
                if fixed:
                    w.Q[i, s, q] = 0.0
                else:
                    w.Q[i, s, q] = w.inverse[i, s, q] * lam * p.diffusion[q] * inward
    return True


@njit(cache=True)
def sweep_inwards(p, h, c, w, lam, second_order):  # type: ignore[no-untyped-def]
    """P_i of every cell; with second-order steps their linearisation about `c` enters."""
    nodes, n = h.shape
    for i in range(nodes - 1, 0, -1):
        if p.fixed_bulk and i == nodes - 1:
            for s in range(n):
                w.P[i, s] = p.bulk[s]
            continue
        if second_order:
            reaction_rates(p.reaction_k, p.reaction_order, p.reaction_nu, c[i], w.rate, w.slope)
        for s in range(n):
            right = h[i, s]
            if i < nodes - 1:
                right += lam * p.diffusion[s] * p.conductance[i] / p.volume[i] * w.P[i + 1, s]
            if second_order:
                right += lam * w.rate[s]
                for q in range(n):
                    right -= lam * w.slope[s, q] * c[i, q]
            w.right[s] = right
        for s in range(n):
            total = 0.0
            for q in range(n):
                total += w.inverse[i, s, q] * w.right[q]
            w.P[i, s] = total


@njit(cache=True)
def log_rates(phi, alpha, tables, which, rows, step):  # type: ignore[no-untyped-def]
    """ln(k_red/k0) and ln(k_ox/k0) at φ = nF(E - E0)/RT, and their slopes in φ.

    `tables[which]` is one of `marcus_hush_chidsey_table`, of `rows` and with its spacing `step`;
    with no rows the law is Butler-Volmer with `alpha` for the reduction.
    """
    if rows == 0:
        return -alpha * phi, (1.0 - alpha) * phi, -alpha, 1.0 - alpha
    drive = abs(phi)
    position = drive / step
    last = rows - 1
    if position >= last:
        downhill, slope = tables[which, last, 0], 0.0
    else:
        i = int(position)
        t = position - i
        y0, y1 = tables[which, i, 0], tables[which, i + 1, 0]
        d0, d1 = tables[which, i, 1] * step, tables[which, i + 1, 1] * step
        c2, c3 = 3.0 * (y1 - y0) - 2.0 * d0 - d1, 2.0 * (y0 - y1) + d0 + d1
        downhill = y0 + t * (d0 + t * (c2 + t * c3))
        slope = (d0 + t * (2.0 * c2 + 3.0 * t * c3)) / step
    if phi <= 0.0:
        return downhill, downhill - drive, -slope, 1.0 - slope
    return downhill - drive, downhill, slope - 1.0, slope


@njit(cache=True)
def scaled_rates(p, e, phi):  # type: ignore[no-untyped-def]
    """(1, k_red, k_ox)/(k_red + k_ox + reference) of electrode step `e`, and dln k/dφ of both.

    Finite at any potential and any k0; an infinite one (the Nernst limit) needs no reference.
    """
    ln_k0, direction, which = p.step_ln_k0[e], p.step_direction[e], p.step_table[e]
    red_ln, ox_ln, red_slope, ox_slope = log_rates(
        phi, p.step_alpha[e], p.tables, which, p.table_rows[which], p.table_step
    )
    if ln_k0 == math.inf:
        k_ox = 1.0 / (1.0 + math.exp(min(-phi, 700.0)))
        k_red = 1.0 / (1.0 + math.exp(min(phi, 700.0)))
        return 0.0, k_red, k_ox, red_slope, ox_slope
    big = red_ln if direction > 0 else ox_ln if direction < 0 else max(red_ln, ox_ln)
    k_red = math.exp(red_ln - big) if direction >= 0 else 0.0
    k_ox = math.exp(ox_ln - big) if direction <= 0 else 0.0
    big += ln_k0
    if big > 0.0:
        reference = math.exp(-big)
        total = k_red + k_ox + REFERENCE_RATE * reference
        return reference / total, k_red / total, k_ox / total, red_slope, ox_slope
    scale = math.exp(max(big, -745.0)) if big > -math.inf else 0.0
    total = (k_red + k_ox) * scale + REFERENCE_RATE
    return 1.0 / total, k_red * scale / total, k_ox * scale / total, red_slope, ox_slope


@njit(cache=True)
def electrode_step(p, e, z, n, row):  # type: ignore[no-untyped-def]
    """The row of electrode step `e`: j/K = (k_ox a_R - k_red a_O)/K, linearised about `z`.

    Returns what `row` times the unknowns has to be.
    """
    ox, red, vacancy = p.step_oxidised[e], p.step_reduced[e], p.step_vacancy[e]
    last, j = row.shape[0] - 1, n + p.coverages + e
    g_ox, g_red = p.step_interaction[e, 0], p.step_interaction[e, 1]
    phi = p.step_electrons[e] * p.f * (z[last] - p.step_E0[e]) - g_ox * z[ox] + g_red * z[red]
    inverse, k_red, k_ox, red_slope, ox_slope = scaled_rates(p, e, phi)
    scale_slope = k_red * red_slope + k_ox * ox_slope
    vacant = 1.0
    for a in range(p.coverages):
        vacant -= z[n + a]
    k_red *= p.step_scale[e, 0] * (vacant if vacancy > 0 else 1.0)
    k_ox *= p.step_scale[e, 1] * (vacant if vacancy < 0 else 1.0)
    forward, backward = k_red * z[ox], k_ox * z[red]
    value = inverse * z[j] + forward - backward
    # the slope of the scale too: without it Newton leaves in the wrong direction past a limit
    steep = red_slope * forward - ox_slope * backward - scale_slope * value
    row[:] = 0.0
    row[j] = inverse
    row[ox] += k_red - steep * g_ox
    row[red] += steep * g_red - k_ox
    row[last] = steep * p.step_electrons[e] * p.f
    if vacancy != 0:
        crowding = forward if vacancy > 0 else -backward
        for a in range(p.coverages):
            row[n + a] -= crowding / vacant
    known = -value
    for q in range(last + 1):
        known += row[q] * z[q]
    return known


@njit(cache=True)
def surface_rates(p, z, n, matrix, known):  # type: ignore[no-untyped-def]
    """Subtract the rates of the surface steps from the balances, linearised about `z`."""
    m = p.coverages
    vacant = 1.0
    for a in range(m):
        vacant -= z[n + a]
    size = z.shape[0]
    gradient = np.zeros(size)
    for r in range(p.surface_k.shape[0]):
        a, b, sites = p.surface_order[r, 0], p.surface_order[r, 1], p.surface_sites[r]
        exponent = 0.0
        for q in range(m):
            exponent += p.surface_interaction[r, q] * z[n + q]
        k = p.surface_k[r] * math.exp(exponent)
        free = 1.0
        for _ in range(sites):
            free *= vacant
        pair = 1.0 if b < 0 else z[b]
        rate = k * z[a] * pair * free
        gradient[:] = 0.0
        gradient[a] += k * pair * free
        if b >= 0:
            gradient[b] += k * z[a] * free
        for q in range(m):
            gradient[n + q] += rate * p.surface_interaction[r, q]
            if sites == 1:
                gradient[n + q] -= k * z[a] * pair
            elif sites == 2:
                gradient[n + q] -= 2.0 * k * z[a] * pair * vacant
        constant = rate
        for q in range(size):
            constant -= gradient[q] * z[q]
        for s in range(n + m):
            nu = p.surface_nu[r, s]
            if nu != 0.0:
                known[s, 0] += nu * constant
                for q in range(size):
                    matrix[s, q] -= nu * gradient[q]


@njit(cache=True)
def solve_surface(p, h, hs, c, z, w, lam, resistance, galvanostatic, value):  # type: ignore[no-untyped-def]
    """One Newton step of the electrode's unknowns: writes the new ones to `w.known`."""
    n, m, steps = c.shape[1], p.coverages, p.step_E0.shape[0]
    size = n + m + steps + 1
    last = size - 1
    matrix, known = w.matrix, w.known
    matrix[:] = 0.0
    known[:] = 0.0
    if p.reaction_k.shape[0] > 0:
        reaction_rates(p.reaction_k, p.reaction_order, p.reaction_nu, c[0], w.rate, w.slope)
    for s in range(n):
        gain = p.diffusion[s] * p.conductance[0]
        known[s, 0] = p.volume[0] * (h[0, s] / lam + w.rate[s]) + gain * w.P[1, s]
        for q in range(n):
            matrix[s, q] = -p.volume[0] * w.slope[s, q] - gain * w.Q[1, s, q]
            known[s, 0] -= p.volume[0] * w.slope[s, q] * c[0, q]
        matrix[s, s] += p.volume[0] / lam + gain
    for a in range(m):
        matrix[n + a, n + a] = p.site_density / lam
        known[n + a, 0] = p.site_density * hs[a] / lam
    for e in range(steps):
        j = n + m + e
        matrix[p.step_oxidised[e], j] -= 1.0
        matrix[p.step_reduced[e], j] += 1.0
        known[j, 0] = electrode_step(p, e, z, n, matrix[j])
    if p.surface_k.shape[0] > 0:
        surface_rates(p, z, n, matrix, known)
    # the current i = F Σ n j + C (E - h)/λ, either imposed or met through the resistance
    weight = 1.0 if galvanostatic else resistance
    for e in range(steps):
        matrix[last, n + m + e] = weight * p.faraday * p.step_electrons[e]
    matrix[last, last] = weight * p.capacitance / lam
    known[last, 0] = value + weight * p.capacitance * hs[m] / lam
    if not galvanostatic:
        matrix[last, last] += 1.0
    return solve_dense(matrix, known, size, 1)


@njit(cache=True)
def advance(p, w, y, lam, a1, a2, ahead, resistance, galvanostatic, value, tolerance):  # type: ignore[no-untyped-def]
    """One step of the formula (λ, a₁, a₂); `ahead` is dt/dt' for the predictor, 0 without one.

    Newton iterations used, or minus that when they did not converge.
    """
    n, m, steps = y.c.shape[1], p.coverages, p.step_E0.shape[0]
    nodes, last = y.c.shape[0], n + m + steps
    second_order = p.second_order
    h, hs, c, z = w.h, w.hs, w.c, w.z
    for i in range(nodes):
        for s in range(n):
            h[i, s] = a1 * y.c[i, s] + a2 * y.c_before[i, s]
            c[i, s] = y.c[i, s] + ahead * (y.c[i, s] - y.c_before[i, s])
    for q in range(last + 1):
        z[q] = y.z[q] + ahead * (y.z[q] - y.z_before[q])
    for a in range(m):
        hs[a] = a1 * y.z[n + a] + a2 * y.z_before[n + a]
    hs[m] = a1 * y.z[last] + a2 * y.z_before[last]
    if not galvanostatic and resistance == 0.0:
        z[last] = value
    if not second_order:
        if w.factorised[0] != lam:
            if not factorise(p, c, w, lam):
                return -1
            w.factorised[0] = lam
        sweep_inwards(p, h, c, w, lam, False)
    linear = not galvanostatic and resistance == 0.0 and m == 0 and not second_order
    for iteration in range(1, ITERATIONS_MAX + 1):
        if second_order:
            if not factorise(p, c, w, lam):
                return -iteration
            sweep_inwards(p, h, c, w, lam, True)
        if not solve_surface(p, h, hs, c, z, w, lam, resistance, galvanostatic, value):
            return -iteration
        change_V = w.known[last, 0] - z[last]
        error = abs(change_V) * p.f
        for a in range(m):
            error = max(error, abs(w.known[n + a, 0] - z[n + a]))
        damping = 1.0
        if abs(change_V) > POTENTIAL_CHANGE_MAX_V:
            damping = POTENTIAL_CHANGE_MAX_V / abs(change_V)
        for q in range(last + 1):
            z[q] = w.known[q, 0]
        z[last] = z[last] - (1.0 - damping) * change_V
        if second_order or linear or error < tolerance or iteration == ITERATIONS_MAX:
            for s in range(n):
                if second_order:
                    error = max(error, abs(z[s] - c[0, s]) / p.concentration_scale)
                c[0, s] = z[s]
            for i in range(1, nodes):
                for s in range(n):
                    total = w.P[i, s]
                    for q in range(n):
                        total += w.Q[i, s, q] * c[i - 1, q]
                    if second_order:
                        error = max(error, abs(total - c[i, s]) / p.concentration_scale)
                    c[i, s] = total
        if not error < 1e300:
            return -iteration
        if linear or error < tolerance:
            return iteration
    return -ITERATIONS_MAX


@njit(cache=True)
def accept(p, w, y, lam, a1, a2, dt):  # type: ignore[no-untyped-def]
    """Make the solution the newest level; returns the current density, A/m²."""
    n, m, steps = y.c.shape[1], p.coverages, p.step_E0.shape[0]
    last = n + m + steps
    current = p.capacitance * (w.z[last] - w.hs[m]) / lam
    for e in range(steps):
        current += p.faraday * p.step_electrons[e] * w.z[n + m + e]
    for i in range(y.c.shape[0]):
        for s in range(n):
            y.c_before[i, s], y.c[i, s] = y.c[i, s], w.c[i, s]
    for q in range(y.z.shape[0]):
        y.z_before[q], y.z[q] = y.z[q], w.z[q]
    record(y.book, lam, a1, a2, dt, current)
    return current


@njit(cache=True)
def begin(book, dt, restart):  # type: ignore[no-untyped-def]
    """Open an interval in the book of a state; short steps again after a discontinuity."""
    if restart:
        book[SINCE], book[FIRST] = 0.0, dt * FIRST_PIECE


@njit(cache=True)
def formula(book, remaining, longest):  # type: ignore[no-untyped-def]
    """(dt, λ, a₁, a₂, dt/dt') of the next step, at most `remaining` and `longest`.

    Backward Euler at a discontinuity, then backward differentiation of second order in steps that
    grow with the time since. The ratio is zero where the level before says nothing about the next.
    """
    since = book[SINCE]
    piece = min(max(book[FIRST], PIECE_GROWTH * since), longest)
    if piece >= remaining:
        piece = remaining
    elif 2.0 * piece > remaining:
        piece = 0.5 * remaining
    if since == 0.0:
        return piece, piece, 1.0, 0.0, 0.0
    ratio = piece / book[DT]
    if abs(ratio - 1.0) < 1e-9:
        ratio = 1.0  # sample times written as floats differ in the last digits
    span = 1.0 + 2.0 * ratio
    a1, a2 = (1.0 + ratio) ** 2 / span, -(ratio**2) / span
    ahead = 0.0 if since == book[DT] else ratio
    return piece, piece * (1.0 + ratio) / span, a1, a2, ahead


@njit(cache=True)
def record(book, lam, a1, a2, dt, current):  # type: ignore[no-untyped-def]
    """Close a step: charge by the same formula, and the times."""
    charge = a1 * book[0] + a2 * book[1] + lam * current
    book[1], book[0] = book[0], charge
    book[DT] = dt
    book[SINCE] += dt


@njit(cache=True)
def take_step(p, w, y, dt, start, resistance, galvanostatic, value, tolerance):  # type: ignore[no-untyped-def]
    """Advance by `dt` from the imposed `start` to `value`, in short steps after a discontinuity.

    Returns the current density, the Newton iterations (negative when they failed) and the steps.
    """
    current, total, taken = 0.0, 0, 0
    remaining, longest = dt, dt
    while remaining > 0.0:
        piece, lam, a1, a2, ahead = formula(y.book, remaining, longest)
        if abs(lam - w.factorised[0]) < 1e-9 * lam:
            lam = w.factorised[0]
        left = remaining - piece
        imposed = value - (value - start) * (left / dt)
        used = advance(p, w, y, lam, a1, a2, ahead, resistance, galvanostatic, imposed, tolerance)
        total += abs(used)
        taken += 1
        undershoots = False
        for s in range(y.c.shape[1]):
            undershoots = undershoots or w.z[s] < -UNDERSHOOT * p.concentration_scale
        for a in range(p.coverages):
            covered = w.z[y.c.shape[1] + a]
            undershoots = undershoots or covered < -UNDERSHOOT or covered > 1.0 + UNDERSHOOT
        if used < 0 or undershoots:
            if piece > SHORTEST_PIECE * dt:
                w.factorised[0] = 0.0
                longest = 0.25 * piece
                continue
            if used < 0:
                return current, -total, taken
        remaining = left
        current = accept(p, w, y, lam, a1, a2, piece)
        longest = min(2.0 * longest, dt)
    return current, total, taken


@njit(cache=True)
def run(p, w, y, dt, restart, galvanostatic, start, value, resistance, tolerance, out):  # type: ignore[no-untyped-def]
    """Steps through whole arrays; `out` has a row (i, E, charge, z[:n+m]) per sample.

    The value moves linearly in each interval, from `start` to `value`; `restart` marks the
    intervals that begin with a jump of the value or of its slope.
    Returns the samples done, the Newton iterations and the steps; fewer samples than asked for
    when Newton did not converge.
    """
    iterations, taken = 0, 0
    n, m = y.c.shape[1], p.coverages
    last = y.z.shape[0] - 1
    for k in range(dt.shape[0]):
        begin(y.book, dt[k], restart[k])
        current, used, steps = take_step(
            p, w, y, dt[k], start[k], resistance, galvanostatic, value[k], tolerance
        )
        iterations += abs(used)
        taken += steps
        if used < 0:
            return k, iterations, taken
        out[k, 0] = current
        out[k, 1] = y.z[last]
        out[k, 2] = y.book[0]
        for s in range(n + m):
            out[k, 3 + s] = y.z[s]
    return dt.shape[0], iterations, taken
