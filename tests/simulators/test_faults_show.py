"""Every fault shows in the readings as its symptom: driver, wire, emulator, cell and engine run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from faradaic.diagnostics import InputError
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.document import load_document
from faradaic.protocols.load import validate_protocol
from faradaic.quantities import FARADAY_C_PER_MOL
from faradaic.runner.bench import load_bench
from faradaic.runner.controls import Controls
from faradaic.runner.engine import Engine, RunResult
from faradaic.runner.host import InlineHost
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.states import State
from faradaic.simulators.cells import cell_from_mapping
from faradaic.simulators.contracts import Control
from faradaic.simulators.description import DUMMY_CELL
from faradaic.simulators.faults import FaultPlan, catalogue

CURRENT_A = 10e-3
OXIDATION = ("working", "oxidation")
AMOUNT_MOL = 2e-4
START_S = 60.0
HEAD = """\
faradaic: 1
title: a short electrolysis
cell: {type: undivided, gap: 10 mm, vessel: {kind: vial, volume: 20 mL, inner_diameter: 25 mm}}
solution:
  volume: 8 mL
  limiting: substrate
  components:
    substrate: {amount: 0.20 mmol, role: substrate}
    Bu4NBF4: {amount: 0.80 mmol, role: electrolyte}
    MeCN: {volume: 8 mL, role: solvent}
electrodes:
  anode: {material: Pt, form: plate, width: 15 mm, length: 15 mm, immersed: 15 mm}
  cathode: {material: Pt, form: plate, width: 15 mm, length: 15 mm, immersed: 15 mm}
  reference: {couple: Ag/AgCl, filling: 3 M KCl}
reaction: {electrons: 2, gases: [{H2: 0.5 per electron, at: cathode}]}
steps:
"""
CURRENT = "  - constant_current: {current: 10 mA, cell_voltage_limit: 15 V, until: 180 s}\n"
REST = "  - open_circuit: {duration: 120 s}\n"
CURRENT_4 = "  - constant_current: {current: 10 mA, cell_voltage_limit: 5.5 V, until: 180 s}\n"
POTENTIAL = """\
  - constant_potential: {potential: 1.5 V, vs: reference, current_limit: 50 mA, until: 120 s}
"""


GDE = {
    "model": "gas_diffusion",
    "parameters": "ag-weng",
    "area_m2": 1e-4,
    "resistance_ohm": 1.0,
    "electrolyte": {"hydroxide_mol_per_m3": 1e-3, "bicarbonate_mol_per_m3": 1000.0},
    "feed": {"species": "CO2", "flow_mol_per_s": 3e-5},
    "counter": {
        "area_m2": 1e-4,
        "exchange_A_per_m2": 1e-4,
        "tafel_slope_V_per_decade": 0.06,
        "pH": 7.0,
    },
}


def described(cell: dict[str, Any], kind: str) -> dict[str, Any]:
    """The cell of the protocol with a part more, or with a part that is known to the digit."""
    electrodes = {
        side: {**electrode, "immersed_m": 0.015} for side, electrode in cell["electrodes"].items()
    }
    parts: dict[str, dict[str, Any]] = {
        "plain": {},
        "bare": {"thermal": None, "separator": None, "reference": {"present": False}},
        "conducting": {
            "resistance_ohm": 30.0,
            "contact_resistance_ohm": 0.0,
            "thermal": None,
            "bubbles": None,
        },
        "level": {"vessel_cross_section_m2": 4.9e-4, "electrodes": electrodes},
        "divided": {
            "counter_volume_m3": 8e-6,
            "separator": {"area_m2": 1e-4, "permeability_m_per_s": 1e-9},
        },
        "thermal": {
            "conductivity_per_K": 0.02,
            "thermal": {
                "heat_capacity_J_per_K": 20.0,
                "heat_loss_W_per_K": 0.1,
                "ambient_K": 298.15,
            },
        },
    }
    return {**cell, **parts[kind]}


class MemoryJournal:
    """A journal sink that keeps what it is given."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.samples: list[tuple[Any, ...]] = []

    def write(self, kind: str, time_s: float, fields: Any, *, durable: bool = False) -> int:
        self.events.append((kind, dict(fields)))
        return len(self.events)

    def sample(self, time_s: float, values: tuple[Any, ...]) -> int:
        self.samples.append(values)
        return len(self.samples)


@dataclass
class Rehearsed:
    """A run that has ended."""

    result: RunResult
    time_s: np.ndarray
    current_A: np.ndarray
    voltage_V: np.ndarray
    potential_V: np.ndarray
    charge_C: np.ndarray
    flags: np.ndarray
    cell: Any
    emulator: Any

    def after(self, start_s: float = START_S + 2.5) -> Rehearsed:
        """The samples from some time on."""
        keep = self.time_s >= start_s
        names = ("time_s", "current_A", "voltage_V", "potential_V", "charge_C", "flags")
        return Rehearsed(
            self.result,
            *(getattr(self, name)[keep] for name in names),
            self.cell,
            self.emulator,
        )


