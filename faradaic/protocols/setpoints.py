"""From what was written to SI: F/mol to charge, densities to their areas, scales to one."""

from __future__ import annotations

from faradaic.chemistry.electrode_areas import POROUS
from faradaic.diagnostics import InputError, Severity, did_you_mean
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.reference_scales import is_placed, shift_to_connected
from faradaic.protocols.schema import AreaBasis, Electrode, ElectrodeCurrentDensity, Form
from faradaic.quantities import Dimension, Quantity, format_quantity


def charge_C(context: Compilation, charge: Quantity, path: Path) -> float:
    """A charge in C; F/mol refers to the limiting component. Reports C01 when there is none."""
    if charge.dimension is Dimension.CHARGE:
        return charge.value
    return charge.value * limiting_mol(context, "a charge in F/mol", path)


def limiting_mol(context: Compilation, what: str, path: Path) -> float:
    """Moles of the limiting component, which `what` refers to; reports C01 when not known."""
    amount_mol = context.resolved.limiting_mol
    if amount_mol is not None:
        return amount_mol
    if context.protocol.limiting is None:
        message = f"{what} needs the limiting component, and none is named"
        remedy = "add `limiting: NAME` under the solution, NAME being one of its components"
    else:
        name = context.protocol.limiting[1]
        message = f"{what} needs the amount of `{name}`, the limiting component"
        remedy = f"write `{name}: {{amount: 0.2 mmol, ...}}`, or give `smiles` or"
        remedy += " `molar_mass` with its mass"
    context.report("C01", message, path, help=f"{remedy}; or write it in C or A")
    raise Unresolvable


def density_area_m2(
    context: Compilation, density: ElectrodeCurrentDensity, path: Path
) -> tuple[float, AreaBasis]:
    """The area that a density refers to, and its basis; reports C02 naming what is missing."""
    electrode = context.protocol.electrodes.pair[density.electrode]
    basis = density.area_basis or electrode.default_basis
    here: Path = ("electrodes", density.electrode)
    if basis is None:
        context.report(
            "C02",
            f"a density on the {density.electrode}, a {electrode.form}, needs to say on which of"
            " its areas",
            path,
            help="add `area_basis: facing` (one face towards the counter electrode),"
            " `envelope` (all outer faces) or `wetted` (the inner surface)",
        )
        raise Unresolvable
    resolved = context.resolved.named(density.electrode)
    area_m2 = resolved.areas_m2.get(basis.value)
    if area_m2 is None:
        missing = _missing_dimensions(electrode, basis)
        example = ", ".join(f"{key}: {value}" for key, value in missing.items())
        names = " and ".join(f"`{key}`" for key in missing)
        context.report(
            "C02",
            f"a density of {format_quantity(density.value_A_per_m2, 'mA/cm^2')} needs the"
            f" {basis} area of the {density.electrode}, whose {names}"
            f" {'is' if len(missing) == 1 else 'are'} not given",
            here,
            help=f"add for example `{example}` to the {density.electrode}, or the area itself:"
            f" `area: {{{basis}: 2 cm^2}}`",
        )
        raise Unresolvable
    depth_stated = electrode.immersed_m is not None or resolved.depth_assumed
    if not depth_stated and electrode.area is None and electrode.length_m is not None:
        context.assume(
            (*here, "immersed"),
            f"{electrode.length_m * 1e3:g} mm",
            "not stated; the whole length is taken as immersed",
        )
    return area_m2, basis


def density_current(
    context: Compilation, density: ElectrodeCurrentDensity, path: Path
) -> tuple[float, str]:
    """The current that a density comes to, A, and words on what it refers to.

    Reports E307 for an electrode that isn't there, C02 for an area that isn't known.
    """
    pair = context.protocol.electrodes.pair
    if density.electrode not in pair:
        message = f"there is no electrode named {density.electrode!r}"
        where = (*path, "electrode")
        context.report("E307", message, where, help=did_you_mean(density.electrode, pair))
        raise Unresolvable
    area_m2, basis = density_area_m2(context, density, path)
    words = (
        f" ({format_quantity(density.value_A_per_m2, 'mA/cm^2')} on the {density.electrode},"
        f" {basis} {format_quantity(area_m2, 'cm^2')})"
    )
    return density.value_A_per_m2 * area_m2, words


