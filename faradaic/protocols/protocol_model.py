"""The model of a protocol with every step kind that is known."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, ForwardRef

from pydantic import create_model

from faradaic.documents.models import NotEmpty, scalar_as
from faradaic.protocols.schema import Protocol, Repeat, Step
from faradaic.protocols.step_kind import StepKind, step_kinds


def protocol_model() -> type[Protocol]:
    """The model that a protocol is validated with, and that its JSON Schema is made from."""
    return _with_kinds(tuple(step_kinds().values()))


@cache
def _with_kinds(kinds: tuple[type[StepKind], ...]) -> type[Protocol]:
    any_step: Any = ForwardRef("AnyStep")
    repeat: Any = create_model(
        "Repeat",
        __base__=Repeat,
        __doc__=Repeat.__doc__,
        steps=(Annotated[tuple[any_step, ...], NotEmpty()], ...),
    )
    fields: dict[str, Any] = {kind.kind: (_written(kind) | None, None) for kind in kinds}
    fields["repeat"] = (repeat | None, None)
    step: Any = create_model("Step", __base__=Step, __doc__=Step.__doc__, **fields)
    for recursive in (repeat, step):
        recursive.model_rebuild(_types_namespace={"AnyStep": step})
    return create_model(
        "Protocol",
        __base__=Protocol,
        __doc__=Protocol.__doc__,
        steps=(Annotated[tuple[step, ...], NotEmpty()], ...),
    )


def _written(kind: type[StepKind]) -> Any:
    return Annotated[kind, scalar_as(kind.short_form)] if kind.short_form else kind
