"""The drivers of the source-measure units, one for each model of a profile."""

from __future__ import annotations

from faradaic.instruments.source_meters.meter_profiles import meter_family, tsp_family
from faradaic.instruments.source_meters.scpi_meter import scpi_meter
from faradaic.instruments.source_meters.tsp_meter import tsp_meter

_KEITHLEY = meter_family("keithley_2400")
keithley_2400 = scpi_meter(_KEITHLEY, "keithley-2400")
keithley_2410 = scpi_meter(_KEITHLEY, "keithley-2410")
keithley_2420 = scpi_meter(_KEITHLEY, "keithley-2420")
keithley_2440 = scpi_meter(_KEITHLEY, "keithley-2440")

_KEYSIGHT = meter_family("keysight_b2900")
keysight_b2901a = scpi_meter(_KEYSIGHT, "keysight-b2901a")
keysight_b2902a = scpi_meter(_KEYSIGHT, "keysight-b2902a")
keysight_b2912a = scpi_meter(_KEYSIGHT, "keysight-b2912a")

_TSP = tsp_family("keithley_2600")
keithley_2601b = tsp_meter(_TSP, "keithley-2601b")
keithley_2602b = tsp_meter(_TSP, "keithley-2602b")
keithley_2611b = tsp_meter(_TSP, "keithley-2611b")
keithley_2612b = tsp_meter(_TSP, "keithley-2612b")
keithley_2635b = tsp_meter(_TSP, "keithley-2635b")
keithley_2636b = tsp_meter(_TSP, "keithley-2636b")
