"""A: electrodes and areas."""

from __future__ import annotations

from faradaic.chemistry.electrode_areas import liquid_depth_m
from faradaic.protocols.checks import Context, Findings, check, warning
from faradaic.protocols.schema import AreaBasis

_STIRRER_M = 5e-3
_USABLE = 0.7
"""Of the metal of an anode."""


def _immersions(context: Context) -> list[tuple[str, float, float]]:
    """Electrode, how deep it is to hang as written, and how deep the liquid is; known ones only.

    A wire may be coiled, and a disc has one face.
    """
    vessel, solution = context.protocol.cell.vessel, context.protocol.solution
    if context.protocol.cell.type.flow:
        return []  # the electrodes are in a channel, not in the vessel
    if vessel is None or vessel.inner_diameter_m is None or solution is None:
        return []
    liquid_m = liquid_depth_m(solution.volume_m3, vessel.inner_diameter_m)
    return [
        (electrode.name, depth_m, liquid_m)
        for electrode in context.resolved.electrodes
        if (depth_m := electrode.written.immersed_m or electrode.written.length_m) is not None
        and electrode.written.form.value not in ("wire", "disc")
    ]


@check("A01")
def deeper_than_the_liquid(context: Context) -> Findings:
    """Depth of the liquid = V/(pi d²/4): an electrode can't be immersed deeper."""
    for name, depth_m, liquid_m in _immersions(context):
        if depth_m > liquid_m:
            yield warning(
                f"the {name} is to hang {depth_m * 1e3:.1f} mm deep, but the liquid is only"
                f" {liquid_m * 1e3:.1f} mm deep: its areas and densities are those of"
                f" {liquid_m * 1e3:.1f} mm",
                path=("electrodes", name, "immersed"),
                help=f"write `immersed: {liquid_m * 1e3:.0f} mm` or less, or use more solution or"
                " a narrower vessel",
                numbers={"immersed_m": depth_m, "liquid_depth_m": liquid_m},
            )


@check("A02")
def no_room_for_the_stirrer(context: Context) -> Findings:
    """A stir bar needs about 5 mm under the electrodes."""
    stirring = context.protocol.environment.stirring
    if stirring is not None and stirring.kind != "bar":
        return
    for name, depth_m, liquid_m in _immersions(context):
        if liquid_m - _STIRRER_M < depth_m <= liquid_m:
            yield warning(
                f"the {name} hangs {depth_m * 1e3:.1f} mm deep in {liquid_m * 1e3:.1f} mm of"
                " liquid, which leaves less than 5 mm for the stir bar",
                path=("electrodes", name, "immersed"),
                help="raise the electrode, or use more solution",
                numbers={"immersed_m": depth_m, "liquid_depth_m": liquid_m},
            )


@check("A03")
def porous_on_its_face(context: Context) -> Findings:
    """A felt's facing, envelope and fibre densities differ by a factor of 60: print all three."""
    for electrode in context.resolved.electrodes:
        name, areas, written = electrode.name, electrode.areas_m2, electrode.written
        on_its_face = written.area_basis in (None, AreaBasis.FACING)
        if not electrode.porous or not on_its_face or len(areas) < 2:
            continue
        per = context.current_A
        shown = ", ".join(
            f"{basis} {area * 1e4:.3g} cm²" + (f" ({per / area / 10:.2g} mA/cm²)" if per else "")
            for basis, area in areas.items()
        )
        yield warning(
            f"the {name} is a {written.form.value}, whose area depends on what is meant: {shown}",
            path=("electrodes", name),
            help="quote densities with their basis; `area_basis: envelope` says which one",
            numbers={f"{basis}_m2": area for basis, area in areas.items()},
        )


@check("S01")
def anode_used_up(context: Context) -> Findings:
    """Faraday's law takes Q·M/(nF) of a sacrificial anode; the last third of it rarely serves:
    it thins unevenly and falls off (a rule of thumb)."""
    metal = context.plan.estimates.metal
    if metal is None or metal.there_kg is None or not metal.taken_kg:
        return
    taken_kg, there_kg = metal.taken_kg, metal.there_kg
    spared_kg = there_kg * (1.0 if "usable" in metal.basis else _USABLE)
    if taken_kg <= spared_kg:
        return
    mg = f"the charge takes {taken_kg * 1e6:.4g} mg of {metal.metal} from the {metal.electrode}"
    there = f"{there_kg * 1e6:.4g} mg are there ({metal.basis})"
    enough = there_kg / taken_kg
    yield warning(
        f"{mg}, but {there}, {enough:.2g} times as much: it is used up before the end"
        if enough < 1.0
        else f"{mg}, and {there}: {taken_kg / there_kg:.0%} of it, which leaves little to hang on",
        path=("electrodes", metal.electrode, "sacrificial"),
        help=f"use at least {taken_kg / _USABLE * 1e6:.3g} mg, or plan less charge",
        numbers={"taken_kg": taken_kg, "there_kg": there_kg},
    )
