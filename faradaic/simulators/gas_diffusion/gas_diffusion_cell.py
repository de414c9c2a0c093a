"""A cell whose working electrode is a gas-diffusion cathode that turns CO2 into CO and hydrogen.

Kinetics, supply of CO2 through gas and film, loss of CO2 to carbonate, local pH, single-pass
conversion in the gas channel, double layer, resistance, oxygen evolution at the anode, ageing
under current, and the electrolytes: hydroxide leaves the cathode through the separator or into a
volume, and both liquids have a pH of their own. But in a bulk that is `renewed`, each CO leaves at
least one CO2 as carbonate, and each H2 as many as the gas has CO2 left, which is a guess: OH- is
made where CO2 is, and no conversion in a single pass beyond 43 % is known where theory allows 50 %
(Jeng and Jiao, React. Chem. Eng. 2020, 5, 1768).
What the model leaves out: water in the gas, heat, diffusion through the separator, ions other
than those of potassium (bi)carbonate, what composition does to resistance and solubility, and
gases other than CO2, CO, H2 and N2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from faradaic.chemistry.carbon_dioxide import (
    BICARBONATE_M3_PER_MOL,
    CARBONATE_M3_PER_MOL,
    DIFFUSIVITY_M2_PER_S,
    KNOWN_K,
    co2_solubility_mol_per_m3,
)
from faradaic.chemistry.cell_description.gas_diffusion_description import (
    GasDiffusionDescription,
    parse_gas_diffusion_cell,
)
from faradaic.chemistry.electrode_kinetics import oxygen_V_vs_RHE
from faradaic.chemistry.potential_scales import rhe_zero_V
from faradaic.chemistry.separators import separator_carrier
from faradaic.chemistry.water import hydroxide_mol_per_m3, pH_of_hydroxide
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import FARADAY_C_PER_MOL, STANDARD_TEMPERATURE_K
from faradaic.simulators.contracts import CellState, Control, require_step
from faradaic.simulators.gas_diffusion import electrolytes, records
from faradaic.simulators.gas_diffusion import gas_diffusion_kernels as kernels
from faradaic.simulators.gas_diffusion.baths import liquid_pH
from faradaic.simulators.gas_diffusion.electrolytes import Baths
from faradaic.simulators.gas_diffusion.gas_stream import GasStream
from faradaic.simulators.simulation_errors import SimulationError

Array = npt.NDArray[np.float64]

DISTURBANCES = ("pores_factor", "conductivity_factor")

_SUPPLIES = {"membrane": records.MEMBRANE, "renewed": records.RENEWED}
_CARRIERS = {
    "anions": electrolytes.ANIONS,
    "cations": electrolytes.CATIONS,
    "both": electrolytes.BOTH,
    "water": electrolytes.WATER,
}
_COLUMNS = (*records.SolvedStep._fields[:3], *records.Layer._fields)
_CODES = {
    Control.CURRENT: kernels.CURRENT,
    Control.OPEN_CIRCUIT: kernels.CURRENT,
    Control.POTENTIAL: kernels.POTENTIAL,
    Control.CELL_VOLTAGE: kernels.CELL_VOLTAGE,
}


class GasDiffusionLedger(NamedTuple):
    """What has passed through the cell since it was made."""

    charge_C: float
    """Net, anodic positive."""
    co_mol: float
    h2_mol: float
    carbonate_mol: float
    """CO2 lost to the electrolyte, all of it."""
    oxidation_C: float
    """Charge of oxidations at the working electrode, as it drifts at open circuit."""
    double_layer_C: float
    """Charge that the double layer holds more than at the start."""
    baths: Baths
    """The liquids; those that stay as they are hold 0."""


@dataclass(frozen=True, slots=True)
class GasDiffusionTrace:
    """Many equal time steps: one value at the end of each, in arrays of one length."""

    time_s: Array
    """On the cell's own clock."""
    current_A: Array
    cell_voltage_V: Array
    potential_V: Array
    co_A: Array
    """Partial currents are magnitudes."""
    h2_A: Array
    effectiveness: Array
    film_hydroxide_mol_per_m3: Array
    pH: Array
    """Of the catholyte; `nan` where there is none."""
    anolyte_pH: Array
    outlet: GasStream
    """Flows of arrays."""


