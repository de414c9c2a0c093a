"""Logs of flow meters and other recorders: the clock, the state of a standard volume, the words."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from faradaic.datafiles.readers import read


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "log"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_drycal_log_has_a_clock_without_a_date_and_an_unknown_state(tmp_path: Path) -> None:
    text = (
        "Product,Defender  530+  \nSerial Number,180849\n\n"
        "Sample,DryCal smL/min ,DryCal Avg. smL/min ,Temp. Deg C,Pressure mBar ,Time,\n"
        "1,20.1950,20.4210,31.9,967.000,11:59:50 PM,\n2,20.5400,20.4290,31.9,967.000,12:00:10 AM,\n"
    )
    data = read(written(tmp_path, text))
    assert data.instrument == "MesaLabs DryCal"
    assert data["time_s"].tolist() == [0.0, 20.0]  # past midnight
    assert data.start is None
    assert data["flow_sccm"].tolist() == [20.195, 20.54]
    assert data["temperature_K"][0] == pytest.approx(305.05)
    assert data["pressure_Pa"][0] == pytest.approx(96700.0)
    assert data.columns["flow_sccm"].reference is None
    assert [w.code for w in data.warnings] == ["E769"]


def test_an_alicat_log_keeps_its_gas_and_both_flows_apart(tmp_path: Path) -> None:
    text = (
        "Date,Time,Pressure (PSIA),Volumetric Flow (CCM),Mass Flow (SCCM),Gas\n"
        "2024-05-13,14:00:00,14.7,30,20,CO2\n2024-05-13,14:00:10,14.7,30,21,CO2\n"
    )
    data = read(written(tmp_path, text))
    assert data.start == datetime(2024, 5, 13, 14)
    assert data["time_s"].tolist() == [0.0, 10.0]
    assert data.metadata == {"Gas": "CO2"}
    assert data["flow_sccm"].tolist() == [20.0, 21.0]
    assert data["volume_flow_m3_per_s"][0] == pytest.approx(30e-6 / 60)
    assert data["pressure_Pa"][0] == pytest.approx(101353, rel=1e-5)  # NIST SP 811: 6894.757 Pa/psi


def test_a_normal_volume_names_its_state_itself(tmp_path: Path) -> None:
    text = "Date/Time;Flow [mln/min]\n13.05.2024 14:00:00,5;20,01\n13.05.2024 14:00:01,5;20,02\n"
    data = read(written(tmp_path, text))
    assert data.start == datetime(2024, 5, 13, 14, 0, 0, 500000)
    assert data["flow_sccm"].tolist() == [20.01, 20.02]
    assert data.columns["flow_sccm"].reference == "0 degC, 1 atm"
    assert not data.warnings


def test_a_squidstat_export_reads_in_si(tmp_path: Path) -> None:
    text = (
        '"Step number","Step name","Elapsed Time (s)","Working Electrode (V)",'
        '"Working Electrode vs. NHE (V)","Current (A)","Cumulative Charge (mAh)",'
        '"Temperature (C)"\n'
        '1,"Constant Potential",0.1,-0.5,-0.3,-0.01,0.0,25\n'
        '1,"Constant Potential",0.2,-0.5,-0.3,-0.012,0.001,25\n'
    )
    data = read(written(tmp_path, text))
    assert (data.instrument, data.technique) == ("Admiral Squidstat", "Constant Potential")
    assert data["potential_V"].tolist() == [-0.5, -0.5]
    assert data.columns["Working Electrode/V"].reference == "NHE"
    assert data["charge_C"][1] == pytest.approx(3.6e-3)
    assert data["temperature_K"][0] == pytest.approx(298.15)  # C is no charge in that column


@pytest.mark.parametrize(
    ("first", "start", "doubt"),
    [
        ("05/06/2024 10:00:00", datetime(2024, 5, 6, 10), True),
        ("05/13/2024 10:00:00 AM", datetime(2024, 5, 13, 10), False),
        ("13/05/2024 10:00:00", datetime(2024, 5, 13, 10), False),
        ("2024-05-13T10:00:00", datetime(2024, 5, 13, 10), False),
    ],
)
def test_a_day_that_could_be_a_month_is_told(
    tmp_path: Path, first: str, start: datetime, doubt: bool
) -> None:
    data = read(written(tmp_path, f"Time,Pressure (mbar)\n{first},1000\n{first},1001\n"))
    assert data.start == start
    assert ("E750" in [w.code for w in data.warnings]) is doubt


def test_a_later_row_settles_day_and_month(tmp_path: Path) -> None:
    text = "Time,Pressure (mbar)\n12/05/2024 23:59:00,1\n13/05/2024 00:01:00,2\n"
    data = read(written(tmp_path, text))
    assert data.start == datetime(2024, 5, 12, 23, 59)
    assert data["time_s"].tolist() == [0.0, 120.0]
    assert not data.warnings
