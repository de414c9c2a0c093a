"""A spectrum that is interrupted goes on: after a cable, a pause or a dead program."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.records.run import Run, load_run
from faradaic.records.series import series_of
from faradaic.runner.bench_file import load_bench
from faradaic.runner.continuation import Continuation, Passed, Place
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan
from faradaic.studies.run.series_results import spectrum_of
from rigs.protocols import HEAD

STEP = (
    "  - impedance: {from: 1 kHz, to: 100 mHz, amplitude_voltage: 10 mV, points_per_decade: 4,"
    " settle: 2 s}\n"
)
OF_CURRENT = STEP.replace("voltage: 10 mV", "current: 100 uA")
EARLIER = {"run": "A", "charge": "0 C", "journal": "0" * 64, "outcome": "LOST"}
BENCH = "simulated-emstat4-hr"


def taken(folder: Path, step: str = STEP, faults: Any = (), observe: Any = None) -> Run:
    text = f"{HEAD}steps:\n{step}"
    bench = load_bench(BENCH)
    controls = Controls()
    done = run_plan(
        compile_protocol(validate_protocol(load_document(text, "p.yaml")), bench),
        bench, protocol_text=text, runs_dir=folder, seed=0, speed=None, faults=faults,
        operator=DefaultOperator(), controls=controls,
        observe=None if observe is None else lambda told: observe(told, controls),
    )  # fmt: skip
    return load_run(done.folder)


def spectrum(run: Run) -> Any:
    (series,) = series_of(run, "impedance")
    return spectrum_of(series)


def goes_on(run: Run) -> list[str]:
    notes = [event.fields["text"] for event in run.contents.of_kind("note")]
    return [text for text in notes if text.startswith("the spectrum goes on at ")]


@pytest.mark.parametrize("step", [STEP, OF_CURRENT])
@pytest.mark.parametrize("start_s", [5, 15, 40])
def test_one_whose_cable_was_out(tmp_path, step: str, start_s: int) -> None:
    whole = spectrum(taken(tmp_path, step))
    run = taken(tmp_path, step, [f"unplug:start={start_s}s,duration=1s"])
    assert run.outcome == "COMPLETED", run.stop
    again = spectrum(run)
    assert len(run.contents.of_kind("interruption")) == 1
    assert again.frequency_Hz == pytest.approx(whole.frequency_Hz, rel=1e-4)  # none twice
    assert again.impedance_ohm == pytest.approx(whole.impedance_ohm, rel=0.02)
    (told,) = goes_on(run)
    assert "are kept" in told
    assert "after 2 s of its bias" in told


def test_what_is_left_of_one_that_a_program_left_behind(tmp_path) -> None:
    text = f"{HEAD}steps:\n{STEP}"
    loaded = validate_protocol(load_document(text, "p.yaml"))
    whole = loaded.protocol.steps[0].body
    ratio = (0.1 / 1000.0) ** (1 / 16)
    last_Hz = 1000.0 * ratio**6 * 1.00001  # the seventh, as an instrument says it
    rest = Continuation(loaded, None)
    assert rest.left(Place((1,), Passed(0.0, 0.0, 12.0, last_Hz=last_Hz)))
    again = validate_protocol(load_document(rest.text(EARLIER, []), "q.yaml"))
    step = again.protocol.steps[0].body
    assert whole.points == 17
    assert step.points == 10
    assert step.from_Hz == pytest.approx(1000.0 * ratio**7, rel=1e-5)
    assert any("the first 7 of 17" in note for note in rest.notes)


def test_nothing_is_left_of_one_that_was_complete() -> None:
    loaded = validate_protocol(load_document(f"{HEAD}steps:\n{STEP}", "p.yaml"))
    assert not Continuation(loaded, None).left(Place((1,), Passed(time_s=60.0, last_Hz=0.1)))
