"""The states of a run, as one table.

The machine holds the rule of the house: the output may be on in three states only, and every way
out of them goes through `leave_output_off`, which turns the output off and reads it back before
the next state is entered.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class State(StrEnum):
    """Where a run is; the last six are outcomes, from which nothing leads on."""

    IDLE = "IDLE"
    COMPILED = "COMPILED"
    PREFLIGHT = "PREFLIGHT"
    ARMED = "ARMED"
    RUNNING = "RUNNING"
    PAUSED_OPEN_CIRCUIT = "PAUSED(open_circuit)"
    PAUSED_HOLD_POTENTIAL = "PAUSED(hold_potential)"
    PAUSED_KEEP_CURRENT = "PAUSED(keep_current)"
    FINISHING = "FINISHING"
    COMPLETED = "COMPLETED"
    STOPPED = "STOPPED"
    ABORTED = "ABORTED"
    TRIPPED = "TRIPPED"
    FAILED = "FAILED"
    LOST = "LOST"


OUTCOMES = frozenset(
    {State.COMPLETED, State.STOPPED, State.ABORTED, State.TRIPPED, State.FAILED, State.LOST}
)

OUTPUT_MAY_BE_ON = frozenset(
    {State.RUNNING, State.PAUSED_HOLD_POTENTIAL, State.PAUSED_KEEP_CURRENT}
)

_PAUSES = frozenset(
    {State.PAUSED_OPEN_CIRCUIT, State.PAUSED_HOLD_POTENTIAL, State.PAUSED_KEEP_CURRENT}
)

TRANSITIONS: dict[State, frozenset[State]] = {
    State.IDLE: frozenset({State.COMPILED, State.FINISHING}),
    State.COMPILED: frozenset({State.PREFLIGHT, State.FINISHING}),
    State.PREFLIGHT: frozenset({State.ARMED, State.FINISHING}),
    State.ARMED: frozenset({State.RUNNING, State.FINISHING}),
    State.RUNNING: _PAUSES | {State.FINISHING},
    State.PAUSED_OPEN_CIRCUIT: frozenset({State.RUNNING, State.FINISHING}),
    State.PAUSED_HOLD_POTENTIAL: frozenset({State.RUNNING, State.FINISHING}),
    State.PAUSED_KEEP_CURRENT: frozenset({State.RUNNING, State.FINISHING}),
    State.FINISHING: OUTCOMES - {State.LOST},
    **{outcome: frozenset() for outcome in OUTCOMES},
}
"""What may follow what. LOST is given by whoever reads an orphaned journal, never by the run."""

EXIT_CODES: dict[State, int] = {
    State.COMPLETED: 0,
    State.FAILED: 3,
    State.TRIPPED: 4,
    State.ABORTED: 4,
    State.STOPPED: 5,
    State.LOST: 7,
}
"""The command's exit code for an outcome (a run that failed to store its data exits with 6)."""


class StateMachine:
    """Walks the table; calls `leave_output_off` when the output has to go off, then `record`."""

    def __init__(
        self,
        leave_output_off: Callable[[], None],
        record: Callable[[State, State, str], None],
    ) -> None:
        self.state = State.IDLE
        self._leave_output_off = leave_output_off
        self._record = record

    def move(self, to: State, reason: str) -> None:
        """Enter a state. Raises `RuntimeError` for a move that the table does not hold."""
        before = self.state
        if to not in TRANSITIONS[before]:
            raise RuntimeError(f"a run cannot go from {before} to {to}")
        if before in OUTPUT_MAY_BE_ON and to not in OUTPUT_MAY_BE_ON:
            self._leave_output_off()
        self.state = to
        self._record(before, to, reason)
