"""Inputs of density functional codes for chosen structures, with settings that agree among them.

Energies share a hull only if everything that shifts an energy agrees: functional, cutoffs,
pseudopotentials, Hubbard U, and the density of k-points rather than their number.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from faradaic.computational.cp2k_kinds import (
    kind_sections,
    pseudopotential,
    valence_electrons,
)
from faradaic.computational.screening.starting_structure import StartingStructure
from faradaic.diagnostics import Diagnostic, refusal, warning
from faradaic.records.folder import csv_bytes, write_file

CODES = ("vasp", "cp2k")

KPOINTS_PER_INVERSE_A3 = 64
"""k-points per A^-3 of the reciprocal cell, the density of the Materials Project's relaxations."""

CUTOFF_Ry = 600
RELATIVE_CUTOFF_Ry = 60
MAX_FORCE_Ha_BOHR = 5.8e-4
"""0.03 eV/A."""

LIST = "decks.csv"


@dataclass(frozen=True, slots=True)
class Decks:
    """The inputs that were written."""

    list_file: Path
    """One line per structure: folder, name, k-points, cutoff, pseudopotentials, U."""
    findings: tuple[Diagnostic, ...]


def write_decks(
    starts: Iterable[StartingStructure],
    folder: Path | str,
    code: str,
    incar: Mapping[str, Any] | None = None,
) -> Decks:
    """Write an input for each structure into a folder of its own, and their list.

    "vasp": INCAR, KPOINTS, POSCAR and the names of the POTCARs (`POTCAR.spec`; the files are
    licensed) by pymatgen's `MPRelaxSet`, so that the energies go with the Materials Project's
    PBE and PBE+U entries; `incar` changes tags of all inputs alike. "cp2k": PBE with GTH
    potentials and DZVP-MOLOPT-SR-GTH basis sets, without U.

    Raises `InputError`: E920 for another code or a tag where there are none, E921 for an element
    that the settings do not cover, E922 for a folder that holds inputs already. Finds (E923) an
    element with different U in two inputs.
    """
    if code not in CODES:
        raise refusal("E920", f"there are no inputs for {code!r}", f"one of {', '.join(CODES)}")
    if incar and code != "vasp":
        raise refusal("E920", f"an INCAR tag has no place in inputs for {code}", "leave it out")
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise refusal("E922", f"{folder} is not empty", "name a new folder")
    rows: list[dict[str, Any]] = []
    for start in starts:
        place = folder / _folder_name(start.name)
        if place.exists():
            raise refusal("E922", f"{start.name!r} is there twice", "give each structure a name")
        facts = _vasp(start, place, incar or {}) if code == "vasp" else _cp2k(start, place)
        rows.append(
            {"folder": place.name, "name": start.name, "role": start.role, "code": code,
             "atoms": len(start.structure), **facts}
        )  # fmt: skip
    if not rows:
        raise refusal("E920", "no structure was chosen", "choose at least one")
    write_file(folder / LIST, csv_bytes(rows[0], (row.values() for row in rows)))
    return Decks(folder / LIST, tuple(_mixed_u(rows)))


def _folder_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9.+-]+", "_", name).strip("_.") or "structure"


def _vasp(start: StartingStructure, place: Path, incar: Mapping[str, Any]) -> dict[str, Any]:
    from pymatgen.io.vasp.sets import MPRelaxSet

    structure = start.structure.get_sorted_structure()
    _covered(start.name, structure, MPRelaxSet.CONFIG["POTCAR"], "POTCAR in MPRelaxSet")
    inputs = MPRelaxSet(
        structure,
        user_incar_settings=dict(incar),
        user_kpoints_settings={"reciprocal_density": KPOINTS_PER_INVERSE_A3},
    )
    tags, kpoints, potcars = inputs.incar, inputs.kpoints, inputs.potcar_symbols
    place.mkdir(parents=True)
    (place / "INCAR").write_text(str(tags), encoding="utf-8")
    (place / "KPOINTS").write_text(str(kpoints), encoding="utf-8")
    (place / "POSCAR").write_text(inputs.poscar.get_str(significant_figures=8), encoding="utf-8")
    (place / "POTCAR.spec").write_text("\n".join(potcars) + "\n", encoding="utf-8")
    elements = inputs.poscar.site_symbols
    u_eV = dict(zip(elements, tags.get("LDAUU", []), strict=False)) if tags.get("LDAU") else {}
    return {
        "kpoints": "x".join(str(n) for n in kpoints.kpts[0]),
        "cutoff": f"{tags['ENCUT']:g} eV",
        "pseudopotentials": " ".join(potcars),
        "u_eV": " ".join(f"{element}:{u_eV.get(element, 0):g}" for element in elements),
    }


