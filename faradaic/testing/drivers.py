"""A driver of a source against what is promised of all drivers, on an emulator."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.readings import EndReason, Reading
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    Segment,
)
from faradaic.instruments.traits import ReadingStream, SourceFactory
from faradaic.simulators.contracts import Emulator
from faradaic.testing.rig import DummyCell, Rig, drain

DURATION_S = 20.0
CHARGE_ERROR = 0.01
"""Of the measured charge against what passed through the cell."""
EDGES = 3
"""Intervals at the beginning and end that no two readings span."""
LONGEST_SILENCE = 1000
"""Readings that may still come of what was under way when the cable went mute."""


def check_driver(
    driver: SourceFactory, emulator: Callable[..., Emulator], *, garbled_runs: int = 30
) -> None:
    """Try a driver on an emulator, `emulator(cell, seed)`; raises `AssertionError`.

    It declares what it can do and writes nothing before it is connected; leaves the output off and
    reads it back, twice and after errors; measures the charge that passed; stops when it is told
    to, when its stream is closed and when its time is over; gives no reading from a mute or cut
    cable and is right again afterwards; and gives none of a garbled line that the instrument
    cannot have measured (`garbled_runs` times).
    """

    ohm = resistor_for(driver.capabilities)

    def rig(*, connected: bool = True) -> Rig:
        made = Rig(driver, emulator, DummyCell(ohm))
        if connected:
            made.driver.connect(made.clock)
        return made

    _declares_first(driver, rig(connected=False))
    _connects_with_the_output_off(rig())
    _runs_to_its_end(rig())
    for end in (_told_to_stop, _closed):
        _ends_with_the_output_off(rig(), end)
    for fault in ("mute", "unplugged"):
        _is_right_again_after(rig(), fault)
    for seed in range(garbled_runs):
        _believes_nothing_impossible(rig(), seed)


def resistor_for(can: Capabilities) -> float:
    """The dummy cell: 500 Ohm, or less for one that holds no current so small."""
    least_A = 2.0 * can.current_min_A
    return (
        500.0 if 500.0 * least_A <= 0.25 * can.compliance_V else 0.25 * can.compliance_V / least_A
    )


def segment_of(can: Capabilities, ohm: float) -> Segment:
    """Some seconds of a tenth of what the instrument can do, on a resistor."""
    current_A = min(0.1 * can.current_max_A, 0.25 * can.compliance_V / ohm)
    interval_s = max(can.interval_min_s, 0.1)
    if ConstantCurrentSegment.mode in can.modes:
        limit_V = max(0.5 * can.compliance_V, can.compliance_min_V)
        return ConstantCurrentSegment(current_A, limit_V, DURATION_S, interval_s, 1e3)
    return ConstantCellVoltageSegment(
        current_A * ohm, 0.5 * can.current_max_A, DURATION_S, interval_s, 1e3
    )


def _declares_first(driver: SourceFactory, rig: Rig) -> None:
    can = driver.capabilities
    assert isinstance(can, Capabilities), "`capabilities` is an attribute of the class"
    assert can.modes, "it can run nothing"
    assert can.on_host_death.strip(), "nothing says what happens when the program dies"
    assert not rig.cable.sent, "it writes to the instrument before it is connected"


def _connects_with_the_output_off(rig: Rig) -> None:
    rig.wait(10.0)
    assert _passed_C(rig) == 0.0, "current flows after it was connected"
    for _ in range(2):
        _off(rig, "after it was connected")


def _runs_to_its_end(rig: Rig) -> None:
    readings, end = rig.run(_segment(rig))
    assert end is EndReason.DURATION, f"the stream ended with {end}"
    assert len(readings) > 2, f"{len(readings)} readings in {DURATION_S:g} s"
    assert all(a.time_s < b.time_s for a, b in pairwise(readings)), "times do not rise"
    for reading in readings:
        _possible(rig, reading)
    _measured_what_passed(readings, _passed_C(rig), "")
    _no_current(rig, "after the end of a segment")


def _told_to_stop(rig: Rig, stream: ReadingStream) -> None:
    rig.driver.stop()
    _, end = drain(stream)
    assert end is EndReason.STOPPED, f"a stopped stream ended with {end}"


def _closed(rig: Rig, stream: ReadingStream) -> None:
    stream.close()


def _ends_with_the_output_off(rig: Rig, end: Callable[[Rig, ReadingStream], None]) -> None:
    stream = rig.driver.run(_segment(rig), rig.clock)
    for _ in range(3):
        next(stream)
    end(rig, stream)
    when = "after a stream was" + end.__name__.replace("_", " ")
    _no_current(rig, when)
    _off(rig, when)


def _is_right_again_after(rig: Rig, fault: str) -> None:
    stream = rig.driver.run(_segment(rig), rig.clock)
    next(stream)
    setattr(rig.cable, fault, True)
    try:
        for _ in range(LONGEST_SILENCE):
            next(stream)
    except DeviceError:
        pass
    except StopIteration as end:
        raise AssertionError(f"a stream ended with {end.value} on a cable that is {fault}") from end
    else:
        raise AssertionError(f"readings go on coming from a cable that is {fault}")
    state = rig.driver.output_off(rig.clock)
    assert state.on is None, f"the output is said to be {state.on} on a cable that is {fault}"
    setattr(rig.cable, fault, False)
    _off(rig, f"after the cable was {fault}")
    _no_current(rig, f"after the cable was {fault}")
    rig.driver.connect(rig.clock)
    before = _passed_C(rig)
    readings, _ = rig.run(_segment(rig))
    _measured_what_passed(readings, _passed_C(rig) - before, f" after the cable was {fault}")


def _believes_nothing_impossible(rig: Rig, seed: int) -> None:
    dice = random.Random(seed)

    def garbled(line: bytes) -> bytes:
        data = bytearray(line)
        for _ in range(dice.randrange(3) if data else 0):
            data[dice.randrange(len(data))] = dice.randrange(256)
        return bytes(data)

    rig.cable.disturb = garbled
    try:
        for reading in rig.driver.run(_segment(rig), rig.clock):
            _possible(rig, reading)
    except DeviceError:
        pass
    rig.cable.disturb = lambda line: line
    _off(rig, f"after garbled lines (seed {seed})")


def _segment(rig: Rig) -> Segment:
    cell = rig.cell
    assert isinstance(cell, DummyCell)
    return segment_of(rig.driver.capabilities, cell.ohm)


def _passed_C(rig: Rig) -> float:
    cell = rig.cell
    assert isinstance(cell, DummyCell)
    return cell.gross_C


def _no_current(rig: Rig, when: str) -> None:
    before = _passed_C(rig)
    rig.wait(10.0)
    assert _passed_C(rig) == before, f"current flows on {when}"


def _off(rig: Rig, when: str) -> None:
    state = rig.driver.output_off(rig.clock)
    assert state.on is False, f"the output is not read back as off {when}: {state.evidence}"
    assert state.evidence.strip(), "nothing shows that the output is off"


def _possible(rig: Rig, reading: Reading) -> None:
    why = rig.driver.capabilities.impossible(reading, _segment(rig))
    assert not why, f"a reading that cannot be: {why}: {reading.raw!r}"


def _measured_what_passed(readings: Sequence[Reading], passed_C: float, when: str) -> None:
    """By trapezoids of the measured current; a reading of unknown current is left out."""
    known = [(r.time_s, abs(r.current_A)) for r in readings if r.current_A is not None]
    pieces = [0.5 * (i + j) * (b - a) for (a, i), (b, j) in pairwise(known)]
    allowed = CHARGE_ERROR * passed_C + EDGES * max(pieces, default=0.0)
    assert abs(sum(pieces) - passed_C) <= allowed, (
        f"{sum(pieces):.6g} C measured, {passed_C:.6g} C passed{when}"
    )
