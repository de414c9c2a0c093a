"""Lines lie where Bragg puts them; foreign phases in a pattern are found, named, or below a limit.

The measured patterns are made here from calculated lines, a background and counting noise.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from faradaic.chemistry.formulas import parse_formula
from faradaic.cli.main import app
from faradaic.computational.diffraction import (
    Pattern,
    average_spinel,
    cubic_lattice_A,
    read_pattern,
    reflections,
)
from faradaic.computational.phase_purity import check_purity, find_peaks
from faradaic.computational.screening.stored_structures import (
    spinel_of_formula,
    spinel_reflections,
    stored_competitors,
    stored_lattice_A,
)
from faradaic.diagnostics import InputError

pytest.importorskip("pymatgen")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

ANGLE = np.arange(15, 75, 0.02)


def rocksalt(cation: str, lattice_A: float):
    from pymatgen.core import Lattice, Structure

    return Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(lattice_A), [cation, "O"], [[0] * 3, [0.5] * 3]
    )


def measured(*parts, noise: float = 0.3, zero_deg: float = 0.0) -> Pattern:
    """A pattern of (weight, lines, lattice scale): Gaussians of 0.15°, background and noise."""
    counts = 20 + 60 * np.exp(-ANGLE / 15) + np.random.default_rng(0).normal(0, noise, ANGLE.size)
    for weight, lines, scale in parts:
        positions = 2 * np.degrees(np.arcsin(lines.wavelength_A / (2 * lines.d_A * scale)))
        for at, intensity in zip(positions + zero_deg, lines.intensity, strict=True):
            counts += weight * intensity * np.exp(-0.5 * ((ANGLE - at) / (0.15 / 2.3548)) ** 2)
    return Pattern(ANGLE, counts, "sample.xy")


@pytest.fixture(scope="module")
def spinel():
    return spinel_reflections("Zn2(MgZnSbGa)O8", "Zn", ("Mg", "Zn", "Sb", "Ga"), 8.45)


@pytest.fixture(scope="module")
def rivals():
    return stored_competitors({"Mg", "Zn", "Ga", "Sb", "O"}, two_theta_deg=(10, 80))


def test_the_lines_of_the_spinel_are_at_the_angles_of_bragg(spinel):
    at = dict(zip(spinel.indices, spinel.two_theta_deg, strict=True))
    for index in ("220", "311", "400", "440"):
        spacing_A = 8.45 / np.sqrt(sum(int(digit) ** 2 for digit in index))
        # 1.54184 Å: Cu Kα, weighted mean of Kα1 and Kα2.
        expected = 2 * np.degrees(np.arcsin(1.54184 / 2 / spacing_A))
        assert at[index] == pytest.approx(expected, abs=0.005)
    assert spinel.indices[int(spinel.intensity.argmax())] == "311"


def test_shared_sites_scatter_with_the_mean_of_their_cations():
    one = reflections(average_spinel("Zn", ["Al"] * 4, 8.1))
    structure = average_spinel("Zn", ["Mg", "Zn", "Sb", "Ga"], 8.45)
    composition = structure.composition.fractional_composition
    assert composition["O"] == pytest.approx(8 / 14)
    assert composition["Zn"] == pytest.approx(3 / 14)
    assert composition["Sb"] == pytest.approx(1 / 14)
    # 222 comes from the octahedral cations and oxygen alone: it grows with their weight.
    two = reflections(average_spinel("Zn", ["Sn"] * 4, 8.1))
    line = {name: dict(zip(r.indices, r.intensity, strict=True)) for name, r in
            (("Al", one), ("Sn", two))}  # fmt: skip
    assert line["Sn"]["222"] > 2 * line["Al"]["222"]


def test_the_second_line_of_the_anode_is_no_foreign_phase(spinel, rivals):
    """Kα2 of copper is 0.2489 % longer than Kα1 and half as strong (Hölzer et al. 1997)."""
    angle = np.arange(15, 100, 0.02)
    counts = 20 + np.random.default_rng(0).normal(0, 0.3, angle.size)
    wide = spinel_reflections(
        "Zn2(MgZnSbGa)O8", "Zn", ("Mg", "Zn", "Sb", "Ga"), 8.45, two_theta_deg=(10, 105)
    )
    for share, wavelength_A in ((2 / 3, 1.540593), (1 / 3, 1.544427)):
        at = 2 * np.degrees(np.arcsin(wavelength_A / (2 * wide.d_A)))
        for position, intensity in zip(at, wide.intensity, strict=True):
            counts += share * intensity * np.exp(-0.5 * ((angle - position) / 0.064) ** 2)
    found = check_purity(Pattern(angle, counts, "sample.xy"), wide, rivals)
    assert found.pure
    assert any(peak.assigned.endswith("Kα2") for peak in found.peaks)
    # as high as its neighbour, a peak at such a place is no partner
    line = next(peak for peak in found.peaks if peak.assigned == "731")
    more = 40 * np.exp(-0.5 * ((angle - line.two_theta_deg - 0.27) / 0.064) ** 2)
    assert not check_purity(Pattern(angle, counts + more, "sample.xy"), wide, rivals).pure


def test_the_cell_of_fourteen_atoms_is_a_quarter_of_the_cubic_one():
    assert cubic_lattice_A(8.0**3 / 4) == pytest.approx(8.0)
    assert 8.3 < stored_lattice_A(parse_formula("Mg2(MgZnInSb)O8").atoms) < 8.9
    assert stored_lattice_A(parse_formula("Mg2(MgZnAlNb)O8").atoms) is None


def test_a_pure_sample_is_pure_though_its_lattice_is_not_quite_the_calculated_one(spinel, rivals):
    for scale in (0.985, 1.0, 1.012):
        result = check_purity(measured((1, spinel, scale)), spinel, rivals)
        assert result.pure
        assert result.matched_share == pytest.approx(1.0)
        assert result.lattice_scale == pytest.approx(scale, abs=5e-4)
        assert result.findings == ()


def test_a_foreign_phase_is_named_with_its_lines(spinel, rivals):
    lime = reflections(rocksalt("Ca", 4.811), "CaO")
    pattern = measured((1, spinel, 1.006), (0.06, lime, 1.0))
    result = check_purity(pattern, spinel, [*rivals, lime])
    assert list(result.foreign) == ["CaO"]
    # CaO, a = 4.811 Å: 111 32.2°, 200 37.3°, 220 53.9°.
    assert result.foreign["CaO"] == pytest.approx((32.2, 37.35, 53.9), abs=0.15)
    assert "3 peaks are not of Zn2(MgZnSbGa)O8 and fit CaO" in result.findings[0].message
    assigned = {peak.assigned for peak in result.peaks}
    assert {"311", "440", "CaO 200"} <= assigned


def test_two_foreign_phases_are_told_apart(spinel, rivals):
    zinc_oxide = next(lines for lines in rivals if lines.name == "ZnO")
    lime = reflections(rocksalt("Ca", 4.811), "CaO")
    pattern = measured((1, spinel, 1.0), (0.1, zinc_oxide, 0.993), (0.08, lime, 1.0))
    result = check_purity(pattern, spinel, [*rivals, lime])
    assert set(result.foreign) == {"ZnO", "CaO"}


def test_peaks_that_no_offered_phase_explains_are_not_given_a_name(spinel):
    lime = reflections(rocksalt("Ca", 4.811), "CaO")
    result = check_purity(measured((1, spinel, 1.0), (0.06, lime, 1.0)), spinel)
    assert list(result.foreign) == [""]
    assert "fit none of the phases that were offered" in result.findings[0].message


def test_what_is_below_the_stated_limit_is_not_seen_and_the_limit_falls_with_the_noise(spinel):
    lime = reflections(rocksalt("Ca", 4.811), "CaO")
    noisy = check_purity(measured((1, spinel, 1.0), (0.002, lime, 1.0), noise=0.4), spinel, [lime])
    calm = check_purity(measured((1, spinel, 1.0), (0.01, lime, 1.0), noise=0.05), spinel, [lime])
    assert noisy.pure
    (hidden,) = noisy.hidden
    there = 0.002 * lime.mass_per_intensity / spinel.mass_per_intensity
    assert there < hidden.upper_bound < 10 * there
    assert noisy.detection_limit > 1.0 > calm.detection_limit
    assert list(calm.foreign) == ["CaO"]


def test_another_phase_altogether_is_not_taken_for_the_spinel(spinel):
    lime = reflections(rocksalt("Ca", 4.811), "CaO")
    result = check_purity(measured((1, lime, 1.0)), spinel, [lime])
    assert not result.pure
    assert result.absent
    assert any("absent" in finding.message for finding in result.findings)


def test_exported_patterns_are_read_whatever_divides_their_columns(tmp_path, spinel):
    pattern = measured((1, spinel, 1.0))
    rows = list(zip(pattern.two_theta_deg, pattern.counts, strict=True))
    for name, head, divider in (("a.xy", "", " "), ("a.csv", "2theta,counts\n# Cu\n", ",")):
        path = tmp_path / name
        path.write_text(head + "\n".join(f"{a:.3f}{divider}{c:.4f}" for a, c in rows) + "\n")
        read = read_pattern(path)
        assert len(read.counts) == len(rows)
        assert check_purity(read, spinel).pure


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda lines: lines[:50], "holds 50 points"),
        (lambda lines: [*lines[:500], "16.0 5", *lines[500:]], "does not rise at line 501"),
        (lambda lines: [*lines[:500], "torn", *lines[500:]], "line 501 is not two numbers"),
        (lambda lines: [*lines, "400.0 3.0"], "no angles in degrees"),
    ],
)
def test_a_file_that_is_no_pattern_is_named_with_the_line(tmp_path, change, why):
    lines = [f"{angle:.2f} 10.0" for angle in ANGLE]
    path = tmp_path / "a.xy"
    path.write_text("\n".join(change(lines)))
    with pytest.raises(InputError, match=why):
        read_pattern(path)


def test_a_pattern_of_noise_has_no_peaks():
    noise = Pattern(ANGLE, 100 + np.random.default_rng(1).normal(0, 5, ANGLE.size), "empty.xy")
    with pytest.raises(InputError, match=r"empty\.xy shows no peak"):
        check_purity(noise, reflections(rocksalt("Ca", 4.811)))
    with pytest.raises(InputError, match="no peak"):
        find_peaks(Pattern(ANGLE, np.full(ANGLE.size, 3.0), "flat.xy"))


def test_the_command_names_what_is_in_a_file(tmp_path):
    spinel, elements = spinel_of_formula("Mg2(ZnMgSbIn)O8", two_theta_deg=(12, 85))
    assert elements == {"Mg", "Zn", "Sb", "In", "O"}
    oxide = next(r for r in stored_competitors({"In", "O"}, two_theta_deg=(12, 85)))
    pattern = measured((1, spinel, 0.99), (0.08, oxide, 0.99))
    path = tmp_path / "sample.xy"
    np.savetxt(path, np.column_stack([pattern.two_theta_deg, pattern.counts]))
    asked = ["screen", "purity", str(path), "Mg2(ZnMgSbIn)O8"]
    content = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    assert (content["pure"], list(content["foreign"])) == (False, ["In2O3"])
    assert content["lattice_scale"] == pytest.approx(0.99, abs=1e-3)
    # The strongest line of bixbyite-type In2O3 is 222.
    shown = CliRunner().invoke(app, asked)
    assert "In2O3 222" in shown.stdout
    assert "not phase pure" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["MgAl2O4"], "is not a spinel"),
        (["Mg2(ZnMgSbSn)O8"], "no lattice parameter is stored"),
        (["Mg2(ZnMgSbIn)O8", "--wavelength", "Foo"], "'Foo' is no wavelength"),
    ],
)
def test_what_the_command_cannot_use_is_said(tmp_path, arguments, why):
    path = tmp_path / "sample.xy"
    path.write_text("\n".join(f"{angle:.2f} 10.0" for angle in ANGLE))
    with pytest.raises(InputError, match=why):
        CliRunner().invoke(app, ["screen", "purity", str(path), *arguments], catch_exceptions=False)
