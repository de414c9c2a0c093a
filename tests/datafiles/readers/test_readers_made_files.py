"""Files written here by the rules of each format: every number comes back in SI, or as a warning.

The layouts are those that the vendors' programs write: EC-Lab's text and binary files, Gamry
Framework's tables. No reader is used to make what it reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError
from rigs.made_files import FREQUENCY_HZ, IMPEDANCE_OHM, MADE, SPECTRA, mpr

COUNT = 6


def mpt(
    *, comma: bool = False, newline: str = "\r\n", columns: str = "time/s\tEwe/V\t<I>/mA"
) -> bytes:
    rows = [f"{i * 0.5:.4E}\t{0.1 * i:.7E}\t{-2.0 * i:.7E}" for i in range(COUNT)]
    lines = [
        "EC-Lab ASCII FILE",
        "Nb header lines : 8    ",
        "",
        "Chronoamperometry",
        "Acquisition started on : 02/29/2024 23:01:02.250",
        "Electrode surface area : 0.196 cm²",
        "Reference electrode : SCE Saturated Calomel Electrode (0.241 V)",
        columns,
        *rows,
    ]
    text = newline.join(lines) + newline
    return (text.replace(".", ",") if comma else text).encode("cp1252")


def dta(*, comma: bool = False, convention: str = "1", tables: int = 1) -> bytes:
    lines = [
        "EXPLAIN",
        "TAG\tCV",
        "TITLE\tLABEL\tCyclic Voltammetry\tTest &Identifier",
        "DATE\tLABEL\t16/11/2023\tDate",
        "TIME\tLABEL\t9:59:48\tTime",
        "AREA\tQUANT\t1.96000E-001\tSample Area (cm^2)",
        "IRCOMP\tSELECTOR\t2\tIRComp",
        f"CONVENTION\tIQUANT\t{convention}\tCurrent Convention",
    ]
    for number in range(1, tables + 1):
        lines += [
            f"CURVE{number}\tTABLE\t{COUNT}",
            "\tPt\tT\tVf\tIm\tOver\tTemp",
            "\t#\ts\tV vs. Ref.\tA\tbits\tdeg C",
            *(
                f"\t{i}\t{i * 0.5:.3f}\t{0.1 * i:.5E}\t{2.0e-3 * i:.5E}\t..........a\t-327.67"
                for i in range(COUNT)
            ),
        ]
    text = "\r\n".join(lines) + "\r\n"
    return (
        text.replace("..........", "%").replace(".", ",").replace("%", "..........")
        if comma
        else text
    ).encode("cp1252")


Write = Callable[[bytes], Path]


@pytest.fixture
def file(tmp_path: Path) -> Write:
    def write(content: bytes) -> Path:
        path = tmp_path / "file"
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("comma", [False, True])
def test_ec_lab_text_in_any_locale(file: Write, comma: bool, newline: str) -> None:
    data = read(file(mpt(comma=comma, newline=newline)))
    assert data["time_s"] == pytest.approx(0.5 * np.arange(COUNT))
    assert data["potential_V"] == pytest.approx(0.1 * np.arange(COUNT))
    assert data["current_A"] == pytest.approx(-2.0e-3 * np.arange(COUNT))
    assert data.area_m2 == pytest.approx(0.196e-4)
    assert str(data.columns["potential_V"].reference).startswith("SCE Saturated Calomel")
    assert data.start is not None
    assert data.start.date() == datetime(2024, 2, 29).date()
    assert data.start.tzinfo is None
    assert not data.warnings


@pytest.mark.parametrize("make", [mpt, dta])
def test_a_file_that_an_editor_saved_as_utf16_is_still_the_vendors(
    file: Write, make: Callable[[], bytes]
) -> None:
    plain, wide = read(file(make())), read(file(make().decode("cp1252").encode("utf-16")))
    assert (wide.format, wide.technique, wide.start) == (plain.format, plain.technique, plain.start)
    assert wide["current_A"].tolist() == plain["current_A"].tolist()
    assert wide.columns["current_A"].sign == plain.columns["current_A"].sign


@pytest.mark.parametrize("kind", SPECTRA)
def test_one_impedance_reads_the_same_from_every_makers_file(file: Write, kind: str) -> None:
    data = read(file(SPECTRA[kind]()))
    assert data["frequency_Hz"] == pytest.approx(FREQUENCY_HZ, rel=1e-6)
    impedance = data["impedance_real_Ohm"] + 1j * data["impedance_imaginary_Ohm"]
    assert impedance == pytest.approx(IMPEDANCE_OHM, rel=1e-6)


def test_ranges_and_states_of_a_palmsens_current_are_kept(file: Write) -> None:
    data = read(file(MADE["palmsens"]()))
    assert data["current_A"][2] == 1e-6
    assert data["current_range_code"].tolist() == [3.0] * 20
    assert data["current_status_code"].tolist() == [0.0] * 20


def test_the_open_circuit_before_a_gamry_spectrum_is_a_table_of_its_own(file: Write) -> None:
    before = read(file(SPECTRA["dta"]())).further["OCVCURVE"]
    assert before["potential_V"].values.tolist() == [0.25, 0.26]
    assert np.isnan(before["temperature_K"].values).all()  # no sensor: -327.67 degC


def test_two_channels_of_one_gamry_file_stay_two_tables(file: Write) -> None:
    one, _, other = dta(tables=2).partition(b"CURVE2")
    data = read(file(one.replace(b"CURVE1", b"CURVE DETECTOR") + b"CURVE GENERATOR" + other))
    assert data["current_A"][1] == 2.0e-3
    assert data.further["CURVE GENERATOR"]["current_A"].values[1] == 2.0e-3


def test_an_unknown_column_keeps_its_name_and_is_told(file: Write) -> None:
    data = read(file(mpt(columns="time/s\tEwe/V\tBubbles/Torr")))
    assert data["Bubbles/Torr"] == pytest.approx(-2.0 * np.arange(COUNT))
    assert [w.code for w in data.warnings] == ["E745"]
    assert data.columns["Bubbles/Torr"].unit == "Torr"
    assert "Bubbles/Torr" in data.warnings[0].message


def test_a_potential_exported_as_zeros_is_computed_beside_it(file: Write) -> None:
    whole = mpt(columns="<Ewe>/V\tEwe-Ece/V\t<Ece>/V").decode("cp1252")
    rows = "".join(f"0.0\t{1.5 + i}\t-0.5\r\n" for i in range(COUNT))
    head = whole[: whole.index("<Ece>/V") + len("<Ece>/V\r\n")]
    data = read(file((head + rows).encode("cp1252")))
    assert not data["potential_V"].any()
    assert data["potential_from_counter_V"] == pytest.approx(1.0 + np.arange(COUNT))
    assert [w.code for w in data.warnings] == ["E753"]


@pytest.mark.parametrize("comma", [False, True])
def test_gamry_in_any_locale(file: Write, comma: bool) -> None:
    data = read(file(dta(comma=comma)))
    assert data["current_A"] == pytest.approx(2.0e-3 * np.arange(COUNT))
    assert data.area_m2 == pytest.approx(0.196e-4)
    assert data.ohmic_drop == "compensated"
    assert data.start == datetime(2023, 11, 16, 9, 59, 48)
    assert np.isnan(data["temperature_K"]).all()
    assert data["status_flags"] == pytest.approx(np.ones(COUNT))


def test_a_cathodic_positive_current_is_turned(file: Write) -> None:
    data = read(file(dta(convention="0")))
    assert data["current_A"][1] == pytest.approx(-2.0e-3)
    assert data.columns["current_A"].sign == "anodic"


def test_numbered_gamry_curves_are_one_table_of_cycles(file: Write) -> None:
    data = read(file(dta(tables=3)))
    assert data["cycle"] == pytest.approx(np.repeat([1, 2, 3], COUNT))
    assert not data.further


@pytest.mark.parametrize(
    "text",
    [
        "time (s),E (V vs RHE),I (mA)\n0,0.1,-1.5\n1,0.2,-2.5\n",
        "Zeit\n\ntime [s];E [V vs RHE];I [mA]\r\n0;0,1;-1,5\r\n1;0,2;-2,5\r\n",
        "# time/s\tE/V vs RHE\tI/mA\n0\t0.1\t-1.5\n1\t0.2\t-2.5",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_table_of_numbers(file: Write, text: str, encoding: str) -> None:
    data = read(file(text.encode(encoding)))
    assert list(data["potential_V"]) == [0.1, 0.2]
    assert data["current_A"] == pytest.approx([-1.5e-3, -2.5e-3])
    assert data.columns["potential_V"].reference == "RHE"
    assert data.columns["current_A"].sign is None
    assert [w.code for w in data.warnings] == ["E755"]


def test_numbers_without_names_are_kept_without_meaning(file: Write) -> None:
    data = read(file(b"1,2\n3,4\n5,6\n"))
    assert list(data["column 2"]) == [2, 4, 6]
    assert {column.unit for column in data.columns.values()} == {""}


def test_a_known_name_without_a_unit_is_no_quantity(file: Write) -> None:
    data = read(file(b"time,current,cycle\n0,1,1\n1,2,1\n"))
    assert [c.unit for c in data.columns.values()] == ["", "", "1"]
    assert [w.code for w in data.warnings] == ["E745", "E745"]


def test_an_empty_cell_is_missing_and_a_word_is_told(file: Write) -> None:
    data = read(file(b"time (s),I (A)\n0,1\n1,\n2,overload\n3,4\n"))
    assert np.isnan(data["current_A"]).tolist() == [False, True, True, False]
    assert "E746" in [w.code for w in data.warnings]


def test_our_own_run_reads_as_it_was_written(closed_form_run: Callable[..., Path]) -> None:
    run = closed_form_run(duration_s=20.0)
    data = read(run)
    assert data.start == datetime(2026, 11, 21, 7, 0, 12, tzinfo=UTC)
    assert data["current_A"][-1] == 5.0e-3
    assert data.columns["current_A"].sign == "anodic"
    assert data.technique == "open_circuit, constant_current"
    assert data.instrument == "KEITHLEY 2450 SIM00001"
    assert len(read(run / "journal.jsonl")) == len(data)
    torn = run.parent / "torn"
    torn.write_bytes((run / "journal.jsonl").read_bytes()[:-300])
    assert "E744" in [w.code for w in read(torn).warnings]


def _damaged(whole: bytes) -> list[bytes]:
    rng = np.random.default_rng(7)
    cuts = [whole[: int(n)] for n in np.linspace(0, len(whole) - 1, 60)]
    flips = []
    for _ in range(120):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), 8):
            data[at] = rng.integers(0, 256)
        flips.append(bytes(data))
    return cuts + flips


_RECORDS = [(0, i * 0.5, 0.1 * i, -2.0 * i) for i in range(COUNT)]


@pytest.mark.parametrize(
    "whole",
    [
        mpt(),
        mpt(comma=True, newline="\n"),
        mpr((1, 2, 4, 6, 11), "<Bdfd", _RECORDS),
        dta(tables=2),
        b"time (s),I (A)\n" + b"0.5,1\n" * COUNT,
        ("time (s);I (A)\n" + "0,5;1\n" * COUNT).encode("utf-16"),
    ],
    ids=["mpt", "mpt with commas", "mpr", "dta", "csv", "utf-16"],
)
def test_no_damage_is_more_than_a_diagnostic(file: Write, whole: bytes) -> None:
    refused = kept = 0
    damaged = _damaged(whole)
    for content in damaged:
        path = file(content)
        try:
            data = read(path)
        except InputError as error:
            refused += str(path) in str(error)
        else:
            kept += all(len(c.values) == len(data) for c in data.columns.values())
    assert refused
    assert refused + kept == len(damaged)


def test_a_header_that_is_cut_names_file_and_offset(file: Write) -> None:
    with pytest.raises(InputError) as error:
        read(file(mpt()[:120]))
    assert error.value.diagnostics[0].numbers["offset_B"] == 120


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"Dear diary,\ntoday\n"])
def test_what_is_no_data_file_is_refused(file: Write, content: bytes) -> None:
    with pytest.raises(InputError, match="E747"):
        read(file(content))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("run.mpr", "EC-Lab's binary files are named like it, but it does not begin like one"),
        ("run.NDA", r"Neware's databases are named like it, and not read\n.*export it as .csv"),
    ],
)
def test_a_name_that_tells_whose_file_it_is_is_said(tmp_path: Path, name: str, told: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"<?xml version='1.0'?><a/>")
    with pytest.raises(InputError, match=told):
        read(path)


def test_a_dataset_is_frozen_and_becomes_a_polars_table(file: Write) -> None:
    data = read(file(dta()))
    with pytest.raises(ValueError, match="read-only"):
        data["current_A"][0] = 1.0
    assert data.to_polars()["current_A"].to_list() == data["current_A"].tolist()
    with pytest.raises(InputError, match="E754"):
        data["current_mA"]


@pytest.mark.parametrize("package", ["pandas", "xarray"])
def test_conversions_need_their_package_or_say_so(file: Write, package: str) -> None:
    data = read(file(dta()))
    if find_spec(package) is None:
        with pytest.raises(InputError, match=rf"E809.*{package} is not installed\n.*pip install"):
            getattr(data, f"to_{package}")()
    else:
        table = getattr(data, f"to_{package}")()
        assert np.asarray(table["current_A"]) == pytest.approx(data["current_A"])


def test_the_command_says_what_a_file_is(file: Write) -> None:
    path = str(file(dta()))
    said = json.loads(CliRunner().invoke(app, ["read", path, "--json"]).stdout)
    assert (said["format"], said["technique"], said["rows"]) == (
        "gamry",
        "Cyclic Voltammetry",
        COUNT,
    )
    column = next(c for c in said["columns"] if c["name"] == "current_A")
    assert (column["unit"], column["first"], column["positive"]) == ("A", 0.0, "anodic")
    words = CliRunner().invoke(app, ["read", path]).stdout
    assert "current_A" in words
    assert "2023-11-16T09:59:48 (local time)" in words


def test_rows_without_a_spectrum_have_no_impedance(file: Write) -> None:
    head = (
        "EC-Lab ASCII FILE\r\nNb header lines : 5\r\n\r\nModulo Bat\r\n"
        "time/s\tfreq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\tPhase(Z)\t<Ewe/V>\r\n"
    )
    data = read(file((head + "0\t0\t0\t0\t0\t3.5\r\n1\t1000\t12\t3\t-14\t3.5\r\n").encode()))
    assert np.isnan(data["impedance_real_Ohm"]).tolist() == [True, False]
    assert np.isnan(data["frequency_Hz"]).tolist() == [True, False]
    assert np.isnan(data["Phase(Z)"]).tolist() == [True, False]
    assert data["potential_V"].tolist() == [3.5, 3.5]
    # a phase that lost its unit is no phase in "Z"
    assert data.columns["Phase(Z)"].unit == ""
    assert [w.code for w in data.warnings] == ["E745"]


def test_a_text_export_without_rows_says_so(file: Write) -> None:
    head = "EC-Lab ASCII FILE\r\nNb header lines : 4\r\n\r\nmode\ttime/s\tEwe/V\tI/mA"
    for ending in ("", "\r\n"):
        data = read(file((head + ending).encode()))
        assert len(data) == 0
        assert [w.code for w in data.warnings] == ["E744"]
        assert list(data.columns) == ["mode", "time_s", "potential_V", "current_A"]
