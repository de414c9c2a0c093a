"""Dates that all have the first one's form are read at once, to the same times as one by one."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from faradaic.datafiles.readers import moments

BEGIN = datetime(2024, 2, 28, 22, 59, 58)


@pytest.mark.parametrize(
    "form",
    [
        "%d/%m/%Y %H:%M:%S", "%m/%d/%y %I:%M:%S %p", "%Y-%m-%dT%H:%M:%S.%f", "%d.%m.%Y %H:%M",
        "%H:%M:%S %Y/%m/%d", "%Y-%m-%d %H:%M:%S+01:00", "%Y-%m-%d %H:%M:%S,%f",
    ],
)  # fmt: skip
@pytest.mark.parametrize("damage", [None, (3, 0, "x"), (5, 1, ":"), (7, -1, " "), (9, 4, "/")])
def test_both_ways_give_the_same(
    form: str, damage: tuple[int, int, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = [(BEGIN + timedelta(minutes=47 * k)).strftime(form) for k in range(60)]
    if damage:
        row, at, sign = damage
        cell = list(written[row])
        cell[at] = sign
        written[row] = "".join(cell)
    cells = pl.Series(written)
    path = Path("table")
    at_once = moments.elapsed_s(cells, path)
    monkeypatch.setattr(moments, "_alike", lambda *_: None)
    one_by_one = moments.elapsed_s(cells, path)
    assert np.array_equal(at_once[0], one_by_one[0], equal_nan=True)
    assert at_once[1:] == one_by_one[1:]
    if damage is None:
        assert np.allclose(np.diff(at_once[0]), 47 * 60)
