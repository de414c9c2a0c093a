"""Starting structures of the compositions of a template: ordered, quasirandom, partly inverted."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from faradaic.computational.screening.compositions import (
    LARGEST,
    SharedComposition,
    SiteTemplate,
    compositions,
)
from faradaic.computational.screening.ions import Ion
from faradaic.computational.screening.labelled_cell import LabelledCell
from faradaic.computational.screening.orderings import compact_supercell
from faradaic.computational.screening.prototypes import labelled_cell
from faradaic.computational.screening.quasirandom import quasirandom
from faradaic.computational.screening.starting_structure import StartingStructure
from faradaic.diagnostics import refusal


def targets(
    template: SiteTemplate,
    cells: int = 1,
    inversion: float = 0.0,
    seed: int = 0,
    largest: int | None = LARGEST,
) -> Iterator[StartingStructure]:
    """One starting structure for each composition of a template, in their order.

    The options are those of `starting_structure`; `largest` guards the number of compositions.
    """
    for composition in compositions(template, largest):
        yield starting_structure(composition, cells, inversion, seed)


def starting_structure(
    composition: SharedComposition, cells: int = 1, inversion: float = 0.0, seed: int = 0
) -> StartingStructure:
    """A cell of the prototype with the ions arranged as in a random alloy, as far as it can be.

    `cells` times the smallest cell that holds all ions in whole numbers: in the primitive spinel
    cell with four different ions all arrangements are the same by symmetry. `inversion` is the
    fraction of A sites that shared ions occupy, in equal parts, in exchange for fixed ions (0 in a
    normal, 1 in an inverse spinel). Raises `InputError`: E807 and E805 for a template that is not
    of the library's structure, E811 for a fraction that the cell does not hold in whole ions.
    """
    template = composition.template
    primitive = _cell_of(template)
    units = primitive.labels.count("M") // template.sites[1]
    smallest = template.units // gcd(template.units, units)
    cell = compact_supercell(primitive, smallest * cells)
    ions = _in_order(composition, cell.labels, _exchanged(template, cell.labels, inversion))
    cations = [i for i, label in enumerate(cell.labels) if label != "X"]
    arranged = quasirandom(
        cell.lattice_A,
        cell.fractional[cations],
        [cell.labels[i] for i in cations],
        [ions[i] for i in cations],
        seed,
    )
    for i, ion in zip(cations, arranged.ions, strict=True):
        ions[i] = ion
    source = f"{cell.source}; pairs within {arranged.largest_deviation:.3f} of random"
    if inversion:
        source += f", inversion {inversion:g}"
    return StartingStructure(
        composition.name, cell.prototype, cell.family, "target", cell.occupied(ions), source
    )


def _cell_of(template: SiteTemplate) -> LabelledCell:
    cell = labelled_cell(template.prototype)
    counts = [cell.labels.count(label) for label in "AMX"]
    unit = gcd(*counts)
    sites = tuple(number // unit for number in counts)
    if sum(counts) < len(cell.labels) or sites != template.sites:
        raise refusal(
            "E805",
            f"{template.prototype} has the sites {sites[0]}, {sites[1]} and {sites[2]} "
            f"for A, M and X, not {template.sites}",
            f"write sites: {list(sites)}",
        )
    return cell


def _in_order(composition: SharedComposition, labels: tuple[str, ...], exchanged: int) -> list[Ion]:
    """An ion for each site in the order of the pool; `exchanged` of each kind on A sites."""
    template = composition.template
    each = labels.count("M") // template.distinct
    on_a, on_m = [], []
    for ion in composition.shared:
        on_a += [ion] * exchanged
        on_m += [ion] * (each - exchanged)
    if template.fixed:
        on_m += [template.fixed] * len(on_a)
        on_a += [template.fixed] * (labels.count("A") - len(on_a))
    waiting = {"A": iter(on_a), "M": iter(on_m)}
    return [template.anion if label == "X" else next(waiting[label]) for label in labels]


def _exchanged(template: SiteTemplate, labels: tuple[str, ...], inversion: float) -> int:
    """How many ions of each kind sit on A sites."""
    sites = labels.count("A")
    number = inversion * sites / template.distinct
    if not 0 <= inversion <= 1 or (inversion and not sites) or abs(number - round(number)) > 1e-9:
        steps = sites // template.distinct
        allowed = ", ".join(f"{n / sites * template.distinct:g}" for n in range(1, steps + 1))
        raise refusal(
            "E811",
            f"an inversion of {inversion:g} puts no whole number of each of the "
            f"{template.distinct} ions on the {sites} A sites of this cell",
            f"take 0, {allowed}" if allowed else "take 0, or more cells",
            {"inversion": inversion, "sites": sites},
        )
    return round(number)
