"""MethodSCRIPT for a segment: what the instrument runs by itself, bounded by its own clock.

Every script ends in `on_finished:` and `cell_off`, which the instrument also runs when a script
is aborted (not after a runtime error). Limits are checked on the instrument after every point; the
script then says which one with `send_string` and leaves the loop. Charge is counted on the
instrument as the sum of |current| x time between points. Commands and argument order: PalmSens,
MethodSCRIPT_Examples bd1a44a, MSLoopExample001, 003, 004, 008, 009, 011 and MSExample029;
bandwidth and ranges for cycling on an EmStat4: palmsens-sdk 39c885db, battery cycling template.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

from faradaic.diagnostics import DeviceError
from faradaic.instruments.palmsens import loop_scripts, pieces
from faradaic.instruments.palmsens import script_parts as parts
from faradaic.instruments.palmsens.device_models import GALVANOSTAT_MODE, DeviceModel
from faradaic.instruments.palmsens.level_scripts import CLOSE_S, LEVEL_MIN_S, level_script
from faradaic.instruments.palmsens.literals import literal
from faradaic.instruments.readings import EndReason, Regulation
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    CurrentInterruptSegment,
    CyclicVoltammetrySegment,
    DifferentialPulseVoltammetrySegment,
    GalvanostaticImpedanceSegment,
    ImpedanceSegment,
    LevelsSegment,
    LinearSweepSegment,
    OpenCircuitSegment,
    Segment,
    SquareWaveVoltammetrySegment,
    StaircaseSegment,
)

FIRST_POINT_S = 0.1
"""When the first reading of a constant segment is taken, so that a wrong cell shows at once."""

INTERVAL_MIN_S = 0.02

STAIR_MIN_S = 0.005
"""Of a sweep, whose loop the instruments run at up to 2,500 points per second (palmsens-sdk
39c885db, CV); what a script does with each point and sends of it takes more."""


LOOP_END = "+"
"""The last mark of a script whose outermost loop is no measurement."""


@dataclass(frozen=True, slots=True)
class Script:
    """The text of a script, without the command that runs it, and what to expect of it."""

    text: str
    mode: str
    interval_s: float
    """Longest time between two packages."""
    end: EndReason
    """Why the script ends when no limit ended it."""
    duration_s: float
    """How long its measurement takes; not a number where that is for the instrument to tell."""
    reading_s: float | None = None
    """Time between two readings, of as many packages as it takes; None where each is one and the
    script needs no renewal."""
    renewed_until_s: float = math.nan
    """From when on it comes to its own end sooner than it would be missed."""
    end_mark: str = "*"
    """The last line before its end: of its measurement, or of the loop around it."""


def script_for(
    segment: Segment, model: DeviceModel, *, measure_current: bool = True, renewed: bool = False
) -> Script:
    """The script that runs a segment on a model.

    `measure_current` asks for the measured current beside the galvanostat's own set current;
    `renewed` for a constant set-point in `pieces`. Raises `DeviceError` for a value
    beyond the model, naming both.
    """
    match segment:
        case OpenCircuitSegment():
            return _open_circuit(segment, model)
        case CurrentInterruptSegment():
            return _interrupts(segment, model, measure_current, renewed)
        case ConstantCurrentSegment():
            return _constant_current(segment, model, measure_current, renewed)
        case ConstantPotentialSegment():
            return _constant_potential(segment, segment.potential_V, model, renewed)
        case ConstantCellVoltageSegment():
            return _constant_potential(segment, segment.cell_voltage_V, model, renewed)
        case LinearSweepSegment():
            return _sweep(segment, model, "lsv", (segment.begin_V, segment.end_V), "")
        case CyclicVoltammetrySegment():
            corners = (segment.start_V, segment.vertex1_V, segment.vertex2_V)
            scans = f" nscans({segment.cycles})" if segment.cycles > 1 else ""
            return _sweep(segment, model, "cv", corners, scans)
        case LevelsSegment() | StaircaseSegment():
            return _levels(segment, model, measure_current, renewed)
        case ImpedanceSegment() | GalvanostaticImpedanceSegment():
            text = loop_scripts.impedance(segment, model, measure_current, renewed)
            silence_s = loop_scripts.longest_silence_s(segment, model)
            return Script(
                text, segment.mode, silence_s, EndReason.SWEEP_DONE, math.nan, end_mark=LOOP_END
            )
        case SquareWaveVoltammetrySegment():
            text = loop_scripts.square_wave(segment, model)
            stair_s = 1.0 / segment.frequency_Hz
            return Script(text, segment.mode, stair_s, EndReason.SWEEP_DONE, math.nan)
        case DifferentialPulseVoltammetrySegment():
            text = loop_scripts.differential_pulse(segment, model)
            stair_s = segment.step_V / segment.rate_V_per_s
            return Script(text, segment.mode, stair_s, EndReason.SWEEP_DONE, math.nan)


def cell_off_script(model: DeviceModel) -> str:
    """Turn the cell off, then measure at open circuit, which is refused while the cell is on."""
    return parts.text(
        "cell_off",
        "var e",
        "set_pgstat_chan 0",
        f"set_pgstat_mode {model.pgstat_mode}",
        "set_max_bandwidth 100",
        *parts.potential_range(model.compliance_V),
        "meas_loop_ocp e 50m 50m",
        *parts.package("e"),
    )


def _open_circuit(segment: OpenCircuitSegment, model: DeviceModel) -> Script:
    interval_s, duration_s = _times(segment.interval_s, segment.duration_s)
    text = parts.text(
        "cell_off",
        "var t",
        "var e",
        *parts.front_end(model.pgstat_mode, segment.interval_s),
        *parts.potential_range(model.compliance_V),
        "timer_start",
        f"meas_loop_ocp e {literal(interval_s)} {literal(duration_s)}",
        "timer_get t",
        *parts.package("t", "e"),
    )
    return Script(text, segment.mode, interval_s, EndReason.DURATION, segment.duration_s)


def _constant_current(
    segment: ConstantCurrentSegment, model: DeviceModel, measure_current: bool, renewed: bool
) -> Script:
    current_A = segment.current_A
    current, extra = ("i", " add_meas(0 ba i)") if measure_current else ("s", "")
    loop = f"meas_loop_cp e s {literal(current_A)} "
    point_s = min(segment.interval_s, pieces.LONGEST_STEP_S)
    return _constant(
        segment,
        ["e", "s", "i"],
        _galvanostat(model, abs(current_A), current_A, segment.highest_V, point_s),
        loop,
        extra,
        ["timer_get t", *parts.package("t", current, "e")],
        _voltage_stop(segment.cell_voltage_limit_V),
        current,
        renewed,
    )


def _interrupts(
    segment: CurrentInterruptSegment, model: DeviceModel, measure_current: bool, renewed: bool
) -> Script:
    current_A, point_s = segment.current_A, loop_scripts.INTERRUPT_STEP_S
    setting = _galvanostat(model, abs(current_A), current_A, segment.highest_V, point_s)
    stops = _voltage_stop(segment.cell_voltage_limit_V)
    text = loop_scripts.interrupts(segment, setting, stops, measure_current, renewed)
    interval_s = loop_scripts.piece_s(segment)
    end, duration_s = EndReason.DURATION, segment.duration_s
    return Script(text, segment.mode, interval_s, end, duration_s, end_mark=LOOP_END)


def _galvanostat(
    model: DeviceModel, largest_A: float, first_A: float, highest_V: float, point_s: float
) -> list[str]:
    """On the range of the largest current, begun at the first."""
    if not model.galvanostat:
        raise DeviceError.of(
            f"constant current of {first_A:g} A was asked of the {model.name}, "
            "which is a potentiostat only",
            help="use an EmStat4, a Nexus or a source meter for constant current",
            code="E512",
        )
    if not 0 < largest_A <= model.current_max_A:
        raise DeviceError.of(
            f"a current of {largest_A:g} A was asked of the {model.name}",
            help=f"give one between 0 and ±{model.current_max_A:g} A, or an open_circuit step",
            code="E512",
        )
    span = literal(largest_A)
    return [
        *parts.front_end(GALVANOSTAT_MODE, point_s),
        *parts.potential_range(min(highest_V, model.compliance_V)),
        f"set_range db {span}",
        f"set_autoranging db {span} {span}",
        f"set_i {literal(first_A)}",
    ]


def _voltage_stop(limit_V: float) -> list[str]:
    return [
        *parts.stop_if(f"e >= {literal(limit_V)}", EndReason.CELL_VOLTAGE_LIMIT),
        *parts.stop_if(f"e <= {literal(-limit_V)}", EndReason.CELL_VOLTAGE_LIMIT),
    ]


def _levels(
    segment: LevelsSegment | StaircaseSegment,
    model: DeviceModel,
    measure_current: bool,
    renewed: bool,
) -> Script:
    """Levels in turn, or the stairs of a ramp."""
    if isinstance(segment, LevelsSegment):
        lengths_s = [level.duration_s for level in segment.levels]
        ends = tuple(level.value for level in segment.levels)
        regulated = {level.regulation for level in segment.levels} - {Regulation.OFF}
    else:
        lengths_s, ends = [segment.stair_s], (segment.begin, segment.end)
        regulated = {segment.regulation}
    if min(lengths_s) < LEVEL_MIN_S * (1 - 1e-9) or len(regulated) != 1:
        raise DeviceError.of(
            f"levels of {min(lengths_s):g} s at least, of {' and '.join(sorted(regulated))}, were"
            f" asked of the {model.name}",
            help=f"hold each for {LEVEL_MIN_S:g} s or more, all of them a current, a potential or"
            " a cell voltage",
            code="E512",
        )
    first = segment.held(segment.begins()[0])[1]
    point_s = min(segment.interval_s, *lengths_s)
    if segment.regulation is Regulation.CURRENT:
        limit_V = segment.cell_voltage_limit_V or model.compliance_V
        highest_V = segment.highest_V or model.compliance_V
        setting = _galvanostat(model, segment.largest, first, highest_V, point_s)
        current, extra = ("i", " add_meas(0 ba i)") if measure_current else ("s", "")
        made = level_script(
            segment, measure="meas_loop_cp e s ", extra=extra, voltage="e",
            names=("t", current, "e"), stops=_voltage_stop(limit_V), renewed=renewed,
        )  # fmt: skip
    else:
        limit_A = segment.current_limit_A or model.current_max_A
        own = segment.regulation is Regulation.POTENTIAL
        setting = parts.potentiostat(model, (first, *ends), limit_A, point_s)
        voltage, extra = ("p", " add_meas(0 ab p)") if own else ("e", "")
        if own:
            setting += parts.potential_range(model.compliance_V)
        made = level_script(
            segment, measure="meas_loop_ca e i ", extra=extra, voltage=voltage,
            names=("t", voltage, "i"), stops=parts.current_stop(limit_A, model), renewed=renewed,
        )  # fmt: skip
    galvanostat = segment.regulation is Regulation.CURRENT
    opens = segment.held(segment.begins()[0])[0] is Regulation.OFF and not galvanostat
    text = parts.text(
        *(f"var {name}" for name in ("e", "s", "i", "p", *made.names)),
        *setting,
        *made.setting,
        "cell_off" if opens else "cell_on",
        "timer_start",
        *made.loop,
    )
    end, duration_s = EndReason.DURATION, segment.duration_s
    reading_s = segment.interval_s if renewed else None
    until_s = duration_s - CLOSE_S
    return Script(text, segment.mode, made.quiet_s, end, duration_s, reading_s, until_s, "+")


def _constant_potential(
    segment: ConstantPotentialSegment | ConstantCellVoltageSegment,
    potential_V: float,
    model: DeviceModel,
    renewed: bool,
) -> Script:
    return _constant(
        segment,
        ["e", "i"],
        parts.potentiostat(
            model,
            (potential_V,),
            segment.current_limit_A,
            min(segment.interval_s, pieces.LONGEST_STEP_S),
        ),
        f"meas_loop_ca e i {literal(potential_V)} ",
        "",
        ["timer_get t", *parts.package("t", "e", "i")],
        parts.current_stop(segment.current_limit_A, model),
        "i",
        renewed,
    )


def _constant(
    segment: ConstantCurrentSegment | ConstantPotentialSegment | ConstantCellVoltageSegment,
    names: list[str],
    setting: list[str],
    loop: str,
    extra: str,
    package: list[str],
    stops: list[str],
    current: str,
    renewed: bool,
) -> Script:
    """A constant set-point: one early point, then the loop with its stops."""
    if segment.duration_s - FIRST_POINT_S >= segment.interval_s > FIRST_POINT_S:
        first = literal(FIRST_POINT_S)
        early = [f"{loop}{first} {first}{extra}", *package, "endloop"]
        lead_s = FIRST_POINT_S
    else:
        early, lead_s = [], 0.0
    if renewed:
        early = []
    interval_s, duration_s = _times(segment.interval_s, segment.duration_s - lead_s)
    charge: list[str] = []
    if math.isfinite(segment.charge_limit_C):
        names = [*names, "dt", "t0", "q"]
        charge = [
            "copy_var t dt",
            "sub_var dt t0",
            "copy_var t t0",
            f"if {current} < 0",
            "mul_var dt -1",
            "endif",
            f"mul_var dt {current}",
            "add_var q dt",
            *parts.stop_if(f"q >= {literal(segment.charge_limit_C)}", EndReason.CHARGE_LIMIT),
        ]
        setting = ["store_var t0 0 eb", "store_var q 0 ja", *setting]
    point = [*package, *charge, *stops]
    if renewed:
        interval_s = pieces.grid(lead_s, segment.interval_s, segment.duration_s)
        names = [*names, *pieces.VARIABLES]
        setting = [*pieces.setting(lead_s or interval_s), *setting]
        loops = pieces.pieces(loop, extra, point, interval_s, segment.duration_s)
    else:
        loops = [*early, f"{loop}{literal(interval_s)} {literal(duration_s)}{extra}", *point]
    text = parts.text(
        "var t",
        *(f"var {name}" for name in names),
        *setting,
        "cell_on",
        "timer_start",
        *loops,
    )
    reading_s = interval_s * pieces.divisions(segment.interval_s) if renewed else None
    end, duration_s = EndReason.DURATION, segment.duration_s
    until_s = duration_s - 1.5 * interval_s
    mark = "+" if renewed else "*"
    return Script(text, segment.mode, interval_s, end, duration_s, reading_s, until_s, mark)


def _sweep(
    segment: LinearSweepSegment | CyclicVoltammetrySegment,
    model: DeviceModel,
    technique: str,
    corners: tuple[float, ...],
    scans: str,
) -> Script:
    interval_s = segment.step_V / segment.rate_V_per_s
    if interval_s < STAIR_MIN_S * (1 - 1e-9):
        raise DeviceError.of(
            f"steps of {segment.step_V:g} V at {segment.rate_V_per_s:g} V/s come every "
            f"{interval_s:g} s",
            help=f"give a larger step or a slower rate, so that points are {STAIR_MIN_S:g} s "
            "apart or more",
            code="E512",
        )
    numbers = " ".join(map(literal, (*corners, segment.step_V, segment.rate_V_per_s)))
    text = parts.text(
        "var t",
        "var e",
        "var i",
        *parts.potentiostat(
            model, corners, segment.current_limit_A, interval_s, segment.expected_current_A
        ),
        "cell_on",
        "timer_start",
        f"meas_loop_{technique} e i {numbers}{scans}",
        "timer_get t",
        *parts.package("t", "e", "i"),
        *parts.current_stop(segment.current_limit_A, model),
    )
    return Script(text, segment.mode, interval_s, EndReason.SWEEP_DONE, math.nan)


def _times(interval_s: float, duration_s: float) -> tuple[float, float]:
    """(interval, duration) for a loop of floor(duration / interval) points.

    The interval is shortened, never lengthened, so that the last point ends the duration.
    """
    if interval_s < INTERVAL_MIN_S or duration_s < INTERVAL_MIN_S:
        raise DeviceError.of(
            f"readings every {interval_s:g} s for {duration_s:g} s were asked for",
            help=f"give an interval and a duration of {INTERVAL_MIN_S:g} s or more",
            code="E512",
        )
    points = math.ceil(duration_s / interval_s - 1e-9)
    exact = abs(points * interval_s - duration_s) < 1e-9 * duration_s
    if exact and _counted(interval_s, duration_s) == {points}:
        return interval_s, duration_s
    # A hair shorter than the quotient: with what literals and the instrument's floats round, an
    # interval of exactly the quotient might lose the last point.
    return duration_s / points * (1 - 2e-6), duration_s


def _counted(interval_s: float, duration_s: float) -> set[int]:
    """The points that an instrument may count, with numbers of single or of double length; both
    are written with nine digits."""
    interval_s, duration_s = round(interval_s, 9), round(duration_s, 9)
    short = _single(_single(duration_s) / _single(interval_s))
    return {math.floor(duration_s / interval_s), math.floor(short)}


def _single(number: float) -> float:
    return float(struct.unpack("f", struct.pack("f", number))[0])
