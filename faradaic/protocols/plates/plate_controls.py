"""What makes a control of a protocol: no current for as long, or one component less.

Both are written as protocols again, so that a control is planned, checked and run as any well. A
control without a component keeps the charge of the other wells in coulombs.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from faradaic.diagnostics import refusal
from faradaic.protocols.load import LoadedProtocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.plates.plate_schema import Control
from faradaic.quantities import Dimension, QuantityError, parse


def controlled(
    control: Control, data: Mapping[str, Any], loaded: LoadedProtocol, plan: Plan
) -> dict[str, Any]:
    """The data of a control; `loaded` and `plan` are of the protocol `data`.

    Raises `InputError` (E453) for a component that is not there, or an amount that is not known.
    """
    changed = copy.deepcopy(dict(data))
    if control.without is not None:
        _leave_out(changed, control.without, loaded)
    if control.current == "none":
        changed["steps"] = list(_without_current(changed["steps"], plan))
    return changed


def _without_current(steps: list[Any], plan: Plan) -> Iterator[Any]:
    """Each step that passes current as open circuit for as long as it is expected to take."""
    for number, written in enumerate(steps, 1):
        planned = [s for s in plan.steps if s.id == f"{number}" or s.id.startswith(f"{number}.")]
        if any(step.passes_current for step in planned):
            duration_s = sum(step.expected_duration_s for step in planned)
            yield {"open_circuit": {"duration": f"{duration_s:.6g} s"}}
        else:
            yield written


def _leave_out(data: dict[str, Any], component: str, loaded: LoadedProtocol) -> None:
    protocol = loaded.protocol
    homes = [place for place, one in protocol.solutions.items() if component in one.components]
    if not homes:
        known = [name for one in protocol.solutions.values() for name in one.components]
        raise refusal(
            "E453",
            f"a control without `{component}`: the protocol has no such component",
            f"it has {', '.join(known)}",
        )
    limiting = protocol.limiting is not None and protocol.limiting[1] == component
    moles = protocol.limiting_amount_mol
    if limiting and moles is None:
        raise refusal(
            "E453",
            f"a control without `{component}`: its amount is not known, so that F/mol cannot become"
            " coulombs",
            f"give `{component}` an amount",
        )
    for place in homes:
        solution: Any = data
        for part in protocol.solution_path(place):
            solution = solution[part]
        del solution["components"][component]
        if limiting:
            solution.pop("limiting", None)
    if limiting:
        assert moles is not None
        _as_amounts(data, loaded)
        for name in ("steps", "limits", "sampling", "aliquots"):
            if name in data:
                data[name] = _in_coulombs(data[name], moles)
        reaction = data.get("reaction")
        if isinstance(reaction, dict):
            reaction.pop("products", None)


def _as_amounts(data: dict[str, Any], loaded: LoadedProtocol) -> None:
    """Equivalents of what is gone become moles."""
    protocol = loaded.protocol
    for place, solution in protocol.solutions.items():
        amounts = protocol.amounts_mol(place)
        here: Any = data
        for part in protocol.solution_path(place):
            here = here[part]
        for name, component in here["components"].items():
            if isinstance(component, dict) and solution.components[name].equiv is not None:
                component.pop("equiv")
                component["amount"] = f"{amounts[name]:.6g} mol"


def _in_coulombs(value: Any, moles: float) -> Any:
    """Every charge per mole of the limiting component as a charge, every rate as a current."""
    if isinstance(value, dict):
        found = {key: _in_coulombs(one, moles) for key, one in value.items()}
        if "rate" in value and isinstance(rate := value["rate"], str):
            try:
                per_mol = parse(rate, Dimension.CHARGE_RATE_PER_AMOUNT)
            except QuantityError:
                return found
            return {
                ("current" if key == "rate" else key): (
                    f"{per_mol * moles:.6g} A" if key == "rate" else one
                )
                for key, one in found.items()
            }
        return found
    if isinstance(value, list):
        return [_in_coulombs(one, moles) for one in value]
    if isinstance(value, str):
        try:
            charge_C = parse(value, Dimension.CHARGE_PER_AMOUNT) * moles
        except QuantityError:
            return value
        return f"{charge_C:.6g} C"
    return value
