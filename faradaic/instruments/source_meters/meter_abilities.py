"""What source-measure units have in common as sources of a cell."""

from __future__ import annotations

from faradaic.diagnostics import InputError
from faradaic.instruments.capabilities import Capabilities, OffState, Tier
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    LevelsSegment,
    OpenCircuitSegment,
    StaircaseSegment,
)

LEVEL_MIN_S = 0.25
"""Of a level that the program times: to set it and read it twice."""
INTERVAL_MIN_S = 0.1

ON_HOST_DEATH = (
    "The output stays on at the last set-point, within its limit, until someone turns it off: no"
    " watchdog is used. Where that matters, put a contact that opens into the interlock or the"
    " leads."
)


def meter_abilities(
    maker: str,
    name: str,
    *,
    amps: float,
    volts: float,
    ranges_A: tuple[float, ...],
    channels: int = 1,
) -> Capabilities:
    """The abilities of a model with these limits (magnitudes, A and V).

    Step and error of the current are cautious guesses for meters of 5 1/2 digits (5e-5 of the
    range, 0.1 %); no data sheet was opened.
    """
    return Capabilities(
        manufacturer=maker,
        model=name,
        modes=frozenset(
            {
                OpenCircuitSegment.mode,
                ConstantCurrentSegment.mode,
                ConstantCellVoltageSegment.mode,
                LevelsSegment.mode,
                StaircaseSegment.mode,
            }
        ),
        current_max_A=amps,
        compliance_V=volts,
        current_ranges_A=ranges_A,
        current_resolution=5e-5,
        current_accuracy=1e-3,
        bipolar=True,
        reference_electrode=False,
        interval_min_s=INTERVAL_MIN_S,
        native_voltage_limit=True,
        native_charge_stop=False,
        on_host_death=ON_HOST_DEATH,
        tier=Tier.EMULATED,
        clamps=True,
        compliance_min_V=0.02,
        level_min_s=LEVEL_MIN_S,
        opens_between_voltages=False,
        off_state=OffState.OPEN,
        channels=channels,
    )


def smallest_range(value: float, ranges: tuple[float, ...]) -> float:
    """The smallest range that holds a value; each reaches 5 % beyond its nominal end."""
    return next(one for one in ranges if abs(value) <= 1.05 * one * (1 + 1e-9))


def of_channel(able: Capabilities, channel: int) -> Capabilities:
    """What it can do on one of its channels. Raises `InputError` (E521) where it has it not."""
    if channel > able.channels:
        raise InputError.of(
            f"the {able.model} has no channel {channel}",
            code="E521",
            help="it has one channel: leave `channel` out",
        )
    return able
