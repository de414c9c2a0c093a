"""M: does the substrate reach the electrode as fast as the current consumes it?"""

from __future__ import annotations

from faradaic.chemistry.mass_transport import conversion, current_ratio_for, limiting_current_A
from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.compartments import POORLY
from faradaic.protocols.schema.solution import REACTING
from faradaic.protocols.wording import current

_CLOSE = 0.9
_ENOUGH = 0.9


@check("M01")
def above_the_limiting_current(context: Context) -> Findings:
    """I_lim = zF(D/delta)Ac with a film of 200 µm (Williams and Manthiram, 2019: 200 ± 7 µm).

    On the area that takes part in transport, as the plan's conversion and the simulated cell;
    from X* = 1 - I/I_lim on, current must go elsewhere. A warning from 0.9 I_lim of the
    facing side alone, since nobody knows how much of a felt or a rod works.
    """
    limits, reacting = context.resolved.limiting_currents_A(), context.resolved.reacting
    current_A = context.current_A
    if isinstance(limits, str) or reacting is None or current_A is None:
        return
    role, electrons = reacting
    electrode = context.resolved.at(role)
    active, facing = electrode.active_area_m2, electrode.areas_m2.get("facing")
    assert active is not None  # there is a limiting current
    limit_A = limits[1]
    ratio = current_A / limit_A
    onset, complete = max(0.0, 1 - ratio), conversion(1.0, ratio)
    text = (
        f"{current_A / active / 10:.3g} mA/cm² on the {context.resolved.active_area_words(role)}"
        f" against a limiting current of {limit_A / active / 10:.3g} mA/cm² at the start"
    )
    worst = ratio * active / min(facing or active, active)
    if worst > 1.01 * ratio:
        text += f" ({worst:.0%} of it if only the facing side works)"
    text += f": from a conversion of {onset:.0%} on, current goes elsewhere"
    numbers = {
        "current_A": current_A,
        "limiting_current_A": limit_A,
        "conversion_at_onset": onset,
        "conversion_at_theoretical_charge": complete,
    }
    assert context.main_step is not None
    found = warning if worst > _CLOSE else info
    yield found(
        f"{text}; {electrons:g} F/mol convert {complete:.0%}",
        path=context.main_step.path,
        help=_remedy(context, electrons, limit_A, numbers),
        numbers=numbers,
    )


def _remedy(context: Context, electrons: float, limit_A: float, numbers: dict[str, float]) -> str:
    """The current with which the planned charge converts enough."""
    per_mol = context.plan.estimates.charge_F_per_mol or electrons
    ratio = current_ratio_for(_ENOUGH, per_mol / electrons)
    others = "enlarge the electrode, stir faster, or lower the current as the substrate is consumed"
    if ratio is None:
        return f"plan more than {electrons:g} F/mol for {_ENOUGH:.0%} conversion, {others}"
    numbers["current_for_90_percent_A"] = ratio * limit_A
    if ratio * limit_A >= (context.current_A or 0.0):
        return f"up to {current(ratio * limit_A)} would do for {_ENOUGH:.0%} conversion"
    at_most = f"at most {current(ratio * limit_A)} for {_ENOUGH:.0%} conversion"
    return f"{at_most} with the charge planned; else {others}"


@check("M02")
def carrier_unknown(context: Context) -> Findings:
    """A mediator carries the current by its own concentration; enhancement needs its rate."""
    resolved, current_A = context.resolved, context.current_A
    if current_A is None or resolved.reacting is None or resolved.mediators:
        return
    role = resolved.reacting[0]
    electrode = resolved.at(role)
    area, solvent = electrode.active_area_m2, electrode.compartment.medium.solvent
    if area is None or solvent is None:
        return
    for path, name, component, compartment in context.components:
        if component.role.value != "mediator" or compartment.place != electrode.compartment.place:
            continue
        moles = context.protocol.amounts_mol(compartment.place)[name]
        if not moles:
            continue
        concentration = moles / compartment.written.volume_m3
        rate = resolved.mass_transfer_m_per_s(solvent.viscosity_Pa_s)[1]
        bare_A = limiting_current_A(1.0, area, rate, concentration)
        if current_A > bare_A:
            yield warning(
                f"{name} ({concentration:.3g} mmol/L) alone carries {current(bare_A)} to the"
                f" {electrode.name}, and {current(current_A)} are asked for; how fast the substrate"
                " brings it back is not in the tables, so that is not counted",
                path=path,
                help=f"use {concentration * current_A / bare_A:.2g} mmol/L, at most"
                f" {current(bare_A)}, or state its `potential` and `mediator_rate`",
                numbers={"bare_limit_A": bare_A, "current_A": current_A},
            )


@check("M03")
def little_of_it_dissolved(context: Context) -> Findings:
    """What is not dissolved takes no part: the limiting current is that of the solubility."""
    for path, name, component, _ in context.components:
        if component.role not in REACTING or not component.solubility:
            continue
        if POORLY.search(component.solubility):
            yield warning(
                f"{name} dissolves poorly ({component.solubility}): the current that it can carry"
                " is less than its amount says",
                path=(*path, "solubility"),
                help="stir at 600 rpm or more, add 5 to 20 % of a cosolvent, or lower the current"
                " to what its dissolved part carries",
            )


@check("M04")
def nothing_moves_the_solution(context: Context) -> Findings:
    """Without stirring the diffusion layer grows to 230 to 500 µm, and gas and heat stay."""
    stirring, cell = context.protocol.environment.stirring, context.protocol.cell
    if cell.type.flow or not context.flowing or context.plan.limiting is None:
        return
    if not any((step.planned_charge_C or 0.0) > 0 for step in context.flowing):
        return  # a voltammogram is recorded at rest
    if stirring is None:
        yield info(
            "the stirring is not stated; it is taken as stirred",
            path=("environment",),
            help="add `stirring: 600 rpm` under `environment`",
        )
    elif stirring.kind == "none":
        yield warning(
            "the solution is not stirred: its diffusion layers are 0.2 to 0.5 mm thick, and the"
            " current that the substrate carries halves",
            path=("environment", "stirring"),
            help="write `stirring: 600 rpm`",
        )
