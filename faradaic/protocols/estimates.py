"""What to expect of a plan: duration, charge, densities, voltages, gas, heat, conversion.

Ranges are (low, high). Where the data do not allow a number it is None and a note says what is
missing; nothing is filled in with a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic.protocols.conductivity import cell_resistance_ohm
from faradaic.protocols.gases import gas_volumes_m3, heat_W
from faradaic.protocols.geometry import active_area_m2, electrode_areas
from faradaic.protocols.half_reactions import (
    electrochemical_V,
    of_role,
    solution_at,
    target_roles,
)
from faradaic.protocols.mass_transport import (
    conversion,
    diffusivity_m2_per_s,
    flow_situation,
    limiting_current_A,
    mass_transfer_m_per_s,
)
from faradaic.protocols.medium import medium
from faradaic.protocols.plan import Estimates
from faradaic.quantities.constants import FARADAY_C_PER_MOL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faradaic.protocols.bench import BenchProfile
    from faradaic.protocols.half_reactions import ElectrodeRole
    from faradaic.protocols.plan import StepPlan
    from faradaic.protocols.schema import Protocol

_POINTS = 24


def estimate(protocol: Protocol, steps: Sequence[StepPlan], bench: BenchProfile) -> Estimates:
    """What to expect of the steps of a plan; densities and voltages at its largest current."""
    notes: list[str] = []
    charge_C = sum(step.expected_charge_C for step in steps)
    limiting_mol = protocol.limiting_amount_mol
    per_mol = charge_C / (FARADAY_C_PER_MOL * limiting_mol) if limiting_mol else None
    electrons = protocol.reaction.electrons
    currents = [abs(step.held_current_A) for step in steps if step.held_current_A is not None]
    current_A = max(currents, default=None)
    if current_A is None:
        notes.append("no step has a constant current: densities and voltages follow from the run")
    resistance, ohmic, voltage = _voltages(protocol, current_A, notes)
    source = bench.source
    if voltage is not None and sum(voltage) / 2 > source.compliance_V:
        notes.append(
            f"duration: as if the current held, but the {source.model} reaches"
            f" {source.compliance_V:g} V only"
        )
    limit = limiting_currents_A(protocol)
    if isinstance(limit, str):
        notes.append(f"limiting current: {limit}")
    else:
        notes.append(f"limiting current: {_transport_note(protocol)}")
    theoretical = electrons.theoretical if electrons is not None else None
    if theoretical is None:
        notes.append("theoretical charge: the electrons of the reaction are not given")
    curve: tuple[tuple[float, float], ...] = ()
    reacting = target_electrons(protocol)
    if not isinstance(limit, str) and current_A is not None and reacting and per_mol:
        curve = conversion_curve(reacting[1], current_A / limit[1], max(per_mol, reacting[1]))
        if len(set(currents)) > 1:
            notes.append("conversion: as if the whole charge passed at the largest current")
    amount_mol = protocol.limiting_amount_mol
    substrate_C = None
    if theoretical is not None and amount_mol is not None:
        substrate_C = theoretical * amount_mol * FARADAY_C_PER_MOL
    return Estimates(
        duration_s=sum(step.expected_duration_s for step in steps),
        charge_C=charge_C,
        charge_F_per_mol=per_mol,
        current_density_A_per_m2=_densities(protocol, current_A),
        resistance_ohm=resistance,
        ohmic_drop_V=ohmic,
        cell_voltage_V=voltage,
        limiting_current_A=None if isinstance(limit, str) else (limit[0], limit[2]),
        gas_m3=gas_volumes_m3(protocol.reaction.gases, charge_C, substrate_C),
        heat_W=heat_W(current_A, ohmic, voltage) if current_A and voltage else None,
        conversion=curve,
        theoretical_F_per_mol=theoretical,
        notes=tuple(notes),
    )


def _densities(protocol: Protocol, current_A: float | None) -> dict[str, dict[str, float]]:
    if current_A is None:
        return {}
    return {
        name: {basis: current_A / area for basis, area in electrode_areas(electrode).items()}
        for name, electrode in protocol.electrodes.pair.items()
    }


_Band = tuple[float, float] | None


def _voltages(
    protocol: Protocol, current_A: float | None, notes: list[str]
) -> tuple[_Band, _Band, _Band]:
    """Resistance, ohmic drop and cell voltage, each with a note on where it comes from."""
    resistance = cell_resistance_ohm(protocol)
    if isinstance(resistance, str):
        notes.append(f"resistance, ohmic drop and cell voltage: {resistance}")
        return None, None, None
    notes.append(f"resistance: {resistance.reason}")
    ohms = (resistance.low, resistance.high)
    if current_A is None:
        return ohms, None, None
    drop = resistance.scaled(current_A)
    electrodes, reason = electrochemical_V(protocol)
    notes.append(f"cell voltage: ohmic drop plus {reason}")
    return ohms, drop, (electrodes[0] + drop[0], electrodes[1] + drop[1])


def target_electrons(protocol: Protocol) -> tuple[ElectrodeRole, float] | None:
    """The electrode where the limiting component reacts and its electrons; None if not given."""
    electrons = protocol.reaction.electrons
    if electrons is None:
        return None
    role = target_roles(protocol)[0][0]
    here = electrons.anode if role == "anode" else electrons.cathode
    return role, here or electrons.theoretical


def limiting_currents_A(protocol: Protocol) -> tuple[float, float, float] | str:
    """Limiting current of the limiting component at the start, A: (low, typical, high), or why not.

    Low is the facing side behind a thick film, high all outer faces behind a thin one.
    """
    reacting, limiting_mol = target_electrons(protocol), protocol.limiting_amount_mol
    if reacting is None:
        return "the electrons of the reaction are not given"
    if limiting_mol is None or protocol.limiting is None:
        return "the amount of the limiting component is not known"
    role, electrons = reacting
    solution = protocol.solutions[protocol.limiting[0]]
    solvent = medium(protocol, solution_at(protocol, role)).solvent
    if solvent is None:
        return "the solvent is not in the table, so its viscosity is not known"
    electrode = of_role(protocol, role)[1]
    areas, active = electrode_areas(electrode), active_area_m2(electrode)
    if active is None:
        return f"the dimensions of the {role} are missing"
    slow, typical, fast = mass_transfer_m_per_s(protocol, solvent.viscosity_Pa_s)
    concentration = limiting_mol / solution.volume_m3
    around = areas.get("envelope", active)
    return (
        limiting_current_A(electrons, areas.get("facing", active), slow, concentration),
        limiting_current_A(electrons, active, typical, concentration),
        limiting_current_A(electrons, around, fast, concentration),
    )


def _transport_note(protocol: Protocol) -> str:
    reacting = target_electrons(protocol)
    assert reacting is not None
    solvent = medium(protocol, solution_at(protocol, reacting[0])).solvent
    assert solvent is not None
    situation, assumed = flow_situation(protocol)
    diffusivity = diffusivity_m2_per_s(solvent.viscosity_Pa_s)
    text = f"diffusion layer of a {situation} cell, D = {diffusivity:.1e} m²/s in {solvent.id}"
    return f"{text}; {assumed}" if assumed else text


def conversion_curve(
    electrons: float, current_ratio: float, up_to_F_per_mol: float
) -> tuple[tuple[float, float], ...]:
    """(F/mol, conversion) pairs at constant current; `current_ratio` is I/I_lim at the start."""
    charges = [up_to_F_per_mol * i / _POINTS for i in range(_POINTS + 1)]
    return tuple((charge, conversion(charge / electrons, current_ratio)) for charge in charges)
