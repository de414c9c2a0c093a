"""The arithmetic of the semi-integral engine, compiled; plain Python with NUMBA_DISABLE_JIT=1.

One time step: every mode y of every kernel obeys dy/dt = -λ y + w q exactly for a flux q that is
linear in time within the step, so that the surface concentrations are known but for one factor
times the flux at the end. What is left is one equation in the interfacial potential, in which the
rates of the electrode steps follow from a small linear system. The rates come from

    q (1/(kf + kb)) = a c_red - b c_ox,   a = kb/(kf + kb),   b = kf/(kf + kb),

with the surface concentrations as functions of q, which is the Nernst equation when kf + kb is
infinite and never a difference of two large numbers.

The double layer obeys C dE/dt = N, N = external minus faradaic current, integrated as
C ΔE/Δt = ϑ N_new + (1-ϑ) N_old with ϑ = 1/(1-e^{-x}) - 1/x, x = (conductances) Δt/C: exact for a
linear circuit on a ramp, of second order where Δt resolves the charging, and steady where it does
not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

from faradaic.simulators.kernel_cache import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _compiled(function: _Function) -> _Function:
    options: Any = {"cache": True, "fastmath": {"reassoc", "contract", "nsz"}}
    return cast("_Function", njit(**options)(function))


POTENTIAL, CURRENT, CELL_VOLTAGE = 0, 1, 2
"""Controls. Open circuit is no current; a cell voltage is a potential behind more resistance."""

# Places in the array of scalars that a cell carries from step to step.
ELAPSED_S, INTERFACE_V, CURRENT_A, FARADAIC_A, CONDUCTANCE_S, STEP_S, SINCE_JUMP_S = range(7)
SCALARS = 7

GROWTH = 0.1
"""After a jump a step is at most this fraction of the time since."""
FIRST_FRACTION = 1e-2
"""The first step after a jump, as a fraction of the interval that follows it, but not below
`Problem.shortest_s`."""
NEGLIGIBLE = 1e-6
"""Distance from equilibrium, as a fraction of the concentration, that makes no transient."""

_WIDEST_V = 15.0
_LARGEST_MOVE_V = 0.2
_CLOSE = 1e-6
"""Newton's last correction, times F/RT; its error is the square of that."""
_ITERATIONS_MAX = 100


class Problem(NamedTuple):
    """What does not change: E electrode steps, G kernels of P modes each."""

    steps: Any
    """(5, E): nF/RT (1/V), E0 (V), α, 1/k0 (s/m), nFA (A m² s/mol)."""
    direction: Any
    """(E,): 0 both ways, 1 reduction alone, 2 oxidation alone."""
    bulk: Any
    """(2, E): of the oxidised and the reduced form of each step, mol/m³."""
    answer: Any
    """(G, 2, E, E): how the flux of the last index acts on the forms of the one before it."""
    rate_per_s: Any
    """(G, P)."""
    weight: Any
    """(G, P), 1/m."""
    instant: Any
    """(G,), s/m."""
    resistance_ohm: Any
    """In series for each of the controls."""
    capacitance_F: float
    shortest_s: float


class State(NamedTuple):
    """What changes; the arrays from `factors` on are scratch."""

    modes: Any
    """(G, E, P)."""
    rates: Any
    """(E,), mol/m²/s, oxidation positive."""
    scalars: Any
    factors: Any
    """(3, G, P)."""
    total: Any
    """(G,)."""
    known: Any
    """(2, E)."""
    gain: Any
    """(2, E, E)."""
    work: Any
    """(E, E + 2)."""


