"""A small table takes another path than a large one and gives the same numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.readers.text import numeric_table

PATH = Path("made.txt")


@pytest.mark.parametrize(
    "row",
    [
        b"1.5\t-2e-3\t3\n",
        b"1.5\t-2e-3\t3\r\n",
        b"1,5\t-2e-3\t3,25\n",
        b"1.5\t\t3\n",
        b"1.5\t-2e-3\t3\t\n",
        b" 1.5\t-2e-3 \t3\n",
        b"1.5\tinf\t3\n",
        b"1.5\tn.d.\t3\n",
        b"1.5\t1_000\t3\n",
        b'"1.5"\t-2e-3\t3\n',
    ],
)
def test_a_row_reads_the_same_alone_and_among_thousands(row):
    small, told = numeric_table(row * 3, 0, 3, PATH)
    large, told_of_large = numeric_table(row * 20_000, 0, 3, PATH)
    for one, other in zip(small, large, strict=True):
        np.testing.assert_array_equal(one, other[:3])
    assert [d.code for d in told] == [d.code for d in told_of_large]


def test_marks_are_counted_the_same():
    row = b"1.5\t-2e-3\t...a.b.\n"
    small, _ = numeric_table(row * 3, 0, 3, PATH, flags=(2,))
    large, _ = numeric_table(row * 20_000, 0, 3, PATH, flags=(2,))
    assert small[2].tolist() == large[2][:3].tolist() == [2.0, 2.0, 2.0]
