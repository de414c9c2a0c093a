"""Tables of a gas chromatograph: mole fractions, from areas where calibrated, and the gas flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from faradaic.analysis.calibration import Measured, fit_calibration
from faradaic.analysis.gas_flow import INLET_ASSUMED, GasFlow, inlet_as_outlet, measured_outlet
from faradaic.chemistry.electron_balances import electrons_per_molecule, half_reaction
from faradaic.chemistry.gases import read_over_dry
from faradaic.chemistry.water import water_vapour_pressure_Pa
from faradaic.diagnostics import refusal
from faradaic.quantities import Dimension, QuantityError, parse
from faradaic.quantities.constants import ATMOSPHERE_PA
from faradaic.studies.inputs import DataTable, Files, Floats
from faradaic.studies.schema import DataFile, ProductColumn

LIMIT_SIGMAS = 3.0
"""A detection limit in standard deviations of the baseline (IUPAC 1978, recalled)."""

STANDARD_VOLUMES = {"sccm": 1.0, "slm": 1e3, "slpm": 1e3}
"""Units that mean nothing without the meter's reference state, in sccm."""


@dataclass(frozen=True, slots=True, eq=False)
class Injections:
    """What one table of injections tells, row by row."""

    fractions: dict[str, Measured]
    """Mole fractions by product."""
    flow: GasFlow
    flow_sccm: Floats | None
    """Dry, as a meter of this very gas would show it; None for a flow in moles."""
    inlet_mol_per_s: Floats | None = None
    """None where the table does not tell it."""
    feed_fraction: Floats | None = None
    """Mole fraction of the feed in the outlet; None where the table has no such column."""


def read_injections(
    table: DataTable, products: Mapping[str, ProductColumn], files: Files, name: str
) -> Injections:
    """Mole fractions and flow of a table; raises `InputError` (E782, E783)."""
    table.needed.get("products", products or None, "the columns of its products")
    fractions = {
        product: measured_column(
            table, product, how, files, name, quantity="mole fraction", unit="1"
        )
        for product, how in products.items()
    }
    flow, flow_sccm = _flow(table, fractions)
    feed = table.conditions.feed
    measured = feed is not None and feed not in products and table.has(feed)
    return Injections(
        fractions,
        flow,
        flow_sccm,
        _inlet_mol_per_s(table, flow),
        table.take(feed, "1") if feed and measured else None,
    )


def _inlet_mol_per_s(table: DataTable, flow: GasFlow) -> Floats | None:
    if table.has("inlet flow"):
        values, unit = table.raw("inlet flow")
        if unit in STANDARD_VOLUMES:
            return values * STANDARD_VOLUMES[unit] * table.needed.reference_state().sccm_mol_per_s
        return table.take("inlet flow", "mol/s")
    return flow.mol_per_s.values if table.conditions.flow == "inlet" else None


def electrons_of(table: DataTable, product: str) -> float:
    """Electrons per molecule of a product from the feed of the table."""
    feed = table.needed.get("feed", table.conditions.feed, f"the electrons per {product}")
    return electrons_per_molecule(product, feed)


def direction_flags(table: DataTable, product: str, current_A: Floats) -> tuple[str, ...]:
    """A flag where the current flows against the half reaction that makes the product."""
    feed = table.needed.get("feed", table.conditions.feed, f"the electrons per {product}")
    reduced = half_reaction(product, feed).electrons > 0
    against = int(np.sum(current_A > 0 if reduced else current_A < 0))
    if not against:
        return ()
    side, made = ("anodic", "reduction") if reduced else ("cathodic", "oxidation")
    return (
        f"the current is {side} at {against} of {len(current_A)} injections, but {product} is made"
        f" by {made}: check `positive_current`",
    )


