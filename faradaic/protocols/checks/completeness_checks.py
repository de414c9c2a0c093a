"""C: is the protocol complete enough to mean one thing?"""

from __future__ import annotations

from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.plan import Signal
from faradaic.quantities import format_duration

_PROTIC = 0.02
_THRESHOLDS = frozenset(
    {Signal.CELL_VOLTAGE_V, Signal.POTENTIAL_V, Signal.CURRENT_A, Signal.CURRENT_FRACTION}
)
_NUMERIC = frozenset(Signal) - {Signal.OPERATOR}


@check("C04")
def electrons_not_given(context: Context) -> Findings:
    """A stop in F/mol needs the electrons of the reaction as its anchor (Faraday, 1834)."""
    if context.protocol.reaction.counted_electrons is None and context.plan.limiting is not None:
        yield warning(
            "the electrons per molecule of the limiting component are not given, so the charge of"
            " this run has no theoretical value to be compared with",
            path=("reaction",),
            help="add `electrons: 2` (or `{anode: 2, cathode: 2}`) under `reaction`",
        )


@check("C03")
def nothing_but_a_default_cap(context: Context) -> Findings:
    """A step that may never come to its end comes to its default cap."""
    capped = {assumption.field for assumption in context.plan.assumptions}
    for step in context.flowing:
        watched = {
            condition.signal
            for condition in step.until
            if condition.signal is not Signal.TIME_S or condition.at_least != step.time_cap_s
        }
        known = Signal.TIME_S in watched or step.mean_current_A is not None
        open_ended = watched <= _THRESHOLDS or not known
        if watched and open_ended and f"{step.path}.caps.time" in capped:
            cap = format_duration(step.time_cap_s)
            yield warning(
                f"step {step.id} ends when {step.until[0].text}, or else after {cap}, a cap that"
                " nobody chose",
                path=step.path,
                help=f"add `caps: {{time: {cap}}}`, as long as you would wait",
                numbers={"time_cap_s": step.time_cap_s},
            )


@check("C05")
def counter_reaction_not_named(context: Context) -> Findings:
    """What passes at one electrode passes at the other: something has to react there."""
    resolved, reaction = context.resolved, context.protocol.reaction
    if len(resolved.targets) != 1 or context.plan.limiting is None or not context.flowing:
        return
    counter = resolved.cathode if resolved.targets[0] == "anode" else resolved.anode
    written = reaction.half_reactions
    named = getattr(written, counter.role) if written is not None else None
    gas = any(gas.at == counter.role for gas in reaction.gases)
    known = any(line.known and line.of for line in counter.forward.reactions)
    known |= counter.metal is not None or counter.written.sacrificial is not None
    if named or gas or known or not context.plan.estimates.target_charge_C:
        return
    mixture = counter.compartment.medium.mixture
    if mixture is None or mixture.protic > _PROTIC:
        return  # the solvent
    yield warning(
        f"nothing says what happens at the {counter.name}, and neither the solvent nor a component"
        " is known to do it",
        path=("reaction",),
        help=f"add `half_reactions: {{{counter.role}: ...}}` and what it needs to the solution: 1"
        " equiv of a reagent per F/mol",
    )


@check("C06")
def assumed_fields(context: Context) -> Findings:
    """Everything that was filled in, in one place: published procedures leave most of it open."""
    assumed = dict.fromkeys(assumption.field for assumption in context.plan.assumptions)
    if assumed:
        yield info(
            f"{len(assumed)} things were assumed: {', '.join(assumed)}",
            path=("assumptions",),
            help="state them in the protocol where you know better",
            numbers={"count": len(assumed)},
        )


@check("C07")
def words_without_numbers(context: Context) -> Findings:
    """ "Room temperature" and "until TLC shows completion" are not numbers."""
    if context.protocol.environment.temperature is None:
        yield warning(
            "the temperature is not stated; room temperature is between 15 and 30 degC",
            path=("environment",),
            help="add `temperature: 23 degC` under `environment`",
        )
    for step in context.plan.steps:
        signals = {condition.signal for condition in step.until}
        if Signal.OPERATOR in signals and not signals & _NUMERIC:
            yield warning(
                f"only an answer from the operator ends step {step.id}",
                path=step.path,
                help="add a charge to `until`: `{charge: 4.5 F/mol}`",
            )
