"""What the voltage at rest tells before the current flows."""

from __future__ import annotations

from faradaic.diagnoses.diagnosis import Diagnosis, weighed
from faradaic.diagnoses.expected import Expected

WRONG_V = 0.1
"""A sacrificial anode that is more positive than this against its counter electrode is not where
the positive lead is to be."""


def at_rest(
    expected: Expected, voltage_V: float, forward: float, time_s: float = 0.0
) -> Diagnosis | None:
    """The last cell voltage at rest, signed as the run's; `forward` is the sign of the current.

    A base metal is the negative pole of the cell at rest and its anode afterwards, so that the
    voltage at rest is opposite to that of the electrolysis. Only cells with a sacrificial metal
    tell this much.
    """
    if not expected.metal or voltage_V * forward < WRONG_V:
        return None
    text = (
        f"{voltage_V:+.2g} V at rest, where the {expected.metal} of the anode has to be the"
        " negative pole"
    )
    causes = weighed({"swapped": 0.85, "meter": 0.1})
    return Diagnosis("D21", time_s, time_s, 0.0, 0.0, text, causes, {"rest_V": voltage_V})
