"""A run with a poor electrolyte calibrates the next rehearsal, where that is asked for."""

from pathlib import Path

import numpy as np
import pytest

from faradaic.records.run import load_run

PROTOCOL = "library:sulfonyl-benzothiophene"


def voltage_V(runs: Path) -> np.ndarray:
    """The cell voltage of the newest run, at equal shares of its time with current."""
    newest = max(path.parent for path in runs.glob("*/journal.jsonl"))
    series = load_run(newest).time_series()
    flowing = np.abs(series.current_A) > 1e-3
    shares = np.linspace(0.02, 0.98, 60)
    place = np.linspace(0, 1, int(np.count_nonzero(flowing)))
    return np.interp(shares, place, series.cell_voltage_V[flowing])


@pytest.mark.timeout(300)
def test_the_next_rehearsal_is_that_of_the_run(faradaic, tmp_path: Path) -> None:
    runs, file, other = tmp_path / "runs", "calibration.yaml", "other.yaml"
    where = ("--runs", str(runs))
    fault = "electrolyte:factor=0.8"
    assert faradaic("run", PROTOCOL, *where, "--fault", fault).code == 0
    hidden_V = voltage_V(runs)
    told = faradaic("calibrate", "latest", *where, "--out", file, "--json")
    assert told.code == 0
    found = told.json["calibration"]["parameters"]["resistance"]
    assert abs(found["value"] - 1 / 0.8) < 2 * found["uncertainty"]

    assert faradaic("run", PROTOCOL, *where, "--seed", "3").code == 0
    assert np.mean(np.abs(voltage_V(runs) - hidden_V) < 0.2) < 0.1
    again = faradaic("run", PROTOCOL, *where, "--seed", "3", "--calibration", file)
    assert again.code == 0
    assert "calibrated by run" in again.err
    assert np.mean(np.abs(voltage_V(runs) - hidden_V) < 0.2) >= 0.9

    refused = faradaic("calibrate", "latest", *where, "--out", other)
    assert refused.code == 2
    assert "E573" in refused.err


def test_what_is_no_calibration_is_refused(faradaic, tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("faradaic: 1\n")
    told = faradaic("run", PROTOCOL, "--calibration", str(file))
    assert told.code == 2
    assert "E574" in told.err
