"""A profile that lacks a line is told by file and line, for whoever writes one."""

from __future__ import annotations

from importlib.resources import files

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.supplies.supply_profiles import _read

TEXT = files("faradaic.instruments.supplies").joinpath("profiles/owon.toml").read_text("utf-8")


@pytest.mark.parametrize("line", ["maker", "on", "voltage", "output", "measure", "key", "outputs"])
def test_the_line_is_named(line: str) -> None:
    kept = [one for one in TEXT.splitlines() if not one.startswith(f"{line} =")]
    assert len(kept) < len(TEXT.splitlines())
    with pytest.raises(InputError) as told:
        _read("owon.toml", "\n".join(kept))
    (why,) = told.value.diagnostics
    assert why.code == "E712"
    assert "owon.toml" in why.message
    assert f"`{line}`" in why.message


def test_what_is_no_toml_is_told() -> None:
    with pytest.raises(InputError, match=r"owon\.toml cannot be read"):
        _read("owon.toml", TEXT + "\n= 3")