def _covered(name: str, structure: Any, known: Container[str], what: str) -> list[str]:
    """The elements in their order; an error where `known` lacks one."""
    elements = list(dict.fromkeys(site.specie.symbol for site in structure))
    if missing := [element for element in elements if element not in known]:
        raise refusal(
            "E921",
            f"{name}: there is no {what} for {', '.join(missing)}",
            "leave it out, or write its input by hand",
        )
    return elements


def _cp2k(start: StartingStructure, place: Path) -> dict[str, Any]:
    structure = start.structure.get_sorted_structure()
    what = "DZVP-MOLOPT-SR-GTH basis with a GTH-PBE potential"
    elements = _covered(start.name, structure, valence_electrons(), what)
    mesh = _odd_mesh(structure)
    place.mkdir(parents=True)
    text = cp2k_input(_folder_name(start.name), structure, mesh, elements)
    (place / "relax.inp").write_text(text, encoding="utf-8")
    return {
        "kpoints": "x".join(map(str, mesh)),
        "cutoff": f"{CUTOFF_Ry} Ry",
        "pseudopotentials": " ".join(f"{e}:{pseudopotential(e)}" for e in elements),
        "u_eV": " ".join(f"{element}:0" for element in elements),
    }


def _odd_mesh(structure: Any) -> tuple[int, ...]:
    """The mesh of the density, odd numbers only: CP2K's Monkhorst-Pack meshes then hold Gamma."""
    from pymatgen.io.vasp import Kpoints

    kpoints = Kpoints.automatic_density_by_vol(structure, KPOINTS_PER_INVERSE_A3)
    return tuple(int(n) + 1 - int(n) % 2 for n in kpoints.kpts[0])


def cp2k_input(project: str, structure: Any, mesh: tuple[int, ...], elements: Iterable[str]) -> str:
    """A CP2K input that relaxes cell and positions with PBE."""
    vectors = "\n".join(
        f"      {name} " + " ".join(f"{x:.8f}" for x in row)
        for name, row in zip("ABC", structure.lattice.matrix, strict=True)
    )
    atoms = "\n".join(
        f"      {site.specie.symbol} " + " ".join(f"{x:.8f}" for x in site.frac_coords)
        for site in structure
    )
    kinds = kind_sections(elements).rstrip()
    template = (files(__package__) / "tables" / "cp2k_relaxation.inp").read_text(encoding="utf-8")
    return template.format(
        project=project,
        max_force=MAX_FORCE_Ha_BOHR,
        mesh=" ".join(map(str, mesh)),
        cutoff_Ry=CUTOFF_Ry,
        relative_cutoff_Ry=RELATIVE_CUTOFF_Ry,
        vectors=vectors,
        atoms=atoms,
        kinds=kinds,
    )


def _mixed_u(rows: list[dict[str, Any]]) -> Iterable[Diagnostic]:
    seen: dict[str, tuple[str, str]] = {}
    told = set()
    for row in rows:
        for pair in row["u_eV"].split():
            element, u_eV = pair.split(":")
            before = seen.setdefault(element, (u_eV, row["name"]))
            if before[0] != u_eV and element not in told:
                told.add(element)
                yield warning(
                    "E923",
                    f"{element} has U = {before[0]} eV in {before[1]} and {u_eV} eV in "
                    f"{row['name']}",
                    help="their energies share a hull only after the Materials Project's "
                    "corrections; or set LDAUU alike for all",
                )
