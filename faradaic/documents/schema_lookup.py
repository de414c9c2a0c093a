"""What a pydantic model allows at a path of the document: keys, choices, examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, get_args

from pydantic import BaseModel, TypeAdapter

Path = Sequence[str | int]


class Examples(list[Any]):
    """What a field says itself, beside what its type does."""


def _annotation(model: type[BaseModel], path: Path) -> Any:
    """The type that the schema has at a path; None beyond its end."""
    here: Any = model
    for part in path:
        here = _below(here, part)
        if here is None:
            return None
    return here


def _below(annotation: Any, part: str | int) -> Any:
    for candidate in _unwrapped(annotation):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            for name, field in candidate.model_fields.items():
                if (field.alias or name) == part:
                    there = field.rebuild_annotation()
                    return Annotated[there, Examples(field.examples)] if field.examples else there
        elif isinstance(part, int) and getattr(candidate, "__origin__", None) in (tuple, list):
            return get_args(candidate)[0]
        elif getattr(candidate, "__origin__", None) is dict:
            return get_args(candidate)[1]
    return None


def _unwrapped(annotation: Any) -> Iterator[Any]:
    """The alternatives of an annotation, without Annotated, Optional and Union."""
    origin = getattr(annotation, "__origin__", None)
    if hasattr(annotation, "__metadata__"):
        yield from _unwrapped(origin)
    elif origin in (tuple, list, dict) or isinstance(annotation, type):
        yield annotation
    else:
        for argument in get_args(annotation):
            yield from _unwrapped(argument)


def keys_at(model: type[BaseModel], path: Path) -> list[str]:
    """The keys that the mapping at a path may have."""
    for candidate in _unwrapped(_annotation(model, path)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return [field.alias or name for name, field in candidate.model_fields.items()]
    return []


def schema_at(model: type[BaseModel], path: Path) -> dict[str, Any]:
    """The JSON Schema of what may stand at a path, its most telling alternative."""
    annotation = _annotation(model, path)
    if annotation is None or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return {}
    schema = TypeAdapter(annotation).json_schema()
    for option in (schema, *schema.get("anyOf", ())):
        if "$ref" in option:
            option = schema["$defs"][option["$ref"].rsplit("/", 1)[-1]]
        if option.keys() & {"enum", "const", "examples"}:
            own = [one for one in getattr(annotation, "__metadata__", ()) if type(one) is Examples]
            return dict(option) | ({"examples": own[0]} if own else {})
    options = [o for o in schema.get("anyOf", [schema]) if o.get("type") != "null"]
    return dict(options[0])


def choices_at(model: type[BaseModel], path: Path) -> list[str]:
    """The values that may stand at a path, if they are a fixed set."""
    schema = schema_at(model, path)
    return [str(c) for c in schema.get("enum", [schema["const"]] if "const" in schema else [])]


def key_examples_at(model: type[BaseModel], path: Path) -> list[str]:
    """Examples of the free keys of the mapping at a path."""
    for candidate in _unwrapped(_annotation(model, path)):
        if getattr(candidate, "__origin__", None) is dict:
            examples = TypeAdapter(get_args(candidate)[0]).json_schema().get("examples", [])
            return [str(example) for example in examples]
    return []


_TYPED = {"number": "2", "integer": "2", "boolean": "true", "array": "[...]", "string": "..."}


def example_at(model: type[BaseModel], path: Path) -> str:
    """What could stand there: `gap: 10 mm`."""
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    schema = schema_at(model, path)
    if schema.get("examples"):
        value = schema["examples"][0]
    elif schema.get("enum"):
        value = schema["enum"][0]
    else:
        value = schema.get("const", _TYPED.get(str(schema.get("type")), "{...}"))
    return f"`- {value}`" if path and isinstance(path[-1], int) else f"`{key}: {value}`"
