"""Protocols of a few lines and the simulated bench they run on, for the tests of the runner."""

from __future__ import annotations

from typing import Any

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.runner.bench_file import Bench, load_bench
from faradaic.runner.engine import Engine
from faradaic.runner.host import InlineHost
from faradaic.runner.operator import DefaultOperator, Operator
from faradaic.runner.requests import Controls
from faradaic.runner.run_result import RunResult
from faradaic.runner.world import World
from rigs.protocols import HEAD


def plan_of(steps: str, bench: str = "simulated", head: str = HEAD) -> tuple[Plan, Bench]:
    """The plan of the head with these steps."""
    loaded = validate_protocol(load_document(head + steps, "test.yaml"))
    loaded_bench = load_bench(bench)
    return compile_protocol(loaded, loaded_bench), loaded_bench


class MemoryJournal:
    """A journal sink that keeps what it is given, in order."""

    def __init__(self) -> None:
        self.events: list[tuple[str, float, dict[str, Any]]] = []
        self.samples: list[tuple[Any, ...]] = []

    def write(self, kind: str, time_s: float, fields: Any, *, durable: bool = False) -> int:
        self.events.append((kind, time_s, dict(fields)))
        return len(self.events)

    def sample(self, time_s: float, values: tuple[Any, ...]) -> int:
        self.samples.append(values)
        return len(self.samples)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [fields for k, _, fields in self.events if k == kind]


class Rehearsal:
    """One engine on one simulated bench, with the instrument's inside open to the test."""

    def __init__(
        self,
        steps: str,
        bench: str = "simulated",
        *,
        head: str = HEAD,
        operator: Operator | None = None,
        observe: Any = None,
    ) -> None:
        self.plan, self.bench = plan_of(steps, bench, head)
        self.host = InlineHost(self.bench, cell=self.plan.cell, seed=1, speed=None)
        self.controls = Controls()
        self.journal: Any = MemoryJournal()
        world = World(
            self.host,
            operator=operator or DefaultOperator(),
            controls=self.controls,
            observe=observe,
        )
        self.engine = Engine(self.plan, self.bench.sha256, world)

    def run(self) -> RunResult:
        """Preflight and run."""
        self.engine.preflight()
        return self.engine.run(self.journal, {"title": self.plan.title, "simulated": True})

    @property
    def emulator(self) -> Any:
        """The one emulator of the bench."""
        (emulator,) = self.host._scheme._emulators.values()  # type: ignore[attr-defined]
        return emulator


@pytest.fixture
def rehearse() -> type[Rehearsal]:
    """Make a rehearsal from the steps of a protocol."""
    return Rehearsal
