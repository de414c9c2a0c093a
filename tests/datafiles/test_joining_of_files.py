"""Files of one experiment on one clock: every row once, no charge twice, nothing over a gap."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from faradaic.analysis.integration import find_intervals, trapezoid
from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.joining import join
from faradaic.diagnostics import InputError

START = datetime(2024, 2, 29, 23, 50)
CURRENT_A = 2.0e-3


def part(
    name: str,
    after_s: float,
    rows: int = 11,
    *,
    charge_from_C: float = 0.0,
    zone: bool = False,
    **more: Column,
) -> Dataset:
    """Ten seconds at constant current, one row a second, from `after_s` on."""
    time_s = np.arange(float(rows))
    start = START + timedelta(seconds=after_s)
    columns = {
        "time_s": Column(time_s, "s"),
        "current_A": Column(np.full(rows, CURRENT_A), "A", sign="anodic"),
        "charge_C": Column(charge_from_C + CURRENT_A * time_s, "C", sign="anodic"),
    }
    return Dataset(
        columns | more,
        technique="Chronopotentiometry",
        start=start.replace(tzinfo=UTC) if zone else start,
        source=Path(name),
        content=name.encode(),
    )


def codes(dataset: Dataset) -> list[str]:
    return [w.code for w in dataset.warnings]


def test_neighbours_become_one_record_in_the_order_of_time() -> None:
    data = join([part("second", 11.0), part("first", 0.0)])
    assert data["time_s"].tolist() == list(range(22))
    assert data["technique_number"].tolist() == [1.0] * 11 + [2.0] * 11
    assert data.start == START
    assert data.metadata["file 1"].startswith("first sha256 ")
    assert codes(data) == []


def test_a_charge_that_starts_anew_is_added_and_one_that_goes_on_is_not() -> None:
    anew = join([part("a", 0.0), part("b", 11.0)])
    assert anew["charge_of_sequence_C"][-1] == pytest.approx(20 * CURRENT_A)
    on = join([part("a", 0.0), part("b", 10.5, charge_from_C=10 * CURRENT_A)])
    assert on["charge_of_sequence_C"][-1] == pytest.approx(20 * CURRENT_A)
    assert codes(on) == ["E768"]
    assert on["charge_C"][11] == pytest.approx(10 * CURRENT_A)  # as it was written


def test_a_gap_is_told_and_counts_no_charge() -> None:
    data = join([part("a", 0.0), part("b", 3600.0)])
    assert codes(data) == ["E761"]
    assert "3590 s" in data.warnings[0].message
    assert data["charge_of_sequence_C"][-1] == pytest.approx(20 * CURRENT_A)
    intervals = find_intervals(data.time_series())
    assert trapezoid(data["current_A"], intervals) == pytest.approx(20 * CURRENT_A)


def test_a_gap_is_longer_than_three_of_the_usual_intervals() -> None:
    assert codes(join([part("a", 0.0), part("b", 13.0)])) == []
    assert codes(join([part("a", 0.0), part("b", 14.0)])) == ["E761"]


def test_what_two_files_cover_is_counted_once() -> None:
    data = join([part("a", 0.0), part("b", 5.0)])
    assert data["time_s"].tolist() == list(range(16))
    assert "6 of the 11 rows of b" in data.warnings[0].message
    # of the second file only what came after its sixth row is new
    assert data["charge_of_sequence_C"][-1] == pytest.approx(14 * CURRENT_A)
    same = join([part("a", 0.0), part("a", 0.0)])
    assert len(same) == 11
    assert codes(same) == ["E762"]


def test_a_column_of_one_file_is_empty_in_the_other() -> None:
    extra = Column(np.full(11, 300.0), "K")
    data = join([part("a", 0.0), part("b", 11.0, temperature_K=extra)])
    assert np.isnan(data["temperature_K"][:11]).all()
    assert data["temperature_K"][11:].tolist() == [300.0] * 11


def test_what_only_one_file_tells_counts_as_unknown() -> None:
    def potential(reference: str | None) -> Column:
        return Column(np.zeros(11), "V", reference=reference)

    data = join(
        [part("a", 0.0, potential_V=potential("SCE")), part("b", 11.0, potential_V=potential(None))]
    )
    assert data.columns["potential_V"].reference is None
    assert "SCE and unknown" in data.warnings[0].message


@pytest.mark.parametrize(
    ("others", "message"),
    [
        ([part("b", 11.0, zone=True)], "a gives local time"),
        ([Dataset({"time_s": Column(np.arange(3.0), "s")}, source=Path("b"))], "when it was start"),
        ([Dataset({"current_A": Column(np.arange(3.0), "A")}, source=Path("b"))], "no times"),
        (
            [
                Dataset(
                    {
                        "time_s": Column(np.arange(3.0), "s"),
                        "flow_sccm": Column(np.ones(3), "sccm"),
                    },
                    start=START,
                    source=Path("b"),
                )
            ],
            "no column in common",
        ),
        (
            [part("b", 11.0, current_A=Column(np.ones(11), "A", sign="cathodic"))],
            "anodic in one file and cathodic",
        ),
        ([part("b", 11.0, current_A=Column(np.ones(11), "mA"))], "A and mA"),
    ],
)
def test_what_cannot_be_put_on_one_clock_is_refused(others: list[Dataset], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        join([part("a", 0.0), *others])
    assert error.value.diagnostics[0].code == "E763"
