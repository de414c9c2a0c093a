"""The catalyst layer and its cell as small functions for numba; SI, plain floats throughout.

One unknown carries a time step: the potential of the catalyst against a reversible hydrogen
electrode in the local solution, `local_V`. Everything else rises or falls with it, so every
control mode is one monotone equation. Inside it the hydroxide of the liquid film is a second one.
Partial currents are magnitudes; currents of the cell are anodic positive.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from faradaic.chemistry.water import PK_WATER
from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.gas_diffusion import ageing, root_search
from faradaic.simulators.gas_diffusion.ageing import open_fraction, salt_fraction
from faradaic.simulators.gas_diffusion.root_search import begin, told
from faradaic.simulators.kernel_cache import source_digest

CURRENT, POTENTIAL, CELL_VOLTAGE = 0, 1, 2

FARTHEST_V = 25.0
"""Local potentials beyond this are not searched: exponentials would leave the range of floats."""

_LN_10 = math.log(10.0)


class Parameters(NamedTuple):
    """Everything that stays the same during a run."""

    temperature_K: float
    area_m2: float
    thickness_m: float
    specific_area_per_m: float
    porosity: float
    diffusivity_m2_per_s: float
    gas_transfer_m_per_s: float
    saturation_mol_per_m3: float
    co_exchange_A_per_m2: float
    co_transfer_coefficient: float
    co_potential_V_vs_RHE: float
    co_reference_mol_per_m3: float
    h2_exchange_A_per_m2: float
    h2_transfer_coefficient: float
    oxidation_exchange_A_per_m2: float
    oxidation_transfer_coefficient: float
    oxidation_potential_V_vs_RHE: float
    carbonation_m3_per_mol_s: float
    film_transfer_m_per_s: float
    hydroxide_mol_per_m3: float
    buffer_mol_per_m2_s: float
    double_layer_F: float
    flooding_floor: float
    flooding_time_s: float
    flooding_shape: float
    salt_rate_per_s: float
    flush_period_s: float
    activity_loss_per_s: float
    resistance_ohm: float
    resistance_growth_ohm_per_s: float
    has_reference: bool
    reference_share: float
    reference_V_vs_SHE: float
    counter_equilibrium_V_vs_SHE: float
    counter_exchange_A: float
    counter_slope_V: float
    pores_factor: float


class Age(NamedTuple):
    """What has become of the electrode."""

    open_fraction: float
    activity: float
    resistance_ohm: float


class Feed(NamedTuple):
    """What flows into the gas channel, dry."""

    co2_mol_per_s: float
    n2_mol_per_s: float


class State(NamedTuple):
    """Everything that a time step starts from."""

    time_s: float
    operating_s: float
    cathode_V_vs_SHE: float
    local_V: float
    log_hydroxide: float
    charge_C: float
    co_mol: float
    h2_mol: float
    carbonate_mol: float
    oxidation_C: float


class Layer(NamedTuple):
    """The catalyst layer at one potential: partial current densities and what limits them."""

    co_A_per_m2: float
    h2_A_per_m2: float
    oxidation_A_per_m2: float
    carbonation_mol_per_m2_s: float
    effectiveness: float
    co2_mole_fraction: float
    hydroxide_mol_per_m3: float


class SolvedStep(NamedTuple):
    """The cell at the end of a time step; `nan` everywhere if no solution was found."""

    current_A: float
    cell_voltage_V: float
    potential_V: float
    layer: Layer


@njit(cache=True)
def effectiveness(thiele_modulus: float, supply_ratio: float) -> float:
    """1/(M coth M + k L/k_g): mean rate in the layer over the rate at saturation everywhere.

    M = L √(k/D) is the Thiele modulus, k L/k_g weighs the reaction against the supply through
    the gas side. Without that resistance it is tanh(M)/M (Thiele, 1939).
    """
    m = thiele_modulus
    m_coth_m = m / math.tanh(m) if m > 1e-4 else 1.0 + m * m / 3.0
    return 1.0 / (m_coth_m + supply_ratio)


@njit(cache=True)
def at_hydroxide(local_V: float, hydroxide: float, feed: Feed, age: Age, p: Parameters) -> Layer:
    """The catalyst layer at a local potential and a concentration of OH- in its film.

    The gas channel is well mixed: its mole fraction of CO2 is the one that leaves it.
    """
    f = FARADAY_C_PER_MOL / (GAS_CONSTANT_J_PER_MOL_K * p.temperature_K)
    length = p.thickness_m
    reduction_per_s = (
        age.activity
        * p.specific_area_per_m
        * p.co_exchange_A_per_m2
        / (2.0 * FARADAY_C_PER_MOL * p.co_reference_mol_per_m3)
        * math.exp(-p.co_transfer_coefficient * f * (local_V - p.co_potential_V_vs_RHE))
    )
    h2 = (
        p.specific_area_per_m
        * length
        * p.h2_exchange_A_per_m2
        * math.exp(-p.h2_transfer_coefficient * f * local_V)
    )
    oxidation = p.oxidation_exchange_A_per_m2 * math.exp(
        p.oxidation_transfer_coefficient * f * (local_V - p.oxidation_potential_V_vs_RHE)
    )
    if feed.co2_mol_per_s == 0.0:
        return Layer(0.0, h2, oxidation, 0.0, 1.0, 0.0, hydroxide)
    carbonation_per_s = p.porosity * p.carbonation_m3_per_mol_s * hydroxide
    rate_per_s = reduction_per_s + carbonation_per_s
    thiele = length * math.sqrt(rate_per_s / (p.diffusivity_m2_per_s * p.porosity**1.5))
    supply = rate_per_s * length / (p.gas_transfer_m_per_s * age.open_fraction)
    effective = effectiveness(thiele, supply)
    pull = length * effective * p.saturation_mol_per_m3 * age.open_fraction
    # With y the mole fraction that leaves: y (n_in - U y + V y + n_other) = n_in - U y.
    taken = p.area_m2 * rate_per_s * pull
    lost = p.area_m2 * carbonation_per_s * pull
    inlet = feed.co2_mol_per_s
    b = inlet + feed.n2_mol_per_s + p.area_m2 * h2 / (2.0 * FARADAY_C_PER_MOL) + taken
    fraction = 2.0 * inlet / (b + math.sqrt(b * b - 4.0 * lost * inlet))
    return Layer(
        2.0 * FARADAY_C_PER_MOL * reduction_per_s * pull * fraction,
        h2,
        oxidation,
        carbonation_per_s * pull * fraction,
        effective,
        fraction,
        hydroxide,
    )


@njit(cache=True)
def film_excess(local_V: float, log_hydroxide: float, feed: Feed, age: Age, p: Parameters) -> float:
    """What leaves the film over what the reactions put in, mol OH-/(m² s); rises with OH-.

    Each electron of a cathodic reaction leaves one OH-. It diffuses to the bulk, is taken by the
    bicarbonate that diffuses in, or with CO2 becomes carbonate (two for each CO2).
    """
    hydroxide = math.exp(log_hydroxide)
    layer = at_hydroxide(local_V, hydroxide, feed, age, p)
    made = (layer.co_A_per_m2 + layer.h2_A_per_m2) / FARADAY_C_PER_MOL
    return (
        p.film_transfer_m_per_s * (hydroxide - p.hydroxide_mol_per_m3)
        + 2.0 * layer.carbonation_mol_per_m2_s
        + min(p.buffer_mol_per_m2_s, made)
        - made
    )


@njit()
def at_local_potential(
    local_V: float, log_hydroxide: float, feed: Feed, age: Age, p: Parameters
) -> Layer:
    """The catalyst layer with the OH- of its film in balance, searched from a first guess."""
    search = begin(log_hydroxide, 0.05, 1e-13)
    while not search.done:
        search = told(search, film_excess(local_V, search.x, feed, age, p))
    return at_hydroxide(local_V, math.exp(search.x), feed, age, p)


@njit()
def cell_at(
    local_V: float, dt_s: float, state: State, feed: Feed, age: Age, p: Parameters
) -> tuple[float, SolvedStep]:
    """Potential of the cathode against SHE, and the cell, if a step ends at a local potential."""
    layer = at_local_potential(local_V, state.log_hydroxide, feed, age, p)
    slope_V = _LN_10 * GAS_CONSTANT_J_PER_MOL_K * p.temperature_K / FARADAY_C_PER_MOL
    pH = PK_WATER + math.log10(layer.hydroxide_mol_per_m3 / 1000.0)
    cathode_V = local_V - slope_V * pH
    charging_A = p.double_layer_F / dt_s * (cathode_V - state.cathode_V_vs_SHE)
    current_A = charging_A + p.area_m2 * (
        layer.oxidation_A_per_m2 - layer.co_A_per_m2 - layer.h2_A_per_m2
    )
    counter_V = p.counter_equilibrium_V_vs_SHE + p.counter_slope_V * math.asinh(
        -current_A / (2.0 * p.counter_exchange_A)
    )
    drop_V = current_A * age.resistance_ohm
    cell_V = cathode_V - counter_V + drop_V
    # Without a reference electrode its lead is joined to the counter electrode.
    potential_V = cell_V
    if p.has_reference:
        potential_V = cathode_V - p.reference_V_vs_SHE + drop_V * p.reference_share
    return cathode_V, SolvedStep(current_A, cell_V, potential_V, layer)


@njit(cache=True)
def control_excess(control: int, value: float, step: SolvedStep) -> float:
    """The controlled quantity minus its set value; rises with the local potential."""
    if control == CURRENT:
        return step.current_A - value
    if control == POTENTIAL:
        return step.potential_V - value
    return step.cell_voltage_V - value


@njit()
def age_at(operating_s: float, p: Parameters) -> Age:
    """The electrode after a time under current."""
    salt = salt_fraction(operating_s, p.salt_rate_per_s, p.flush_period_s)
    flooding = open_fraction(operating_s, p.flooding_floor, p.flooding_time_s, p.flooding_shape)
    return Age(
        flooding * (1.0 - salt) * p.pores_factor,
        math.exp(-p.activity_loss_per_s * operating_s),
        p.resistance_ohm + p.resistance_growth_ohm_per_s * operating_s,
    )


@njit()
def advance_once(
    control: int, value: float, dt_s: float, live: bool, state: State, feed: Feed, p: Parameters
) -> tuple[State, SolvedStep]:
    """One time step, backward Euler. `live` says whether the electrode ages during it."""
    operating_s = state.operating_s + (dt_s if live else 0.0)
    age = age_at(operating_s, p)
    search = begin(state.local_V, 1e-4, 1e-14)
    while not search.done:
        excess = math.nan
        if abs(search.x) < FARTHEST_V:
            _, step = cell_at(search.x, dt_s, state, feed, age, p)
            excess = control_excess(control, value, step)
        search = told(search, excess)
    local_V = search.x
    cathode_V, step = cell_at(local_V, dt_s, state, feed, age, p)
    layer = step.layer
    amount = p.area_m2 * dt_s
    co_C, h2_C = layer.co_A_per_m2 * amount, layer.h2_A_per_m2 * amount
    after = State(
        state.time_s + dt_s,
        operating_s,
        cathode_V,
        local_V,
        math.log(layer.hydroxide_mol_per_m3),
        state.charge_C + step.current_A * dt_s,
        state.co_mol + co_C / (2.0 * FARADAY_C_PER_MOL),
        state.h2_mol + h2_C / (2.0 * FARADAY_C_PER_MOL),
        state.carbonate_mol + layer.carbonation_mol_per_m2_s * amount,
        state.oxidation_C + layer.oxidation_A_per_m2 * amount,
    )
    return after, step


def _compiled(digest: int) -> tuple[Any, Any]:
    """The entry points, cached on disk for these sources."""

    @njit(cache=True)
    def advance(
        control: int, value: float, dt_s: float, live: bool, state: State, feed: Feed, p: Parameters
    ) -> tuple[State, SolvedStep]:
        _ = digest
        return advance_once(control, value, dt_s, live, state, feed, p)

    @njit(cache=True)
    def advance_all(
        control: int,
        values: npt.NDArray[np.float64],
        dt_s: float,
        state: State,
        feed: Feed,
        p: Parameters,
        out: npt.NDArray[np.float64],
    ) -> tuple[State, SolvedStep]:
        """Many equal time steps with a value imposed in each, the electrode ageing.

        `out` is filled, one row a step, columns in the order of `SolvedStep` and its `Layer`. It
        ends early, with a row of `nan`, where no solution is found.
        """
        _ = digest
        state, step = advance_once(control, values[0], dt_s, True, state, feed, p)
        for i in range(values.size):
            if i > 0:
                state, step = advance_once(control, values[i], dt_s, True, state, feed, p)
            out[i, :3] = step[:3]
            out[i, 3:] = step.layer
            if math.isnan(step.current_A):
                break
        return state, step

    return advance, advance_all


advance, advance_all = _compiled(source_digest(ageing.__file__, root_search.__file__, __file__))
