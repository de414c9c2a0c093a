"""The results of all wells of a plate, joined: one row each, a well that was not run among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from faradaic.chemistry.cell_description.cell_assumptions import GUESSED
from faradaic.records.plate_folder import PlateFolder, PlateWell
from faradaic.records.run import Run
from faradaic.results import Result
from faradaic.studies.run.electrolysis_results import ElectrolysisResults, analyze_electrolysis

NOT_RUN = "NOT RUN"
_NONE: Mapping[str, Result] = {}


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number of each well, and how it is shown."""

    key: str
    """In JSON, with its SI unit; a fraction is one there too."""
    name: str
    unit: str
    """That it is shown in."""
    scale: float = 1.0
    """From SI to what is shown."""

    @property
    def header(self) -> str:
        """Get the head of its column."""
        return f"{self.name} ({self.unit})"


QUANTITIES = (
    Quantity("charge_C", "charge", "C"),
    Quantity("charge_F_per_mol", "charge", "F/mol"),
    Quantity("mean_cell_voltage_V", "mean cell voltage", "V"),
    Quantity("time_with_current_s", "time with current", "h", 1.0 / 3600.0),
    Quantity("product_yield", "yield", "%", 100.0),
    Quantity("faradaic_efficiency", "Faradaic efficiency", "%", 100.0),
    Quantity("conversion", "conversion", "%", 100.0),
    Quantity("energy_J", "energy", "kJ", 1e-3),
)
_BRIEF = ("charge_C", "charge_F_per_mol", "mean_cell_voltage_V", "product_yield")


@dataclass(frozen=True, slots=True)
class WellResults:
    """One well and what is known of it."""

    well: PlateWell
    run: Run | None
    """The last one; None where none was begun."""
    values: Mapping[str, Result]
    """By the keys of `QUANTITIES`, and of further products."""
    flags: tuple[str, ...]

    @property
    def outcome(self) -> str:
        """Get how its last run ended; NOT RUN where there is none."""
        return NOT_RUN if self.run is None else self.run.outcome

    def value(self, key: str) -> float | None:
        """A number in SI; None where it is not known."""
        found = self.values.get(key)
        return None if found is None else found.value

    def guessed(self, key: str) -> bool:
        """Whether a number rests on a guess of a simulated cell."""
        found = self.values.get(key)
        return found is not None and GUESSED in found.flags


@dataclass(frozen=True, slots=True)
class PlateResults:
    """A plate and its wells, in the order in which they were to begin."""

    plate: PlateFolder
    wells: tuple[WellResults, ...]

    @property
    def title(self) -> str:
        """Get the plate's title."""
        return str(self.plate.about["title"])

    @property
    def simulated(self) -> bool:
        """Get whether one of its wells at least was no real cell."""
        return self.plate.simulated or any(
            w.run is not None and w.run.simulated for w in self.wells
        )

    @property
    def factors(self) -> tuple[str, ...]:
        """Get the names of what was varied."""
        return tuple(dict.fromkeys(name for one in self.wells for name in one.well.factors))

    @property
    def further(self) -> tuple[str, ...]:
        """Get the keys of further products that were recorded."""
        known = {quantity.key for quantity in QUANTITIES}
        keys = (key for one in self.wells for key in one.values if key not in known)
        return tuple(dict.fromkeys(keys))

    def known(self, key: str) -> bool:
        """Whether one well at least has a number."""
        return any(one.value(key) is not None for one in self.wells)

    def rows(self) -> list[dict[str, Any]]:
        """One mapping a well, numbers in SI and None where they are not known."""
        return [self._row(one) for one in self.wells]

    def _row(self, one: WellResults) -> dict[str, Any]:
        keys = (*(quantity.key for quantity in QUANTITIES), *self.further)
        return {
            "well": one.well.name,
            "control": one.well.control,
            "replicate": one.well.replicate,
            "factors": dict(one.well.factors),
            "outcome": one.outcome,
            **{key: one.value(key) for key in keys},
            "guessed": [key for key in keys if one.guessed(key)],
            "flags": list(one.flags),
            "run": None if one.run is None else one.run.name,
        }

    def table(self) -> tuple[list[str], list[list[Any]]]:
        """Heads and rows as they are shown, numbers in the units of their heads."""
        shown = [one for one in QUANTITIES if self.known(one.key)]
        heads = ["well", "control", "replicate", *self.factors, "outcome"]
        heads += [*(one.header for one in shown), *self.further, "guessed", "flags", "run"]
        rows = []
        for one in self.wells:
            values = [_scaled(one.value(quantity.key), quantity.scale) for quantity in shown]
            values += [_scaled(one.value(key), 100.0) for key in self.further]
            guessed = ", ".join(q.header for q in shown if one.guessed(q.key))
            rows.append(
                [
                    one.well.name,
                    one.well.control,
                    one.well.replicate,
                    *(one.well.factors.get(name, "") for name in self.factors),
                    one.outcome,
                    *values,
                    guessed,
                    "; ".join(one.flags),
                    "" if one.run is None else one.run.name,
                ]
            )
        return heads, rows

    def brief(self) -> list[dict[str, Any]]:
        """For a terminal: what stands where, how it ended, and the first of the numbers."""
        shown = [one for one in QUANTITIES if one.key in _BRIEF and self.known(one.key)]
        return [
            {
                "well": one.well.name,
                **({"control": one.well.control} if self._controls else {}),
                **{_last(name): one.well.factors.get(name, "") for name in self.factors},
                "outcome": one.outcome,
                **{quantity.header: _marked(one, quantity) for quantity in shown},
                "flags": f"{len(one.flags)}" if one.flags else "",
            }
            for one in self.wells
        ]

    @property
    def _controls(self) -> bool:
        return any(one.well.control for one in self.wells)


def plate_results(plate: PlateFolder) -> PlateResults:
    """Read and compute every well of a plate, also one that is under way."""
    return PlateResults(plate, tuple(_well(plate, well) for well in plate.wells))


def _well(plate: PlateFolder, well: PlateWell) -> WellResults:
    run = plate.run_of(well.name)
    if run is None:
        return WellResults(well, None, _NONE, ())
    results = analyze_electrolysis(run)
    flags = dict.fromkeys(_flags(run, results))
    return WellResults(well, run, dict(_values(results)), tuple(flags))


def _values(results: ElectrolysisResults) -> Iterator[tuple[str, Result]]:
    further = results.further
    yield "charge_C", further.get("charge_total", results.charge_gross)
    yield "charge_F_per_mol", further.get("charge_total_per_amount", results.charge_per_amount)
    yield "mean_cell_voltage_V", results.mean_voltage
    yield "time_with_current_s", results.time_with_current
    yield "product_yield", results.product_yield
    yield "faradaic_efficiency", results.faradaic_efficiency
    yield "conversion", results.conversion
    yield "energy_J", results.energy
    for name, result in further.items():
        if result.key == "product_yield":
            yield name, result


def _flags(run: Run, results: ElectrolysisResults) -> Iterator[str]:
    if run.outcome not in ("COMPLETED", "RUNNING"):
        yield f"{run.outcome}: {run.stop_reason}"
    if missing := run.stop.get("missing_charge"):
        yield str(missing)
    yield from results.notes()
    if run.faults:
        yield f"faults: {', '.join(run.faults)}"


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def _marked(one: WellResults, quantity: Quantity) -> str:
    value = _scaled(one.value(quantity.key), quantity.scale)
    if value is None:
        return ""
    return f"{value:.4g}" + (f" ({GUESSED})" if one.guessed(quantity.key) else "")


def _last(factor: str) -> str:
    return factor.rsplit(".", 1)[-1]
