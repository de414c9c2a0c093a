"""Results and columns for programs that work with pint; pint is imported by nobody else."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import faradaic.datafiles.readers as readers
from faradaic.datafiles.dataset import Column
from faradaic.datafiles.readers.headers import scale_of
from faradaic.quantities import QuantityError
from faradaic.quantities.pint_registry import registry
from faradaic.results import Result, missing

SPELLINGS = Path(readers.__file__).with_name("unit_spellings.csv")
NO_FACTOR = {"sccm", "slm", "deg"}
"""Units that stay what they are."""


def test_a_result_goes_to_pint_with_its_unit() -> None:
    result = Result("charge_per_amount", 2.5, "F/mol", "integral")
    assert result.to_pint().to("C/mol").magnitude == pytest.approx(2.5 * 96485.33212)


def test_a_result_without_a_value_says_why_it_has_none() -> None:
    with pytest.raises(QuantityError, match="no current was measured"):
        missing("charge_gross", "C", "integral", "no current was measured").to_pint()


def test_a_column_goes_to_pint_as_an_array() -> None:
    column = Column(np.array([0.001, 0.002]), "A")
    assert column.to_pint().to("mA").magnitude.tolist() == pytest.approx([1.0, 2.0])


def test_a_column_of_an_unknown_unit_is_refused() -> None:
    with pytest.raises(QuantityError, match="`Z` is not a unit"):
        Column(np.zeros(1), "Z").to_pint()


def test_the_spellings_of_instruments_have_no_factors_of_their_own() -> None:
    rows = list(csv.DictReader(SPELLINGS.read_text("utf-8").splitlines()))
    assert set(rows[0]) == {"spelling", "unit", "reference", "source"}
    for row in rows:
        scale = scale_of(row["spelling"])
        assert scale is not None
        if row["unit"] not in NO_FACTOR:
            assert scale == scale_of(row["unit"])


@pytest.mark.parametrize(
    ("spelling", "theirs"),
    [
        ("CCM", "centimeter**3/minute"),
        ("LPM", "liter/minute"),
        ("mBar", "millibar"),
        ("mmHg", "millimeter_Hg"),
        ("PSIA", "pound_force_per_square_inch"),
        ("Ohm-1", "siemens"),
        ("hours", "hour"),
    ],
)
def test_pint_agrees_with_what_instruments_mean(spelling: str, theirs: str) -> None:
    scale = scale_of(spelling)
    assert scale is not None
    one = registry().Quantity(1.0, theirs).to_base_units()
    ours = registry().Quantity(scale.factor, scale.unit.replace("^", "**")).to_base_units()
    assert ours.magnitude == pytest.approx(one.magnitude, rel=1e-9)
    assert ours.dimensionality == one.dimensionality


def test_a_file_is_read_without_pint(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time (minutes),p (PSI),Y (S)\n0,1,2\n1,2,3\n")
    code = f"""
import sys
from faradaic.datafiles.readers import read
data = read({str(path)!r})
assert data["time_s"].tolist() == [0.0, 60.0]
assert "pint" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)
