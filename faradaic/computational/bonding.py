"""Chemical bonding from LOBSTER and VASP files: COHP by kind of bond, states by element.

COHP (Dronskowski and Blöchl, J. Phys. Chem. 97 (1993) 8617) divides the band energy into bonds:
negative is bonding, positive antibonding. Curves of both spins are added. Energies count from the
Fermi level, as LOBSTER writes them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic.diagnostics import InputError, refusal
from faradaic.input_files import check_file
from faradaic.optional_libraries import optional_library

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ANIONS = frozenset({"N", "O", "F", "P", "S", "Cl", "As", "Se", "Br", "Te", "I"})
_SHELL = 1.25
"""The first shell reaches to this multiple of the shortest distance between cation and anion."""
_GEOMETRY = {4: "tetrahedral", 6: "octahedral"}


@dataclass(frozen=True, slots=True, eq=False)
class Bond:
    """One bond of a COHP file."""

    cation: str
    anion: str
    coordination: int
    """Anions in the first shell of the cation."""
    length_A: float
    energies_eV: Floats
    """From the Fermi level."""
    cohp: Floats
    """Per eV; negative is bonding; spins added."""
    icohp_eV: float
    """Integrated to the Fermi level, as LOBSTER gives it; spins added."""

    @property
    def kind(self) -> str:
        """Name of its kind: "Mg–O tetrahedral", "Ca–O 8-fold"."""
        geometry = _GEOMETRY.get(self.coordination, f"{self.coordination}-fold")
        return f"{self.cation}–{self.anion} {geometry}"


@dataclass(frozen=True, slots=True, eq=False)
class BondKind:
    """All first-shell bonds of one cation in one geometry."""

    name: str
    bonds: int
    length_A: float
    """Mean."""
    icohp_eV: float
    """Mean per bond."""
    icohp_spread_eV: float
    """Standard deviation over the bonds."""
    antibonding_share: float
    """Area of antibonding COHP by that of all COHP, both below the Fermi level, 0 to 1."""
    energies_eV: Floats
    cohp: Floats
    """Mean per bond."""


@dataclass(frozen=True, slots=True, eq=False)
class ProjectedStates:
    """Density of states by element."""

    energies_eV: Floats
    """From the Fermi level."""
    by_element: Mapping[str, Floats]
    """States per eV and cell; spins added."""
    source: str


def read_bonds(
    cohpcar: Path | str, structure: Path | str | Any, anions: Collection[str] = ANIONS
) -> tuple[Bond, ...]:
    """The first-shell bonds between cations and anions in a COHPCAR.lobster.

    `structure` is the pymatgen structure of the run or its file (POSCAR, CONTCAR), in the order of
    atoms that the run had. Raises `InputError`: E910 for a missing or damaged file, E911 when
    structure and file do not belong together or there is no such bond.
    """
    path = Path(cohpcar)
    crystal = _structure(structure)
    outputs = optional_library("pymatgen.io.lobster.outputs")
    try:
        check_file(path)
        content = outputs.Cohpcar(filename=str(path))
        _check_length(path, content.energies)
        raw = [item for name, item in content.cohp_data.items() if name != "average"]
    except InputError:
        raise
    except (OSError, ValueError, IndexError, KeyError, TypeError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from None
    energies_eV = np.asarray(content.energies, float)
    coordinations: dict[int, tuple[int, float]] = {}
    bonds = []
    for item in raw:
        first, second = item["sites"]
        if max(first, second) >= len(crystal):
            raise _strangers(path, f"it names atom {max(first, second) + 1} of {len(crystal)}")
        if item["COHP"] is None:
            continue
        pair = [(site, crystal[site].specie.symbol) for site in (first, second)]
        pair.sort(key=lambda entry: entry[1] in anions)
        (cation_site, cation), (_, anion) = pair
        if anion not in anions or cation in anions:
            continue
        if cation_site not in coordinations:
            coordinations[cation_site] = _first_shell(crystal, cation_site, anions)
        number, reach_A = coordinations[cation_site]
        if item["length"] > reach_A:
            continue
        at_fermi = int(np.searchsorted(energies_eV, 0.0, side="right")) - 1
        bonds.append(
            Bond(
                cation,
                anion,
                number,
                float(item["length"]),
                energies_eV,
                np.sum(list(item["COHP"].values()), axis=0),
                float(sum(curve[at_fermi] for curve in item["ICOHP"].values())),
            )
        )
    if not bonds:
        raise _strangers(path, "it holds no first-shell bond between a cation and an anion")
    return tuple(bonds)


def bond_kinds(bonds: Sequence[Bond]) -> tuple[BondKind, ...]:
    """The bonds by cation and geometry, the strongest kind (most negative ICOHP) first."""
    groups: dict[str, list[Bond]] = {}
    for bond in bonds:
        groups.setdefault(bond.kind, []).append(bond)
    kinds = []
    for name, members in groups.items():
        energies_eV = members[0].energies_eV
        cohp = np.mean([bond.cohp for bond in members], axis=0)
        strengths = [bond.icohp_eV for bond in members]
        kinds.append(
            BondKind(
                name,
                len(members),
                float(np.mean([bond.length_A for bond in members])),
                float(np.mean(strengths)),
                float(np.std(strengths)),
                antibonding_share(energies_eV, cohp),
                energies_eV,
                cohp,
            )
        )
    return tuple(sorted(kinds, key=lambda kind: kind.icohp_eV))


def antibonding_share(energies_eV: Floats, cohp: Floats) -> float:
    """Antibonding area by total area of a COHP curve below the Fermi level; NaN without area."""
    below = energies_eV <= 0
    area = float(np.trapezoid(np.abs(cohp[below]), energies_eV[below]))
    antibonding = float(np.trapezoid(np.clip(cohp[below], 0, None), energies_eV[below]))
    return antibonding / area if area > 0 else float("nan")


def read_projected_states(
    path: Path | str, structure: Path | str | Any | None = None
) -> ProjectedStates:
    """Densities of states by element from a vasprun.xml or a DOSCAR.lobster.

    DOSCAR.lobster needs the structure of the run, as in `read_bonds`. Raises `InputError` (E910).
    """
    path = Path(path)
    try:
        check_file(path)
        if ".xml" in path.name:
            outputs = optional_library("pymatgen.io.vasp.outputs")
            run = outputs.Vasprun(path, parse_eigen=False, parse_potcar_file=False)
            dos, fermi_eV = run.complete_dos, float(run.efermi)
        else:
            if structure is None:
                raise refusal(
                    "E910",
                    f"{path} does not say which atoms it is of",
                    "give the POSCAR or CONTCAR of the run too",
                )
            outputs = optional_library("pymatgen.io.lobster.outputs")
            crystal = _structure(structure)
            dos = outputs.Doscar(doscar=str(path), structure_file=None, structure=crystal)
            dos, fermi_eV = dos.completedos, 0.0
        elements = dos.get_element_dos()
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - parsers of others fail in any way on a torn file
        raise _damaged(path, f"{type(error).__name__}: {error}") from None
    return ProjectedStates(
        np.asarray(dos.energies, float) - fermi_eV,
        {
            element.symbol: np.sum(list(states.densities.values()), axis=0)
            for element, states in elements.items()
        },
        str(path),
    )


def draw_bonding(
    kinds: Sequence[BondKind], states: ProjectedStates | None, path_stem: Path
) -> Path:
    """Draw -COHP of each kind and, where given, the states by element; returns the PNG's path.

    The curves go to `<path_stem>.csv`.
    """
    from faradaic.computational.screening.screening_figures import draw
    from faradaic.records.folder import csv_bytes, write_file

    header = ["energy_eV", *(f"minus COHP {kind.name} (1/eV per bond)" for kind in kinds)]
    rows = np.column_stack([kinds[0].energies_eV, *(-kind.cohp for kind in kinds)])
    write_file(path_stem.with_suffix(".csv"), csv_bytes(header, rows, digits=6))
    return draw(
        path_stem=path_stem, height_mm=70, content=lambda figure: _panels(figure, kinds, states)
    )


def _panels(figure: Any, kinds: Sequence[BondKind], states: ProjectedStates | None) -> None:
    panels = figure.subplots(1, len(kinds) + (states is not None), sharey=True, squeeze=False)[0]
    for axis, kind in zip(panels, kinds, strict=False):
        curve = -kind.cohp
        axis.fill_betweenx(kind.energies_eV, 0, curve, where=curve >= 0, color="#009E73", lw=0)
        axis.fill_betweenx(kind.energies_eV, 0, curve, where=curve < 0, color="#D55E00", lw=0)
        axis.axvline(0, color="black", lw=0.5)
        axis.set_xlabel("−COHP / eV⁻¹ per bond")
        axis.set_title(
            f"{kind.name} ({kind.bonds})\nICOHP {kind.icohp_eV:.2f} eV,"
            f" {100 * kind.antibonding_share:.0f} % antibonding".replace("-", "−")
        )
    if states is not None:
        for element, density in states.by_element.items():
            panels[-1].plot(density, states.energies_eV, label=element)
        panels[-1].legend(frameon=False)
        panels[-1].set_xlabel("states / eV⁻¹")
        panels[-1].set_title("states by element")
    for axis in panels:
        axis.axhline(0, color="black", lw=0.5, ls=":")
    panels[0].set_ylabel("E − E(Fermi) / eV")


def _structure(structure: Path | str | Any) -> Any:
    if not isinstance(structure, Path | str):
        return structure
    core = optional_library("pymatgen.core")
    path = Path(structure)
    try:
        check_file(path)
        return core.Structure.from_file(path)
    except (OSError, ValueError, IndexError) as error:
        raise _damaged(path, f"{type(error).__name__}: {error}") from None


def _check_length(path: Path, energies: Sequence[float]) -> None:
    """The header states how many energies follow; a torn file has fewer."""
    opener = optional_library("monty.io").zopen
    with opener(path, mode="rt", encoding="utf-8") as stream:
        stream.readline()
        stated = int(stream.readline().split()[2])
    if len(energies) != stated:
        raise _damaged(path, f"{len(energies)} of {stated} energies are there")


def _first_shell(crystal: Any, site: int, anions: Collection[str]) -> tuple[int, float]:
    """(anions around a cation, how far the shell reaches in Å)."""
    around = crystal.get_neighbors(crystal[site], 6.0)
    distances = sorted(n.nn_distance for n in around if n.specie.symbol in anions)
    if not distances:
        return 0, 0.0
    reach_A = _SHELL * distances[0]
    return sum(distance <= reach_A for distance in distances), reach_A


def _damaged(path: Path, why: str) -> InputError:
    return refusal(
        "E910",
        f"{path} cannot be read: {why}"[:300],
        "check that the run ended, and copy the file again",
    )


def _strangers(path: Path, why: str) -> InputError:
    return refusal(
        "E911",
        f"{path} does not fit the structure: {why}",
        "give the POSCAR that the run was made with, atoms in the same order",
    )