class GasDiffusionCell:
    """See `faradaic.simulators.contracts.CellModel`; potentials of the cathode are negative.

    The electrode ages while something is imposed on it and not at open circuit. Without a
    reference electrode its lead is joined to the counter electrode.
    """

    def __init__(self, cell: GasDiffusionDescription) -> None:
        self._parameters = _parameters(cell)
        self._changes = sorted(cell.feed_changes, key=lambda change: change.time_s)
        self._feed = _feed(cell.feed.species, cell.feed.flow_mol_per_s)
        self._changed = 0
        p = self._parameters
        self._undisturbed_ohm = p.resistance_ohm
        baths = _baths(p)
        start = math.log(p.catholyte.hydroxide)
        rest = records.State(0.0, 0.0, 0.0, 0.4, start, 0.0, 0.0, 0.0, 0.0, 0.0, baths)
        # So long a step has no charging current left: it ends where the currents balance.
        still = p._replace(volume_m3=math.inf, anolyte_m3=math.inf)
        state, step = kernels.advance(kernels.CURRENT, 0.0, 1e12, False, rest, self._feed, still)
        self._state = rest._replace(
            cathode_V_vs_SHE=state.cathode_V_vs_SHE,
            local_V=state.local_V,
            log_hydroxide=state.log_hydroxide,
        )
        self._step: records.SolvedStep = step
        self._start_V: float = state.cathode_V_vs_SHE

    @classmethod
    def from_mapping(cls, cell: Mapping[str, Any]) -> GasDiffusionCell:
        """A cell from plain SI data, the keys of `GasDiffusionDescription`.

        Raises `InputError` for data that do not describe a cell.
        """
        return cls(cls.parse(cell))

    parse = staticmethod(parse_gas_diffusion_cell)

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance by `dt_s` (> 0) with a current (A), cell voltage (V) or potential (V) imposed.

        `value` is ignored at open circuit. Raises `ValueError` for a step or value that is not a
        finite number, and `SimulationError` where no potential of the cathode gives the value.
        """
        require_step(dt_s, value)
        live = control is not Control.OPEN_CIRCUIT
        value = value if live else 0.0
        self._change_feed()
        state, step = kernels.advance(
            _CODES[control], value, dt_s, live, self._state, self._feed, self._parameters
        )
        if math.isnan(step.current_A):
            raise _no_solution(control, value, self._state.time_s)
        self._state, self._step = state, step
        return CellState(step.current_A, step.cell_voltage_V, step.potential_V)

    def run(self, control: Control, values: npt.ArrayLike, dt_s: float) -> GasDiffusionTrace:
        """Many steps of `dt_s` at once, one imposed value for each; the cell ends where they do.

        Same numbers as `step` after `step`. Changes of the feed that fall into them raise
        `ValueError`, as does open circuit: those need `step`.
        """
        require_step(dt_s)
        imposed = np.ascontiguousarray(values, dtype=np.float64)
        if imposed.ndim != 1 or imposed.size == 0 or not np.isfinite(imposed).all():
            raise ValueError("the imposed values must be a series of finite numbers")
        if control is Control.OPEN_CIRCUIT:
            raise ValueError("open circuit imposes no values; use `step`")
        self._change_feed()
        start_s, p = self._state.time_s, self._parameters
        end_s = start_s + imposed.size * dt_s
        if self._changed < len(self._changes) and self._changes[self._changed].time_s < end_s:
            raise ValueError("the feed changes during these steps; use `step`")
        out = np.empty((imposed.size, len(_COLUMNS) + 2))
        state, step = kernels.advance_all(
            _CODES[control], imposed, dt_s, self._state, self._feed, p, out
        )
        if math.isnan(step.current_A):
            at = int(np.flatnonzero(np.isnan(out[:, 0]))[0])
            raise _no_solution(control, float(imposed[at]), start_s + at * dt_s)
        self._state, self._step = state, step
        columns = dict(zip((*_COLUMNS, "pH", "anolyte_pH"), out.T, strict=True))
        co, h2 = columns["co_A_per_m2"], columns["h2_A_per_m2"]
        return GasDiffusionTrace(
            start_s + dt_s * np.arange(1.0, imposed.size + 1.0, dtype=np.float64),
            columns["current_A"],
            columns["cell_voltage_V"],
            columns["potential_V"],
            p.area_m2 * co,
            p.area_m2 * h2,
            columns["effectiveness"],
            columns["hydroxide_mol_per_m3"],
            columns["pH"],
            columns["anolyte_pH"],
            _outlet(
                self._feed,
                p.area_m2,
                co,
                h2,
                columns["carbonation_mol_per_m2_s"] + columns["dissolution_mol_per_m2_s"],
            ),
        )

    def feed(self, species: str, flow_mol_per_s: float) -> None:
        """Feed the channel with CO2 or N2 from now on. Raises `InputError` for another gas."""
        self._feed = _feed(species, flow_mol_per_s)

    def disturb(self, name: str, level: float) -> None:
        """Set a disturbance of `DISTURBANCES`. Raises `InputError` (E563) for another.

        `pores_factor` multiplies the fraction of the catalyst layer that gas reaches,
        `conductivity_factor` the conductivity of the electrolyte. Levels are not part of a
        checkpoint.
        """
        if name not in DISTURBANCES:
            raise refusal(
                "E563",
                f"a gas-diffusion cell has no disturbance `{name}`",
                f"it has {', '.join(DISTURBANCES)}",
            )
        if not 0.0 < level < math.inf:
            raise refusal("E563", f"{name} cannot be {level}", "above 0")
        if name == "pores_factor":
            self._parameters = self._parameters._replace(pores_factor=level)
        else:
            ohm = self._undisturbed_ohm / level
            self._parameters = self._parameters._replace(resistance_ohm=ohm)

    def inlet(self) -> GasStream:
        """The gas that enters the channel."""
        return GasStream(CO2=self._feed.co2_mol_per_s, N2=self._feed.n2_mol_per_s)

    def outlet(self) -> GasStream:
        """The gas that leaves the channel, at the end of the last step."""
        layer, area = self._step.layer, self._parameters.area_m2
        lost = layer.carbonation_mol_per_m2_s + layer.dissolution_mol_per_m2_s
        return _outlet(self._feed, area, layer.co_A_per_m2, layer.h2_A_per_m2, lost)

    def pH(self) -> tuple[float | None, float]:
        """Of catholyte and anolyte; the catholyte has none in a zero gap."""
        own, other = liquid_pH(self._state.baths, self._parameters)
        return None if math.isnan(own) else own, other

    def layer(self) -> records.Layer:
        """The catalyst layer at the end of the last step."""
        return self._step.layer

    def ledger(self) -> GasDiffusionLedger:
        """Charge and amounts since the start."""
        s = self._state
        held = self._parameters.double_layer_F * (s.cathode_V_vs_SHE - self._start_V)
        return GasDiffusionLedger(
            s.charge_C, s.co_mol, s.h2_mol, s.carbonate_mol, s.oxidation_C, held, s.baths
        )

    def checkpoint(self) -> tuple[Any, ...]:
        """The whole state as an immutable value."""
        return self._state, self._step, self._feed, self._changed

    def restore(self, state: tuple[Any, ...]) -> None:
        """Return to a checkpoint; the next steps give the same numbers again."""
        self._state, self._step, self._feed, self._changed = state

    def _change_feed(self) -> None:
        due = self._changes[self._changed :]
        while due and due[0].time_s <= self._state.time_s:
            change = due.pop(0)
            self._feed = _feed(change.species, change.flow_mol_per_s)
            self._changed += 1


def _parameters(cell: GasDiffusionDescription) -> records.Parameters:
    catalyst = cell.catalyst
    area, electrolyte, counter = cell.area_m2, cell.electrolyte, cell.counter
    supply = _SUPPLIES.get(electrolyte.supply, records.BATH)
    catholyte = _liquid(electrolyte.hydroxide_mol_per_m3, electrolyte.bicarbonate_mol_per_m3)
    anolyte = _liquid(hydroxide_mol_per_m3(counter.pH), counter.bicarbonate_mol_per_m3)
    separator, neutralised = _CARRIERS[separator_carrier(cell.separator)], 0.0
    if supply == records.MEMBRANE and cell.separator != "aem":
        neutralised = electrolytes.crossing(separator, catholyte, anolyte)[0]
    per_diffusivity = catalyst.bicarbonate_transfer_m_per_s / DIFFUSIVITY_M2_PER_S["HCO3-"]
    saturation = catalyst.saturation_mol_per_m3
    if saturation is None:
        saturation = co2_solubility_mol_per_m3(
            cell.temperature_K, electrolyte.ions_mol_per_m3, cell.pressure_Pa
        )
    same = {name for name in records.Parameters._fields if name in type(catalyst).model_fields}
    given = {name: getattr(catalyst, name) for name in same - {"saturation_mol_per_m3"}}
    return records.Parameters(
        **given,
        temperature_K=cell.temperature_K,
        area_m2=area,
        saturation_mol_per_m3=saturation,
        supply=supply,
        separator=separator,
        least_carbonation=float(supply != records.RENEWED) * (1.0 - neutralised),
        zero_gap_mol_per_m3=electrolyte.membrane_charge_mol_per_m3,
        film_transfer_m_per_s=catalyst.hydroxide_transfer_m_per_s,
        carbonate_transfer_m_per_s=per_diffusivity * DIFFUSIVITY_M2_PER_S["CO3--"],
        co2_transfer_m_per_s=float(supply == records.BATH)
        * per_diffusivity
        * catalyst.diffusivity_m2_per_s,
        catholyte=catholyte,
        volume_m3=electrolyte.volume_m3 or math.inf,
        flow_m3_per_s=electrolyte.flow_m3_per_s or 0.0,
        anolyte=anolyte,
        anolyte_m3=counter.volume_m3 or math.inf,
        anolyte_saturation_mol_per_m3=co2_solubility_mol_per_m3(
            min(max(cell.temperature_K, KNOWN_K[0]), KNOWN_K[1]), pressure_Pa=cell.pressure_Pa
        ),
        double_layer_F=catalyst.double_layer_F_per_m2 * area,
        resistance_ohm=cell.resistance_ohm,
        resistance_growth_ohm_per_s=catalyst.resistance_growth_ohm_m2_per_s / area,
        has_reference=cell.reference is not None,
        reference_share=cell.reference.ohmic_fraction if cell.reference else 0.0,
        reference_V_vs_SHE=cell.reference.potential_V_vs_SHE if cell.reference else 0.0,
        counter_standard_V_vs_SHE=oxygen_V_vs_RHE(cell.temperature_K),
        counter_exchange_A=counter.exchange_A_per_m2 * counter.area_m2,
        counter_slope_V=counter.tafel_slope_V_per_decade / math.log(10),
        pores_factor=1.0,
    )


def _liquid(hydroxide: float, bicarbonate: float) -> electrolytes.Liquid:
    """Carbonate and CO2 as their equilibrium with hydroxide and bicarbonate has them."""
    carbonate = CARBONATE_M3_PER_MOL * hydroxide * bicarbonate
    co2 = bicarbonate / (BICARBONATE_M3_PER_MOL * hydroxide)
    return electrolytes.Liquid(hydroxide, bicarbonate, carbonate, co2)


def _baths(p: records.Parameters) -> Baths:
    """The liquids at the start; what stays as it is holds 0."""
    parts = []
    for liquid, volume_m3 in ((p.catholyte, p.volume_m3), (p.anolyte, p.anolyte_m3)):
        if volume_m3 == math.inf:
            parts += [0.0, 0.0, 0.0]
            continue
        carbon = liquid.bicarbonate + liquid.carbonate + liquid.co2
        amounts = electrolytes.alkalinity(liquid) * volume_m3, carbon * volume_m3
        parts += [*amounts, math.log(liquid.hydroxide)]
    return Baths(*parts, *[0.0] * 5)


def rhe_V_vs_SHE(hydroxide: float, temperature_K: float = STANDARD_TEMPERATURE_K) -> float:
    """The reversible hydrogen electrode in a bulk solution, V vs SHE: −(RT ln 10/F) pH.

    `hydroxide` in mol/m³.
    """
    return rhe_zero_V(pH_of_hydroxide(hydroxide), temperature_K)


def _feed(species: str, flow_mol_per_s: float) -> records.Feed:
    if species not in ("CO2", "N2") or not 0 < flow_mol_per_s < math.inf:
        raise refusal(
            "E563",
            f"the cell cannot be fed with {flow_mol_per_s} mol/s of {species}",
            "feed it CO2 or N2, with a flow above 0",
        )
    if species == "CO2":
        return records.Feed(flow_mol_per_s, 0.0)
    return records.Feed(0.0, flow_mol_per_s)


def _outlet(feed: records.Feed, area_m2: float, co: Any, h2: Any, carbonation: Any) -> GasStream:
    """What the reactions leave; `co` and `h2` in A/m², `carbonation` in mol/(m² s)."""
    co_mol, h2_mol = (area_m2 * j / (2 * FARADAY_C_PER_MOL) for j in (co, h2))
    lost = area_m2 * carbonation
    n2 = feed.n2_mol_per_s + 0.0 * co_mol
    return GasStream(feed.co2_mol_per_s - co_mol - lost, co_mol, h2_mol, n2, 0.0 * co_mol)


def _no_solution(control: Control, value: float, time_s: float) -> SimulationError:
    unit = "A" if control is Control.CURRENT else "V"
    return SimulationError.of(
        f"no potential of the cathode gives a {control.value} of {value:g} {unit} at {time_s:g} s",
        help=f"impose less: potentials within {kernels.FARTHEST_V:g} V of RHE are searched",
        code="E564",
    )
