"""The model of a protocol with every step kind that is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Annotated, Any, ForwardRef

from pydantic import create_model

from faradaic.documents.models import NotEmpty, scalar_as
from faradaic.protocols.schema import Protocol, Repeat, Step
from faradaic.protocols.step_kind import StepKind, kinds_called, step_kinds

_first: dict[frozenset[str], type[Protocol]] = {}


def protocol_model() -> type[Protocol]:
    """The model that a protocol is validated with, and that its JSON Schema is made from."""
    return _with_kinds(tuple(step_kinds().values()))


def model_for(data: Mapping[str, Any]) -> type[Protocol]:
    """The model for a document: of the first one of a program with the kinds that it names alone.

    To build all takes a third of the time of a check. A protocol that is right is right with
    either; what is wrong with another is said by `protocol_model`.
    """
    named = frozenset(_named(data.get("steps")))
    for kinds, model in _first.items():
        if named <= kinds:
            return model
    alone = None if _first else kinds_called(named)
    if alone is None:
        return protocol_model()
    return _first.setdefault(named, _with_kinds(alone))


def _named(steps: Any) -> Iterator[str]:
    """The kinds in a list of steps, also in what is repeated."""
    for step in steps if isinstance(steps, list) else ():
        for kind, written in step.items() if isinstance(step, dict) else ():
            if kind == "repeat":
                yield from _named(written.get("steps") if isinstance(written, dict) else None)
            elif kind not in Step.model_fields:
                yield kind


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
