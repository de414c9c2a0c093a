"""Pydantic's errors in the words of this project: where, what is wrong, what to type instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from itertools import takewhile
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from faradaic.diagnostics import Diagnostic, InputError, Location, did_you_mean, nearest
from faradaic.documents.document import Document
from faradaic.documents.schema_lookup import (
    Path,
    choices_at,
    example_at,
    key_examples_at,
    keys_at,
    schema_at,
)

ModelT = TypeVar("ModelT", bound=BaseModel)

_KINDS = {
    "model_type": "a mapping (`key: value` lines, indented)",
    "dict_type": "a mapping (`key: value` lines, indented)",
    "tuple_type": "a list (lines that begin with a dash, or [a, b])",
    "list_type": "a list (lines that begin with a dash, or [a, b])",
    "string_type": "text",
    "float_type": "a plain number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "date_type": "a date such as 2026-03-02",
    "date_from_datetime_parsing": "a date such as 2026-03-02",
}
_OTHER_WORDS = {
    "ca": "constant_potential",
    "cc": "constant_current",
    "cp": "constant_current",
    "cv": "cyclic_voltammetry",
    "cycles": "count",
    "dpv": "differential_pulse_voltammetry",
    "eis": "impedance",
    "lsv": "linear_sweep",
    "no_current": "open_circuit",
    "ocp": "open_circuit",
    "rest": "open_circuit",
    "ocv": "open_circuit",
    "pause": "wait",
    "rap": "alternating_polarity",
    "swv": "square_wave_voltammetry",
    "times": "count",
}
"""Keys that people write, and what is meant by them where there is such a key."""
_LONG, _MISSPELT = 5, 0.85
"""Letters from which on, and how near, one of these other words may be misspelt."""
_NOT_THE_SAME = {
    "period": ("half_period", "write `half_period`, which is half of it, or `frequency`"),
    "current_density": ("current", "write `current`: the density times the area"),
}
"""Keys whose value is another than that of the key that is meant."""
_NAME_WITH_LOCANTS = re.compile(
    r"(.*[ (-])?(\d+[a-z]?'*|[A-Z]'*)(,(\d+[a-z]?'*|[A-Z]'*))+-[A-Za-z(\[].*"
)
"""`1,3-diol`, `N,N-dimethylaniline`, `methyl 2,2-dimethylpropanoate`."""
_BOUNDS = {
    "greater_than": ("gt", "must be more than {}"),
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than": ("lt", "must be less than {}"),
    "less_than_equal": ("le", "must be at most {}"),
}


def validate_document(document: Document, model: type[ModelT]) -> ModelT:
    """A document as a pydantic model; raises InputError with every problem found (E1xx, E3xx)."""
    problems = list(empty_values(document))
    if problems:
        raise InputError(*problems)
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        raise InputError(*diagnose(error, document, model)) from None


def diagnose(
    error: ValidationError, document: Document, model: type[BaseModel]
) -> list[Diagnostic]:
    """All problems that pydantic found, in the order of the file, each with its place."""
    details = error.errors(include_url=False)
    misspelt = {_misspelt(model, detail["loc"]) for detail in details if _is_unknown_key(detail)}
    found: dict[object, Diagnostic] = {}
    for detail in details:
        if detail["type"] == "missing" and detail["loc"] in misspelt:
            continue
        diagnostic = _diagnostic(detail, document, model)
        # A short form that stands for two values has one problem, not two.
        found.setdefault((diagnostic.code, diagnostic.location), diagnostic)
    return sorted(found.values(), key=reading_order)


def reading_order(diagnostic: Diagnostic) -> tuple[int, int]:
    """Sort key: diagnostics in the order of the file, those without a place first."""
    place = diagnostic.location
    return (place.line, place.column) if place is not None else (0, 0)


def locate(document: Document, path: Path) -> Location:
    """Where to point for a path: at a value, but at the key of a mapping or a list."""
    here: Any = document.data
    for part in path:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            return document.locate(path)
    is_block = isinstance(here, dict | list) and len(path) > 0 and isinstance(path[-1], str)
    return document.locate(path, key=is_block)


def empty_values(document: Document) -> Iterator[Diagnostic]:
    """Keys and list items with nothing after them: never a way to say "not given"."""
    told: set[Path] = set()
    for path in _empty(document.data, ()):
        if path in told:
            continue
        if (named := _locants(document, path)) is not None:
            told |= named[1]
            yield named[0]
            continue
        comma = _decimal_comma(document, path)
        if comma is not None:
            yield comma
            continue
        name = f"`{path[-1]}`" if isinstance(path[-1], str) else "this item of the list"
        yield Diagnostic(
            "E303",
            f"{name} has no value",
            help="write its value after the colon, or remove the line",
            location=document.locate(path, key=isinstance(path[-1], str)),
            path=dotted(path),
        )


def _locants(document: Document, path: Path) -> tuple[Diagnostic, set[Path]] | None:
    """`{name: 1,3-diol}` reads as `name: 1` and a key `3-diol` without a value: say E103.

    With the places of all that belongs to the name.
    """
    *above, key = path
    siblings: Any = document.data
    for part in above:
        siblings = siblings[part]
    if not isinstance(siblings, dict):
        return None
    names = list(siblings)
    at = names.index(key)
    if at == 0 or siblings[names[at - 1]] is None:
        return None
    pieces = list(takewhile(lambda name: siblings[name] is None, names[at:]))
    before = names[at - 1]
    while pieces:
        whole = ",".join(map(str, (siblings[before], *pieces)))
        if _NAME_WITH_LOCANTS.fullmatch(whole):
            break
        pieces.pop()
    else:
        return None
    place = (*above, before)
    diagnostic = Diagnostic(
        "E103",
        f"`{before}: {whole}` has a comma, which ends a value here",
        help=f'write `{before}: "{whole}"`',
        location=document.locate(place),
        path=dotted(place),
    )
    return diagnostic, {(*above, piece) for piece in pieces}


def _decimal_comma(document: Document, path: Path) -> Diagnostic | None:
    """`{current: 1,5 mA}` reads as `current: 1` and a key `5 mA` without a value: say E103."""
    *above, key = path
    siblings: Any = document.data
    for part in above:
        siblings = siblings[part]
    if not isinstance(siblings, dict) or not str(key)[:1].isdigit():
        return None
    names = list(siblings)
    before = names[names.index(key) - 1]
    if before == key or not str(siblings[before])[-1:].isdigit():
        return None
    return Diagnostic(
        "E103",
        f"`{before}: {siblings[before]},{key}` has a decimal comma, which ends a value here",
        help=f"write `{before}: {siblings[before]}.{key}`",
        location=document.locate((*above, before)),
        path=dotted((*above, before)),
    )


def _empty(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if value is None and path:
        yield path
    children: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    for key, child in children:
        yield from _empty(child, (*path, key))


def dotted(path: Path) -> str:
    """A path as people write it: `steps[1].constant_current.current`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def _is_unknown_key(detail: ErrorDetails) -> bool:
    return detail["type"] == "extra_forbidden"


