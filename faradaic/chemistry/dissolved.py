"""What is in a solution once everything that dissolves has dissolved: its ions and its pH."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from faradaic.chemistry.acids import Family, equilibrium, family_named, family_of
from faradaic.chemistry.carbon_dioxide import KNOWN_K, co2_solubility_mol_per_m3
from faradaic.chemistry.salts import Salt, charges, is_quaternary, salt_of

_LYATES = ("OMe", "OEt", "OtBu", "OH")
"""What is left of a solvent without its proton: the anions of the strongest bases."""
_WATER_ONLY = frozenset(
    {"CO3", "HCO3", "SO4", "HSO4", "PO4", "HPO4", "H2PO4", "B4O7", "SO3", "S2O8"}
)
"""Anions whose salts, but for quaternary ones, hardly dissolve without water."""
_RULES, _ENOUGH = 0.5, 0.2
"""Shares of water by volume: from which the solution is aqueous, and from which they dissolve."""
_TRACE_MOL_PER_M3 = 1e-9
_HEARD = 0.05
"""Share of the cations from which protons count in the conductivity."""
_CROWDED_MOL_PER_M3, _CROWDED = 400.0, (2.5, 1.7)
"""What is left of a molecular acid, or of an ion that is one, from which constants of dilute
solutions tell its ions no better than by these factors (acetic and formic acid of the CRC
handbook; a guess for hydrogensulfate among other ions)."""


@dataclass(frozen=True, slots=True)
class Solute:
    """A component of a solution that is not a solvent."""

    id: str
    name: str | None
    salt: Salt | None
    """The one that it is by its id or its name."""
    concentration_mol_per_m3: float | None
    """None where the protocol does not tell."""
    electrolyte: bool = False
    """Whether it is there to conduct."""
    dissolves: bool = True
    smiles: str | None = None

    @property
    def acid_or_base(self) -> tuple[Family, str] | None:
        """The family that it belongs to, and its place in it."""
        found = family_named(self.name or self.id, self.smiles)
        return found or family_named(self.id, general=False)


@dataclass(frozen=True, slots=True)
class Dissolved:
    """Ions, and what had to be left out or assumed."""

    ions: Mapping[str, float] = field(default_factory=dict)
    """mol/m³ by the ids of the table."""
    sources: tuple[str, ...] = ()
    """Ids of the components that make ions."""
    alone: tuple[Salt, float] | None = None
    """The salt or strong acid and its concentration, mol/m³, where there is a single one."""
    together: tuple[tuple[Salt, float], ...] = ()
    """All salts and strong acids, mol/m³, where nothing else makes ions."""
    molecular: tuple[str, float] | None = None
    """The acid or base that dissolves as molecules, and its concentration, mol/m³, where there is
    nothing else."""
    pH: float | None = None
    """Of an aqueous solution."""
    unknown: tuple[str, ...] = ()
    """Electrolytes whose concentration is not known."""
    unnamed: tuple[str, ...] = ()
    """Electrolytes whose ions are not in the table."""
    assumptions: tuple[str, ...] = ()
    acid_factor: float = 1.0
    """Within which a conductivity that rests on the equilibrium of an acid is known."""

    @property
    def equivalents_mol_per_m3(self) -> float:
        """Charge of all cations, mol/m³: the concentration of a salt of single charges."""
        return sum(charges()[ion] * c for ion, c in self.ions.items() if charges()[ion] > 0)


class _Pot:
    """Collects what the components bring."""

    def __init__(self) -> None:
        self.families: defaultdict[Family, float] = defaultdict(float)
        self.strong: defaultdict[str, float] = defaultdict(float)
        self.lyates: defaultdict[str, float] = defaultdict(float)
        self.salts: defaultdict[Salt, float] = defaultdict(float)
        self.sources: list[str] = []
        self.weak_acid = self.weak_base = self.strong_acid = 0.0
        self.molecules: defaultdict[str, float] = defaultdict(float)

    def add_salt(self, name: str, salt: Salt, concentration: float) -> None:
        self.sources.append(name)
        self.salts[salt] += concentration
        for ion, number in ((salt.cation, salt.cations), (salt.anion, salt.anions)):
            amount, family = number * concentration, family_of(ion)
            if ion == "H":
                self.strong_acid += amount
            elif ion in _LYATES:
                self.lyates[ion] += amount
            elif family is not None:
                self.families[family] += amount
            else:
                self.strong[ion] += amount

    def add_acid_or_base(self, name: str, family: Family, species: str, amount: float) -> None:
        if species == family.species[0] and family.pKa[0] < 0:
            self.add_salt(name, salt_of("H", family.species[-1]), amount)
            return
        self.sources.append(name)
        self.families[family] += amount
        if species not in charges():
            self.molecules[species] += amount
        if species == family.species[0] and family.charge == 0:
            self.weak_acid += amount
        else:
            self.weak_base += amount

    @property
    def base(self) -> float:
        """Concentration of what takes up protons by its name."""
        return self.weak_base + sum(self.lyates.values())


def _gives_its_proton(salt: Salt) -> bool:
    """Whether it is no acid, or one that is strong in its first step."""
    family = family_of(salt.anion)
    return salt.cation != "H" or family is None or family.pKa[0] < 0


def dissolve(
    solutes: Iterable[Solute],
    *,
    water: float,
    temperature_K: float,
    under_CO2: bool = False,
) -> Dissolved:
    """The ions of a solution, whatever the role of the components that bring them.

    `water` is its share of the solvents by volume. Salts are taken as dissociated, acids and bases
    as in equilibrium (`acids`).
    """
    pot, aqueous = _Pot(), water >= _RULES
    unknown, unnamed, assumptions = [], [], []
    sparing: list[tuple[str, Salt, float]] = []
    for solute in solutes:
        salt, of, amount = solute.salt, solute.acid_or_base, solute.concentration_mol_per_m3
        if salt is None and of is None:
            unnamed += [solute.id] if solute.electrolyte else []
        elif not solute.dissolves:
            assumptions.append(f"{solute.id} dissolves poorly: it is left out of the conductivity")
        elif amount is None:
            unknown += [solute.id] if salt is not None or solute.electrolyte else []
        elif salt is not None and (
            water >= _ENOUGH
            or salt.cation == "H"
            or is_quaternary(salt.cation)
            or salt.anion not in _WATER_ONLY
        ):
            pot.add_salt(solute.id, salt, amount)
        elif salt is not None:
            sparing.append((solute.id, salt, amount))
        elif of is not None:
            pot.add_acid_or_base(solute.id, *of, amount)
    for name, salt, amount in sparing:
        takes_up = (pot.weak_acid + pot.strong_acid) / -charges()[salt.anion]
        pot.add_salt(name, salt, min(amount, takes_up))
        assumptions.append(f"{name} hardly dissolves without water: only what takes up acid counts")
    if pot.weak_acid and pot.base:
        formed = min(pot.weak_acid, pot.base) / 1000
        text = f"acid and base form at most {formed:.3g} mol/L of their salt"
        assumptions.append(text if aqueous else f"{text}, by strengths recalled for methanol")
    held: dict[str, float] = {}
    carbonic = family_of("HCO3")
    if under_CO2 and aqueous and carbonic is not None:
        pot.families[carbonic] += 0.0
        kelvin = min(max(temperature_K, KNOWN_K[0]), KNOWN_K[1])
        held["H2CO3"] = co2_solubility_mol_per_m3(kelvin)
        assumptions.append("the solution is in equilibrium with the CO2 led through it")
    charge = sum(charges()[ion] * amount for ion, amount in pot.strong.items())
    found = equilibrium(pot.families, charge, water=aqueous, fixed=held)
    ions = defaultdict(float, pot.strong)
    lyate = max(pot.lyates, key=lambda ion: pot.lyates[ion]) if pot.lyates and not aqueous else "OH"
    for species, amount in found.species.items():
        if species in charges() and amount > _TRACE_MOL_PER_M3:
            ions[lyate if species == "OH" else species] += amount
    factor, protons = 1.0, ions.get("H", 0.0)
    cations = sum(amount for ion, amount in ions.items() if charges()[ion] > 0)
    if aqueous and protons > _HEARD * cations:
        for family in pot.families:
            for acid, pKa in zip(family.species, family.pKa, strict=False):
                if pKa > 0 and found.species.get(acid, 0.0) > _CROWDED_MOL_PER_M3:
                    factor = max(factor, _CROWDED[acid in charges()])
    alone = len(pot.salts) == 1 and not (pot.weak_acid or pot.weak_base or held)
    return Dissolved(
        ions=dict(ions) if pot.sources or held else {},
        sources=tuple(pot.sources),
        alone=next(iter(pot.salts.items())) if alone else None,
        together=()
        if pot.weak_acid or pot.weak_base or held or not all(map(_gives_its_proton, pot.salts))
        else tuple(pot.salts.items()),
        molecular=next(iter(pot.molecules.items()))
        if len(pot.molecules) == len(pot.sources) == 1 and not held
        else None,
        pH=found.pH if aqueous else None,
        unknown=tuple(unknown),
        unnamed=tuple(unnamed),
        assumptions=tuple(assumptions),
        acid_factor=factor,
    )
