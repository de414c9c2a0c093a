"""The drivers of the supplies, one for each model of a profile."""

from __future__ import annotations

from faradaic.instruments.supplies.scpi_supply import ScpiSupply
from faradaic.instruments.supplies.supply_profiles import find_model


def supply(key: str) -> type[ScpiSupply]:
    """The driver of a model, by its key."""
    family, model = find_model(key)
    name = "".join(word.capitalize() for word in key.replace("-", " ").split())
    body = {
        "family": family,
        "model": model,
        "serial": family.serial,
        "__doc__": f"{family.maker} {model.name}. Unverified: {family.unverified}.",
        "__module__": __name__,
    }
    made: type[ScpiSupply] = type(name, (ScpiSupply,), body)
    made.capabilities = made.abilities()
    return made


rigol_dp832 = supply("rigol-dp832")
rigol_dp811 = supply("rigol-dp811")
siglent_spd3303x = supply("siglent-spd3303x")
siglent_spd1168x = supply("siglent-spd1168x")
siglent_spd1305x = supply("siglent-spd1305x")
hmp4040 = supply("hmp4040")
hmp2020 = supply("hmp2020")
owon_spe6103 = supply("owon-spe6103")
owon_p4305 = supply("owon-p4305")
tti_cpx400dp = supply("tti-cpx400dp")
tti_ql355p = supply("tti-ql355p")
keysight_e36313a = supply("keysight-e36313a")
keysight_e3631a = supply("keysight-e3631a")
keysight_e3633a = supply("keysight-e3633a")
delta_sm66_ar_110 = supply("delta-sm66-ar-110")
