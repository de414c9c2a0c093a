"""What all models of a file share: how a field is named in YAML, and how a rule complains.

In Python a number carries its unit in its name (`gap_m`); in YAML the unit stands in the value
(`gap: 10 mm`), so the key is the name without its unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError, core_schema

_UNITS = frozenset(
    {
        *(
            "A",
            "A_per_m2",
            "A_per_s",
            "C",
            "F_per_m2",
            "C_per_mol_per_s",
            "Hz",
            "K",
            "Pa",
            "V",
            "V_per_s",
        ),
        *("kg", "kg_per_m2", "kg_per_m3", "kg_per_mol", "m", "m2", "m3", "m3_per_s"),
        *("mol", "mol_per_m3", "mol_per_s", "ohm", "ohm_m2", "per_m", "per_s", "s"),
        *("m2_per_s", "m3_per_mol_per_s", "F_per_m2"),
    }
)


def yaml_key(name: str) -> str:
    """The key of a field in YAML: `current_density_A_per_m2` is written `current_density`."""
    parts = name.split("_")
    for cut in range(1, len(parts)):
        if "_".join(parts[cut:]) in _UNITS:
            return "_".join(parts[:cut])
    return name.rstrip("_")


class Model(BaseModel):
    """A mapping of the file: unknown keys refused, values frozen."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=yaml_key, defer_build=True
    )


Text = Annotated[str, Field(strict=True, min_length=1, max_length=4000)]
Identifier = Annotated[
    str, Field(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9_.()+-]*$", max_length=64)
]
"""A short name that other parts of the protocol refer to: `hydrazide`, `Bu4NBF4`."""
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
PositiveNumber = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
Count = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Flag = Annotated[bool, Field(strict=True)]


def problem(
    message: str,
    *,
    code: str = "E306",
    help: str = "",  # noqa: A002
    path: Sequence[str | int] = (),
) -> PydanticCustomError:
    """What a validator raises: one sentence, what to type, and the path below the model."""
    return PydanticCustomError(
        "protocol",
        "{message}",
        {"message": message, "code": code, "help": help, "path": list(path)},
    )


def exactly_one(model: BaseModel, names: Iterable[str], what: str) -> str:
    """The one of `names` that is set on a model; a protocol error when none or several are."""
    names = tuple(names)
    present = [name for name in names if getattr(model, name) is not None]
    if len(present) == 1:
        return present[0]
    keys = ", ".join(f"`{yaml_key(name)}`" for name in names)
    if not present:
        raise problem(f"{what} is missing", code="E302", help=f"give exactly one of {keys}")
    given = " and ".join(f"`{yaml_key(name)}`" for name in present)
    raise problem(
        f"{given} are both given, but they say {what} twice"
        if len(present) == 2
        else f"{given} are all given, but each says {what}",
        help=f"keep exactly one of {keys}",
        path=[yaml_key(present[-1])],
    )


@dataclass(frozen=True, eq=False)
class ShortForm:
    """Annotation for a field that may be written shorter than its full form.

    `expand` turns what was written into the full form (or returns it untouched); `schema` is the
    JSON Schema of the short form alone, by default that of one item of the list.
    """

    expand: Callable[[Any], Any]
    schema: dict[str, Any] | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        full = handler(schema)
        return {"anyOf": [self.schema or full["items"], full]}


def scalar_as(key: str, *examples: object) -> ShortForm:
    """A text or number standing for the mapping `{key: it}`."""
    schema: dict[str, Any] = {"type": ["string", "number"]}
    if examples:
        schema["examples"] = list(examples)

    def expand(value: Any) -> Any:
        return {key: value} if isinstance(value, str | int | float) else value

    return ShortForm(expand, schema)


class NotEmpty:
    """Annotation for a list or mapping that must hold something.

    Unlike a length given to pydantic it doesn't call a list empty whose only item is wrong.
    """

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        def check(value: Any) -> Any:
            if not value:
                raise PydanticCustomError("empty", "this is empty")
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        full = dict(handler(schema))
        return full | {"minItems" if full.get("type") == "array" else "minProperties": 1}
