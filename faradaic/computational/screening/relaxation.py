"""Relax starting structures with a potential, from a rattled cell, many of them resumably.

A structure that starts in a symmetric cell has forces of that symmetry only and can stop at a
saddle; one small random displacement of every atom lets it fall. The displacements come from the
task's own key, so that a structure is always rattled alike.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from faradaic.computational.interatomic_potentials import Potential
from faradaic.computational.screening.entries import EnergyEntry
from faradaic.computational.screening.starting_structure import StartingStructure
from faradaic.diagnostics import Diagnostic, InputError, refusal, warning
from faradaic.workloads.executors import open_executor
from faradaic.workloads.ledger import Ledger, task_key
from faradaic.workloads.work import Progress, Task, Unfit, WorkSummary
from faradaic.workloads.work import run as run_tasks

OPTIMIZERS = ("LBFGS", "BFGSLineSearch", "FIRE")
"""Of ASE. For 18 rattled oxides of 6 to 36 atoms CHGNet is called 809 times by LBFGS, 890 times by
BFGSLineSearch and 1389 times by FIRE; the energies agree within 0.3 meV/atom but for one inverse
spinel, where FIRE stops 1.1 meV/atom higher."""


@dataclass(frozen=True, slots=True)
class RelaxationSettings:
    """How to relax. Raises `InputError` (E833) for values that make no sense."""

    rattle_A: float = 0.05
    """Standard deviation of the normal displacement of each coordinate before the start."""
    max_force_eV_A: float = 0.03
    """Largest generalised force at the end: on the atoms, and on the cell where it relaxes."""
    max_steps: int = 400
    relax_cell: bool = True
    optimizer: str = "LBFGS"

    def __post_init__(self) -> None:
        problem = ""
        if not 0 <= self.rattle_A <= 0.5:
            problem = f"a rattle of {self.rattle_A} Å; allowed is 0 to 0.5 Å"
        elif not self.max_force_eV_A > 0:
            problem = f"a largest force of {self.max_force_eV_A} eV/Å; it must be above 0"
        elif self.max_steps < 1:
            problem = f"{self.max_steps} steps; at least 1"
        elif self.optimizer not in OPTIMIZERS:
            problem = f"optimizer {self.optimizer!r}; one of {', '.join(OPTIMIZERS)}"
        if problem:
            raise refusal(
                "E833",
                f"a relaxation cannot have {problem}",
                "the defaults are " + ", ".join(f"{k}: {v}" for k, v in _DEFAULTS.items()),
            )


_DEFAULTS = {name: f.default for name, f in RelaxationSettings.__dataclass_fields__.items()}


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The end of a relaxation."""

    energy_eV: float
    """Of the cell."""
    max_force_eV_A: float
    """Largest generalised force left, in the sense of `RelaxationSettings.max_force_eV_A`."""
    converged: bool
    steps: int
    structure: Mapping[str, Any]
    """Of `structure_values`."""
    volume_A3: float


def structure_values(structure: Any) -> dict[str, Any]:
    """A pymatgen structure as JSON values: `lattice_A` (3 rows), `species`, `fractional`.

    Rounded to five decimals, fractional coordinates in [0, 1), so that two machines which build
    the same structure give the same values.
    """
    species = [site.specie.symbol for site in structure]
    return _values(structure.lattice.matrix, species, structure.frac_coords)


def _values(lattice_A: Any, species: list[str], fractional: Any) -> dict[str, Any]:
    # Adding 0.0 turns -0.0 into 0.0; 0.999999 becomes 1.0 by rounding and then 0.0.
    return {
        "lattice_A": (np.round(lattice_A, 5) + 0.0).tolist(),
        "species": species,
        "fractional": (np.round(fractional, 5) % 1.0).round(5).tolist(),
    }


def structure_of(values: Mapping[str, Any]) -> Any:
    """The pymatgen structure of `structure_values`."""
    from pymatgen.core import Structure

    return Structure(values["lattice_A"], values["species"], values["fractional"])


