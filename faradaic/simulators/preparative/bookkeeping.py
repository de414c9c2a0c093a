"""What has passed through a preparative cell since it was made."""

from __future__ import annotations

from typing import Any, NamedTuple

from faradaic.quantities.constants import FARADAY_C_PER_MOL, GAS_CONSTANT_J_PER_MOL_K
from faradaic.simulators.preparative.layout import Layout, State

_USED_UP = 1e-6
"""Of the metal that was there: what rounding and the last of its mass transport leave."""


class LedgerEntry(NamedTuple):
    """What one reaction has done so far."""

    electrode: str
    reaction: str
    direction: str
    charge_C: float
    """In its direction; a reversible reaction's is net and may be negative."""
    extent_mol: float
    gas_mol: dict[str, float]


class ElectrodeState(NamedTuple):
    """What an electrode has become."""

    potential_V_vs_SHE: float
    film_m: float
    """Thickness of the film described."""
    film_ohm: float
    """Resistance that a disturbance has grown."""
    metal_kg: float


class HeadspaceState(NamedTuple):
    """The gas above the solution."""

    pressure_Pa: float
    mole_fraction: dict[str, float]


class PreparativeLedger(NamedTuple):
    """The books of a cell."""

    charge_C: float
    """Net charge through the working electrode, anodic positive."""
    reactions: tuple[LedgerEntry, ...]
    concentration_mol_per_m3: dict[str, float]
    """Of a divided cell, in the compartment of the working electrode."""
    conversion: dict[str, float]
    """Of each species that was there at the start: the share of it that has reacted."""
    counter_concentration_mol_per_m3: dict[str, float]
    """In the compartment of the counter electrode; empty if the cell is undivided."""
    amount_mol: dict[str, float]
    """In all compartments."""
    removed_mol: dict[str, float]
    """Leaked and withdrawn, less what was added."""
    time_s: float
    gross_charge_C: float
    energy_J: float
    """∫ U I dt at the leads."""
    temperature_K: float
    volume_m3: float
    """Of liquid in all compartments."""
    working: ElectrodeState
    counter: ElectrodeState
    headspace: HeadspaceState | None
    pH: tuple[float, float] | None
    """In the compartments of working and counter electrode; None where no ions are described."""
    events: tuple[str, ...]
    """What went beyond an ordinary run: "boiling", "dry electrode"."""
    used_up_C: float | None
    """Charge by which the metal of an electrode was used up; None while there is some."""


def take_stock(layout: Layout, state: State) -> PreparativeLedger:
    """The books at the present state."""
    head = state.head[0]
    volumes = float(head["volume_m3"]), float(head["counter_volume_m3"])
    divided = bool(layout.cell["divided"][0])
    amounts = state.amounts_mol.tolist()
    totals = state.amounts_mol.sum(axis=0).tolist()
    names = layout.species
    removed = dict(zip(names, state.removed_mol.tolist(), strict=True))
    start = layout.initial_state.amounts_mol.sum(axis=0).tolist()
    entries = []
    for (side, name), row, charge_C in zip(
        layout.names, layout.reactions, state.charges_C.tolist(), strict=True
    ):
        gas = {}
        if row["gas"] >= 0:
            evolved_mol = float(row["gas_per_electron"]) * charge_C / FARADAY_C_PER_MOL
            gas[layout.gases[row["gas"]]] = evolved_mol
        extent_mol = charge_C / (float(row["electrons"]) * FARADAY_C_PER_MOL)
        direction = "oxidation" if row["sign"] > 0 else "reduction"
        entries.append(LedgerEntry(side, name, direction, charge_C, extent_mol, gas))
    seen = {"boiling": head["boiling"], "dry electrode": head["dry_electrode"]}
    return PreparativeLedger(
        charge_C=float(head["charge_C"]),
        reactions=tuple(entries),
        concentration_mol_per_m3={
            name: amount / volumes[0] for name, amount in zip(names, amounts[0], strict=True)
        },
        conversion={
            name: 1.0 - (now + removed[name]) / initial
            for name, now, initial in zip(names, totals, start, strict=True)
            if initial > 0.0 and names.index(name) not in layout.ions["species"]
        },
        counter_concentration_mol_per_m3={
            name: amount / volumes[1] for name, amount in zip(names, amounts[1], strict=True)
        }
        if divided
        else {},
        amount_mol=dict(zip(names, totals, strict=True)),
        removed_mol=removed,
        time_s=float(head["time_s"]),
        gross_charge_C=float(head["gross_charge_C"]),
        energy_J=float(head["energy_J"]),
        temperature_K=float(head["temperature_K"]),
        volume_m3=sum(volumes) if divided else volumes[0],
        working=_electrode(head, "working"),
        counter=_electrode(head, "counter"),
        headspace=_headspace(layout, state),
        pH=(float(head["working_pH"]), float(head["counter_pH"])) if len(layout.ions) else None,
        events=tuple(event for event, happened in seen.items() if happened),
        used_up_C=_used_up_C(layout, state),
    )


def _used_up_C(layout: Layout, state: State) -> float | None:
    start, reactions = layout.initial_state.head[0], layout.reactions
    for electrode, side in enumerate(("working", "counter")):
        of_metal = (reactions["metal"] != 0) & (reactions["electrode"] == electrode)
        column = f"{side}_metal_kg"
        if of_metal.any() and state.head[0][column] <= _USED_UP * start[column]:
            return float((reactions["sign"] * state.charges_C)[of_metal].sum())
    return None


def _electrode(head: Any, side: str) -> ElectrodeState:
    columns = ("V", "film_m", "film_ohm", "metal_kg")
    return ElectrodeState(*(float(head[f"{side}_{column}"]) for column in columns))


def _headspace(layout: Layout, state: State) -> HeadspaceState | None:
    cell, head = layout.cell[0], state.head[0]
    if not cell["headspace"]:
        return None
    gas = state.gas_mol.tolist()
    start_K = float(cell["temperature_K"])
    pressure_Pa, volume_m3 = float(cell["pressure_Pa"]), float(cell["headspace_m3"])
    held = pressure_Pa * volume_m3 / (GAS_CONSTANT_J_PER_MOL_K * start_K)
    if cell["sealed"]:
        held += sum(gas)
        temperature_K = float(head["temperature_K"])
        pressure_Pa = held * GAS_CONSTANT_J_PER_MOL_K * temperature_K / volume_m3
    fractions = {name: amount / held for name, amount in zip(layout.gases, gas, strict=True)}
    return HeadspaceState(pressure_Pa, fractions)
