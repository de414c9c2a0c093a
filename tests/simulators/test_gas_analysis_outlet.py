"""What flow meter and gas chromatograph make of the gas that leaves the cell."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from faradaic.chemistry.gases import NORMAL, ReferenceState
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.contracts import Control
from faradaic.simulators.gas_analysis import (
    GasChromatograph,
    GasLine,
    GasRecord,
    SimulatedFlowMeter,
    analyse_outlet,
)
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell
from faradaic.simulators.gas_diffusion.gas_stream import SPECIES, GasStream
from faradaic.simulators.rehearsed_co2_study import cell_description

SCCM = NORMAL.sccm_mol_per_s
QUIET_PPM = dict.fromkeys(SPECIES, 1e-9)
EXACT = {"calibration_error": 0.0, "repeatability": 0.0, "detection_limit_ppm": QUIET_PPM}
COUNTS_MOLES = {"calibrated_for": None, "saturated_at_K": None}
IDEAL_METER = SimulatedFlowMeter(calibration_error=0.0, noise=0.0, **COUNTS_MOLES)
NO_LINE = GasLine(plug_volume_m3=0.0, mixed_volume_m3=0.0)


def switched(seconds: int, at: int, flow_sccm: float = 20.0) -> tuple[np.ndarray, GasStream]:
    """One reading a second: CO2, and 1 % of CO from a time on."""
    time_s = np.arange(float(seconds))
    co = np.where(time_s >= at, 0.01, 0.0) * flow_sccm * SCCM
    return time_s, GasStream(CO2=flow_sccm * SCCM - co, CO=co)


def test_a_standard_cubic_centimetre_depends_on_its_standard() -> None:
    # p V/(R T): 7.435839e-7 mol/s at 0 degC and 1 atm, 7.338602e-7 at 1 bar, 6.812341e-7 at 25 degC
    assert NORMAL.sccm_mol_per_s == pytest.approx(7.435839e-7, rel=1e-6)
    assert ReferenceState(273.15, 1e5).sccm_mol_per_s == pytest.approx(7.338602e-7, rel=1e-6)
    assert ReferenceState(298.15).sccm_mol_per_s == pytest.approx(6.812341e-7, rel=1e-6)


def test_a_narrow_tube_delays_by_its_volume_over_the_flow() -> None:
    time_s, stream = switched(300, 100)
    line = GasLine(plug_volume_m3=10e-6, mixed_volume_m3=0.0)
    co = line.carry(time_s, stream)["CO"]
    per_volume = line.pressure_Pa / (GAS_CONSTANT_J_PER_MOL_K * line.temperature_K)
    delay_s = 10e-6 * per_volume / (20 * SCCM)
    assert delay_s == pytest.approx(27.5, abs=0.1)
    assert np.interp(0.005, co, time_s) == pytest.approx(99.5 + delay_s, abs=0.05)
    assert co[-1] == pytest.approx(0.01, rel=1e-12)


def test_a_mixed_volume_answers_a_step_as_one_minus_exp() -> None:
    time_s, stream = switched(600, 100)
    line = GasLine(plug_volume_m3=0.0, mixed_volume_m3=20e-6)
    co = line.carry(time_s, stream)["CO"]
    per_volume = line.pressure_Pa / (GAS_CONSTANT_J_PER_MOL_K * line.temperature_K)
    time_constant_s = 20e-6 * per_volume / (20 * SCCM)
    expected = 0.01 * -np.expm1(-(time_s - 99.0) / time_constant_s)
    assert co[100:] == pytest.approx(expected[100:], rel=1e-9)
    assert (co[:100] == 0.0).all()


def test_no_gas_is_lost_on_its_way() -> None:
    time_s, stream = switched(2000, 100, flow_sccm=40.0)
    pulse = stream._replace(CO=np.where(time_s < 200, stream.CO, 0.0), CO2=40 * SCCM - stream.CO)
    arrived = GasLine().carry(time_s, pulse)
    total = pulse.total_mol_per_s
    assert np.sum(arrived["CO"] * total) == pytest.approx(np.sum(pulse.CO), rel=1e-3)
    assert sum(arrived[s] for s in SPECIES) == pytest.approx(np.ones(2000), rel=1e-12)


def test_injections_come_in_their_period_and_see_the_past() -> None:
    time_s, stream = switched(5000, 1190)
    chromatograph = GasChromatograph(**EXACT)
    record = analyse_outlet(time_s, stream, seed=0, chromatograph=chromatograph)
    assert list(record.time_s) == [1200.0, 2400.0, 3600.0, 4800.0]
    assert math.isnan(record.ppm["CO"][0])  # it changed 10 s ago; the line holds 80 s of gas
    assert record.ppm["CO"][1:] == pytest.approx([1e4] * 3, rel=1e-6)


def detected(ppm: float, **changes: Any) -> np.ndarray:
    chromatograph = GasChromatograph(detection_limit_ppm={"CO": 10.0}, **changes)
    found = chromatograph.inject(dict.fromkeys(SPECIES, np.full(40000, ppm * 1e-6)), seed=1)
    assert list(found) == ["CO"]
    return found["CO"]


def normal_below(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


@pytest.mark.parametrize("ppm", [0.0, 2.0, 5.48, 9.99, 10.01, 20.0])
def test_detection_near_the_limit_is_a_probability(ppm: float) -> None:
    # a limit of three sigma; the peak is found above 1.645 sigma (Currie, Anal. Chem. 1968, 40,
    # 586): 5 % of blanks, half at 5.48 ppm, 91 % at the limit; half of a blank's areas are below 0
    signal = ppm / (10 / 3)
    expected = normal_below(signal - 1.645) * normal_below(signal)
    seen = np.isfinite(detected(ppm)).mean()
    assert seen == pytest.approx(expected, abs=4 * math.sqrt(0.25 / 40000))


def test_at_a_limit_of_three_sigma_a_third_is_scatter() -> None:
    for ppm in (9.99, 10.01):
        found = detected(ppm)
        assert np.nanstd(found) / np.nanmean(found) == pytest.approx(1 / 3, abs=0.02)
        assert 0.02 < np.isnan(found).mean() < 0.15
    far = detected(2000.0, calibration_error=0.0)
    assert np.nanstd(far) / np.nanmean(far) == pytest.approx(0.01, rel=0.03)  # its repeatability
    assert np.isfinite(far).all()


def test_what_is_not_found_is_missing_not_zero() -> None:
    found = detected(5.0)
    assert np.isnan(found).any()
    assert (found[np.isfinite(found)] > 0).all()


def test_calibration_is_one_factor_and_repeatability_scatters() -> None:
    chromatograph = GasChromatograph(
        calibration_error=0.05, repeatability=0.01, detection_limit_ppm=QUIET_PPM
    )
    many = dict.fromkeys(SPECIES, np.full(4000, 1e-3))
    ratios = [chromatograph.inject(many, seed=s)["CO"] / 1000.0 for s in range(60)]
    assert np.mean([r.std() / r.mean() for r in ratios]) == pytest.approx(0.01, rel=0.02)
    assert np.std([r.mean() for r in ratios]) == pytest.approx(0.05, rel=0.3)
    again = chromatograph.inject(many, seed=1)["CO"] / 1000.0
    assert (again == ratios[1]).all()
    next_record = chromatograph.inject(many, seed=1, record=1)["CO"] / 1000.0
    assert (next_record != ratios[1]).all()
    assert next_record.mean() == pytest.approx(ratios[1].mean(), rel=1e-3)


def test_a_flow_beyond_the_meter_is_missing() -> None:
    meter = replace(IDEAL_METER, range_sccm=50.0)
    read = meter.read(GasStream(CO2=np.array([20 * SCCM, 60 * SCCM])), seed=0)
    assert read[0] == pytest.approx(20.0)
    assert math.isnan(read[1])


def test_a_meter_of_another_standard_reads_another_number_for_the_same_gas() -> None:
    meter = replace(IDEAL_METER, standard=ReferenceState(298.15))
    gas = GasStream(CO2=np.array([20 * SCCM]))
    assert meter.read(gas, seed=0)[0] == pytest.approx(20 * 298.15 / 273.15)


@pytest.mark.parametrize(
    ("calibrated_for", "saturated_at_K", "shown"),
    [
        # half CO2, half CO: K = 0.743 and 1.001 of nitrogen (Teledyne Hastings, 200 series), and
        # 1/K of a mixture is the mean of 1/K
        ("N2", None, 0.5 / 0.743 + 0.5 / 1.001),
        ("CO2", None, 0.5 + 0.5 * 0.743 / 1.001),
        # water of 3169.9 Pa at 25 degC (IAPWS-IF97): x/(1 - x) = 3.229 % of the dry gas
        (None, 298.15, 1.03229),
        ("CO2", 298.15, 0.5 + 0.5 * 0.743 / 1.001 + 0.03229 * 0.743 / 0.867),
    ],
)
def test_a_thermal_meter_shows_other_gases_by_their_factors(
    calibrated_for: str | None, saturated_at_K: float | None, shown: float
) -> None:
    meter = replace(IDEAL_METER, calibrated_for=calibrated_for, saturated_at_K=saturated_at_K)
    gas = GasStream(CO2=np.array([10 * SCCM]), CO=np.array([10 * SCCM]))
    assert meter.read(gas, seed=0)[0] == pytest.approx(20 * shown, rel=2e-5)
    found = {"CO": np.array([5e5])}
    record = GasRecord(np.zeros(1), found, meter.read(gas, seed=0), meter)
    assert record.flow_mol_per_s()[0] == pytest.approx(20 * SCCM, rel=1e-12)


def test_a_partial_current_follows_from_fraction_and_flow() -> None:
    # 5000 ppm of CO in 20 sccm (0 degC) at 50 mA is a faradaic efficiency of 0.286980; 0.262916
    # if the sccm are those of 25 degC
    for standard, expected in ((NORMAL, 0.286980), (ReferenceState(298.15), 0.262916)):
        meter = replace(IDEAL_METER, standard=standard)
        record = GasRecord(np.zeros(1), {"CO": np.array([5000.0])}, np.array([20.0]), meter)
        assert record.partial_current_A("CO", 2)[0] / 0.050 == pytest.approx(expected, abs=1e-6)


def test_an_internal_standard_tells_the_outlet_flow_without_a_meter() -> None:
    time_s, stream = switched(2000, 0)
    no_meter = SimulatedFlowMeter(range_sccm=1.0)
    record = analyse_outlet(
        time_s,
        stream,
        seed=3,
        meter=no_meter,
        chromatograph=GasChromatograph(**EXACT),
        internal_standard_mol_per_s=5 * SCCM,
    )
    assert record.flow_mol_per_s()[0] == pytest.approx(25 * SCCM, rel=1e-9)
    assert math.isnan(record.outlet_sccm[0])
    true_A = 2 * 96485.33212 * stream.CO[-1]
    assert record.partial_current_A("CO", 2)[0] == pytest.approx(true_A, rel=1e-9)


def test_the_flow_at_the_inlet_overstates_faradaic_efficiencies() -> None:
    # 1 A in 50 sccm of CO2, hydroxide leaving as carbonate through the membrane: outlet about
    # 43 sccm, 16 % too much (1 A is 6.969 sccm of CO, and of CO2 to carbonate)
    cell = GasDiffusionCell.from_mapping(
        cell_description(
            "au25",
            area_m2=1e-3,
            resistance_ohm=0.2,
            electrolyte={"hydroxide_mol_per_m3": 1e-3, "bicarbonate_mol_per_m3": 10.0},
            feed={"species": "CO2", "flow_mol_per_s": 50 * SCCM},
        )
    )
    trace = cell.run(Control.CURRENT, np.full(1500, -1.0), 1.0)
    record = analyse_outlet(
        trace.time_s,
        trace.outlet,
        seed=0,
        meter=IDEAL_METER,
        chromatograph=GasChromatograph(**EXACT),
    )
    fe = record.partial_current_A("CO", 2)[0]
    trap = record.partial_current_A("CO", 2, flow_mol_per_s=50 * SCCM)[0]
    assert record.outlet_sccm[0] == pytest.approx(43.0, abs=0.6)
    # what hydrogen's hydroxide meets of CO2 is less by what of it is left, and H2 comes beside
    lost = 6.969 * (fe - (1 - 1e-6 * record.ppm["CO2"][0]) * (1 - fe))
    assert trap / fe == pytest.approx(50 / (50 - lost), rel=2e-3)
    assert 1.145 < trap / fe < 1.165
    assert fe == pytest.approx(trace.co_A[1199], rel=2e-3)
    hydrogen = record.partial_current_A("H2", 2)[0]
    assert fe + hydrogen == pytest.approx(1.0, abs=1e-3)
    assert trap + hydrogen * trap / fe > 1.14  # the sum gives the mistake away


@pytest.mark.parametrize(
    "make",
    [
        lambda: GasLine(plug_volume_m3=-1e-6),
        lambda: GasChromatograph(period_s=0.0),
        lambda: GasChromatograph(detection_limit_ppm={"CH5": 1.0}),
        lambda: analyse_outlet(*switched(100, 50), seed=0),
        lambda: analyse_outlet(
            *switched(2000, 50),
            seed=0,
            chromatograph=GasChromatograph(detection_limit_ppm={"CO": 10.0}),
            internal_standard_mol_per_s=SCCM,
        ),
        lambda: NO_LINE.carry(np.arange(3.0), GasStream(CO2=np.zeros(3))),
    ],
)
def test_an_analysis_that_cannot_be_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InputError, match="E563"):
        make()
