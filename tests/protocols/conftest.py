"""Benches and a short way from a protocol's text to its plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from faradaic.documents.document import load_document
from faradaic.instruments.capabilities import Capabilities
from faradaic.protocols.bench import BenchLimits, BenchProfile
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.runner.bench_file import LimitsEntry, load_bench


@dataclass(frozen=True)
class DescribedBench:
    """A bench given by its capabilities alone."""

    name: str
    source: Capabilities
    limits: BenchLimits
    devices: Mapping[str, Any] = field(default_factory=dict)
    interlocks: Sequence[Any] = ()
    sha256: str = "0" * 64
    simulated: bool = True

    def others_with(
        self,
        *modes: str,
        level_s: float | None = None,
        current_A: float = 0.0,
        bears_gap: bool | None = None,
    ) -> Collection[str]:
        return ()


def bench_named(name: str) -> BenchProfile:
    """A shipped bench, or `unipolar-supply`: the default one with a source of one polarity."""
    if name != "unipolar-supply":
        return load_bench(name)
    source = replace(load_bench("simulated").source, bipolar=False, model="DC supply")
    return DescribedBench(name, source, LimitsEntry())


@pytest.fixture
def bench() -> Callable[[str], BenchProfile]:
    return bench_named


@pytest.fixture
def limited_bench() -> Callable[..., BenchProfile]:
    """The default bench with ceilings of its own, in a bench file's words."""

    def make(**limits: str) -> BenchProfile:
        entry = LimitsEntry.model_validate(limits | {"set_by": "the bench file"})
        return DescribedBench("limited", load_bench("simulated").source, entry)

    return make


@pytest.fixture
def bench_with_mode() -> Callable[[str], BenchProfile]:
    """The default bench with a source that has one mode more."""

    def make(mode: str) -> BenchProfile:
        source = load_bench("simulated").source
        return DescribedBench("able", replace(source, modes=source.modes | {mode}), LimitsEntry())

    return make


@pytest.fixture
def planned() -> Callable[..., Plan]:
    """The plan of a protocol given as text."""

    def plan(text: str, bench: str | BenchProfile = "simulated") -> Plan:
        profile = bench_named(bench) if isinstance(bench, str) else bench
        return compile_protocol(validate_protocol(load_document(text, "test.yaml")), profile)

    return plan
