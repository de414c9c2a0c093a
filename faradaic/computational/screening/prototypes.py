"""The library of prototype structures, as cells with labelled sites.

`tables/prototypes.toml` holds structures of the AFLOW library by label, Wyckoff positions, and
cells derived from others by sharing a site out in order.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from faradaic.computational.screening.ions import TABLES, parse_ion
from faradaic.computational.screening.labelled_cell import LabelledCell, mean_distance_A
from faradaic.computational.screening.orderings import lowest_orderings, supercell
from faradaic.diagnostics import refusal
from faradaic.optional_libraries import optional_library


@cache
def library() -> Mapping[str, Mapping[str, Any]]:
    """The entries of the prototype library as written, by name."""
    with (TABLES / "prototypes.toml").open("rb") as stream:
        return tomllib.load(stream)


@cache
def labelled_cell(prototype: str, charges: tuple[tuple[str, int], ...] = ()) -> LabelledCell:
    """The cell of a prototype; `charges` by label decide orderings that electrostatics ranks.

    Raises `InputError` (E807) for a prototype that is not in the library.
    """
    if prototype not in library():
        raise refusal(
            "E807",
            f"{prototype!r} is not a prototype of the library",
            "there is " + ", ".join(library()),
        )
    entry = library()[prototype]
    if "parent" in entry:
        return _derived(prototype, entry, dict(charges))
    return _from_aflow(prototype, entry) if "aflow" in entry else _from_sites(prototype, entry)


def _from_aflow(name: str, entry: Mapping[str, Any]) -> LabelledCell:
    known = optional_library("pymatgen.analysis.prototypes").AFLOW_PROTOTYPE_LIBRARY
    structure = next(e["snl"].structure for e in known if e["tags"].get("aflow") == entry["aflow"])
    labels = tuple(entry["labels"][site.specie.symbol] for site in structure)
    if "lattice_A_deg" in entry:
        lattice = optional_library("pymatgen.core").Lattice
        structure = structure.copy()
        structure.lattice = lattice.from_parameters(*entry["lattice_A_deg"])
    source = f"AFLOW prototype {entry['aflow']} of the library shipped with pymatgen"
    return _cell(name, entry, structure, labels, source)


def _from_sites(name: str, entry: Mapping[str, Any]) -> LabelledCell:
    core = optional_library("pymatgen.core")
    labels = [site["label"] for site in entry["sites"]]
    # Any distinct elements do as stand-ins: only positions are wanted.
    stand_in = dict(zip(dict.fromkeys(labels), ("H", "He", "Li", "Be", "B"), strict=False))
    structure = core.Structure.from_spacegroup(
        entry["space_group"],
        core.Lattice.from_parameters(*entry["lattice_A_deg"]),
        [stand_in[label] for label in labels],
        [site["at"] for site in entry["sites"]],
        tol=1e-3,
    ).get_primitive_structure(use_site_props=False)
    back = {element: label for label, element in stand_in.items()}
    found = tuple(back[site.specie.symbol] for site in structure)
    return _cell(name, entry, structure, found, entry["source"])


def _cell(
    name: str, entry: Mapping[str, Any], structure: Any, labels: tuple[str, ...], source: str
) -> LabelledCell:
    return LabelledCell(
        name,
        entry["family"],
        structure.lattice.matrix.copy(),
        labels,
        structure.frac_coords.copy(),
        mean_distance_A([parse_ion(entry["reference"][label]) for label in labels]),
        source,
    )


def _derived(name: str, entry: Mapping[str, Any], charges: Mapping[str, int]) -> LabelledCell:
    import numpy as np

    parent = labelled_cell(entry["parent"])
    matrix = np.array(entry.get("supercell", np.eye(3)), dtype=int)
    cell = supercell(parent, matrix)
    relabel = entry.get("relabel", {})
    labels = [relabel.get(label, label) for label in cell.labels]
    split = entry.get("split")
    shared = [i for i, label in enumerate(labels) if label == split]
    if "planes" in entry:
        planes = entry["planes"]
        at = (cell.fractional[shared] - cell.fractional[shared[0]]) @ matrix
        numbers = np.rint(at @ np.array(entry["normal"])).astype(int) % len(planes)
        for i, number in zip(shared, numbers, strict=True):
            labels[i] = planes[number]
    elif "into" in entry:
        orders = lowest_orderings(
            cell, labels, shared, entry["into"], charges, entry.get("rank", 1)
        )
        labels = list(orders[-1])
    return replace(
        cell,
        prototype=name,
        family=entry.get("family", parent.family),
        labels=tuple(labels),
        source=f"{entry['source']}; from {parent.source}",
    )
