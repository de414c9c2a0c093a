"""The error of a simulation that cannot give a number to be believed."""

from __future__ import annotations

from faradaic.diagnostics import FaradaicError


class SimulationError(FaradaicError):
    """A model that cannot go on: no convergence, or a resolution that would give a wrong current.

    The diagnostic says where it happened and what to change (codes E54x and E56x).
    """

    exit_code = 2
    default_code = "E540"