@cache
def rehearse(
    *faults: str, steps: str = CURRENT, bench: str = "simulated", cell: str = "plain"
) -> Rehearsed:
    """Run the steps with faults, through real bytes on the virtual clock."""
    loaded_bench = load_bench(bench)
    loaded = validate_protocol(load_document(HEAD + steps, "test.yaml"))
    plan = compile_protocol(loaded, loaded_bench)
    host = InlineHost(
        loaded_bench,
        cell=described(plan.cell, cell),
        seed=1,
        speed=None,
        faults=faults,
        limiting_amount_mol=plan.limiting_amount_mol,
    )
    engine = Engine(
        plan,
        loaded_bench.sha256,
        host,
        operator=DefaultOperator(),
        controls=Controls(),
    )
    journal: Any = MemoryJournal()
    engine.preflight()
    result = engine.run(journal, {"simulated": True})
    columns = np.array(journal.samples, dtype=float).T
    scheme: Any = host._scheme
    (emulator,) = scheme._emulators.values()
    return Rehearsed(
        result,
        columns[0],
        *columns[2:6],
        columns[7],
        scheme.cell,
        getattr(emulator, "inner", emulator),
    )


def extra_voltage(fault: str, **options: Any) -> tuple[np.ndarray, Rehearsed]:
    """What a fault adds to the cell voltage at constant current, sample by sample."""
    plain, faulty = rehearse(**options), rehearse(fault, **options)
    assert plain.time_s == pytest.approx(faulty.time_s)
    return faulty.voltage_V - plain.voltage_V, faulty


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
    assert run.result.outcome is State.TRIPPED
    assert run.result.exit_code == 4
    assert run.result.output.on is False
    assert run.flags[-1] == 1
    assert run.current_A[-1] < 0.99 * CURRENT_A


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
    assert run.result.outcome is State.TRIPPED
    assert run.result.exit_code == 4
    assert run.result.output.on is False
    end = run.after()
    assert np.abs(end.current_A).max() < 1e-6
    assert (end.flags == 1).all()
    assert end.voltage_V == pytest.approx(15.0, rel=1e-2)


def test_a_loose_lead_comes_back():
    run = rehearse("loose_lead:start=60 s,every=15 s,lasting=1.5 s")
    lost = run.current_A < 0.05 * CURRENT_A
    assert run.result.outcome is State.COMPLETED
    assert np.count_nonzero(np.diff(lost.astype(int)) == 1) >= 2
    assert run.voltage_V[lost].min() > 14.0


def test_exchanged_leads_oxidise_at_the_other_electrode():
    run = rehearse("swapped_leads")
    ledger = run.cell.ledger()
    oxidised = [r for r in ledger.reactions if (r.electrode, r.direction) == OXIDATION]
    assert run.result.charge_gross_C > 0.0
    assert ledger.charge_C == pytest.approx(-run.result.charge_gross_C, rel=0.05, abs=0.02)
    assert sum(r.charge_C for r in oxidised) < 0.01 * run.result.charge_gross_C + 1e-3


# The reference electrode --------------------------------------------------------------------------

EMSTAT = "simulated-emstat4-hr"


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


def test_a_potentiostat_without_its_reference_drives_to_its_rails():
    options = {"steps": POTENTIAL, "bench": EMSTAT}
    plain, run = rehearse(**options), rehearse("reference_open:start=60 s", **options)
    adrift = run.after()
    assert plain.current_A.min() > 0.0
    assert adrift.current_A.max() > 1.5 * plain.after().current_A.max()
    # Once the floating lead has passed the set potential the loop goes to its other rail.
    assert adrift.current_A[-1] < 0.1 * plain.current_A[-1]
    assert run.result.output.on is False


# The cell itself --------------------------------------------------------------------------------


def test_without_stirring_the_limiting_current_is_too_small_and_the_voltage_steps_up():
    extra_V, run = extra_voltage("stir_stop:start=60 s")
    assert np.abs(extra_V[run.time_s < START_S]).max() < 1e-3
    assert extra_V[run.time_s > START_S + 2.5].min() > 0.1


def test_too_little_substrate_is_depleted_early():
    extra_V, run = extra_voltage("substrate:factor=30 %")
    assert extra_V[-1] > 0.1
    reacted = [r.cell.ledger().conversion["substrate"] for r in (rehearse(), run)]
    assert 0.3 * reacted[1] < 0.5 * reacted[0]


