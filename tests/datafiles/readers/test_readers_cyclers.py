"""Tables of battery cyclers: the words and units of Arbin, Neware and Maccor."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read


def parsed(folder: Path, content: str) -> Dataset:
    path = folder / "table.csv"
    path.write_text(content, encoding="utf-8")
    return read(path)


ARBIN = (
    "{0}\n"
    "1,10.5,2024-05-01 10:00:10,10.5,1,1,0,3.2925,0,0,0.03\n"
    "2,20.5,2024-05-01 10:00:20,20.5,1,1,0.55,3.3,0.0015,0,0.03\n"
)


@pytest.mark.parametrize(
    "head",
    [
        "Data_Point,Test_Time(s),DateTime,Step_Time(s),Step_Index,Cycle_Index,Current(A),"
        "Voltage(V),Charge_Capacity(Ah),Discharge_Capacity(Ah),Internal_Resistance(Ohm)",
        "Data Point,Test Time (s),Date Time,Step Time (s),Step Index,Cycle Index,Current (A),"
        "Voltage (V),Charge Capacity (Ah),Discharge Capacity (Ah),Internal Resistance (Ohm)",
    ],
)
def test_arbin(tmp_path: Path, head: str) -> None:
    data = parsed(tmp_path, ARBIN.format(head))
    assert data.instrument == "Arbin"
    assert data["time_s"].tolist() == [10.5, 20.5]
    assert data["current_A"].tolist() == [0.0, 0.55]
    assert data["cell_voltage_V"].tolist() == [3.2925, 3.3]
    assert data["charge_capacity_C"] == pytest.approx([0.0, 5.4])
    assert data["internal_resistance_Ohm"].tolist() == [0.03, 0.03]


def test_neware_counts_the_times_of_its_steps_on(tmp_path: Path) -> None:
    data = parsed(
        tmp_path,
        "Cycle ID,Step ID,Record ID,Time(h:min:s.ms),Voltage(V),Current(mA),Capacity(mAh)\n"
        "1,1,1,00:00:00.000,3.1,0,0\n"
        "1,1,2,00:00:10.500,3.1,0,0\n"
        "1,2,3,00:00:00.000,3.2,-100,0\n"
        "1,2,4,25:00:20.000,3.3,-100,0.5\n"
        "1,3,5,25:00:30.000,3.3,0,0\n",
    )
    assert data.instrument == "Neware"
    assert data["step_time_s"].tolist() == [0.0, 10.5, 0.0, 90020.0, 90030.0]
    assert data["time_s"].tolist() == [0.0, 10.5, 10.5, 90030.5, 180060.5]
    assert data["current_A"] == pytest.approx([0.0, 0.0, -0.1, -0.1, 0.0])
    assert data["capacity_C"][3] == pytest.approx(1.8)
    assert any("counted up from the last of each step" in w.message for w in data.warnings)


def test_neware_with_a_total_time(tmp_path: Path) -> None:
    data = parsed(
        tmp_path,
        "DataPoint,Cycle Index,Step Index,Step Type,Time,Total Time,Current(A),Voltage(V)\n"
        "1,1,1,Rest,0:00:00,0:00:00,0,3.1\n"
        "2,1,2,CC Chg,0:00:10,0:00:20,0.5,3.2\n",
    )
    assert data["time_s"].tolist() == [0.0, 20.0]
    assert data["step_time_s"].tolist() == [0.0, 10.0]


def test_maccor_has_the_sign_of_its_current_in_another_column(tmp_path: Path) -> None:
    data = parsed(
        tmp_path,
        "Today's Date\t06/04/2024\nDate of Test:\t05/01/2024\n"
        "Rec#\tCyc#\tStep\tTestTime\tAmp-hr\tWatt-hr\tAmps\tVolts\tState\tES\tDPt Time\n"
        "1\t0\t1\t0d 00:00:00.00\t0\t0\t0\t3.5\tR\t0\t05/01/2024 10:00:00 AM\n"
        "2\t0\t2\t0d 00:00:10.50\t0.001\t0.003\t0.5\t3.4\tD\t1\t05/01/2024 10:00:10 AM\n"
        "3\t0\t3\t1d 00:00:20.00\t0.001\t0.003\t0.5\t3.6\tC\t1\t05/02/2024 10:00:20 AM\n",
    )
    assert data.instrument == "Maccor"
    assert data["time_s"].tolist() == [0.0, 10.5, 86420.0]
    assert data["current_A"].tolist() == [0.0, -0.5, 0.5]
    assert data["capacity_C"][1] == pytest.approx(3.6)
    assert data["energy_J"][1] == pytest.approx(10.8)
    assert data.metadata["Date of Test"] == "05/01/2024"


def test_maccor_with_seconds(tmp_path: Path) -> None:
    data = parsed(
        tmp_path,
        "Rec#,Cyc#,Step,Test (Sec),Step (Sec),Amp-hr,Watt-hr,Amps,Volts,State\n"
        "1,0,1,0,0,0,0,0,3.5,R\n2,0,2,10.5,5,0.001,0.003,0.5,3.4,D\n",
    )
    assert data["time_s"].tolist() == [0.0, 10.5]
    assert data["current_A"].tolist() == [0.0, -0.5]
