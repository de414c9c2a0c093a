"""The gas-diffusion cell as a cell model: closure, controls, memory, gas, ageing, refusals."""

import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from faradaic.chemistry.cell_description.gas_diffusion_description import (
    load_parameters,
    parameter_sets,
)
from faradaic.chemistry.clusters import named_cluster
from faradaic.diagnostics import InputError
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.simulators.cell_models import cell_from_mapping
from faradaic.simulators.contracts import Control
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell, rhe_V_vs_SHE
from faradaic.simulators.preparative.preparative_cell import PreparativeCell
from faradaic.simulators.rehearsed_co2_study import HG_HGO_V_VS_SHE, cell_description
from faradaic.simulators.simulation_errors import SimulationError

RHE_V = rhe_V_vs_SHE(1000.0) - HG_HGO_V_VS_SHE
"""Zero of the RHE scale against Hg/HgO in 1 M KOH."""


STILL = {"hydroxide_mol_per_m3": 1000.0, "supply": "renewed"}


def cell(catalyst: str = "au25", **changes: Any) -> GasDiffusionCell:
    return GasDiffusionCell.from_mapping(cell_description(catalyst, **changes))


def test_potentials_are_on_the_scale_of_the_connected_reference() -> None:
    # -1.50 V vs Hg/HgO (1 M KOH) at pH 14 is -0.568369 V vs RHE
    assert pytest.approx(-0.568369, abs=1e-5) == -1.50 - RHE_V


def test_charge_is_what_the_reactions_and_the_double_layer_took() -> None:
    run = cell()
    for value in (-0.02, -0.1, 0.001, -0.05):
        for dt_s in (1e-5, 0.3, 20.0, 500.0):
            run.step(Control.CURRENT, value, dt_s)
    books = run.ledger()
    reduced_C = 2 * FARADAY_C_PER_MOL * (books.co_mol + books.h2_mol)
    passed_C = books.double_layer_C + books.oxidation_C - reduced_C
    assert books.charge_C == pytest.approx(-0.169 * 520.30001, rel=1e-9)
    assert passed_C == pytest.approx(books.charge_C, rel=1e-9)


def test_carbon_that_enters_leaves_as_gas_or_as_carbonate() -> None:
    run = cell()
    trace = run.run(Control.POTENTIAL, np.linspace(-0.3, -0.8, 600) + RHE_V, 1.0)
    gone = float(np.sum(trace.outlet.CO2 + trace.outlet.CO))
    entered = 600 * run.inlet().CO2
    books = run.ledger()
    assert gone + books.carbonate_mol == pytest.approx(entered, rel=1e-9)
    assert float(np.sum(trace.outlet.CO)) == pytest.approx(books.co_mol, rel=1e-9)
    assert books.carbonate_mol > books.co_mol > 0


@pytest.mark.parametrize("reference", [True, False])
def test_every_control_leads_to_the_same_state(reference: bool) -> None:
    changes: dict[str, Any] = {"electrolyte": STILL} | ({} if reference else {"reference": None})
    by_current = cell(**changes)
    wanted = by_current.step(Control.CURRENT, -0.08, 2.0)
    assert wanted.current_A == pytest.approx(-0.08, rel=1e-12)
    for control, value in (
        (Control.POTENTIAL, wanted.potential_V),
        (Control.CELL_VOLTAGE, wanted.cell_voltage_V),
    ):
        found = cell(**changes).step(control, value, 2.0)
        assert found == pytest.approx(wanted, rel=1e-9)
    if not reference:
        assert wanted.potential_V == wanted.cell_voltage_V


def test_a_cathodic_current_is_negative_and_the_cell_voltage_with_it() -> None:
    # U = 1.229 V + overpotentials + i R: 2.2 to 3.2 V at 100 mA/cm²
    run = cell()
    for _ in range(60):
        state = run.step(Control.CURRENT, -0.1, 1.0)
    assert -3.2 < state.cell_voltage_V < -2.2
    assert state.potential_V < RHE_V


def test_the_drop_to_the_reference_is_that_of_its_share() -> None:
    near = cell(reference={"potential_V_vs_SHE": HG_HGO_V_VS_SHE, "ohmic_fraction": 0.0})
    far = cell(reference={"potential_V_vs_SHE": HG_HGO_V_VS_SHE, "ohmic_fraction": 0.3})
    difference_V = (
        far.step(Control.CURRENT, -0.1, 1.0).potential_V
        - near.step(Control.CURRENT, -0.1, 1.0).potential_V
    )
    assert difference_V == pytest.approx(-0.1 * 5.0 * 0.3, abs=1e-9)


