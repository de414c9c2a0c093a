"""PalmSens sessions."""

from __future__ import annotations

import contextlib
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import palmsens
from faradaic.diagnostics import InputError
from rigs.vendor_files import DATA, needs_vendor_files

FILES = DATA / "palmsens"
"""Measured with a PalmSens4: nomad-hzb/nomad-chemical-energy @ 1bb2af10, tests/data."""


def parsed(path: Path) -> Dataset:
    return palmsens.parse(path.read_bytes(), path)


def array(name: str, unit: str, *values: Any) -> dict[str, Any]:
    points = [{"V": value} for value in values]
    return {"Description": name, "Unit": {"Type": f"PalmSens.Units.{unit}"}, "DataValues": points}


def session(*measurements: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "Type": "PalmSens.DataFiles.SessionFile",
        "Measurements": [
            {
                "Title": "scan",
                "Method": "#comment=1\nMETHOD_ID=cv\nREF_ELECTRODE_NAME=Ag/AgCl\n",
                "TimeStamp": 621355968000000000 + 36_000_000_000,
                "DataSet": {"Values": arrays},
            }
            for arrays in measurements
        ],
    }


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "scan.pssession"
    path.write_bytes((json.dumps(content) + "\ufeff").encode("utf-16"))
    return path


@needs_vendor_files
def test_a_chronoamperogram_is_in_amperes_and_its_charge_is_the_integral_of_its_current() -> None:
    path = FILES / "ca.pssession"
    assert palmsens.sniff(path.read_bytes()[:8192], path)
    data = parsed(path)
    assert len(data) == 101
    assert data["current_A"][0] == pytest.approx(1.7881393432617188e-6)
    # the instrument integrates by itself: a wrong unit of either would be off by a thousand
    charge_C = np.trapezoid(data["current_A"], data["time_s"])
    assert data["charge_C"][-1] == pytest.approx(charge_C, rel=0.05)
    assert data.start == datetime(2025, 2, 5, 16, 8, 26, 813200, tzinfo=UTC)
    assert (data.technique, data.instrument) == ("chronoamperometry", "PS4A21U002283")


@needs_vendor_files
def test_open_circuit_keeps_range_and_status_codes() -> None:
    data = parsed(FILES / "ocp.pssession")
    assert data["potential_V"][0] == 0.9629335403442383
    assert data["current_range_code"].tolist() == [7.0] * 61
    assert data["current_status_code"].tolist()[0] == 0.0


@needs_vendor_files
def test_an_impedance_has_its_own_sign_again() -> None:
    data = parsed(FILES / "peis.pssession")
    impedance = data["impedance_real_Ohm"] + 1j * data["impedance_imaginary_Ohm"]
    assert data["impedance_imaginary_Ohm"][0] == -1.1922329468435031
    assert abs(impedance) == pytest.approx(data["impedance_modulus_Ohm"], rel=1e-6)
    assert np.degrees(np.angle(impedance)) == pytest.approx(data["impedance_phase_deg"], rel=1e-6)
    admittance = data["admittance_real_S"] + 1j * data["admittance_imaginary_S"]
    assert impedance * admittance == pytest.approx(np.ones(64), rel=1e-6)


def test_other_measurements_follow_and_their_potentials_know_their_reference(
    tmp_path: Path,
) -> None:
    scan = [array("potential", "Volt", 0.1, 0.2), array("current", "MicroAmpere", 1, None)]
    data = parsed(written(tmp_path, session(scan, scan, scan)))
    assert list(data.further) == ["scan", "scan again"]
    assert data.columns["potential_V"].reference == "Ag/AgCl"
    assert data.columns["current_A"].sign is None
    assert data["current_A"] == pytest.approx([1e-6, np.nan], nan_ok=True)
    assert data.start == datetime(1970, 1, 1, 1)  # 621355968000000000 ticks are 1970 in .NET
    assert data.metadata["METHOD_ID"] == "cv"


def test_keys_in_another_case_are_the_same_keys(tmp_path: Path) -> None:
    content = json.dumps(session([array("time", "Time", 1, 2)]))
    for key in ("DataSet", "Values", "Measurements", "DataValues", "Unit", "Type", "V"):
        content = content.replace(f'"{key}":', f'"{key.lower()}":')
    assert parsed(written(tmp_path, json.loads(content)))["time_s"].tolist() == [1, 2]


def test_unknown_units_and_short_arrays_are_kept_and_reported(tmp_path: Path) -> None:
    arrays = [array("time", "Time", 1, 2), array("glow", "Candela", 3)]
    data = parsed(written(tmp_path, session(arrays)))
    assert data["glow"] == pytest.approx([3, np.nan], nan_ok=True)
    assert [warning.code for warning in data.warnings] == ["E757", "E745"]


