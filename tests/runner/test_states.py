"""The output may be on in three states, and every way out of them turns it off first."""

import itertools

import pytest

from faradaic.runner.states import (
    EXIT_CODES,
    OUTCOMES,
    OUTPUT_MAY_BE_ON,
    TRANSITIONS,
    RunState,
    StateMachine,
)


def reach(state: RunState, seen: frozenset[RunState] = frozenset()) -> list[RunState] | None:
    """A path from IDLE to a state."""
    if state is RunState.IDLE:
        return [state]
    for before, after in TRANSITIONS.items():
        if state in after and before not in seen:
            path = reach(before, seen | {state})
            if path:
                return [*path, state]
    return None


def test_the_table_names_every_state():
    assert set(TRANSITIONS) == set(RunState)


def test_nothing_leads_on_from_an_outcome():
    assert all(TRANSITIONS[outcome] == frozenset() for outcome in OUTCOMES)


def test_lost_is_never_given_by_the_run_itself():
    assert all(RunState.LOST not in after for after in TRANSITIONS.values())


def test_every_outcome_but_lost_is_reached_through_finishing():
    for before, after in TRANSITIONS.items():
        if after & OUTCOMES:
            assert before is RunState.FINISHING


def test_every_outcome_has_an_exit_code():
    assert set(EXIT_CODES) == OUTCOMES
    assert EXIT_CODES[RunState.COMPLETED] == 0
    assert 0 not in {EXIT_CODES[o] for o in OUTCOMES - {RunState.COMPLETED}}


@pytest.mark.parametrize("energised", sorted(OUTPUT_MAY_BE_ON))
def test_leaving_an_energised_state_turns_the_output_off_before_the_next_is_entered(energised):
    for target in TRANSITIONS[energised] - OUTPUT_MAY_BE_ON:
        calls: list[str] = []
        machine = StateMachine(
            lambda calls=calls: calls.append("off"),
            lambda _a, to, _r, calls=calls: calls.append(to.value),
        )
        path = reach(energised)
        assert path is not None
        for state in path[1:]:
            machine.move(state, "test")
        calls.clear()
        machine.move(target, "test")
        assert calls == ["off", target.value]


def test_a_move_that_is_not_in_the_table_is_refused():
    for before, to in itertools.product(RunState, RunState):
        if to in TRANSITIONS[before]:
            continue
        machine = StateMachine(lambda: None, lambda _a, _b, _r: None)
        machine.state = before
        with pytest.raises(RuntimeError, match="cannot go"):
            machine.move(to, "test")
