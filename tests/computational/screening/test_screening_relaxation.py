"""Relaxations end in minima, say when they do not, and are found again by what they depend on."""

from pathlib import Path

import numpy as np
import pytest

from faradaic.diagnostics import InputError

pytest.importorskip("ase")
pytest.importorskip("pymatgen")

from pymatgen.core import Lattice, Structure

from faradaic.computational.interatomic_potentials import Potential
from faradaic.computational.screening.relaxation import (
    OPTIMIZERS,
    RelaxationSettings,
    collect,
    relax,
    relax_all,
    relaxed,
    structure_of,
    structure_values,
    task_of,
)
from faradaic.computational.screening.starting_structure import StartingStructure
from faradaic.workloads.ledger import Ledger
from faradaic.workloads.work import Unfit

EMT = Potential("emt")
FCC = [[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]]


def fcc(*elements: str, edge_A: float = 4.0) -> Structure:
    return Structure(Lattice.cubic(edge_A), elements, FCC)


def start(structure: Structure, name: str = "", role: str = "target") -> StartingStructure:
    name = name or structure.composition.formula
    return StartingStructure(name, "fcc", "metals", role, structure, "made for a test")  # type: ignore[arg-type]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_copper_relaxes_to_the_lattice_of_its_potential(optimizer: str) -> None:
    # ASE's table of EMT holds the radius s0 of the sphere of one atom, in bohr (Jacobsen, Stoltze
    # and Norskov, 1996): a^3 = 4 (4 pi / 3) s0^3 in fcc, to about 1 % as its cutoff is finite.
    from ase.calculators.emt import parameters
    from ase.units import Bohr

    edge_A = (16 * np.pi / 3) ** (1 / 3) * parameters["Cu"][1] * Bohr
    end = relax(
        structure_values(fcc(*["Cu"] * 4, edge_A=3.7).get_primitive_structure()),
        EMT.calculator(),
        RelaxationSettings(optimizer=optimizer, max_force_eV_A=0.02, rattle_A=0.02),
    )

    assert end.converged
    assert end.max_force_eV_A <= 0.02
    assert (4 * end.volume_A3) ** (1 / 3) == pytest.approx(edge_A, rel=0.01)
    assert structure_of(end.structure).volume == pytest.approx(end.volume_A3, rel=1e-4)


def test_a_symmetric_start_stays_on_its_saddle_and_a_rattled_one_does_not() -> None:
    corners = [[0.5 + 0.095 * i, 0.5 + 0.095 * j, 0.5] for i in (-1, 1) for j in (-1, 1)]
    square = structure_values(Structure(Lattice.cubic(14), ["Cu"] * 4, corners))
    energies_eV = [
        relax(
            square,
            EMT.calculator(),
            RelaxationSettings(rattle_A=rattle_A, relax_cell=False, max_force_eV_A=0.003),
        ).energy_eV
        for rattle_A in (0.0, 0.05)
    ]

    assert energies_eV[1] < energies_eV[0] - 0.3  # it folds up; in the plane nothing pulls


def test_one_structure_is_always_rattled_alike_and_another_differently() -> None:
    settings = RelaxationSettings(max_steps=1)
    one = task_of(start(fcc("Cu", "Au", "Au", "Au")), EMT, settings).payload
    other = task_of(start(fcc("Cu", "Cu", "Au", "Au")), EMT, settings).payload

    ends = [relax(one["structure"], EMT.calculator(), settings, one["seed"]) for _ in range(2)]

    assert ends[0] == ends[1]
    assert one["seed"] != other["seed"]


def test_the_key_covers_structure_method_and_settings_but_not_the_names() -> None:
    alloy = fcc("Cu", "Au", "Au", "Au")
    key = task_of(start(alloy), EMT, RelaxationSettings()).key

    assert task_of(start(alloy, "another name", "competitor"), EMT, RelaxationSettings()).key == key
    assert task_of(start(fcc("Au", "Cu", "Au", "Au")), EMT, RelaxationSettings()).key != key
    larger = fcc("Cu", "Au", "Au", "Au", edge_A=4.1)
    assert task_of(start(larger), EMT, RelaxationSettings()).key != key
    assert task_of(start(alloy), EMT, RelaxationSettings(max_steps=401)).key != key
    assert (
        task_of(start(alloy), Potential("emt", {"asap_cutoff": True}), RelaxationSettings()).key
        != key
    )


