"""What an emulator accepts, from its own tables: for whoever writes a client against it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from faradaic.simulators.emulated_bench import NoCell, make_emulator
from faradaic.simulators.palmsens.emulator import RUNTIME_COMMANDS, MethodScriptEmulator
from faradaic.simulators.scpi.tree import CommandTree


def accepted_words(model: str) -> Iterator[str]:
    """Lines: what it is made from, then every header or command. Raises `InputError`."""
    emulator = make_emulator(model, NoCell(), 0)
    yield from _described(emulator)
    if isinstance(emulator, MethodScriptEmulator):
        yield ""
        yield "At any time: " + " ".join(sorted(RUNTIME_COMMANDS))
        yield "In a script: " + " ".join(sorted(emulator.commands))
        return
    for tree in _trees(emulator):
        yield ""
        width = max(map(len, tree.headers))
        for header, does in sorted(tree.headers.items()):
            yield f"{header:<{width}}  {does}"


def _described(emulator: Any) -> list[str]:
    """What its file says of it: sources, words, what was assumed."""
    module = inspect.getmodule(type(emulator))
    return inspect.cleandoc((module and module.__doc__) or type(emulator).__doc__ or "").split("\n")


def _trees(emulator: Any) -> Iterator[CommandTree]:
    for value in vars(emulator).values():
        if isinstance(value, CommandTree):
            yield value
