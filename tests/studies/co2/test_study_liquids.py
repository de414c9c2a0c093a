"""Dissolved products of a study: 10 mM formate in 25 mL from 100 C is an efficiency of 48.24 %.

The value follows from n z F/Q with z = 2 and F = 96485.33212 C/mol (CODATA 2018).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import InputError
from faradaic.results import Result
from faradaic.studies.analysis import analyze_study
from faradaic.studies.writing import write_study

Writer = Callable[..., Path]
GOLDEN = 2 * 96485.33212 * 0.010 * 0.025 / 100.0


def sample(*liquids: dict[str, Any]) -> dict[str, Any]:
    def whole(entry: dict[str, Any]) -> dict[str, Any]:
        given = {"file": "liquids.csv", "volume": "25 mL", "products": {"formate": {}}}
        return {**given, **entry}

    return {"electrolyses": [], "liquids": [whole(entry) for entry in liquids or ({},)]}


def efficiencies(path: Path) -> list[Result]:
    found = [f.result for f in analyze_study(path).findings]
    return [one for one in found if one.of == "formate"]


@pytest.mark.parametrize("row", ["100,10", "-100,10"])
def test_formate_of_one_sample_has_the_golden_efficiency(
    co2_study: Writer, tmp_path: Path, row: str
) -> None:
    (tmp_path / "liquids.csv").write_text(f"charge (C),formate (mM)\n{row}\n")
    (found,) = efficiencies(co2_study(sample=sample()))
    assert found.value == pytest.approx(GOLDEN, rel=1e-9)
    assert found.value == pytest.approx(0.4824, abs=5e-5)
    assert "electrolyte" in found.basis


def test_what_aliquots_took_away_is_added_again(co2_study: Writer, tmp_path: Path) -> None:
    # 5 mM before 1 mL is taken, then 24 mL of 10 mM: 0.005 + 0.240 mmol
    (tmp_path / "liquids.csv").write_text("charge (C),formate (mM)\n50,5\n100,10\n")
    path = co2_study(sample=sample({"aliquot": "1 mL"}))
    last, step = efficiencies(path)
    assert last.value == pytest.approx(GOLDEN * 0.245 / 0.250, rel=1e-9)
    assert step.value == pytest.approx(GOLDEN * 2 * (0.245 - 0.125) / 0.250, rel=1e-9)
    with pytest.raises(InputError, match="`aliquot` is missing"):
        analyze_study(co2_study(sample=sample()))


def test_two_compartments_of_one_electrolysis_are_added_up(
    co2_study: Writer, tmp_path: Path
) -> None:
    (tmp_path / "liquids.csv").write_text("charge (C),formate (mM)\n100,8\n")
    (tmp_path / "crossed.csv").write_text("charge (C),formate (mM)\n100,2\n")
    other = {"file": "crossed.csv", "compartment": "anolyte"}
    (both,) = efficiencies(co2_study(sample=sample({"compartment": "catholyte"}, other)))
    assert both.value == pytest.approx(GOLDEN, rel=1e-9)
    assert "catholyte + anolyte" in both.basis
    apart = efficiencies(co2_study(sample=sample({"at": "-0.5 V"}, {**other, "at": "-0.6 V"})))
    assert [one.value for one in apart] == pytest.approx([0.8 * GOLDEN, 0.2 * GOLDEN])
    (tmp_path / "crossed.csv").write_text("charge (C),formate (mM)\n90,2\n")
    with pytest.raises(InputError, match="different charges"):
        analyze_study(co2_study(sample=sample({}, other)))


def test_peaks_of_a_liquid_chromatograph_go_through_their_calibration(
    co2_study: Writer, tmp_path: Path
) -> None:
    (tmp_path / "standards.csv").write_text("concentration (mM),area\n1,12\n5,52\n10,102\n20,202\n")
    (tmp_path / "liquids.csv").write_text("charge (C),formate area\n100,102\n")
    how = {"formate": {"calibration": "standards.csv", "column": "formate area"}}
    path = co2_study(sample=sample({"products": how}))
    (found,) = efficiencies(path)
    assert found.value == pytest.approx(GOLDEN, rel=1e-6)
    written = write_study(analyze_study(path), tmp_path / "out")
    assert "liquids-Ag-formate.csv" in {p.name for p in written}


def test_a_mass_concentration_is_refused_with_the_unit_that_is_needed(
    co2_study: Writer, tmp_path: Path
) -> None:
    (tmp_path / "liquids.csv").write_text("charge (C),formate (mg/L)\n100,450\n")
    with pytest.raises(InputError, match=r"is in mg/L; the formate is needed in .* mol/m\^3"):
        analyze_study(co2_study(sample=sample()))
