"""The factors of a plate as a space for optimisers from outside: ask, estimate, tell.

Nothing of an optimiser is here. A candidate is a mapping from the names of the factors to values;
the checks of protocols say whether it can be run, and the simulated cell what to expect, in a
fraction of a second. What was found is told, and the next candidates are asked for:

    space = FactorSpace.of("plate.yaml", host=IdealBench)
    for candidate in space.ask(8, seed=1):
        space.tell(candidate, measured(candidate))
    space.best

An optimiser that makes its own candidates leaves `ask` out; one on numbers uses `bounds`, whose
units its numbers then have.
"""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.diagnostics import Diagnostic, InputError, did_you_mean, refusal
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plates.compile_plate import varied
from faradaic.protocols.plates.load_plate import LoadedPlate, as_yaml, load_plate
from faradaic.protocols.plates.plate_schema import ROWS
from faradaic.protocols.plates.wells import Change, shown
from faradaic.runner.bench_file import Bench, load_bench
from faradaic.runner.forecast import with_forecast

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.protocols.plan import Estimates, Plan
    from faradaic.runner.plan_walk import IdealHost

Candidate = Mapping[str, Any]
"""Values by factor: texts as a protocol has them, or numbers in the unit of `bounds`."""
_TRIES = 200
"""Candidates that are drawn for one that can be run, before that is given up."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which numbers the values of a factor lie, in their unit."""

    low: float
    high: float
    unit: str
    """As written: "mA"; empty of a pure number."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be expected of a candidate, SI, by the tables and the simulated cell."""

    charge_C: float | None
    duration_s: float
    cell_voltage_V: float | None
    conversion: float | None
    """Of the limiting component; None where the simulated cell does not say."""
    energy_J: float | None
    plan: Plan

    @property
    def rests_on_guesses(self) -> bool:
        """Get whether something of the simulated cell is a guess: then ranks say more than
        numbers."""
        return any(one.guess for one in self.plan.cell.assumptions)


@dataclass(frozen=True, slots=True)
class Observation:
    """A candidate and what came of it."""

    candidate: Candidate
    value: float | None
    """None for one that failed."""


