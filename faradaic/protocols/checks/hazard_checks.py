"""H: hazards of the components, by tag, by name, and of what meets what."""

from __future__ import annotations

from collections.abc import Callable

from faradaic.chemistry.substance_classes import KNOWN_TAGS
from faradaic.protocols.checks import Check, Context, Findings, check, info, warning
from faradaic.protocols.checks.participants import incompatible, of_class, told_of
from faradaic.protocols.wording import voltage
from faradaic.quantities.constants import CELSIUS_ZERO_K

_DRYING = frozenset({"CONCENTRATION", "DISTILLATION", "DRY_IN_VACUUM"})
_HOT_K = CELSIUS_ZERO_K + 60
_CLOSED = frozenset({"sealed", "septum_sealed"})
_TOUCH_V, _LOW_VOLTAGE_V = 30.0, 60.0
"""Direct current: from which wet hands count, and where extra-low voltage ends (IEC 61140)."""
_HALIDE_MOL_PER_M3 = 50.0


@check("H01")
def perchlorate_dried(context: Context) -> Findings:
    """Organic perchlorates may explode when dried or heated (Prudent Practices, p. 375)."""
    drying = [f"`{step.type}`" for step in context.protocol.workup if step.type in _DRYING]
    held = context.protocol.environment.temperature
    if held is not None and held.setpoint_K > _HOT_K:
        drying.append("a temperature above 60 degC")
    for one in of_class(context, "perchlorate") if drying else ():
        yield warning(
            f"{one.name} is a perchlorate, and the protocol has"
            f" {' and '.join(dict.fromkeys(drying))}: dry organic perchlorates can explode",
            path=one.path,
            help="use a BF4, PF6 or OTf salt, or wash the perchlorate out before concentrating and"
            " never heat or scrape the residue; a waiver says what you do",
        )


@check("H03")
def diazonium(context: Context) -> Findings:
    """Diazonium salts decompose with nitrogen, dry ones violently (PSEP 2023, 177, 69)."""
    yield from told_of(
        context,
        "diazonium salt",
        "is a diazonium salt: it decomposes with nitrogen, the dry salt violently",
        "handle less than 1 g, cold, dark, with a plastic spatula behind a shield; add it last and"
        " start at once, because it grafts onto metal cathodes at open circuit",
    )


def _by_table(rule: str, docstring: str) -> None:
    """A check whose sentences stand in the table of incompatibilities."""

    def found(context: Context) -> Findings:
        yield from incompatible(context, rule)

    found.__doc__ = docstring
    register: Callable[[Check], Check] = check(rule)
    register(found)


_by_table("H02", "Perchlorates and perchloric acid beside sulfoxides (Prudent Practices, p. 375).")
_by_table("H04", "Fluorinated alcohols burn skin and eyes (GHS H314).")
_by_table("H05", "PF6 and BF4 lose HF to acid and to hot water.")
_by_table("H06", "Azides with acids, heavy metals and dichloromethane (Bretherick).")
_by_table("H08", "Nitromethane with bases (Bretherick).")
_by_table("H10", "Cyanides and ferrocyanides with acids.")
_by_table("H12", "Carbon monoxide with nickel makes nickel tetracarbonyl.")
_by_table("H14", "Chlorinated solvents with light metals (Bretherick).")
_by_table("H16", "Sulfoxides with acyl halides (Bretherick).")


@check("H09")
def peroxides(context: Context) -> Findings:
    """Ethers with oxygen or peroxides make peroxides that explode when distilled (Bretherick)."""
    yield from incompatible(context, "H09")
    led_in = {s.gas.species for s in context.protocol.solutions.values() if s.gas is not None}
    if context.protocol.environment.atmosphere != "oxygen" and "O2" not in led_in:
        return
    yield from told_of(
        context,
        "ether",
        "is an ether under oxygen: it makes peroxides, which explode when they are distilled",
        "test with a strip and destroy what is above 10 mg/L before anything is concentrated",
    )


@check("H11")
def halogen_at_the_anode(context: Context) -> Findings:
    """An anode in chloride or bromide makes chlorine or bromine, unless a substrate takes it up."""
    anode = context.resolved.anode
    if anode.metal is not None or "anode" in context.resolved.targets:
        return
    ions = anode.compartment.medium.dissolved.ions
    for ion, halogen in (("Cl", "chlorine"), ("Br", "bromine")):
        amount = ions.get(ion, 0.0)
        if amount >= _HALIDE_MOL_PER_M3:
            yield warning(
                f"the {anode.name} stands in {amount / 1e3:.2g} mol/L of {ion}-, and the reaction"
                f" is at the other electrode: it makes {halogen}",
                path=("electrodes", anode.name),
                help="use a BF4 or PF6 salt in the same concentration, a sacrificial anode, or"
                " lead the gas through 10 % sodium thiosulfate",
                numbers={"halide_mol_per_m3": amount},
            )


@check("H13")
def sulfur_dioxide_closed_in(context: Context) -> Findings:
    """A solution of sulfur dioxide builds up pressure when it warms."""
    if context.protocol.cell.closure in _CLOSED:
        yield from told_of(
            context,
            "sulfur dioxide",
            "gives off gas when it warms, and the cell is sealed",
            "write `closure: vented` and lead the gas through 1 mol/L of NaOH",
        )


@check("H15")
def carcinogens(context: Context) -> Findings:
    """Phosphoramides are carcinogenic or suspected of it."""
    yield from told_of(
        context,
        "phosphoramide",
        "is carcinogenic, or related to what is",
        "gloves changed every 15 min, a closed hood, and DMPU or LiBr in its place where they do",
        grave=False,
    )


@check("H17")
def voltage_on_bare_leads(context: Context) -> Findings:
    """Direct current above 30 V can be felt with wet hands; above 60 V it is no low voltage."""
    found = [
        (step.largest_voltage_V, step)
        for step in context.plan.steps
        if step.passes_current and step.largest_voltage_V is not None
    ]
    highest_V, step = max(found, key=lambda pair: pair[0], default=(0.0, None))
    if step is None or highest_V <= _TOUCH_V:
        return
    text = f"the cell voltage may rise to {voltage(highest_V)} on bare clips"
    yield warning(
        f"{text}: above {_TOUCH_V:g} V direct current is felt with wet hands"
        if highest_V <= _LOW_VOLTAGE_V
        else f"{text}: above {_LOW_VOLTAGE_V:g} V it is no low voltage, and can kill",
        path=step.path,
        help="write `cell_voltage_limit: 30 V`, or use insulated clips and a cover that"
        " switches the output off",
        numbers={"cell_voltage_V": highest_V},
    )


@check("H18")
def tags_that_nothing_reads(context: Context) -> Findings:
    """A hazard tag that no rule knows is kept for the report, and checked by nobody."""
    for path, name, component, _ in context.components:
        unknown = [tag for tag in component.hazards if tag not in KNOWN_TAGS]
        if unknown:
            yield info(
                f"no check knows what `{'`, `'.join(unknown)}` of {name} means",
                path=(*path, "hazards"),
                help="read its safety data sheet; known are " + ", ".join(sorted(KNOWN_TAGS)),
            )