def measured_column(
    table: DataTable,
    product: str,
    how: ProductColumn,
    files: Files,
    name: str,
    *,
    quantity: str,
    unit: str,
) -> Measured:
    """Mole fractions or concentrations of a product in `unit`, from areas where calibrated.

    Raises `InputError` (E782, E783).
    """
    found = _reported(table, product, how, files, name, quantity=quantity, unit=unit)
    if how.detection_limit is None:
        return found
    try:
        dimension = Dimension.FRACTION if unit == "1" else Dimension.CONCENTRATION
        limit = parse(how.detection_limit, dimension)
    except QuantityError as error:
        remedy = f"a {quantity}, as `{'10 ppm' if unit == '1' else '0.1 mM'}`"
        what = f"{name}: {how.detection_limit!r} is no detection limit of {product}"
        raise refusal("E783", what, remedy) from error
    sigma = limit / LIMIT_SIGMAS
    random = np.hypot(0.0 if found.random is None else found.random, sigma)
    near = int(np.sum(found.values < limit))
    without = int(np.sum(np.isnan(found.values)))
    total, below = len(found.values), f"below the detection limit {how.detection_limit}"
    flags = [f"{product}: {below} in {near} of {total}"] if near else []
    if without:
        flags.append(
            f"{product}: no peak in {without} of {total}, which are {below}: a mean of the others "
            "is too high"
        )
    return replace(found, random=random, flags=(*found.flags, *flags))


def _reported(
    table: DataTable,
    product: str,
    how: ProductColumn,
    files: Files,
    name: str,
    *,
    quantity: str,
    unit: str,
) -> Measured:
    """As the table and the calibration tell it."""
    columns = table.entry.columns | ({product: how.column} if how.column else {})
    table = replace(table, entry=table.entry.model_copy(update={"columns": columns}))
    if how.calibration is None:
        values = table.take(product, unit)
        negative = int(np.sum(values < 0))
        return replace(
            Measured.of(
                values, random_relative=how.repeatability, systematic_relative=how.uncertainty
            ),
            flags=(f"{product}: negative in {negative} of {len(values)}: check the baseline",)
            if negative
            else (),
        )
    standards = files.open(DataFile(file=how.calibration), f"{name}: calibration of {product}")
    line = fit_calibration(
        standards.take(quantity, unit),
        standards.raw("area")[0],
        unit="mol/mol" if unit == "1" else unit,
        standards_relative=how.uncertainty,
    )
    return line.amount(table.raw(product)[0], name=product)


def _shown(table: DataTable, fractions: Mapping[str, Measured]) -> tuple[Floats | float, str]:
    """What the meter shows for each part of dry gas, and the words for it.

    Products as they were found, the rest is the feed.
    """
    meter = table.conditions.meter
    if meter is None or not (meter.calibrated_for or meter.humidity):
        return 1.0, ""
    vapour_Pa = water_vapour_pressure_Pa(table.conditions.temperature_K)
    gas = {product: np.nan_to_num(found.values) for product, found in fractions.items()}
    feed = table.needed.get("feed", table.conditions.feed, "what the flow meter shows of its gas")
    gas[feed] = 1.0 - np.sum(list(gas.values()), axis=0)
    words = f"read as {meter.calibrated_for}" if meter.calibrated_for else "read as moles"
    if meter.humidity:
        words += f" of {100 * meter.humidity:g} % humidity"
    shown: Floats = read_over_dry(
        gas, meter.calibrated_for, meter.humidity * vapour_Pa / ATMOSPHERE_PA
    )
    return shown, f"{words}, corrected to dry gas as found"


def _flow(table: DataTable, fractions: Mapping[str, Measured]) -> tuple[GasFlow, Floats | None]:
    conditions = table.conditions
    errors = {
        "random_relative": conditions.flow_repeatability,
        "systematic_relative": conditions.flow_uncertainty,
    }
    where = table.needed.get("flow", conditions.flow, "what its flow column means")
    values, unit = table.raw("outlet flow")
    if unit not in STANDARD_VOLUMES:
        mol_per_s = table.take("outlet flow", "mol/s")
        if where == "inlet":
            flagged = Measured.of(mol_per_s, **errors)
            return GasFlow(replace(flagged, flags=(INLET_ASSUMED,)), "inlet flow, molar"), None
        return GasFlow(Measured.of(mol_per_s, **errors), "outlet flow measured, molar"), None
    sccm = values * STANDARD_VOLUMES[unit]
    state = table.needed.reference_state()
    if where == "inlet":
        return inlet_as_outlet(sccm, state, **errors), sccm
    reads, words = _shown(table, fractions)
    flow = measured_outlet(sccm, state, reads=reads, read_as=words, **errors)
    return flow, sccm / reads
