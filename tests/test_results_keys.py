"""A result is found by its key, which stays when its name is bettered."""

from __future__ import annotations

import ast
import csv
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pytest

import faradaic
from faradaic.records.run import load_run
from faradaic.results import Result, missing
from faradaic.studies.run.electrolysis_results import analyze_electrolysis

PACKAGE = Path(faradaic.__file__).parent
NAMES = dict(csv.reader((PACKAGE / "results.csv").read_text("utf-8").splitlines()))
KEYS = [
    "absorption_band",
    "anodic_half_peak_potential",
    "anodic_peak_current",
    "anodic_peak_current_density",
    "anodic_peak_potential",
    "capacitance",
    "carbon_balance",
    "carbon_of_the_electricity",
    "cathodic_half_peak_potential",
    "cathodic_peak_current",
    "cathodic_peak_current_density",
    "cathodic_peak_potential",
    "cell_voltage_end",
    "cell_voltage_max",
    "cell_voltage_mean",
    "cell_voltage_mean_by_charge",
    "cell_voltage_mean_magnitude",
    "cell_voltage_start",
    "charge_anodic",
    "charge_cathodic",
    "charge_earlier",
    "charge_efficiency",
    "charge_gross",
    "charge_net",
    "charge_per_amount",
    "charge_per_substrate_fed",
    "charge_total",
    "charge_total_per_amount",
    "circuit_parameter",
    "conversion",
    "cottrell_slope",
    "current_at_a_potential",
    "current_before_the_wave",
    "differential_faradaic_efficiency",
    "diffusion_coefficient",
    "diffusion_product",
    "double_layer_capacitance",
    "drift",
    "drift_of_the_uncompensated_resistance",
    "e_factor",
    "electrochemically_active_area",
    "electrode_potential",
    "electrons",
    "electrons_of_the_wave_if_reversible",
    "energetic_span",
    "energy",
    "energy_efficiency",
    "energy_per_amount",
    "energy_per_mass",
    "exchange_current",
    "exponent_of_the_scan_rate",
    "faradaic_efficiency",
    "formal_potential",
    "free_energy_barrier",
    "gap",
    "half_life",
    "half_wave_potential",
    "kinetic_current",
    "kinetic_current_density",
    "kramers_kronig_residual",
    "largest_difference",
    "largest_ohmic_drop_taken_off",
    "leaching_threshold",
    "levich_slope",
    "limiting_current",
    "mean_current",
    "mean_potential",
    "mean_potential_on_scale",
    "noise",
    "onset_potential",
    "open_circuit_potential",
    "operating_time",
    "partial_current_density",
    "peak_separation",
    "potential_mean",
    "product_yield",
    "pulse_peak_current",
    "pulse_peak_potential",
    "ratio_of_the_peak_currents",
    "reaction_free_energy",
    "regulation_share",
    "relative_drift",
    "relaxation_resistance",
    "relaxation_time",
    "relaxation_times_residual",
    "residence_time",
    "retention",
    "robust_drift",
    "roughness_factor",
    "scan_rate",
    "selectivity",
    "settling_time",
    "shift_of_the_potential_scale",
    "single_pass_conversion",
    "slope_of_the_potential",
    "spread",
    "standard_rate_constant",
    "steady_current",
    "steady_current_density",
    "steady_potential",
    "surface_coverage",
    "surface_rate_constant",
    "tafel_slope",
    "tafel_slope_range",
    "time_with_current",
    "tomes_width",
    "total_faradaic_efficiency",
    "transfer_coefficient",
    "transition_time",
    "turnover_frequency",
    "turnover_number",
    "unaccounted_share_of_the_charge",
    "uncompensated_resistance",
    "wall_time",
    "work_function",
]
"""All of them: who renames one breaks the programs that look it up."""


def test_no_key_was_changed() -> None:
    assert list(NAMES)[1:] == KEYS


def test_each_key_is_one_that_something_makes() -> None:
    texts = {
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    }
    starts = tuple(str(t) for t in texts if str(t).endswith("_") and str(t) > "_")
    ends = ("_peak_potential", "_peak_current", "_peak_current_density", "_half_peak_potential")
    for key in KEYS:
        assert key in texts or key.startswith(starts) or key.endswith(ends), key


@pytest.mark.parametrize(
    ("key", "of", "name"),
    [
        ("charge_gross", "", "delivered charge, gross"),
        ("faradaic_efficiency", "CO", "Faradaic efficiency of CO"),
        ("retention", "current", "retention of current"),
    ],
)
def test_the_key_gives_the_name(key: str, of: str, name: str) -> None:
    assert missing(key, "1", "", "not measured", of=of).name == name


def test_a_better_name_leaves_the_key() -> None:
    first = Result("mean_current", 2.1, "A", "mean")
    assert replace(first, name="current, mean over time").key == "mean_current"
    assert first.scaled(2.0, key="charge_net", unit="C").name == "delivered charge, net"
    assert Result("of_another", 2.1, "V", "mean", name="of another").key == "of_another"
    assert Result(**first.as_dict()) == first


def test_a_number_has_one_key_everywhere(closed_form_run: Callable[..., Path]) -> None:
    results = analyze_electrolysis(load_run(closed_form_run()))
    found = {field.name: getattr(results, field.name) for field in fields(results)}
    keys = {name: one.key for name, one in found.items() if isinstance(one, Result)}
    assert len(keys) >= 20
    assert all(name == key for name, key in keys.items())
