"""One step as written into the step of the plan: a page per kind of control.

To add a step kind: its model in `schema/`, its key in `schema/steps.py`, its step in `plan.py`,
its name in `crosscheck.RUNNABLE`, and a function here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faradaic.protocols import by_hand, crosscheck, wording
from faradaic.protocols import plan as planned
from faradaic.protocols.ceilings import check_below
from faradaic.protocols.compilation import Compilation, Path, Place, base
from faradaic.protocols.endings import TIME_CAP_FACTOR, Ending, conditions, ending
from faradaic.protocols.plan import PlanStep, Signal
from faradaic.protocols.schema import controls, techniques
from faradaic.protocols.schema.steps import Step
from faradaic.protocols.setpoints import current_A, density_area_m2, potential_shift_V
from faradaic.quantities import format_quantity

INTERVAL_S = 1.0
"""Time between readings if the protocol doesn't say."""
SWEEP_STEP_V = 1e-3
"""Height of a stair of a sweep if the protocol doesn't say and the source is fast enough."""


def resolve(context: Compilation, step: Step, place: Place) -> PlanStep:
    """The plan step of a runnable step as written; raises Unresolvable after reporting why."""
    return _RESOLVERS[step.kind](context, step.body, place)


def _interval_s(context: Compilation, body: Any, path: Path) -> float:
    sampling = context.protocol.sampling.interval_s
    if body.interval_s is not None:
        path, interval_s = (*path, "interval"), body.interval_s
    elif sampling is not None:
        path, interval_s = ("sampling", "interval"), sampling
    else:
        interval_s = max(INTERVAL_S, context.bench.source.interval_min_s)
    crosscheck.check_interval(context, interval_s, path)
    return float(interval_s)


def _ending(end: Ending) -> dict[str, Any]:
    return {name: getattr(end, name) for name in Ending.__slots__}


def _open_circuit(context: Compilation, body: controls.OpenCircuit, place: Place) -> PlanStep:
    words = wording.duration(body.duration_s)
    until = conditions(context, body.until or (), place.path, 1, body.duration_s)
    return planned.OpenCircuitStep(
        **base(context, body, place, f"open circuit, {words}"),
        until=until,
        time_cap_s=body.duration_s,
        interval_s=_interval_s(context, body, place.path),
        expected_duration_s=body.duration_s,
        expected_end=until[-1].text,
    )


def _constant_current(
    context: Compilation, body: controls.ConstantCurrent, place: Place
) -> PlanStep:
    path = place.path
    magnitude_A = current_A(context, body, path)
    key = "current" if body.current_A is not None else "current_density"
    setpoint = (*path, "rate" if body.rate_C_per_mol_per_s is not None else key)
    crosscheck.check_current(context, magnitude_A, setpoint)
    check_below(context, Signal.CURRENT_A, magnitude_A, setpoint, regulated=True)
    limit_path = (*path, "cell_voltage_limit")
    check_below(context, Signal.CELL_VOLTAGE_V, body.cell_voltage_limit_V, limit_path)
    limit_V = crosscheck.reachable_voltage_V(context, body.cell_voltage_limit_V, limit_path)
    sign = context.protocol.electrodes.forward_sign * (-1 if body.reverse else 1)
    until = conditions(context, body.until or (), path, sign, body.duration_s)
    end = ending(context, body, path, until, magnitude_A, magnitude_A)
    label = f"constant current {wording.current(magnitude_A)}"
    if body.current_density is not None:
        density = body.current_density
        area_m2, basis = density_area_m2(context, density, (*path, "current_density"))
        label += (
            f" ({format_quantity(density.value_A_per_m2, 'mA/cm^2')} on the {density.electrode},"
            f" {basis} {format_quantity(area_m2, 'cm^2')})"
        )
    return planned.ConstantCurrentStep(
        **base(context, body, place, label + (", reversed" if body.reverse else "")),
        **_ending(end),
        interval_s=_interval_s(context, body, path),
        current_A=sign * magnitude_A,
        cell_voltage_limit_V=limit_V,
    )


def _constant_potential(
    context: Compilation, body: controls.ConstantPotential, place: Place
) -> PlanStep:
    path = place.path
    potential_V = body.potential_V + potential_shift_V(context, body.vs, path)
    crosscheck.check_voltage(context, potential_V, (*path, "potential"))
    _check_current_limit(context, body.current_limit_A, path)
    if body.ir_compensation != "none":
        context.report(
            "E402",
            "this version cannot compensate the ohmic drop",
            (*path, "ir_compensation"),
            help="write `ir_compensation: none`",
        )
    until = conditions(
        context,
        body.until or (),
        path,
        context.protocol.electrodes.forward_sign,
        body.duration_s,
    )
    return planned.ConstantPotentialStep(
        **base(
            context,
            body,
            place,
            f"constant potential {wording.voltage(body.potential_V)} vs {body.vs}",
        ),
        **_ending(ending(context, body, path, until, None, body.current_limit_A)),
        interval_s=_interval_s(context, body, path),
        potential_V=potential_V,
        current_limit_A=body.current_limit_A,
    )


