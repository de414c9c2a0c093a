"""Q: charge and time."""

from __future__ import annotations

from faradaic.chemistry.gases import FLAMMABLE_LIMIT
from faradaic.protocols import wording
from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.level_steps import LevelsPlan
from faradaic.protocols.plan import Signal, Then
from faradaic.quantities import format_duration
from faradaic.quantities.constants import FARADAY_C_PER_MOL

_UNATTENDED_S, _OVERNIGHT_S = 2 * 3600.0, 8 * 3600.0
_HEAT_W = 1.0
_TRIAL = 0.05
"""Of the theoretical charge: less is a test of the bench, not a conversion."""
_APART = 0.05
_GRAIN, _COARSE = 0.01, 0.05
_REMOVED = 0.05
_SWITCHING_S = 0.2


@check("Q01")
def less_than_theoretical(context: Context) -> Findings:
    """Less charge than the electrons of the reaction need cannot convert everything (Faraday)."""
    planned, theoretical = _charges(context)
    if not planned or theoretical is None or not context.flowing:
        return  # a control without current
    if planned < 0.98 * theoretical:
        found = info if planned < _TRIAL * theoretical else warning
        yield found(
            f"{planned:.2g} F/mol are planned, but the reaction needs {theoretical:g} F/mol:"
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
            continue
        grain = step.interval_s / step.expected_duration_s if step.expected_duration_s else 0.0
        if grain > _GRAIN and not isinstance(step, LevelsPlan):
            found = warning if grain > _COARSE else info
            yield found(
                f"the step is read every {step.interval_s:g} s: it overshoots its charge by up to"
                f" {grain:.1%}",
                path=step.path,
                help="write `sampling: {interval:"
                f" {wording.short_time(_GRAIN * step.expected_duration_s)}}}` or less, where the"
                " source can",
                numbers={"overshoot": grain},
            )


@check("Q09")
def counted_from_the_step(context: Context) -> Findings:
    """`charge` counts from the beginning of its step: 2, then 3 F/mol are 5 (Faraday)."""
    moles, (_, theoretical) = context.resolved.limiting_mol, _charges(context)
    before_C, earlier = 0.0, False
    for step in context.plan.steps:
        if not step.passes_current:
            continue
        own = [c.at_least for c in step.until if c.signal is Signal.CHARGE_C and not c.since]
        target_C = next((charge for charge in own if charge), None)
        total_C = before_C + (target_C or 0.0)
        if target_C is not None and earlier and "." not in step.id:
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
        earlier = earlier or any(c.signal is Signal.CHARGE_C for c in step.until)
        before_C += step.expected_charge_C or 0.0


@check("Q10")
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


@check("Q04")
def time_against_charge(context: Context) -> Findings:
    """A step that names a time and a charge ends at the first of both (Q = I·t)."""
    for step in context.plan.steps:
        charges = [c.at_least for c in step.until if c.signal is Signal.CHARGE_C and not c.since]
        times = [c.at_least for c in step.until if c.signal is Signal.TIME_S and not c.since]
        mean_A = step.mean_current_A
        if not mean_A or not charges or not times or not charges[0] or not times[0]:
            continue
        passed_C = mean_A * times[0]
        if abs(passed_C / charges[0] - 1) <= _APART:
            continue
        first = "time" if passed_C < charges[0] else "charge"
        moles = context.resolved.limiting_mol
        yield warning(
            f"{format_duration(times[0])} at this current are {wording.charge(passed_C, moles)},"
            f" but {wording.charge(charges[0], moles)} are written too: the {first} ends the step",
            path=step.path,
            help=f"write {format_duration(charges[0] / mean_A)}, or remove one of them",
            numbers={"by_time_C": passed_C, "by_charge_C": charges[0]},
        )


@check("Q08")
def aliquots_take_substrate(context: Context) -> Findings:
    """Aliquots of more than 5 % take substrate away: F/mol then refers to n·(1 - v/V) of each."""
    solution = context.protocol.solution
    if solution is None:
        return
    samples = _sampled_m3(context)
    taken_m3 = sum(samples)
    share = taken_m3 / solution.volume_m3
    if share <= _REMOVED:
        return
    yield warning(
        f"the samples take {taken_m3 * 1e6:.2g} mL, {share:.0%} of the solution: the charge per"
        " substrate that is left is higher than what is counted",
        path=("solution", "volume"),
        help=f"take {_REMOVED * solution.volume_m3 * 1e9 / len(samples):.0f} µL or less each time,"
        " or correct the yield by what was removed",
        numbers={"removed_share": share},
    )


def _sampled_m3(context: Context) -> list[float]:
    found = []
    for step in context.protocol.steps:
        volume_m3 = getattr(step.body, "volume_m3", None)
        if step.kind == "sample" and volume_m3:
            found.append(float(volume_m3))
    for aliquot in context.protocol.aliquots:
        if aliquot.volume_m3 and aliquot.at:
            found += [aliquot.volume_m3] * len(aliquot.at)
    return found


@check("Q06")
def how_long(context: Context) -> Findings:
    """A run of hours is left alone sooner or later: say so when gas, heat or a hazard is there.

    Of hydrogen alone, as most electrolyses make it, only overnight.
    """
    estimates = context.plan.estimates
    if estimates.duration_s <= 0:
        return
    reasons = [tag for _, _, component, _ in context.components for tag in component.hazards]
    if estimates.heat_W is not None and estimates.heat_W[1] > _HEAT_W:
        reasons.append(f"up to {estimates.heat_W[1]:.1f} W of heat")
    if estimates.duration_s > _OVERNIGHT_S:
        reasons += [gas for gas in estimates.gas_m3 if gas in FLAMMABLE_LIMIT]
    length = format_duration(estimates.duration_s)
    numbers = {"duration_s": estimates.duration_s}
    if estimates.duration_s > _UNATTENDED_S and reasons:
        yield warning(
            f"the run takes {length}, with {', '.join(dict.fromkeys(reasons))}:"
            " don't leave it unattended without ventilation and limits",
            path=_target(context),
            help="plan it for a time when somebody is there, in a hood, or split it into parts of"
            f" {format_duration(_UNATTENDED_S)}",
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
