"""Turnover carries its basis: a factor of 25 or of 7 % cannot hide in a TOF."""

from __future__ import annotations

import numpy as np
import pytest

from faradaic.analysis.turnover import (
    Sites,
    sites_from_cluster,
    sites_from_surface,
    turnover_frequency,
    turnover_number,
)
from faradaic.chemistry.clusters import cluster, named_cluster, surface_atoms_per_m2
from faradaic.diagnostics import InputError
from faradaic.results import Result, missing
from faradaic.simulators.rehearsed_co2_study import rehearse_co2_study

ALL = Result("faradaic_efficiency", 1.0, "1", "given", random=0.01, systematic=0.03)
MG_PER_CM2 = 0.1e-6  # kg on 1 cm²
F, N_A = 96485.33212, 6.02214076e23  # CODATA 2018


@pytest.mark.parametrize(
    ("name", "cluster_g", "salt_g"),
    [
        # sums of the IUPAC standard atomic weights of 2021
        ("Ag25(SPhMe2)18-", 5166.67, 5506.06),
        ("Au25(PET)18-", 7394.12, 7861.02),
    ],
)
def test_molar_masses_of_cluster_and_salt(name: str, cluster_g: float, salt_g: float) -> None:
    found = named_cluster(name)
    assert found.metal_atoms == 25
    alone = found.molar_mass_kg_per_mol(with_counter_ion=False)
    assert 1e3 * alone == pytest.approx(cluster_g, abs=0.02)
    salt = found.molar_mass_kg_per_mol(with_counter_ion=True)
    assert 1e3 * salt == pytest.approx(salt_g, abs=0.02)


@pytest.mark.parametrize(
    ("name", "sites_mol", "per_cluster", "per_metal"),
    [
        # |j|/(z F n) by hand: 200 mA/cm² of CO at 0.1 mg/cm² of the salt, z = 2
        ("Ag25(SPhMe2)18-", 1.8162e-8, 57.07, 2.283),
        ("Au25(PET)18-", 1.2721e-8, 81.47, 3.259),
    ],
)
def test_turnover_of_the_two_clusters(
    name: str, sites_mol: float, per_cluster: float, per_metal: float
) -> None:
    of = named_cluster(name)
    for per, expected in (("cluster", per_cluster), ("metal atom", per_metal)):
        sites = sites_from_cluster(MG_PER_CM2, of, weighed="salt", per=per)  # type: ignore[arg-type]
        found = turnover_frequency("CO", ALL, 2, -0.2, sites)
        assert found.value == pytest.approx(expected, rel=2e-4)
        assert found.name == f"TOF_app of CO per {per}"
        assert any(flag.startswith("apparent") for flag in found.flags)
    whole = sites_from_cluster(MG_PER_CM2, of, weighed="salt", per="cluster")
    assert whole.amount_mol == pytest.approx(sites_mol, rel=1e-4)


@pytest.mark.parametrize(
    ("surface", "atoms_per_cm2", "nmol"),
    [
        # 4/(sqrt(3) a²) with a = 4.0782 and 4.0857 Å
        ("Au(111)", 1.3885e15, 2.3057),
        ("Ag(111)", 1.3835e15, 2.2973),
    ],
)
def test_atoms_of_ideal_surfaces(surface: str, atoms_per_cm2: float, nmol: float) -> None:
    density = surface_atoms_per_m2(surface)
    assert 1e-4 * density == pytest.approx(atoms_per_cm2, rel=1e-4)
    flat = sites_from_surface(1e-4, density, area="geometric")
    assert 1e9 * flat.amount_mol == pytest.approx(nmol, rel=1e-4)


def test_only_measured_sites_give_a_turnover_frequency_without_app() -> None:
    density = surface_atoms_per_m2("Ag(111)")
    real = turnover_frequency("CO", ALL, 2, -0.01, sites_from_surface(1e-3, density, area="ECSA"))
    flat = turnover_frequency(
        "CO", ALL, 2, -0.01, sites_from_surface(1e-4, density, area="geometric")
    )
    assert real.name == "TOF of CO per ECSA site"
    assert real.flags == ()
    assert flat.name == "TOF_app of CO per surface atom"
    assert flat.value == pytest.approx(10 * (real.value or 0))


