"""The catalyst layer and its cell as small functions for numba; SI, plain floats throughout.

One unknown carries a time step: the potential of the catalyst against a reversible hydrogen
electrode in the local solution, `local_V`. Everything else rises or falls with it, so every
control mode is one monotone equation. Inside it the hydroxide of the liquid film is a second one.
The liquids on either side of the separator stand still within a step and are moved at its end.
Partial currents are magnitudes; currents of the cell are anodic positive.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from faradaic.chemistry.carbon_dioxide import CARBONATE_M3_PER_MOL
from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.gas_diffusion import ageing, baths, electrolytes, records, root_search
from faradaic.simulators.gas_diffusion.ageing import open_fraction, salt_fraction
from faradaic.simulators.gas_diffusion.baths import bulk_of, changed, liquid_pH, moved, pH_of
from faradaic.simulators.gas_diffusion.electrolytes import crossing, zero_gap_carbon
from faradaic.simulators.gas_diffusion.records import (
    MEMBRANE,
    RENEWED,
    Age,
    Bulk,
    Feed,
    Layer,
    Parameters,
    SolvedStep,
    State,
)
from faradaic.simulators.gas_diffusion.root_search import begin, told
from faradaic.simulators.kernel_cache import njit, source_digest

CURRENT, POTENTIAL, CELL_VOLTAGE = 0, 1, 2
MOST_CHANGED = 0.02
"""Share of what a bath holds that one step may bring; longer steps are cut."""
MOST_RELAXED = 0.25

FARTHEST_V = 25.0
"""Local potentials beyond this are not searched: exponentials would leave the range of floats."""

_LN_10 = math.log(10.0)


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
def absorption_m_per_s(hydroxide: float, p: Parameters) -> float:
    """Transfer of CO2 into the liquid before the layer, which takes it up: k Ha/tanh(Ha) (Hatta).

    Ha² = k1 [OH-] D/k² compares the reaction with OH- (Danckwerts, Gas-Liquid Reactions, 1970).
    """
    k = p.co2_transfer_m_per_s
    if k == 0.0:
        return 0.0
    hatta = math.sqrt(p.carbonation_m3_per_mol_s * hydroxide * p.diffusivity_m2_per_s) / k
    if hatta > 20.0:
        return k * hatta
    return k * hatta / math.tanh(hatta) if hatta > 1e-4 else k


class Rates(NamedTuple):
    """What the potential alone sets."""

    reduction_per_s: float
    h2_A_per_m2: float
    oxidation_A_per_m2: float


@njit(cache=True)
def rates_at(local_V: float, age: Age, p: Parameters) -> Rates:
    """Rate constant of CO2, and the reactions that do not need it, at a local potential."""
    f = FARADAY_C_PER_MOL / (GAS_CONSTANT_J_PER_MOL_K * p.temperature_K)
    return Rates(
        age.activity
        * p.specific_area_per_m
        * p.co_exchange_A_per_m2
        / (2.0 * FARADAY_C_PER_MOL * p.co_reference_mol_per_m3)
        * math.exp(-p.co_transfer_coefficient * f * (local_V - p.co_potential_V_vs_RHE)),
        p.specific_area_per_m
        * p.thickness_m
        * p.h2_exchange_A_per_m2
        * math.exp(-p.h2_transfer_coefficient * f * local_V),
        p.oxidation_exchange_A_per_m2
        * math.exp(
            p.oxidation_transfer_coefficient * f * (local_V - p.oxidation_potential_V_vs_RHE)
        ),
    )


@njit(cache=True)
def at_hydroxide(
    rates: Rates,
    hydroxide: float,
    transfer: float,
    bulk: Bulk,
    feed: Feed,
    age: Age,
    p: Parameters,
) -> Layer:
    """The catalyst layer with the rates of a potential, at a concentration of OH- in its film.

    `transfer` is that of CO2 into the liquid before it, `absorption_m_per_s`.

    The gas channel is well mixed: its mole fraction of CO2 is the one that leaves it. CO2 in the
    layer obeys D c'' = k (c - c*), c* where reactions and the catholyte's CO2 balance, so that its
    mean is c* + effectiveness (c_gas - c*). At the least, hydroxide takes one CO2 for each CO, and
    that of hydrogen evolution as much in the measure of the CO2 that is left in the gas.
    """
    length = p.thickness_m
    reduction_per_s, h2, oxidation = rates
    absorption_per_s = transfer / length
    inlet = feed.co2_mol_per_s
    if inlet == 0.0 and absorption_per_s * bulk.catholyte.co2 == 0.0:
        return Layer(0.0, h2, oxidation, 0.0, 0.0, 1.0, 0.0, hydroxide)
    carbonation_per_s = max(
        p.porosity * p.carbonation_m3_per_mol_s * hydroxide, p.least_carbonation * reduction_per_s
    )
    rate_per_s = reduction_per_s + carbonation_per_s + absorption_per_s
    thiele = length * math.sqrt(rate_per_s / (p.diffusivity_m2_per_s * p.porosity**1.5))
    supply = rate_per_s * length / (p.gas_transfer_m_per_s * age.open_fraction)
    effective = effectiveness(thiele, supply)
    pull = effective * p.saturation_mol_per_m3 * age.open_fraction
    balanced = absorption_per_s * bulk.catholyte.co2 / rate_per_s
    # With y the mole fraction that leaves, U y - U0 the CO2 taken and V y + V0 the CO made:
    # y (n_in - U y + U0 + V y + V0 + n_other) = n_in - U y + U0.
    volume = p.area_m2 * length
    hydrogen = h2 / (2.0 * FARADAY_C_PER_MOL)
    # What the layer lacks of the least that hydroxide takes, per mole fraction of CO2.
    least = p.least_carbonation * (length * reduction_per_s * pull + hydrogen)
    beside = max(least - length * carbonation_per_s * pull, 0.0)
    taken = volume * rate_per_s * pull + p.area_m2 * beside
    lost = volume * (carbonation_per_s + absorption_per_s) * pull + p.area_m2 * beside
    given_back = volume * rate_per_s * effective * balanced
    made = volume * reduction_per_s * (1.0 - effective) * balanced
    other = feed.n2_mol_per_s + p.area_m2 * hydrogen
    entering = inlet + given_back
    b = entering + made + other + taken
    fraction = 2.0 * entering / (b + math.sqrt(b * b - 4.0 * lost * entering))
    from_bulk = (1.0 - effective) * balanced
    # In this order: at extreme potentials the fraction times the pull is beyond floats.
    reduced = length * (reduction_per_s * pull * fraction + reduction_per_s * from_bulk)
    carbonated = length * (carbonation_per_s * pull * fraction + carbonation_per_s * from_bulk)
    carbonated += beside * fraction
    return Layer(
        2.0 * FARADAY_C_PER_MOL * reduced,
        h2,
        oxidation,
        carbonated,
        absorption_per_s * length * (pull * fraction + from_bulk - bulk.catholyte.co2),
        effective,
        fraction,
        hydroxide,
    )


@njit(cache=True)
def film_excess(
    rates: Rates, log_hydroxide: float, bulk: Bulk, feed: Feed, age: Age, p: Parameters
) -> float:
    """What leaves the film over what the reactions put in, mol OH-/(m² s); rises with OH-.

    Each electron of a cathodic reaction leaves one OH-. In a zero gap the film's anions take the
    charge away, and with it the carbon that CO2 brings. Before a bath OH-, HCO3- and CO3-- diffuse
    to the bulk: the carbon among them is what CO2 brings, the charge what the reactions make. A
    bulk that is renewed gives its bicarbonate, and all CO2 becomes carbonate (two OH- each).
    """
    hydroxide = math.exp(log_hydroxide)
    transfer = absorption_m_per_s(hydroxide, p)
    layer = at_hydroxide(rates, hydroxide, transfer, bulk, feed, age, p)
    made = (layer.co_A_per_m2 + layer.h2_A_per_m2) / FARADAY_C_PER_MOL
    if p.supply == MEMBRANE:
        neutralised = 0.0
        if p.separator != electrolytes.ANIONS:
            neutralised = crossing(p.separator, bulk.catholyte, bulk.anolyte)[0]
        carried = max(1.0 - neutralised, 1e-9) * made
        per_charge = zero_gap_carbon(hydroxide, p.zero_gap_mol_per_m3)
        return layer.carbonation_mol_per_m2_s - per_charge * carried
    out = p.film_transfer_m_per_s * (hydroxide - bulk.catholyte.hydroxide)
    if p.supply == RENEWED:
        buffer = p.bicarbonate_transfer_m_per_s * bulk.catholyte.bicarbonate
        return out + 2.0 * layer.carbonation_mol_per_m2_s + min(buffer, made) - made
    k, k_carbonate = p.bicarbonate_transfer_m_per_s, p.carbonate_transfer_m_per_s
    per = CARBONATE_M3_PER_MOL * hydroxide
    # What the film's hydroxide adds to mere solution; CO2 that only dissolves passes the film.
    reacted = 1.0 - p.co2_transfer_m_per_s / transfer
    carbon = layer.carbonation_mol_per_m2_s + reacted * max(layer.dissolution_mol_per_m2_s, 0.0)
    arriving = carbon + k * bulk.catholyte.bicarbonate + k_carbonate * bulk.catholyte.carbonate
    bicarbonate = arriving / (k + k_carbonate * per)
    # carbon + the second charge of carbonate
    charge = carbon + k_carbonate * (per * bicarbonate - bulk.catholyte.carbonate)
    return out + charge - made


@njit()
def at_local_potential(
    local_V: float, log_hydroxide: float, bulk: Bulk, feed: Feed, age: Age, p: Parameters
) -> Layer:
    """The catalyst layer with the OH- of its film in balance, searched from a first guess."""
    rates = rates_at(local_V, age, p)
    search = begin(log_hydroxide, 1e-3, 1e-13)
    while not search.done:
        search = told(search, film_excess(rates, search.x, bulk, feed, age, p))
    hydroxide = math.exp(search.x)
    return at_hydroxide(rates, hydroxide, absorption_m_per_s(hydroxide, p), bulk, feed, age, p)


@njit()
def cell_at(
    local_V: float,
    log_hydroxide: float,
    dt_s: float,
    state: State,
    bulk: Bulk,
    feed: Feed,
    age: Age,
    p: Parameters,
) -> tuple[float, SolvedStep]:
    """Potential of the cathode against SHE, and the cell, if a step ends at a local potential.

    `log_hydroxide` is a first guess of that of its film.
    """
    layer = at_local_potential(local_V, log_hydroxide, bulk, feed, age, p)
    slope_V = _LN_10 * GAS_CONSTANT_J_PER_MOL_K * p.temperature_K / FARADAY_C_PER_MOL
    cathode_V = local_V - slope_V * pH_of(layer.hydroxide_mol_per_m3)
    charging_A = p.double_layer_F / dt_s * (cathode_V - state.cathode_V_vs_SHE)
    current_A = charging_A + p.area_m2 * (
        layer.oxidation_A_per_m2 - layer.co_A_per_m2 - layer.h2_A_per_m2
    )
    counter_V = p.counter_standard_V_vs_SHE - slope_V * pH_of(bulk.anolyte.hydroxide)
    counter_V += p.counter_slope_V * math.asinh(-current_A / (2.0 * p.counter_exchange_A))
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
def advance_piece(
    control: int, value: float, dt_s: float, live: bool, state: State, feed: Feed, p: Parameters
) -> tuple[State, SolvedStep]:
    """One time step, backward Euler. `live` says whether the electrode ages during it."""
    operating_s = state.operating_s + (dt_s if live else 0.0)
    age = age_at(operating_s, p)
    bulk = bulk_of(state.baths, p)
    guess = state.log_hydroxide
    search = begin(state.local_V, 1e-4, 1e-14)
    while not search.done:
        excess = math.nan
        if abs(search.x) < FARTHEST_V:
            _, step = cell_at(search.x, guess, dt_s, state, bulk, feed, age, p)
            excess = control_excess(control, value, step)
            if not math.isnan(excess):
                guess = math.log(step.layer.hydroxide_mol_per_m3)
        search = told(search, excess)
    local_V = search.x
    cathode_V, step = cell_at(local_V, guess, dt_s, state, bulk, feed, age, p)
    layer = step.layer
    amount = p.area_m2 * dt_s
    co_C, h2_C = layer.co_A_per_m2 * amount, layer.h2_A_per_m2 * amount
    gained = layer.carbonation_mol_per_m2_s + layer.dissolution_mol_per_m2_s
    after = State(
        state.time_s + dt_s,
        operating_s,
        cathode_V,
        local_V,
        math.log(layer.hydroxide_mol_per_m3),
        state.charge_C + step.current_A * dt_s,
        state.co_mol + co_C / (2.0 * FARADAY_C_PER_MOL),
        state.h2_mol + h2_C / (2.0 * FARADAY_C_PER_MOL),
        state.carbonate_mol + gained * amount,
        state.oxidation_C + layer.oxidation_A_per_m2 * amount,
        moved(state.baths, dt_s, step, bulk, p),
    )
    return after, step


@njit()
def advance_once(
    control: int, value: float, dt_s: float, live: bool, state: State, feed: Feed, p: Parameters
) -> tuple[State, SolvedStep]:
    """One time step, in pieces where a bath would change by more than `MOST_CHANGED` in one.

    Its solution is that of the last piece.
    """
    left_s, piece_s = dt_s, dt_s
    while True:
        after, step = advance_piece(control, value, piece_s, live, state, feed, p)
        if math.isnan(step.current_A):
            return after, step
        much = changed(state.baths, after.baths, p) / MOST_CHANGED
        # CO2 that dissolves relaxes no faster than this, in its own time constants.
        transfer = absorption_m_per_s(step.layer.hydroxide_mol_per_m3, p)
        much = max(much, piece_s * transfer * p.area_m2 / p.volume_m3 / MOST_RELAXED)
        if much > 1.0:
            piece_s *= max(0.8 / much, 1e-3)
            continue
        state = after
        left_s -= piece_s
        if left_s <= 1e-12 * dt_s:
            return state, step
        piece_s = min(left_s, piece_s * (2.0 if much < 0.4 else 1.0))


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

        `out` is filled, one row a step, columns in the order of `SolvedStep` and its `Layer`, then
        both pH. It ends early, with a row of `nan`, where no solution is found.
        """
        _ = digest
        state, step = advance_once(control, values[0], dt_s, True, state, feed, p)
        for i in range(values.size):
            if i > 0:
                state, step = advance_once(control, values[i], dt_s, True, state, feed, p)
            out[i, :3] = step[:3]
            out[i, 3:11] = step.layer
            out[i, 11], out[i, 12] = liquid_pH(state.baths, p)
            if math.isnan(step.current_A):
                break
        return state, step

    return advance, advance_all


_SOURCES = [str(m.__file__) for m in (ageing, baths, electrolytes, records, root_search)]
advance, advance_all = _compiled(source_digest(*_SOURCES, __file__))