def _misspelt(model: type[BaseModel], path: Path) -> tuple[str | int, ...]:
    """The path that an unknown key was probably meant to be."""
    keys = keys_at(model, path[:-1])
    return (*path[:-1], _other_word(path[-1], keys) or nearest(path[-1], keys) or "")


def _other_word(written: object, keys: Sequence[str]) -> str | None:
    """The key for which another word was written."""
    word = re.sub(r"[\s-]+", "_", str(written).strip().lower())
    key = _OTHER_WORDS.get(word) or _NOT_THE_SAME.get(word, ("", ""))[0]
    if key in keys:
        return key
    long = [other for other, of in _OTHER_WORDS.items() if of in keys and len(other) > _LONG]
    near = get_close_matches(word, long, n=1, cutoff=_MISSPELT)
    return _OTHER_WORDS[near[0]] if near else None


def _key_that_is_meant(written: object, keys: Sequence[str]) -> str:
    """What to write in place of an unknown key."""
    if (key := _other_word(written, keys)) is None:
        return did_you_mean(written, keys)
    return _NOT_THE_SAME.get(str(written).lower(), ("", f"did you mean `{key}`?"))[1]


def _diagnostic(detail: ErrorDetails, document: Document, model: type[BaseModel]) -> Diagnostic:
    kind, context = detail["type"], detail.get("ctx", {})
    path: list[str | int] = [part for part in detail["loc"] if part != "[key]"]
    about_key = _is_unknown_key(detail) or "[key]" in detail["loc"]
    path += context.get("path", [])
    spoken = path if kind == "missing" or about_key else _written_part(document, path)
    code, message, help_ = _words(model, kind, spoken, detail, context)
    if kind == "missing":
        location = document.locate(path[:-1], key=True)
    elif about_key:
        location = document.locate(path, key=True)
    else:
        location = locate(document, path)
    return Diagnostic(code, message, help=help_, location=location, path=dotted(path))


