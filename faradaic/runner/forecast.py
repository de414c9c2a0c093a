"""What the simulated cell makes of a plan, before anything is run.

The engine walks the plan on an ideal bench (no bytes, no noise) and keeps nothing: with the cell
as described, and at the two ends of what its description leaves open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol

from faradaic.chemistry.gases import gas_volumes_m3
from faradaic.protocols.level_steps import LevelsPlan
from faradaic.protocols.plan import Forecast, Signal, Span
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.engine import Engine
from faradaic.runner.host import DeviceHost
from faradaic.runner.run_result import RunResult
from faradaic.runner.states import RunState
from faradaic.runner.world import World

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.protocols.plan import Plan

_READINGS = 400
"""Of the longest step, about; fewer where a plan has many steps."""
_READINGS_OF_ALL = 2000
MOST_LEVELS = 2000.0
"""In turn that a forecast walks: each takes about twenty time steps of the cell, and a second in
all."""


class IdealHost(DeviceHost, Protocol):
    """A device host that knows what has become of the cell."""

    def conversions(self) -> Mapping[str, float]:
        """What has reacted of each species, as a fraction."""
        ...


@dataclass
class _Walk:
    """A journal that keeps what a forecast needs, and what it came to."""

    result: RunResult | None = None
    conversion: float | None = None
    readings: list[tuple[float, float, float]] = field(default_factory=list)
    """Time, s, current, A, and voltage, V."""

    def write(
        self, kind: str, time_s: float, fields: Mapping[str, Any], *, durable: bool = False
    ) -> int:
        return 0

    def sample(self, time_s: float, values: tuple[float | int | None, ...]) -> int:
        current_A, voltage_V = values[2], values[3]
        self.readings.append((time_s, current_A or 0.0, voltage_V or 0.0))
        return 0

    @property
    def cell_voltage_V(self) -> float | None:
        """Energy per charge: positive where the source drives the cell, either way."""
        charge_C = energy_J = 0.0
        for (start_s, *_), (end_s, current_A, voltage_V) in pairwise([(0.0,), *self.readings]):
            charge_C += abs(current_A) * (end_s - start_s)
            energy_J += current_A * voltage_V * (end_s - start_s)
        return energy_J / charge_C if charge_C else None


def needs_forecast(plan: Plan) -> bool:
    """Whether the estimates leave open what a simulated cell can answer."""
    expected = plan.estimates
    passes = any(step.passes_current and not step.about_rest for step in plan.steps)
    return passes and (expected.charge_C is None or expected.cell_voltage_V is None)


def with_forecast(plan: Plan, host: Callable[[CellDescription], IdealHost]) -> Plan:
    """The plan with what the simulated cell makes of it; a note where the cell fails, or where
    levels in turn are so many that walking them takes as long as a rehearsal."""
    if (levels := _levels(plan)) > MOST_LEVELS:
        why = f"no forecast of {levels:,.0f} levels in turn: a rehearsal walks through them"
        return _noted(plan, why)
    walks = [_walk(plan, host(cell)) for cell in (plan.cell, *_ends(plan.cell))]
    told = walks[:1] + [walk for walk in walks[1:] if _is_possible(walk)]
    if _result(walks[0]).outcome is RunState.FAILED:
        return _noted(
            plan, f"the simulated cell does not say more: {_result(walks[0]).stop_reason}"
        )
    return plan.model_copy(update={"forecast": _forecast(plan, told)})


def _levels(plan: Plan) -> float:
    """How many levels in turn a plan has at most."""
    turning = [step for step in plan.steps if isinstance(step, LevelsPlan)]
    return sum(len(one.levels) * one.expected_duration_s / one.period_s for one in turning)


def _noted(plan: Plan, why: str) -> Plan:
    notes = (*plan.estimates.notes, why)
    return plan.model_copy(update={"estimates": plan.estimates.model_copy(update={"notes": notes})})


def _is_possible(walk: _Walk) -> bool:
    """Whether a cell can be so: the model did not fail, and did not drive itself."""
    result = _result(walk)
    return result.outcome is not RunState.FAILED and not result.diagnostics


def _forecast(plan: Plan, walks: Sequence[_Walk]) -> Forecast:
    charges_C = [_result(walk).charge_gross_C for walk in walks]
    amount_mol = plan.limiting_amount_mol
    conversions = [walk.conversion for walk in walks]
    voltages_V = [walk.cell_voltage_V for walk in walks]
    gases = [_gases_m3(plan, charge_C) for charge_C in charges_C]
    return Forecast(
        charge_C=_span(charges_C),
        charge_F_per_mol=_span([q / (FARADAY_C_PER_MOL * amount_mol) for q in charges_C])
        if amount_mol
        else None,
        duration_s=_span([_result(walk).duration_s for walk in walks]),
        cell_voltage_V=_span([v for v in voltages_V if v is not None])
        if voltages_V[0] is not None
        else None,
        conversion=_span([x for x in conversions if x is not None])
        if conversions[0] is not None
        else None,
        gas_m3={species: _span([gas[species] for gas in gases]) for species in gases[0]},
        ends=tuple(dict.fromkeys(_end(walk) for walk in walks)),
        model_at_fault=_result(walks[0]).model_at_fault,
    )


def _walk(plan: Plan, host: IdealHost) -> _Walk:
    longest_s = max(step.time_cap_s for step in plan.steps)
    readings = max(20, min(_READINGS, _READINGS_OF_ALL // len(plan.steps)))
    interval_s = longest_s / readings
    coarse = plan.model_copy(
        update={
            "steps": tuple(
                s.model_copy(update={"interval_s": max(s.interval_s, s.time_cap_s / readings)})
                for s in plan.steps
            ),
            "devices": (),
            "interlocks": (),
            "limits": tuple(one for one in plan.limits if one.signal is not Signal.STALE_S),
        }
    )
    engine = Engine(coarse, plan.bench_sha256, World(host), poll_s=interval_s)
    engine.preflight()
    walk = _Walk()
    walk.result = engine.run(walk, {"simulated": True})
    walk.conversion = host.conversions().get(plan.limiting or "")
    return walk


def _result(walk: _Walk) -> RunResult:
    assert walk.result is not None
    return walk.result


def _end(walk: _Walk) -> str:
    result = _result(walk)
    return "; ".join(part for part in (result.ended_because, result.missing_charge) if part)


def _ends(cell: CellDescription) -> tuple[CellDescription, ...]:
    """The cell with all that is left open at the end where it needs less voltage, and more."""
    bounded = [one for one in cell.assumptions if one.bounds is not None]
    if not bounded:
        return ()
    found = []
    for end in (0, 1):
        data = cell.model_dump()
        for one in reversed(bounded):  # what moves the voltage most has the last word
            assert one.bounds is not None
            *above, key = one.of.split(".")
            inside: Any = data
            for step in above:
                inside = inside[int(step)] if step.isdigit() else inside[step]
            inside[key] = one.bounds[end]
        found.append(type(cell).model_validate(data))
    return tuple(found)


def _gases_m3(plan: Plan, charge_C: float) -> dict[str, float]:
    per_electron: dict[str, float] = {}
    substrate_C: dict[str, float] = {}
    for gas in plan.reaction.get("gases", ()):
        species = str(gas["species"])
        per_electron[species] = per_electron.get(species, 0.0) + float(gas["per_electron"])
        if (per_mol := gas.get("substrate_F_per_mol")) and plan.limiting_amount_mol:
            substrate_C[species] = float(per_mol) * plan.limiting_amount_mol * FARADAY_C_PER_MOL
    return gas_volumes_m3(per_electron, charge_C, substrate_C)


def _span(values: Sequence[float]) -> Span:
    return min(values), values[0], max(values)
