"""The published screening that ours is put beside, from a data file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faradaic.chemistry.formulas import parse_formula

_FILE = Path(__file__).parents[1] / "data" / "spinels_published.toml"


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A compound that was made, or was tried."""

    name: str
    composition: Mapping[str, int]
    phase_pure: bool
    source: str


@dataclass(frozen=True, slots=True)
class Published:
    """Numbers of the paper; mappings are by series."""

    source: str
    method: str
    limit_K: float
    compositions: Mapping[str, int]
    stable: Mapping[str, int]
    competing_phases: Mapping[str, int]
    most_frequent_phase: Mapping[str, str]
    best_cations: Mapping[str, tuple[str, ...]]
    worst_cations: Mapping[str, tuple[str, ...]]
    correlations: Mapping[tuple[str, str], tuple[float, str]]
    """(r, where it stands) by (series, descriptor)."""
    synthesised: tuple[Synthesis, ...]
    decomposition_target: Mapping[str, int]
    decomposition_products: tuple[Mapping[str, int], ...]
    decomposition_text: str


def published_spinels() -> Published:
    """The high-entropy spinels of Dheerasinghe et al. (2025)."""
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))

    def by_series(table: str) -> dict[str, object]:
        return {name: value for name, value in data[table].items() if name != "source"}

    stated = data["decomposition"]
    return Published(
        source=data["source"],
        method=data["method"],
        limit_K=data["limit_K"],
        compositions={name: int(str(n)) for name, n in by_series("compositions").items()},
        stable={name: int(str(n)) for name, n in by_series("stable").items()},
        competing_phases={name: int(str(n)) for name, n in by_series("competing_phases").items()},
        most_frequent_phase={n: str(f) for n, f in by_series("most_frequent_phase").items()},
        best_cations={name: tuple(data["best_cations"][name]) for name in by_series("stable")},
        worst_cations={name: tuple(data["worst_cations"][name]) for name in by_series("stable")},
        correlations={
            (row["series"], row["descriptor"]): (row["r"], row["source"])
            for row in data["correlation"]
        },
        synthesised=tuple(
            Synthesis(
                row["name"], parse_formula(row["name"]).atoms, row["phase_pure"], row["source"]
            )
            for row in data["synthesised"]
        ),
        decomposition_target=parse_formula(stated["target"]).atoms,
        decomposition_products=tuple(parse_formula(p).atoms for p in stated["products"]),
        decomposition_text=f"{stated['target']} into {', '.join(stated['products'])}",
    )
