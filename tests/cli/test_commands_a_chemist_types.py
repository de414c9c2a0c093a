"""The commands in the order in which a chemist meets them, each as a real process."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
FIRST = str(EXAMPLES / "benzothiophene_dioxide.yaml")
THIRD = str(EXAMPLES / "sulfonyl_benzothiophene.yaml")


def test_help_names_every_command_and_the_exit_codes(faradaic):
    done = faradaic("--help")
    assert done.code == 0
    for name in [
        "check",
        "plan",
        "run",
        "analyze",
        "report",
        "schema",
        "devices",
        "emulate",
        "runs",
        "show",
        "off",
        "demo",
        "new",
    ]:
        assert re.search(rf"^  {name} ", done.out, re.M), name
    assert "4 stopped by" in " ".join(done.out.split())


def test_the_first_example_ends_completed_at_its_charge(rehearsed):
    faradaic, done = rehearsed
    assert done.code == 0
    summary = done.json
    assert summary["outcome"] == "COMPLETED"
    assert summary["charge_F_per_mol"] == pytest.approx(4.5, rel=1e-3)
    # 4.5 F/mol of 0.20 mmol: 4.5 x 96485.33212 C/mol x 0.20e-3 mol
    assert summary["charge_C"] == pytest.approx(86.8368, rel=1e-3)
    assert summary["simulated"] is True
    assert summary["samples"] > 17_000
    assert {"run", "stop_reason", "duration_s"} <= summary.keys()
    assert summary["output"]["on"] is False
    assert list(faradaic.folder.iterdir()) == [faradaic.folder / "runs"]


def test_the_run_folder_is_self_contained_and_marked(rehearsed):
    _, done = rehearsed
    folder = Path(done.json["run"])
    assert folder.name.endswith("-SIMULATED")
    for name in [
        "protocol.yaml",
        "plan.json",
        "bench.yaml",
        "journal.jsonl",
        "data.parquet",
        "data.csv",
        "datapackage.json",
        "summary.json",
        "report.html",
        "README.txt",
    ]:
        assert (folder / name).stat().st_size > 0, name
    assert (folder / "protocol.yaml").read_text() == Path(FIRST).read_text()
    assert "SIMULATED" in (folder / "data.csv").read_text().splitlines()[0]
    page = (folder / "report.html").read_text()
    assert "SIMULATED" in page
    assert not re.search(r'(src|href)="(https?:)?//', page), "a report asks nothing of a network"


def test_runs_and_show_find_the_run_again(rehearsed):
    faradaic, done = rehearsed
    (row,) = faradaic("runs", "--json").json["runs"]
    assert row["outcome"] == "COMPLETED"
    shown = faradaic("show", "latest", "--json").json
    assert shown["charge_C"] == done.json["charge_C"]
    labels = [e["label"] for e in shown["events"] if e["event"] == "step_start"]
    assert len(labels) == 3
    text = faradaic("show", row["name"][:17]).out
    assert "SIMULATED" in text
    assert "output    off, read back" in text


def test_an_amount_of_product_gives_yield_and_faradaic_efficiency(rehearsed):
    faradaic, _ = rehearsed
    results = faradaic("analyze", "latest", "--product", "0.15 mmol", "--json").json["results"]
    # z n F / Q = 4 x 0.15 mmol x F / (4.5 F/mol x 0.20 mmol) = 2/3; yield 0.15/0.20
    assert results["faradaic_efficiency"]["value"] == pytest.approx(2 / 3, rel=2e-3)
    assert results["product_yield"]["value"] == pytest.approx(0.75)


def test_the_journal_alone_is_enough_to_analyse(rehearsed, tmp_path):
    faradaic, done = rehearsed
    alone = tmp_path / "kept.jsonl"
    alone.write_bytes((Path(done.json["run"]) / "journal.jsonl").read_bytes())
    results = faradaic("analyze", str(alone), "--json").json["results"]
    assert results["charge_gross"]["value"] == pytest.approx(done.json["charge_C"], rel=1e-4)


def test_a_report_can_be_written_again(rehearsed):
    faradaic, done = rehearsed
    again = faradaic("report", "latest", "--json")
    assert again.code == 0
    assert Path(faradaic.folder, again.json["report"]).samefile(
        Path(done.json["run"]) / "report.html"
    )


def test_the_plan_prints_what_a_chemist_asks_before_switching_on(faradaic):
    text = " ".join(faradaic("plan", FIRST).out.split())
    for words in ("86.8 C", "4.5 F/mol", "4 h 51 min", "H2:", "ohmic drop", "cell voltage", "ends"):
        assert words in text, words
    assert "If the PC or the cable dies" in text


def test_check_and_plan_speak_json(faradaic):
    assert faradaic("check", FIRST, "--json").json["ok"] is True
    plan = faradaic("plan", FIRST, "--json").json
    assert [step["kind"] for step in plan["steps"]] == [
        "open_circuit",
        "constant_current",
        "open_circuit",
    ]


def test_a_wrong_protocol_is_exit_2_with_the_line_and_nothing_is_written(faradaic, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(Path(FIRST).read_text().replace("current: 5.0 mA", "current: 5,0 mA"))
    done = faradaic("run", str(wrong))
    assert done.code == 2
    assert "wrong.yaml:" in done.err
    assert "current: 5,0 mA" in done.err
    assert "5.0 mA" in done.err
    assert list(tmp_path.iterdir()) == [wrong]
    assert faradaic("check", str(wrong), "--json").json["ok"] is False


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("check", "nowhere.yaml"), 2, "nowhere.yaml"),
        (("check", "library:benzothiofene-dioxide"), 2, "did you mean"),
        (("check", FIRST, "--bench", "simulatd"), 2, "did you mean `simulated`"),
        (("run", FIRST, "--nonsense"), 2, "--nonsense"),
        (("show", "latest"), 2, "no run"),
        (("analyze", "nowhere"), 2, "nowhere"),
        (("emulate", "emstat5"), 2, "emstat"),
        (("check", THIRD, "--bench", "simulated-emstat-pico"), 2, "constant-current"),
    ],
)
def test_bad_input_says_what_to_type(faradaic, arguments, code, words):
    done = faradaic(*arguments)
    assert done.code == code
    assert words in done.err


def test_a_directory_a_binary_and_an_empty_file_are_refused_alike(faradaic, tmp_path):
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    for name in (".", "empty.yaml", "binary.yaml"):
        done = faradaic("check", name)
        assert done.code == 2, name
        assert "error[" in done.err, name


@pytest.mark.long
def test_the_third_procedure_passes_the_same_charge_on_both_families(faradaic):
    charges = {}
    for bench in ("simulated", "simulated-emstat4-hr"):
        done = faradaic("run", THIRD, "--bench", bench, "--json")
        assert done.code == 0, done.err
        charges[bench] = done.json["charge_C"]
        # 3 F/mol of 0.20 mmol
        assert done.json["charge_F_per_mol"] == pytest.approx(3.0, rel=1e-3)
    assert charges["simulated"] == pytest.approx(charges["simulated-emstat4-hr"], rel=1e-3)


@pytest.mark.long
def test_the_first_example_on_six_volts_is_questioned_and_then_trips(faradaic):
    findings = faradaic("plan", FIRST, "--bench", "simulated-emstat4-hr", "--json").json["findings"]
    (question,) = [f for f in findings if f["code"] == "V01"]
    assert question["severity"] == "warning"
    assert question["numbers"]["ceiling_V"] == pytest.approx(6.0)
    done = faradaic("run", FIRST, "--bench", "simulated-emstat4-hr", "--json")
    assert done.code == 4
    assert done.json["outcome"] == "TRIPPED"
    assert done.json["output"]["on"] is False
    assert "output    off, read back" in faradaic("show", "latest").out


def test_the_second_procedure_is_refused_until_its_electrodes_have_dimensions(faradaic):
    refused = faradaic("check", str(EXAMPLES / "arylbenzothiophene_as_published.yaml"))
    assert refused.code == 2
    assert "C02" in refused.err
    assert "immersed" in refused.err
    assert faradaic("check", str(EXAMPLES / "arylbenzothiophene_paired.yaml")).code == 0


def test_a_real_bench_is_not_energised_unasked(faradaic, tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "faradaic_bench: 1\nname: mine\n"
        'source: {driver: keithley-2450, address: "tcp://127.0.0.1:9"}\n'
    )
    done = faradaic("run", THIRD, "--bench", "mine.yaml")
    assert done.code == 2
    assert "--yes" in done.err
    done = faradaic("run", THIRD, "--bench", "mine.yaml", "--yes")
    assert done.code == 3, "nothing listens there"
    assert not (tmp_path / "runs").exists()


@pytest.mark.long
def test_kill_9_leaves_a_readable_journal_and_show_says_lost(faradaic, tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "faradaic", "run", THIRD, "--speed", "20"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            journals = list(tmp_path.glob("runs/*/journal.jsonl"))
            if journals and journals[0].read_bytes().count(b'"sample"') > 40:
                break
            time.sleep(0.05)
        assert faradaic("show", "latest", "--json").json["outcome"] == "RUNNING"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = faradaic("show", "latest", "--json")
    assert done.code == 7
    assert done.json["outcome"] == "LOST"
    assert done.json["samples"] >= 40
    assert done.json["charge_C"] is not None


@pytest.mark.long
@pytest.mark.skipif(os.name == "nt", reason="signals are sent as POSIX has them")
def test_sigterm_ends_a_run_as_stopped_with_its_output_off(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-m", "faradaic", "run", THIRD, "--speed", "20", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        journals = list(tmp_path.glob("runs/*/journal.jsonl"))
        if journals and b'"sample"' in journals[0].read_bytes():
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 5
    summary = json.loads(out)
    assert summary["outcome"] == "STOPPED"
    assert summary["output"]["on"] is False


@pytest.mark.parametrize(
    ("more", "sent", "answer"),
    [
        (["keithley-2450"], b"*LANG?\n", b"SCPI"),
        (["emstat4-hr"], b"t\n", b"tes4_hr"),
        (["keithley-2450", "--fault", "truncate:probability=100%"], b"*LANG?\n", b"SC\n"),
    ],
)
def test_an_emulator_answers_any_client_over_tcp(tmp_path, more, sent, answer):
    with subprocess.Popen(
        [sys.executable, "-m", "faradaic", "emulate", *more, "--port", "0", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = ""
        while not lines.rstrip().endswith("}"):
            lines += process.stdout.readline()
        with socket.create_connection(("127.0.0.1", json.loads(lines)["port"]), 10) as client:
            client.settimeout(10)
            client.sendall(sent)
            got = b""
            while b"\n" not in got:
                got += client.recv(100)
        assert got.startswith(answer)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="no pseudo terminals here")
def test_an_emulator_is_a_serial_device_too(tmp_path, faradaic):
    """A run over a serial line, opened, left and opened again."""
    with subprocess.Popen(
        [sys.executable, "-m", "faradaic", "emulate", "emstat4-hr", "--pty", "--json"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = ""
        while not lines.rstrip().endswith("}"):
            lines += process.stdout.readline()
        address = f"serial://{json.loads(lines)['device']}"
        (faradaic.folder / "bench.yaml").write_text(
            "faradaic_bench: 1\nname: on-a-cable\n"
            f'source: {{driver: emstat4-hr, address: "{address}"}}\n'
        )
        for _ in range(2):
            answered = faradaic("devices", "--bench", "bench.yaml", "--json")
            assert answered.code == 0, answered.err
            assert "off" in json.dumps(answered.json)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_devices_lists_drivers_with_their_tier_and_what_a_crash_does(faradaic):
    rows = {row["driver"]: row for row in faradaic("devices", "--json").json["drivers"]}
    assert {"keithley-2450", "emstat4-lr", "emstat4-hr", "nexus", "emstat-pico"} <= rows.keys()
    assert "constant_current" not in rows["emstat-pico"]["modes"]
    for row in rows.values():
        assert row["tier"]
        assert row["on_host_death"]
    assert {row["outlives_s"] for name, row in rows.items() if "emstat" in name} == {2.0}
    assert rows["keithley-2450"]["outlives_s"] is None
    said = faradaic("devices").out
    assert "outlives the PC: 2 s at most" in said
    assert "outlives the PC: until it is turned off" in said
    assert faradaic("devices", "keithley-2450").out.startswith("keithley-2450: Keithley 2450")
    assert "keithley-2450" not in faradaic("devices", "--scan").out
    probe = faradaic("devices", "--bench", "simulated", "--json").json["bench"][0]
    assert probe["simulated"] is True
    assert probe["output_on"] is False


@pytest.mark.parametrize("bench", ["simulated", "simulated-nexus"])
def test_asking_a_simulated_bench_who_it_is_loads_no_physics(bench):
    asks = "import sys; from faradaic.cli.device_view import probe; "
    asks += f"assert probe({bench!r})['output_on'] is False; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False", "what numba compiles takes a minute the first time"


def test_off_reads_back(faradaic):
    (result,) = faradaic("off", "--bench", "simulated", "--json").json["benches"]
    assert result["on"] is False
    assert result["evidence"]


def test_schema_is_draft_7(faradaic):
    schema = faradaic("schema").json
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_new_asks_and_writes_a_protocol_that_plans(faradaic, tmp_path):
    done = faradaic("new", "mine.yaml", typed="\n" * 60)
    assert done.code == 0, done.err
    assert faradaic("check", "mine.yaml").code in {0, 2}
    assert "#" in (tmp_path / "mine.yaml").read_text()
    again = faradaic("new", "mine.yaml", typed="\n" * 60)
    assert again.code == 2
    assert "exists" in again.err


@pytest.mark.long
def test_a_run_is_never_overwritten(faradaic, tmp_path):
    demo = (tmp_path / "short.yaml", Path(THIRD).read_text().replace("3 F/mol", "0.05 F/mol"))
    demo[0].write_text(re.sub(r"ask_at: \[.*?\]", "ask_at: [0.01 F/mol]", demo[1]))
    names = {faradaic("run", "short.yaml", "--json").json["run"] for _ in range(2)}
    assert len(names) == 2


@pytest.mark.skipif(os.name == "nt", reason="pipes are broken as POSIX has it")
@pytest.mark.parametrize("words", [["devices"], ["devices", "--json"], ["plan", THIRD, "--json"]])
def test_a_command_whose_reader_leaves_ends_quietly(tmp_path, words):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "faradaic", *words],
        cwd=tmp_path,
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)
    assert done.returncode == 141, "as the shell tells of a program that SIGPIPE ended"
    assert b"rror" not in done.stderr
