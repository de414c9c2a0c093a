"""What every description of a cell shares: strict models, and words for what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

from faradaic.diagnostics import Diagnostic, InputError

CODE = "E530"

Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]


class DescriptionModel(BaseModel):
    """A part of a description: SI numbers under names with their unit, nothing else."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True
    )


class ReferenceDescription(DescriptionModel):
    """The reference electrode."""

    potential_V_vs_SHE: float = Field(examples=[0.197])
    ohmic_fraction: float = Field(0.0, ge=0, le=1, examples=[0.1])
    """Share of the resistance between the working electrode and the reference's tip."""


Model = TypeVar("Model", bound=DescriptionModel)


def checked(model: type[Model], data: Mapping[str, Any], below: Sequence[str] = ()) -> Model:
    """A model of plain data that stands under the keys `below` of a cell.

    Raises `InputError` with a diagnostic for every key that is missing, unknown or wrong.
    """
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        problems = [_diagnostic(model, dict(d), below) for d in error.errors(include_url=False)]
        raise InputError(*problems) from None


def _diagnostic(
    model: type[DescriptionModel], detail: Mapping[str, Any], below: Sequence[str]
) -> Diagnostic:
    keys = [str(part) for part in detail["loc"]]
    path = ".".join(["cell", *below, *keys])
    key = next((part for part in reversed(keys) if not part.isdigit()), "")
    example = _example(model, keys)
    accepted = f"`{key}`" if example is None else f"`{key}: {example}`"
    if detail["type"] == "extra_forbidden":
        known = [name for one in _reachable(model) for name in one.model_fields]
        close = get_close_matches(key, known, n=1)
        message = f"{path} is not a key of a cell's description"
        remedy = f"did you mean `{close[0]}`?" if close else f"leave `{key}` out"
    elif detail["type"] == "missing":
        message, remedy = f"{path} is missing", f"add {accepted}"
    else:
        reason = detail["msg"].removeprefix("Value error, ")
        given = "" if isinstance(detail["input"], Mapping) else f" (given: {detail['input']!r:.60})"
        message = f"{path}: {reason[:1].lower()}{reason[1:]}{given}"
        remedy = f"write for example {accepted}" if example is not None else ""
    return Diagnostic(CODE, message, help=remedy, path=path)


def _example(model: type[DescriptionModel], keys: Iterable[str]) -> Any:
    """The example of the field that the keys lead to; None where it has none."""
    inside: type[DescriptionModel] = model
    field: FieldInfo | None = None
    for key in keys:
        if key in inside.model_fields:
            field = inside.model_fields[key]
            inside = next(_models(field.annotation), inside)
    return field.examples[0] if field is not None and field.examples else None


def _reachable(model: type[DescriptionModel]) -> Iterator[type[DescriptionModel]]:
    yield model
    for field in model.model_fields.values():
        for below in _models(field.annotation):
            yield from _reachable(below)


def _models(annotation: Any) -> Iterator[type[DescriptionModel]]:
    """The models within an annotation, such as `tuple[Model, ...] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, DescriptionModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