def relax(
    structure: Mapping[str, Any], calculator: Any, settings: RelaxationSettings, seed: int = 0
) -> Relaxed:
    """Relax one structure (of `structure_values`) with an ASE calculator.

    Cell and positions move together in the logarithm of the deformation (ASE's FrechetCellFilter).
    Where the optimizer does not converge, FIRE begins anew from the same rattled cell: quasi-Newton
    steps can leave the basin for good, FIRE's cannot jump. Where the steps of both run out, the
    result is the lower of the two and says so. Raises what the calculator raises.
    """
    first = _relax(structure, calculator, settings, seed)
    if first.converged or settings.optimizer == "FIRE":
        return first
    second = _relax(structure, calculator, replace(settings, optimizer="FIRE"), seed)
    better = second if second.converged or second.energy_eV < first.energy_eV else first
    return replace(better, steps=first.steps + second.steps)


def _relax(
    structure: Mapping[str, Any], calculator: Any, settings: RelaxationSettings, seed: int
) -> Relaxed:
    from ase import Atoms, filters, optimize

    atoms = Atoms(
        structure["species"],
        cell=structure["lattice_A"],
        scaled_positions=structure["fractional"],
        pbc=True,
    )
    displacements_A = np.random.default_rng(seed).normal(0.0, settings.rattle_A, (len(atoms), 3))
    atoms.positions += displacements_A
    atoms.calc = calculator
    moving = filters.FrechetCellFilter(atoms) if settings.relax_cell else atoms
    optimizer = getattr(optimize, settings.optimizer)(moving, logfile=None)
    converged = optimizer.run(fmax=settings.max_force_eV_A, steps=settings.max_steps)
    forces_eV_A = moving.get_forces()
    energy_eV = float(atoms.get_potential_energy())
    if not np.isfinite(energy_eV) or not np.isfinite(forces_eV_A).all():
        raise InputError.of("the potential gave an energy or force that is not finite", code="E834")
    return Relaxed(
        energy_eV,
        float(np.linalg.norm(forces_eV_A, axis=1).max()),
        bool(converged),
        int(optimizer.nsteps),
        _values(atoms.cell[:], structure["species"], atoms.get_scaled_positions()),
        float(atoms.get_volume()),
    )


def task_of(start: StartingStructure, potential: Potential, settings: RelaxationSettings) -> Task:
    """The relaxation of one starting structure as a task for any process or machine.

    Its key covers the structure, the method with its versions and the settings; names and roles
    may change without anything being computed again.
    """
    structure = structure_values(start.structure)
    method, parameters = potential.method, asdict(settings)
    key = task_key(structure, method, parameters)
    payload = {
        "structure": structure,
        "labels": {
            "name": start.name,
            "role": start.role,
            "prototype": start.prototype,
            "family": start.family,
            "source": start.source,
        },
        "potential": potential.name,
        "options": json.dumps(dict(potential.options), sort_keys=True),
        "method": method,
        "settings": parameters,
        "seed": int(key[:15], 16),
    }
    return Task(key, payload, start.name, cost=len(start.structure) ** 1.5)


