"""What drivers of bench supplies share: what such a supply can do, a set-point in its steps."""

from __future__ import annotations

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities, OffState, Tier
from faradaic.instruments.readings import CURRENT_TOLERANCE
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    LevelsSegment,
    OpenCircuitSegment,
    StaircaseSegment,
)

LEAST_STEPS = 10
"""Of the current: below so many a supply is off by more than 5 % where it rounds."""

STAYS_ON = (
    "The output stays on at the last set-point, within its voltage and current limits, until "
    "someone turns it off: the supply has no watchdog. Where that matters, put a relay that opens "
    "into the leads."
)


def supply(
    manufacturer: str,
    model: str,
    *,
    most_V: float,
    most_A: float,
    step_A: float,
    interval_s: float,
    level_s: float,
    least_V: float = 0.1,
    least_A: float | None = None,
    accuracy: float = 5e-3,
    off_state: OffState = OffState.CONNECTED,
    on_host_death: str = STAYS_ON,
) -> Capabilities:
    """What a supply with one output and one direction can do.

    `accuracy` is an engineering guess where no data sheet was seen, `least_A` ten steps if nothing
    else is said. What its output capacitor holds is not known of any of them.
    """
    return Capabilities(
        manufacturer=manufacturer,
        model=model,
        modes=frozenset(
            {
                OpenCircuitSegment.mode,
                ConstantCurrentSegment.mode,
                ConstantCellVoltageSegment.mode,
                LevelsSegment.mode,
                StaircaseSegment.mode,
            }
        ),
        current_max_A=most_A,
        compliance_V=most_V,
        current_ranges_A=(most_A,),
        current_resolution=step_A / most_A,
        current_accuracy=accuracy,
        bipolar=False,
        reference_electrode=False,
        interval_min_s=interval_s,
        native_voltage_limit=True,
        native_charge_stop=False,
        on_host_death=on_host_death,
        tier=Tier.EMULATED,
        clamps=True,
        compliance_min_V=least_V,
        level_min_s=level_s,
        opens_between_voltages=False,
        current_min_A=LEAST_STEPS * step_A if least_A is None else least_A,
        off_state=off_state,
        rests_measured=False,
    )


def in_steps(asked: float, step: float, unit: str, model: str) -> int:
    """A set-point in steps of the supply.

    Raises `DeviceError` (E513) for one that comes out more than 2 % off.
    """
    steps = round(asked / step)
    if asked and abs(steps * step - asked) > CURRENT_TOLERANCE * abs(asked):
        raise DeviceError.of(
            f"{asked:g} {unit} was asked of the {model}, which has steps of {step:g} {unit}: it"
            f" would be {steps * step:g} {unit}",
            help=f"write a multiple of {step:g} {unit}, or use an instrument with finer steps",
            code="E513",
        )
    return steps
