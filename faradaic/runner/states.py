"""The states of a run, as one table.

The machine holds the rule of the house: the output may be on in the states of `OUTPUT_MAY_BE_ON`
only, and every way out of them goes through `leave_output_off`, which turns the output off and
reads it back before the next state is entered.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class RunState(StrEnum):
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
    {
        RunState.COMPLETED,
        RunState.STOPPED,
        RunState.ABORTED,
        RunState.TRIPPED,
        RunState.FAILED,
        RunState.LOST,
    }
)

PAUSED_WITH_OUTPUT_ON = frozenset({RunState.PAUSED_HOLD_POTENTIAL, RunState.PAUSED_KEEP_CURRENT})
"""As the protocol declares it for a step."""

OUTPUT_MAY_BE_ON = frozenset({RunState.RUNNING, *PAUSED_WITH_OUTPUT_ON})

TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.IDLE: frozenset({RunState.COMPILED, RunState.FINISHING}),
    RunState.COMPILED: frozenset({RunState.PREFLIGHT, RunState.FINISHING}),
    RunState.PREFLIGHT: frozenset({RunState.ARMED, RunState.FINISHING}),
    RunState.ARMED: frozenset({RunState.RUNNING, RunState.FINISHING}),
    RunState.RUNNING: frozenset(
        {RunState.PAUSED_OPEN_CIRCUIT, *PAUSED_WITH_OUTPUT_ON, RunState.FINISHING}
    ),
    **{
        held: frozenset({RunState.RUNNING, RunState.PAUSED_OPEN_CIRCUIT, RunState.FINISHING})
        for held in PAUSED_WITH_OUTPUT_ON
    },
    RunState.PAUSED_OPEN_CIRCUIT: frozenset({RunState.RUNNING, RunState.FINISHING}),
    RunState.FINISHING: OUTCOMES - {RunState.LOST},
    **{outcome: frozenset() for outcome in OUTCOMES},
}
"""What may follow what. LOST is given by whoever reads an orphaned journal, never by the run."""

EXIT_CODES: dict[RunState, int] = {
    RunState.COMPLETED: 0,
    RunState.FAILED: 3,
    RunState.TRIPPED: 4,
    RunState.ABORTED: 4,
    RunState.STOPPED: 5,
    RunState.LOST: 7,
}
"""The command's exit code for an outcome (a run that failed to store its data exits with 6)."""


class StateMachine:
    """Walks the table; calls `leave_output_off` when the output has to go off, then `record`."""

    def __init__(
        self,
        leave_output_off: Callable[[], None],
        record: Callable[[RunState, RunState, str], None],
    ) -> None:
        self.state = RunState.IDLE
        self._leave_output_off = leave_output_off
        self._record = record

    def move(self, to: RunState, reason: str) -> None:
        """Enter a state. Raises `RuntimeError` for a move that the table does not hold."""
        before = self.state
        if to not in TRANSITIONS[before]:
            raise RuntimeError(f"a run cannot go from {before} to {to}")
        if before in OUTPUT_MAY_BE_ON and to not in OUTPUT_MAY_BE_ON:
            self._leave_output_off()
        self.state = to
        self._record(before, to, reason)
