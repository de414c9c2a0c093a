"""G: gas and pressure."""

from __future__ import annotations

from faradaic.chemistry.electrode_limits import toxic_gas
from faradaic.chemistry.formulas import parse_formula
from faradaic.chemistry.gases import FLAMMABLE_LIMIT, gas_volumes_m3, pressure_rise_Pa
from faradaic.protocols.checks import Context, Findings, check, error, info, warning
from faradaic.protocols.wording import brief_current
from faradaic.quantities import format_duration, format_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL, MOLAR_VOLUME_25C_1ATM_M3

_CLOSED = frozenset({"sealed", "septum_sealed"})
_PRESSURE_PA = 0.5e5
_BALLOON_M3 = 1e-3
_BLINDING_A_PER_M2 = 500.0
_DETECTED = 50e-6
"""Mole fraction that a gas chromatograph sees."""
_SWEEP = frozenset({"sparge", "sweep", "flow_by", "flow_through"})


@check("G01")
def gas_volumes(context: Context) -> Findings:
    """0.1268 mL H2 per coulomb at 25 degC and 1 atm (Faraday; ideal gas)."""
    volumes, current_A = context.plan.estimates.gas_m3, context.current_A
    if not volumes:
        return
    most = "at most " if context.plan.estimates.charge_C is None else ""
    rates = gas_volumes_m3(context.resolved.gas_per_electron, 3600 * (current_A or 0.0))
    shown = ", ".join(
        f"{most}{volume * 1e6:.1f} mL {gas}"
        + (f" ({rates[gas] * 1e6:.2g} mL/h)" if current_A else "")
        for gas, volume in volumes.items()
    )
    yield info(
        f"the run evolves {shown}",
        path=("reaction", "gases"),
        numbers={f"{gas}_m3": volume for gas, volume in volumes.items()},
    )


@check("G02")
def pressure(context: Context) -> Findings:
    """Gas in a closed headspace: Δp = nRT/V, an error above 0.5 bar."""
    volumes, closure = context.plan.estimates.gas_m3, context.protocol.cell.closure
    total = sum(volumes.values())
    if context.resolved.gas_per_electron and context.plan.estimates.target_charge_C is None:
        if closure in _CLOSED:
            yield warning(
                "gas is evolved in a sealed cell, and nobody knows how much: no charge ends it",
                path=("cell", "closure"),
                help="add a charge to `until`, or write `closure: vented`",
            )
        return
    if total <= 0 or (closure is not None and closure not in _CLOSED):
        return
    path, vent = ("cell", "closure"), "write `closure: vented` and put a needle into the septum"
    if closure is None:
        yield warning(
            f"{total * 1e6:.1f} mL of gas are evolved, but the protocol doesn't say how the cell is"
            " closed",
            path=("cell",),
            help=vent,
            numbers={"gas_m3": total},
        )
        return
    headspace = context.resolved.headspace_m3
    if headspace is None:
        yield warning(
            f"{total * 1e6:.1f} mL of gas are evolved in a sealed cell of unknown headspace",
            path=path,
            help="add `headspace_volume: 10 mL` under `cell`, or vent the cell",
            numbers={"gas_m3": total},
        )
        return
    amount = total / MOLAR_VOLUME_25C_1ATM_M3
    rise = pressure_rise_Pa(amount, context.resolved.temperature_K, headspace)
    found = error if rise > _PRESSURE_PA else info
    yield found(
        f"{total * 1e6:.1f} mL of gas raise the pressure in the sealed {headspace * 1e6:.0f} mL"
        f" above the solution by {rise / 1e5:.2f} bar",
        path=path,
        help=vent if rise > _PRESSURE_PA else "",
        numbers={"gas_m3": total, "headspace_m3": headspace, "pressure_rise_Pa": rise},
    )


