"""The plans of the library carry the numbers that were worked out by hand for their procedures.

The figures are those of the hand analysis of the three benzothiophene procedures (F = 96485.332
C/mol; 24.465 L/mol at 25 degC and 1 atm); conductivities and potentials are known within a factor
of about two, so voltages are compared as overlapping ranges.
"""

from functools import cache

import pytest

from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.protocols.plan import Estimates
from faradaic.runner.bench_file import load_bench

DIOXIDE = "benzothiophene-dioxide"
PAIRED = "arylbenzothiophene-paired"
SULFONYL = "sulfonyl-benzothiophene"


@cache
def expected(name: str, bench: str = "simulated") -> Estimates:
    return compile_protocol(load_protocol(f"library:{name}"), load_bench(bench)).estimates


@pytest.mark.parametrize(
    ("name", "F_per_mol", "coulombs", "hours", "rest_s"),
    [
        (DIOXIDE, 4.5, 86.84, 4.824, 120),
        (PAIRED, 1.2, 34.73, 1.787, 60),
        (SULFONYL, 3.0, 57.89, 1.608, 120),
    ],
)
def test_charge_and_time(
    name: str, F_per_mol: float, coulombs: float, hours: float, rest_s: float
) -> None:
    found = expected(name)
    assert found.charge_F_per_mol == pytest.approx(F_per_mol, rel=1e-6)
    assert found.charge_C == pytest.approx(coulombs, rel=1e-3)
    assert found.duration_s == pytest.approx(hours * 3600 + rest_s, rel=1e-3)


@pytest.mark.parametrize(("name", "electrons"), [(DIOXIDE, 4), (PAIRED, 1), (SULFONYL, 2)])
def test_theoretical_charge(name: str, electrons: float) -> None:
    assert expected(name).theoretical_F_per_mol == electrons


def test_densities_stand_on_every_basis_of_every_electrode() -> None:
    # 5 mA on 1.8 cm² facing, 4.98 cm² envelope, 108 cm² of fibres; 1.00 and 2.03 cm² of platinum
    densities = expected(DIOXIDE).current_density_A_per_m2
    anode, cathode = ({k: v / 10 for k, v in densities[e].items()} for e in ("anode", "cathode"))
    assert anode == pytest.approx({"facing": 2.778, "envelope": 1.004, "wetted": 0.0463}, rel=1e-3)
    assert cathode == pytest.approx({"facing": 5.0, "envelope": 2.463}, rel=1e-3)


def test_the_dioxide_cell_drops_5_to_11_volts_in_its_solution() -> None:
    # R 1000 to 2200 ohm, 5 to 11 V, cell voltage about 7 to 14 V
    found = expected(DIOXIDE)
    assert found.resistance_ohm == pytest.approx((1000, 2200), rel=0.15)
    assert found.ohmic_drop_V == pytest.approx((5, 11), rel=0.15)
    assert found.cell_voltage_V == pytest.approx((7, 14), rel=0.06)


def test_the_sulfonyl_cell_needs_about_4_volts() -> None:
    # 145 ohm and 1.45 V at 10 mA (25 degC), beside 2.5 ± 0.5 V for the electrodes
    found = expected(SULFONYL)
    assert found.resistance_ohm is not None
    assert found.cell_voltage_V is not None
    low, high = found.resistance_ohm
    assert low < 145 < high
    assert (low * high) ** 0.5 == pytest.approx(145, rel=0.05)
    assert found.cell_voltage_V == pytest.approx((2 + 1.45 / 1.2, 3 + 1.45 * 1.2), abs=0.25)


def test_the_paired_cell_needs_2_5_to_4_volts() -> None:
    found = expected(PAIRED).cell_voltage_V
    assert found is not None
    assert found[0] == pytest.approx(2.5, abs=0.3)
    assert found[0] < sum(found) / 2 < 4.2


def test_limiting_currents_span_the_film_thickness_and_the_area_basis() -> None:
    # hydrazide, z = 4, D = 5e-6 cm²/s, 200 µm: 1.9 mA/cm², on 1.8 cm² facing and 4.98 cm² around
    found = expected(DIOXIDE).limiting_current_A
    assert found is not None
    assert found[0] < 1.9e-3 * 1.8 < 5e-3 < 1.9e-3 * 4.98 < found[1]


@pytest.mark.parametrize(
    ("name", "F_per_mol", "conversion", "tolerance"),
    [(SULFONYL, 2, 0.66, 0.005), (SULFONYL, 3, 0.80, 0.005), (DIOXIDE, 4, 0.84, 0.06)],
)
def test_conversion_against_charge(
    name: str, F_per_mol: float, conversion: float, tolerance: float
) -> None:
    curve = expected(name).conversion
    nearest = min(curve, key=lambda point: abs(point[0] - F_per_mol))
    assert nearest[0] == pytest.approx(F_per_mol, abs=0.1)
    assert nearest[1] == pytest.approx(conversion, abs=tolerance)


@pytest.mark.parametrize(
    ("name", "gas", "mL_per_theoretical_charge"),
    [(DIOXIDE, "H2", 9.8), (DIOXIDE, "N2", 4.9), (PAIRED, "N2", 7.3), (SULFONYL, "H2", 4.9)],
)
def test_gas_volumes(name: str, gas: str, mL_per_theoretical_charge: float) -> None:
    found = expected(name)
    assert found.charge_F_per_mol is not None
    assert found.theoretical_F_per_mol is not None
    # hydrogen goes on with the charge; nitrogen comes from the substrate and ends with it
    share = found.theoretical_F_per_mol / found.charge_F_per_mol if gas == "H2" else 1.0
    assert found.gas_m3[gas] * share * 1e6 == pytest.approx(mL_per_theoretical_charge, abs=0.06)


@pytest.mark.parametrize(("name", "mW"), [(DIOXIDE, 50), (SULFONYL, 45)])
def test_heat_is_a_band_around_current_times_voltage(name: str, mW: float) -> None:
    found = expected(name).heat_W
    assert found is not None
    assert found[0] < mW / 1000 < found[1]


def test_every_number_that_rests_on_a_model_says_which() -> None:
    notes = " ".join(expected(DIOXIDE).notes)
    for word in ("resistance:", "HFIP", "cell voltage:", "limiting current:", "diffusion layer"):
        assert word in notes


def test_a_source_that_is_too_weak_puts_the_duration_in_doubt() -> None:
    assert any(
        "reaches 6 V only" in note for note in expected(DIOXIDE, "simulated-emstat4-hr").notes
    )


def test_an_electrolysis_at_constant_potential_has_no_invented_current() -> None:
    found = expected("co2-electrolysis-ag25", "simulated-emstat4-hr")
    assert found.ohmic_drop_V is None
    assert found.cell_voltage_V is None
    assert found.heat_W is None
    assert found.conversion == ()
    assert found.current_density_A_per_m2 == {}
    assert any("no step has a constant current" in note for note in found.notes)
