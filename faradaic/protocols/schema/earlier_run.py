"""The runs that a protocol goes on from, as `faradaic recover` writes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from faradaic.documents.models import Model, Text, problem
from faradaic.quantities.fields import Charge, NonNegative

_Charge = Annotated[Charge, NonNegative]
_Moment = Annotated[
    str,
    Field(
        strict=True,
        pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
        examples=["2026-11-21T07:00:12+00:00"],
    ),
]
_Hash = Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$", examples=["0" * 64])]


class EarlierRun(Model):
    """A run before this one, on the same solution: what is known of it at its end."""

    run: Text
    """Name of its folder."""
    journal: _Hash
    """SHA-256 of its journal, by which it is known to be the same."""
    outcome: Literal["COMPLETED", "STOPPED", "ABORTED", "TRIPPED", "FAILED", "LOST"]
    began: _Moment | None = None
    """UTC."""
    ended: _Moment | None = None
    """When its last record was written; between this and the next run lies the gap."""
    charge_C: _Charge
    """Gross charge that counts as passed: `until: {total: ...}` and `limits: {charge: ...}` count
    from it."""
    charge_low_C: _Charge | None = None
    """What at least passed."""
    charge_measured_C: _Charge | None = None
    """What was measured."""
    charge_high_C: _Charge | None = None
    """What at most passed; not given where nothing bounds it."""

    @model_validator(mode="after")
    def _in_order(self) -> EarlierRun:
        low_C, high_C = self.charge_low_C or 0.0, self.charge_high_C
        if self.charge_C < low_C * (1 - 1e-6) or (
            high_C is not None and self.charge_C > high_C * (1 + 1e-6)
        ):
            raise problem(
                "the charge that counts as passed is not between the lowest and the highest",
                code="E305",
                help="write `charge` as `faradaic recover` does: one of the three below it",
                path=["charge"],
            )
        return self