@check("G03")
def flammable_headspace(context: Context) -> Findings:
    """Time to the lower flammable limit (4 % H2) in an unswept headspace."""
    protocol, current_A = context.protocol, context.current_A
    swept = any(s.gas is not None and s.gas.mode in _SWEEP for s in protocol.solutions.values())
    if current_A is None or protocol.cell.closure == "open" or swept:
        return
    for gas, rate_m3_per_s in gas_volumes_m3(context.resolved.gas_per_electron, current_A).items():
        limit = FLAMMABLE_LIMIT.get(gas)
        if limit is None:
            continue
        headspace = context.resolved.headspace_m3
        when = (
            ""
            if headspace is None
            else (
                f": an unswept headspace of {headspace * 1e6:.0f} mL reaches {limit:.0%} after"
                f" {format_duration(limit * headspace / rate_m3_per_s)}"
            )
        )
        yield warning(
            f"{rate_m3_per_s * 3.6e9:.2f} mL/h of {gas} are evolved{when}",
            path=("reaction", "gases"),
            help=f"sweep with {rate_m3_per_s * 6e9:.1f} mL/min of inert gas, which keeps it below"
            f" 1 % {gas}, in a hood, away from sparks",
            numbers={"rate_m3_per_s": rate_m3_per_s}
            | ({} if headspace is None else {"headspace_m3": headspace}),
        )


@check("G08")
def feed_runs_short(context: Context) -> Findings:
    """The gas that feeds a cathode against what the current takes of it.

    CO2 + H2O + 2 e- -> CO + 2 OH-, and the hydroxide takes another half CO2 an electron as
    carbonate: no more than about 43 % became CO in one pass whatever the feed, the current and the
    temperature (Jeng and Jiao, React. Chem. Eng. 2020, doi 10.1039/d0re00261e).
    """
    feed, sides = context.resolved.feed, context.protocol.compartments
    fed = sides.gas.gas.flow_mol_per_s if sides is not None and sides.gas is not None else None
    current_A = context.current_A
    if feed is None or fed is None or current_A is None:
        return
    carbon_mol = sum(
        one.per_electron * parse_formula(one.species).count("C")
        for one in context.protocol.reaction.gases
        if one.at == "cathode"
    )
    takes = (carbon_mol + 0.5) * current_A / FARADAY_C_PER_MOL
    if takes <= fed or not carbon_mol:
        return
    yield warning(
        f"at {brief_current(current_A)} the products and the carbonate beside them would take"
        f" {format_quantity(takes, 'sccm')} of {feed}, but {format_quantity(fed, 'sccm')} are fed:"
        f" at most {fed / takes:.0%} of the current can go there, the rest makes hydrogen",
        path=("compartments", "gas", "gas"),
        help=f"write `flow: {format_quantity(1.5 * takes, 'sccm')}` or more, or lower the current",
        numbers={"takes_mol_per_s": takes, "fed_mol_per_s": fed},
    )


@check("G04")
def hydrogen_and_oxygen(context: Context) -> Findings:
    """Hydrogen and oxygen in one closed headspace explode (4 to 94 % H2 in O2; Coward and Jones,
    US Bureau of Mines, 1952)."""
    cell, gases = context.protocol.cell, context.protocol.reaction.gases
    made = {gas.species for gas in gases}
    if (
        cell.type.divided
        or not {"H2", "O2"} <= made
        or cell.closure in ("open", "vented", "bubbler")
    ):
        return
    closed = cell.closure in _CLOSED
    found = error if closed else warning
    yield found(
        "hydrogen and oxygen are made in one headspace"
        + (", and the cell is sealed: a spark of a lead makes it burst" if closed else ""),
        path=("cell", "closure"),
        help="divide the cell, or write `closure: vented` and sweep with 100 times as much nitrogen"
        " as hydrogen is made",
    )


