"""Every protocol that ships, cut in the middle of each of its steps, goes on as one that plans."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.library import library_names
from faradaic.protocols.load import load_protocol, validate_protocol
from faradaic.runner.bench_file import load_bench
from faradaic.runner.continuation import Continuation, Passed, Place

BENCHES = ("simulated", "simulated-emstat4-hr")
STEPS_MOST = 12
"""Of a plan that repeats, this many are cut."""


@pytest.mark.parametrize("name", library_names())
def test_what_is_left_of_it_plans(name: str) -> None:
    loaded = load_protocol(f"library:{name}")
    for bench_name in BENCHES:
        bench = load_bench(bench_name)
        try:
            plan = compile_protocol(loaded, bench)
        except InputError:
            continue
        break
    else:
        pytest.skip("this version plans it on neither bench")
    steps = plan.steps[:: max(1, len(plan.steps) // STEPS_MOST)]
    for step in steps:
        before_C = sum(s.expected_charge_C or 0.0 for s in plan.steps[: plan.steps.index(step)])
        half_C = 0.5 * (step.target_charge_C or step.expected_charge_C or 0.0)
        numbers = tuple(map(int, step.id.split(".")))
        half = Passed(half_C, half_C, 0.5 * step.expected_duration_s, 0.01)
        repeats = {depth: Passed(half_C, 0.0, half.time_s) for depth in range(1, len(numbers), 2)}
        continuation = Continuation(loaded, plan.limiting_amount_mol)
        assert continuation.left(Place(numbers, half, repeats, before_C + half_C))
        total_C = before_C + half_C
        earlier = {"run": "r", "journal": "0" * 64, "outcome": "LOST", "charge": f"{total_C:.9g} C"}
        text = continuation.text(earlier, ["left"])
        left = compile_protocol(validate_protocol(load_document(text)), bench)
        assert left.earlier_C == pytest.approx(total_C)
        first = left.steps[0]
        if step.target_charge_C and not any(c.since for c in step.until):
            assert first.target_charge_C == pytest.approx(half_C, rel=1e-5)