def _written_part(document: Document, path: list[str | int]) -> list[str | int]:
    """The path as far as it was written: a short form stands for keys that nobody wrote."""
    here: Any = document.data
    for depth, part in enumerate(path):
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            return path[:depth]
    return path


def _words(
    model: type[BaseModel], kind: str, path: Path, detail: ErrorDetails, context: dict[str, Any]
) -> tuple[str, str, str]:
    """Code, sentence and help for one of pydantic's error types."""
    last = path[-1] if path else f"the {_called(model)}"
    name = f"`{last}`" if isinstance(last, str) else f"item {last + 1} of `{path[-2]}`"
    value = detail["input"]
    if "code" in context:
        return context["code"], context["message"], context.get("help", "")
    if kind == "extra_forbidden":
        keys = keys_at(model, path[:-1])
        where = f"under `{path[-2]}`" if len(path) > 1 else f"in a {_called(model)}"
        if len(path) > 1 and isinstance(path[-2], int):
            where = f"in an item of `{path[-3]}`"
        return "E301", f"there is no key {name} {where}", _key_that_is_meant(last, keys)
    if kind == "missing":
        return "E302", f"{name} is missing", f"add {example_at(model, path)}"
    if kind in ("literal_error", "enum"):
        return (
            "E304",
            f"{_shown(value)} is not a choice for {name}",
            did_you_mean(value, choices_at(model, path)),
        )
    if last == "until" and isinstance(value, int | float):
        return (
            "E303",
            f"`until: {value:g}` has no unit",
            f"write for example `until: {value:g} F/mol` or `until: {value:g} h`",
        )
    if kind in _KINDS:
        likely = f"write {example_at(model, path)}"
        if isinstance(value, str) and isinstance(last, int) and "mapping" in _KINDS[kind]:
            keys = keys_at(model, path)
            meant = _other_word(value, keys) or nearest(value, keys)
            likely = f"write `- {meant}: ...`" if meant else likely
        return "E303", f"{name} must be {_KINDS[kind]}, not {_shown(value)}", likely
    if kind in _BOUNDS:
        key, sentence = _BOUNDS[kind]
        bound = sentence.format(f"{context[key]:g}")
        return "E305", f"{name} {bound}, not {_shown(value)}", f"write {example_at(model, path)}"
    if kind in ("empty", "string_too_short"):
        return "E305", f"{name} is empty", f"write {example_at(model, path)}"
    if kind == "string_too_long":
        return (
            "E305",
            f"{name} is too long ({len(value)} characters)",
            (f"at most {context['max_length']} characters"),
        )
    if kind == "string_pattern_mismatch":
        of_key = "[key]" in detail["loc"]
        examples = (
            key_examples_at(model, path[:-1]) if of_key else schema_at(model, path).get("examples")
        )
        likely = f"write it like {examples[0]}" if examples else f"allowed: {context['pattern']}"
        plain = re.sub(r"[^A-Za-z0-9]+", "_", str(value)).strip("_")
        if of_key and not examples and re.search(context["pattern"], plain):
            likely = f"write `{plain}:`"
            if "name" in keys_at(model, path):
                likely += f" with `name: {value}` in it"
        name = f"a key of `{path[-2]}`" if of_key else name
        return "E303", f"{_shown(value)} cannot be {name}", likely
    return "E300", f"{name}: {detail['msg']}", f"write {example_at(model, path)}"


def _called(model: type[BaseModel]) -> str:
    """What a file of the model is called: "protocol", "bench file", "study"."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).lower()


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + '..."'