@check("G05")
def toxic_gases(context: Context) -> Findings:
    """Toxic gases that the run makes or is fed with, and the air that dilutes them to the limit of
    a workplace."""
    current_A = context.current_A or 0.0
    rates = gas_volumes_m3(context.resolved.gas_per_electron, current_A)
    fed = {s.gas.species for s in context.protocol.solutions.values() if s.gas is not None}
    sides = context.protocol.compartments
    if sides is not None and sides.gas is not None:
        fed.add(sides.gas.gas.species)
    for species in dict.fromkeys([*rates, *sorted(fed)]):
        known = toxic_gas(species)
        if known is None:
            continue
        limit, why = known
        rate = rates.get(species)
        air = f" {rate * 6e7 / limit:.2g} L/min of air dilute it to" if rate else " Its limit is"
        yield warning(
            f"{species} {why}.{air} {limit * 1e6:g} ppm (recalled)",
            path=("reaction", "gases") if rate else ("solution",),
            help="work in the hood with the outlet led into it or through a scrubber, and a"
            f" detector that warns below {limit * 1e6:g} ppm",
            numbers={"limit": limit} | ({} if rate is None else {"rate_m3_per_s": rate}),
        )


@check("G06")
def balloon_too_small(context: Context) -> Findings:
    """A party balloon takes about 1 L before it presses back."""
    total = sum(context.plan.estimates.gas_m3.values())
    if context.protocol.cell.closure == "balloon" and total > _BALLOON_M3:
        yield warning(
            f"{total * 1e3:.2g} L of gas are evolved, and a balloon holds about 1 L",
            path=("cell", "closure"),
            help="write `closure: bubbler`, or change the balloon every"
            f" {_BALLOON_M3 / total * 100:.0f} % of the run",
            numbers={"gas_m3": total},
        )


@check("G07")
def gas_blinds_a_felt(context: Context) -> Findings:
    """Above about 50 mA/cm² of face bubbles fill the pores of a felt or foam (rule of thumb)."""
    current_A = context.current_A
    if not current_A:
        return
    for electrode in context.resolved.electrodes:
        face_m2 = electrode.areas_m2.get("facing")
        makes_gas = any(gas.at == electrode.role for gas in context.protocol.reaction.gases)
        if not electrode.porous or face_m2 is None or not makes_gas:
            continue
        density = current_A / face_m2
        if density > _BLINDING_A_PER_M2:
            yield warning(
                f"the {electrode.name} is a {electrode.written.form.value} that makes gas at"
                f" {density / 10:.3g} mA/cm² of its face: bubbles fill its pores",
                path=("electrodes", electrode.name),
                help=f"at most {brief_current(_BLINDING_A_PER_M2 * face_m2)}, a mesh or plate, or"
                " the liquid pumped through it",
                numbers={"density_A_per_m2": density},
            )


@check("G09")
def outlet_not_metered(context: Context) -> Findings:
    """FE = z·F·n(outlet)/I: alkali takes up CO2, so that the inlet flow says too much."""
    sides = context.protocol.compartments
    if context.resolved.feed is None or sides is None or sides.gas is None:
        return
    current_A, fed = context.current_A, sides.gas.gas.flow_mol_per_s
    standard = any(
        component.role.value == "internal_standard" for _, _, component, _ in context.components
    )
    if not sides.gas.outlet_flow_meter and not standard:
        yield warning(
            "the gas is analysed, and neither a meter at the outlet nor an internal standard says"
            " how much of it leaves",
            path=("compartments", "gas"),
            help="write `outlet_flow_meter: true` where there is one, or add 5 % of Ar to the feed",
        )
    if current_A and fed:
        fraction = 0.01 * current_A / (2 * FARADAY_C_PER_MOL) / fed
        if fraction < _DETECTED:
            yield warning(
                f"a product of 1 % Faradaic efficiency leaves at {fraction * 1e6:.2g} ppm: a gas"
                " chromatograph with a thermal detector does not see it",
                path=("compartments", "gas", "gas"),
                help=f"lower the flow to {format_quantity(fed * fraction / _DETECTED, 'sccm')}, or"
                " use a methaniser",
                numbers={"fraction": fraction},
            )