def test_at_open_circuit_no_current_flows_and_nothing_ages() -> None:
    run = cell(electrolyte=STILL)
    before = run.step(Control.OPEN_CIRCUIT, 1.0, 1.0)
    for _ in range(10):
        after = run.step(Control.OPEN_CIRCUIT, 0.0, 3600.0)
    assert abs(after.current_A) < 1e-12
    assert after.potential_V == pytest.approx(before.potential_V, abs=1e-6)
    assert run.ledger().charge_C == pytest.approx(0.0, abs=1e-9)
    fresh = cell(electrolyte=STILL).step(Control.CURRENT, -0.05, 100.0)
    assert run.step(Control.CURRENT, -0.05, 100.0).potential_V == pytest.approx(
        fresh.potential_V, abs=1e-6
    )


def test_a_checkpoint_a_copy_and_a_run_give_the_same_numbers() -> None:
    model = cell(feed_changes=[{"time_s": 5.0, "species": "N2", "flow_mol_per_s": 1e-5}])
    model.step(Control.CURRENT, -0.03, 1.0)
    mark = model.checkpoint()
    first = [model.step(Control.POTENTIAL, -1.4, 1.0) for _ in range(8)]
    model.restore(mark)
    twin = copy.deepcopy(model)
    assert [model.step(Control.POTENTIAL, -1.4, 1.0) for _ in range(8)] == first
    assert [twin.step(Control.POTENTIAL, -1.4, 1.0) for _ in range(8)] == first
    model.restore(mark)
    assert list(model.run(Control.POTENTIAL, [-1.4] * 4, 1.0).current_A) == [
        state.current_A for state in first[:4]
    ]


def test_current_is_larger_in_co2_than_in_nitrogen() -> None:
    for catalyst in ("ag25", "au25"):
        in_co2, in_n2 = cell(catalyst), cell(catalyst)
        in_n2.feed("N2", 1e-5)
        for potential_V in (-0.2, -0.38, -0.6, -0.8):
            values = np.full(30, potential_V + RHE_V)
            co2 = in_co2.run(Control.POTENTIAL, values, 1.0)
            n2 = in_n2.run(Control.POTENTIAL, values, 1.0)
            assert co2.current_A[-1] < 1.5 * n2.current_A[-1] < 0
            assert n2.co_A[-1] == 0.0
            assert n2.outlet.N2[-1] == pytest.approx(1e-5)


def test_the_gas_changes_when_the_description_says() -> None:
    flow = 1e-5
    model = cell(
        feed_changes=[
            {"time_s": 20.0, "species": "CO2", "flow_mol_per_s": flow},
            {"time_s": 10.0, "species": "N2", "flow_mol_per_s": flow},
        ]
    )
    nitrogen = []
    for _ in range(30):
        model.step(Control.OPEN_CIRCUIT, 0.0, 1.0)
        nitrogen.append(model.outlet().N2 > 0)
    assert nitrogen == [10 <= second < 20 for second in range(30)]


def test_a_flush_gives_back_what_salt_took() -> None:
    salted = cell(
        overrides={
            "salt_rate_per_s": 2e-4,
            "flush_period_s": 1000.0,
            "flooding_time_s": 1e12,
            "activity_loss_per_s": 0.0,
        }
    )
    trace = salted.run(Control.POTENTIAL, np.full(2500, -0.7 + RHE_V), 1.0)
    co_A = trace.co_A
    assert co_A[998] < 0.95 * co_A[100]
    assert co_A[1020] > co_A[998] * 1.03
    assert co_A[1998] == pytest.approx(co_A[998], rel=1e-3)


def test_resistance_that_grows_shows_in_the_cell_voltage() -> None:
    growing = cell(overrides={"resistance_growth_ohm_m2_per_s": 1e-8, "flooding_time_s": 1e12})
    steady = cell(overrides={"flooding_time_s": 1e12})
    values = np.full(3600, -0.1)
    more_V = (
        growing.run(Control.CURRENT, values, 1.0).cell_voltage_V[-1]
        - steady.run(Control.CURRENT, values, 1.0).cell_voltage_V[-1]
    )
    assert more_V == pytest.approx(-0.1 * 1e-8 / 1e-4 * 3600, rel=1e-6)


def test_16_hours_have_a_current_at_every_second() -> None:
    trace = cell().run(Control.POTENTIAL, np.full(57600, -0.38 + RHE_V), 1.0)
    assert np.isfinite(trace.current_A).all()


def _numbers(data: Any) -> Iterator[float]:
    """Every number of plain data, in order."""
    if isinstance(data, dict | list):
        for one in data.values() if isinstance(data, dict) else data:
            yield from _numbers(one)
    else:
        yield data


