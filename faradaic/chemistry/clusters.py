"""Metal clusters as they are weighed, and the atoms of flat metal surfaces."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from faradaic.chemistry.formulas import Formula, parse_formula
from faradaic.chemistry.tables import rows
from faradaic.diagnostics import refusal


@dataclass(frozen=True, slots=True)
class Cluster:
    """A metal cluster and its counter-ion, as it is weighed."""

    name: str
    cluster: Formula
    counter_ion: Formula | None
    """One to balance each charge; None for a neutral cluster."""
    metal: str

    @property
    def metal_atoms(self) -> int:
        """Atoms of the metal in one cluster."""
        return self.cluster.count(self.metal)

    def molar_mass_kg_per_mol(self, *, with_counter_ion: bool) -> float:
        """Of the cluster alone, or with as many counter-ions as balance its charge."""
        mass = self.cluster.molar_mass_kg_per_mol
        if not with_counter_ion:
            return mass
        if self.counter_ion is None:
            return mass
        number = -self.cluster.charge / self.counter_ion.charge
        return mass + number * self.counter_ion.molar_mass_kg_per_mol


@cache
def _clusters() -> dict[str, Cluster]:
    return {
        row["name"]: cluster(
            row["formula"], row["metal"], counter_ion=row["counter_ion"], name=row["name"]
        )
        for row in rows("clusters")
    }


def named_cluster(name: str) -> Cluster:
    """A cluster of the table: `Ag25(SPhMe2)18-`. Raises `InputError` (E737)."""
    found = _clusters().get(name)
    if found is None:
        raise refusal(
            "E737",
            f"no cluster here is called {name!r}",
            f"known: {', '.join(_clusters())}; of others write the formula, as"
            " `[Ag25(SC8H9)18]-`, with `metal: Ag` beside it",
        )
    return found


def cluster(
    formula: str, metal: str, *, counter_ion: str | None = None, name: str | None = None
) -> Cluster:
    """A cluster from formulas: `cluster("[Ag25(SC8H9)18]-", "Ag", counter_ion="[P(C6H5)4]+")`.

    Raises `InputError` (E730, E737) where the metal is not in it or the charges cannot balance.
    """
    core = parse_formula(formula)
    ion = parse_formula(counter_ion) if counter_ion else None
    if not core.count(metal):
        raise refusal(
            "E737", f"there is no {metal} in {formula}", "give the symbol of the cluster's metal"
        )
    if ion is not None and not core.charge * ion.charge < 0:
        raise refusal(
            "E737",
            f"the charges of {formula} ({core.charge:+d}) and {counter_ion} ({ion.charge:+d}) do"
            " not balance",
            "write both charges, as `[Ag25(SC8H9)18]-` and `[P(C6H5)4]+`; none for a neutral one",
        )
    return Cluster(name or formula, core, ion, metal)


def surface_atoms_per_m2(name: str) -> float:
    """Atom density of an ideal surface of the table: `Au(111)`, `Ag(111)`.

    Raises `InputError` (E737).
    """
    known = {row["name"]: row for row in rows("surfaces")}
    if name not in known:
        raise refusal("E737", f"no surface here is called {name!r}", f"known: {', '.join(known)}")
    return float(known[name]["atoms_per_square"]) / float(known[name]["lattice_constant_m"]) ** 2
