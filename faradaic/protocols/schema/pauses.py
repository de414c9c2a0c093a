"""What becomes of the output in a pause."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from faradaic.documents.models import Model, ShortForm
from faradaic.protocols.schema.field_types import PositiveTime

Output = Literal["open_circuit", "hold_potential", "keep_current"]


class Pause(Model):
    """Whether the output stays on in a pause of a step, and for how long."""

    output: Output
    at_most_s: PositiveTime | None = None
    """After which the output goes off and the pause goes on without it."""


def _from_text(value: Any) -> Any:
    return {"output": value} if isinstance(value, str) else value


OnPause = Annotated[
    Pause, ShortForm(_from_text, {"type": "string", "enum": list(get_args(Output))})
]
