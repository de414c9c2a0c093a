"""Faults of leads, meter and wire show in the readings as their symptom: the whole bench runs."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.bench_file import load_bench
from faradaic.runner.host import InlineHost
from faradaic.runner.states import RunState
from faradaic.simulators.faults import catalogue
from rigs.faults import (
    AMOUNT_MOL,
    CURRENT_4,
    CURRENT_A,
    EMSTAT,
    POTENTIAL,
    REST,
    START_S,
    extra_voltage,
    rehearse,
)

OXIDATION = ("working", "oxidation")

# The leads ----------------------------------------------------------------------------------------


def test_a_film_adds_its_volts_per_charge_from_its_start_on():
    extra_V, run = extra_voltage("film:start=60 s,rate=30 V/F")
    before = run.time_s < START_S
    assert np.abs(extra_V[before]).max() < 1e-3
    per_mol = run.charge_C[~before] / (FARADAY_C_PER_MOL * AMOUNT_MOL)
    slope_V = np.polyfit(per_mol, extra_V[~before], 1)[0]
    assert slope_V == pytest.approx(30.0, rel=0.02)


def test_a_film_that_starts_at_a_charge_starts_there():
    extra_V, run = extra_voltage("film:start=0.05 F/mol,rate=30 V/F")
    start_C = 0.05 * FARADAY_C_PER_MOL * AMOUNT_MOL
    assert np.abs(extra_V[run.charge_C < start_C - 0.02]).max() < 1e-3
    assert extra_V[run.charge_C > start_C + 0.05].min() > 0.01


def test_a_film_that_needs_more_than_the_source_has_trips_with_the_output_off():
    run = rehearse("film:start=60 s,rate=600 V/F")
    assert run.result.outcome is RunState.TRIPPED
    assert run.result.exit_code == 4
    assert run.result.output.on is False
    assert "cell voltage reached 15 V" in run.result.stop_reason
    assert run.voltage_V[-1] >= 15.0
    assert (run.voltage_V[:-1] < 15.0).all()


def test_a_fresh_sacrificial_anode_needs_its_extra_voltage_once():
    extra_V, run = extra_voltage("activation:resistance=300 Ohm,charge=0.02F/mol")
    charge_C = 0.02 * FARADAY_C_PER_MOL * AMOUNT_MOL
    expected_V = 3.0 * np.exp(-run.charge_C / charge_C)
    assert extra_V[1:] == pytest.approx(expected_V[1:], abs=0.1)


def test_a_bad_contact_adds_its_ohmic_drop():
    extra_V, run = extra_voltage("contact:start=60 s,resistance=50 Ohm")
    assert extra_V[run.time_s > START_S + 2.5] == pytest.approx(50.0 * CURRENT_A, abs=2e-3)


def test_a_short_collapses_the_voltage_while_the_current_is_held():
    run = rehearse("short:start=60 s,resistance=1 Ohm").after()
    assert run.current_A == pytest.approx(CURRENT_A, rel=1e-3)
    assert run.voltage_V == pytest.approx(1.0 * CURRENT_A, abs=1e-3)


def test_charge_through_a_short_makes_no_product():
    run = rehearse("short:start=60 s,resistance=1 Ohm")
    made_C = sum(r.charge_C for r in run.cell.ledger().reactions if r.electrode == "working")
    assert made_C == pytest.approx(START_S * CURRENT_A, rel=0.1)
    assert run.result.charge_gross_C == pytest.approx(180 * CURRENT_A, rel=0.02)


def test_a_fibre_collapses_the_voltage_now_and_then():
    run = rehearse("fibre:start=60 s,every=10 s,lasting=3 s").after()
    collapsed = run.voltage_V < 0.3
    assert 0.05 < collapsed.mean() < 0.6
    assert np.count_nonzero(np.diff(collapsed.astype(int)) == 1) >= 3
    assert run.current_A == pytest.approx(CURRENT_A, rel=1e-3)


def test_a_dendrite_lowers_the_voltage_bit_by_bit():
    extra_V, run = extra_voltage("dendrite:start=60 s,resistance=100 Ohm,charge=0.1F/mol")
    after = extra_V[run.time_s > START_S + 1]
    assert after[-1] < -0.2
    assert np.diff(after).max() < 2e-3


def test_an_open_lead_stops_the_current_and_trips():
    run = rehearse("open_lead:start=60 s")
    assert run.result.outcome is RunState.TRIPPED
    assert run.result.exit_code == 4
    assert run.result.output.on is False
    assert abs(run.current_A[-1]) < 0.05 * CURRENT_A
    assert 15.0 <= run.voltage_V[-1] <= 15.35 * 1.01  # where the source itself stands


def test_a_loose_lead_comes_back():
    run = rehearse("loose_lead:start=60 s,every=15 s,lasting=1.5 s", steps=POTENTIAL, bench=EMSTAT)
    end = run.after()
    lost = end.current_A < 0.05 * np.median(end.current_A)
    assert run.result.outcome is RunState.COMPLETED
    assert np.count_nonzero(np.diff(lost.astype(int)) == 1) >= 2


def test_a_loose_lead_takes_a_held_current_to_its_voltage_limit():
    run = rehearse("loose_lead:start=60 s,every=15 s,lasting=1.5 s")
    assert run.result.outcome is RunState.TRIPPED
    assert run.current_A[-1] < 0.05 * CURRENT_A
    assert run.voltage_V[-1] >= 15.0


def test_exchanged_leads_oxidise_at_the_other_electrode():
    run = rehearse("swapped_leads")
    ledger = run.cell.ledger()
    oxidised = [r for r in ledger.reactions if (r.electrode, r.direction) == OXIDATION]
    assert run.result.charge_gross_C > 0.0
    assert ledger.charge_C == pytest.approx(-run.result.charge_gross_C, rel=0.05, abs=0.02)
    assert sum(r.charge_C for r in oxidised) < 0.01 * run.result.charge_gross_C + 1e-3


# The reference electrode --------------------------------------------------------------------------


def test_a_drifting_reference_moves_the_potential_of_a_resting_cell():
    options = {"steps": REST, "bench": EMSTAT}
    plain, run = rehearse(**options), rehearse("reference_drift:rate=30 mV/min", **options)
    slope_V_per_s = np.polyfit(run.time_s, run.potential_V - plain.potential_V, 1)[0]
    assert slope_V_per_s == pytest.approx(0.030 / 60.0, rel=0.02)


def test_a_drifting_reference_takes_the_current_of_a_potentiostat_with_it():
    options = {"steps": POTENTIAL, "bench": EMSTAT}
    plain, run = rehearse(**options), rehearse("reference_drift:rate=100 mV/min", **options)
    assert run.potential_V == pytest.approx(plain.potential_V, abs=2e-3)
    assert run.current_A[-1] < 0.9 * plain.current_A[-1]


def test_a_clogged_reference_is_noisy_and_shifted():
    options = {"steps": REST, "bench": EMSTAT}
    fault = "reference_clog:start=60 s,offset=30 mV,noise=10 mV"
    plain, run = rehearse(**options).after(), rehearse(fault, **options).after()
    moved_V = run.potential_V - plain.potential_V
    assert moved_V.mean() == pytest.approx(0.030, abs=5e-3)
    assert moved_V.std() == pytest.approx(0.010, rel=0.25)


def test_a_potentiostat_without_its_reference_goes_to_its_rail_and_trips_with_the_output_off():
    options = {"steps": POTENTIAL, "bench": EMSTAT}
    plain, run = rehearse(**options), rehearse("reference_open:start=60 s", **options)
    adrift = run.after()
    assert plain.result.outcome is RunState.COMPLETED
    assert not plain.flags.any()
    assert plain.potential_V == pytest.approx(1.5, abs=2e-3)
    assert adrift.current_A.max() > 1.5 * plain.after().current_A.max()
    assert (adrift.flags.astype(int) & 1).all()
    assert np.abs(adrift.potential_V - 1.5).min() > 0.03
    assert run.result.outcome is RunState.TRIPPED
    assert run.result.exit_code == 4
    assert run.result.output.on is False
    assert run.result.duration_s < START_S + 6.0


# The meter ----------------------------------------------------------------------------------------


def test_a_stuck_converter_repeats_itself_to_the_last_digit():
    run = rehearse("stuck:start=60 s").after()
    assert np.unique(run.voltage_V).size == 1
    assert np.unique(rehearse().after().voltage_V).size > 50


def test_noise_grows_by_its_factor():
    plain, run = (rehearse(*faults).after(5) for faults in ((), ("noise:factor=10",)))

    def scatter(voltage_V: np.ndarray) -> float:
        return float(np.diff(voltage_V, 2).std())

    assert scatter(run.voltage_V) == pytest.approx(10 * scatter(plain.voltage_V), rel=0.25)


def test_mains_pickup_beats_unless_whole_cycles_are_averaged():
    """The meter averages over one cycle of 50 Hz: that frequency vanishes, 60 Hz does not."""
    plain = rehearse().voltage_V
    kept = rehearse("mains:frequency=60 Hz,voltage=50 mV").voltage_V - plain
    gone = rehearse("mains:frequency=50 Hz,voltage=50 mV").voltage_V - plain
    averaged = np.sin(np.pi * 60 / 50) / (np.pi * 60 / 50)
    assert np.abs(kept).max() <= 0.05 * abs(averaged) + 1e-3
    assert np.abs(kept).max() > 0.5 * 0.05 * abs(averaged)
    assert np.abs(gone).max() < 1e-4


def test_an_overload_is_flagged_and_believed_by_nobody():
    run = rehearse("overload:start=60 s", steps=CURRENT_4, bench=EMSTAT)
    assert (run.flags.astype(int) & 2).any()
    assert run.result.output.on is False


# The wire -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
def test_a_mute_instrument_is_a_device_error_with_the_output_off_once_it_answers(bench):
    options = {"steps": CURRENT_4, "bench": bench}
    run = rehearse("mute:start=60 s,duration=9 s", **options)
    assert run.result.outcome is RunState.FAILED
    assert run.result.exit_code == 3
    assert run.result.diagnostics[0].code.startswith("E5")
    assert run.result.output.on is False
    assert run.result.duration_s < 90.0


@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
def test_a_pulled_plug_is_a_device_error_that_says_the_output_is_not_known(bench):
    run = rehearse("unplug:start=60 s", steps=CURRENT_4, bench=bench)
    assert run.result.exit_code == 3
    assert run.result.output.on is None
    assert "unplugged" in run.result.stop_reason
    assert "tried for 1" in run.result.output.evidence  # 10 s and what the last try took
    assert run.result.duration_s < 80.0


def test_lost_answers_leave_gaps_and_the_run_goes_on():
    run = rehearse("drop:start=60 s,probability=1 %")
    assert run.result.outcome is RunState.COMPLETED
    assert np.diff(run.time_s).max() > 1.5
    assert np.diff(run.time_s[run.time_s < START_S]).max() < 1.1


@pytest.mark.parametrize("bench", ["simulated-korad", "simulated-riden"])
@pytest.mark.parametrize("name", ["drop", "garble", "duplicate"])
def test_answers_that_end_no_line_are_lost_and_damaged_one_by_one(name, bench):
    steps = "  - constant_current: {current: 100 mA, cell_voltage_limit: 28 V, until: 60 s}\n"
    run = rehearse(f"{name}:probability=2 %", steps=steps, bench=bench)
    assert run.result.outcome is RunState.COMPLETED
    assert run.result.output.on is False
    assert run.time_s.size > 40
    assert run.current_A == pytest.approx(0.1, rel=0.02)


def test_a_lead_that_comes_off_in_the_dead_time_of_a_bridge_is_named():
    steps = "  - alternating_polarity: {current: 100 mA, half_period: 10 s, cell_voltage_limit: "
    steps += "25 V, until: 1 min}\n"
    run = rehearse("open_lead:start=20 s", steps=steps, bench="simulated-korad-bridge")
    assert run.result.outcome is RunState.TRIPPED
    assert "very probably a lead has come off" in run.result.stop_reason


def test_late_answers_make_readings_late():
    run = rehearse("delay:start=60 s,by=0.5 s")
    spacing_s = np.diff(run.time_s)
    assert run.result.outcome is RunState.COMPLETED
    assert run.after().time_s.size < 180
    assert spacing_s.max() < 2.0


@pytest.mark.parametrize("name", ["garble", "truncate"])
def test_damaged_lines_are_asked_for_again_and_never_become_values(name):
    run, plain = rehearse(f"{name}:start=60 s,probability=1 %"), rehearse()
    assert run.result.outcome is RunState.COMPLETED
    late_s = np.diff(run.time_s) - 1.0
    assert np.count_nonzero(late_s > 0.02) >= 1
    assert np.abs(late_s[run.time_s[1:] < START_S]).max() < 0.02
    assert run.current_A == pytest.approx(CURRENT_A, rel=1e-3)
    expected_V = np.interp(run.time_s, plain.time_s, plain.voltage_V)
    assert run.voltage_V == pytest.approx(expected_V, abs=2e-3)


def test_a_line_that_stays_damaged_is_a_device_error_and_no_evidence_of_the_output():
    run = rehearse("truncate:start=60 s,duration=90 s,probability=100 %")
    assert run.result.exit_code == 3
    assert run.result.output.on is None
    assert "is not an identification" in run.result.output.evidence  # also when it is tried again
    assert not run.emulator._settings.values["output"]


def test_answers_that_come_twice_change_no_reading():
    run, plain = rehearse("duplicate:start=60 s,probability=10 %"), rehearse()
    assert run.result.outcome is RunState.COMPLETED
    assert run.result.output.on is False
    assert run.time_s == pytest.approx(plain.time_s, abs=1e-6)
    assert run.voltage_V == pytest.approx(plain.voltage_V, abs=1e-9)
    assert run.current_A == pytest.approx(plain.current_A, abs=1e-12)


def test_answers_out_of_step_are_noticed():
    run = rehearse("stale:start=60 s")
    assert run.result.outcome is not RunState.COMPLETED
    assert run.result.exit_code in {3, 4}


# What holds for all -------------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_run():
    faults = ("fibre:every=10 s,lasting=3 s", "noise", "drop:start=60 s,probability=1 %")
    first = rehearse(*faults)
    rehearse.cache_clear()
    again = rehearse(*faults)
    assert np.array_equal(first.time_s, again.time_s)
    assert np.array_equal(first.voltage_V, again.voltage_V)


def test_a_fault_ends_when_it_is_said_to():
    extra_V, run = extra_voltage("contact:start=60 s,duration=30 s,resistance=50 Ohm")
    during = (run.time_s > START_S + 1) & (run.time_s < START_S + 29)
    after = run.time_s > START_S + 32
    assert extra_V[during].min() > 0.4
    assert np.abs(extra_V[after]).max() < 5e-3


def test_a_real_bench_takes_no_faults(tmp_path):
    bench = tmp_path / "real.yaml"
    bench.write_text(
        "faradaic_bench: 1\nname: real\n"
        "source: {driver: keithley-2450, address: 'tcp://127.0.0.1:9'}\n"
    )
    with pytest.raises(InputError, match="simulated benches only"):
        InlineHost(load_bench(str(bench)), cell={}, seed=0, speed=None, faults=["stuck"])


def test_every_fault_of_the_catalogue_is_tried():
    from pathlib import Path

    here = Path(__file__)
    files = (here, here.with_name("test_faults_show_in_the_cell.py"))
    tests = "".join(file.read_text(encoding="utf-8").partition("\n# The ")[2] for file in files)
    around = here.parents[2] / "runner" / "test_devices_in_a_run.py"
    tests += around.read_text(encoding="utf-8")
    missing = [name for name in catalogue() if f'"{name}' not in tests and f"{name}:" not in tests]
    assert not missing


@pytest.mark.parametrize("bench", ["simulated", EMSTAT])
def test_a_short_an_open_lead_and_cut_lines_end_in_a_sentence(bench):
    faults = "short:start=40 s", "open_lead:start=60 s", "truncate:start=90 s,probability=20 %"
    run = rehearse(*faults, bench=bench)
    assert run.result.stop_reason
    assert np.all(np.diff(run.charge_C) >= 0.0)
    assert run.result.charge_gross_C >= run.charge_C[-1]