def test_errors_of_efficiency_and_sites_are_carried() -> None:
    sites = Sites(1e-8, "per cluster", False, "given", relative=0.04)
    found = turnover_frequency("CO", ALL, 2, -0.1, sites)
    assert found.value == pytest.approx(0.1 / (2 * F * 1e-8))
    assert found.random == pytest.approx(0.01 * (found.value or 0))
    assert found.systematic == pytest.approx(0.05 * (found.value or 0))  # 3 and 4 %


def test_without_an_efficiency_there_is_no_turnover() -> None:
    sites = Sites(1e-8, "per cluster", False, "given")
    found = turnover_frequency(
        "CO", missing("faradaic_efficiency", "1", "m", "no peak"), 2, -0.1, sites
    )
    assert (found.value, found.reason) == (None, "no peak")


def test_turnover_number_is_the_charge_of_a_product_over_its_sites() -> None:
    # 16 h of 0.1 A exp(-t/T), T = 20 h, at 80 %: Q = 0.1 T (1 - exp(-0.8)) by hand
    charge_C = 0.1 * 72000.0 * (1 - np.exp(-0.8))
    charge = Result("charge_gross", charge_C, "C", "given", bounds=(charge_C, 1.5 * charge_C))
    sites = Sites(1e-8, "per cluster", False, "given", relative=0.04)
    efficiency = Result("faradaic_efficiency", 0.8, "1", "given", random=0.008, systematic=0.024)
    found = turnover_number("CO", efficiency, 2, charge, sites)
    expected = 0.8 * charge_C / (2 * F * 1e-8)
    assert found.value == pytest.approx(expected, rel=1e-12)
    assert found.name == "TON_app of CO per cluster"
    # calibration and flow (3 %) beside the loading (4 %)
    assert found.systematic == pytest.approx(0.05 * expected)
    assert found.random == pytest.approx(0.01 * expected)
    assert found.bounds == pytest.approx((expected, 1.5 * expected))


def test_without_a_charge_there_is_no_turnover_number() -> None:
    sites = Sites(1e-8, "per cluster", False, "given")
    found = turnover_number("CO", ALL, 2, missing("charge_gross", "C", "m", "no current"), sites)
    assert (found.value, found.reason, found.key) == (None, "no current", "turnover_number")


@pytest.mark.long
def test_the_rehearsed_study_counts_the_same_clusters() -> None:
    study = rehearse_co2_study("ag25", holds_V_vs_RHE=(-0.5,), hold_s=300.0, long_s=1300.0)
    mass_kg = 1e-2 * study.area_m2
    of = named_cluster("Ag25(SPhMe2)18-")
    sites = sites_from_cluster(mass_kg, of, weighed="salt", per="cluster")
    assert sites.amount_mol == pytest.approx(study.sites_mol, rel=1e-5)
    hold = study.holds[0]
    efficiency = Result("faradaic_efficiency", hold.fe_co, "1", "given")
    found = turnover_frequency("CO", efficiency, 2, hold.current_A, sites)
    assert found.value == pytest.approx(study.turnover_frequency_per_s()[0], rel=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: named_cluster("Ag24"), r"known: Ag25\(SPhMe2\)18-"),
        (lambda: surface_atoms_per_m2("Cu(100)"), "known: Au"),
        (lambda: cluster("[Ag25(SC8H9)18]-", "Au"), "there is no Au"),
        (lambda: cluster("Ag25(SC8H9)18", "Ag", counter_ion="[P(C6H5)4]+"), "do not balance"),
        (lambda: Sites(0.0, "per cluster", False, "given"), "turn nothing over"),
        (
            lambda: sites_from_cluster(1e-6, cluster("Ag2S", "Ag"), weighed="salt", per="cluster"),
            "has no counter-ion",
        ),
    ],
)
def test_what_gives_no_sites_is_refused(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(InputError, match=message):
        call()
