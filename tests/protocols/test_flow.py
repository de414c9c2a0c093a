"""Flow cells against I/(F·c·V̇), V/V̇ and the model of a limiting current."""

import pytest

from faradaic.diagnostics import InputError
from rigs.chemists import case

F = 96485.33212


@pytest.mark.parametrize(
    ("name", "per_pass", "duration_s", "residence_s", "conversion"),
    [
        # 135 mA, 0.1 mol/L, 20 mL, channel 3 x 0.25 x 700 mm = 0.525 mL, 4 electrons
        # and a film of 2/5 of the gap: the last of the substrate does not reach the anode.
        ("flow_0p2_mL_min", 4.1975, 6000.0, 157.5, 0.9695),
        ("flow_2_mL_min_same_plan", 0.41975, 600.0, 15.75, 0.41975 / 4),
    ],
)
def test_a_single_pass(planned, name, per_pass, duration_s, residence_s, conversion):
    plan = planned(case(name))
    flow = plan.estimates.flow
    assert flow.pass_F_per_mol == pytest.approx(per_pass, rel=1e-4)
    assert flow.pass_F_per_mol == pytest.approx(0.135 / (F * 100 * flow.rate_m3_per_s), rel=1e-12)
    assert flow.residence_time_s == pytest.approx(residence_s)
    assert flow.conversion == pytest.approx(conversion, rel=1e-3)
    assert plan.estimates.duration_s == pytest.approx(duration_s)
    assert plan.estimates.charge_F_per_mol == pytest.approx(per_pass, rel=1e-4)
    warned = [f["numbers"] for f in plan.findings if f["code"] == "M05"]
    assert len(warned) == (per_pass < 4)
    if warned:
        assert warned[0]["asked_F_per_mol"] == pytest.approx(4.2, rel=1e-3)


def test_a_single_pass_is_shared_by_its_steps(planned):
    text = case("flow_0p2_mL_min")
    step = text[text.index("  - constant_current") :]
    first = "  - constant_current: {current: 50 mA, cell_voltage_limit: 10 V, duration: 40 min}\n"
    steps = planned(text.replace(step, first + step)).steps
    assert [s.expected_duration_s for s in steps] == pytest.approx([2400, 3600])
    with pytest.raises(InputError, match="have passed at"):
        planned(text.replace(step, first.replace("40", "100") + step))


def test_recirculation_is_a_batch(planned):
    plan = planned(case("flow_2_mL_min_same_plan").replace("single_pass", "recirculating"))
    assert plan.estimates.charge_F_per_mol == pytest.approx(4.2)
    assert plan.estimates.duration_s == pytest.approx(4.2 * F * 2e-3 / 0.135)
    assert plan.estimates.flow.pass_F_per_mol == pytest.approx(0.41975, rel=1e-4)
    assert plan.estimates.flow.conversion is None


def test_a_rate_that_is_missing_is_said(planned):
    plan = planned(case("flow_0p2_mL_min").replace("rate: 0.2 mL/min, ", ""))
    assert plan.estimates.flow is None
    assert "M06" in {f["code"] for f in plan.findings}


def test_a_reservoir_holds_its_solution(planned):
    text = case("flow_0p2_mL_min").replace("single_pass", "recirculating, reservoir_volume: 10 mL")
    with pytest.raises(InputError, match="do not fit a reservoir"):
        planned(text)
    plan = planned(text.replace("10 mL", "50 mL", 1))
    (found,) = (f["numbers"] for f in plan.findings if f["code"] == "G03")
    assert found["headspace_m3"] == pytest.approx(30e-6)
