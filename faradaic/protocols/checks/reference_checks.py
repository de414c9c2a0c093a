"""R: reference electrodes, and where their lead is."""

from __future__ import annotations

from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.wording import brief_current

_WATERY = ("ag/agcl", "sce", "calomel", "hg/hg2so4", "hg/hgo")
_SENSE_A = 0.1


@check("R02")
def water_and_chloride_leak(context: Context) -> Findings:
    """An aqueous reference in an organic solution leaks water and KCl; KClO4 clogs its frit."""
    reference, medium = context.protocol.electrodes.reference, context.resolved.working.compartment
    if reference is None or medium.medium.aqueous or not context.plan.steps:
        return
    watery = any(word in reference.couple.lower() for word in _WATERY)
    if not watery or reference.pseudo or not _potassium(reference.filling):
        return
    if "ClO4" in medium.medium.dissolved.ions:
        yield warning(
            f"{reference.name} stands in a perchlorate solution: KClO4 clogs its frit, and the"
            " potential drifts",
            path=("electrodes", "reference"),
            help="use a double junction with 0.1 mol/L of Bu4NBF4 in the solvent, or Ag/Ag+"
            " (0.01 mol/L AgNO3 in MeCN)",
        )
    else:
        yield info(
            f"{reference.name} leaks water and chloride into an organic solution",
            path=("electrodes", "reference"),
            help="put a double junction with 0.1 mol/L of the electrolyte before it",
        )


def _potassium(filling: str | None) -> bool:
    return filling is None or "k" in filling.lower()


@check("R03")
def silver_ions_leak(context: Context) -> Findings:
    """Silver ions from a reference plate on a cathode that does the work."""
    reference, resolved = context.protocol.electrodes.reference, context.resolved
    if reference is None or reference.couple.replace(" ", "").lower() not in ("ag/ag+", "ag/agno3"):
        return
    if "cathode" in resolved.targets and resolved.working.role == "cathode":
        yield warning(
            f"{reference.name} leaks silver ions, which plate on the {resolved.cathode.name}",
            path=("electrodes", "reference"),
            help="put a double junction before it, and let it stand in the cell for less than 2 h",
        )


@check("R05")
def reference_not_checked(context: Context) -> Findings:
    """A reference electrode is worth what its last check says."""
    reference = context.protocol.electrodes.reference
    if reference is None or reference.check or reference.pseudo:
        return
    if any(step.potentiostatic for step in context.plan.steps):
        yield info(
            f"nothing says when {reference.name} was checked last",
            path=("electrodes", "reference"),
            help="measure it against a second one in the same solution before and after (within"
            " 5 mV), and write it under `check`",
        )


@check("R06")
def drop_in_the_leads(context: Context) -> Findings:
    """Above 100 mA what the cables drop counts in the cell voltage: R of 1 m of 0.5 mm² is 70 mOhm
    there and back."""
    current_A = context.current_A
    if current_A is None or current_A < _SENSE_A or context.main_step is None:
        return
    yield info(
        f"at {brief_current(current_A)} each 0.1 Ohm of cables and clips adds"
        f" {current_A * 100:.3g} mV to the cell voltage that is read",
        path=context.main_step.path,
        help="connect the sense leads at the electrodes where the source has them",
        numbers={"current_A": current_A},
    )


@check("R07")
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
