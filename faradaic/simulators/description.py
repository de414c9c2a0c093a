"""The description of a cell: plain SI data, checked before any physics is built on it.

    temperature_K, volume_m3, resistance_ohm          numbers > 0
    reference    {present, potential_V_vs_SHE, ohmic_fraction}; the fraction is the share of the
                 resistance between the working electrode and the tip of the reference electrode
    species      {id: {concentration_mol_per_m3}}
    electrodes   {working, counter}, each {role, area_m2, double_layer_F, reactions: [...]}
    reaction     name, direction (oxidation | reduction), electrons (per substrate),
                 reference_potential_V_vs_SHE, exchange_current_density_A_per_m2 (at that
                 potential), tafel_slope_V_per_decade, substrate and product (species ids or null),
                 mass_transfer_m_per_s (or null), gas {species, mol_per_mol_electrons} (or null)
    assumptions  [sentences], for the reader only

The temperature has no effect in the present model.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from faradaic.diagnostics import Diagnostic, InputError

CODE = "E510"


@dataclass(frozen=True, slots=True)
class ReferenceDescription:
    """A reference electrode that is connected."""

    potential_V_vs_SHE: float
    ohmic_fraction: float


@dataclass(frozen=True, slots=True)
class ReactionDescription:
    """One half-reaction; see the module's table."""

    name: str
    oxidation: bool
    electrons: float
    reference_potential_V_vs_SHE: float
    exchange_current_density_A_per_m2: float
    tafel_slope_V_per_decade: float
    substrate: str | None = None
    mass_transfer_m_per_s: float | None = None
    product: str | None = None
    gas: Mapping[str, float] = field(default_factory=dict)
    """Species -> moles per mole of electrons."""


@dataclass(frozen=True, slots=True)
class ElectrodeDescription:
    """One electrode."""

    area_m2: float
    double_layer_F: float
    reactions: tuple[ReactionDescription, ...]


@dataclass(frozen=True, slots=True)
class CellDescription:
    """A cell whose data are complete and consistent."""

    volume_m3: float
    resistance_ohm: float
    reference: ReferenceDescription | None
    concentrations_mol_per_m3: Mapping[str, float]
    """Every species that a reaction uses or makes; products start at 0."""
    working: ElectrodeDescription
    counter: ElectrodeDescription


def _fast_couple(direction: str) -> dict[str, Any]:
    return {
        "name": f"{direction} of a fast couple",
        "direction": direction,
        "electrons": 1,
        "reference_potential_V_vs_SHE": 0.0,
        "exchange_current_density_A_per_m2": 1e4,
        "tafel_slope_V_per_decade": 0.118,
    }


_DUMMY_ELECTRODE = {
    "area_m2": 1e-4,
    "double_layer_F": 2e-5,
    "reactions": [_fast_couple("oxidation"), _fast_couple("reduction")],
}

DUMMY_CELL: Mapping[str, Any] = {
    "temperature_K": 298.15,
    "volume_m3": 1e-5,
    "resistance_ohm": 1000.0,
    "reference": {"present": True, "potential_V_vs_SHE": 0.0, "ohmic_fraction": 0.5},
    "electrodes": {"working": _DUMMY_ELECTRODE, "counter": _DUMMY_ELECTRODE},
}
"""What an emulator is connected to when no protocol says otherwise: 1 kΩ between two electrodes
that hardly polarise (a couple with an exchange current of 1 A), the reference halfway."""


def parse_cell(cell: Mapping[str, Any]) -> CellDescription:
    """Check a description; an empty one stands for `DUMMY_CELL`.

    Raises `InputError` with one diagnostic for every key that is missing, unknown or wrong.
    """
    reader = _Reader()
    top = _Entry(reader, cell or DUMMY_CELL, "cell")
    top.only(
        "temperature_K", "volume_m3", "resistance_ohm", "reference", "species", "electrodes",
        "assumptions",
    )  # fmt: skip
    top.number("temperature_K", "298.15", above=0.0)
    volume_m3 = top.number("volume_m3", "1e-5", above=0.0)
    resistance_ohm = top.number("resistance_ohm", "25.0", above=0.0)
    reference = _reference(top)
    concentrations = {
        name: entry.number("concentration_mol_per_m3", "20.0", least=0.0)
        for name, entry in top.entries("species")
    }
    electrodes = top.entry("electrodes", '{"working": {...}, "counter": {...}}')
    electrodes.only("working", "counter")
    working = _electrode(electrodes.entry("working", '{"area_m2": 2e-4, ...}'), concentrations)
    counter = _electrode(electrodes.entry("counter", '{"area_m2": 2e-4, ...}'), concentrations)
    reactions = working.reactions + counter.reactions
    if not reader.problems and len({r.oxidation for r in reactions}) != 2:
        electrodes.wrong(
            "needs at least one oxidation and one reduction, or it passes no steady current",
            "add the reaction of the solvent at the other electrode",
        )
    if reader.problems:
        raise InputError(*reader.problems)
    for reaction in reactions:
        if reaction.product is not None:
            concentrations.setdefault(reaction.product, 0.0)
    return CellDescription(volume_m3, resistance_ohm, reference, concentrations, working, counter)


def _reference(top: _Entry) -> ReferenceDescription | None:
    if top.absent("reference"):
        return None
    entry = top.entry("reference", '{"present": false}')
    entry.only("present", "potential_V_vs_SHE", "ohmic_fraction")
    if not entry.choice("present", {True: "true", False: "false"}):
        return None
    return ReferenceDescription(
        entry.number("potential_V_vs_SHE", "0.197"),
        entry.number("ohmic_fraction", "0.1", least=0.0, most=1.0),
    )


