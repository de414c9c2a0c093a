"""Levels in turn and stairs of a ramp as one script: an outer loop, a measurement loop for each.

A measurement loop sets its level and takes its points; the level before it stays on until then, so
the output is never off between two of them and nothing flows that is not asked for. When a level
is over is told by the instrument's timer and not by how long its loops took: a level that began
late by what a few commands take ends in time. On the emulator an edge comes 1 ms late, each by the
same; what that is on an instrument is not known.

Charge by direction and energy are counted on the instrument, point by point from its timer, and
sent as totals: a line that is lost takes no charge with it. A point averages its own interval; in a
level of a current, which is held, its charge is exact; in one of a voltage it misses what flows
before the instrument looks. Short levels are sent once per `step_s`, one package for each.

Renewal is as in `pieces`: `Y` ends the measurement loop under way, the level stays on, and what is
left of it is measured by the next loop. Without one for `OUTLIVES_S` the script ends.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from faradaic.instruments.palmsens.literals import literal
from faradaic.instruments.palmsens.pieces import OUTLIVES_S
from faradaic.instruments.readings import EndReason, Regulation
from faradaic.instruments.segments import LevelsSegment, StaircaseSegment

LEVEL_MIN_S = 0.005
"""Of a level, of which one point is taken: as of the stairs of a sweep. An engineering guess."""

LONGEST_STEP_S = 0.5
"""Between two points of a level: a renewal has to find a measurement loop twice a second."""

POINTS_OF_VOLTAGE = 20
"""Of a level whose current follows from the cell: a double layer is charged early in it."""

LONGEST_LOOP_S = 0.75
"""Between two looks at the last renewal."""

CLOSE_S = 1e-3
"""What is left of a level is measured for this long at least, or a fifth of the shortest level."""

LEVEL, ANODIC, CATHODIC, ENERGY = "ja", "jb", "jc", "jd"
"""Types under which the number of the level and the totals are sent."""

_KEPT = {
    "k": "ja",
    "at": LEVEL,
    "qa": ANODIC,
    "qc": CATHODIC,
    "w": ENERGY,
    "on": "ja",
    "burst": "ja",
    "due": "eb",
    "t0": "eb",
    "sent": "eb",
    "renewed": "eb",
    "t": "eb",
    "begin": "eb",
    "now": "eb",
    "told": "eb",
    "step": "eb",
    "run": "eb",
    "x": "ja",
    "fresh": "ja",
}


@dataclass(frozen=True, slots=True)
class LevelScript:
    """The parts of a script of levels."""

    names: tuple[str, ...]
    """Variables beside those of the measurement."""
    setting: list[str]
    """Before the cell is on."""
    loop: list[str]
    """After `timer_start`, up to its last `endloop`."""
    step_s: float
    """Time between two points of a long level."""
    quiet_s: float
    """Longest time between two packages."""


def level_script(
    segment: LevelsSegment | StaircaseSegment,
    *,
    measure: str,
    extra: str,
    voltage: str,
    names: tuple[str, ...],
    stops: list[str],
    renewed: bool,
) -> LevelScript:
    """`measure` is the measurement up to its set-point, `extra` what follows its duration;
    `names` and the totals are sent, `stops` leave the measurement by `breakloop`. `voltage` is
    what is measured of an open cell."""
    step_s = min(segment.interval_s, LONGEST_STEP_S)
    if segment.regulation is not Regulation.CURRENT:
        step_s = min(step_s, max(LEVEL_MIN_S, _times(segment)[0] / POINTS_OF_VOLTAGE))
    queue, opens = _queue(segment, galvanostat=segment.regulation is Regulation.CURRENT)
    number, left_s = segment.begins()
    end_s = segment.duration_s
    shortest_s, period_s = _times(segment)
    close_s = min(CLOSE_S, 0.2 * shortest_s)
    most = len(queue) if isinstance(segment, LevelsSegment) else segment.stairs
    begins = {"k": literal(number), "due": literal(min(left_s, end_s)), "on": "1", "burst": "1"}
    setting = [f"store_var {name} {begins.get(name, '0')} {kind}" for name, kind in _KEPT.items()]
    variables = list(_KEPT)
    for place, values in enumerate(queue):
        for letter, value in values.items():
            variables.append(f"{letter}{place}")
            setting.append(f"store_var {letter}{place} {value} {'eb' if letter == 'l' else 'ja'}")
    sent = (*names, "at", "qa", "qc", "w")
    package = ["pck_start", *(f"pck_add {x}" for x in (*sent, *sent)), "pck_end", "copy_var t told"]
    point = [
        "timer_get t",
        *_booked("t"),
        "store_var fresh 1 ja",
        "copy_var k at",
        *_if("burst > 0", *package),
    ]
    stops = [*stops, *_charge_stop(segment.charge_limit_C)]
    point += [part for line in stops for part in (_LEAVE if line == "breakloop" else (line,))]
    closed = [f"{measure}v0 step run{extra}", *point, "endloop"]
    if opens:
        open_cell = [f"meas_loop_ocp {voltage} step run", "store_var i 0 ba", *point, "endloop"]
        closed = ["if o0 > 0", *open_cell, "else", *closed, "endif"]
    loop = [
        "loop on > 0",
        "timer_get begin",
        # The rest of a level, as its last point read; none was taken in one that `Y` cut short.
        *_if("fresh > 0", *_booked("begin"), "store_var fresh 0 ja"),
        "copy_var due step",
        "sub_var step begin",
        *_if(f"step < {literal(close_s)}", f"store_var step {literal(close_s)} eb"),
        "copy_var step run",
        "mul_var run 1500m",
        *_if(
            f"step > {literal(1.5 * step_s)}",
            "copy_var step run",
            f"sub_var run {literal(0.4 * step_s)}",
            f"store_var step {literal(step_s)} eb",
        ),
        *_if(f"run > {literal(LONGEST_LOOP_S)}", f"store_var run {literal(LONGEST_LOOP_S)} eb"),
        *closed,
        # A loop that ran to its end took its last point later than this.
        *("copy_var begin x", "add_var x run", "sub_var x step"),
        *_if("t <= x", "timer_get renewed"),
        "timer_get now",
        *("copy_var due x", f"sub_var x {literal(0.1 * close_s)}"),
        # A level without a point would be booked as the one before it.
        *("if fresh < 1", "store_var x 1M eb", "endif"),
        "if now >= x",
        f"if now > {literal(end_s - close_s)}",
        "store_var on 0 ja",
        "else",
        *_next(segment, queue, most, opens),
        *(_burst(step_s, first_only=len(queue) > 1) if period_s < step_s else ()),
        *_if(f"due > {literal(end_s)}", f"store_var due {literal(end_s)} eb"),
        "endif",
        "endif",
    ]
    if renewed:
        loop += [
            *("copy_var now x", "sub_var x renewed"),
            f"if x > {literal(OUTLIVES_S - LONGEST_LOOP_S)}",
            *_if("on > 0", f'send_string "{EndReason.NOT_RENEWED.value}"'),
            "store_var on 0 ja",
            "endif",
        ]
    loop += ["if on < 500m", *_if("told < t", *package), "endif"]
    return LevelScript(tuple(variables), setting, loop, step_s, step_s + min(period_s, step_s))


_LEAVE = ("store_var on 0 ja", "breakloop")


def _booked(until: str) -> list[str]:
    """Count what has passed since the last point, at its current."""
    return [
        *(f"copy_var {until} x", "sub_var x t0", f"copy_var {until} t0", "mul_var x i"),
        *("if x > 0", "add_var qa x", "else", "sub_var qc x", "endif"),
        *("mul_var x e", "add_var w x"),
    ]


def _charge_stop(limit_C: float) -> list[str]:
    if not math.isfinite(limit_C):
        return []
    told = f'send_string "{EndReason.CHARGE_LIMIT.value}"'
    return [
        *("copy_var qa x", "add_var x qc"),
        *_if(f"x >= {literal(limit_C)}", told, "breakloop"),
    ]


def _queue(
    segment: LevelsSegment | StaircaseSegment, *, galvanostat: bool
) -> tuple[list[dict[str, str]], bool]:
    """Value, length and, where one leaves the cell open, openness of the levels as they come.

    A galvanostat leaves the cell open by holding no current.
    """
    number, _ = segment.begins()
    if isinstance(segment, StaircaseSegment):
        return [{"v": literal(segment.value(number)), "l": literal(segment.stair_s)}], False
    levels = [*segment.levels[number:], *segment.levels[:number]]
    opens = not galvanostat and any(one.regulation is Regulation.OFF for one in levels)
    found = [{"v": literal(one.value), "l": literal(one.duration_s)} for one in levels]
    if opens:
        for one, level in zip(found, levels, strict=True):
            one["o"] = "1" if level.regulation is Regulation.OFF else "0"
    return found, opens


def _burst(step_s: float, *, first_only: bool) -> list[str]:
    """Whether the levels of the period that begins are sent."""
    turn = [
        "store_var burst 0 ja",
        *("copy_var now x", "sub_var x sent"),
        *_if(f"x > {literal(0.5 * step_s)}", "store_var burst 1 ja", "copy_var now sent"),
    ]
    return _if("k < 500m", *turn) if first_only else turn


def _if(condition: str, *then: str) -> list[str]:
    return [f"if {condition}", *then, "endif"]


def _times(segment: LevelsSegment | StaircaseSegment) -> tuple[float, float]:
    """The shortest level and the period."""
    if isinstance(segment, StaircaseSegment):
        return segment.stair_s, segment.stair_s
    return min(level.duration_s for level in segment.levels), segment.period_s


def _next(
    segment: LevelsSegment | StaircaseSegment,
    queue: list[dict[str, str]],
    most: int,
    opens: bool,
) -> list[str]:
    """The next level comes to the head of the queue."""
    lines = ["add_var k 1"]
    if isinstance(segment, StaircaseSegment):
        rise = (segment.end - segment.begin) / max(1, segment.stairs - 1)
        lines += [f"add_var v0 {literal(rise)}"] if rise else []
        lines += _if(f"k > {literal(most - 0.5)}", "store_var on 0 ja")
    else:
        lines += _if(f"k > {literal(most - 0.5)}", "store_var k 0 ja")
        for letter in queue[0]:
            places = [f"{letter}{place}" for place in range(len(queue))]
            moves = zip([*places[1:], "x"], places, strict=True)
            lines += [f"copy_var {places[0]} x", *(f"copy_var {a} {b}" for a, b in moves)]
    lines += ["add_var due l0"]
    if opens:
        lines += ["if o0 > 0", "cell_off", "else", "set_e v0", "cell_on", "endif"]
    return lines
