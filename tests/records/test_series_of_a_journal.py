"""Series of their own kind: grouped by segment, kept with check sums, made tables of."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from faradaic.records.journal import JournalWriter
from faradaic.records.run import Run, load_run
from faradaic.records.series import SERIES, series_of, table_columns


def journal(folder: Path, *segments: list[float]) -> Path:
    """Spectra of one step, one for each segment, at these frequencies."""
    path = folder / "journal.jsonl"
    with JournalWriter(path) as writer:
        writer.write("run_start", 0.0, {"title": "x", "simulated": True})
        time_s = 0.0
        for frequencies_Hz in segments:
            writer.write("mark", time_s, {"what": "output_on_intent", "mode": "impedance"})
            for frequency_Hz in frequencies_Hz:
                time_s += 1.0
                told = {"frequency_Hz": frequency_Hz, "impedance_real_ohm": 1.0}
                writer.write("impedance", time_s, {"step": 3, **told, "impedance_imag_ohm": None})
        writer.write("run_stop", time_s, {"outcome": "COMPLETED"})
    return path


def read(folder: Path, *segments: list[float]) -> Run:
    return load_run(journal(folder, *segments))


def test_a_spectrum_that_began_again_is_another_one(tmp_path) -> None:
    run = read(tmp_path, [100.0, 10.0], [100.0, 10.0, 1.0])
    first, second = series_of(run, "impedance")
    assert [len(first.records), len(second.records)] == [2, 3]
    assert (second.number, second.step) == (2, 3)
    assert second.column("frequency_Hz").tolist() == [100.0, 10.0, 1.0]
    assert np.isnan(second.column("impedance_imag_ohm")).all(), "missing is missing"


def test_a_damaged_record_of_a_spectrum_is_not_believed(tmp_path) -> None:
    path = journal(tmp_path, [100.0, 10.0, 1.0])
    data = path.read_bytes()
    path.write_bytes(data.replace(b'"frequency_Hz":10.0', b'"frequency_Hz":11.0'))
    run = load_run(path)
    (series,) = series_of(run, "impedance")
    assert series.column("frequency_Hz").tolist() == [100.0, 1.0]
    assert run.contents.damage


def test_tables_have_the_columns_that_are_described(tmp_path) -> None:
    columns = table_columns(read(tmp_path, [100.0, 10.0]), "impedance")
    assert list(columns) == list(SERIES["impedance"].all_units)
    assert columns["series"] == [1, 1]
    assert columns["impedance_imag_ohm"] == [None, None]
    for table in SERIES.values():
        assert table.descriptions.keys() <= table.units.keys()
