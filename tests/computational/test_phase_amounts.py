"""Amounts of phases come from intensities, also where all lines of one lie on another's.

The patterns are made here, apart from the fit: Lorentz lines of Kα1 and Kα2 with Poisson noise,
from intensities of pymatgen and masses that were chosen.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.computational.diffraction import Pattern, read_pattern, reflections
from faradaic.computational.line_profiles import march_dollase
from faradaic.computational.phase_purity import check_purity
from faradaic.diagnostics import InputError

pytest.importorskip("pymatgen")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

ANGLE = np.arange(15, 95, 0.03)
WAVELENGTHS_A = ((1.5405929, 2 / 3), (1.5444274, 1 / 3))


def cubic(group: str, lattice_A: float, sites):
    from pymatgen.core import Lattice, Structure

    names, places = zip(*sites, strict=True)
    return Structure.from_spacegroup(group, Lattice.cubic(lattice_A), names, places)


# MgGa2O4 with a = 8.28 Å and MgO with half of it: every line of MgO lies on one of the spinel.
SPINEL = cubic("Fd-3m", 8.28, [("Mg", [0] * 3), ("Ga", [0.625] * 3), ("O", [0.3874] * 3)])
MAGNESIA = cubic("Fm-3m", 4.14, [("Mg", [0] * 3), ("O", [0.5] * 3)])
LIME = cubic("Fm-3m", 4.811, [("Ca", [0] * 3), ("O", [0.5] * 3)])


def made(*parts, march: float = 1.0, zero_deg: float = 0.0, seed: int = 0) -> Pattern:
    """A pattern of (mass, structure); `march` gives the first its texture along 111."""
    from pymatgen.analysis.diffraction.xrd import XRDCalculator

    signal = np.zeros_like(ANGLE)
    for number, (mass, structure) in enumerate(parts):
        lines = XRDCalculator("CuKa").get_pattern(
            structure, scaled=False, two_theta_range=(12, 100)
        )
        # A scale by the mass: cells in the beam, each with its volume (Hill, Howard 1987).
        scale = mass / (float(structure.composition.weight) * structure.volume)
        for spacing_A, intensity, families in zip(lines.d_hkls, lines.y, lines.hkls, strict=True):
            height = scale * intensity
            if number == 0 and march != 1.0:
                height *= textured(families[0]["hkl"], march)
            for wavelength_A, share in WAVELENGTHS_A:
                at = 2 * np.degrees(np.arcsin(wavelength_A / (2 * spacing_A))) + zero_deg
                signal += share * height / (1 + ((ANGLE - at) / 0.07) ** 2)
    counts = 8000 * signal / signal.max() + 150 + 2000 / ANGLE
    return Pattern(ANGLE, np.random.default_rng(seed).poisson(counts).astype(float), "made.xy")


def textured(hkl, march: float) -> float:
    """Dollase (1986), over the eight diagonals of a cube."""
    axes = np.array([[a, b, c] for a in (1, -1) for b in (1, -1) for c in (1, -1)]) / np.sqrt(3)
    square = (axes @ np.array(hkl) / np.linalg.norm(hkl)) ** 2
    return float(((march**2 * square + (1 - square) / march) ** -1.5).mean())


@pytest.fixture(scope="module")
def phases():
    options = {"two_theta_deg": (12, 100)}
    return (
        reflections(SPINEL, "MgGa2O4", **options),
        [reflections(MAGNESIA, "MgO", **options), reflections(LIME, "CaO", **options)],
    )


def fraction(result, name: str) -> float:
    return next(part.fraction for part in result.amounts if part.name == name)


def test_magnesia_under_the_lines_of_a_spinel_is_weighed(phases):
    result = check_purity(made((0.6, SPINEL), (0.4, MAGNESIA)), *phases)
    assert not result.pure
    assert set(result.foreign) == {"MgO"}
    assert fraction(result, "MgO") == pytest.approx(0.4, abs=0.05)
    assert any(peak.assigned == "400 + MgO 200" for peak in result.peaks)
    assert "whose lines coincide" in result.findings[0].message


def test_a_pure_spinel_with_both_lines_of_the_anode_is_pure_and_what_could_hide_is_bounded(phases):
    result = check_purity(made((1, SPINEL), zero_deg=0.06), *phases)
    assert result.pure
    assert result.emission == "Kα1 and Kα2"
    assert result.zero_deg == pytest.approx(0.06, abs=0.01)
    assert result.texture_axis == ""
    bounds = {part.name: part.upper_bound for part in result.hidden}
    # Under the spinel's own lines more could hide than where the pattern is empty.
    assert bounds["CaO"] < 0.01 < bounds["MgO"] < 0.15


def test_plates_that_lie_flat_are_not_taken_for_magnesia(phases):
    result = check_purity(made((1, SPINEL), march=0.7), *phases)
    assert result.pure
    assert result.texture_axis == "111"
    assert result.texture == pytest.approx(0.7, abs=0.03)


def test_three_per_cent_of_a_phase_with_lines_of_its_own_are_found(phases):
    result = check_purity(made((0.97, SPINEL), (0.03, LIME), seed=3), *phases)
    assert set(result.foreign) == {"CaO"}
    assert fraction(result, "CaO") == pytest.approx(0.03, abs=0.006)


def test_a_rock_salt_is_not_what_the_spinel_explains(phases):
    result = check_purity(made((1, MAGNESIA)), *phases)
    assert not result.pure
    assert result.matched_share < 0.2
    assert any("311" in line for line in result.absent)


def test_a_pattern_that_misses_the_strongest_line_gets_no_verdict(phases):
    pattern = made((1, SPINEL))
    late = pattern.two_theta_deg > 40
    short = Pattern(pattern.two_theta_deg[late], pattern.counts[late], "late.xy")
    with pytest.raises(InputError, match="misses the strongest line of MgGa2O4"):
        check_purity(short, *phases)


def test_the_texture_of_a_powder_averages_to_one():
    # The mean over all directions of a sphere is 1 whatever March's parameter.
    cosines = (np.arange(20000) + 0.5) / 20000
    assert march_dollase(cosines[None, :], 0.6)[0] == pytest.approx(1.0, abs=1e-4)
    assert march_dollase(np.ones((1, 1)), 0.5)[0] == pytest.approx(8.0)


def xrdml(counts, start: float, end: float) -> str:
    listed = " ".join(f"{count:.0f}" for count in counts)
    return (
        '<?xml version="1.0"?><xrdMeasurements xmlns="http://www.xrdml.com/XRDMeasurement/1.5">'
        '<xrdMeasurement><scan><dataPoints><positions axis="2Theta" unit="deg">'
        f"<startPosition>{start}</startPosition><endPosition>{end}</endPosition></positions>"
        f'<intensities unit="counts">{listed}</intensities>'
        "</dataPoints></scan></xrdMeasurement></xrdMeasurements>"
    )


def test_a_scan_in_xml_and_any_structure_as_cif_go_through_the_command(tmp_path):
    pattern = made((0.6, SPINEL), (0.4, MAGNESIA))
    scan = tmp_path / "scan.xrdml"
    scan.write_text(xrdml(pattern.counts, ANGLE[0], ANGLE[-1]))
    assert read_pattern(scan).two_theta_deg == pytest.approx(ANGLE)
    assert read_pattern(scan).counts == pytest.approx(pattern.counts)
    for name, structure in (("phase", SPINEL), ("holder", MAGNESIA)):
        structure.to(filename=str(tmp_path / f"{name}.cif"))
    shown = CliRunner().invoke(
        app,
        ["screen", "purity", str(scan), str(tmp_path / "phase.cif"),
         "--other", str(tmp_path / "holder.cif"), "--json"],
    )  # fmt: skip
    content = json.loads(shown.stdout)
    assert content["pure"] is False
    named = content["mass_fractions"]
    assert sum(named.get(name, [0])[0] for name in ("holder", "MgO")) == pytest.approx(
        0.4, abs=0.06
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text[:-30], "cut off or damaged"),
        (lambda text: text.replace("2Theta", "Omega"), "no scan over 2Theta"),
        (lambda text: text.replace("<startPosition>15.0</startPosition>", ""), "at 0 positions"),
    ],
)
def test_a_damaged_scan_is_named(tmp_path, change, why):
    path = tmp_path / "scan.xrdml"
    path.write_text(change(xrdml(np.ones(200), 15.0, 95.0)))
    with pytest.raises(InputError, match=why):
        read_pattern(path)


def test_what_is_no_cif_is_named(tmp_path):
    path = tmp_path / "phase.cif"
    path.write_text("nothing")
    (tmp_path / "scan.xy").write_text("\n".join(f"{angle:.2f} 10.0" for angle in ANGLE))
    with pytest.raises(InputError, match="holds no structure"):
        CliRunner().invoke(
            app, ["screen", "purity", str(tmp_path / "scan.xy"), str(path)], catch_exceptions=False
        )
