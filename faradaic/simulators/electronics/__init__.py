"""The electronics of a simulated source: set-point, control loop, limits, ranges, noise, flags.

Every emulator drives its cell through one `Electronics`, whatever its command language. The chain
is the instrument's: set-point, DAC, loop, limit, cell (`drive`), then range, noise, ADC (`meter`).
A limit is not clipped onto a result: where the cell would exceed it, the step is taken back and
solved again with the limit imposed as the control, so charge and concentrations follow what really
flowed.
"""

from faradaic.simulators.electronics.channel import Electronics
from faradaic.simulators.electronics.device_clock import DeviceClock
from faradaic.simulators.electronics.loop import LoopSpec
from faradaic.simulators.electronics.meter import Measurement
from faradaic.simulators.electronics.spec import APERTURE_S, ElectronicsSpec
from faradaic.simulators.electronics.staircase_sampling import (
    RAMP_EQUIVALENT_FRACTION,
    SamplingWindow,
    StairSample,
    staircase,
)

__all__ = [
    "APERTURE_S",
    "RAMP_EQUIVALENT_FRACTION",
    "DeviceClock",
    "Electronics",
    "ElectronicsSpec",
    "LoopSpec",
    "Measurement",
    "SamplingWindow",
    "StairSample",
    "staircase",
]
