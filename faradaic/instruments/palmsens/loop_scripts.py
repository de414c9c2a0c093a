"""Scripts of the instrument's own loops: impedance, square and differential pulses, interrupts.

No loop but a constant set-point can be ended by its reader without losing what it measures. So a
spectrum is measured frequency by frequency, with a short constant loop between two of them, at
least every `RENEW_S`: its points tell the steady current, limits are looked at, and the reader ends
it with `Y`. Where nobody does, the script is over after `HANDSHAKE_S` and the cell goes off: at the
latest so long after the frequency under way. Between interrupts `Y` ends the loop of the current,
and another begins.

A loop over one frequency, and a bias given by variables: PalmSens, MethodSCRIPT_Examples bd1a44a,
MSExample030 and 015. Argument order of the pulses: MSLoopExample005 and 006.
"""

from __future__ import annotations

import math

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import SineAbilities
from faradaic.instruments.palmsens import script_parts as parts
from faradaic.instruments.palmsens.device_models import (
    GALVANOSTAT_MODE,
    HIGH_SPEED_MODE,
    DeviceModel,
)
from faradaic.instruments.palmsens.literals import literal
from faradaic.instruments.readings import EndReason
from faradaic.instruments.segments import (
    CurrentInterruptSegment,
    DifferentialPulseVoltammetrySegment,
    GalvanostaticImpedanceSegment,
    ImpedanceSegment,
    SquareWaveVoltammetrySegment,
)

HANDSHAKE_STEP_S = 0.05
HANDSHAKE_S = 0.8
"""Of the loop between two frequencies: a point, and how long it waits to be ended."""

RENEW_S = 0.5
"""So long frequencies may follow each other without that loop."""

SHORTEST_SAMPLING_S, LONGEST_SETTLING_S = 0.01, 5.0
"""Of a frequency: palmsens-sdk, `min_sampling_time`, `max_equilibration_time`; the shortest
sampling is PSTrace's (palmsens-sdk issue 353)."""

BANDWIDTH_HZ = 1e6
"""Of a spectrum: MSLoopExample012."""

REST_S = 0.1
"""For how long the cell at rest is measured before a spectrum around it."""

PULSE_MIN_S = 0.002
"""Shortest half of a square wave, and pulse. An engineering guess: a package of doubled values
takes 1.2 ms at 921,600 Bd."""

INTERRUPT_STEP_S = 0.002
"""Between two points of an interruption; the loop itself runs at up to 2,500 points per second
(palmsens-sdk 39c885db, CV). An engineering guess, for the same reason."""

POINTS_BEFORE = 10
BEFORE_S = POINTS_BEFORE * INTERRUPT_STEP_S
"""As close as within an interruption, just before it."""

FEWEST_WITHIN = 6
"""Points of an interruption: five from which it is extrapolated back, and the first, in which the
current goes."""

LONGEST_PIECE_S = 0.4
UNRENEWED_S = 1.5
"""For how long an interrupted current goes on without its reader, until its next point."""

INTERRUPT_MIN_S = FEWEST_WITHIN * INTERRUPT_STEP_S


def sines(model: DeviceModel) -> SineAbilities:
    """What a model's impedance loop can do."""
    return SineAbilities(
        *model.eis_Hz, model.eis_amplitude_V, SHORTEST_SAMPLING_S, LONGEST_SETTLING_S
    )


def impedance(
    segment: ImpedanceSegment | GalvanostaticImpedanceSegment,
    model: DeviceModel,
    measure_current: bool,
    renewed: bool,
) -> str:
    """The script of a spectrum. Raises `DeviceError` for what is beyond the model."""
    _require_frequencies(segment, model)
    if isinstance(segment, GalvanostaticImpedanceSegment):
        names, setting, steady, sine = _galvanostatic(segment, model, measure_current)
    else:
        names, setting, steady, sine = _potentiostatic(segment, model)
    first_Hz, last_Hz, points = segment.first_Hz, segment.last_Hz, segment.points
    ratio = (last_Hz / first_Hz) ** (1.0 / max(1, points - 1))
    frequency = [
        f"{sine} w w 1 b",
        "timer_get t",
        *parts.package("t", "f", "r", "j"),
        "endloop",
        f"mul_var w {literal(ratio)}",
        "add_var k 1",
        f"if k > {literal(points - 1.5)}",
        f"store_var w {literal(last_Hz)} dc",
        "endif",
        "timer_get t",
        "sub_var t u",
        f"if t > {literal(RENEW_S)}",
        *_handshake(steady, renewed),
        "timer_get u",
        "endif",
    ]
    if segment.settle_s > 0.0:
        settling = [f"if t < {literal(segment.settle_s)}", *_handshake(steady, renewed), "else"]
        frequency = ["timer_get t", *settling, *frequency, "endif"]
    return parts.text(
        *(f"var {name}" for name in (*names, "t", "u", "w", "k", "n", "f", "r", "j", "b")),
        *setting,
        f"store_var w {literal(first_Hz)} dc",
        "store_var k 0 ja",
        "store_var u 0 eb",
        "cell_on",
        "timer_start",
        f"loop k < {literal(points - 0.5)}",
        *frequency,
    )


