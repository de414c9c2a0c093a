"""What the answers make of a cell whose cathode is fed with gas."""

from __future__ import annotations

from faradaic.protocols.wizard.situation import Situation
from faradaic.protocols.wizard.yaml_tree import Line, Lines, Node, Said

WATER = "H2O"
"""The solvent of such a cell; none is asked."""
GAS_SAMPLE = "GC of the outlet gas"
_SUPPORT = "carbon paper"
_ELECTRONS = "2"
"""Of CO as of H2, per molecule."""


def gas_fed_cell(given: Situation) -> Lines:
    """The cell: zero gap, or with a catholyte before the electrode."""
    zero_gap = given["cell"] == "zero_gap"
    cell = Lines({"type": Said("mea_zero_gap" if zero_gap else "gde_flow", "cell")})
    if not zero_gap:
        cell["gap"] = Said(given["gap"], "gap")
    cell["separator"] = Line({"kind": Said(given["separator"], "separator")})
    rate = Said(given["pump_rate"], "pump_rate")
    mode = Said(given["pumped"], "pumped")
    cell["flow"] = Line({"mode": mode, "anolyte": rate, "catholyte": rate})
    return cell


def gas_of(given: Situation) -> Lines:
    """The gas side."""
    flow = Said(given["gas_flow"], "gas_flow")
    return Lines({"gas": Line({"species": Said("CO2"), "flow": flow, "mode": Said("flow_by")})})


def gas_fed_cathode(given: Situation) -> Line:
    """The gas-diffusion electrode, on the working lead."""
    line: dict[str, Node] = {"role": Said("cathode")}
    line |= {"material": Said(_SUPPORT), "form": Said("gde")}
    line["area"] = Line({"facing": Said(given["gas_area"], "gas_area")})
    coating = {"catalyst": Said(given["catalyst"], "catalyst")}
    if given["loading"]:
        coating["loading"] = Said(given["loading"], "loading")
    line["coating"] = Line(coating, "catalyst")
    return Line(line, "gas_area")


def gas_fed_reaction() -> Lines:
    """The products whose amounts the chromatograph tells."""
    shared = {"electrons": Said(_ELECTRONS, number=True), "at": Said("cathode")}
    carbon_monoxide = Line(
        shared | {"target": Said("true", number=True), "state": Said("gas")},
    )
    products = Lines({"CO": carbon_monoxide, "H2": Line(shared | {"state": Said("gas")})})
    return Lines(
        {
            "kind": Said("reduction"),
            "electrons": Said(_ELECTRONS, number=True),
            "products": products,
        }
    )
