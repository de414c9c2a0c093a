"""The drivers of the source-measure units, one for each model of a profile."""

from __future__ import annotations

from faradaic.instruments.source_meters.meter_profiles import meter_family
from faradaic.instruments.source_meters.scpi_meter import scpi_meter

_KEITHLEY = meter_family("keithley_2400")
keithley_2400 = scpi_meter(_KEITHLEY, "keithley-2400")
keithley_2410 = scpi_meter(_KEITHLEY, "keithley-2410")
keithley_2420 = scpi_meter(_KEITHLEY, "keithley-2420")
keithley_2440 = scpi_meter(_KEITHLEY, "keithley-2440")

_KEYSIGHT = meter_family("keysight_b2900")
keysight_b2901a = scpi_meter(_KEYSIGHT, "keysight-b2901a")
keysight_b2902a = scpi_meter(_KEYSIGHT, "keysight-b2902a")
keysight_b2912a = scpi_meter(_KEYSIGHT, "keysight-b2912a")