@_compiled
def mode_factors(
    rate: Any, weight: Any, dt_s: float, decay: Any, old: Any, new: Any, total: Any
) -> None:
    """Per mode: exp(-λ Δt), and what the flux at the beginning and at the end adds."""
    for g in range(rate.shape[0]):
        total[g] = 0.0
        for p in range(rate.shape[1]):
            x = rate[g, p] * dt_s
            if x < 1e-3:
                decay[g, p] = 1.0 - x * (1.0 - x * (0.5 - x / 6.0))
                new_share = 0.5 - x * (1.0 / 6.0 - x / 24.0)
                old_share = 0.5 - x * (1.0 / 3.0 - x / 8.0)
            else:
                e = math.exp(-x)
                mean = (1.0 - e) / x
                decay[g, p] = e
                new_share = (1.0 - mean) / x
                old_share = mean - new_share
            new[g, p] = weight[g, p] * dt_s * new_share
            old[g, p] = weight[g, p] * dt_s * old_share
            total[g] += new[g, p]


@_compiled
def shares(theta: float, alpha: float, direction: int) -> tuple[float, float, float, float]:
    """(a, b, scale, slope) of the rate equation at θ = nF(E - E0)/RT.

    scale is k0/(kf + kb) and slope its logarithmic derivative to θ. `direction` is 0 for both, 1
    for the reduction alone and 2 for the oxidation alone.
    """
    if direction == 1:
        return 0.0, 1.0, math.exp(alpha * theta), alpha
    if direction == 2:
        return 1.0, 0.0, math.exp(-(1.0 - alpha) * theta), alpha - 1.0
    if theta > 0.0:
        z = math.exp(-theta)
        a = 1.0 / (1.0 + z)
        b = z * a
        scale = a * math.exp(-(1.0 - alpha) * theta)
    else:
        z = math.exp(theta)
        b = 1.0 / (1.0 + z)
        a = z * b
        scale = b * math.exp(alpha * theta)
    return a, b, scale, alpha * b - (1.0 - alpha) * a


@_compiled
def _solve(matrix: Any, right: Any) -> None:
    """Gauss elimination with row exchange, two right sides, in place; nan if it is singular."""
    n = matrix.shape[0]
    for k in range(n):
        best = k
        for i in range(k + 1, n):
            if abs(matrix[i, k]) > abs(matrix[best, k]):
                best = i
        if best != k:
            for j in range(n):
                matrix[k, j], matrix[best, j] = matrix[best, j], matrix[k, j]
            for j in range(2):
                right[k, j], right[best, j] = right[best, j], right[k, j]
        if matrix[k, k] == 0.0:
            matrix[k, k] = math.nan
        for i in range(k + 1, n):
            factor = matrix[i, k] / matrix[k, k]
            for j in range(k + 1, n):
                matrix[i, j] -= factor * matrix[k, j]
            for j in range(2):
                right[i, j] -= factor * right[k, j]
    for k in range(n - 1, -1, -1):
        for j in range(2):
            for i in range(k + 1, n):
                right[k, j] -= matrix[k, i] * right[i, j]
            right[k, j] /= matrix[k, k]


