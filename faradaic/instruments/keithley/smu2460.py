"""Keithley 2460 SourceMeter, the 2450 of up to 7 A: see `smu2450`, whose words it speaks.

Its output has regions: 7 A go with 7 V, 5 A with 10 V, 4 A with 20 V (recalled); the option
`region` says in which one the driver works. Ranges: 2461-901-01, page 8-166.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from annotated_types import Interval

from faradaic.instruments.capabilities import Capabilities, Tier
from faradaic.instruments.keithley.smu2450 import POWER_LINE_CYCLES, Keithley2450
from faradaic.instruments.transports import Transport

RANGES_A = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 4.0, 5.0, 7.0)
REGIONS = {"20V": (21.0, 4.0), "10V": (10.5, 5.0), "7V": (7.35, 7.0)}
"""Largest voltage and current, V and A."""

Region = Literal["20V", "10V", "7V"]


class Keithley2460(Keithley2450):
    """The 2460 as a galvanostat and cell-voltage source."""

    capabilities: Capabilities = replace(
        Keithley2450.capabilities,
        model="2460",
        compliance_V=REGIONS["20V"][0],
        current_max_A=REGIONS["20V"][1],
        current_ranges_A=tuple(one for one in RANGES_A if one <= REGIONS["20V"][1]),
        tier=Tier.EMULATED,
    )
    VOLTAGE_RANGES_V = (0.2, 2.0, 7.0, 10.0, 20.0, 100.0)

    def __init__(
        self,
        transport: Transport,
        *,
        region: Region = "20V",
        four_wire: bool = False,
        nplc: Annotated[float, Interval(ge=0.01, le=2.0)] = POWER_LINE_CYCLES,
    ) -> None:
        """`region`: of its output, the highest voltage; the others as of the 2450."""
        super().__init__(transport, four_wire=four_wire, nplc=nplc)
        self.capabilities = self.abilities(region=region)

    @classmethod
    def abilities(cls, *, region: Region = "20V", **options: Any) -> Capabilities:
        """What it can do in a region of its output."""
        volts, amps = REGIONS[region]
        ranges = tuple(one for one in RANGES_A if one <= amps)
        return replace(
            cls.capabilities, compliance_V=volts, current_max_A=amps, current_ranges_A=ranges
        )
