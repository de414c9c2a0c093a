"""V: ohmic drop, conductivity and what the source can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic.chemistry.cell_description.cell_assumptions import GUESSED, dominant_guess
from faradaic.chemistry.electrode_limits import hardly_dissolves
from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.plan import Signal, StepPlan
from faradaic.protocols.wording import brief_current

if TYPE_CHECKING:
    from faradaic.chemistry.dissolved import Dissolved

_DILUTE_MOL_PER_M3, _USUAL_MOL_PER_M3 = 30.0, 50.0
_NOTHING_MOL_PER_M3 = 1.0
_POOR_S_PER_M = 0.1
_FULL = 0.8
_NEARLY_ALL = 0.8
_MOST = 0.5
_DROP_V = 0.05
_LOOSE = 2.5


def _ceiling(context: Context) -> tuple[float, str]:
    """The lowest voltage that stops or bounds the largest current, and who set it."""
    source = context.bench.source
    ceilings = [(source.compliance_V, f"the compliance of the {source.model}")]
    if context.main_step is not None and context.main_step.cell_voltage_limit_V is not None:
        limit_V = context.main_step.cell_voltage_limit_V
        ceilings.append((limit_V, "the step's cell_voltage_limit"))
    ceilings += [
        (limit.at_least, f"set by {limit.set_by}")
        for limit in context.plan.limits
        if limit.signal is Signal.CELL_VOLTAGE_V
    ]
    return min(ceilings)


@check("V01")
def cell_voltage_against_the_source(context: Context) -> Findings:
    """E(anode) - E(cathode) + I·gap/(kappa·A) against what source and limits allow.

    Only ever a warning: potentials and conductivities are approximate.
    """
    estimates, step, current_A = context.plan.estimates, context.main_step, context.current_A
    if step is None or current_A is None:
        return
    if estimates.cell_voltage_V is None or estimates.ohmic_drop_V is None:
        if any(isinstance(c.conductivity_S_per_m, str) for c in context.resolved.compartments):
            return  # V02 says so
        why = next((n for n in estimates.notes if "cell voltage" in n.split(":")[0]), "")
        yield info(
            "what cell voltage the current needs cannot be said: "
            + (why.partition(": ")[2] or "the reactions at the electrodes are not known"),
            path=step.path,
        )
        return
    low_V, high_V = estimates.cell_voltage_V
    middle_V = (low_V + high_V) / 2
    drop_low_V, drop_high_V = estimates.ohmic_drop_V
    ceiling_V, set_by = _ceiling(context)
    mark = f" ({GUESSED})" if dominant_guess(context.plan.cell.assumptions) else ""
    text = (
        f"at {brief_current(current_A)} the cell is expected to need {low_V:.1f} to"
        f" {high_V:.1f} V{mark}, of which {drop_low_V:.1f} to {drop_high_V:.1f} V drop in the"
        " solution"
    )
    numbers = {
        "cell_voltage_low_V": low_V,
        "cell_voltage_high_V": high_V,
        "ohmic_drop_low_V": drop_low_V,
        "ohmic_drop_high_V": drop_high_V,
        "ceiling_V": ceiling_V,
    }
    remedy = (
        "use a source with a higher compliance (or raise the limit), add electrolyte, bring the"
        " electrodes closer, or lower the current"
    )
    if middle_V > ceiling_V:
        yield warning(
            f"{text}: more than the {ceiling_V:g} V there are ({set_by}), so this current will"
            " probably not be reached",
            path=step.path,
            help=remedy,
            numbers=numbers,
        )
    elif middle_V > _FULL * ceiling_V:
        yield warning(
            f"{text}: close to the {ceiling_V:g} V there are ({set_by})",
            path=step.path,
            help=remedy,
            numbers=numbers,
        )
    else:
        yield info(f"{text}; there are {ceiling_V:g} V ({set_by})", path=step.path, numbers=numbers)


def _conducts(of: Dissolved) -> bool:
    """Whether anything is there to conduct, known or not."""
    return bool(of.unknown or of.unnamed) or of.equivalents_mol_per_m3 > _NOTHING_MOL_PER_M3


@check("V02")
def poor_conductivity(context: Context) -> Findings:
    """Below about 1 mS/cm most of the voltage, and of the heat, is spent in the solution."""
    for compartment in context.resolved.compartments:
        of, path = compartment.medium, compartment.path
        kappa = compartment.conductivity_S_per_m
        if isinstance(kappa, str):
            says = info if _conducts(of.dissolved) else warning
            yield says(f"the conductivity can't be estimated: {kappa}", path=path)
        elif kappa.typical < _POOR_S_PER_M:
            yield warning(
                f"the solution conducts {kappa.low * 10:.2g} to {kappa.high * 10:.2g} mS/cm only"
                f" ({kappa.reason})",
                path=(*path, "components", *of.dissolved.sources[:1]),
                help="use 0.05 to 0.1 mol/L of electrolyte, or a smaller gap",
                numbers={"low_S_per_m": kappa.low, "high_S_per_m": kappa.high},
            )


@check("V03")
def little_electrolyte(context: Context) -> Findings:
    """Below 0.03 mol/L of salt the drop is large and charged substrates migrate."""
    for compartment in context.resolved.compartments:
        of = compartment.medium.dissolved
        charge = of.equivalents_mol_per_m3
        known = _conducts(of) and not of.unknown and not of.unnamed
        if known and charge < _USUAL_MOL_PER_M3:
            found = warning if charge < _DILUTE_MOL_PER_M3 else info
            yield found(
                f"{charge / 1000:.3g} mol/L of electrolyte is little",
                path=(*compartment.path, "components", of.sources[0]),
                help="0.05 to 0.1 mol/L is usual",
                numbers={"electrolyte_mol_per_m3": charge},
            )


@check("V04")
def salt_stays_on_the_bottom(context: Context) -> Findings:
    """Salts that hardly dissolve in the solvent conduct little of what their amount says."""
    for path, name, component, compartment in context.components:
        mixture = compartment.medium.mixture
        salt = next(iter(compartment.salts[name]), None)
        if salt is None or mixture is None or component.solubility:
            continue
        solvent, share = mixture.parts[0]
        said = hardly_dissolves(salt.cation, salt.anion, solvent.id)
        if said is None or share < _NEARLY_ALL:
            continue
        yield warning(
            f"{name} in {mixture.id}: {said[0]}",
            path=path,
            help=f"{said[1]}; where it does dissolve, `solubility: dissolved` says so",
        )


@check("V05")
def heat_between_the_electrodes(context: Context) -> Findings:
    """The share of the voltage that the solution takes, iR/U: it becomes heat."""
    estimates, step = context.plan.estimates, context.main_step
    if step is None or not estimates.cell_voltage_V or not estimates.ohmic_drop_V:
        return
    middle_V = sum(estimates.cell_voltage_V) / 2
    share = sum(estimates.ohmic_drop_V) / 2 / middle_V
    if share > _MOST:
        gap_m = context.protocol.cell.gap_m
        half = "" if gap_m is None else f" (half the gap, {gap_m * 500:.2g} mm, saves half of it)"
        yield info(
            f"{share:.0%} of the voltage and of the energy is spent in the solution",
            path=step.path,
            help=f"more electrolyte, or electrodes that are closer{half}",
            numbers={"ohmic_share": share},
        )


@check("V06")
def drop_in_a_held_potential(context: Context) -> Findings:
    """I·R between reference and working electrode is missing from a potential that is held."""
    held = [step for step in context.plan.steps if step.potentiostatic and step.passes_current]
    limit = context.resolved.limiting_currents_A()
    resistance = context.plan.estimates.resistance_ohm
    kinds = {step.kind for step in context.plan.steps}
    if not held or resistance is None or kinds & {"impedance", "current_interrupt"}:
        return
    bounds = [] if isinstance(limit, str) else [limit[1]]
    largest = [step.current_limit_A for step in held if step.current_limit_A]
    if not largest or not context.protocol.electrodes.reference:
        return
    current_A = min([*bounds, max(largest)])
    drop_V = current_A * sum(resistance) / 2 / 2
    if drop_V <= _DROP_V:
        return
    yield warning(
        f"at {current_A * 1e3:.3g} mA, the most it may come to, about {drop_V:.2g} V drop between"
        " a reference electrode in the middle and the working electrode, which then stands at that"
        " much less than what is held",
        path=held[0].path,
        help="put the reference within 2 mm of the working electrode, and add an `impedance` or"
        f" `current_interrupt` step; below {_DROP_V / drop_V * current_A * 1e3:.2g} mA it does not"
        " matter",
        numbers={"drop_V": drop_V, "current_A": current_A},
    )


@check("V07")
def limit_that_protects_nothing(context: Context) -> Findings:
    """A voltage limit far above what is expected lets the cell decompose before it trips."""
    estimates, step = context.plan.estimates, context.main_step
    if step is None or estimates.cell_voltage_V is None or step.cell_voltage_limit_V is None:
        return
    high_V = estimates.cell_voltage_V[1]
    if step.cell_voltage_limit_V <= _LOOSE * high_V or _watched(step):
        return
    watch_V = 1.5 * high_V
    yield info(
        f"the limit of {step.cell_voltage_limit_V:g} V is {step.cell_voltage_limit_V / high_V:.1f}"
        f" times the {high_V:.1f} V expected at most: a film or a dry cell passes unseen",
        path=step.path,
        help=f'add `{{cell_voltage: ">= {watch_V:.1f} V", for: 30 s, then: pause}}` to `until`',
        numbers={"limit_V": step.cell_voltage_limit_V, "watch_V": watch_V},
    )


def _watched(step: StepPlan) -> bool:
    return any(condition.signal is Signal.CELL_VOLTAGE_V for condition in step.until)
