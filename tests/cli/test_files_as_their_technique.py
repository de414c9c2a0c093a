"""`faradaic analyze FILE...` analyses what the numbers of a file show, without a study file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faradaic.chemistry.equivalent_circuits import parse_circuit
from faradaic.datafiles.readers import read
from faradaic.simulators.voltammetry import simulate_voltammogram
from faradaic.simulators.waveforms import cv
from faradaic.studies.file_study import technique_of
from rigs.commands import Command

HEADER = "time (s),potential (V),current (A)"
D, AREA_M2 = 1e-9, 7.07e-6


def table(path: Path, *columns: np.ndarray, header: str = HEADER) -> Path:
    np.savetxt(path, np.column_stack(columns), delimiter=",", header=header, comments="")
    return path


def voltammograms(folder: Path, k0: float, rates=(0.02, 0.05, 0.1, 0.2)) -> list[str]:
    """One couple, 1 mmol/L, D = 1e-9 m²/s, at some scan rates (SIMULATED by the semi-integral)."""
    names = []
    for rate in rates:
        curve = simulate_voltammogram(
            "A + e = B",
            cv(0.3, -0.3, rate),
            area_m2=AREA_M2,
            concentrations_mol_per_m3={"A": 1.0},
            diffusion_m2_per_s=D,
            E0_V=0.0,
            k0=k0,
        )
        name = f"cv_{1000 * rate:g}.csv"
        table(folder / name, curve.time_s, curve.potential_V, curve.current_A)
        names.append(name)
    return names


def spectrum(path: Path) -> Path:
    f = np.geomspace(1e5, 0.1, 40)
    values = {"R0": 20.0, "R1": 300.0, "C1": 2e-5}
    z = parse_circuit("R0+(R1|C1)").spectrum_ohm(f, values)
    return table(path, f, z.real, z.imag, header="frequency (Hz),Zreal (Ohm),Zimag (Ohm)")


def keyed(told: dict) -> dict:
    """Results by key and what they are of."""
    return {(one["key"], one["of"] or one["at"]): one for one in told["results"]}


def test_what_a_file_is_is_read_from_its_numbers(tmp_path: Path) -> None:
    t, E = np.arange(400.0), np.linspace(0.0, 1.0, 400)
    up_down = np.concatenate([E, E[::-1]])
    rising = 1e-6 * np.exp(E / 0.05)
    held = table(tmp_path / "cp.csv", t, 1.0 + 0.1 * np.sqrt(t), np.full(400, 5e-3))
    step = table(tmp_path / "ca.csv", t + 1, np.full(400, 0.6), 1e-3 / np.sqrt(t + 1))
    cases = {
        "impedance": spectrum(tmp_path / "eis.csv"),
        "sweep": table(tmp_path / "lsv.csv", t, E, rising),
        "voltammogram": table(tmp_path / "cv.csv", np.arange(800.0), up_down, np.sin(up_down)),
    }
    assert {kind: technique_of(read(path)) for kind, path in cases.items()} == {
        kind: kind for kind in cases
    }
    assert [technique_of(read(path)) for path in (held, step)] == [None, None]


def test_a_spectrum_alone_gives_its_circuit(faradaic: Command) -> None:
    spectrum(faradaic.folder / "eis.csv")
    told = faradaic("analyze", "eis.csv", "--json").json
    of = keyed(told)
    for name, value in (("R0", 20.0), ("R1", 300.0), ("C1", 2e-5)):
        assert of["circuit_parameter", name]["value"] == pytest.approx(value, rel=1e-6)
    assert of["kramers_kronig_residual", ""]["value"] < 0.01
    assert (faradaic.folder / "eis-results" / "figures" / "impedance.svg").is_file()
    assert any("no mechanism" in remark for remark in told["remarks"])


def test_a_circuit_that_misses_the_spectrum_is_told_as_that(faradaic: Command) -> None:
    """Three arcs far apart, and two resistances for them."""
    f = np.geomspace(1e6, 1e-2, 60)
    values = {"R0": 5.0, "R1": 50.0, "C1": 1e-7, "R2": 50.0, "C2": 1e-4, "R3": 50.0, "C3": 1e-1}
    z = parse_circuit("R0+(R1|C1)+(R2|C2)+(R3|C3)").spectrum_ohm(f, values)
    head = "frequency (Hz),Zreal (Ohm),Zimag (Ohm)"
    table(faradaic.folder / "three.csv", f, z.real, z.imag, header=head)
    assert "does not describe the spectrum" in faradaic("analyze", "three.csv").out
    spectrum(faradaic.folder / "eis.csv")
    assert "does not describe" not in faradaic("analyze", "eis.csv").out


def test_a_sweep_without_an_area_gives_currents_and_a_tafel_slope(faradaic: Command) -> None:
    """1 µA exp(E/50 mV): 115.13 mV per decade."""
    E = np.linspace(0.0, 0.5, 500)
    table(faradaic.folder / "lsv.csv", np.arange(500.0), E, 1e-6 * np.exp(E / 0.05))
    alone = faradaic("analyze", "lsv.csv")
    assert "--assume positive_current=anodic" in alone.err  # nothing is guessed
    told = faradaic("analyze", "lsv.csv", "--assume", "positive_current=anodic", "--json").json
    slopes = [one for one in told["results"] if one["key"] == "tafel_slope"]
    assert slopes[0]["value"] == pytest.approx(0.05 * np.log(10.0), rel=1e-3)
    assert any("area" in remark for remark in told["remarks"])
    given = ("--assume", "sign=anodic", "--assume", "area=1 cm^2")
    onset = [
        one
        for one in faradaic("analyze", "lsv.csv", *given, "--json").json["results"]
        if one["key"] == "onset_potential"
    ]
    assert onset[0]["value"] == pytest.approx(0.05 * np.log(1e-3 / 1e-6), abs=2e-3)


def test_what_is_assumed_counts_and_is_recorded(faradaic: Command) -> None:
    """115.13 mV per decade are α = 0.5139 at 25 degC and 0.5742 at 60 degC (RT ln10/F b)."""
    E = np.linspace(0.0, 0.5, 500)
    table(faradaic.folder / "lsv.csv", np.arange(500.0), E, 1e-6 * np.exp(E / 0.05))
    for degC, alpha in ((25.0, 0.5139), (60.0, 0.5742)):
        given = ("--assume", "positive_current=anodic", "--assume", f"temperature={degC} degC")
        told = faradaic("analyze", "lsv.csv", *given, "--json").json
        (found,) = [one for one in told["results"] if one["key"] == "transfer_coefficient"]
        assert found["value"] == pytest.approx(alpha, rel=2e-3)
        assert {"field": "positive_current", "value": "anodic"} in told["assumptions"]


@pytest.mark.parametrize(("k0", "within_D", "within_k0"), [(1e-3, 0.05, 0.05), (4e-5, 0.2, 0.15)])
def test_voltammograms_at_several_rates_give_diffusion_and_rate(
    faradaic: Command, k0: float, within_D: float, within_k0: float
) -> None:
    names = voltammograms(faradaic.folder, k0)
    (faradaic.folder / "study.yaml").write_text(
        "faradaic_study: 1\nkind: scan_rates\ntitle: Rates\n"
        "conditions: {scale: measured, positive_current: anodic, area: 0.0707 cm^2}\n"
        f"voltammograms: [{', '.join(names)}]\nconcentration: 1 mmol/L\n"
    )
    of = keyed(faradaic("analyze", "study.yaml", "--json").json)
    found_D = of["diffusion_coefficient", ""]
    assert found_D["value"] == pytest.approx(D, rel=within_D)
    rate = of["standard_rate_constant", ""]
    assert rate["value"] == pytest.approx(k0, rel=within_k0)
    quasi = any("quasi-reversible" in flag for flag in found_D["flags"])
    assert quasi is (k0 < 1e-4)


def test_files_on_the_command_line_are_one_series(faradaic: Command) -> None:
    names = voltammograms(faradaic.folder, 1e-3, rates=(0.05, 0.2))
    told = faradaic("analyze", *names, "--assume", "sign=anodic", "--json").json
    of = keyed(told)
    assert of["exponent_of_the_scan_rate", "cathodic"]["value"] == pytest.approx(0.5, abs=0.01)
    assert any("no diffusion coefficient" in remark for remark in told["remarks"])
    spectrum(faradaic.folder / "eis.csv")
    mixed = faradaic("analyze", names[0], "eis.csv")
    assert (mixed.code, "E786" in mixed.err, "Traceback" in mixed.err) == (2, True, False)


def test_voltammograms_without_peaks_give_the_capacitance(faradaic: Command) -> None:
    """20 µF beside 1 MOhm: ±C·v, whatever leaks."""
    E = np.concatenate([np.linspace(0.0, 0.2, 101), np.linspace(0.2, 0.0, 101)[1:]])
    names = []
    for rate in (0.02, 0.05, 0.1):
        time_s = np.arange(E.size) * 0.002 / rate
        current_A = 2e-5 * np.sign(np.gradient(E)) * rate + 1e-6 * (E - 0.1)
        names.append(table(faradaic.folder / f"dl_{rate}.csv", time_s, E, current_A).name)
    told = faradaic("analyze", *names, "--assume", "sign=anodic", "--json").json
    assert keyed(told)["double_layer_capacitance", ""]["value"] == pytest.approx(2e-5, rel=1e-3)


def test_a_file_given_as_an_electrolysis_is_one(faradaic: Command) -> None:
    """Whoever states a product means the charge, also of a sweep."""
    E = np.linspace(0.0, 0.5, 500)
    table(faradaic.folder / "lsv.csv", np.arange(500.0), E, 1e-6 * np.exp(E / 0.05))
    given = ("--limiting", "1 mmol", "--assume", "sign=anodic", "--json")
    assert "charge_gross" in faradaic("analyze", "lsv.csv", *given).json["results"]