def square_wave(segment: SquareWaveVoltammetrySegment, model: DeviceModel) -> str:
    """The script of square-wave voltammetry, with the current of either half."""
    _require_pulse(0.5 / segment.frequency_Hz)
    values = (segment.begin_V, segment.end_V, segment.step_V, segment.amplitude_V)
    numbers = " ".join(map(literal, (*values, segment.frequency_Hz)))
    return _pulses(
        segment,
        model,
        segment.amplitude_V,
        0.5 / segment.frequency_Hz,
        ("p", "c", "g", "h"),
        f"meas_loop_swv p c g h {numbers}",
        ("t", "p", "g", "h"),
        ("g", "h"),
    )


def differential_pulse(segment: DifferentialPulseVoltammetrySegment, model: DeviceModel) -> str:
    """The script of differential pulse voltammetry, whose loop tells the difference alone."""
    _require_pulse(min(segment.pulse_s, segment.step_V / segment.rate_V_per_s - segment.pulse_s))
    values = (segment.begin_V, segment.end_V, segment.step_V, segment.pulse_V)
    numbers = " ".join(map(literal, (*values, segment.pulse_s, segment.rate_V_per_s)))
    return _pulses(
        segment,
        model,
        segment.pulse_V,
        segment.pulse_s,
        ("p", "c"),
        f"meas_loop_dpv p c {numbers}",
        ("t", "p", "c"),
        ("c",),
    )


def interrupts(
    segment: CurrentInterruptSegment,
    setting: list[str],
    stops: list[str],
    measure_current: bool,
    renewed: bool,
) -> str:
    """The script of a constant current with interruptions; `setting` is that of a constant current.

    Raises `DeviceError` for an interruption that is too short for its points.
    """
    if segment.width_s < INTERRUPT_MIN_S * (1 - 1e-9):
        raise DeviceError.of(
            f"an interruption of {segment.width_s:g} s has too few points",
            help=f"give {INTERRUPT_MIN_S:g} s or more",
            code="E512",
        )
    current, extra = ("i", " add_meas(0 ba i)") if measure_current else ("s", "")
    step = literal(INTERRUPT_STEP_S)
    count = ["copy_var t d", "sub_var d u", "copy_var t u"]
    charge: list[str] = []
    if math.isfinite(segment.charge_limit_C):
        charge = [
            f"if {current} < 0",
            "mul_var d -1",
            "endif",
            f"mul_var d {current}",
            "add_var q d",
            *parts.stop_if(f"q >= {literal(segment.charge_limit_C)}", EndReason.CHARGE_LIMIT),
        ]
    renewal: list[str] = []
    if renewed:
        renewal = [
            "copy_var t z",
            "sub_var z r",
            *parts.stop_if(f"z > {literal(UNRENEWED_S)}", EndReason.NOT_RENEWED),
        ]
    point = ["timer_get t", *parts.package("t", current, "e", "s"), *count]
    leaving = ["store_var n 0 ja", "breakloop"]
    flowing = [
        part
        for line in (*point, *charge, *stops, *renewal)
        for part in (leaving if line == "breakloop" else [line])
    ]
    amperes = literal(segment.current_A)
    piece = literal(piece_s(segment))
    number = literal(interruptions(segment) - 0.5)
    return parts.text(
        *(f"var {name}" for name in "tesiduqnkjlvxbrz"),
        *setting,
        "store_var u 0 eb",
        "store_var r 0 eb",
        "store_var q 0 ja",
        "store_var x 0 ja",
        "store_var n 1 ja",
        f"store_var v {literal(segment.every_s - segment.width_s - BEFORE_S)} eb",
        "cell_on",
        "timer_start",
        "loop n > 0",
        "timer_get t",
        f"store_var l {literal(segment.duration_s)} eb",
        f"if x < {number}",
        "copy_var v l",
        "endif",
        "sub_var l t",
        f"if l > {literal(0.5 * INTERRUPT_STEP_S)}",
        "copy_var l k",
        f"store_var j {piece} eb",
        f"if l < {piece}",
        "copy_var l j",
        "mul_var k 1500m",
        "endif",
        "copy_var t b",
        f"meas_loop_cp e s {amperes} j k{extra}",
        *flowing,
        "endloop",
        # Ended before its last point, so somebody is there; see `piece_s`.
        "timer_get t",
        "add_var b k",
        "sub_var b t",
        f"if b > {literal(0.6 * piece_s(segment))}",
        "copy_var t r",
        "endif",
        f"elseif x < {number}",
        f"meas_loop_cp e s {amperes} {step} {literal(BEFORE_S + 0.5 * INTERRUPT_STEP_S)}{extra}",
        *flowing,
        "endloop",
        "if n > 0",
        f"meas_loop_cp e s 0 {step} {literal(segment.width_s + 0.5 * INTERRUPT_STEP_S)}{extra}",
        *point,
        "endloop",
        # One point at once: what flows again is not to be guessed from the next piece.
        f"meas_loop_cp e s {amperes} {step} {literal(1.5 * INTERRUPT_STEP_S)}{extra}",
        *flowing,
        "endloop",
        f"add_var v {literal(segment.every_s)}",
        "add_var x 1",
        "endif",
        "else",
        "store_var n 0 ja",
        "endif",
    )


