"""A value whose answer carries no check sum, or might be that of an earlier question."""

from __future__ import annotations

from collections.abc import Callable

from faradaic.instruments.transports import DamagedReply

AGREE_ASKS = 5


def agreed(ask: Callable[[], tuple[float, ...]], steps: tuple[float, ...]) -> tuple[float, ...]:
    """Values that are asked for until those that agree are two more than those that don't.

    `ask` gives them together, `steps` is what one digit of each is worth. After five answers three
    have to agree, or all of them to go one way: a value that changes. Raises `DamagedReply` where
    they do neither.
    """
    answers = [ask(), ask()]
    while True:
        columns = list(zip(*answers, strict=True))
        found = [_majority(told, step) for told, step in zip(columns, steps, strict=True)]
        if all(2 * count - len(answers) >= 2 for _, count in found):
            return tuple(value for value, _ in found)
        if len(answers) == AGREE_ASKS:
            break
        answers.append(ask())
    values = []
    for (value, count), told in zip(found, columns, strict=True):
        goes_one_way = list(told) in (sorted(told), sorted(told, reverse=True))
        if 2 * count <= len(told) and not goes_one_way:
            raise DamagedReply.of(f"{', '.join(f'{one:g}' for one in told)} came for one value")
        values.append(value if 2 * count > len(told) else told[-2])
    return tuple(values)


def _majority(told: tuple[float, ...], step: float) -> tuple[float, int]:
    """The last of the values that have most others within a step, and how many they are."""
    counts = [sum(abs(one - other) <= 1.5 * step for other in told) for one in told]
    most = max(counts)
    at = len(told) - 1 - counts[::-1].index(most)
    return told[at], most
