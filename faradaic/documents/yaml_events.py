"""What a YAML text consists of, as a parser comes upon it: eight times as fast where libyaml is.

ruamel.yaml reads YAML 1.2, says what is wrong and is always there. libyaml (through PyYAML) reads
the older 1.1, which for the syntax left to people here is the same: no tabs, no `#` right behind a
block's `|`. A text that it refuses, or that might mean something else to it, is left to ruamel.
`tests/documents/test_two_parsers_read_the_same.py` holds that they agree, places included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_MAY_DIFFER = re.compile(r"\t|[|>][-+0-9]*#|\r(?!\n)|(?<!\n)\Z")
"""Also a last line without an end: the two put the end of what stands there in other places."""


class LeftToRuamel(Exception):
    """libyaml is not here, refuses the text or might read it otherwise."""


def quick_events(text: str) -> Iterator[Any]:
    """The events of a text, named and marked as ruamel's. Raises `LeftToRuamel`, perhaps late."""
    import yaml

    if not yaml.__with_libyaml__ or _MAY_DIFFER.search(text):
        raise LeftToRuamel
    try:
        yield from yaml.parse(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError, OverflowError, IndexError) as error:
        raise LeftToRuamel from error


def careful_events(text: str) -> Iterator[Any]:
    """The events of a text; they end with ruamel's error where it is no YAML."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).parse(text)  # type: ignore[no-any-return]