@pytest.mark.long
def test_the_same_functions_run_as_plain_python() -> None:
    script = """
import json, sys
from faradaic.simulators.contracts import Control
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell
from faradaic.simulators.rehearsed_co2_study import cell_description
cell = GasDiffusionCell.from_mapping(cell_description("ag25"))
states = [cell.step(Control.CURRENT, -0.05, 1.0) for _ in range(3)]
trace = cell.run(Control.POTENTIAL, [-1.4, -1.5], 1.0)
json.dump([states, list(trace.current_A), cell.ledger()], sys.stdout)
"""
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1"}
    plain, compiled = (
        json.loads(
            subprocess.run(
                [sys.executable, "-c", script], env=env, capture_output=True, check=True, text=True
            ).stdout
        )
        for env in (environment, dict(os.environ))
    )
    for one, other in zip(_numbers(plain), _numbers(compiled), strict=True):
        assert one == pytest.approx(other, rel=1e-9)


def test_numba_is_not_loaded_before_a_simulation_starts() -> None:
    script = """
import sys
import faradaic.simulators.emulated_bench, faradaic.simulators.cell_models
import faradaic.simulators.rehearsed_co2_study
import faradaic.chemistry.cell_description.gas_diffusion_description
import faradaic.protocols.cell_of_protocol
assert "numba" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_value_that_no_potential_gives_is_refused_and_changes_nothing() -> None:
    model = cell(reference={"potential_V_vs_SHE": HG_HGO_V_VS_SHE, "ohmic_fraction": 0.0})
    model.step(Control.CURRENT, -0.01, 1.0)
    mark = model.checkpoint()
    with pytest.raises(SimulationError, match=r"E564.*potential of -100 V at 1 s"):
        model.step(Control.POTENTIAL, -100.0, 1.0)
    with pytest.raises(SimulationError, match="at 3 s"):
        model.run(Control.POTENTIAL, [-1.3, -1.3, -100.0, -1.3], 1.0)
    assert model.checkpoint() == mark


@pytest.mark.parametrize(("value", "dt_s"), [(float("nan"), 1.0), (0.0, 0.0), (0.0, -1.0)])
def test_steps_and_values_that_are_no_numbers_are_refused(value: float, dt_s: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        cell().step(Control.CURRENT, value, dt_s)


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"parameters": "ag52"}, "cell.parameters", "did you mean `ag25`"),
        ({"area_m2": -1e-4}, "cell.area_m2", "greater than 0"),
        ({"arae_m2": 1e-4}, "cell.arae_m2", "did you mean `area_m2`"),
        ({"feed": {"species": "Ar", "flow_mol_per_s": 1e-5}}, "cell.feed.species", "'CO2'"),
        ({"feed": {"species": "CO2"}}, "cell.feed.flow_mol_per_s", "missing"),
        ({"overrides": {"porosity": 1.5}}, "cell.overrides.porosity", "less than 1"),
        ({"overrides": {"porousity": 0.5}}, "cell.overrides.porousity", "did you mean `porosity`"),
        ({"overrides": {"salt_rate_per_s": 1.0}}, "cell.overrides", "flush more often"),
    ],
)
def test_a_description_that_is_wrong_is_refused_in_its_own_words(
    changes: dict[str, Any], path: str, words: str
) -> None:
    with pytest.raises(InputError) as caught:
        cell(**changes)
    (found,) = caught.value.diagnostics
    assert found.code == "E530"
    assert found.path == path
    assert words in found.message + found.help


def test_a_gas_that_the_cell_does_not_know_cannot_be_fed() -> None:
    with pytest.raises(InputError, match="CO2 or N2"):
        cell().feed("O2", 1e-5)


def test_the_description_chooses_the_model() -> None:
    chosen = cell_from_mapping({"model": "gas_diffusion"} | cell_description("ag25"))
    assert isinstance(chosen, GasDiffusionCell)
    assert isinstance(cell_from_mapping({}), PreparativeCell)
    with pytest.raises(InputError, match="installed: gas_diffusion, preparative"):
        cell_from_mapping({"model": "gde"})


def test_every_value_of_every_set_names_its_source_and_clusters_are_marked() -> None:
    assert parameter_sets() == ["ag-weng", "ag25", "au25"]
    for name in parameter_sets():
        found = load_parameters(name)
        assert found.values.keys() == found.sources.keys()
        assert all(len(source) > 3 for source in found.sources.values())
        assert found.illustrative == bool(found.cluster)
        own = {key for key, text in found.sources.items() if "ILLUSTRATIVE" in text}
        assert ("co_exchange_A_per_m2" in own) == found.illustrative
    clusters = [named_cluster(load_parameters(name).cluster) for name in ("ag25", "au25")]
    assert [(of.metal, of.metal_atoms) for of in clusters] == [("Ag", 25), ("Au", 25)]