def _missing_dimensions(electrode: Electrode, basis: AreaBasis) -> dict[str, str]:
    """The keys that an area needs and the electrode hasn't, each with an example."""
    if basis is AreaBasis.ECSA:
        return {"area": "{ecsa: 20 cm^2}"}
    needed = {"diameter": "6 mm"} if electrode.form.round else {"width": "15 mm"}
    if electrode.form is not Form.DISC:
        needed["immersed"] = "10 mm"
    if basis is AreaBasis.WETTED:
        if electrode.form not in POROUS:
            return {"area": "{wetted: 20 cm^2}"}
        needed |= {"thickness": "3 mm", "porosity": "95 %", "fibre_diameter": "10 um"}
    held = {
        "diameter": electrode.diameter_m,
        "width": electrode.width_m,
        "immersed": electrode.immersed_m or electrode.length_m,
        "thickness": electrode.thickness_m,
        "porosity": electrode.porosity,
        "fibre_diameter": electrode.fibre_diameter_m,
    }
    return {key: example for key, example in needed.items() if held[key] is None}


def potential_shift_V(context: Compilation, vs: str, path: Path) -> float:
    """What to add to a potential `vs` a scale for the reference electrode connected, V.

    Reports E410 without a reference electrode (in the cell or at the source), E411 for a scale
    that cannot be placed.
    """
    electrodes = context.protocol.electrodes
    source = context.bench.source
    if electrodes.reference is None:
        context.report(
            "E410",
            "a potential is held against a reference electrode, and the cell has none",
            path,
            help="add `reference: {couple: Ag/AgCl, filling: 3 M KCl}` under `electrodes`, or use"
            " `constant_cell_voltage`",
        )
        raise Unresolvable
    if not source.reference_electrode:
        context.report(
            "E410",
            f"the {source.model} has no input for a reference electrode",
            path,
            help="take a bench with a potentiostat, or use `constant_cell_voltage`",
        )
        raise Unresolvable
    try:
        shift = shift_to_connected(
            vs,
            electrodes.reference,
            context.resolved.working.compartment.medium.stated_pH,
            context.resolved.temperature_K,
        )
    except InputError as error:
        (told,) = error.diagnostics
        remedy = f"{told.help}; or `vs: reference`, the electrode that is connected, whose"
        remedy += " `potential` (vs SHE) may be given"
        placed = is_placed(electrodes.reference, context.resolved.temperature_K)
        place = (*path, "vs") if placed else ("electrodes", "reference", "couple")
        context.report("E411", told.message, place, help=remedy)
        raise Unresolvable from None
    shift_V = 0.0
    if shift is not None:
        if shift.value is None:
            reason = shift.reason.partition(":")[0]
            here = context.resolved.working.compartment
            pH, from_what = here.medium.acidity
            key = f"`pH: {pH:.3g}`" if here.medium.dissolved.pH is not None else "its `pH`"
            remedy = f"add {key} under `{'.'.join(here.path)}`; {from_what}"
            context.report("E411", reason, (*path, "vs"), help=remedy)
            raise Unresolvable
        shift_V = shift.value
        context.scales.append(vs)
        context.assume(
            ("electrodes", "reference"),
            f"0 V vs {vs} = {wording.voltage(shift_V)} vs {electrodes.reference.name}"
            f" ± {(shift.systematic or 0.0) * 1e3:.2g} mV",
            "; ".join((f"scales converted: {shift.basis}", *shift.flags)),
        )
    if electrodes.reference.pseudo and electrodes.reference.potential_V is None:
        context.report(
            "R01",
            "the pseudo-reference is not calibrated",
            ("electrodes", "reference"),
            severity=Severity.WARNING,
            help="measure it against 1 mmol/L of ferrocene and give `potential` (vs SHE)",
        )
    return shift_V
