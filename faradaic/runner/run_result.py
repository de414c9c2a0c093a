"""How a run ended."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from faradaic.diagnostics import Diagnostic
from faradaic.instruments.readings import OutputState
from faradaic.runner.states import RunState


@dataclass(frozen=True, slots=True)
class RunResult:
    """Outcome, why, the charge that passed, and what the output last said."""

    outcome: RunState
    stop_reason: str
    charge_gross_C: float
    charge_net_C: float
    charge_low_C: float
    charge_high_C: float
    duration_s: float
    samples: int
    output: OutputState
    exit_code: int
    planned_charge_C: float | None = None
    """What the steps aimed at; None where one of them does not say."""
    share_of_planned: float | None = None
    """The charge that passed over the planned one."""
    ended_because: str = ""
    """What ended it, without what is said beside it in `stop_reason`."""
    missing_charge: str = ""
    """ "ended by time at 10 % of the planned charge", where it is less than planned."""
    charge_beside_C: float = 0.0
    """Of the gross charge, what passed through a short and electrolysed nothing."""
    model_at_fault: str = ""
    """Why the model of a simulated cell, not the protocol, made it end as it did."""
    against_rehearsal: dict[str, Any] = field(default_factory=dict)
    """How it lay to its rehearsal, step by step; empty where it was not compared."""
    diagnostics: tuple[Diagnostic, ...] = ()

    def as_record(self) -> dict[str, Any]:
        """What the journal's `run_stop` keeps of it."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        del told["exit_code"], told["diagnostics"]
        output = {"on": self.output.on, "evidence": self.output.evidence}
        return told | {"output": output}


def internal_error(error: Exception) -> Diagnostic:
    """What a run says that an error of the program ended."""
    return Diagnostic(
        "E700",
        f"an error inside the program ended the run: {type(error).__name__}: {error}",
        help="the output was commanded off and the journal kept; please report this with the run "
        "folder",
    )
