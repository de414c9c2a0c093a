"""A cell that feeds CO2 to a gas-diffusion cathode: a catalyst, a feed and their changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from faradaic.chemistry.carbon_dioxide import (
    KNOWN_K,
    co2_solubility_mol_per_m3,
    hydroxide_under_co2,
)
from faradaic.chemistry.cell_description.cell_assumptions import RECALLED, Assumptions
from faradaic.chemistry.cell_description.gas_diffusion_description import (
    CounterDescription,
    ElectrolyteDescription,
    FeedChangeDescription,
    FeedDescription,
    GasDiffusionDescription,
    load_parameters,
)
from faradaic.chemistry.electrode_kinetics import (
    gas_overpotential,
    medium_of_pH,
    unknown_overpotential,
)
from faradaic.chemistry.gases import NORMAL
from faradaic.chemistry.potential_scales import nernst_slope_V
from faradaic.chemistry.separators import GUESSED_MEMBRANE_OHM_M2
from faradaic.chemistry.tables import normalised
from faradaic.chemistry.water import hydroxide_mol_per_m3, pH_of_hydroxide
from faradaic.protocols.reference_scales import simulated_reference
from faradaic.protocols.schema import Repeat
from faradaic.protocols.step_kind import StepKind
from faradaic.protocols.step_kinds.set import Set
from faradaic.quantities.constants import STANDARD_TEMPERATURE_K

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from faradaic.chemistry.medium import Medium
    from faradaic.protocols.resolved import ResolvedElectrode, ResolvedProtocol
    from faradaic.protocols.schema import Step, StepModel

_CLUSTERS = {"ag25": "ag25", "au25": "au25"}
"""What a catalyst's name starts with, and its set of parameters."""
_PLAIN_SILVER = "ag-weng"
_CATALYSTS_V = 0.25
"""By which catalysts that make CO differ from silver either way (recalled)."""
_FEEDS: Mapping[str, Literal["CO2", "N2"]] = {"CO2": "CO2", "N2": "N2"}
"""Gases that the model knows."""
_AREA_M2 = 1e-4
_GAP_M = 1e-2
_RESISTANCE_OHM_M2 = 5e-4
_PURGE_S = 15.0
"""Until another gas has filled the channel; longer than the instrument's pauses between steps."""
_FLOW_MOL_PER_S = 20 * NORMAL.sccm_mol_per_s
"""20 sccm, at 0 degC and 1 atm."""


def reduces_fed_co2(resolved: ResolvedProtocol) -> bool:
    """Whether the working electrode is a gas-diffusion cathode that is fed with CO2."""
    working = resolved.working
    gde = working.role == "cathode" and working.written.form.value == "gde"
    return gde and resolved.feed == "CO2"


def gas_diffusion_cell(
    resolved: ResolvedProtocol, current_A: float | None = None
) -> GasDiffusionDescription:
    """The cell of a protocol of which `reduces_fed_co2` holds.

    `current_A` is the largest of the steps, by which it is told what moves the cell voltage.
    """
    assumptions = Assumptions()
    cathode, anode = resolved.cathode, resolved.anode
    area = _area_m2(cathode, "area_m2", assumptions)
    electrolyte = _electrolyte(resolved, area, assumptions)
    pH = pH_of_hydroxide(electrolyte.hydroxide_mol_per_m3)
    pH_anode, assumed = anode.compartment.medium.acidity
    assumptions.note("counter.pH", assumed)
    kelvin = _temperature_K(resolved.temperature_K, assumptions)
    exchange_A_per_m2, slope = _oxygen(anode, pH_anode, kelvin, assumptions)
    parameters, overrides = _catalyst(cathode, assumptions)
    return GasDiffusionDescription(
        model="gas_diffusion",
        parameters=parameters,
        overrides=overrides,
        temperature_K=kelvin,
        area_m2=area,
        resistance_ohm=_resistance_ohm(resolved, area, current_A, assumptions),
        reference=simulated_reference(
            resolved.written.electrodes.reference, pH, resolved.temperature_K, assumptions
        ),
        electrolyte=electrolyte,
        separator=_separator(resolved, assumptions),
        feed=_feed(resolved, assumptions),
        feed_changes=tuple(_feed_changes(resolved, assumptions)),
        counter=CounterDescription(
            area_m2=_area_m2(anode, "counter.area_m2", assumptions),
            pH=pH_anode,
            volume_m3=None if _single_pass(resolved) else anode.compartment.written.volume_m3,
            bicarbonate_mol_per_m3=_bicarbonate_mol_per_m3(anode.compartment.medium),
            exchange_A_per_m2=exchange_A_per_m2,
            tafel_slope_V_per_decade=slope,
        ),
        # Keyword arguments are evaluated in their order, so that this one comes last.
        assumptions=assumptions.noted(),
    )


