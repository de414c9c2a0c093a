"""P: polarity and pulses."""

from __future__ import annotations

from faradaic.chemistry.cell_description.preparative_description import PreparativeDescription
from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.level_steps import LevelsPlan
from faradaic.protocols.wording import charge, duration, short_time

_SWING_V = 2.0
"""By which a reversal moves an electrode before anything reacts the other way; a rule of thumb."""
_CAPACITIVE = 0.5
_OPEN = 0.1
"""Share of the time in which the cell is open, from which on it is another experiment (a rule of
thumb)."""


@check("P01")
def reversed_sacrificial_electrode(context: Context) -> Findings:
    """A reversal makes a cathode of a sacrificial anode, and the other electrode its anode."""
    sacrificial = [
        name
        for name, electrode in context.protocol.electrodes.pair.items()
        if electrode.sacrificial is not None
    ]
    turning = [step for step in context.plan.steps if isinstance(step, LevelsPlan)]
    reversing = [step for step in turning if step.reverses]
    for step in reversing[:1] if sacrificial else ():
        yield warning(
            f"the {sacrificial[0]} is sacrificial: reversed, it dissolves no metal, and what is"
            " oxidised then is at the other electrode",
            path=step.path,
            help="alternate between electrodes that bear both directions, or hold one",
        )


@check("P02")
def charges_the_double_layers_alone(context: Context) -> Findings:
    """C·ΔU against I·t: a reversal recharges the double layers before any reaction runs."""
    cell = context.plan.cell
    if not isinstance(cell, PreparativeDescription):
        return
    layer_F = min(cell.electrodes.working.double_layer_F, cell.electrodes.counter.double_layer_F)
    for step in context.plan.steps:
        if not isinstance(step, LevelsPlan) or step.regulates != "current" or not step.reverses:
            continue
        passed_C = min(abs(one.value) * one.duration_s for one in step.levels if one.value)
        taken_C = layer_F * _SWING_V
        if taken_C < _CAPACITIVE * passed_C:
            continue
        held_s = min(one.duration_s for one in step.levels if one.value)
        needed_s = taken_C / _CAPACITIVE / (passed_C / held_s)
        yield warning(
            f"a half-period passes {passed_C * 1e3:.3g} mC, and charging a double layer of"
            f" {layer_F * 1e3:.3g} mF by {_SWING_V:g} V takes {taken_C * 1e3:.3g} mC: little or"
            " nothing of it reacts",
            path=step.path,
            help=f"take half-periods of {short_time(needed_s)} or more, a larger current, or"
            " electrodes of less surface",
            numbers={"half_period_C": passed_C, "double_layer_C": taken_C},
        )


@check("P04")
def charge_that_goes_back(context: Context) -> Findings:
    """Where the polarity alternates, targets count gross charge; net is near zero."""
    step, moles = context.alternates, context.resolved.limiting_mol
    if step is None or not step.expected_charge_C or step.regulates != "current":
        return
    net_A = sum(one.value * one.duration_s for one in step.levels) / step.period_s
    net_C = abs(net_A * step.expected_duration_s)
    yield info(
        f"{charge(step.expected_charge_C, moles)} pass in both directions, of which"
        f" {charge(net_C, moles)} remain net; targets count the gross charge",
        path=step.path,
        help="where only the net charge counts, write `{charge: ..., count: net}`",
        numbers={"gross_C": step.expected_charge_C, "net_C": net_C},
    )


@check("P05")
def open_while_a_relay_reverses(context: Context) -> Findings:
    """A relay that turns the leads round leaves the cell open for its dead time, twice a period."""
    dead_s = context.bench.source.dead_time_s
    for step in context.plan.steps:
        if not dead_s or not isinstance(step, LevelsPlan) or not step.reverses:
            continue
        share = 2.0 * dead_s / step.period_s
        tell = warning if share > _OPEN else info
        yield tell(
            f"the cell is open for {short_time(dead_s)} of each reversal, {share:.2g} of the time:"
            " the electrodes relax, and what is intermediate goes elsewhere",
            path=step.path,
            help=f"take half-periods of {short_time(dead_s / _OPEN)} or more, or a bench whose"
            " source is bipolar",
            numbers={"dead_time_s": dead_s, "share_1": share},
        )


@check("P06")
def over_before_its_second_level(context: Context) -> Findings:
    """A step that is shorter than its first level is a constant one."""
    for step in context.plan.steps:
        if not isinstance(step, LevelsPlan) or step.phase_s or not step.expected_duration_s:
            continue
        first_s = step.levels[0].duration_s
        if step.expected_duration_s <= first_s:
            yield warning(
                f"the step takes {duration(step.expected_duration_s)}, and its first level"
                f" {duration(first_s)}: the second never comes",
                path=step.path,
                help="take shorter levels, or plan more charge or time",
            )


@check("P07")
def reversed_between_compartments(context: Context) -> Findings:
    """In a divided cell a reversal makes a catholyte of the anolyte."""
    turning = [step for step in context.plan.steps if isinstance(step, LevelsPlan)]
    reversing = [step for step in turning if step.reverses]
    for step in reversing[:1] if context.protocol.cell.type.divided else ():
        yield warning(
            "the cell is divided: reversed, the anolyte is at the cathode, and the catholyte at"
            " the anode",
            path=step.path,
            help="alternate in an undivided cell, or hold one direction",
        )
