"""Recorded output of MethodSCRIPT instruments."""

from __future__ import annotations

import contextlib
import math
import random
from pathlib import Path

import numpy as np
import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import methodscript
from faradaic.diagnostics import InputError
from faradaic.methodscript_packages import decode_package

SAMPLE = b"""\
eM0000
Pda7F85F3Fu;ba48D503Dp,10,288
Pda7F9234Bu;ba4E2C324p,10,288
*

"""
"""PalmSens, MethodSCRIPT_Examples bd1a44a, Example_Python README: a sweep over 10 kOhm."""


def parsed(path: Path) -> Dataset:
    return methodscript.parse(path.read_bytes(), path)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "stream.txt"
    path.write_bytes(content)
    return path


def test_the_published_sweep_has_the_resistance_of_its_dummy_cell(tmp_path: Path) -> None:
    path = written(tmp_path, SAMPLE)
    assert methodscript.sniff(SAMPLE, path)
    data = parsed(path)
    assert data["set_potential_V"][0] == -0.499905
    assert data["current_A"][0] == -57.847747e-6
    resistance_Ohm = np.diff(data["set_potential_V"])[0] / np.diff(data["current_A"])[0]
    assert resistance_Ohm == pytest.approx(10e3, rel=0.15)
    assert data["current_range_code"].tolist() == [0x88, 0x88]
    assert data["current_status_code"].tolist() == [0, 0]
    assert data.columns["current_A"].sign == "anodic"
    assert (data.technique, data.warnings) == ("linear sweep voltammetry", ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("da807B031u", 0.503857),
        ("dcDF5DFF4u", 99.999732),
        ("cd82DB1A8u", 2.994600),
        ("da84E63DAn", 0.005137370),
        ("eb800000Am", 0.010),
        ("eb800000A ", 10.0),
        ("ee800000Ai", 10.0),
        ("ee800000Ak", 10_000.0),
    ],
)
def test_fields_are_the_numbers_they_encode(text: str, value: float) -> None:
    """The first five are of the examples' README and the manual, the others of their rule."""
    fields = decode_package("P" + text)
    assert fields is not None
    assert fields[0].value == pytest.approx(value, rel=1e-6)


def test_a_field_without_a_number_is_no_number() -> None:
    fields = decode_package("Pba     nan,14")
    assert fields is not None
    assert math.isnan(fields[0].value)
    assert (fields[0].status, fields[0].range_index) == (4, None)


def test_loops_scans_texts_and_errors_are_told_apart(tmp_path: Path) -> None:
    content = (
        b"e\nTfirst\nM0005\nC0001\nPba8000001u,12\n-\nC0002\nPba8000002u,10\n-\n*\n"
        b"L\nM000B\nPab8000003m;ab8000004m\nPab8000005m;zz8000006 \n*\n+\n!4008: Line 7\n\n"
    )
    data = parsed(written(tmp_path, content))
    assert data["current_A"].tolist() == [1e-6, 2e-6]
    assert data["cycle"].tolist() == [1, 2]
    assert data.metadata["text"] == "first"
    other = data.further["measurement 2"]
    assert other["potential_V"].values.tolist() == [0.003, 0.005]
    assert other["potential_2_V"].values == pytest.approx([0.004, math.nan], nan_ok=True)
    assert (other["zz"].values[1], other["zz"].unit) == (6.0, "")
    assert sorted(warning.code for warning in data.warnings) == ["E745", "E758", "E759"]


def test_a_torn_end_is_left_out_and_a_package_that_lost_bytes_is_refused(tmp_path: Path) -> None:
    data = parsed(written(tmp_path, SAMPLE[:60]))
    assert len(data) == 1
    assert [warning.code for warning in data.warnings] == ["E744"]
    with pytest.raises(InputError, match="at byte 7"):
        parsed(written(tmp_path, SAMPLE.replace(b"F85F", b"F8F")))


def test_damaged_streams_are_read_or_refused(tmp_path: Path) -> None:
    dice = random.Random(1)
    read = 0
    for _ in range(300):
        damaged = bytearray(SAMPLE[: dice.randrange(1, len(SAMPLE))])
        for _ in range(dice.randrange(3)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        with contextlib.suppress(InputError):
            parsed(written(tmp_path, bytes(damaged)))
            read += 1
    assert 0 < read < 300


@pytest.mark.parametrize("every", [1, 3, 50])
def test_packages_read_as_arrays_are_those_read_one_by_one(tmp_path: Path, every: int) -> None:
    rng = random.Random(3)
    lines = []
    for n in range(400):
        current = (
            f"ba{rng.randrange(1 << 28):07X}{rng.choice('afpnum kMGTPEi')},1{rng.randrange(16):X}"
        )
        if n % every == every - 1:
            current = rng.choice(["ba     nan", current + ",288", current + ";ba8000001m"])
        lines.append(f"Pda{rng.randrange(1 << 28):07X}u;{current}")
    data = parsed(written(tmp_path, ("eM0007\n" + "\n".join(lines) + "\n*\n").encode()))
    packages = [decode_package(line) for line in lines]
    assert all(packages)
    expected = [next(f for f in package if f.type == "ba") for package in packages if package]
    assert data["set_potential_V"].tolist() == [package[0].value for package in packages if package]
    assert data["current_A"] == pytest.approx(
        [f.value for f in expected], rel=0, abs=0, nan_ok=True
    )
    status = [math.nan if f.status is None else f.status for f in expected]
    assert data["current_status_code"] == pytest.approx(status, nan_ok=True)
