"""How much of the substrate was there, from the charge at which it ran short.

At a held current the substrate of n moles in a stirred cell runs short when its limiting current
has fallen to the current: Q = z F n (1 - I/I_lim), with I_lim in proportion to n. A share s of what
was planned runs short at Q = z F n (s - I/I_lim), so that s = Q/(z F n) + I/I_lim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faradaic.diagnoses.expected import Expected


def share_there(expected: Expected, step_C: float) -> tuple[float, float, float] | None:
    """Low, typical and high share of the planned amount; None where the plan does not tell."""
    limits, typical_A = expected.limiting_A, expected.typical_limiting_A
    if not expected.amount_C or not expected.electrons or expected.set_A is None or limits is None:
        return None
    passed = step_C / (expected.electrons * expected.amount_C)
    carried = [abs(expected.set_A) / one for one in (limits[1], typical_A or limits[0], limits[0])]
    low, typical, high = (passed + one for one in carried)
    return low, typical, high