def test_a_tenth_of_the_electrolyte_has_ten_times_the_ohmic_drop():
    extra_V, _ = extra_voltage("electrolyte", cell="conducting")
    assert extra_V[1:] == pytest.approx(9 * 30.0 * CURRENT_A, rel=0.02)


def test_a_precipitating_electrolyte_loses_its_conductivity_in_the_time_said():
    extra_V, run = extra_voltage("precipitation:start=60 s,time=2 min", cell="conducting")
    after = run.time_s > START_S + 2.5
    expected_V = 30.0 * CURRENT_A * np.expm1((run.time_s[after] - START_S) / 120.0)
    assert extra_V[after] == pytest.approx(expected_V, rel=0.05, abs=0.01)


def test_evaporation_takes_solvent_and_leaves_the_solutes():
    plain, run = rehearse(), rehearse("evaporation:start=60 s,rate=60 mL/h")
    lost_m3 = plain.cell.ledger().volume_m3 - run.cell.ledger().volume_m3
    assert lost_m3 == pytest.approx(2e-6, rel=0.03)
    kept = [r.cell.ledger().amount_mol["substrate"] for r in (plain, run)]
    assert kept[1] == pytest.approx(kept[0], rel=0.01)


def test_a_falling_level_uncovers_the_electrodes_and_raises_the_voltage():
    extra_V, run = extra_voltage("evaporation:start=60 s,rate=60 mL/h", cell="level")
    assert extra_V[-1] > 0.02
    assert np.abs(extra_V[run.time_s < START_S]).max() < 1e-3


def test_a_leak_takes_the_substrate_with_it():
    plain, run = rehearse(), rehearse("leak:start=60 s,rate=60 mL/h")
    lost_mol = (
        plain.cell.ledger().amount_mol["substrate"] - run.cell.ledger().amount_mol["substrate"]
    )
    assert lost_mol == pytest.approx(0.25 * AMOUNT_MOL, rel=0.1)  # 2 of 8 mL


def test_bubbles_make_a_sawtooth():
    extra_V, run = extra_voltage("bubbles:start=60 s,coverage=80 %,period=8 s")
    after = extra_V[run.time_s > START_S + 2.5]
    assert np.std(after) > 5e-3
    falls = np.diff(after) < -5e-3
    assert 5 <= np.count_nonzero(falls) <= 40
    assert np.std(extra_V[run.time_s < START_S]) < 1e-3


def test_half_the_area_needs_a_higher_voltage_from_the_start():
    extra_V, _ = extra_voltage("area:factor=50 %")
    assert extra_V[2] > 0.01


def test_an_anode_that_is_used_up_takes_the_voltage_to_the_limit():
    run = rehearse("anode_exhausted:start=60 s,charge=0.5 C")
    assert run.result.outcome is State.TRIPPED
    assert run.result.exit_code == 4
    assert run.result.output.on is False
    assert run.result.charge_gross_C == pytest.approx(START_S * CURRENT_A + 0.5, abs=0.1)


def test_the_anode_of_a_reduction_is_the_counter_electrode():
    description = {
        "volume_m3": 1e-5,
        "resistance_ohm": 10.0,
        "electrodes": {
            side: {**electrode, "role": role}
            for (side, electrode), role in zip(
                DUMMY_CELL["electrodes"].items(), ("cathode", "anode"), strict=True
            )
        },
    }
    plan = FaultPlan.read(["anode_exhausted:charge=1 C"])
    cell = cell_from_mapping(description)
    wired = plan.around_cell(cell, description)
    for _ in range(5):
        wired.step(Control.CURRENT, -0.1, 1.0)
    assert cell.disturbance("counter_area_factor") == pytest.approx(0.6)
    assert cell.disturbance("working_area_factor") == 1.0


def test_a_torn_membrane_lets_the_product_through():
    plain, run = (rehearse(*f, cell="divided") for f in ((), ("membrane_tear:start=60 s",)))

    def beyond(rehearsed: Rehearsed) -> float:
        return float(sum(rehearsed.cell.ledger().counter_concentration_mol_per_m3.values()))

    assert beyond(run) > 10 * beyond(plain)


def test_heat_from_outside_warms_the_cell_and_lowers_its_voltage():
    extra_V, run = extra_voltage("overheat:start=60 s,power=10 W", cell="thermal")
    warmer_K = (
        run.cell.ledger().temperature_K - rehearse(cell="thermal").cell.ledger().temperature_K
    )
    # 10 W for 120 s into 20 J/K with a loss of 0.1 W/K: dT = (P/k)(1 - exp(-k t/C))
    assert warmer_K == pytest.approx(10 / 0.1 * -np.expm1(-0.1 * 120 / 20), rel=0.03)
    assert extra_V[-1] < -0.05


