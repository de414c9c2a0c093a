"""Keys of a protocol by their dotted path, as diagnostics name them: read, found, written to.

`steps[1].constant_current.current` is the second step's, and so is `steps.1.constant_current...`,
which needs no quotation marks within braces; `steps.constant_current.current` is that of the only
step of its kind. A component's name may hold a dot: the longest key that is there is meant.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from typing import Any

from faradaic.diagnostics import InputError, did_you_mean, refusal
from faradaic.documents.document import KeyPath
from faradaic.documents.schema_lookup import keys_at
from faradaic.protocols.protocol_model import protocol_model

_INDEX = re.compile(r"\[(\d+)\]|(\d+)(?=[.\[]|$)")
_MARKS = frozenset({"faradaic", "continues"})


def path_of(key: str, data: Mapping[str, Any]) -> KeyPath:
    """The path of a dotted key in a protocol's data; keys at its end need not be written there.

    Raises `InputError` (E452) for a key that no protocol has, or one beyond its steps.
    """
    path: list[str | int] = []
    here: Any = data
    rest = key
    part: str | int
    while rest:
        rest = rest.removeprefix(".")
        index = _INDEX.match(rest)
        if index is not None and (index[1] or isinstance(here, list)):
            part = int(index[1] or index[2])
            here = _item(here, part, key, path)
            rest = rest[index.end() :]
        elif isinstance(here, list):
            part = _only(here, rest.partition(".")[0], key, path)
            here = here[part]  # the name of its kind is still to come
        else:
            part = name = _named(here, rest)
            _known(name, path, key, here)
            rest = rest[len(name) :]
            here = here.get(name) if isinstance(here, Mapping) else None
        path.append(part)
    if not path or path[0] in _MARKS:
        raise refusal("E452", f"`{key}` is no key that can be varied", _EXAMPLE)
    return tuple(path)


_EXAMPLE = "write it as the file nests it, for example `steps[0].constant_current.current`"


def value_at(data: Any, path: KeyPath) -> Any:
    """What stands at a path; None for nothing."""
    for part in path:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def written(data: Mapping[str, Any], changes: Sequence[tuple[KeyPath, Any]]) -> dict[str, Any]:
    """A protocol's data with values at paths; what is between is made where it is not there.

    Raises `InputError` (E452) where a short form stands in between.
    """
    changed = copy.deepcopy(dict(data))
    for path, value in changes:
        here: Any = changed
        for number, part in enumerate(path[:-1]):
            if isinstance(here, dict) and part not in here:
                here[part] = {}
            here = here[part]
            if not isinstance(here, dict | list):
                raise refusal(
                    "E452",
                    f"`{_dotted(path[: number + 1])}: {here}` is written short, and has no"
                    f" `{path[number + 1]}` of its own",
                    f"vary `{_dotted(path[: number + 1])}`, or write it out in the protocol",
                )
        here[path[-1]] = copy.deepcopy(value)
    return changed


def _item(here: Any, index: int, key: str, path: Sequence[str | int]) -> Any:
    if not isinstance(here, list) or index >= len(here):
        has = len(here) if isinstance(here, list) else 0
        name = _dotted(path)
        count = "no list" if not has else "[0] only" if has == 1 else f"[0] to [{has - 1}]"
        raise refusal("E452", f"`{key}` is not there: `{name}` has {count}", _EXAMPLE)
    return here[index]


def _only(here: Sequence[Any], kind: str, key: str, path: Sequence[str | int]) -> int:
    """The index of the only item of a list that has a key."""
    having = [n for n, one in enumerate(here) if isinstance(one, Mapping) and kind in one]
    name = _dotted(path)
    if len(having) == 1:
        return having[0]
    if having:
        which = " or ".join(f"`{name}[{n}].{kind}`" for n in having[:3])
        raise refusal("E452", f"`{key}` may be one of {len(having)}", f"write {which}")
    kinds = [str(k) for one in here if isinstance(one, Mapping) for k in one]
    raise refusal("E452", f"`{name}` has no `{kind}`", did_you_mean(kind, kinds))


def _named(here: Any, rest: str) -> str:
    """The longest key that is there and that the rest begins with, else up to the next dot."""
    known = here if isinstance(here, Mapping) else ()
    fitting = [k for k in known if rest == k or rest.startswith((f"{k}.", f"{k}["))]
    return max(fitting, key=len) if fitting else re.split(r"[.\[]", rest, maxsplit=1)[0]


def _known(part: str, path: Sequence[str | int], key: str, here: Any) -> None:
    """Raise where the schema has no such key."""
    if isinstance(here, Mapping) and part in here:
        return
    keys = keys_at(protocol_model(), path)
    if keys and part not in keys:
        where = f" under `{_dotted(path)}`" if path else " in a protocol"
        help_ = did_you_mean(part, list(dict.fromkeys([*(here or ()), *keys])))
        raise InputError.of(
            f"`{key}` is no key of the protocol: there is no `{part}`{where}",
            help=help_,
            code="E452",
        )


def _dotted(path: Sequence[str | int]) -> str:
    from faradaic.documents.validation import dotted

    return dotted(path)
