"""A constant set-point in pieces that somebody has to renew: no script outlives its program.

The script measures in an outer loop, and every measurement loop inside it is short. While it runs
the instrument accepts `Y`, which ends a measurement loop and nothing else: the set-point stays on,
charge goes on being counted, and the next piece begins. A piece that comes to its own end was not
renewed: the script says so, leaves and turns the cell off.

After a renewal one point is taken on the grid that the readings had before, then the piece proper:
both together last at most `OUTLIVES_S` from the point that was answered with the renewal. A point
lies off the grid by what a few commands take (0.3 ms on the emulator), and where a renewal comes
in the last 20th of an interval its point is left out. The end is by the instrument's timer.

`meas_loop_cp` with variables, inside a `loop`: PalmSens, MethodSCRIPT_Examples bd1a44a,
MSExample029. What the instrument does with a `Y` between two measurement loops is not documented:
it may be refused, ignored or taken for the next loop, and each of these is harmless here.
"""

from __future__ import annotations

import math

from faradaic.instruments.palmsens.link import AFTER_ERROR_S, NOT_TAKEN, RENEWED, Link
from faradaic.instruments.palmsens.literals import literal
from faradaic.instruments.readings import EndReason

OUTLIVES_S = 2.0
"""How long the cell may stay on after the last renewal."""

RENEW_S = 0.5
"""How often a piece is renewed, where readings come faster."""

LONGEST_STEP_S = 1.0
"""Longer intervals are divided: a piece holds two points or more."""

SHORTEST_WAIT_S = 1e-3
"""A wait that the resolution of a clock swallows would never be over."""

UNSURE_S = 0.2
"""How long the mark of a measurement loop is waited for: it may have been lost."""

LEFT_OUT = 0.05
"""Of an interval: a point that is due sooner is not taken any more."""

VARIABLES = ("begin", "step", "run", "count", "due", "on", "single")


def divisions(interval_s: float) -> int:
    """How many steps an interval is divided into."""
    return math.ceil(interval_s / LONGEST_STEP_S - 1e-9)


def grid(lead_s: float, interval_s: float, duration_s: float) -> float:
    """The step of points after a lead, as long as asked for or shorter, that ends the duration."""
    points = math.ceil((duration_s - lead_s) / interval_s - 1e-9)
    return (duration_s - lead_s) / points / divisions(interval_s)


def setting(first_s: float) -> list[str]:
    """What stands before the cell is on: when the first point is due."""
    return [f"store_var due {literal(first_s)} eb", "store_var on 1 ja", "store_var single 1 ja"]


def pieces(loop: str, extra: str, point: list[str], step_s: float, duration_s: float) -> list[str]:
    """The loops. `loop` is the measurement up to its interval, `extra` what follows its duration;
    `point` is done after each point and leaves the measurement by `breakloop`."""
    points = max(1, math.floor(OUTLIVES_S / step_s + 1e-9) - 1)
    step = literal(step_s)
    stopping = ["store_var on 0 ja", "breakloop"]
    point = [part for line in point for part in (stopping if line == "breakloop" else [line])]
    return [
        "loop on > 0",
        "timer_get begin",
        "copy_var due step",
        "sub_var step begin",
        f"if step < {literal(LEFT_OUT * step_s)}",
        f"add_var step {step}",
        f"add_var due {step}",
        "endif",
        "copy_var step run",
        "mul_var run 1500m",
        "if single < 1",
        f"store_var step {step} eb",
        f"store_var run {literal(duration_s + 0.5 * step_s)} eb",
        "sub_var run begin",
        f"if run > {literal((points + 0.5) * step_s)}",
        f"store_var run {literal((points + 0.5) * step_s)} eb",
        "endif",
        "endif",
        "store_var count 0 ja",
        f"{loop}step run{extra}",
        *point[:1],
        "add_var count 1",
        f"add_var due {step}",
        *point[1:],
        "endloop",
        "if on > 0",
        "timer_get begin",
        f"if begin > {literal(duration_s - LEFT_OUT * step_s)}",
        "store_var on 0 ja",
        "elseif single < 1",
        f"if count > {literal(points - 0.5)}",
        f'send_string "{EndReason.NOT_RENEWED.value}"',
        "store_var on 0 ja",
        "else",
        "store_var single 1 ja",
        "endif",
        "elseif count > 0",
        "store_var single 0 ja",
        "endif",
        "endif",
    ]


class Renewals:
    """Renews the pieces of one script as far as its reader goes on; nothing else does.

    A renewal is sent when the next reading is asked for, while a measurement loop runs: one that
    the instrument did not take is sent again.
    """

    def __init__(self, link: Link, step_s: float, until_s: float) -> None:
        """`until_s`, of the script's timer: from when on it comes to its own end sooner."""
        self._link = link
        self._step_s = step_s
        self._end_s = until_s
        self._time_s = self._renewed_s = 0.0
        self._sent_s = -math.inf
        self._due = False
        self._measuring = False
        self._single = True
        """Whether the next measurement loop has one point."""
        self._not_before_s = self._unsure_s = -math.inf

    def package(self, time_s: float | None) -> None:
        """A package came, with the script's time if it could be read."""
        self._time_s = self._time_s + self._step_s if time_s is None else time_s
        self._measuring, self._single = not self._single, False

    def line(self, line: str, now_s: float) -> None:
        """Another line came."""
        if line.startswith("M"):
            self._measuring = True
            self.go_on(now_s)
        elif line.startswith("*"):
            self._measuring = False
        elif line == RENEWED:
            self._due, self._single, self._renewed_s = False, True, self._time_s
        elif line == NOT_TAKEN:
            self._not_before_s = now_s + AFTER_ERROR_S
            self._sent_s = -math.inf

    def asked(self, now_s: float) -> None:
        """The next reading is asked for."""
        next_s = self._time_s + self._step_s
        if not self._due and next_s - self._renewed_s > RENEW_S:
            self._due, self._unsure_s = True, now_s + UNSURE_S
        self.go_on(now_s)

    def go_on(self, now_s: float) -> None:
        """Renew, if it is time and the instrument can take it."""
        if not self._due or self._time_s > self._end_s or now_s < self._ready_s():
            return
        if self._time_s >= self._sent_s + 0.5 * RENEW_S:
            self._sent_s = self._time_s
            self._link.renew()

    def patience_s(self, now_s: float) -> float:
        """How long the reader may wait for a line before `go_on` has something to do."""
        ready_s = self._ready_s()
        if not (self._due and ready_s > now_s):
            return math.inf
        return max(SHORTEST_WAIT_S, ready_s - now_s)

    def _ready_s(self) -> float:
        unsure_s = -math.inf if self._measuring else self._unsure_s
        return max(self._not_before_s, unsure_s)
