"""What ends a step: the conditions of `until` with what follows them, and hard caps."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import model_validator

from faradaic.documents.models import Model, NotEmpty, ShortForm, Text, exactly_one, problem
from faradaic.protocols.plan import Then
from faradaic.protocols.schema.field_types import (
    ChargeTarget,
    CurrentThreshold,
    PositiveTime,
    VoltageThreshold,
)
from faradaic.quantities import Dimension, QuantityError, parse_quantity

_SIGNALS = ("charge", "total", "time_s", "cell_voltage", "potential", "current", "operator")


class Until(Model):
    """One condition; in a list, the first that is met counts."""

    charge: ChargeTarget | None = None
    """Of this step alone: a charge, or one per limiting component: "86.8 C", "4.5 F/mol"."""
    total: ChargeTarget | None = None
    """The gross charge since the start of the run, all steps before this one included."""
    count: Literal["gross", "net"] | None = None
    """Which charge: gross counts both directions (the default)."""
    time_s: PositiveTime | None = None
    cell_voltage: VoltageThreshold | None = None
    potential: VoltageThreshold | None = None
    vs: Text | None = None
    """The scale of `potential`; the connected reference electrode if not given."""
    current: CurrentThreshold | None = None
    operator: Text | None = None
    """A question to the person at the bench; yes meets the condition."""
    ask_at: tuple[ChargeTarget, ...] = ()
    for_s: PositiveTime | None = None
    """How long the condition must hold."""
    then: Then = Then.NEXT

    @model_validator(mode="after")
    def _one_signal(self) -> Until:
        signal = exactly_one(self, _SIGNALS, "what to watch")
        only = {"count": "charge", "vs": "potential"}
        for key, owner in only.items():
            if getattr(self, key) is not None and signal != owner:
                raise problem(
                    f"`{key}` belongs to a condition on `{owner}`", help="remove it", path=[key]
                )
        if signal == "operator" and not self.ask_at:
            raise problem(
                "nothing says when to ask",
                code="E302",
                help="add `ask_at: [3 F/mol, 4 F/mol]`",
                path=["operator"],
            )
        if self.ask_at and signal != "operator":
            raise problem(
                "`ask_at` belongs to an `operator` question", help="remove it", path=["ask_at"]
            )
        if self.for_s is not None and signal in ("charge", "total", "time_s", "operator"):
            raise problem(
                "`for` belongs to a condition on a voltage, potential or current",
                help="remove it: a charge, a time or an answer doesn't go back",
                path=["for"],
            )
        return self

    @property
    def signal(self) -> str:
        """The field that is set: `charge`, `time_s`, `cell_voltage`, ..."""
        return next(name for name in _SIGNALS if getattr(self, name) is not None)


def _from_text(value: Any) -> Any:
    """`4.5 F/mol` and `2 h` standing for a condition on the charge or the time."""
    if not isinstance(value, str):
        return value
    try:
        quantity = parse_quantity(
            value, Dimension.CHARGE, Dimension.CHARGE_PER_AMOUNT, Dimension.TIME
        )
    except QuantityError as error:
        first = error.diagnostics[0]
        raise problem(
            first.message,
            code=first.code,
            help=f"{first.help}; a condition is for example `charge: 4.5 F/mol`, `time: 2 h` or"
            ' `cell_voltage: ">= 18 V"`',
        ) from None
    return {"time" if quantity.dimension is Dimension.TIME else "charge": value}


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


Condition = Annotated[Until, ShortForm(_from_text, {"type": "string"})]
Conditions = Annotated[
    tuple[Condition, ...],
    NotEmpty(),
    ShortForm(_as_list),
]


class Caps(Model):
    """What a step may never exceed, whatever its conditions say."""

    time_s: PositiveTime | None = None
    charge: ChargeTarget | None = None