def _electrolyte(
    resolved: ResolvedProtocol, area_m2: float, assumptions: Assumptions
) -> ElectrolyteDescription:
    """The catholyte: its ions, and where the hydroxide of the cathode goes."""
    compartment, cell = resolved.cathode.compartment, resolved.written.cell
    bicarbonate = _bicarbonate_mol_per_m3(compartment.medium)
    pH, assumed = compartment.medium.acidity
    hydroxide = hydroxide_mol_per_m3(pH)
    carbonate = compartment.medium.dissolved.ions.get("CO3", 0.0)
    if assumed and bicarbonate > carbonate:
        kelvin = _temperature_K(resolved.temperature_K, Assumptions())
        hydroxide = hydroxide_under_co2(bicarbonate, co2_solubility_mol_per_m3(kelvin))
        assumed = f"pH {pH_of_hydroxide(hydroxide):.1f}: the bicarbonate in balance with CO2"
    assumptions.note("electrolyte.hydroxide_mol_per_m3", assumed)
    assumptions.note(
        "electrolyte",
        "each CO leaves at least one CO2 as carbonate, which takes the two OH- of its reduction;"
        " that each H2 leaves as many as the gas has CO2 left is guessed",
    )
    ions = {"hydroxide_mol_per_m3": hydroxide, "bicarbonate_mol_per_m3": bicarbonate}
    if cell.type.value == "mea_zero_gap":
        assumptions.note(
            "electrolyte.membrane_charge_mol_per_m3",
            "ions of 2 mol/L of charge between electrode and membrane",
        )
        return ElectrolyteDescription(supply="membrane", **ions)
    if not _single_pass(resolved):
        volume_m3 = compartment.written.volume_m3
        return ElectrolyteDescription(supply="recirculating", volume_m3=volume_m3, **ions)
    assert cell.flow is not None
    flow, channel = cell.flow.catholyte_m3_per_s or cell.flow.rate_m3_per_s, cell.flow.channel
    if flow is None:
        assumptions.note(
            "electrolyte.flow_m3_per_s",
            "the flow of the catholyte is not stated: taken as so fast that it stays as it is",
        )
        return ElectrolyteDescription(supply="renewed", **ions)
    if channel is not None:
        volume_m3 = channel.width_m * channel.height_m * channel.length_m
    else:
        volume_m3 = area_m2 * (cell.gap_m or _GAP_M)
        assumptions.note(
            "electrolyte.volume_m3",
            f"{volume_m3 * 1e6:.2g} mL of catholyte before the electrode: its area times the gap",
        )
    return ElectrolyteDescription(
        supply="single_pass", volume_m3=volume_m3, flow_m3_per_s=flow, **ions
    )


def _bicarbonate_mol_per_m3(medium: Medium) -> float:
    return medium.dissolved.ions.get("HCO3", 0.0)


def _single_pass(resolved: ResolvedProtocol) -> bool:
    flow = resolved.written.cell.flow
    return flow is not None and flow.mode == "single_pass"


def _separator(resolved: ResolvedProtocol, assumptions: Assumptions) -> Any:
    """Its kind, a word of `GasDiffusionDescription`."""
    separator = resolved.written.cell.separator
    if separator is None:
        assumptions.note("separator", "the separator is not stated: an anion-exchange membrane")
        return "aem"
    return separator.kind


