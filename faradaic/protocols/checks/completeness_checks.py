"""C: is the protocol complete enough to mean one thing?"""

from __future__ import annotations

from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.plan import Signal

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
