"""A plan as a file of another program: what is in it, what is refused, what is told to lack."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.protocols.plan import Plan
from faradaic.runner.bench_file import Bench, load_bench
from faradaic.runner.plan_files.written_plan import FORMS, WrittenPlan, write_plan
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing.rig import DummyCell

SHONO = "library:shono-methoxylation"
ALTERNATING = "library:thiophene-reduction-alternating"


def planned(protocol: str | Path, bench: str = "simulated") -> tuple[Plan, Bench]:
    loaded = load_bench(bench)
    return compile_protocol(load_protocol(protocol), loaded), loaded


def written(protocol: str | Path, form: str, out: Path, bench: str = "simulated") -> WrittenPlan:
    return write_plan(*planned(protocol, bench), form, out)


def rows(text: str, technique: int) -> dict[str, list[str]]:
    """The table of one technique: name of a row -> its columns of 20 characters."""
    part = text.split("Technique : ")[technique].split("\r\n\r\n")[0].split("\r\n")
    found = {}
    for line in part[2:]:
        cells = [line[at : at + 20].strip() for at in range(0, len(line.rstrip()), 20)]
        if cells:
            found[cells[0]] = cells[1:]
    return found


def potentiostatic(tmp_path: Path, until: str) -> Path:
    text = load_protocol("library:wacker-benzoquinone-potential").document.text
    lines = text.splitlines()
    at = next(i for i, line in enumerate(lines) if "constant_potential" in line)
    end = next(i for i in range(at + 1, len(lines)) if lines[i].startswith("  - "))
    lines[at:end] = [
        "  - constant_potential: {potential: 0.1 V, vs: reference, current_limit: 50 mA,"
        f" {until}}}"
    ]
    path = tmp_path / "held.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_ec_lab_holds_current_time_charge_and_the_limit_of_the_voltage(tmp_path: Path) -> None:
    plan, _ = planned(SHONO)
    done = written(SHONO, "ec-lab", tmp_path / "x.mps")
    text = (tmp_path / "x.mps").read_bytes().decode("latin-1")
    assert text.startswith("EC-LAB SETTING FILE\r\n")
    assert "Number of linked techniques : 3\r\n" in text
    held = rows(text, 2)
    step = plan.steps[1]
    assert float(held["Is"][0]) == pytest.approx(step.held_current_A * 1e3)
    # 2.2 F/mol of 50 mmol: 10 613 C, 2 948 mA h (1 mA h = 3.6 C)
    assert float(held["dQM"][0]) == pytest.approx(2.2 * 0.05 * 96485.33212 / 3.6, rel=1e-4)
    assert held["EM (V)"] == ["10.000"]
    assert any("not at 20 V" in one for one in done.lost)
    assert [rows(text, n)["tR (h:m:s)"] for n in (1, 3)] == [["0:01:00.0000"]] * 2


def test_alternation_is_two_sequences_and_a_loop_of_the_same_charge(tmp_path: Path) -> None:
    bench = "simulated-emstat4-hr"
    plan, _ = planned(ALTERNATING, bench)
    written(ALTERNATING, "ec-lab", tmp_path / "x.mps", bench)
    held = rows((tmp_path / "x.mps").read_bytes().decode("latin-1"), 2)
    currents_A = [float(one) / 1e3 for one in held["Is"]]
    assert currents_A == [one.value for one in plan.steps[1].levels]
    assert held["ts (h:m:s)"] == ["0:00:00.0500"] * 2
    rounds = int(held["nc cycles"][-1]) + 1
    charge_C = rounds * sum(abs(current_A) * 0.05 for current_A in currents_A)
    assert charge_C == pytest.approx(plan.steps[1].target_charge_C, rel=1e-4)


def test_a_potential_ends_by_its_charge_in_ec_lab_and_is_refused_where_nothing_counts(
    tmp_path: Path,
) -> None:
    protocol = potentiostatic(tmp_path, "until: 2 F/mol")
    bench = "simulated-emstat4-hr"
    written(protocol, "ec-lab", tmp_path / "x.mps", bench)
    held = rows((tmp_path / "x.mps").read_bytes().decode("latin-1"), 2)
    assert float(held["dQM"][0]) > 0
    assert (held["Imax"], held["Imin"]) == (["50.000000"], ["-50.000000"])
    for form in ("unicycler", "tomato"):
        with pytest.raises(InputError, match="E423"):
            written(protocol, form, tmp_path / form, bench)
        assert not (tmp_path / form).exists()


def test_what_is_lost_stands_in_the_file_too(tmp_path: Path) -> None:
    protocol = "library:arylbenzothiophene-paired"
    for form in ("ec-lab", "unicycler", "tomato"):
        path = tmp_path / form
        done = written(protocol, form, path)
        asked = next(one for one in done.lost if "operator" in one)
        if form == "ec-lab":
            assert asked in path.read_bytes().decode("latin-1")
        else:
            assert asked in json.dumps(json.loads(path.read_text("utf-8")), ensure_ascii=False)


def test_tomato_and_unicycler_hold_a_current_for_the_time_of_its_charge(tmp_path: Path) -> None:
    plan, _ = planned(SHONO)
    seconds = plan.steps[1].target_charge_C / abs(plan.steps[1].held_current_A)
    written(SHONO, "unicycler", tmp_path / "u.json")
    written(SHONO, "tomato", tmp_path / "t.json")
    steps = json.loads((tmp_path / "u.json").read_text("utf-8"))["method"]
    (current,) = [one for one in steps if one["step"] == "constant_current"]
    assert current["until_time_s"] == pytest.approx(seconds)
    tasks = json.loads((tmp_path / "t.json").read_text("utf-8"))["method"]
    assert [one["technique"] for one in tasks].count("constant_current") == 1
    assert tasks[1]["time"] == pytest.approx(seconds)
    assert tasks[1]["current"] == pytest.approx(plan.steps[1].held_current_A)


def test_methodscript_is_a_script_for_each_step(tmp_path: Path) -> None:
    done = written(ALTERNATING, "methodscript", tmp_path / "x", "simulated-emstat4-hr")
    assert len(done.files) == 3
    text = done.files[1].read_text("utf-8")
    assert "meas_loop_cp" in text
    assert "on_finished:" in text
    assert not text.startswith("e\n")
    with pytest.raises(InputError, match="E423"):
        written(SHONO, "methodscript", tmp_path / "y")


def test_steps_without_words_there_are_refused_and_those_by_hand_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="E791"):
        written(SHONO, "psmethod", tmp_path / "x")
    with pytest.raises(InputError, match="E702"):
        written(SHONO, "ec-lab", tmp_path)
    text = load_protocol(SHONO).document.text.replace(
        "steps:\n", "steps:\n  - prompt: Add the substrate\n", 1
    )
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    done = written(tmp_path / "p.yaml", "ec-lab", tmp_path / "p.mps")
    assert any("do it by hand" in one for one in done.lost)
    assert set(FORMS) == {"ec-lab", "methodscript", "unicycler", "tomato"}


def test_a_script_passes_the_charge_of_its_step_by_itself(tmp_path: Path) -> None:
    """On the emulated instrument, with nobody who reads along or ends it."""
    bench = "simulated-emstat4-hr"
    text = load_protocol(ALTERNATING).document.text.replace("until: 10 F/mol", "until: 0.02 F/mol")
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    plan, _ = planned(tmp_path / "p.yaml", bench)
    done = written(tmp_path / "p.yaml", "methodscript", tmp_path / "x", bench)
    clock, cell = VirtualClock(datetime(2026, 12, 1, tzinfo=UTC)), DummyCell(ohm=50.0)
    emulator = make_emulator("emstat4-hr", cell, 1)
    port = EmulatedTransport(emulator, clock, "emulated://emstat4-hr")
    port.write(b"e\n" + done.files[1].read_bytes() + b"\n")
    came = b""
    for _ in range(400):
        clock.sleep_until(clock.monotonic_s() + 0.5)
        came += emulator.transmit(clock.monotonic_s())
        if came.endswith(b"\n\n"):
            break
    assert b"!" not in came, came[-200:]
    assert cell.gross_C == pytest.approx(plan.steps[1].target_charge_C, rel=0.02)