def test_damaged_sessions_are_read_or_refused_with_the_offset(tmp_path: Path) -> None:
    dice = random.Random(1)
    path = written(tmp_path, session([array("time", "Time", 1, 2, 3), array("z", "Z", 4, 5, 6)]))
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    with pytest.raises(InputError, match="at byte 88: Unterminated string"):
        parsed(path)
    read = 0
    for _ in range(300):
        damaged = bytearray(whole[: dice.randrange(len(whole) - 60, len(whole))])
        damaged = damaged if dice.random() < 0.5 else bytearray(whole)
        for _ in range(dice.randrange(3)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        path.write_bytes(damaged)
        with contextlib.suppress(InputError):
            parsed(path)
            read += 1
    assert 0 < read < 300


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"[" * 100_000, b"\xff\xfe1" * 9])
def test_what_is_no_session_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scan.pssession"
    path.write_bytes(content)
    with pytest.raises(InputError):
        parsed(path)


# Voltammograms: arrays of one name for every quantity, and curves


def scan(number: int, offset: float, rows: int = 3, channel: int = 1) -> list[dict[str, Any]]:
    """One scan as PSTrace 5 has it: the name does not tell the quantity, the unit does."""
    name = f"scan{number}channel{channel}"
    ramp = [offset + 0.1 * i for i in range(rows)]
    return [
        array(name, "Volt", *ramp),
        array(name, "MicroAmpere", *(1e3 * value for value in ramp)),
        array(name, "MicroCoulomb", *(7.0 * i for i in range(rows))),
    ]


def times(*values: float, interval: float = 0.5) -> dict[str, Any]:
    return array("time", "Time", *values) | {"IntervalTime": interval}


def test_scans_stand_one_after_the_other_with_their_number(tmp_path: Path) -> None:
    arrays = [times(0.0, 0.5, 1.0), *scan(1, 0.25), *scan(2, 0.5, rows=4)]
    data = parsed(written(tmp_path, session(arrays)))
    assert data["cycle"].tolist() == [1.0] * 3 + [2.0] * 4
    assert data["potential_V"] == pytest.approx([0.25, 0.35, 0.45, 0.5, 0.6, 0.7, 0.8])
    assert data["current_A"] == pytest.approx(1e-3 * data["potential_V"])
    assert data["charge_C"] == pytest.approx(7e-6 * np.array([0, 1, 2, 0, 1, 2, 3]))
    # only the first scan has its times in the file
    assert data["time_s"] == pytest.approx(0.5 * np.arange(7))
    assert any("counted on from it at its interval of 0.5 s" in w.message for w in data.warnings)


def test_scans_without_times_have_none(tmp_path: Path) -> None:
    arrays = [times(0.0, 0.5, 1.0, interval=0.0), *scan(1, 0.25), *scan(2, 0.5)]
    data = parsed(written(tmp_path, session(arrays)))
    assert np.isnan(data["time_s"]).tolist() == [False] * 3 + [True] * 3


def test_channels_are_tables_of_their_own(tmp_path: Path) -> None:
    data = parsed(written(tmp_path, session([*scan(1, 0.25), *scan(1, 0.5, channel=2)])))
    assert data["potential_V"][0] == 0.25
    assert data.further["scan channel 2"]["potential_V"].values[0] == 0.5


def test_the_charge_of_a_scan_is_not_that_of_the_run(tmp_path: Path) -> None:
    arrays = [times(0.0, 0.5, 1.0), *scan(1, 0.25), *scan(2, 0.5)]
    data = parsed(written(tmp_path, session(arrays)))
    assert data.time_series().booked.net_C is None
    one = parsed(written(tmp_path, session(arrays[:4])))
    assert one.time_series().booked.net_C == pytest.approx(14e-6)


def curve(title: str, *arrays: dict[str, Any]) -> dict[str, Any]:
    return {"Title": title, "XAxisDataArray": arrays[0], "YAxisDataArray": arrays[1]}


def test_curves_are_read_where_the_data_set_is_empty(tmp_path: Path) -> None:
    potential, current, _ = scan(1, 0.25)
    potential["Description"], current["Description"] = "potential", "current"
    content = session([])
    content["Measurements"][0]["Curves"] = [
        curve("forward", potential, current),
        curve("backward", potential, array("current", "MicroAmpere", 4.0, 5.0, 6.0)),
    ]
    data = parsed(written(tmp_path, content))
    assert data["potential_V"] == pytest.approx([0.25, 0.35, 0.45])
    assert data["current_A"] == pytest.approx([2.5e-4, 3.5e-4, 4.5e-4])
    assert data.further["scan backward"]["current_A"].values == pytest.approx([4e-6, 5e-6, 6e-6])


def test_curves_of_scans_are_one_voltammogram(tmp_path: Path) -> None:
    content = session([])
    content["Measurements"][0]["Curves"] = [
        curve(f"CV i vs E Scan {n}", *scan(n, 0.25 * n)[:2]) for n in (1, 2)
    ]
    data = parsed(written(tmp_path, content))
    assert data["cycle"].tolist() == [1.0] * 3 + [2.0] * 3
    assert data["potential_V"][3] == 0.5


@needs_vendor_files
def test_an_open_circuit_is_no_electrolysis() -> None:
    data = parsed(FILES / "ocp.pssession")
    assert data.technique == "open circuit potentiometry"
    with pytest.raises(InputError, match="open circuit, in which no current flows"):
        data.time_series()
