"""Files as a crash or a bad stick leaves them."""

from __future__ import annotations

import random
from collections.abc import Iterator


def damaged_copies(whole: bytes, count: int = 300, seed: int = 1) -> Iterator[bytes]:
    """Cut off somewhere, with up to three other bytes in them."""
    dice = random.Random(seed)
    for _ in range(count):
        damaged = bytearray(whole[: dice.randrange(1, len(whole))])
        for _ in range(dice.randrange(4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        yield bytes(damaged)