def _electrode(entry: _Entry, species: Mapping[str, float]) -> ElectrodeDescription:
    entry.only("role", "area_m2", "double_layer_F", "reactions")
    return ElectrodeDescription(
        entry.number("area_m2", "2e-4", above=0.0),
        entry.number("double_layer_F", "4e-5", above=0.0),
        tuple(_reaction(item, species) for item in entry.items("reactions")),
    )


def _reaction(entry: _Entry, species: Mapping[str, float]) -> ReactionDescription:
    entry.only(
        "name", "direction", "electrons", "substrate", "reference_potential_V_vs_SHE",
        "exchange_current_density_A_per_m2", "tafel_slope_V_per_decade", "mass_transfer_m_per_s",
        "product", "gas",
    )  # fmt: skip
    substrate = entry.text_or_none("substrate")
    if substrate is not None and substrate not in species:
        known = ", ".join(species) or "none"
        entry.wrong(f".substrate is `{substrate}`, which is not a species", f"known: {known}")
    limited = not entry.absent("mass_transfer_m_per_s")
    if limited and substrate is None:
        entry.wrong(
            ".mass_transfer_m_per_s limits a reaction that has no substrate",
            "name the substrate, or write null for the mass transfer",
        )
    return ReactionDescription(
        name=entry.text_or_none("name") or "unnamed",
        oxidation=entry.choice(
            "direction", {"oxidation": '"oxidation"', "reduction": '"reduction"'}
        )
        == "oxidation",
        electrons=entry.number("electrons", "2", above=0.0),
        reference_potential_V_vs_SHE=entry.number("reference_potential_V_vs_SHE", "1.23"),
        exchange_current_density_A_per_m2=entry.number(
            "exchange_current_density_A_per_m2", "1e-3", above=0.0
        ),
        tafel_slope_V_per_decade=entry.number("tafel_slope_V_per_decade", "0.12", above=0.0),
        substrate=substrate,
        mass_transfer_m_per_s=(
            entry.number("mass_transfer_m_per_s", "5e-6", above=0.0) if limited else None
        ),
        product=entry.text_or_none("product"),
        gas=_gas(entry),
    )


def _gas(reaction: _Entry) -> dict[str, float]:
    if reaction.absent("gas"):
        return {}
    entry = reaction.entry("gas", '{"species": "H2", "mol_per_mol_electrons": 0.5}')
    entry.only("species", "mol_per_mol_electrons")
    name = entry.text_or_none("species") or "gas"
    return {name: entry.number("mol_per_mol_electrons", "0.5", least=0.0)}


class _Reader:
    """Collects what is wrong, so that everything is told at once."""

    def __init__(self) -> None:
        self.problems: list[Diagnostic] = []


class _Entry:
    """A mapping inside the description, with its place in it."""

    def __init__(self, reader: _Reader, data: object, path: str) -> None:
        self._reader = reader
        self._path = path
        self._data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}

    def wrong(self, what: str, remedy: str) -> None:
        message = f"{self._path}{what}" if what.startswith(".") else f"{self._path} {what}"
        self._reader.problems.append(Diagnostic(CODE, message, help=remedy, path=self._path))

    def absent(self, key: str) -> bool:
        return self._data.get(key) is None

    def only(self, *keys: str) -> None:
        for key in self._data:
            if key not in keys:
                close = get_close_matches(str(key), keys, n=1)
                hint = f"did you mean `{close[0]}`? " if close else ""
                self.wrong(f".{key} is not known", f"{hint}known: {', '.join(keys)}")

    def number(
        self,
        key: str,
        example: str,
        *,
        above: float = -math.inf,
        least: float = -math.inf,
        most: float = math.inf,
    ) -> float:
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._expected(key, "a number", example)
            return math.nan
        number = float(value)
        if not (math.isfinite(number) and number > above and least <= number <= most):
            bounds = [f"above {above:g}"] if above > -math.inf else []
            bounds += [f"at least {least:g}"] if least > -math.inf else []
            bounds += [f"at most {most:g}"] if most < math.inf else []
            self._expected(key, " and ".join(["a finite number", *bounds]), example)
        return number

    def text_or_none(self, key: str) -> str | None:
        value = self._data.get(key)
        if value is None or (isinstance(value, str) and value):
            return value
        self._expected(key, "a text or null", '"H2"')
        return None

    def choice(self, key: str, choices: Mapping[Any, str]) -> Any:
        value = self._data.get(key)
        if isinstance(value, str | bool) and value in choices:
            return value
        self._expected(key, " or ".join(choices.values()), next(iter(choices.values())))
        return None

    def entry(self, key: str, example: str) -> _Entry:
        value = self._data.get(key)
        if not isinstance(value, Mapping):
            self._expected(key, "a mapping", example)
        return _Entry(self._reader, value, f"{self._path}.{key}")

    def entries(self, key: str) -> list[tuple[str, _Entry]]:
        value = self._data.get(key)
        if value is None:
            return []
        if not isinstance(value, Mapping):
            self._expected(key, "a mapping", '{"substrate": {"concentration_mol_per_m3": 20.0}}')
            return []
        return [
            (str(name), _Entry(self._reader, data, f"{self._path}.{key}.{name}"))
            for name, data in value.items()
        ]

    def items(self, key: str) -> list[_Entry]:
        value = self._data.get(key)
        if not isinstance(value, Sequence) or isinstance(value, str):
            self._expected(key, "a list", '[{"name": "oxygen evolution", ...}]')
            return []
        return [
            _Entry(self._reader, data, f"{self._path}.{key}[{i}]") for i, data in enumerate(value)
        ]

    def _expected(self, key: str, what: str, example: str) -> None:
        given = f"is {self._data[key]!r}" if key in self._data else "is missing"
        self.wrong(f".{key} {given}; {what} is needed", f'write "{key}": {example}')