def test_air_carries_current_that_makes_no_product():
    run = rehearse("oxygen:start=60 s,current=2 mA")
    made_C = [
        sum(r.charge_C for r in rehearsed.cell.ledger().reactions if r.electrode == "working")
        for rehearsed in (rehearse(), run)
    ]
    assert made_C[0] - made_C[1] == pytest.approx(2e-3 * 120, rel=0.03)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("membrane_tear", "separator"),
        ("overheat", "thermal"),
        ("salt", "gas-diffusion"),
        ("flooding", "gas-diffusion"),
        ("reference_open", "no reference"),
    ],
)
def test_a_fault_of_a_part_that_the_cell_does_not_have_is_refused_before_the_run(fault, why):
    with pytest.raises(InputError, match=why) as caught:
        rehearse(fault, cell="bare")
    assert caught.value.diagnostics[0].code == "E557"


# A gas-diffusion electrode ------------------------------------------------------------------------


def partial_CO(cell: Any) -> float:
    """Faradaic efficiency of CO of all charge that has passed."""
    ledger = cell.ledger()
    return float(2 * FARADAY_C_PER_MOL * ledger.co_mol / abs(ledger.charge_C))


@pytest.mark.parametrize("fault", ["flooding:time=2 min", "salt:time=5 min"])
def test_a_plugged_gas_electrode_makes_hydrogen_instead_of_carbon_monoxide(fault):
    plan = FaultPlan.read([fault])
    cells = [cell_from_mapping(description) for description in (GDE, plan.describe(GDE))]
    for cell in cells:
        for _ in range(280):
            cell.step(Control.CURRENT, -0.2, 1.0)
    sound, faulty = map(partial_CO, cells)
    assert faulty < sound - 0.01


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
    assert (run.after().flags.astype(int) & 2).any()
    assert run.result.output.on is False


# The wire -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bench", ["simulated", "simulated-emstat4-hr"])
def test_a_mute_instrument_is_a_device_error_with_the_output_off_once_it_answers(bench):
    options = {"steps": CURRENT_4, "bench": bench}
    run = rehearse("mute:start=60 s,duration=9 s", **options)
    assert run.result.outcome is State.FAILED
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
    assert run.result.duration_s < 65.0


def test_lost_answers_leave_gaps_and_the_run_goes_on():
    run = rehearse("drop:start=60 s,probability=1 %")
    assert run.result.outcome is State.COMPLETED
    assert np.diff(run.time_s).max() > 1.5
    assert np.diff(run.time_s[run.time_s < START_S]).max() < 1.1


def test_late_answers_make_readings_late():
    run = rehearse("delay:start=60 s,by=0.5 s")
    spacing_s = np.diff(run.time_s)
    assert run.result.outcome is State.COMPLETED
    assert run.after().time_s.size < 180
    assert spacing_s.max() < 2.0


@pytest.mark.parametrize("name", ["garble", "truncate"])
def test_damaged_lines_are_asked_for_again_and_never_become_values(name):
    run, plain = rehearse(f"{name}:start=60 s,probability=1 %"), rehearse()
    assert run.result.outcome is State.COMPLETED
    late_s = np.diff(run.time_s) - 1.0
    assert np.count_nonzero(late_s > 0.02) >= 1
    assert np.abs(late_s[run.time_s[1:] < START_S]).max() < 0.02
    assert run.current_A == pytest.approx(CURRENT_A, rel=1e-3)
    expected_V = np.interp(run.time_s, plain.time_s, plain.voltage_V)
    assert run.voltage_V == pytest.approx(expected_V, abs=2e-3)


def test_a_line_that_stays_damaged_is_a_device_error_with_the_output_off():
    run = rehearse("truncate:start=60 s,duration=10 s,probability=60 %")
    assert run.result.exit_code == 3
    assert run.result.output.on is False


def test_answers_that_come_twice_are_readings_that_lag():
    run, plain = rehearse("duplicate:start=60 s,probability=10 %"), rehearse()
    assert run.result.output.on is False
    repeated = np.diff(run.voltage_V) == 0.0
    assert np.count_nonzero(repeated) >= 3
    assert np.count_nonzero(np.diff(plain.voltage_V) == 0.0) == 0


def test_answers_out_of_step_are_noticed():
    run = rehearse("stale:start=60 s")
    assert run.result.outcome is not State.COMPLETED
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


def test_every_fault_of_the_catalogue_is_tried_here():
    from pathlib import Path

    text = Path(__file__).read_text(encoding="utf-8")
    tests = text.partition("# The leads")[2]
    missing = [name for name in catalogue() if f'"{name}' not in tests and f"{name}:" not in tests]
    assert not missing