def test_the_noise_of_floating_point_does_not_change_a_structure() -> None:
    exact = Structure(Lattice.cubic(4.0), ["Cu", "Au"], [[0, 0, 0], [0.5, 0.5, 0.5]])
    noisy = Structure(
        Lattice([[4.0, -1e-16, 0], [1e-15, 4.0, 0], [0, 0, 4.0 - 1e-14]]),
        ["Cu", "Au"],
        [[1 - 1e-14, -1e-15, 1e-17], [0.5 + 1e-13, 0.5, 1.5]],
    )
    assert str(structure_values(noisy)) == str(structure_values(exact))


def test_all_are_relaxed_failures_are_told_and_what_is_not_relaxed_is_marked(
    tmp_path: Path,
) -> None:
    starts = [
        start(fcc("Cu", "Au", "Au", "Au")),
        start(fcc("Cu", "Xe", "Au", "Au"), "with xenon"),
        start(fcc("Pd", "Pd", "Ag", "Ag", edge_A=3.2), "far too small"),
    ]
    hasty = RelaxationSettings(max_steps=3, max_force_eV_A=0.001)

    summary = relax_all(starts, tmp_path, potential=EMT, settings=hasty, workers=1)
    entries, findings = collect(
        [*starts, start(fcc("Ni", "Ni", "Ni", "Ni"), "later")],
        tmp_path,
        potential=EMT,
        settings=hasty,
    )

    assert (summary.done, summary.failed) == (2, 1)
    assert [entry.name for entry in entries] == ["Cu1 Au3", "far too small"]
    assert entries[0].composition == {"Cu": 1, "Au": 3}
    assert entries[0].method.startswith("EMT (ase ")
    assert entries[0].key == task_of(starts[0], EMT, hasty).key
    assert not entries[0].converged
    assert entries[0].max_force_eV_A is not None
    assert entries[0].max_force_eV_A > 0.001
    told = {(f.code, f.message) for f in findings}
    assert {code for code, _ in told} == {"E836", "E837", "E838", "E839"}
    failure = next(message for code, message in told if code == "E837")
    assert failure.startswith("the relaxation of with xenon failed: ")


def test_names_and_roles_are_those_of_the_list_that_asks(tmp_path: Path) -> None:
    alloy = fcc("Cu", "Au", "Au", "Au")
    relax_all([start(alloy, "first")], tmp_path, potential=EMT, workers=1)

    both = [start(alloy, "as target"), start(alloy, "as competitor", "competitor")]
    summary = relax_all(both, tmp_path, potential=EMT, workers=1)
    entries, findings = collect(both, tmp_path, potential=EMT)

    assert (summary.done, summary.skipped) == (0, 2)
    assert [(e.name, e.role) for e in entries] == [
        ("as target", "target"),
        ("as competitor", "competitor"),
    ]
    assert entries[0].energy_eV == entries[1].energy_eV
    assert findings == []


def test_a_potential_that_no_worker_can_set_up_ends_the_run_and_blames_no_structure(
    tmp_path: Path,
) -> None:
    alloys = [start(fcc("Cu", "Au", "Au", "Au")), start(fcc("Cu", "Cu", "Au", "Au"))]

    with pytest.raises(Unfit, match=r"'ase\.build:bulk' could not be set up"):
        relax_all(alloys, tmp_path, potential=Potential("ase.build:bulk"), workers=1)

    assert list(Ledger(tmp_path).records()) == []


def test_relaxed_cells_can_be_taken_further(tmp_path: Path) -> None:
    alloy, other = start(fcc("Cu", "Au", "Au", "Au")), start(fcc("Cu", "Cu", "Au", "Au"))
    relax_all([alloy], tmp_path, potential=EMT, workers=1)

    (end,) = relaxed([alloy, other], tmp_path, potential=EMT)
    again = relax(structure_values(end.structure), EMT.calculator(), RelaxationSettings(rattle_A=0))

    assert (end.name, end.role) == (alloy.name, alloy.role)
    assert end.source.endswith(EMT.method)
    assert again.steps == 0
    (entry,), _ = collect([alloy], tmp_path, potential=EMT)
    assert again.energy_eV == pytest.approx(entry.energy_eV, abs=1e-4)


def test_energies_of_another_potential_are_not_taken(tmp_path: Path) -> None:
    alloy = [start(fcc("Cu", "Au", "Au", "Au"))]
    relax_all(alloy, tmp_path, potential=EMT, workers=1)

    entries, findings = collect(
        alloy, tmp_path, potential=Potential("ase.calculators.emt:EMT", {"asap_cutoff": True})
    )

    assert entries == []
    assert [finding.code for finding in findings] == ["E836"]


