"""What a constrained run is to do, as a person writes it in YAML.

Lengths are in angstrom, times in fs, energies in eV, temperatures in K: the keys say so. Atoms
are named by element and number, counted from 1 as in VASP and CP2K (`O6` is the sixth atom of the
file and must be an oxygen), so that counting from the wrong end is noticed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from faradaic.computational import CONSTRAINED_RUN
from faradaic.computational.interatomic_potentials import Potential, PotentialChoice
from faradaic.computational.interface.atom_labels import checked_index, index_of
from faradaic.diagnostics import Diagnostic, InputError, refusal
from faradaic.documents.document import Document
from faradaic.documents.kinds import read_document
from faradaic.documents.models import Number, PositiveNumber, Text
from faradaic.documents.validation import validate_document
from faradaic.input_files import check_file
from faradaic.optional_libraries import optional_library

if TYPE_CHECKING:
    from ase import Atoms

    from faradaic.computational.interface.collective_variables import DistanceCombination

_ATOM = r"^[A-Z][a-z]?[1-9][0-9]*$"
Steps = Annotated[int, Field(strict=True, ge=1, le=100_000_000)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DistanceTerm(_Model):
    """One distance of the coordinate."""

    atoms: tuple[
        Annotated[str, Field(strict=True, pattern=_ATOM, examples=["O6"])],
        Annotated[str, Field(strict=True, pattern=_ATOM, examples=["H7"])],
    ] = Field(examples=["[O6, H7]"])
    coefficient: Number = Field(examples=[1])


class Windows(_Model):
    """Where the constraint rests, and for how long."""

    from_A: Number = Field(examples=[-1.0])
    to_A: Number = Field(examples=[1.0])
    number: Annotated[int, Field(strict=True, ge=3, le=1000)] = Field(examples=[9])
    steps: Steps = Field(examples=[1200])
    """Of each window, after its equilibration."""
    equilibration_steps: Steps = Field(examples=[300])


class Dynamics(_Model):
    """How the atoms move."""

    temperature_K: PositiveNumber = Field(examples=[300])
    time_step_fs: PositiveNumber = Field(examples=[0.5])
    friction_per_ps: PositiveNumber = Field(default=20.0, examples=[20])
    seed: Annotated[int, Field(strict=True, ge=0)] = 1


class ConstrainedStudy(_Model):
    """A constrained run: windows at rest (blue moon) and one pull each way (slow growth)."""

    faradaic_constrained_run: Literal[1] = Field(examples=[1])
    title: Text = Field(examples=["Proton transfer from water to methanethiolate"])
    atoms: Text = Field(examples=["start.xyz"])
    """A file that ASE reads, beside this one."""
    charge: Annotated[int, Field(strict=True, ge=-20, le=20)] = 0
    """Of the whole system, in elementary charges; for gfn1, gfn2 and CP2K."""
    potential: PotentialChoice = PotentialChoice(name="gfn2")
    """What gives the forces."""
    relax_eV_A: PositiveNumber | None = Field(default=None, examples=[0.05])
    """Relax the start, without the constraint, until no force is larger."""
    coordinate: Annotated[tuple[DistanceTerm, ...], Field(min_length=1, max_length=20)] = Field(
        examples=["[{atoms: [O6, H7], coefficient: 1}]"]
    )
    windows: Windows = Field(examples=["{from_A: -1, to_A: 1, number: 9}"])
    pull_steps: Steps = Field(examples=[200])
    """Of the moving constraint, from one window to the next."""
    dynamics: Dynamics = Field(examples=["{temperature_K: 300, time_step_fs: 0.5}"])
    frame_every: Annotated[int, Field(strict=True, ge=1)] = 20
    """Steps between two frames of the trajectories."""
    checkpoint_steps: Annotated[int, Field(strict=True, ge=1)] = 200
    """At most so many steps are lost when the run is killed."""

    @property
    def targets_A(self) -> list[float]:
        """Where the windows rest."""
        w = self.windows
        width_A = (w.to_A - w.from_A) / (w.number - 1)
        return [w.from_A + width_A * k for k in range(w.number)]


class LoadedConstrainedRun:
    """A study with the structure that it starts from."""

    def __init__(self, study: ConstrainedStudy, atoms: Atoms, text: str, source: Path) -> None:
        self.study = study
        self.atoms = atoms
        self.text = text
        self.source = source

    def potential(self) -> Potential:
        """What gives the forces, with the charge. Raises `InputError` (E830, E831, E872)."""
        choice, charge = self.study.potential, self.study.charge
        options = dict(choice.options)
        if choice.name in ("gfn1", "gfn2"):
            options = {"charge": float(charge), **options}
        elif charge:
            raise refusal(
                "E872",
                f"`charge: {charge}` does not reach the potential {choice.name}",
                "leave `charge` out and write the charge under `options` of `potential` "
                "as its calculator calls it",
            )
        return Potential(choice.name, options)

    @property
    def key(self) -> str:
        """Changes with everything that changes the numbers: settings and structure."""
        content = self.study.model_dump_json(exclude={"title", "atoms"})
        digest = hashlib.sha256(content.encode())
        for array in (self.atoms.numbers, self.atoms.positions, self.atoms.cell[:], self.atoms.pbc):
            digest.update(array.tobytes())
        return digest.hexdigest()


def load_constrained_run(path: Path, potential: str | None = None) -> LoadedConstrainedRun:
    """Read a study and its structure; raises `InputError` with every problem found.

    `potential` is the name that a person typed in place of the study's.

    E2xx and E3xx for the file, E872 for a structure or atoms that do not fit.
    """
    document = read_document(path, CONSTRAINED_RUN)
    study = validate_document(document, ConstrainedStudy)
    study = study.model_copy(update={"potential": study.potential.typed(potential)})
    if study.windows.from_A >= study.windows.to_A:
        raise _at(document, ("windows", "to_A"), "`to_A` must be above `from_A`",
                  "change the signs of the coefficients to run the other way")  # fmt: skip
    atoms = _structure(document, path.parent / study.atoms)
    problems = list(_wrong_atoms(document, study, atoms))
    if problems:
        raise InputError(*problems)
    loaded = LoadedConstrainedRun(study, atoms, document.text, path)
    loaded.potential()
    return loaded


def coordinate_of(study: ConstrainedStudy, atoms: Atoms) -> DistanceCombination:
    """The coordinate of a study for its structure."""
    from faradaic.computational.interface.collective_variables import DistanceCombination

    return DistanceCombination(
        [(index_of(a), index_of(b)) for a, b in (term.atoms for term in study.coordinate)],
        [term.coefficient for term in study.coordinate],
        atoms=len(atoms),
        cell_A=atoms.cell[:] if atoms.pbc.any() else None,
        periodic=atoms.pbc,
    )


def _structure(document: Document, path: Path) -> Atoms:
    read = optional_library("ase.io").read
    try:
        check_file(path)
        atoms: Atoms = read(path, index=-1)
    except FileNotFoundError:
        help_text = "write the name of the structure file, relative to this one"
        raise _at(document, ("atoms",), f"there is no file {path}", help_text) from None
    except Exception as error:
        help_text = "use a format that ASE knows: xyz, extxyz, POSCAR, cif"
        message = f"ASE cannot read {path}: {error}"
        raise _at(document, ("atoms",), message, help_text) from error
    atoms.calc = None
    return atoms


def _wrong_atoms(document: Document, study: ConstrainedStudy, atoms: Atoms) -> Iterator[Diagnostic]:
    symbols = atoms.get_chemical_symbols()
    for k, term in enumerate(study.coordinate):
        for side, label in enumerate(term.atoms):
            place = document.locate(("coordinate", k, "atoms", side))
            try:
                checked_index(label, symbols, study.atoms, "E872")
            except InputError as error:
                yield error.diagnostics[0].at(place)
                continue
            if side and label == term.atoms[0]:
                message = f"{label} has no distance to itself"
                yield Diagnostic("E872", message, help="name two atoms", location=place)
        if term.coefficient == 0:
            yield Diagnostic(
                "E872",
                "a coefficient of 0 takes the distance out of the coordinate",
                help="remove the term",
                location=document.locate(("coordinate", k, "coefficient")),
            )


def _at(document: Document, path: tuple[str, ...], message: str, help_text: str) -> InputError:
    return InputError(Diagnostic("E872", message, help=help_text, location=document.locate(path)))
