"""A second run with more installed leaves out what cannot come out otherwise, and nothing else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rigs.run_again import left_out


class Item(SimpleNamespace):
    """As much of a test as counts."""

    __hash__ = object.__hash__


def item(name: str, *, drawn: bool = False) -> Any:
    return Item(nodeid=f"tests/{name}", obj=SimpleNamespace(is_hypothesis_test=drawn))


def names(items: list[Any], passed: list[Any]) -> list[str]:
    """What runs again."""
    left = left_out(items, [one.nodeid for one in passed])
    return [one.nodeid.removeprefix("tests/") for one in items if one not in left]


def test_of_a_file_that_passed_the_first_test_and_each_tenth_run() -> None:
    items = [item(f"records/test_x.py::test_{n}") for n in range(25)]
    assert names(items, items) == [f"records/test_x.py::test_{n}" for n in (0, 10, 20)]


def test_what_did_not_run_before_runs() -> None:
    items = [item(f"records/test_x.py::test_{n}") for n in range(5)]
    assert names(items, items[:3]) == [f"records/test_x.py::test_{n}" for n in (0, 3, 4)]


def test_what_is_drawn_runs_with_more_examples() -> None:
    items = [item(f"records/test_x.py::test_{n}", drawn=n == 3) for n in range(5)]
    assert names(items, items) == [f"records/test_x.py::test_{n}" for n in (0, 3)]


def test_what_asks_for_libraries_or_plug_ins_runs() -> None:
    for place in ("testing/test_x.py", "computational/screening/test_x.py", "test_plugins.py"):
        items = [item(f"{place}::test_{n}") for n in range(5)]
        assert names(items, items) == [one.nodeid.removeprefix("tests/") for one in items]
