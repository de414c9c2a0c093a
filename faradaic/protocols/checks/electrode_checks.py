"""A: electrodes and areas."""

from __future__ import annotations

from faradaic.chemistry.electrode_areas import liquid_depth_m
from faradaic.protocols.checks import Context, Findings, check, info, warning
from faradaic.protocols.schema import AreaBasis

_STIRRER_M = 5e-3
_CLOSE_M, _FAR_M = 2e-3, 20e-3
_RATIO = (0.3, 3.0)
_FIBRES = frozenset({"felt", "cloth"})


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
                help=f"write `immersed: {max(liquid_m - _STIRRER_M, 0.0) * 1e3:.0f} mm`, or use"
                f" {(depth_m + _STIRRER_M) / liquid_m - 1:.0%} more solution or a narrower vessel",
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


@check("A04")
def small_beside_large(context: Context) -> Findings:
    """One electrode much smaller than the other: the density of the small one is what counts."""
    one, other = context.resolved.electrodes
    first_m2, second_m2 = one.areas_m2.get("facing"), other.areas_m2.get("facing")
    current_A = context.current_A
    if first_m2 is None or second_m2 is None or not current_A:
        return
    ratio = first_m2 / second_m2
    if _RATIO[0] <= ratio <= _RATIO[1]:
        return
    small, area = (one, first_m2) if ratio < 1 else (other, second_m2)
    yield warning(
        f"the facing areas are {first_m2 * 1e4:.3g} and {second_m2 * 1e4:.3g} cm²: the"
        f" {small.name} works at {current_A / area / 10:.3g} mA/cm², and the current crowds there",
        path=("electrodes", small.name),
        help=f"use {max(first_m2, second_m2) * _RATIO[0] * 1e4:.2g} cm² or more of it",
        numbers={"ratio": ratio, "density_A_per_m2": current_A / area},
    )


@check("A05")
def gap_too_small_or_large(context: Context) -> Findings:
    """Fibres of a felt bridge less than 2 mm; above 20 mm most of the voltage is spent between."""
    gap_m, cell = context.protocol.cell.gap_m, context.protocol.cell.type
    if gap_m is None or cell.zero_gap or cell.divided:
        return
    felt = [e.name for e in context.resolved.electrodes if e.written.form.value in _FIBRES]
    if gap_m < _CLOSE_M and felt and not cell.flow:
        yield warning(
            f"the gap is {gap_m * 1e3:.3g} mm, and the {felt[0]} has fibres that can bridge it",
            path=("cell", "gap"),
            help="write `gap: 3 mm` or more, or put a mesh between",
            numbers={"gap_m": gap_m},
        )
    elif gap_m > _FAR_M:
        yield warning(
            f"the gap is {gap_m * 1e3:.3g} mm: most of the voltage will be spent between the"
            " electrodes",
            path=("cell", "gap"),
            help="write `gap: 10 mm` or less",
            numbers={"gap_m": gap_m},
        )


@check("A06")
def used_before(context: Context) -> Findings:
    """An electrode that has been used carries what the last run left on it."""
    for electrode in context.resolved.electrodes:
        used = electrode.written.reuse_count
        if used and not electrode.written.pretreatment:
            yield warning(
                f"the {electrode.name} has been used {used} times, and no pretreatment is stated",
                path=("electrodes", electrode.name, "reuse_count"),
                help="polish or sonicate it (10 min in acetone, then in the solvent) and write it"
                " under `pretreatment`",
                numbers={"reuse_count": float(used)},
            )


@check("A07")
def nothing_left_for_the_clip(context: Context) -> Findings:
    """What holds an electrode stays above the liquid: a clip of copper or steel dissolves."""
    if context.protocol.cell.type.flow:
        return
    whole = [
        electrode.name
        for electrode in context.resolved.electrodes
        if (length_m := electrode.written.length_m) is not None
        and (electrode.written.immersed_m or 0.0) >= length_m * (1 - 1e-9)
    ]
    if whole:
        yield info(
            f"all of the {' and all of the '.join(whole)} is immersed: what holds it must not touch"
            " the solution, for copper and steel dissolve",
            path=("electrodes", whole[0], "immersed"),
            help="leave 5 mm of it above the liquid, or hang it on a wire of its own metal",
        )
