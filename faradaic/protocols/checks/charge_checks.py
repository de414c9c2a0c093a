"""Q: charge and time."""

from __future__ import annotations

from faradaic.chemistry.gases import FLAMMABLE_LIMIT
from faradaic.protocols import wording
from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.plan import Signal, Then
from faradaic.quantities import format_duration
from faradaic.quantities.constants import FARADAY_C_PER_MOL

_UNATTENDED_S = 2 * 3600.0
_HEAT_W = 1.0
_SWITCHING_S = 0.2


@check("Q01")
def less_than_theoretical(context: Context) -> Findings:
    """Less charge than the electrons of the reaction need cannot convert everything (Faraday)."""
    planned, theoretical = _charges(context)
    if planned is not None and theoretical is not None and planned < 0.98 * theoretical:
        yield warning(
            f"{planned:.2f} F/mol are planned, but the reaction needs {theoretical:g} F/mol:"
            f" at best {planned / theoretical:.0%} can react",
            path=_target(context),
            help=f"plan at least {theoretical:g} F/mol, or correct `reaction.electrons`",
            numbers={"planned_F_per_mol": planned, "theoretical_F_per_mol": theoretical},
        )


@check("Q02")
def efficiency_implied(context: Context) -> Findings:
    """The target bounds the Faradaic efficiency from above: FE ≤ z/(Q/nF)."""
    planned, theoretical = _charges(context)
    if planned is None or theoretical is None or planned <= 0:
        return
    numbers = {"planned_F_per_mol": planned, "theoretical_F_per_mol": theoretical}
    if planned > 3 * theoretical:
        yield warning(
            f"{planned:.2f} F/mol are more than three times the {theoretical:g} F/mol of the"
            " reaction: the product may be oxidised or reduced further",
            path=_target(context),
            help="follow the conversion with samples, and stop earlier",
            numbers=numbers,
        )
    elif planned >= theoretical:
        yield info(
            f"at {planned:.2f} F/mol the Faradaic efficiency can't exceed"
            f" {theoretical / planned:.0%} ({theoretical:g} F/mol are theoretical)",
            path=_target(context),
            numbers=numbers,
        )


@check("Q05")
def switching_counts(context: Context) -> Findings:
    """What flows while an output goes on and off is uncertain: I·0.2 s against the target."""
    for step in context.plan.steps:
        if step.held_current_A is None or not step.expected_charge_C:
            continue
        switching_C = abs(step.held_current_A) * _SWITCHING_S
        if switching_C > 0.01 * step.expected_charge_C:
            share = switching_C / step.expected_charge_C
            yield warning(
                f"the step takes {step.expected_duration_s:.3g} s only: its charge is uncertain by"
                f" up to {share:.0%}, which flows while the output goes on and off",
                path=step.path,
                help="lower the current, or plan more charge",
                numbers={"switching_C": switching_C, "target_C": step.expected_charge_C},
            )


@check("Q07")
def counted_from_the_step(context: Context) -> Findings:
    """`charge` counts from the beginning of its step: 2, then 3 F/mol are 5 (Faraday)."""
    moles, (_, theoretical) = context.resolved.limiting_mol, _charges(context)
    before_C, earlier = 0.0, False
    for step in context.plan.steps:
        if "." in step.id or not step.passes_current:
            continue
        own = [c.at_least for c in step.until if c.signal is Signal.CHARGE_C and not c.since]
        target_C = next((charge for charge in own if charge), None)
        total_C = before_C + (target_C or 0.0)
        if target_C is not None and earlier:
            most_C = (theoretical or 0.0) * (moles or 0.0) * FARADAY_C_PER_MOL
            if total_C > 1.02 * most_C:
                words = [wording.charge(q, moles) for q in (target_C, before_C, total_C)]
                total = words[0].split(" (")[0]
                likely = target_C < before_C and total_C < 1.5 * most_C
                found = info if likely else warning
                yield found(
                    f"step {step.id} takes its {words[0]} after the {words[1]} of the steps before"
                    f" it: {words[2]} at its end",
                    path=step.path,
                    help=f"if {total} is meant from the start of the run, write"
                    f" `until: {{total: {total}}}`",
                    numbers={"target_C": target_C, "total_C": total_C},
                )
        earlier = earlier or bool(own)
        before_C += step.expected_charge_C or 0.0


@check("Q08")
def asked_after_the_end(context: Context) -> Findings:
    """A question to the operator comes at a charge that its step reaches."""
    moles = context.resolved.limiting_mol
    for step in context.plan.steps:
        ends = [
            one.at_least
            for one in step.until
            if one.signal is Signal.CHARGE_C and not one.since and one.then is not Then.PAUSE
        ]
        last_C = min((charge_C for charge_C in ends if charge_C), default=None)
        asked = [(one.question, at) for one in step.until for at in one.ask_at_C]
        late = [(question, at) for question, at in asked if last_C and at > 1.001 * last_C]
        if last_C is None or not late:
            continue
        (question, at_C), *_ = late
        yield warning(
            f"nobody is asked {question!r} at {wording.charge(at_C, moles)}: the step ends at"
            f" {wording.charge(last_C, moles)}",
            path=step.path,
            help="ask earlier, or let the charge end later",
            numbers={"ask_at_C": at_C, "end_C": last_C},
        )


@check("Q06")
def how_long(context: Context) -> Findings:
    """A run of hours is left alone sooner or later: say so when gas, heat or a hazard is there."""
    estimates = context.plan.estimates
    if estimates.duration_s <= 0:
        return
    reasons = [gas for gas in estimates.gas_m3 if gas in FLAMMABLE_LIMIT]
    reasons += [tag for _, _, component, _ in context.components for tag in component.hazards]
    if estimates.heat_W is not None and estimates.heat_W[1] > _HEAT_W:
        reasons.append(f"up to {estimates.heat_W[1]:.1f} W of heat")
    length = format_duration(estimates.duration_s)
    numbers = {"duration_s": estimates.duration_s}
    if estimates.duration_s > _UNATTENDED_S and reasons:
        yield warning(
            f"the run takes {length}, with {', '.join(dict.fromkeys(reasons))}:"
            " don't leave it unattended without ventilation and limits",
            path=_target(context),
            help="plan it for a time when somebody is there, in a hood",
            numbers=numbers,
        )
    else:
        yield info(f"the run takes {length}", path=_target(context), numbers=numbers)


def _charges(context: Context) -> tuple[float | None, float | None]:
    estimates = context.plan.estimates
    planned = estimates.charge_F_per_mol
    if planned is None:
        planned = estimates.target_F_per_mol
    if planned is not None and (moles := context.resolved.limiting_mol):
        planned += context.plan.earlier_C / (FARADAY_C_PER_MOL * moles)
    return planned, estimates.theoretical_F_per_mol


def _target(context: Context) -> str:
    return "steps" if context.main_step is None else context.main_step.path