def _area_m2(electrode: ResolvedElectrode, of: str, assumptions: Assumptions) -> float:
    if electrode.active_area_m2 is None:
        assumptions.note(
            of,
            f"the area of the {electrode.role} is not known: taken as 1 cm²",
            guess="area",
            state=f"electrodes.{electrode.name}.area",
        )
        return _AREA_M2
    return electrode.active_area_m2


def _temperature_K(stated: float, assumptions: Assumptions) -> float:
    low, high = KNOWN_K
    if low <= stated <= high:
        return stated
    assumptions.note(
        "temperature_K", "the solubility of CO2 is known from 0 to 40 degC: simulated at 25 degC"
    )
    return STANDARD_TEMPERATURE_K


def _oxygen(
    anode: ResolvedElectrode, pH: float, temperature_K: float, assumptions: Assumptions
) -> tuple[float, float]:
    """Exchange current, A/m², and Tafel slope, V per decade, of oxygen at the anode."""
    material, where = anode.written.material, medium_of_pH(pH)
    stated, found = anode.overpotential, gas_overpotential(material, "OER", where)
    line = stated or (found or unknown_overpotential("OER", where)).at(temperature_K)
    slope, at_V, spread_V = (
        line.tafel_slope_V_per_decade,
        line.at_100_A_per_m2_V,
        line.spread_V,
    )
    unknown = stated is None and (found is None or RECALLED in line.source)
    assumptions.note(
        "counter.exchange_A_per_m2",
        f"oxygen on {material}: {at_V:.2f} ± {spread_V:.2g} V at 10 mA/cm² ({line.source})",
        guess="kinetics" if unknown else None,
        bounds=(_exchange(at_V - spread_V, slope), _exchange(at_V + spread_V, slope)),
        cell_voltage_V=spread_V,
        state=f"electrodes.{anode.name}.overpotential" if unknown else "",
    )
    return _exchange(at_V, slope), slope


def _exchange(overpotential_V: float, slope_V: float) -> float:
    """Exchange current density, A/m², of what has an overpotential at 10 mA/cm²."""
    return float(100.0 * 10.0 ** (-overpotential_V / slope_V))


def _catalyst(cathode: ResolvedElectrode, assumptions: Assumptions) -> tuple[str, dict[str, float]]:
    """The set of parameters of the cathode's catalyst, and what its author states of CO."""
    written = cathode.written
    coated = written.coating.catalyst if written.coating else written.material
    words = normalised(coated)
    name = next((n for start, n in _CLUSTERS.items() if words.startswith(start)), _PLAIN_SILVER)
    silver = words in ("ag", "silver")
    of = load_parameters(name).values
    kelvin = STANDARD_TEMPERATURE_K
    slope_V = nernst_slope_V(kelvin) / of["co_transfer_coefficient"]
    # As a flat electrode in water saturated with CO2 at 1 atm, the whole layer taking part.
    per_inner = of["specific_area_per_m"] * of["thickness_m"]
    per_inner *= co2_solubility_mol_per_m3(kelvin) / of["co_reference_mol_per_m3"]
    stated = cathode.overpotential
    if stated is not None:
        if written.tafel_slope_V is not None:
            slope_V = written.tafel_slope_V
        exchange = _exchange(stated.at_100_A_per_m2_V, slope_V) / per_inner
        assumptions.note(
            "parameters",
            f"CO on {coated}: {stated.source}; the rest of its kinetics as in the set {name}",
        )
        return name, {
            "co_exchange_A_per_m2": exchange,
            "co_transfer_coefficient": nernst_slope_V(kelvin) / slope_V,
        }
    exchange = of["co_exchange_A_per_m2"]
    assumptions.note(
        "parameters" if silver else "overrides.co_exchange_A_per_m2",
        f"kinetics and ageing of {coated} are illustrative (set {name})"
        if name != _PLAIN_SILVER
        else f"kinetics of {coated} taken as those of silver (set {name})",
        guess=None if silver else "kinetics",
        bounds=None
        if silver
        else tuple(exchange * 10.0 ** (v / slope_V) for v in (_CATALYSTS_V, -_CATALYSTS_V)),
        cell_voltage_V=None if silver else _CATALYSTS_V,
        state="" if silver else f"electrodes.{cathode.name}.overpotential",
    )
    return name, {} if silver else {"co_exchange_A_per_m2": exchange}