def _constant_cell_voltage(
    context: Compilation, body: controls.ConstantCellVoltage, place: Place
) -> PlanStep:
    path = place.path
    crosscheck.check_voltage(context, body.cell_voltage_V, (*path, "cell_voltage"))
    check_below(
        context,
        Signal.CELL_VOLTAGE_V,
        body.cell_voltage_V,
        (*path, "cell_voltage"),
        regulated=True,
    )
    _check_current_limit(context, body.current_limit_A, path)
    until = conditions(
        context,
        body.until or (),
        path,
        context.protocol.electrodes.forward_sign,
        body.duration_s,
    )
    return planned.ConstantCellVoltageStep(
        **base(
            context, body, place, f"constant cell voltage {wording.voltage(body.cell_voltage_V)}"
        ),
        **_ending(ending(context, body, path, until, None, body.current_limit_A)),
        interval_s=_interval_s(context, body, path),
        cell_voltage_V=body.cell_voltage_V,
        current_limit_A=body.current_limit_A,
    )


def _check_current_limit(context: Compilation, limit_A: float, path: Path) -> None:
    crosscheck.check_current_limit(context, limit_A, (*path, "current_limit"))
    check_below(context, Signal.CURRENT_A, limit_A, (*path, "current_limit"))


def _sweep(
    context: Compilation,
    body: techniques.LinearSweep | techniques.CyclicVoltammetry,
    path: Path,
    potentials_V: dict[str, float],
    span_V: float,
) -> dict[str, Any]:
    """What linear and cyclic sweeps share; `span_V` is the whole way."""
    for key, potential_V in potentials_V.items():
        crosscheck.check_voltage(context, potential_V, (*path, key))
    _check_current_limit(context, body.current_limit_A, path)
    finest_V = body.rate_V_per_s * context.bench.source.interval_min_s
    step_V = body.step_V or max(SWEEP_STEP_V, finest_V)
    if body.step_V is None:
        context.assume((*path, "step"), wording.voltage(step_V), "not stated")
    interval_s = step_V / body.rate_V_per_s
    remedy = f"write at least `step: {format_quantity(finest_V, 'mV')}`, or sweep more slowly"
    crosscheck.check_interval(context, interval_s, (*path, "step"), remedy)
    sign = context.protocol.electrodes.forward_sign
    duration_s = span_V / body.rate_V_per_s
    return {
        "until": conditions(context, body.until or (), path, sign),
        "time_cap_s": TIME_CAP_FACTOR * duration_s,
        "charge_cap_C": body.current_limit_A * duration_s,
        "interval_s": interval_s,
        "expected_duration_s": duration_s,
        "expected_end": "the sweep is complete",
        "step_V": step_V,
        "rate_V_per_s": body.rate_V_per_s,
        "current_limit_A": body.current_limit_A,
    }


def _linear_sweep(context: Compilation, body: techniques.LinearSweep, place: Place) -> PlanStep:
    shift_V = potential_shift_V(context, body.vs, place.path)
    begin_V, end_V = body.from_V + shift_V, body.to_V + shift_V
    rate = format_quantity(body.rate_V_per_s, "mV/s")
    label = (
        f"linear sweep {wording.voltage(body.from_V)} to {wording.voltage(body.to_V)}"
        f" vs {body.vs} at {rate}"
    )
    sweep = _sweep(context, body, place.path, {"from": begin_V, "to": end_V}, abs(end_V - begin_V))
    return planned.LinearSweepStep(
        **base(context, body, place, label), **sweep, begin_V=begin_V, end_V=end_V
    )


def _cyclic_voltammetry(
    context: Compilation, body: techniques.CyclicVoltammetry, place: Place
) -> PlanStep:
    shift_V = potential_shift_V(context, body.vs, place.path)
    start_V, first_V, second_V = (
        value + shift_V for value in (body.from_V, body.vertex1_V, body.vertex2_V)
    )
    once_V = abs(first_V - start_V) + abs(second_V - first_V) + abs(start_V - second_V)
    rate = format_quantity(body.rate_V_per_s, "mV/s")
    label = (
        f"cyclic voltammetry {wording.voltage(body.vertex1_V)} to"
        f" {wording.voltage(body.vertex2_V)} vs {body.vs} at {rate}, {body.cycles} cycles"
    )
    turns = {"from": start_V, "vertex1": first_V, "vertex2": second_V}
    sweep = _sweep(context, body, place.path, turns, body.cycles * once_V)
    return planned.CyclicVoltammetryStep(
        **base(context, body, place, label),
        **sweep,
        start_V=start_V,
        vertex1_V=first_V,
        vertex2_V=second_V,
        cycles=body.cycles,
    )


_RESOLVERS: dict[str, Callable[[Compilation, Any, Place], PlanStep]] = {
    "open_circuit": _open_circuit,
    "constant_current": _constant_current,
    "constant_potential": _constant_potential,
    "constant_cell_voltage": _constant_cell_voltage,
    "linear_sweep": _linear_sweep,
    "cyclic_voltammetry": _cyclic_voltammetry,
    "wait": by_hand.wait,
    "prompt": by_hand.prompt,
    "sample": by_hand.sample,
    "set": by_hand.set_devices,
    "dose": by_hand.dose,
}