@_compiled
def faradaic_current(
    interface_V: float, steps: Any, direction: Any, known: Any, gain: Any, work: Any, rates: Any
) -> tuple[float, float]:
    """Faradaic current (A) and its slope (S) at a potential; leaves the rates in `rates`.

    `steps` has the rows nF/RT, E0, α, 1/k0, nFA; `known` the surface concentrations of the
    oxidised and reduced forms without the flux at the end of the step, `gain` what that adds.
    """
    n = steps.shape[1]
    if n == 1:
        a, b, scale, slope = shares(
            steps[0, 0] * (interface_V - steps[1, 0]), steps[2, 0], direction[0]
        )
        slowness = scale * steps[3, 0]
        divisor = slowness + b * gain[0, 0, 0] - a * gain[1, 0, 0]
        rate = (a * known[1, 0] - b * known[0, 0]) / divisor
        ox = known[0, 0] + gain[0, 0, 0] * rate
        red = known[1, 0] + gain[1, 0, 0] * rate
        both = a * b
        rates[0] = rate
        rise = (both * (red + ox) - slope * slowness * rate) / divisor
        return steps[4, 0] * rate, steps[4, 0] * steps[0, 0] * rise
    matrix, right = work[:, :n], work[:, n:]
    for e in range(n):
        a, b, scale, slope = shares(
            steps[0, e] * (interface_V - steps[1, e]), steps[2, e], direction[e]
        )
        right[e, 0] = a * known[1, e] - b * known[0, e]
        for d in range(n):
            matrix[e, d] = b * gain[0, e, d] - a * gain[1, e, d]
        matrix[e, e] += scale * steps[3, e]
        right[e, 1] = 0.0
    _solve(matrix, right)
    for e in range(n):
        rates[e] = right[e, 0]
    for e in range(n):
        a, b, scale, slope = shares(
            steps[0, e] * (interface_V - steps[1, e]), steps[2, e], direction[e]
        )
        ox, red = known[0, e], known[1, e]
        for d in range(n):
            ox += gain[0, e, d] * rates[d]
            red += gain[1, e, d] * rates[d]
            matrix[e, d] = b * gain[0, e, d] - a * gain[1, e, d]
        matrix[e, e] += scale * steps[3, e]
        right[e, 0] = 0.0
        right[e, 1] = steps[0, e] * (a * b * (ox + red) - slope * scale * steps[3, e] * rates[e])
    _solve(matrix, right)
    current = 0.0
    rise = 0.0
    for e in range(n):
        current += steps[4, e] * rates[e]
        rise += steps[4, e] * right[e, 1]
    return current, rise


@_compiled
def _prepare(problem: Problem, state: State, dt_s: float) -> None:
    """The factors of the modes for a time step."""
    if state.scalars[STEP_S] != dt_s:
        f = state.factors
        mode_factors(problem.rate_per_s, problem.weight, dt_s, f[0], f[1], f[2], state.total)
        state.scalars[STEP_S] = dt_s


