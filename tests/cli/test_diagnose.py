"""`faradaic diagnose` on runs and on logs of others."""

import numpy as np
import pytest

from rigs.diagnosed_runs import TROUBLESHOOTING, rehearse


@pytest.fixture
def log(tmp_path):
    """A log of three columns in which a film grows after 20 min."""
    rng = np.random.default_rng(3)
    time_s = np.arange(0.0, 3600.0, 2.0)
    voltage_V = 4.2 + 6e-4 * np.maximum(time_s - 1200.0, 0.0) + rng.normal(0.0, 1e-3, time_s.size)
    current_A = 0.01 + rng.normal(0.0, 1e-6, time_s.size)
    path = tmp_path / "log.csv"
    rows = zip(time_s, current_A, voltage_V, strict=True)
    lines = [f"{t:g},{i:.7f},{u:.4f}" for t, i, u in rows]
    path.write_text("\n".join(["time/s,current/A,cell voltage/V", *lines]) + "\n")
    return path


def test_a_film_in_a_log_of_others(faradaic, log):
    told = faradaic("diagnose", str(log), "--limiting", "0.1 mmol", "--json").json
    (stretch,) = told["stretches"]
    assert stretch["held"] == "10 mA held"
    first = told["diagnoses"][0]
    assert first["id"] == "D02"
    assert first["causes"][0]["name"] == "film"
    assert 1100.0 < first["since_s"] < 1400.0
    said = faradaic("diagnose", str(log)).out
    assert "look at: the electrodes" in said
    assert "do: pause, take the electrodes out" in said


def test_a_log_without_a_voltage_is_refused(faradaic, tmp_path):
    path = tmp_path / "two.csv"
    path.write_text("time/s,current/A\n" + "".join(f"{t},0.01\n" for t in range(50)))
    answer = faradaic("diagnose", str(path))
    assert answer.code == 2
    assert "E775" in answer.err


def test_a_run_of_ours_tells_the_same_afterwards(faradaic, tmp_path):
    run = rehearse(TROUBLESHOOTING, ["stuck:start=0.5F/mol"], 2, tmp_path)
    told = faradaic("diagnose", str(run.folder), "--json").json
    assert [one["id"] for one in told["diagnoses"]] == ["D20"]
    assert told["stretches"] == []  # as it was told, not looked at anew
    assert "as it was told while it ran" in faradaic("diagnose", str(run.folder)).out
    anew = faradaic("diagnose", str(run.folder), "--electrons", "2", "--json").json
    assert len(anew["stretches"]) >= 1


@pytest.mark.parametrize(("what", "kind"), [("lsv", "a sweep"), ("eis", "a spectrum")])
def test_what_is_no_electrolysis_is_not_diagnosed(faradaic, tmp_path, what, kind):
    path = tmp_path / f"{what}.csv"
    if what == "eis":
        f = np.geomspace(1e4, 1.0, 30)
        z = 20.0 + 300.0 / (1.0 + 2j * np.pi * f * 6e-3)
        columns = (np.arange(30.0), f, z.real, z.imag, np.full(30, 1e-4), np.full(30, 0.5))
        head = "time/s,frequency/Hz,Zreal/Ohm,Zimag/Ohm,current/A,potential/V"
    else:
        potential_V = np.linspace(0.0, 1.0, 200)
        columns = (np.arange(200.0), potential_V, 1e-6 * np.exp(potential_V / 0.1))
        head = "time/s,potential/V,current/A"
    np.savetxt(path, np.column_stack(columns), delimiter=",", header=head, comments="")
    told = faradaic("diagnose", str(path))
    assert told.code == 2
    assert kind in told.err
    assert f"faradaic analyze {path}" in told.err


def test_a_reference_that_drifts_in_a_log_with_both_voltages(faradaic, tmp_path):
    time_s = np.arange(0.0, 1800.0, 2.0)
    potential_V = 1.2 + 2e-4 * np.maximum(time_s - 600.0, 0.0)
    both = zip(time_s, potential_V, strict=True)
    rows = (f"{t:g},0.01,{4.2 + 1e-4 * np.sin(t):.5f},{e:.5f}" for t, e in both)
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["time/s,current/A,cell voltage/V,Ewe/V", *rows]) + "\n")
    told = faradaic("diagnose", str(path), "--json").json
    assert [one["id"] for one in told["diagnoses"]] == ["D15"]
    assert told["diagnoses"][0]["causes"][0]["name"] == "reference_drift"
    assert 600.0 < told["diagnoses"][0]["time_s"] < 900.0