def piece_s(segment: CurrentInterruptSegment) -> float:
    """Time between two points while the current flows; a fifth of it is left over before each
    interruption, so that a loop that was ended by its reader is told from one that was not."""
    flows_s = segment.every_s - segment.width_s - BEFORE_S
    return flows_s / (math.ceil(flows_s / min(segment.interval_s, LONGEST_PIECE_S)) + 0.2)


def interruptions(segment: CurrentInterruptSegment) -> int:
    """How many interruptions fit into a segment, current before and after each of them."""
    return max(0, math.floor((segment.duration_s - INTERRUPT_STEP_S) / segment.every_s + 1e-9))


def longest_silence_s(
    segment: ImpedanceSegment | GalvanostaticImpedanceSegment, model: DeviceModel
) -> float:
    """Longest time between two packages of a spectrum."""
    lowest_Hz = min(segment.first_Hz, segment.last_Hz)
    return max(sines(model).point_s(lowest_Hz), 2 * HANDSHAKE_STEP_S)


def _potentiostatic(
    segment: ImpedanceSegment, model: DeviceModel
) -> tuple[tuple[str, ...], list[str], list[str], str]:
    """Variables, setting, the loop of the steady bias, and the command of the sine."""
    peak_V = math.sqrt(2.0) * segment.amplitude_V
    lowest_V, highest_V = model.potential_limits_V[HIGH_SPEED_MODE]
    if segment.bias_V is not None:
        low_V, high_V = segment.bias_V - peak_V, segment.bias_V + peak_V
        if not lowest_V <= low_V <= high_V <= highest_V:
            raise DeviceError.of(
                f"a sine from {low_V:g} V to {high_V:g} V was asked of the {model.name}",
                help=f"stay between {lowest_V:g} V and {highest_V:g} V",
                code="E512",
            )
        bias = [f"store_var b {literal(segment.bias_V)} da"]
    else:
        bias = [
            "cell_off",
            *parts.front_end(HIGH_SPEED_MODE, REST_S),
            *parts.potential_range(model.compliance_V),
            f"meas_loop_ocp b {literal(REST_S)} {literal(REST_S)}",
            "endloop",
        ]
    widest_A = min(segment.current_limit_A, model.current_max_A)
    finest_A = min(model.ranges_A(HIGH_SPEED_MODE).values())
    setting = [
        *bias,
        "set_pgstat_chan 0",
        f"set_pgstat_mode {HIGH_SPEED_MODE}",
        f"set_max_bandwidth {literal(BANDWIDTH_HZ)}",
        "copy_var b r",
        f"sub_var r {literal(peak_V)}",
        "copy_var b j",
        f"add_var j {literal(peak_V)}",
        "set_range_minmax da r j",
        f"set_range ba {literal(widest_A)}",
        f"set_autoranging ba {literal(min(finest_A, widest_A))} {literal(widest_A)}",
        "set_e b",
    ]
    steady = [
        "meas_loop_ca e i b",
        "",
        "timer_get t",
        *parts.package("t", "e", "i"),
        *parts.current_stop(segment.current_limit_A, model),
    ]
    return ("e", "i"), setting, steady, f"meas_loop_eis f r j {literal(segment.amplitude_V)}"


