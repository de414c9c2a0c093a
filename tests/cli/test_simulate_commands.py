"""`faradaic simulate`: the numbers, the files, the mark, and what is refused."""

import math

import numpy as np
import pytest

F, R, T = 96485.33212, 8.314462618, 298.15


def randles_sevcik_A(area_m2, D, amount, rate):
    return 0.446294694845 * F * area_m2 * amount * math.sqrt(D * F * rate / (R * T))


def table(path):
    lines = path.read_text().splitlines()
    head = [line for line in lines if line.startswith("#")]
    names = lines[len(head)].split(",")
    rows = np.loadtxt(lines[len(head) + 1 :], delimiter=",")
    return head, dict(zip(names, rows.T, strict=True))


def test_the_default_is_a_ferrocene_voltammogram_oxidised_first(faradaic):
    done = faradaic("simulate", "cv", "--planar", "--k0", "inf", "--json")
    assert done.code == 0
    found = done.json
    assert found["simulated"] is True
    assert found["engine"] == "semi_integral"
    expected_A = randles_sevcik_A(math.pi * 1.5e-3**2, 2.4e-9, 1.0, 0.1)
    assert found["peaks"]["anodic"]["current_A"] == pytest.approx(expected_A, rel=2e-4)
    assert found["peaks"]["anodic"]["potential_V"] == pytest.approx(0.0284918, abs=5e-5)
    assert found["points"] == len(found["columns"]["current_A"]) == 1200
    assert found["columns"]["current_A"][300] > 0.0


def test_quantities_are_read_with_their_units(faradaic):
    done = faradaic(
        "simulate", "lsv", "--mechanism", "A + e = B", "--rate", "1 V/s", "--concentration",
        "2 mM", "--diffusion", "A=1e-5 cm^2/s", "--diffusion", "B=1e-5 cm^2/s", "--diameter",
        "1 mm", "--k0", "inf", "--E0", "-200 mV", "--planar", "--json",
    )  # fmt: skip
    peak = done.json["peaks"]["cathodic"]
    expected_A = randles_sevcik_A(math.pi * 0.5e-3**2, 1e-9, 2.0, 1.0)
    assert -peak["current_A"] == pytest.approx(expected_A, rel=2e-4)
    assert peak["potential_V"] == pytest.approx(-0.2284918, abs=5e-5)


@pytest.mark.long
def test_files_say_simulated_and_are_not_written_over(faradaic):
    first = faradaic(
        "simulate", "cv", "--csv", "cv.csv", "--figure", "cv.svg", "--mechanism",
        "A + e = B; B -> C", "--rate-constant", "2.5",
    )  # fmt: skip
    assert first.code == 0
    assert first.out.startswith("SIMULATED")
    head, columns = table(faradaic.folder / "cv.csv")
    assert head[0].startswith("# SIMULATED")
    assert any("A + e = B; B -> C" in line for line in head)
    assert list(columns) == ["time_s", "potential_V", "current_A"]
    assert len(columns["time_s"]) == 1200
    assert "SIMULATED" in (faradaic.folder / "cv.svg").read_text()
    again = faradaic("simulate", "cv", "--csv", "cv.csv")
    assert again.code == 2
    assert "E702" in again.err
    figure = faradaic("simulate", "cv", "--figure", "cv.pdf")
    assert (figure.code, "cv.png" in figure.err) == (2, True)


def test_a_step_gives_the_current_of_cottrell(faradaic):
    done = faradaic(
        "simulate", "ca", "--planar", "--duration", "2 s", "--csv", "ca.csv", "--k0", "inf"
    )
    assert done.code == 0
    _, columns = table(faradaic.folder / "ca.csv")
    expected_A = F * math.pi * 1.5e-3**2 * np.sqrt(2.4e-9 / (math.pi * columns["time_s"]))
    assert columns["current_A"][10:] == pytest.approx(expected_A[10:], rel=2e-3)


@pytest.mark.long
def test_a_constant_current_ends_before_the_transition_time_and_not_after(faradaic):
    done = faradaic("simulate", "cp", "--figure", "cp.png", "--json")
    assert done.code == 0
    assert (faradaic.folder / "cp.png").read_bytes().startswith(b"\x89PNG")
    beyond = faradaic("simulate", "cp", "--current", "100 µA", "--duration", "5 s")
    assert beyond.code == 2
    assert "E545" in beyond.err


def test_a_spectrum_has_the_values_of_the_randles_circuit(faradaic):
    # A = 0.0706858 cm², k0 = 0.01 cm/s, 1 mM each, D = 1e-5 cm²/s, 100 Ω, 20 µF/cm²: closed form
    done = faradaic(
        "simulate", "eis", "--from", "100 kHz", "--to", "10 mHz", "--per-decade", "1", "--json"
    )
    columns = done.json["columns"]
    assert columns["frequency_Hz"] == pytest.approx([1e5, 1e4, 1e3, 100, 10, 1, 0.1, 0.01])
    assert columns["impedance_real_ohm"] == pytest.approx(
        [100.003, 100.330, 128.611, 447.236, 666.127, 1136.323, 2592.675, 7189.326], rel=1e-5
    )
    assert columns["impedance_imaginary_ohm"] == pytest.approx(
        [-1.126, -11.242, -102.957, -192.634, -237.684, -677.717, -2126.917, -6721.537], rel=5e-4
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("cv", "--mechanism", "A + e = B: B -> C"), "E541"),
        (("cv", "--mechanism", "A + e = B; B -> C"), "E542"),
        (("cv", "--k0", "1 cm"), "E105"),
        (("cv", "--k0", "-1 cm/s"), "E111"),
        (("cv", "--step", "50 mV"), "E544"),
        (("cv", "--rate", "0 V/s"), "E111"),
        (("cv", "--concentration", "X=1 mM"), "E542"),
        (("cv", "--mechanism", "A + e = B; B -> C", "--rate-constant", "fast"), "E704"),
        (("eis", "--mechanism", "A + e = B; B -> C"), "E704"),
        (("eis", "--per-decade", "0"), "E704"),
        (("cv", "--diffusion", "Fc=1e-5 cm^2/s"), "E542"),
    ],
)
def test_what_cannot_be_simulated_is_refused_with_a_reason(faradaic, arguments, code):
    done = faradaic("simulate", *arguments, "--json")
    assert done.code == 2
    assert code in done.err
    assert done.json["ok"] is False
    assert done.json["diagnostics"][0]["help"]


def test_help_names_every_experiment_and_its_options(faradaic):
    done = faradaic("simulate", "--help")
    assert done.code == 0
    for name in ("cv", "lsv", "ca", "cp", "eis"):
        assert f"  {name} " in done.out
    words = " ".join(faradaic("simulate", "cv", "--help").out.split())
    for option in (
        "--mechanism",
        "--rate ",
        "--from",
        "--to",
        "--rate-constant",
        "--csv",
        "--json",
    ):
        assert option in words
    assert "Uncompensated" in words
