"""A value whose answer carries no check sum, or might be that of an earlier question."""

from __future__ import annotations

from collections.abc import Callable

from faradaic.instruments.transports import DamagedReply

AGREE_ASKS = 5


def agreed(ask: Callable[[], tuple[float, ...]], steps: tuple[float, ...]) -> tuple[float, ...]:
    """Values whose answer does not tell that it is whole, or of now: asked until two agree.

    `ask` gives them together, `steps` is what one digit of each is worth. A value that goes one way
    all the time is one that changes. Raises `DamagedReply` where one does neither.
    """
    answers = [ask(), ask()]
    while True:
        columns = list(zip(*answers, strict=True))
        twins = [_twin(values, step) for values, step in zip(columns, steps, strict=True)]
        found = [value for value in twins if value is not None]
        if len(found) == len(twins):
            return tuple(found)
        if len(answers) == AGREE_ASKS:
            break
        answers.append(ask())
    for twin, values in zip(twins, columns, strict=True):
        if twin is None and list(values) not in (sorted(values), sorted(values, reverse=True)):
            raise DamagedReply.of(f"{', '.join(f'{v:g}' for v in values)} came for one value")
    return tuple(
        values[-2] if twin is None else twin for twin, values in zip(twins, columns, strict=True)
    )


def _twin(values: tuple[float, ...], step: float) -> float | None:
    """The last value that has another one within a step."""
    for at in reversed(range(len(values))):
        others = values[:at] + values[at + 1 :]
        if any(abs(values[at] - other) <= 1.5 * step for other in others):
            return values[at]
    return None
