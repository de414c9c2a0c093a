"""Who ends the steady loops of `loop_scripts`: the reader, as far as it goes on."""

from __future__ import annotations

import math
from collections.abc import Callable

from faradaic.instruments.palmsens import loop_scripts
from faradaic.instruments.palmsens.link import AFTER_ERROR_S, NOT_TAKEN, RENEWED, Link
from faradaic.instruments.segments import (
    CurrentInterruptSegment,
    GalvanostaticImpedanceSegment,
    ImpedanceSegment,
    Segment,
)

STEADY_MARKS = ("M0007", "M000A")
"""Of a loop at a constant potential, or current."""


RENEW_S = 0.4
"""How much of a steady current between two interruptions is left to the instrument."""

LATENCY_S = 0.05
"""So soon before and after an interruption nothing is ended: it might be its points that are."""


class Handshakes:
    """Ends steady loops when a reading that was taken from one is asked to be followed.

    `quiet` says of a time of the script whether nothing is to be ended then; `every_s` how much of
    that time is to pass from one end to the next. See `pieces.Renewals` for the methods.
    """

    def __init__(
        self, link: Link, every_s: float = 0.0, quiet: Callable[[float], bool] = lambda _: False
    ) -> None:
        self._link = link
        self._every_s = every_s
        self._quiet = quiet
        self._steady = self._due = False
        self._ended_s = -math.inf
        self._not_before_s = -math.inf

    def package(self, time_s: float | None) -> None:
        """A package came, with the script's time if it could be read."""
        if not self._steady:
            return
        if time_s is None:
            self._due = self._every_s == 0.0
        else:
            self._due = time_s - self._ended_s >= self._every_s and not self._quiet(time_s)
            self._ended_s = time_s if self._due else self._ended_s

    def line(self, line: str, now_s: float) -> None:
        """Another line came."""
        if line.startswith("M"):
            self._steady = line.startswith(STEADY_MARKS)
        elif line.startswith("*") or line == RENEWED:
            self._steady = self._due = False
        elif line == NOT_TAKEN:
            self._not_before_s = now_s + AFTER_ERROR_S

    def asked(self, now_s: float) -> None:
        """The next reading is asked for."""
        self.go_on(now_s)

    def go_on(self, now_s: float) -> None:
        """End the loop, if it is time and the instrument can take it."""
        if self._due and self._steady and now_s >= self._not_before_s:
            self._due = False
            self._link.renew()

    def patience_s(self, now_s: float) -> float:
        """How long the reader may wait for a line before `go_on` has something to do."""
        return max(1e-3, self._not_before_s - now_s) if self._due else math.inf


def handshakes(link: Link, segment: Segment) -> Handshakes | None:
    """Those of a segment; None where its script has no steady loops."""
    match segment:
        case ImpedanceSegment() | GalvanostaticImpedanceSegment():
            return Handshakes(link)
        case CurrentInterruptSegment():
            until_s = segment.every_s - segment.width_s - loop_scripts.BEFORE_S - LATENCY_S

            def quiet(time_s: float) -> bool:
                phase_s = time_s % segment.every_s
                return phase_s > until_s or phase_s < min(LATENCY_S, time_s)

            return Handshakes(link, RENEW_S, quiet)
    return None
