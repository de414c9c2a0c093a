"""V: ohmic drop, conductivity and what the source can reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from faradaic.chemistry.cell_description.cell_assumptions import GUESSED, dominant_guess
from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.plan import Signal

if TYPE_CHECKING:
    from faradaic.chemistry.dissolved import Dissolved

_DILUTE_MOL_PER_M3 = 50.0
_NOTHING_MOL_PER_M3 = 1.0
_POOR_S_PER_M = 0.1
_FULL = 0.8


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
        return
    low_V, high_V = estimates.cell_voltage_V
    middle_V = (low_V + high_V) / 2
    drop_low_V, drop_high_V = estimates.ohmic_drop_V
    ceiling_V, set_by = _ceiling(context)
    mark = f" ({GUESSED})" if dominant_guess(context.plan.cell.assumptions) else ""
    text = (
        f"at {current_A * 1e3:.3g} mA the cell is expected to need {low_V:.1f} to"
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
    """Below 0.05 mol/L of salt the drop is large and charged substrates migrate."""
    for compartment in context.resolved.compartments:
        of = compartment.medium.dissolved
        charge = of.equivalents_mol_per_m3
        known = _conducts(of) and not of.unknown and not of.unnamed
        if known and charge < _DILUTE_MOL_PER_M3:
            yield warning(
                f"{charge / 1000:.3g} mol/L of electrolyte is little",
                path=(*compartment.path, "components", of.sources[0]),
                help="0.05 to 0.1 mol/L is usual",
                numbers={"electrolyte_mol_per_m3": charge},
            )


@check("V04")
def where_the_reference_lead_is(context: Context) -> Findings:
    """A potentiostat reads, holds and limits between working electrode and reference lead.

    What it calls cell voltage is one when that lead is on the counter electrode (PalmSens: RE and
    CE joined for two electrodes); on a reference electrode it is the potential against that.
    """
    model = context.bench.source.model
    if not context.bench.source.reference_electrode or not context.plan.reference:
        return
    passing = [step for step in context.plan.steps if step.passes_current]
    across = [step for step in passing if not step.potentiostatic]
    if not across:
        return
    steps = ", ".join(step.id for step in across)
    message = (
        f"the {model} takes the cell voltage of step {steps} between the working electrode and its"
        " reference lead"
    )
    if len(across) == len(passing):
        yield info(f"{message}: put that lead on the counter electrode", path=across[0].path)
        return
    yield warning(
        f"{message}, which is on the reference electrode for the other steps: what is read, held"
        " and limited there is then the potential against it",
        path=across[0].path,
        help="hold a potential there too, or make two protocols of it and put the lead on the"
        " counter electrode for this one",
    )