def _galvanostatic(
    segment: GalvanostaticImpedanceSegment, model: DeviceModel, measure_current: bool
) -> tuple[tuple[str, ...], list[str], list[str], str]:
    peak_A = abs(segment.bias_A) + math.sqrt(2.0) * segment.amplitude_A
    if not model.galvanostat or peak_A > model.current_max_A * (1 + 1e-9):
        raise DeviceError.of(
            f"a current of up to {peak_A:g} A in a spectrum was asked of the {model.name}",
            help="give smaller currents"
            if model.galvanostat
            else "use an EmStat4 or a Nexus, which are galvanostats",
            code="E512",
        )
    span = literal(peak_A)
    current, extra = ("i", " add_meas(0 ba i)") if measure_current else ("s", "")
    limit_V = segment.cell_voltage_limit_V
    setting = [
        f"store_var b {literal(segment.bias_A)} db",
        "set_pgstat_chan 0",
        f"set_pgstat_mode {GALVANOSTAT_MODE}",
        f"set_max_bandwidth {literal(BANDWIDTH_HZ)}",
        *parts.potential_range(model.compliance_V),
        f"set_range db {span}",
        f"set_autoranging db {span} {span}",
        "set_i b",
    ]
    steady = [
        "meas_loop_cp e s b",
        extra,
        "timer_get t",
        *parts.package("t", current, "e"),
        *parts.stop_if(f"e >= {literal(limit_V)}", EndReason.CELL_VOLTAGE_LIMIT),
        *parts.stop_if(f"e <= {literal(-limit_V)}", EndReason.CELL_VOLTAGE_LIMIT),
    ]
    names = ("e", "s", "i")
    return names, setting, steady, f"meas_loop_geis f r j {literal(segment.amplitude_A)}"


def _handshake(steady: list[str], renewed: bool) -> list[str]:
    """The steady loop between two frequencies: until its reader ends it, or one point."""
    loop, extra, *point = steady
    points = round(HANDSHAKE_S / HANDSHAKE_STEP_S) if renewed else 1
    step, duration_s = literal(HANDSHAKE_STEP_S), (points + 0.5) * HANDSHAKE_STEP_S
    leaving = ["store_var k 1M ja", "breakloop"]
    point = [part for line in point for part in (leaving if line == "breakloop" else [line])]
    return [
        "store_var n 0 ja",
        f"{loop} {step} {literal(duration_s)}{extra}",
        *point[:1],
        "add_var n 1",
        *point[1:],
        "endloop",
        *(_not_renewed(points, "n", "store_var k 1M ja") if renewed else []),
    ]


def _not_renewed(points: int, counter: str, leave: str) -> list[str]:
    """What follows a loop that came to its own end: nobody ended it."""
    return [
        f"if {counter} > {literal(points - 0.5)}",
        f'send_string "{EndReason.NOT_RENEWED.value}"',
        leave,
        "endif",
    ]


def _pulses(
    segment: SquareWaveVoltammetrySegment | DifferentialPulseVoltammetrySegment,
    model: DeviceModel,
    beyond_V: float,
    shortest_s: float,
    names: tuple[str, ...],
    loop: str,
    package: tuple[str, ...],
    currents: tuple[str, ...],
) -> str:
    low_V = min(segment.begin_V, segment.end_V) - beyond_V
    high_V = max(segment.begin_V, segment.end_V) + beyond_V
    setting = parts.potentiostat(
        model, (low_V, high_V), segment.current_limit_A, shortest_s, segment.expected_current_A
    )
    setting[-1] = f"set_e {literal(segment.begin_V)}"
    stops = parts.current_stop(segment.current_limit_A, model)
    return parts.text(
        *(f"var {name}" for name in ("t", *names)),
        *setting,
        "cell_on",
        "timer_start",
        loop,
        "timer_get t",
        *parts.package(*package),
        *(line.replace("if i ", f"if {name} ") for name in currents for line in stops),
    )


def _require_pulse(shortest_s: float) -> None:
    if shortest_s < PULSE_MIN_S * (1 - 1e-9):
        raise DeviceError.of(
            f"pulses of {shortest_s:g} s were asked for",
            help=f"give a lower frequency, or longer pulses: {PULSE_MIN_S:g} s or more",
            code="E512",
        )


def _require_frequencies(
    segment: ImpedanceSegment | GalvanostaticImpedanceSegment, model: DeviceModel
) -> None:
    lowest_Hz, highest_Hz = model.eis_Hz
    for frequency_Hz in (segment.first_Hz, segment.last_Hz):
        if not lowest_Hz * (1 - 1e-9) <= frequency_Hz <= highest_Hz * (1 + 1e-9):
            raise DeviceError.of(
                f"a frequency of {frequency_Hz:g} Hz was asked of the {model.name}",
                help=f"give frequencies from {lowest_Hz:g} Hz to {highest_Hz:g} Hz",
                code="E512",
            )
