"""What was shown and confirmed is what runs, whatever happens to the file meanwhile."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import typer

from faradaic.cli import plan_view
from faradaic.cli.run_commands import run
from rigs.protocols import HEAD

REST = f"{HEAD}steps:\n  - open_circuit: 3 s\n"


def test_an_edit_after_the_plan_was_shown_reaches_neither_the_run_nor_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "rest.yaml"
    file.write_text(REST, encoding="utf-8")
    show = plan_view.print_plan

    def show_and_edit(*shown: object) -> None:
        show(*shown)  # type: ignore[arg-type]
        file.write_text(REST.replace("3 s", "3 h"), encoding="utf-8")

    monkeypatch.setattr(plan_view, "print_plan", show_and_edit)
    with pytest.raises(typer.Exit) as ended:
        run(str(file), runs=tmp_path / "runs")
    assert ended.value.exit_code == 0
    (folder,) = (tmp_path / "runs").iterdir()
    kept = (folder / "protocol.yaml").read_bytes()
    assert kept == REST.encode()
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert plan["protocol_sha256"] == hashlib.sha256(kept).hexdigest()
    assert plan["steps"][0]["time_cap_s"] == 3.0
