"""What a second run of the tests, with more installed, leaves to the first.

It runs what the first skipped; what asks what else is installed; what hypothesis draws, of which
it tries more; and of every other file a sample.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

import pytest

ON_EXTRAS = ("computational/", "studies/exports/", "workloads/", "test_", "testing/")
"""Tests, by the beginning of their path, of what looks for libraries or plug-ins."""
SAMPLE = 10
"""Of the other files the first test, and each tenth after it."""


def left_out(items: Sequence[pytest.Item], passed: Collection[str]) -> set[pytest.Item]:
    """Those that another run has seen to, of which the names are given that passed."""
    passed = set(passed)
    seen: Counter[str] = Counter()
    left: set[pytest.Item] = set()
    for item in items:
        file = item.nodeid.split("::")[0]
        again = file.removeprefix("tests/").startswith(ON_EXTRAS)
        again |= getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
        again |= seen[file] % SAMPLE == 0
        seen[file] += 1
        if item.nodeid in passed and not again:
            left.add(item)
    return left
