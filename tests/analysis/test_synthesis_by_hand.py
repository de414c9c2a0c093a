"""Metrics of a synthesis against numbers worked out by hand."""

import numpy as np
import pytest

from faradaic.analysis import synthesis
from faradaic.analysis.efficiency import conversion
from faradaic.analysis.electrical import delivered_charge
from faradaic.analysis.integration import find_intervals
from faradaic.diagnostics import InputError
from faradaic.records.run import load_run
from faradaic.results import Result, missing
from faradaic.timeseries import BookedCharge, TimeSeries

F = 96485.33212


def efficiency(value=0.8, random=0.02):
    return Result("faradaic_efficiency", value, "1", "given", random=random, systematic=0.01)


def test_conversion_is_what_is_gone_over_what_there_was():
    assert conversion(0.2e-3, 1e-3).value == pytest.approx(0.8)
    assert conversion(1.1e-3, 1e-3).flags
    assert conversion(None, 1e-3).value is None


def test_alternating_polarity_gives_gross_net_and_each_direction(closed_form_run):
    # 600 s anodic, then 400 s cathodic, of 5 mA: 3 C and 2 C
    def gross(t):
        return 5e-3 * t

    def net(t):
        return 5e-3 * (t if t <= 600 else 1200 - t)

    run = load_run(
        closed_form_run(
            current=lambda t: 5e-3 if t < 600 else -5e-3, gross=gross, net=net, duration_s=1000.0
        )
    )
    series = run.time_series()
    found = synthesis.directional_charge(*delivered_charge(series, find_intervals(series)))
    assert found.gross.value == pytest.approx(5.0)
    assert found.net.value == pytest.approx(1.0)
    assert found.anodic.value == pytest.approx(3.0)
    assert found.cathodic.value == pytest.approx(2.0)


def test_net_above_gross_is_flagged_and_an_unknown_charge_stays_unknown():
    known = Result("charge_gross", 1.0, "C", "given")
    odd = synthesis.directional_charge(known, Result("charge_gross", 2.0, "C", "given"))
    assert "not of one run" in odd.cathodic.flags[0]
    assert odd.cathodic.value == -0.5  # not clipped
    gone = synthesis.directional_charge(missing("charge_gross", "C", "", "no current"), known)
    assert gone.anodic.value is None
    assert gone.anodic.reason == "no current"


def test_energy_of_carbon_monoxide_and_its_carbon():
    # 2·96485.33·3 V/(0.9·0.02801 kg/mol)/3.6e6 = 6.3791 kWh/kg
    found = synthesis.energy_per_mass(
        3.0, efficiency(0.9, 0.018), electrons=2, molar_mass_kg_per_mol=0.02801
    )
    assert found.value == pytest.approx(6.3791, rel=1e-4)
    assert found.random == pytest.approx(0.02 * found.value)
    carbon = synthesis.carbon_of_electricity(found, 0.4, grid="made up for this test")
    assert carbon.value == pytest.approx(2.5516, rel=1e-4)
    assert "made up" in carbon.basis
    assert synthesis.carbon_of_electricity(found, None).value is None
    with pytest.raises(InputError, match="kWh/kg"):
        synthesis.carbon_of_electricity(Result("energy_per_amount", 1.0, "kWh/mol", ""), 0.4)


def test_energy_efficiency_is_voltage_efficiency_times_faradaic_efficiency():
    # CO2 -> CO + ½ O2: 1.33 V; 0.9·1.33/3.0
    found = synthesis.energy_efficiency(efficiency(0.9), 1.33, 3.0)
    assert found.value == pytest.approx(0.399)
    assert synthesis.energy_efficiency(efficiency(), None, 3.0).value is None
    odd = synthesis.energy_efficiency(efficiency(), 1.33, 1.2)
    assert "below that of equilibrium" in odd.flags[0]


def test_the_e_factor_names_what_it_counted():
    inputs = {"substrate": 1.0, "electrolyte": 2.0, "solvent": 20.0}
    found = synthesis.e_factor(inputs, 0.8, recovered_kg={"solvent": 18.0})
    assert found.value == pytest.approx((23.0 - 18.0 - 0.8) / 0.8)
    assert found.basis == "counted: substrate, electrolyte, solvent; recovered: solvent"
    assert synthesis.e_factor({"substrate": 0.5}, 0.8).flags
    assert synthesis.e_factor(inputs, None).value is None
    with pytest.raises(InputError, match="recovered"):
        synthesis.e_factor(inputs, 0.8, recovered_kg={"water": 1.0})


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_what_cannot_be_is_refused(bad):
    with pytest.raises(InputError, match="E797"):
        synthesis.carbon_of_electricity(
            missing("energy", "kWh/kg", "", ""), -1.0 if bad == 0.0 else bad
        )


def test_readings_without_a_current_have_no_charge_rather_than_none_of_it():
    """As of differential pulses, of which an instrument tells the difference of two currents."""
    series = TimeSeries(
        np.arange(5.0),
        np.full(5, np.nan),
        np.full(5, np.nan),
        np.linspace(0.0, 1.0, 5),
        charge_gross_C=np.zeros(5),
        charge_net_C=np.zeros(5),
        output_on_s=np.array([[0.0, 4.0]]),
        booked=BookedCharge(0.0, 0.0, 0.0, 0.08),
        ended=True,
    )
    for one in delivered_charge(series, find_intervals(series)):
        assert one.value is None
        assert "at most 0.08 C" in one.reason