@_compiled
def _substep(
    problem: Problem, state: State, control: int, start: float, end: float, dt_s: float, fresh: bool
) -> bool:
    """One time step; `fresh` when the flux jumps at its beginning. False without a solution."""
    steps, direction, answer = problem.steps, problem.direction, problem.answer
    resistance, capacitance = problem.resistance_ohm[control], problem.capacitance_F
    modes, rates, factors, total = state.modes, state.rates, state.factors, state.total
    scalars, known, gain, work = state.scalars, state.known, state.gain, state.work
    _prepare(problem, state, dt_s)
    n, kernels, poles = steps.shape[1], modes.shape[0], modes.shape[2]
    for form in range(2):
        for e in range(n):
            known[form, e] = problem.bulk[form, e]
            for d in range(n):
                gain[form, e, d] = 0.0
    for g in range(kernels):
        for d in range(n):
            before = 0.0 if fresh else rates[d]
            sum_ = 0.0
            extra = 0.0
            for p in range(poles):
                modes[g, d, p] = factors[0, g, p] * modes[g, d, p] + factors[1, g, p] * before
                sum_ += modes[g, d, p]
            if fresh:
                for p in range(poles):
                    extra += factors[1, g, p]
            own = total[g] + extra + problem.instant[g]
            for form in range(2):
                for e in range(n):
                    known[form, e] += answer[g, form, e, d] * sum_
                    gain[form, e, d] += answer[g, form, e, d] * own

    old_V = scalars[INTERFACE_V]
    inertia = capacitance / dt_s
    external_S = 0.0 if control == CURRENT else 1.0 / resistance if resistance > 0.0 else math.inf
    if control != CURRENT and resistance == 0.0:
        interface_V = end
        faradaic, slope = faradaic_current(interface_V, steps, direction, known, gain, work, rates)
        current = faradaic + inertia * (interface_V - old_V)
        if not math.isfinite(current):
            return False
    else:
        blend = 1.0
        net_old = 0.0
        if capacitance > 0.0:
            x = (external_S + scalars[CONDUCTANCE_S]) / inertia
            blend = 0.5 + x / 12.0 if x < 1e-3 else 1.0 / (-math.expm1(-x)) - 1.0 / x
            external_old = start if control == CURRENT else (start - old_V) * external_S
            net_old = external_old - scalars[FARADAIC_A]
        low, high = -_WIDEST_V, _WIDEST_V
        interface_V = min(max(old_V + (end - start) * (control != CURRENT), low), high)
        tolerance = _CLOSE / steps[0, 0]
        found = False
        faradaic, slope = 0.0, 0.0
        for _ in range(_ITERATIONS_MAX):
            faradaic, slope = faradaic_current(
                interface_V, steps, direction, known, gain, work, rates
            )
            external = end if control == CURRENT else (end - interface_V) * external_S
            residual = (
                blend * (faradaic - external)
                - (1.0 - blend) * net_old
                + inertia * (interface_V - old_V)
            )
            rise = blend * (slope + (0.0 if control == CURRENT else external_S)) + inertia
            if not math.isfinite(residual):
                return False
            if residual > 0.0:
                high = interface_V
            else:
                low = interface_V
            move = -residual / rise if rise > 0.0 else math.copysign(math.inf, -residual)
            move = min(max(move, -_LARGEST_MOVE_V), _LARGEST_MOVE_V)
            target = interface_V + move
            if abs(move) < tolerance:
                faradaic += slope * move
                interface_V += move
                found = True
                break
            interface_V = target if low < target < high else 0.5 * (low + high)
        if not found or abs(interface_V) > _WIDEST_V - 2.0 * tolerance:
            return False
        faradaic, slope = faradaic_current(interface_V, steps, direction, known, gain, work, rates)
        if control == CURRENT:
            current = end
        elif capacitance == 0.0:
            current = faradaic
        elif external_S < inertia:
            current = (end - interface_V) * external_S
        else:  # across a small resistance the drop is a difference of large terms
            charging = inertia * (interface_V - old_V)
            current = faradaic + (charging - (1.0 - blend) * net_old) / blend
    for g in range(kernels):
        for d in range(n):
            for p in range(poles):
                share = factors[2, g, p] + (factors[1, g, p] if fresh else 0.0)
                modes[g, d, p] += share * rates[d]
    scalars[INTERFACE_V] = interface_V
    scalars[CURRENT_A] = current
    scalars[FARADAIC_A] = faradaic
    scalars[CONDUCTANCE_S] = slope
    scalars[ELAPSED_S] += dt_s
    scalars[SINCE_JUMP_S] += dt_s
    return True


@_compiled
def starts_transient(problem: Problem, state: State, interface_V: float, dt_s: float) -> bool:
    """Whether a potential drives the surface away from where it is, within `dt_s`."""
    _prepare(problem, state, dt_s)
    n = problem.steps.shape[1]
    for e in range(n):
        ox, red = problem.bulk[0, e], problem.bulk[1, e]
        reach = 0.0
        for g in range(state.modes.shape[0]):
            own = state.total[g] + problem.instant[g]
            reach += abs(problem.answer[g, 0, e, e]) * own
            for d in range(n):
                held = problem.instant[g] * state.rates[d]
                for p in range(state.modes.shape[2]):
                    held += state.modes[g, d, p]
                ox += problem.answer[g, 0, e, d] * held
                red += problem.answer[g, 1, e, d] * held
        theta = problem.steps[0, e] * (interface_V - problem.steps[1, e])
        a, b, scale, _ = shares(theta, problem.steps[2, e], problem.direction[e])
        moved = reach * abs(a * red - b * ox) / (scale * problem.steps[3, e] + reach)
        if moved > NEGLIGIBLE * (abs(ox) + abs(red)):
            return True
    return False


