"""Protocols that feed CO2 to a gas-diffusion cathode are rehearsed on the model of that cell."""

import math
from typing import Any

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.cell_of_protocol import describe_cell as typed_cell
from faradaic.protocols.load import load_protocol, validate_protocol
from faradaic.protocols.resolved import ResolvedProtocol, resolve_protocol
from faradaic.simulators.cell_models import cell_from_mapping
from faradaic.simulators.contracts import Control
from faradaic.simulators.gas_diffusion.gas_diffusion_cell import GasDiffusionCell


def describe_cell(protocol: ResolvedProtocol) -> dict[str, Any]:
    """The description as the plan's file keeps it."""
    return typed_cell(protocol).model_dump(mode="json", exclude_unset=True)


def library(name: str, **changes: str) -> ResolvedProtocol:
    """A protocol of the library, with pieces of its text replaced."""
    if not changes:
        return resolve_protocol(load_protocol(f"library:{name}").protocol)
    from importlib.resources import files

    text = (files("faradaic.protocols") / "library" / f"{name}.yaml").read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return resolve_protocol(validate_protocol(load_document(text, "changed.yaml")).protocol)


@pytest.mark.parametrize("metal", ["ag25", "au25"])
def test_the_library_names_its_clusters_and_their_parameters(metal: str) -> None:
    cell = describe_cell(library(f"co2-electrolysis-{metal}"))
    assert (cell["model"], cell["parameters"]) == ("gas_diffusion", metal)
    assert isinstance(cell_from_mapping(cell), GasDiffusionCell)
    assert any("illustrative" in assumption["text"] for assumption in cell["assumptions"])
    # 1 cm², 20 sccm (0 degC, 1 atm), 1 M KOH, Hg/HgO in it, from the protocol
    assert cell["area_m2"] == pytest.approx(1e-4)
    assert cell["feed"] == {
        "species": "CO2",
        "flow_mol_per_s": pytest.approx(20 * 7.435839e-7, rel=1e-6),
    }
    assert cell["electrolyte"]["hydroxide_mol_per_m3"] == pytest.approx(1000.0)
    assert cell["reference"]["potential_V_vs_SHE"] == pytest.approx(0.12, abs=0.025)
    assert 3.0 < cell["resistance_ohm"] < 7.0  # 10 mm over 1 cm² of 0.2 S/cm


def test_the_counter_electrode_evolves_oxygen_at_the_temperature_of_the_cell() -> None:
    # exchange current by exp(-50 kJ/mol/RT), Tafel slope by T: 25 against 38 degC
    warmer = {"temperature: 25 degC": "temperature: 38 degC"}
    cold, warm = (
        describe_cell(library("co2-electrolysis-ag25", **changed))["counter"]
        for changed in ({}, warmer)
    )
    rise = math.exp(50e3 / 8.314462618 * (1 / 298.15 - 1 / 311.15))
    assert warm["exchange_A_per_m2"] == pytest.approx(cold["exchange_A_per_m2"] * rise, rel=0.01)
    slopes = warm["tafel_slope_V_per_decade"], cold["tafel_slope_V_per_decade"]
    assert slopes[0] / slopes[1] == pytest.approx(311.15 / 298.15, rel=1e-6)


def test_another_catalyst_gets_the_kinetics_of_silver_and_says_so() -> None:
    cell = describe_cell(library("co2-electrolysis-ag25", **{"Ag25(SPhMe2)18": "Ag nanoparticles"}))
    assert cell["parameters"] == "ag-weng"
    assert any(
        "taken as those of silver" in assumption["text"] for assumption in cell["assumptions"]
    )


def test_the_gas_follows_the_steps_by_the_clock() -> None:
    # open circuit 300 s, a sweep of 1 V at 10 mV/s, each followed by 15 s of purging
    cell = describe_cell(library("co2-electrolysis-ag25"))
    found = [(change["time_s"], change["species"]) for change in cell["feed_changes"]]
    assert found == [(315.0, "N2"), (415.0, "CO2")]


def test_steps_of_open_length_end_what_the_clock_can_tell() -> None:
    changed = {"{potential: -0.3 V, vs: RHE, current_limit: 200 mA, duration: 20 min}":
               "{potential: -0.3 V, vs: RHE, current_limit: 200 mA, until: 10 C}"}  # fmt: skip
    cell = describe_cell(library("co2-electrolysis-ag25", **changed))
    assert [change["species"] for change in cell["feed_changes"]] == ["N2", "CO2"]
    assert any(
        "first step of open length" in assumption["text"] for assumption in cell["assumptions"]
    )


def test_a_cell_without_gas_stays_with_the_other_model() -> None:
    assert describe_cell(library("sulfonyl-benzothiophene"))["model"] == "preparative"


def test_the_rehearsed_cell_shows_what_the_hand_analysis_expects() -> None:
    # at 100 mA/cm²: 2.2 to 3.4 V at the electrodes plus 0.1 A over 4.7 ohm
    cell = cell_from_mapping(describe_cell(library("co2-electrolysis-au25")))
    for _ in range(60):
        state = cell.step(Control.CURRENT, -0.1, 1.0)
    assert -3.9 < state.cell_voltage_V < -2.2