def test_any_ase_calculator_serves_by_its_module() -> None:
    own, named = EMT.calculator(), Potential("ase.calculators.emt:EMT").calculator()
    alloy = structure_values(fcc("Cu", "Au", "Au", "Au"))
    settings = RelaxationSettings(max_steps=2)
    assert relax(alloy, own, settings) == relax(alloy, named, settings)


def test_methods_carry_versions_and_the_options_that_matter() -> None:
    from importlib.metadata import version

    ase = version("ase")
    assert EMT.method == f"EMT (ase {ase})"
    assert Potential("ase.calculators.emt:EMT", {"asap_cutoff": True}).method == (
        f'ase.calculators.emt:EMT (ase {ase}) {{"asap_cutoff": true}}'
    )


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("m3gnet", {}, "one of chgnet, gfn1, gfn2, emt, or module:callable"),
        ("nothere.calculators:Fast", {}, "needs nothere, not installed"),
        ("emt", {"function": print}, "not plain values"),
        ("emt", {"cutoff": float("nan")}, "not plain values"),
    ],
)
def test_a_potential_that_cannot_be_is_an_error_with_a_remedy(
    name: str, options: dict[str, object], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        Potential(name, options)


@pytest.mark.parametrize(
    ("name", "options"),
    [("ase.build:bulk", {}), ("ase.calculators.emt:Missing", {})],
)
def test_a_calculator_that_cannot_be_made_is_an_error(
    name: str, options: dict[str, object]
) -> None:
    with pytest.raises(InputError, match="could not be set up"):
        Potential(name, options).calculator()


@pytest.mark.parametrize(
    "wrong",
    [{"rattle_A": -0.1}, {"rattle_A": 5.0}, {"max_force_eV_A": 0.0}, {"max_steps": 0},
     {"optimizer": "fire"}, {"max_force_eV_A": float("nan")}],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="a relaxation cannot have"):
        RelaxationSettings(**wrong)  # type: ignore[arg-type]


@pytest.mark.long
def test_the_universal_potential_gives_the_energy_of_magnesia(tmp_path: Path) -> None:
    # Rocksalt MgO relaxed with CHGNet 0.3.0 by its own optimizer: -12.62774 eV per MgO.
    pytest.importorskip("chgnet")
    from importlib.metadata import version

    magnesia = Structure.from_spacegroup(
        "Fm-3m", Lattice.cubic(4.3), ["Mg", "O"], [[0, 0, 0], [0.5, 0.5, 0.5]]
    ).get_primitive_structure()

    summary = relax_all([start(magnesia, "MgO")], tmp_path, workers=1)
    (entry,), _ = collect([start(magnesia, "MgO")], tmp_path)

    assert (summary.done, summary.failed) == (1, 0)
    assert entry.method == f"CHGNet 0.3.0 (chgnet {version('chgnet')})"
    assert entry.energy_eV == pytest.approx(-12.62774, abs=0.002)
    (record,) = Ledger(tmp_path).records()
    assert record.cpu_s > 0


def test_tight_binding_gives_the_energy_of_its_own_interface() -> None:
    interface = pytest.importorskip("tblite.interface")
    from ase.units import Bohr, Hartree

    edge_A, bond_A = 10.0, 0.74
    hydrogen = Structure(Lattice.cubic(edge_A), ["H", "H"], [[0, 0, 0], [bond_A / edge_A, 0, 0]])
    own = interface.Calculator(
        "GFN1-xTB",
        np.array([1, 1]),
        np.array([[0, 0, 0], [bond_A, 0, 0]]) / Bohr,
        lattice=np.eye(3) * edge_A / Bohr,
        periodic=np.array([True] * 3),
    )
    own.set("verbosity", 0)

    end = relax(
        structure_values(hydrogen),
        Potential("gfn1").calculator(),
        RelaxationSettings(rattle_A=0, relax_cell=False, max_steps=1, max_force_eV_A=100.0),
    )

    assert end.steps == 0
    assert end.energy_eV == pytest.approx(own.singlepoint().get("energy") * Hartree, abs=1e-6)


def test_where_the_optimizer_does_not_converge_fire_begins_anew() -> None:
    cell = structure_values(fcc(*["Cu"] * 4, edge_A=3.3))
    fire = relax(cell, EMT.calculator(), RelaxationSettings(max_steps=3, optimizer="FIRE"))
    both = relax(cell, EMT.calculator(), RelaxationSettings(max_steps=3))
    assert not both.converged
    assert both.steps == 3 + fire.steps
    assert both.energy_eV <= fire.energy_eV
