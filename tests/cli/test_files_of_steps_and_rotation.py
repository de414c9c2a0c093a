"""`faradaic analyze FILE...`: steps, open circuit and rotation series, against closed forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from faradaic.analysis.voltammetry.rotating_electrodes import levich_current_A
from rigs.commands import Command

HEADER = "time (s),potential (V),current (A)"
F = 96485.33212
D, AREA_M2, C, NU = 1.9e-9, 1.96e-5, 1.2, 1e-6
SIGN = ("--assume", "sign=anodic")


def table(path: Path, *columns: np.ndarray, header: str = HEADER) -> str:
    np.savetxt(path, np.column_stack(columns), delimiter=",", header=header, comments="")
    return path.name


def found(told: dict, key: str, at: str = "") -> dict:
    """The first result of a key."""
    return next(one for one in told["results"] if one["key"] == key and at in one["at"])


def test_a_step_of_the_potential_gives_the_diffusion_coefficient(faradaic: Command) -> None:
    t = np.arange(0.01, 20.0, 0.01)
    slope = F * AREA_M2 * C * np.sqrt(D / np.pi)
    table(faradaic.folder / "ca.csv", t, np.full(t.size, 0.6), slope / np.sqrt(t))
    (faradaic.folder / "study.yaml").write_text(
        "faradaic_study: 1\nkind: steps\ntitle: Step\nsteps: ca.csv\n"
        "conditions: {scale: measured, positive_current: anodic, area: 0.196 cm^2}\n"
        "concentration: 1.2 mmol/L\n"
    )
    told = faradaic("analyze", "study.yaml", "--json").json
    assert found(told, "diffusion_coefficient")["value"] == pytest.approx(D, rel=1e-3)
    whole_C = 2.0 * slope * (np.sqrt(t[-1]) - np.sqrt(t[0]))
    assert found(told, "charge_net")["value"] == pytest.approx(whole_C, rel=0.01)
    assert any("not steady" in flag for flag in found(told, "steady_current")["flags"])
    assert (faradaic.folder / "study-results" / "figures" / "steps.svg").is_file()
    alone = faradaic("analyze", "ca.csv", "--kind", "steps", *SIGN)
    assert "`concentration: 1 mmol/L` and `area: 0.071 cm^2`" in alone.out


def test_steps_one_after_the_other_are_levels_of_their_own(faradaic: Command) -> None:
    t = np.arange(0.1, 90.0, 0.1)
    E = np.choose((t // 30.0).astype(int), [0.1, 0.6, 0.2])
    I_A = 1e-3 * E + 1e-5 * np.exp(-(t % 30.0) / 3.0)
    table(faradaic.folder / "steps.csv", t, E, I_A)
    told = faradaic("analyze", "steps.csv", "--kind", "steps", *SIGN, "--json").json
    for number, at in enumerate((1e-4, 6e-4, 2e-4), 1):
        of = [one for one in told["results"] if one["sample"] == f"step {number}"]
        value = next(one["value"] for one in of if one["key"] == "steady_current")
        assert value == pytest.approx(at, rel=1e-2)
        half = next(one["value"] for one in of if one["key"] == "half_life")
        assert half == pytest.approx(3.0 * np.log(2.0), rel=0.05)


def test_a_held_current_gives_sands_time(faradaic: Command) -> None:
    """τ = 4 s, then the next process; i = nFAc√(πD/τ)/2."""
    tau, t = 4.0, np.linspace(0.002, 10.0, 4000)
    root = np.sqrt(np.minimum(t, tau * (1 - 1e-9)))
    E = np.maximum(0.025693 * np.log((2.0 - root) / root), -0.4 - 0.03 * np.maximum(t - tau, 0.0))
    i_A = -0.5 * F * AREA_M2 * C * np.sqrt(np.pi * D / tau)
    table(faradaic.folder / "cp.csv", t, E, np.full(t.size, i_A))
    told = faradaic("analyze", "cp.csv", "--kind", "steps", *SIGN, "--json").json
    assert found(told, "transition_time")["value"] == pytest.approx(tau, rel=0.02)
    product = found(told, "diffusion_product")["value"]
    assert product == pytest.approx(AREA_M2 * C * np.sqrt(D), rel=0.01)


def test_a_potential_alone_was_at_rest(faradaic: Command) -> None:
    """0.3 V + 100 mV exp(-t/20 s): within 5 mV after 20 ln 20 s."""
    t = np.arange(0.0, 600.0)
    E = 0.3 + 0.1 * np.exp(-t / 20.0) + 1e-4 * np.random.default_rng(7).standard_normal(t.size)
    table(faradaic.folder / "ocv.csv", t, E, header="time (s),potential (V)")
    told = faradaic("analyze", "ocv.csv", "--json").json
    assert told["kind"] == "open_circuit"
    assert found(told, "open_circuit_potential")["value"] == pytest.approx(0.3, abs=2e-5)
    assert found(told, "noise")["value"] == pytest.approx(1e-4, rel=0.15)
    assert found(told, "settling_time")["value"] == pytest.approx(20.0 * np.log(20.0), abs=3.0)


def rotated(folder: Path, name: str = "lsv_{}rpm.csv") -> list[str]:
    """An irreversible wave of four electrons with its Levich current at four rates."""
    E = np.linspace(0.9, 0.2, 351)
    kinetic = 2e-5 * np.exp(-(E - 0.8) / 0.05)
    names = []
    for rpm in (400, 900, 1600, 2500):
        limit = levich_current_A(
            2.0 * np.pi * rpm / 60.0, electrons=4, area_m2=AREA_M2, diffusion_m2_per_s=D,
            kinematic_viscosity_m2_per_s=NU, concentration_mol_per_m3=C,
        )  # fmt: skip
        current = -1.0 / (1.0 / kinetic + 1.0 / limit)
        names.append(table(folder / name.format(rpm), np.arange(351.0) * 0.2, E, current))
    return names


def test_a_rotation_series_gives_kinetic_currents_and_electrons(faradaic: Command) -> None:
    names = rotated(faradaic.folder)
    told = faradaic("analyze", *names, *SIGN, "--json").json
    kinetics = [one for one in told["results"] if one["key"] == "kinetic_current"]
    assert len(kinetics) == 5
    for one in kinetics:
        at_V = float(one["at"].split()[0])
        assert one["value"] == pytest.approx(-2e-5 * np.exp(-(at_V - 0.8) / 0.05), rel=0.01)
    reason = found(told, "electrons")["reason"]
    for lacking in ("kinematic_viscosity", "concentration", "area", "diffusion_coefficient"):
        assert lacking in reason  # all at once
    given = {"diffusion_coefficient": "1.9e-5 cm^2/s", "electrons": "4"}
    for key, value in given.items():
        (faradaic.folder / "study.yaml").write_text(
            "faradaic_study: 1\nkind: rotation\ntitle: ORR\n"
            "conditions: {scale: measured, positive_current: anodic, area: 0.196 cm^2}\n"
            f"sweeps: [{', '.join(names)}]\nat: [0.3 V, 0.5 V, 0.6 V]\n"
            f"kinematic_viscosity: 0.01 cm^2/s\nconcentration: 1.2 mmol/L\n{key}: {value}\n"
        )
        told = faradaic("analyze", "study.yaml", "--out", key, "--json").json
        wanted = ("electrons", 4.0) if key != "electrons" else ("diffusion_coefficient", D)
        assert found(told, wanted[0], "mean")["value"] == pytest.approx(wanted[1], rel=1e-3)


def test_rotation_rates_that_nothing_tells_are_asked_for(faradaic: Command) -> None:
    names = rotated(faradaic.folder, "lsv_{}.csv")
    asked = faradaic("analyze", *names, *SIGN)
    assert asked.code == 2
    assert "E782" in asked.err
    assert "rotation: 1600 rpm" in asked.err
    assert all(name in asked.err for name in names)
    rows = [f"  - {{file: {n}, rotation: {n[4:-4]} rpm}}" for n in names]
    (faradaic.folder / "study.yaml").write_text(
        "faradaic_study: 1\nkind: rotation\ntitle: ORR\n"
        "conditions: {scale: measured, positive_current: anodic}\nat: [0.6 V]\n"
        "sweeps:\n" + "\n".join(rows) + "\n"
    )
    told = faradaic("analyze", "study.yaml", "--json").json
    wanted = -2e-5 * np.exp(0.2 / 0.05)
    assert found(told, "kinetic_current")["value"] == pytest.approx(wanted, rel=0.01)


@pytest.mark.parametrize(
    ("kind", "said"), [("stepps", "steps"), ("rotation", "several files"), ("scan_rates", "for 1")]
)
def test_a_kind_that_does_not_fit_is_refused_by_name(
    faradaic: Command, kind: str, said: str
) -> None:
    t = np.arange(0.0, 100.0)
    table(faradaic.folder / "x.csv", t, np.full(t.size, 0.6), 1e-3 / np.sqrt(t + 1.0))
    refused = faradaic("analyze", "x.csv", "--kind", kind, *SIGN)
    assert (refused.code, "E780" in refused.err, said in refused.err) == (2, True, True)


def test_a_series_of_rates_gives_the_active_area_where_a_capacitance_is_stated(
    faradaic: Command,
) -> None:
    """2 mF at 40 µF/cm² are 50 cm²; over 2 cm² a roughness of 25."""
    E = np.concatenate([np.linspace(0.0, 0.2, 101), np.linspace(0.2, 0.0, 101)[1:]])
    names = []
    for rate in (0.01, 0.02, 0.05, 0.1):
        current_A = 2e-3 * rate * np.sign(np.gradient(E))
        t = np.arange(E.size) * 0.002 / rate
        names.append(table(faradaic.folder / f"dl_{rate}.csv", t, E, current_A))
    text = (
        "faradaic_study: 1\nkind: scan_rates\ntitle: Area\nread_as: capacitance\n"
        "conditions: {scale: measured, positive_current: anodic, area: 2 cm^2}\n"
        f"voltammograms: [{', '.join(names)}]\n"
    )
    study = faradaic.folder / "study.yaml"
    study.write_text(text)
    assert "specific_capacitance: {value: 40" in faradaic("analyze", "study.yaml").out  # asked
    stated = "specific_capacitance: {value: 40 µF/cm^2, low: 20 µF/cm^2, high: 60 µF/cm^2}\n"
    study.write_text(text + stated, encoding="utf-8")
    told = faradaic("analyze", "study.yaml", "--json").json
    area = found(told, "electrochemically_active_area")
    assert area["value"] == pytest.approx(50e-4, rel=1e-3)
    assert area["bounds"] == pytest.approx([2e-3 / 0.6, 2e-3 / 0.2], rel=1e-3)
    assert found(told, "roughness_factor")["value"] == pytest.approx(25.0, rel=1e-3)


def test_a_tafel_window_names_its_spread_and_a_short_one_is_flagged(faradaic: Command) -> None:
    """60 mV per decade that bend to 120: the windows of half the points lie between them."""
    E = np.linspace(0.0, 0.4, 401)
    log_i = np.where(E < 0.2, -6.0 + E / 0.06, -6.0 + 0.2 / 0.06 + (E - 0.2) / 0.12)
    table(faradaic.folder / "lsv.csv", np.arange(401.0), E, 10.0**log_i)
    for window, short in (("{from: 0.1 V, to: 0.3 V}", False), ("{from: 0.1 V, to: 0.14 V}", True)):
        (faradaic.folder / "study.yaml").write_text(
            "faradaic_study: 1\nkind: sweep\ntitle: Tafel\nsweep: lsv.csv\n"
            "conditions: {scale: measured, positive_current: anodic}\n"
            f"tafel: {window}\n"
        )
        told = faradaic("analyze", "study.yaml", "--json").json
        flags = found(told, "tafel_slope")["flags"]
        assert any("less than one" in flag for flag in flags) is short
        bounds = found(told, "tafel_slope_range")["bounds"]
        wanted = (0.06, 0.06) if short else (0.06, 0.12)
        assert bounds == pytest.approx(wanted, rel=1e-3)


def test_a_spectrum_has_its_relaxation_times(faradaic: Command) -> None:
    f = np.logspace(5, -2, 71)
    w = 2.0 * np.pi * f
    z = 10.0 + 50.0 / (1.0 + 1j * w * 0.1) + 30.0 / (1.0 + 1j * w * 1e-3)
    head = "frequency (Hz),Zreal (Ohm),Zimag (Ohm)"
    table(faradaic.folder / "eis.csv", f, z.real, z.imag, header=head)
    told = faradaic("analyze", "eis.csv", "--json").json
    for number, (tau, R) in enumerate(((1e-3, 30.0), (0.1, 50.0)), 1):
        at = f"peak {number}"
        assert found(told, "relaxation_time", at)["value"] == pytest.approx(tau, rel=0.1)
        assert found(told, "relaxation_resistance", at)["value"] == pytest.approx(R, rel=0.1)
    assert (faradaic.folder / "eis-results" / "tables" / "relaxation-times-impedance.csv").is_file()
