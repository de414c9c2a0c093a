"""Tables of a gas chromatograph: mole fractions, from areas where calibrated, and the gas flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from faradaic.analysis.calibration import Measured, fit_calibration
from faradaic.analysis.electron_counts import electrons_per_molecule
from faradaic.analysis.gas_flow import INLET_ASSUMED, GasFlow, inlet_as_outlet, measured_outlet
from faradaic.analysis.study.inputs import DataTable, Files, Floats
from faradaic.analysis.study.schema import DataFile, Product

STANDARD_VOLUMES = {"sccm": 1.0, "slm": 1e3, "slpm": 1e3}
"""Units that mean nothing without the meter's reference state, in sccm."""


@dataclass(frozen=True, slots=True, eq=False)
class Injections:
    """What one table of injections tells, row by row."""

    fractions: dict[str, Measured]
    """Mole fractions by product."""
    flow: GasFlow
    flow_sccm: Floats | None
    """As the meter showed it; None for a flow in moles."""


def read_injections(
    table: DataTable, products: Mapping[str, Product], files: Files, name: str
) -> Injections:
    """Mole fractions and flow of a table; raises `InputError` (E782, E783)."""
    table.needed.get("products", products or None, "the columns of its products")
    fractions = {
        product: _fraction(table, product, how, files, name) for product, how in products.items()
    }
    return Injections(fractions, *_flow(table))


def electrons_of(table: DataTable, product: str) -> float:
    """Electrons per molecule of a product from the feed of the table."""
    feed = table.needed.get("feed", table.conditions.feed, f"the electrons per {product}")
    return electrons_per_molecule(product, feed)


def _fraction(table: DataTable, product: str, how: Product, files: Files, name: str) -> Measured:
    columns = table.entry.columns | ({product: how.column} if how.column else {})
    table = replace(table, entry=table.entry.model_copy(update={"columns": columns}))
    if how.calibration is None:
        return Measured.of(
            table.take(product, "1"),
            random_relative=how.repeatability,
            systematic_relative=how.uncertainty,
        )
    standards = files.open(DataFile(file=how.calibration), f"{name}: calibration of {product}")
    line = fit_calibration(
        standards.take("mole fraction", "1"),
        standards.raw("area")[0],
        unit="mol/mol",
        standards_relative=how.uncertainty,
    )
    return line.amount(table.raw(product)[0], name=product)


def _flow(table: DataTable) -> tuple[GasFlow, Floats | None]:
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
    make = measured_outlet if where == "outlet" else inlet_as_outlet
    return make(sccm, table.needed.reference_state(), **errors), sccm