@_compiled
def advance(
    problem: Problem, state: State, control: int, start: float, end: float, dt_s: float, jump: bool
) -> bool:
    """Advance by `dt_s` from the set-point `start` to `end`, linearly; False without a solution.

    After a `jump` the time steps begin small and grow, until they are longer than `dt_s`.
    """
    scalars = state.scalars
    fresh = False
    if jump:
        continuous = problem.capacitance_F > 0.0 and (
            control == CURRENT or problem.resistance_ohm[control] > 0.0
        )
        steady = control == CURRENT and not continuous and problem.steps.shape[1] == 1
        if steady:
            fresh = True  # the flux is as constant as the current
        elif continuous or starts_transient(problem, state, start, dt_s):
            fresh = not continuous
            scalars[SINCE_JUMP_S] = 0.0
    first_s = max(FIRST_FRACTION * dt_s, problem.shortest_s)
    done_s = 0.0
    while done_s < dt_s:
        left_s = dt_s - done_s
        allowed_s = max(GROWTH * scalars[SINCE_JUMP_S], first_s)
        step_s = left_s if left_s <= 1.5 * allowed_s else min(allowed_s, 0.5 * left_s)
        next_s = done_s + step_s
        from_ = start + (end - start) * (done_s / dt_s)
        to = end if step_s == left_s else start + (end - start) * (next_s / dt_s)
        if not _substep(problem, state, control, from_, to, step_s, fresh):
            return False
        fresh = False
        done_s = dt_s if step_s == left_s else next_s
    return True


@_compiled
def run(
    problem: Problem,
    state: State,
    control: Any,
    start: Any,
    end: Any,
    dt_s: Any,
    jump: Any,
    out: Any,
) -> int:
    """Advance through intervals; rows of `out`: current, interface potential.

    Returns how many intervals went well.
    """
    for i in range(len(dt_s)):
        if not advance(problem, state, control[i], start[i], end[i], dt_s[i], jump[i]):
            return i
        out[0, i] = state.scalars[CURRENT_A]
        out[1, i] = state.scalars[INTERFACE_V]
    return len(dt_s)


@_compiled
def sweep(
    problem: Problem, state: State, potential_V: Any, dt_s: float, faradaic_current_A: Any
) -> None:
    """One electrode step without series resistance on ramps with one time step: the fast path.

    The arithmetic of `advance`, with what an old and a new flux add to a mode taken together.
    """
    _prepare(problem, state, dt_s)
    scalars, modes = state.scalars, state.modes[:, 0, :]
    decay, new = state.factors[0], state.factors[2]
    feed = state.factors[1] + decay * new
    f, E0, alpha, slowness0, amperes = problem.steps[:, 0]
    direction = problem.direction[0]
    share_ox, share_red = problem.answer[:, 0, 0, 0], problem.answer[:, 1, 0, 0]
    rate = state.rates[0]
    gain_ox = 0.0
    gain_red = 0.0
    for g in range(modes.shape[0]):
        own = state.total[g] + problem.instant[g]
        gain_ox += share_ox[g] * own
        gain_red += share_red[g] * own
        for p in range(modes.shape[1]):
            modes[g, p] -= new[g, p] * rate
    for i in range(len(potential_V)):
        ox, red = problem.bulk[0, 0], problem.bulk[1, 0]
        for g in range(modes.shape[0]):
            held = 0.0
            for p in range(modes.shape[1]):
                y = decay[g, p] * modes[g, p] + feed[g, p] * rate
                modes[g, p] = y
                held += y
            ox += share_ox[g] * held
            red += share_red[g] * held
        a, b, scale, _ = shares(f * (potential_V[i] - E0), alpha, direction)
        rate = (a * red - b * ox) / (scale * slowness0 + b * gain_ox - a * gain_red)
        faradaic_current_A[i] = amperes * rate
    for g in range(modes.shape[0]):
        for p in range(modes.shape[1]):
            modes[g, p] += new[g, p] * rate
    state.rates[0] = rate
    scalars[FARADAIC_A] = amperes * rate
    scalars[CONDUCTANCE_S] = 0.0
    scalars[ELAPSED_S] += dt_s * len(potential_V)
    scalars[SINCE_JUMP_S] += dt_s * len(potential_V)