def relax_task(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Do one task of `task_of`: the fields of an `EnergyEntry` and of `Relaxed`, as JSON values.

    Raises `Unfit` where this process cannot set up the potential, or has another version of it
    (E835) than the one that asked.
    """
    try:
        potential, calculator = _set_up(payload["potential"], payload["options"])
    except InputError as error:
        raise Unfit(*error.diagnostics) from None
    if potential.method != payload["method"]:
        raise Unfit(
            Diagnostic(
                "E835",
                f"this worker has {potential.method}, asked was {payload['method']}",
                help="install the same versions on every machine",
            )
        )
    structure = payload["structure"]
    with warnings.catch_warnings():
        # torch and scipy's logm warn at every step, and the lines of all workers meet in one place
        warnings.simplefilter("ignore")
        relaxed = relax(
            structure, calculator, RelaxationSettings(**payload["settings"]), payload["seed"]
        )
    return {
        **payload["labels"],
        "composition": dict(Counter(structure["species"])),
        "method": payload["method"],
        **asdict(relaxed),
        "starting_volume_A3": abs(float(np.linalg.det(structure["lattice_A"]))),
    }


@lru_cache(maxsize=4)
def _set_up(name: str, options: str) -> tuple[Potential, Any]:
    potential = Potential(name, json.loads(options))
    return potential, potential.calculator()


def relax_all(
    starts: Iterable[StartingStructure],
    folder: Path | str,
    *,
    potential: Potential | None = None,
    settings: RelaxationSettings | None = None,
    executor: str = "processes",
    workers: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    retry_failed: bool = False,
) -> WorkSummary:
    """Relax what `folder` does not hold yet, in order; after any end the same call goes on.

    `executor` and `workers` as in `workloads.executors.open_executor`; errors as in
    `workloads.work.run`. A sequence of starts gives time left; an iterator of any length works.
    """
    potential, settings = potential or Potential(), settings or RelaxationSettings()
    tasks: Iterable[Task] = (task_of(start, potential, settings) for start in starts)
    if isinstance(starts, list | tuple):
        tasks = list(tasks)
    with open_executor(executor, workers) as pool:
        return run_tasks(
            tasks, relax_task, Ledger(folder), pool, progress=progress, retry_failed=retry_failed
        )


def collect(
    starts: Iterable[StartingStructure],
    folder: Path | str,
    *,
    potential: Potential | None = None,
    settings: RelaxationSettings | None = None,
) -> tuple[list[EnergyEntry], list[Diagnostic]]:
    """The stored energies of these starts in their order, and findings about the others.

    Findings: not computed yet (E836), failed (E837), not converged (E838), volume changed by more
    than a third (E839). The last two are among the entries, marked and to be judged.
    """
    potential, settings = potential or Potential(), settings or RelaxationSettings()
    records = {record.key: record for record in Ledger(folder).records()}
    entries, findings = [], []
    for start in starts:
        task = task_of(start, potential, settings)
        record = records.get(task.key)
        if record is None:
            findings.append(
                Diagnostic(
                    "E836",
                    f"{start.name} is not computed in {folder}",
                    help="run the relaxations again into this folder; they go on where they ended",
                )
            )
        elif record.result is None:
            findings.append(
                Diagnostic(
                    "E837",
                    f"the relaxation of {start.name} failed: {record.reason}",
                    help="look at its starting structure; failures are retried when asked for",
                )
            )
        else:
            entries.append(_entry(task, record.result))
            findings.extend(_oddities(start.name, record.result, settings))
    return entries, findings


def relaxed(
    starts: Iterable[StartingStructure],
    folder: Path | str,
    *,
    potential: Potential | None = None,
    settings: RelaxationSettings | None = None,
) -> list[StartingStructure]:
    """These starts with their stored relaxed cells; those without a result are left out."""
    potential, settings = potential or Potential(), settings or RelaxationSettings()
    results = {r.key: r.result for r in Ledger(folder).records() if r.result is not None}
    found = []
    for start in starts:
        result = results.get(task_of(start, potential, settings).key)
        if result is not None:
            source = f"{start.source}; relaxed with {result['method']}"
            cell = structure_of(result["structure"])
            found.append(replace(start, structure=cell, source=source))
    return found


def _entry(task: Task, result: Mapping[str, Any]) -> EnergyEntry:
    computed = ("composition", "energy_eV", "method", "converged", "max_force_eV_A")
    return EnergyEntry(
        **task.payload["labels"], **{name: result[name] for name in computed}, key=task.key
    )


def _oddities(
    name: str, result: Mapping[str, Any], settings: RelaxationSettings
) -> Iterator[Diagnostic]:
    if not result["converged"]:
        yield warning(
            "E838",
            f"{name} is not relaxed: {result['max_force_eV_A']:.3f} eV/Å left after "
            f"{result['steps']} steps, {settings.max_force_eV_A:g} asked",
            help="allow more steps for it; its energy is an upper bound",
            numbers={"max_force_eV_A": result["max_force_eV_A"]},
        )
    ratio = result["volume_A3"] / result["starting_volume_A3"]
    if not 2 / 3 < ratio < 4 / 3:
        yield warning(
            "E839",
            f"{name} changed its volume by {100 * (ratio - 1):+.0f} % while it relaxed",
            help="look at its structure: it may have left its prototype",
            numbers={"volume_ratio": ratio},
        )
