"""Protocols as chemists write them (`tests/fixtures/chemists`)."""

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "fixtures" / "chemists"


def case(name: str) -> str:
    """The text of one."""
    return (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
