"""The emulated supplies by their models, as entry points name them."""

from __future__ import annotations

from typing import Protocol

from faradaic.diagnostics import refusal
from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.supplies.ranged_output import supply_data
from faradaic.simulators.supplies.scpi_supply_emulator import ScpiSupply
from faradaic.simulators.supplies.supply_families import (
    AimTti,
    DeltaSm,
    Keysight,
    Owon,
    RigolDp800,
    RohdeSchwarzHmp,
    SiglentSpd,
)


class SupplyFactory(Protocol):
    """What an entry point names."""

    def __call__(
        self, cell: CellModel, seed: int, *, channel: str = "1", deaf: str = "0"
    ) -> Emulator:
        """A supply, just switched on, the cell on one of its channels."""
        ...


def _factory(model: str, family: type[ScpiSupply]) -> SupplyFactory:
    def make(cell: CellModel, seed: int, *, channel: str = "1", deaf: str = "0") -> Emulator:
        """`channel`: where the cell is; `deaf`: so long it hears nothing after a command, in s."""
        known = supply_data()[model].channels
        if channel not in [str(number) for number in known]:
            raise refusal(
                "E532",
                f"`{model}` has no channel `{channel}`",
                f"channels: {', '.join(str(number) for number in known)}",
            )
        try:
            deaf_s = float(deaf)
        except ValueError:
            raise refusal("E532", f"`deaf={deaf}` is no time in seconds", "`deaf=0.01`") from None
        return family(model, cell, seed, int(channel), deaf_s)

    return make


rigol_dp832 = _factory("rigol-dp832", RigolDp800)
rigol_dp811 = _factory("rigol-dp811", RigolDp800)
siglent_spd3303x = _factory("siglent-spd3303x", SiglentSpd)
siglent_spd1168x = _factory("siglent-spd1168x", SiglentSpd)
siglent_spd1305x = _factory("siglent-spd1305x", SiglentSpd)
hmp4040 = _factory("hmp4040", RohdeSchwarzHmp)
hmp2020 = _factory("hmp2020", RohdeSchwarzHmp)
owon_spe6103 = _factory("owon-spe6103", Owon)
owon_p4305 = _factory("owon-p4305", Owon)
tti_cpx400dp = _factory("tti-cpx400dp", AimTti)
tti_ql355p = _factory("tti-ql355p", AimTti)
keysight_e36313a = _factory("keysight-e36313a", Keysight)
keysight_e3631a = _factory("keysight-e3631a", Keysight)
keysight_e3633a = _factory("keysight-e3633a", Keysight)
delta_sm66_ar_110 = _factory("delta-sm66-ar-110", DeltaSm)
