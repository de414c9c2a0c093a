"""The checks of the chemistry: what is worth knowing about a plan before a coulomb passes.

A check is a pure generator of findings, registered under the id of its rule:

    @check("G07")
    def gas_blinding(context: Context) -> Findings:
        '''Bubbles blind a felt above 50 mA/cm² (source).'''
        if ...:
            yield warning("what is so, with its numbers", path=("electrodes", "anode"), help="...")

Adding a check is adding such a function to a module of this package; every module is read. A
finding is never an error when its numbers rest on approximate rows of the tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import TypeAlias

from faradaic.diagnostics import Diagnostic, Location, Severity
from faradaic.documents.validation import dotted
from faradaic.protocols.bench import BenchProfile
from faradaic.protocols.compartments import Compartment
from faradaic.protocols.discovery import import_modules
from faradaic.protocols.level_steps import LevelsPlan
from faradaic.protocols.plan import Plan, StepPlan
from faradaic.protocols.resolved import ResolvedProtocol
from faradaic.protocols.schema import Component, Protocol

Path: TypeAlias = tuple[str | int, ...]
Findings: TypeAlias = Iterator[Diagnostic]


@dataclass(frozen=True)
class Context:
    """What a check may look at."""

    plan: Plan
    resolved: ResolvedProtocol
    bench: BenchProfile

    @property
    def protocol(self) -> Protocol:
        """The protocol as written."""
        return self.resolved.written

    @cached_property
    def main_step(self) -> StepPlan | None:
        """The step that holds the largest current; None when there is none."""
        steps = [step for step in self.plan.steps if step.held_current_A is not None]
        return max(steps, key=lambda step: abs(step.held_current_A or 0.0), default=None)

    @property
    def current_A(self) -> float | None:
        """Magnitude of the largest constant current."""
        held_A = None if self.main_step is None else self.main_step.held_current_A
        return None if held_A is None else abs(held_A)

    @property
    def flowing(self) -> list[StepPlan]:
        """The steps that pass more than a small sine around rest."""
        return [s for s in self.plan.steps if s.passes_current and not s.about_rest]

    @property
    def alternates(self) -> LevelsPlan | None:
        """The first step in which the current or the voltage turns round."""
        turning = (step for step in self.plan.steps if isinstance(step, LevelsPlan))
        return next((step for step in turning if step.reverses), None)

    @property
    def held_potentials_V_vs_SHE(self) -> list[tuple[str, float]]:
        """Path and potential of the steps that hold one; empty where the reference is unknown."""
        reference = self.plan.cell.reference
        if reference is None:
            return []
        zero_V = reference.potential_V_vs_SHE
        steps = [(step.path, step.held_potential_V) for step in self.plan.steps]
        return [(path, held + zero_V) for path, held in steps if held is not None]

    @property
    def components(self) -> Iterator[tuple[Path, str, Component, Compartment]]:
        """Every component: its path, its id, itself, and what it is in."""
        for compartment in self.resolved.compartments:
            for name, component in compartment.written.components.items():
                yield (*compartment.path, "components", name), name, component, compartment


Check: TypeAlias = Callable[[Context], Findings]
_registry: dict[str, Check] = {}


def check(id: str) -> Callable[[Check], Check]:  # noqa: A002
    """Register a check under the id of its rule."""

    def register(function: Check) -> Check:
        if id in _registry:
            raise ValueError(f"two checks are called {id}")
        _registry[id] = function
        return function

    return register


@cache
def registered() -> Mapping[str, Check]:
    """All checks by id, from every module of this package."""
    import_modules(__name__)
    return dict(sorted(_registry.items()))


def run_checks(
    plan: Plan,
    resolved: ResolvedProtocol,
    bench: BenchProfile,
    locate: Callable[[Path], Location | None],
) -> list[Diagnostic]:
    """Everything the checks find, in the order of their ids, each at its place in the file.

    What is found of a step of a repeat in each of its turns is told once.
    """
    context = Context(plan, resolved, bench)
    told: dict[tuple[str, str, str], Diagnostic] = {}
    for id_, function in registered().items():
        for found in function(context):
            located = replace(found, code=id_).at(locate(_keys(found.path)))
            told.setdefault((id_, found.path, found.message), located)
    return list(told.values())


def _keys(path: str) -> Path:
    """`steps[1].constant_current` as keys: ("steps", 1, "constant_current")."""
    parts = path.replace("[", ".[").split(".")
    return tuple(int(p[1:-1]) if p.startswith("[") else p for p in parts if p)


def _finding(severity: Severity) -> Callable[..., Diagnostic]:
    def finding(
        message: str,
        *,
        path: Path | str,
        help: str = "",  # noqa: A002
        numbers: Mapping[str, float] | None = None,
    ) -> Diagnostic:
        where = path if isinstance(path, str) else dotted(path)
        return Diagnostic("", message, severity, help, path=where, numbers=numbers or {})

    return finding


error = _finding(Severity.ERROR)
warning = _finding(Severity.WARNING)
info = _finding(Severity.INFO)
