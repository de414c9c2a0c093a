"""What to expect of a plan: duration, charge, densities, voltages, gas, heat, conversion.

Ranges are (low, high). Where the data do not allow a number it is None and a note says what is
missing; nothing is filled in with a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic.chemistry.electrode_reactions import equilibrium_V
from faradaic.chemistry.gases import gas_volumes_m3
from faradaic.chemistry.mass_transport import conversion, conversion_curve
from faradaic.protocols.plan import Estimates
from faradaic.protocols.reactants import diffusivity_of, limiting_component
from faradaic.protocols.sacrificial import metal_estimate
from faradaic.protocols.stoichiometry import charges_of_gases_C
from faradaic.protocols.streams import stream_of
from faradaic.quantities.constants import FARADAY_C_PER_MOL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from faradaic.chemistry.reaction_lines import ElectrodeReaction
    from faradaic.protocols.bench import BenchProfile
    from faradaic.protocols.plan import StepPlan
    from faradaic.protocols.resolved import ResolvedElectrode, ResolvedProtocol

_Band = tuple[float, float] | None


def estimate(
    resolved: ResolvedProtocol, steps: Sequence[StepPlan], bench: BenchProfile
) -> Estimates:
    """What to expect of the steps of a plan; densities and voltages at its largest current."""
    notes: list[str] = []
    charge_C = _sum(step.expected_charge_C for step in steps)
    target_C = _sum(step.planned_charge_C for step in steps)
    if not charge_C and any(step.passes_current for step in steps):
        charge_C, target_C = None, target_C or None
    limiting_mol = resolved.limiting_mol
    per_mol, target_per_mol = (
        None if charge is None or not limiting_mol else charge / (FARADAY_C_PER_MOL * limiting_mol)
        for charge in (charge_C, target_C)
    )
    if charge_C is None:
        notes.append(
            "charge: not known before the run, since the current follows from the cell; the steps"
            " end at their conditions at the latest"
        )
    currents = [abs(step.held_current_A) for step in steps if step.held_current_A is not None]
    current_A = max(currents, default=None)
    if current_A is None:
        notes.append("no step has a constant current: densities and voltages follow from the run")
    resistance, ohmic, voltage = _voltages(resolved, current_A, notes)
    source = bench.source
    if voltage is not None and sum(voltage) / 2 > source.compliance_V:
        notes.append(
            f"duration: as if the current held, but the {source.model} reaches"
            f" {source.compliance_V:g} V only"
        )
    limit = resolved.limiting_currents_A()
    notes.append(
        f"limiting current: {limit if isinstance(limit, str) else _transport_note(resolved)}"
    )
    electrons = resolved.written.reaction.counted_electrons
    theoretical = electrons.theoretical if electrons is not None else None
    if theoretical is None:
        notes.append("theoretical charge: the electrons of the reaction are not given")
    curve: tuple[tuple[float, float], ...] = ()
    reacting = resolved.reacting
    stream = stream_of(resolved.written)
    flow = None if stream is None else stream.estimate(current_A)
    if not isinstance(limit, str) and current_A is not None and reacting and per_mol:
        ratio, single = current_A / limit[1], flow is not None and flow.mode == "single_pass"
        last = per_mol if single else max(per_mol, reacting[1])
        curve = conversion_curve(reacting[1], ratio, last)
        if flow is not None and single and flow.pass_F_per_mol is not None:
            # Uniform current along the channel: what one portion sees is a batch in time.
            steady = conversion(flow.pass_F_per_mol / reacting[1], ratio)
            flow = flow.model_copy(update={"conversion": steady})
        if voltage is not None:
            rise_V, words = _late(resolved, current_A, ratio, per_mol)
            voltage = (voltage[0], voltage[1] + rise_V)
            notes += words
        if len(set(currents)) > 1:
            notes.append("conversion: as if the whole charge passed at the largest current")
    substrate_C = charges_of_gases_C(resolved.written)
    passing_C = target_C if charge_C is None else charge_C
    gases_m3 = gas_volumes_m3(resolved.gas_per_electron, passing_C or 0.0, substrate_C)
    return Estimates(
        duration_s=sum(step.expected_duration_s for step in steps),
        charge_C=charge_C,
        charge_F_per_mol=per_mol,
        target_charge_C=target_C,
        target_F_per_mol=target_per_mol,
        current_density_A_per_m2=_densities(resolved, current_A),
        resistance_ohm=resistance,
        ohmic_drop_V=ohmic,
        cell_voltage_V=voltage,
        limiting_current_A=None if isinstance(limit, str) else (limit[0], limit[2]),
        gas_m3={} if passing_C is None else gases_m3,
        heat_W=_heat_W(current_A, ohmic, voltage),
        conversion=curve,
        conversion_basis=resolved.active_area_words(reacting[0]) if curve and reacting else "",
        theoretical_F_per_mol=theoretical,
        flow=flow,
        metal=metal_estimate(resolved, passing_C),
        notes=tuple(notes),
    )


def _sum(charges: Iterable[float | None]) -> float | None:
    """Of all charges; None where one is not known."""
    total_C = 0.0
    for charge_C in charges:
        if charge_C is None:
            return None
        total_C += charge_C
    return total_C


def _densities(resolved: ResolvedProtocol, current_A: float | None) -> dict[str, dict[str, float]]:
    if current_A is None:
        return {}
    return {
        electrode.name: {basis: current_A / area for basis, area in electrode.areas_m2.items()}
        for electrode in resolved.electrodes
    }


def _voltages(
    resolved: ResolvedProtocol, current_A: float | None, notes: list[str]
) -> tuple[_Band, _Band, _Band]:
    """Resistance, ohmic drop and cell voltage, each with a note on where it comes from."""
    resistance = resolved.resistance_ohm(resolved.written.cell.gap_m, resolved.section_m2)
    if isinstance(resistance, str):
        notes.append(f"resistance, ohmic drop and cell voltage: {resistance}")
        return None, None, None
    notes.append(f"resistance: {resistance.reason}")
    ohms = (resistance.low, resistance.high)
    if current_A is None:
        return ohms, None, None
    drop = resistance.scaled(current_A)
    areas = (resolved.anode.active_area_m2, resolved.cathode.active_area_m2)
    at_anode, at_cathode = (current_A / area if area else None for area in areas)
    anode = _main(resolved, resolved.anode, at_anode)
    cathode = _main(resolved, resolved.cathode, at_cathode)
    electrodes, reason = equilibrium_V(anode, cathode, (at_anode, at_cathode))
    voltage = (electrodes[0] + drop[0], electrodes[1] + drop[1])
    if sum(voltage) < 0.0:
        notes.append(
            f"cell voltage: not known; {reason} would make a battery, and an electrolysis takes"
            " energy"
        )
        return ohms, drop, None
    notes.append(f"cell voltage: ohmic drop plus {reason}")
    return ohms, drop, voltage


def _late(
    resolved: ResolvedProtocol, current_A: float, ratio: float, per_mol: float
) -> tuple[float, tuple[str, ...]]:
    """By how much the voltage rises when more current is driven than the substrate can carry.

    0 V of the range that holds from the start where it does so later; and what is to be said.

    `ratio` is the current over the limiting one at the start.
    """
    assert resolved.reacting is not None
    role, electrons = resolved.reacting
    electrode = resolved.at(role)
    onset, last = max(0.0, 1.0 - ratio), electrode.forward.reactions[-1]
    main = _main(resolved, electrode, None)
    if main is None or last.known or conversion(per_mol / electrons, ratio) <= onset:
        return 0.0, ()
    density = current_A / area if (area := electrode.active_area_m2) else None
    rise_V = abs(last.potential_at_V(role, density) - main.potential_at_V(role, density))
    if ratio >= 1.0:
        words = f"cell voltage: up to {rise_V:.1f} V of it because more current is driven than the"
        return rise_V, (f"{words} substrate can carry from the start (guessed)",)
    words = f"cell voltage: {rise_V:.1f} V more where the substrate runs short, from a conversion"
    return 0.0, (f"{words} of {onset:.0%} on (guessed)",)


def _main(
    resolved: ResolvedProtocol, electrode: ResolvedElectrode, density_A_per_m2: float | None
) -> ElectrodeReaction | None:
    """The known one that runs most easily, else the first; None when several share an electrode."""
    substrate = any(e.forward.converts for e in resolved.electrodes)
    role = electrode.role
    named = electrode.forward.converts or role not in resolved.targets or not substrate
    if not named:
        return None
    sign = 1 if role == "anode" else -1
    lines = electrode.forward.reactions
    known = [line for line in lines if line.known]
    return min(
        known or lines[:1], key=lambda line: sign * line.potential_at_V(role, density_A_per_m2)
    )


def _heat_W(current_A: float | None, ohmic_V: _Band, cell_voltage_V: _Band) -> _Band:
    """Heat I (U - E_rev), W, as a band: all that is not ohmic is stored, or nothing is."""
    if not current_A or ohmic_V is None or cell_voltage_V is None:
        return None
    return current_A * ohmic_V[0], current_A * cell_voltage_V[1]


def _transport_note(resolved: ResolvedProtocol) -> str:
    assert resolved.reacting is not None
    solvent = resolved.at(resolved.reacting[0]).compartment.medium.solvent
    assert solvent is not None
    component = limiting_component(resolved.written)
    diffusivity = diffusivity_of(component, solvent.viscosity_Pa_s)
    text = f"diffusion layer of a {resolved.flow} cell, D = {diffusivity:.1e} m²/s in {solvent.id}"
    if component is not None and component.diffusion_coefficient_m2_per_s is not None:
        text += " as the author states"
    mediator = resolved.mediators.get(resolved.targets[0])
    if mediator is not None:
        text += f"; carried by {mediator.concentration_mol_per_m3:.3g} mmol/L of {mediator.id}"
        text += f", {mediator.rate_assumed or 'turned over at the rate stated'}"
    return "; ".join(filter(None, (text, resolved.transport_assumed)))