def _resistance_ohm(
    resolved: ResolvedProtocol, area_m2: float, current_A: float | None, assumptions: Assumptions
) -> float:
    gap = resolved.written.cell.gap_m
    if gap is None:
        gap = _GAP_M
    alone, stated = resolved.membrane_alone, resolved.written.cell.resistance is not None
    if resolved.written.cell.gap_m is None and not (alone or stated):
        assumptions.note(
            "resistance_ohm",
            "the gap between the electrodes is not stated: taken as 10 mm",
            guess="area",
            state="cell.gap",
        )
    found = resolved.resistance_ohm(gap, resolved.section_m2 or area_m2)
    if isinstance(found, str):
        guessed = GUESSED_MEMBRANE_OHM_M2 if alone else _RESISTANCE_OHM_M2
        where = f"{'.'.join(resolved.cathode.compartment.path)}.conductivity"
        assumptions.note(
            "resistance_ohm",
            f"conductivity guessed, resistance taken as {guessed * 1e4:g} ohm cm²: {found}",
            guess="conductivity",
            cell_voltage_V=current_A and current_A * guessed / area_m2,
            state="cell.separator.area_resistance" if alone else where,
        )
        return guessed / area_m2
    assumptions.note(
        "resistance_ohm",
        f"resistance {found.typical:.1f} ohm: {found.reason}",
        bounds=(found.low, found.high),
        cell_voltage_V=current_A and current_A * (found.high - found.low) / 2,
    )
    return found.typical


def _feed(resolved: ResolvedProtocol, assumptions: Assumptions) -> FeedDescription:
    compartments = resolved.written.compartments
    assert compartments is not None
    assert compartments.gas is not None
    gas = compartments.gas.gas
    if gas.flow_mol_per_s is None:
        assumptions.note(
            "feed.flow_mol_per_s", f"the flow of {gas.species} is not stated: taken as 20 sccm"
        )
    flow = gas.flow_mol_per_s or _FLOW_MOL_PER_S
    return FeedDescription(species="CO2", flow_mol_per_s=flow)


def _feed_changes(
    resolved: ResolvedProtocol, assumptions: Assumptions
) -> list[FeedChangeDescription]:
    """When the steps change the gas, by their nominal durations.

    On the simulated bench nobody turns a valve, so the cell does it by its own clock.
    """
    changes: list[FeedChangeDescription] = []
    time_s = 0.0
    for step in _walked(resolved.written.steps):
        gas = step.gas if isinstance(step, Set) else None
        species = _FEEDS.get(gas.species) if gas is not None and not gas.off else None
        if gas is not None and species is not None:
            flow = gas.flow_mol_per_s or _FLOW_MOL_PER_S
            filled_s = time_s + _PURGE_S
            changes.append(
                FeedChangeDescription(time_s=filled_s, species=species, flow_mol_per_s=flow)
            )
        elif gas is not None:
            assumptions.note(
                "feed_changes", f"the simulated cell does not follow `set: gas` to {gas.species}"
            )
        duration = step.nominal_duration_s() if isinstance(step, StepKind) else None
        if duration is None:
            assumptions.note(
                "feed_changes", "the gas changes by the clock, up to the first step of open length"
            )
            return changes
        time_s += duration
    if changes:
        assumptions.note(
            "feed_changes", "the gas changes by the clock, 15 s after the steps' nominal times"
        )
    return changes


def _walked(steps: Sequence[Step]) -> Iterator[StepModel]:
    for step in steps:
        if isinstance(step.body, Repeat):
            for _ in range(step.body.count or 1):
                yield from _walked(step.body.steps)
        else:
            yield step.body
