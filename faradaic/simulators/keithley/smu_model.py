"""What distinguishes one model of the graphical SourceMeters from another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from faradaic.simulators.electronics import ElectronicsSpec
from faradaic.simulators.scpi.settings import ScpiSetting, read_table


@dataclass(frozen=True)
class SmuModel:
    """What distinguishes one model of the series from another."""

    table: tuple[ScpiSetting, ...]
    regions: tuple[tuple[float, float], ...]
    """Largest voltage and current that go together, V and A."""

    @cached_property
    def limits(self) -> dict[str, tuple[float, float]]:
        """Of the settings, by key."""
        return {setting.key: (setting.low, setting.high) for setting in self.table}

    @cached_property
    def ranges(self) -> dict[str, tuple[float, ...]]:
        """Full scales, by key."""
        return {setting.key: setting.scales for setting in self.table if setting.kind == "range"}

    @cached_property
    def electronics(self) -> ElectronicsSpec:
        """Converters of 6 1/2 digits; the noise is an engineering guess."""
        return ElectronicsSpec(
            current_ranges_A=self.ranges["sense.CURR.range"],
            voltage_ranges_V=self.ranges["sense.VOLT.range"],
            current_max_A=max(amps for _, amps in self.regions),
            compliance_V=max(volts for volts, _ in self.regions),
            dac_bits=20,
            adc_bits=24,
            current_noise=2e-6,
            voltage_noise=2e-6,
        )


MODEL_2450 = SmuModel(
    read_table(__package__, "smu2450_emulator.csv"), regions=((21.0, 1.05), (210.0, 0.105))
)
