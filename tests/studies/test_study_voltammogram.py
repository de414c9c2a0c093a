"""One voltammogram: a simulated couple is recovered, and vendors' files go through."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.results import Result
from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import cv
from faradaic.studies.analysis import analyze_study
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import CycleRows
from faradaic.studies.writing import panels_of
from rigs.vendor_files import DATA, needs_vendor_files

AREA_M2 = 7.07e-6


def study(folder: Path, file: str, conditions: str, more: str = "") -> Path:
    path = folder / "study.yaml"
    path.write_text(
        f"faradaic_study: 1\nkind: voltammogram\ntitle: a couple\nconditions: {{{conditions}}}\n"
        f"voltammogram: {{file: {file}}}\n{more}",
        "utf-8",
    )
    return path


def found(outcome: StudyOutcome, key: str) -> Result:
    (one,) = (f.result for f in outcome.findings if f.result.key == key)
    return one


@pytest.fixture(scope="module")
def reversible(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reversible couple at 0.1 V vs the reference, 1 mM, 100 mV/s."""
    folder = tmp_path_factory.mktemp("cv")
    curve = simulate_voltammogram(
        "A + e = B",
        cv(0.4, -0.2, 0.1, step_V=1e-3),
        area_m2=AREA_M2,
        concentrations_mol_per_m3={"A": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.1,
    )
    lines = [
        f"{t:.9g},{E:.9g},{1e6 * i:.9g}"
        for t, E, i in zip(curve.time_s, curve.potential_V, curve.current_A, strict=True)
    ]
    head = "# SIMULATED\ntime (s),potential (V),current (µA)"
    (folder / "cv.csv").write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return folder


GIVEN = "area: 7.07 mm^2, reference: SCE, scale: SHE, positive_current: anodic"


def test_a_reversible_couple_is_recovered(reversible: Path) -> None:
    outcome = analyze_study(study(reversible, "cv.csv", GIVEN))
    assert outcome.simulated
    (panel,) = panels_of(outcome)["voltammogram"]
    assert [curve.label for curve in panel.curves] == ["cathodic sweep", "anodic sweep"]
    assert [mark.text for mark in panel.marks] == ["0.313 V", "0.370 V"]
    half_wave = found(outcome, "half_wave_potential")
    # 0.2412 V is the SCE of the table of references
    assert half_wave.value == pytest.approx(0.1 + 0.2412, abs=1.5e-3)
    assert half_wave.systematic == pytest.approx(0.003)  # of the SCE, in the same table
    # Nicholson & Shain 1964: 57 mV near 25 degC when the switch is far, here 200 mV away
    assert found(outcome, "peak_separation").value == pytest.approx(0.0575, abs=2e-3)
    assert found(outcome, "scan_rate").value == pytest.approx(0.1, rel=1e-6)
    # Randles-Sevcik at 298.15 K: 0.4463 F c sqrt(F v D/(R T))
    randles = 0.4463 * 96485.33 * 1.0 * np.sqrt(96485.33 * 0.1 * 1e-9 / (8.314463 * 298.15))
    assert found(outcome, "cathodic_peak_current_density").value == pytest.approx(
        -randles, rel=5e-3
    )


def written_cycle(folder: Path, *turns_V: float, potential_step_V: float = 5e-3) -> None:
    """A couple with peaks at 0.495 and 0.435 V, and a wall below -1 V, from turn to turn."""
    parts = [
        np.arange(a, b, potential_step_V if b > a else -potential_step_V)
        for a, b in pairwise(turns_V)
    ]
    E_V = np.concatenate([*parts, turns_V[-1:]])
    rising = np.gradient(E_V) > 0
    peaks = np.where(rising, 0.495, 0.435)
    I_uA = np.where(rising, 1.0, -1.0) * (0.2 + 5.0 * np.exp(-(((E_V - peaks) / 0.05) ** 2)))
    I_uA -= 0.3 * np.exp((-1.0 - E_V) / 0.1)
    lines = [
        f"{i * 0.05:.9g},{E:.9g},{j:.9g}" for i, (E, j) in enumerate(zip(E_V, I_uA, strict=True))
    ]
    head = "time (s),potential (V),current (µA)"
    (folder / "cv.csv").write_text("\n".join([head, *lines]) + "\n", "utf-8")


@pytest.mark.parametrize(
    ("turns_V", "what"),
    [
        ((0.0, -1.2, 1.0, 0.0), "sweeps 1 to 3 of 3"),
        ((0.0, 1.0, -1.2, 0.0), "sweeps 1 to 3 of 3"),
        ((-1.2, 1.0, -1.2), "cycle 1 of 1"),
        ((0.0, 1.0, -1.2, 1.0, -1.2, 0.0), "cycle 2 of 3"),
        ((0.0, 1.0, -1.2, 1.0, -1.2, 0.3), "cycle 2 of 3"),
        ((0.0, 1.0, -1.2, 1.0, 0.0), "sweeps 2 and 3 of 4"),
        ((0.0, -1.2, 1.0, -1.2, 1.0, 0.2), "cycle 2 of 3"),
    ],
)
def test_the_last_whole_cycle_is_found_by_its_turning_points(
    tmp_path: Path, turns_V: tuple[float, ...], what: str
) -> None:
    written_cycle(tmp_path, *turns_V)
    outcome = analyze_study(
        study(tmp_path, "cv.csv", GIVEN.replace("scale: SHE", "scale: measured"))
    )
    (table,) = outcome.of(CycleRows)
    assert table.detail == what
    span_V = np.ptp(table.rows.potential_V)
    assert span_V == pytest.approx(2.2, abs=0.02)
    assert found(outcome, "half_wave_potential").value == pytest.approx(0.465, abs=2e-3)
    assert found(outcome, "peak_separation").value == pytest.approx(0.060, abs=3e-3)


def test_the_sign_of_the_current_is_what_the_study_says(reversible: Path) -> None:
    turned = GIVEN.replace("anodic", "cathodic")
    outcome = analyze_study(study(reversible, "cv.csv", turned))
    assert not [f for f in outcome.findings if "peak" in f.result.key]
    assert len(outcome.remarks) == 2


def test_potentials_can_stay_as_measured(reversible: Path) -> None:
    path = study(reversible, "cv.csv", GIVEN.replace("scale: SHE", "scale: measured"))
    outcome = analyze_study(path)
    assert found(outcome, "half_wave_potential").value == pytest.approx(0.1, abs=1.5e-3)
    (cycle,) = outcome.of(CycleRows)
    assert next(iter(cycle.rows.columns())) == "E (V vs SCE), not iR-corrected"


def test_a_last_cycle_that_was_broken_off_is_not_the_default(
    reversible: Path, tmp_path: Path
) -> None:
    head, _, rows = (reversible / "cv.csv").read_text("utf-8").partition("(µA)\n")
    one = [line.split(",", 1)[1] for line in rows.splitlines()]
    kept = [*one, *one[1:], *one[1:900]]  # the way back of the third cycle is cut
    lines = (f"{0.01 * k:.2f},{row}" for k, row in enumerate(kept))
    (tmp_path / "cv.csv").write_text(f"{head}(µA)\n" + "\n".join(lines), "utf-8")
    outcome = analyze_study(study(tmp_path, "cv.csv", GIVEN))
    (chosen,) = {f.at for f in outcome.findings if f.result.key == "half_wave_potential"}
    assert chosen == "cycle 2 of 3"
    assert found(outcome, "peak_separation").value == pytest.approx(0.058, abs=2e-3)


@pytest.mark.parametrize("reference", ["Ag/AgCl 3 M KCl", "Ag/AgCl (3 M KCl)", "agcl, 3.0 M KCl"])
def test_a_reference_may_be_spelled_as_on_its_shaft(reversible: Path, reference: str) -> None:
    given = GIVEN.replace("reference: SCE", f'reference: "{reference}"')
    outcome = analyze_study(study(reversible, "cv.csv", given))
    assert found(outcome, "shift_of_the_potential_scale").value == pytest.approx(0.210)


def test_an_unknown_reference_is_shown_where_it_stands(reversible: Path) -> None:
    given = GIVEN.replace("reference: SCE", "reference: Ag/AgCl 2 M KCl")
    with pytest.raises(InputError, match="E770") as refused:
        analyze_study(study(reversible, "cv.csv", given))
    (told,) = refused.value.diagnostics
    assert "Ag/AgCl (3 M KCl)" in told.help
    assert told.location is not None
    assert "Ag/AgCl 2 M KCl" in told.location.text


def test_a_cycle_that_is_not_there_is_refused(reversible: Path) -> None:
    with pytest.raises(InputError, match=r"no cycle 3 in cv\.csv, which has 1"):
        analyze_study(study(reversible, "cv.csv", GIVEN, "cycle: 3\n"))


EC_LAB = (
    "EC-Lab ASCII FILE\nNb header lines : 5\n\nCyclic Voltammetry\ntime/s\tEwe/V\t<I>/mA\n",
    "{0}\t{1}\t{2}",
)
CH_INSTRUMENTS = (
    "June 13, 2024   13:13:28\nCyclic Voltammetry\nFile: x\nData Source:  Experiment\n"
    "Instrument Model:  CHI760E\n\nScan Rate (V/s) = 0.1\n\nPotential/V, Current/mA\n\n",
    "{1}, {2}",
)


@pytest.mark.parametrize(("head", "row"), [EC_LAB, CH_INSTRUMENTS], ids=["mpt", "chi"])
def test_a_couple_is_recovered_from_the_files_of_instruments(
    tmp_path: Path, reversible: Path, head: str, row: str
) -> None:
    lines = []
    for line in (reversible / "cv.csv").read_text("utf-8").splitlines()[2:]:
        time_s, potential_V, current_uA = line.split(",")
        lines.append(row.format(time_s, potential_V, float(current_uA) / 1e3))
    (tmp_path / "file.txt").write_text(head + "\n".join(lines) + "\n", "utf-8")
    outcome = analyze_study(study(tmp_path, "file.txt", GIVEN))
    assert found(outcome, "scan_rate").value == pytest.approx(0.1, rel=0.01)
    assert found(outcome, "peak_separation").value == pytest.approx(0.058, abs=2e-3)


@needs_vendor_files
@pytest.mark.parametrize(
    ("file", "conditions", "rate_V_per_s"),
    [
        ("biologic/Pt_poly_cv_CUT.mpt", "area: 0.196 cm^2, reference: SCE, scale: SHE", 0.1),
        (
            "chi/CV-1T.txt",
            "area: 0.071 cm^2, reference: Ag/AgCl (sat. KCl), pH: 0.3, positive_current: anodic",
            0.04,
        ),
    ],
)
def test_files_of_instruments_are_understood(
    tmp_path: Path, file: str, conditions: str, rate_V_per_s: float
) -> None:
    path = study(tmp_path, str(DATA / file), conditions)
    outcome = analyze_study(path)
    assert found(outcome, "scan_rate").value == pytest.approx(rate_V_per_s, rel=0.01)
    assert not outcome.simulated
    assert panels_of(outcome)["voltammogram"][0].curves