@dataclass
class FactorSpace:
    """The factors of one plate on one bench, and what is known of them."""

    plate: LoadedPlate
    bench: Bench
    host: Callable[[CellDescription], IdealHost] | None = None
    """The simulated cell that estimates: `faradaic.simulators.ideal_bench.IdealBench`."""
    observations: list[Observation] = field(default_factory=list)
    """What was told, in order."""
    pending: list[Candidate] = field(default_factory=list)
    """What was asked for and not told yet."""

    @classmethod
    def of(
        cls,
        path: Path | str,
        bench: str = "simulated",
        host: Callable[[CellDescription], IdealHost] | None = None,
    ) -> FactorSpace:
        """The space of a plate file. Raises `InputError` for one without factors (E457)."""
        loaded = load_plate(path)
        if not loaded.plate.factors or loaded.plate.wells is not None:
            raise refusal(
                "E457",
                f"{path} has no factors with values, so there is nothing to search",
                "write `factors: {KEY: [VALUE, VALUE]}`",
            )
        return cls(loaded, load_bench(bench).channel(1), host)

    @property
    def levels(self) -> dict[str, tuple[Any, ...]]:
        """Get the values that the plate names of each factor."""
        return {name: one.values or () for name, one in self.plate.plate.factors.items()}

    @property
    def bounds(self) -> dict[str, Bounds]:
        """Get the factors whose values are numbers with one unit, with the range of these."""
        found = {}
        for name, values in self.levels.items():
            parts = [_split(value) for value in values]
            numbers = [number for number, _ in parts if number is not None]
            units = {unit for _, unit in parts}
            if len(numbers) == len(parts) and len(units) == 1:
                found[name] = Bounds(min(numbers), max(numbers), units.pop())
        return found

    def written(self, candidate: Candidate) -> dict[str, Any]:
        """A candidate with numbers written as quantities. Raises `InputError` (E457) for a factor
        that there is none of, or one that is missing."""
        for name in candidate:
            if name not in self.levels:
                what = f"`{name}` is no factor of this plate"
                raise InputError.of(what, help=did_you_mean(name, list(self.levels)), code="E457")
        missing = [name for name in self.levels if name not in candidate]
        if missing:
            raise refusal("E457", f"the candidate has no `{missing[0]}`", "give every factor")
        bounds = self.bounds
        found = {}
        for name, value in candidate.items():
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if number and name in bounds and bounds[name].unit:
                value = f"{float(value):.10g} {bounds[name].unit}"
            found[name] = value
        return found

    def problems(self, candidate: Candidate) -> tuple[Diagnostic, ...]:
        """Why a candidate cannot be run: what the checks refuse; empty where it can be."""
        try:
            self._plan(candidate)
        except InputError as error:
            return error.diagnostics
        return ()

    def is_feasible(self, candidate: Candidate) -> bool:
        """Whether a protocol with these values passes the checks."""
        return not self.problems(candidate)

    def estimate(self, candidate: Candidate) -> Expected:
        """What to expect of a candidate. Raises `InputError` where it cannot be run.

        The simulated cell is asked where there is one, also where the tables would do.
        """
        plan = self._plan(candidate)
        if self.host is not None:
            plan = with_forecast(plan, self.host)
        est, made = plan.estimates, plan.forecast
        charge_C, voltage_V = est.charge_C, _middle(est.cell_voltage_V)
        duration_s, converted = est.duration_s, _converted(est)
        if made is not None:
            charge_C, duration_s = made.charge_C[1], made.duration_s[1]
            voltage_V = voltage_V if made.cell_voltage_V is None else made.cell_voltage_V[1]
            converted = converted if made.conversion is None else made.conversion[1]
        energy_J = None if charge_C is None or voltage_V is None else charge_C * voltage_V
        return Expected(charge_C, duration_s, voltage_V, converted, energy_J, plan)

    def candidates(self) -> Iterator[dict[str, Any]]:
        """All combinations of the values that the plate names."""
        names = list(self.levels)
        for values in itertools.product(*self.levels.values()):
            yield dict(zip(names, values, strict=True))

    def ask(
        self, count: int, *, seed: int = 0, between_levels: bool = False
    ) -> list[dict[str, Any]]:
        """So many candidates that can be run, drawn at random, none of them asked or told before.

        `between_levels` draws numbers between the bounds of a factor, not its levels alone. Fewer
        come back where there are no more.
        """
        chance = random.Random(seed * 1_000_003 + len(self.observations) + len(self.pending))
        known = {_key(self.written(c)) for c in self.pending}
        known |= {_key(self.written(one.candidate)) for one in self.observations}
        found: list[dict[str, Any]] = []
        for candidate in self._drawn(chance, count * _TRIES, between_levels):
            if len(found) == count:
                break
            key = _key(candidate)
            if key not in known and self.is_feasible(candidate):
                found.append(candidate)
            known.add(key)
        self.pending += found
        return found

    def tell(self, candidate: Candidate, value: float | None) -> None:
        """What came of a candidate, the more the better; None where it failed.

        Raises `InputError` (E457) for what is no number.
        """
        if value is not None and not math.isfinite(value):
            raise refusal("E457", f"{value} cannot be compared", "tell None for what failed")
        key = _key(self.written(candidate))
        self.pending = [one for one in self.pending if _key(self.written(one)) != key]
        self.observations.append(Observation(dict(candidate), value))

    def tell_rows(self, rows: Iterable[Mapping[str, Any]], key: str) -> int:
        """What came of the wells of a plate, as `PlateResults.rows` tells; returns how many.

        `key` is the number that counts, such as "product_yield". Controls are left out, and so are
        wells whose number is not known, but for those that ended badly: these are told as failed.
        """
        told = 0
        for row in rows:
            if row["control"] or not set(self.levels) <= set(row["factors"]):
                continue
            value, failed = row[key], row["outcome"] not in ("COMPLETED", "RUNNING", "NOT RUN")
            if value is None and not failed:
                continue
            self.tell({name: row["factors"][name] for name in self.levels}, value)
            told += 1
        return told

    @property
    def best(self) -> Observation | None:
        """Get what came out highest; None before anything did."""
        known = [one for one in self.observations if one.value is not None]
        return max(known, key=lambda one: one.value or 0.0, default=None)

    def plate_text(self, candidates: Sequence[Candidate], title: str) -> str:
        """A plate file of candidates, for `faradaic run`: it stands beside that of the space."""
        data = dict(self.plate.document.data)
        for key in ("factors", "replicates", "controls", "layout", "fill"):
            data.pop(key, None)
        columns = 6 if len(candidates) <= 24 else 12 if len(candidates) <= 96 else 24
        names = (f"{ROWS[n // columns]}{n % columns + 1}" for n in itertools.count())
        data["title"] = title
        data["factors"] = {name: self.plate.plate.key_of(name) for name in self.levels}
        data["wells"] = {
            name: self.written(one) for name, one in zip(names, candidates, strict=False)
        }
        return as_yaml(data)

    def _plan(self, candidate: Candidate) -> Plan:
        changes = [
            Change(name, self.plate.plate.key_of(name), value, ("factors", name))
            for name, value in self.written(candidate).items()
        ]
        document = varied(self.plate.protocols[0], changes, self.plate.document)
        return compile_protocol(validate_protocol(document), self.bench)

    def _drawn(self, chance: random.Random, most: int, between: bool) -> Iterator[dict[str, Any]]:
        if not between:
            everything = list(self.candidates())
            chance.shuffle(everything)
            yield from map(self.written, everything[:most])
            return
        bounds = self.bounds
        for _ in range(most):
            yield self.written(
                {
                    name: chance.uniform(bounds[name].low, bounds[name].high)
                    if name in bounds
                    else chance.choice(values)
                    for name, values in self.levels.items()
                }
            )


def _split(value: Any) -> tuple[float | None, str]:
    """Number and unit of a value; no number where it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), ""
    head, _, unit = str(value).partition(" ")
    try:
        return float(head), unit
    except ValueError:
        return None, ""


def _key(candidate: Candidate) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((name, shown(value)) for name, value in candidate.items()))


def _converted(est: Estimates) -> float | None:
    """At the charge that is planned, on the curve of the tables."""
    import numpy as np

    if not est.conversion or est.charge_F_per_mol is None:
        return None
    per_mol, converted = np.array(est.conversion).T
    return float(np.interp(est.charge_F_per_mol, per_mol, converted))


def _middle(span: tuple[float, float] | None) -> float | None:
    return None if span is None else sum(span) / 2.0
