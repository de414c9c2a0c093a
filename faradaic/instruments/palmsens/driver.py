"""Drivers of the PalmSens instruments.

A segment becomes a script (`scripts`) that the instrument runs by itself and streams from. In a
galvanostat segment the reference lead is expected on the counter electrode, as in a two-electrode
synthesis: WE against RE is then the cell voltage.

Times of readings are the instrument's own timer, laid on the clock where the first reading
arrived: free of the jitter of USB and of the program, and off by the latency of one line.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from typing import ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities, OffState, Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.palmsens import loop_scripts
from faradaic.instruments.palmsens.device_models import model, model_names
from faradaic.instruments.palmsens.errors import ScriptError, silent, suspect, with_output
from faradaic.instruments.palmsens.handshakes import Handshakes, handshakes
from faradaic.instruments.palmsens.level_scripts import LEVEL_MIN_S
from faradaic.instruments.palmsens.link import ABORT_S, ATTEMPTS, Link
from faradaic.instruments.palmsens.literals import literal
from faradaic.instruments.palmsens.loop_readings import maker
from faradaic.instruments.palmsens.package_readings import TIME, by_type, halved
from faradaic.instruments.palmsens.pieces import OUTLIVES_S, Renewals
from faradaic.instruments.palmsens.scripts import (
    INTERVAL_MIN_S,
    STAIR_MIN_S,
    Script,
    cell_off_script,
    script_for,
)
from faradaic.instruments.palmsens.told_readings import ToldReadings
from faradaic.instruments.readings import EndReason, Identity, OutputState, Reading, Regulation
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
from faradaic.instruments.traits import ReadingStream
from faradaic.instruments.transports import LinkError, Transport, TransportClosed, TransportTimeout
from faradaic.methodscript_packages import GarbledPackage, decode_package

STOP_LATENCY_S = 0.5
"""How long a stop may go unnoticed while no line arrives."""

SILENCE_S = 5.0
"""How much later than expected a reading may come before the channel is suspect."""

OVER_S = 0.5
"""How long after the mark of its end the empty line of a script is waited for."""

GARBLED_MAX = 10
"""This many unreadable lines in a row end the segment."""

TIMER_SLACK_S = 0.1
"""The timer was started after the script was sent, but for how finely clocks are read."""

MEASUREMENT_END = "*"

SET_I_BIT, CP_BIT = 68, 67
"""Of `CM`: what the instrument's scripts may say."""

RENEWAL_BIT = 99
"""Of `CC`: the instrument takes `Y` while a script runs."""

LACKS_RENEWAL = (
    "this firmware does not take `Y` while a script runs: if the program dies, a constant "
    "set-point stays on until its step is over"
)

REFUSES_SECOND_MEASUREMENT = ("4008", "005B")
"""The loop measures the current already, or does not measure beside its own variables."""

POTENTIOSTAT = frozenset(
    {
        OpenCircuitSegment.mode,
        ConstantPotentialSegment.mode,
        ConstantCellVoltageSegment.mode,
        LinearSweepSegment.mode,
        CyclicVoltammetrySegment.mode,
        LevelsSegment.mode,
        StaircaseSegment.mode,
        ImpedanceSegment.mode,
        SquareWaveVoltammetrySegment.mode,
        DifferentialPulseVoltammetrySegment.mode,
    }
)
GALVANOSTAT = POTENTIOSTAT | {
    ConstantCurrentSegment.mode,
    CurrentInterruptSegment.mode,
    GalvanostaticImpedanceSegment.mode,
}

_REASONS = frozenset(reason.value for reason in EndReason)


class MethodScriptDriver:
    """What the models share; a model gives its key in the table and its capabilities."""

    capabilities: ClassVar[Capabilities]
    key: ClassVar[str]

    def __init__(self, transport: Transport) -> None:
        self._link = Link(transport)
        self._model = model(self.key)
        self._galvanostat = self._model.galvanostat
        self._lacks: tuple[str, ...] = ()
        self._renewable = False
        """Whether the instrument offers what `pieces` needs."""
        self._refuses_to_add: set[str] = set()
        """Modes in which the instrument refused a measurement beside the loop's own."""
        self._stop = False
        self._origin_s: float | None = None
        """Where the instrument's timer stood at zero: the cell went on."""
        self._own_s: float | None = None
        """When the last package was sent, None where it was refused."""
        self._off_s: float | None = None
        self._off_by_s: float | None = None
        """Since when the cell has been off, on the clock of the last segment."""

    def connect(self, clock: Clock) -> Identity:
        """Resynchronise, identify, read the capabilities and turn the cell off."""
        link = self._link
        link.resync(clock)
        firmware, release = link.ask_surely("t", clock, lines=2)
        self._require_model(firmware)
        (serial,) = link.ask_surely("i", clock)
        (version,) = link.ask_surely("v", clock)
        try:
            commands = _bitmap(*link.ask_surely("CC", clock))
        except ScriptError:
            commands = 0
        features = _bitmap(*link.ask_surely("CM", clock))
        self._renewable = bool(commands >> RENEWAL_BIT & 1)
        self._lacks = () if self._renewable else (LACKS_RENEWAL,)
        self._galvanostat = bool(features >> CP_BIT & 1 and features >> SET_I_BIT & 1)
        state = self.output_off(clock)
        if state.on is not False:
            raise (LinkError if state.on is None else DeviceError).of(
                f"the cell of {serial} could not be read back off: {state.evidence}",
                help="disconnect the cell leads before anything else, then restart the instrument",
                code="E514",
            )
        return Identity(
            "PalmSens",
            self._model.name,
            serial,
            f"{firmware} {release}, MethodSCRIPT {version}",
        )

    def run(self, segment: Segment, clock: Clock) -> ReadingStream:
        """Run one segment on the instrument and stream its readings."""
        self._stop = False
        self._origin_s = self._own_s = self._off_s = self._off_by_s = None
        self._require_galvanostat(segment)
        while True:
            measure = segment.mode not in self._refuses_to_add
            script = script_for(
                segment, self._model, measure_current=measure, renewed=self._renewable
            )
            if measure and isinstance(segment, ConstantPotentialSegment):
                script = _measuring_potential(script, self._model.compliance_V)
            try:
                self._link.start(script.text)
                return (yield from self._stream(script, segment, clock))
            except TransportClosed:
                raise
            except DeviceError as error:
                # `on_finished:` does not run after a runtime error: the cell may still be on.
                state = self.output_off(clock)
                if not (measure and _refuses_second_measurement(error)):
                    raise with_output(error, state) from error
                self._refuses_to_add.add(segment.mode)
            except BaseException:
                self.output_off(clock)
                raise

    def stop(self) -> None:
        """End the running segment within half a second; its stream ends as STOPPED."""
        self._stop = True

    def output_off(self, clock: Clock) -> OutputState:
        """Turn the cell off and read it back.

        There is no query for the cell switch. The evidence is that an open-circuit measurement is
        accepted, which the instrument refuses with error 0014 while the cell is on.
        """
        state = OutputState(None, "")
        for _ in range(ATTEMPTS):  # what was in the way of one is drained by the next
            try:
                said, over_s = self._link.resync(clock)
                if self._off_s is None:
                    self._off_s = over_s or self._last_own_s(said)
                    self._off_by_s = over_s or clock.monotonic_s()
                state = self._cell_off(clock)
                if state.on is not None:
                    break
            except (TransportClosed, TransportTimeout) as error:
                return OutputState(None, error.diagnostics[0].message)
            except DeviceError as error:
                state = OutputState(None, error.diagnostics[0].message)
            self._link.retries.add("cell_off")
        return state

    def notes(self) -> tuple[str, ...]:
        """What had to be repeated on the link since the last call, and what the firmware lacks."""
        lacks, self._lacks = self._lacks, ()
        return (*lacks, *self._link.retries.take())

    def close(self) -> None:
        """Release the port. Does not touch the cell."""
        self._link.transport.close()

    def _cell_off(self, clock: Clock) -> OutputState:
        """Run `cell_off` and the measurement that proves it; the link must be in step."""
        link = self._link
        link.start(cell_off_script(self._model))
        open_circuit_V = None
        try:
            while line := link.output_line(ABORT_S, clock):
                if line.startswith("P"):
                    open_circuit_V = decode_package(halved(line))[0].value
        except TransportTimeout as error:
            return OutputState(None, f"cell_off: {error.diagnostics[0].message}")
        except ScriptError as error:
            on = True if error.reply.code == "0014" else None
            return OutputState(on, f"cell_off: {error.diagnostics[0].message}")
        if open_circuit_V is None:
            return OutputState(None, "cell_off: the open-circuit measurement gave no reading")
        return OutputState(
            False,
            f"cell_off, then meas_loop_ocp accepted: {open_circuit_V:.4g} V "
            "(it is refused while the cell is on)",
            self._off_s,
            self._off_by_s,
        )

    def _last_own_s(self, lines: list[str]) -> float | None:
        """When a script that is seen to end in these lines sent its last package: its cell went
        off with it."""
        if MEASUREMENT_END not in lines or "" not in lines:
            return None
        for line in reversed(lines):
            with contextlib.suppress(GarbledPackage):
                for field in decode_package(halved(line)) if line.startswith("P") else ():
                    if field.type == TIME and self._origin_s is not None:
                        return self._origin_s + field.value
        return self._own_s

    def _stream(self, script: Script, segment: Segment, clock: Clock) -> ReadingStream:
        link = self._link
        readings_of = maker(segment, self._model)
        renewals = self._renewals(script, segment)
        patience_s = 3 * script.interval_s + SILENCE_S
        reason: EndReason | None = None
        over = ended = doubtful = False
        garbled = 0
        bounds = self.capabilities.bounds(segment)
        last: Reading | None = None
        telling = ToldReadings(script, segment)
        begun_s = clock.monotonic_s()
        line_due_s = begun_s + patience_s
        while True:
            now_s = clock.monotonic_s()
            if self._stop:
                self._off_s = link.abort(clock)
                state = self.output_off(clock)
                if state.on is not False:
                    raise suspect(f"the segment was stopped, but {state.evidence}")
                return EndReason.STOPPED
            left_s = line_due_s - now_s
            wait_s = min(STOP_LATENCY_S, left_s, renewals.patience_s(now_s) if renewals else left_s)
            try:
                line = link.output_line(max(0.0, wait_s), clock)
            except TransportTimeout:
                if renewals is not None:
                    renewals.go_on(clock.monotonic_s())
                if left_s > wait_s:
                    continue
                if not (over or doubtful):
                    raise silent(link.transport.address, patience_s) from None
                line, over = "", True
            now_s = clock.monotonic_s()
            head = line[:1]
            if head == "P":
                over = ended = doubtful = False
                line_due_s = now_s + patience_s
                device_s = None
                try:
                    values = by_type(decode_package(halved(line)))
                    device_s = values[TIME].value
                    origin_s = now_s - device_s if self._origin_s is None else self._origin_s
                    *before, reading = readings_of(origin_s + device_s, values, line)
                    last_s = None if last is None else last.time_s
                    refused = bounds.impossible(reading, last_s, now_s)
                    if origin_s < begun_s - TIMER_SLACK_S:
                        refused = "its timer is ahead of the segment"
                except (GarbledPackage, KeyError):
                    refused = "it is not a whole package"
                if renewals is not None:
                    renewals.package(None if refused else device_s)
                if refused:
                    self._own_s = None
                    garbled += 1
                    if garbled >= GARBLED_MAX:
                        raise suspect(f"unreadable output, last {line[:60]!r}: {refused}")
                    yield Reading.refuse(now_s, segment.regulation, line, refused)
                else:
                    self._origin_s = origin_s
                    self._own_s = reading.time_s
                    last = reading
                    garbled = 0
                    if (told := telling.take(reading)) is not None:
                        yield from before
                        yield told
                if renewals is not None:
                    renewals.asked(clock.monotonic_s())
            elif not line:
                if not (over or doubtful):
                    # The end of the script, or what is left of another line: silence tells.
                    doubtful, line_due_s = True, now_s + 2 * script.interval_s + OVER_S
                    continue
                link.end_of_output()
                # `cell_off` follows the last package, which may not be the last that came.
                # Only an end that was seen: after any other, the script is made to end first.
                self._off_s = (self._own_s or now_s) if ended else None
                self._off_by_s = now_s
                if (rest := telling.rest()) is not None:
                    yield rest
                return self._ended(script, segment, reason, last)
            elif head == "Y":  # answers what was sent to it: no sign that a script is running
                if renewals is not None:
                    renewals.line(line, now_s)
            elif head in "M*+T":
                over = ended = head == script.end_mark
                doubtful = False
                line_due_s = now_s + (OVER_S if over else patience_s)
                if head == "T":
                    reason = _reason(line[1:]) or reason
                if renewals is not None:
                    renewals.line(line, now_s)
            elif head not in "LC-":
                garbled += 1
                if garbled >= GARBLED_MAX:
                    raise suspect(f"unreadable output, last {line[:60]!r}")

    def _renewals(self, script: Script, segment: Segment) -> Renewals | Handshakes | None:
        if script.reading_s is not None:
            return Renewals(self._link, script.interval_s, script.renewed_until_s)
        return handshakes(self._link, segment) if self._renewable else None

    def _ended(
        self, script: Script, segment: Segment, reason: EndReason | None, last: Reading | None
    ) -> EndReason:
        """Why a script ended; what it said last may have been lost."""
        if reason is not None or math.isnan(script.duration_s):
            return reason or script.end
        if last is None:
            return EndReason.NOT_RENEWED
        took_s = last.time_s - (self._origin_s or 0.0)
        if took_s >= script.duration_s - 2.5 * script.interval_s:
            return script.end
        voltage_V, current_A = abs(last.cell_voltage_V or 0.0), abs(last.current_A or 0.0)
        if voltage_V >= getattr(segment, "cell_voltage_limit_V", math.inf):
            return EndReason.CELL_VOLTAGE_LIMIT
        if current_A >= getattr(segment, "current_limit_A", math.inf):
            return EndReason.CURRENT_LIMIT
        return EndReason.NOT_RENEWED

    def _require_model(self, firmware: str) -> None:
        if firmware.startswith(self._model.ids):
            return
        device = firmware[:6]
        found = next((n for i, n in model_names().items() if firmware.startswith(i)), device)
        raise DeviceError.of(
            f"a {self._model.name} was expected, but `{firmware[:40]}` answers: {found}",
            help="correct `driver` in the bench file, or the address",
            code="E508",
        )

    def _require_galvanostat(self, segment: Segment) -> None:
        if segment.regulation is Regulation.CURRENT and not self._galvanostat:
            raise DeviceError.of(
                f"constant current was asked of the {self._model.name}, which does not offer "
                "set_i and meas_loop_cp",
                help="use an EmStat4, a Nexus or a source meter for constant current",
                code="E512",
            )


def _refuses_second_measurement(error: DeviceError) -> bool:
    return isinstance(error, ScriptError) and error.reply.code in REFUSES_SECOND_MEASUREMENT


def _measuring_potential(script: Script, compliance_V: float) -> Script:
    """The script of a potentiostat that also measures and sends its potential.

    The variable of `meas_loop_ca` is the set potential, which stays the same whatever the cell
    does: a reference lead that has come off shows in the measured one only.
    """
    span = literal(compliance_V)
    lines = ["var p"]
    for line in script.text.splitlines():
        if line == "cell_on":
            lines += [f"set_range ab {span}", f"set_autoranging ab {span} {span}"]
        lines.append(f"{line} add_meas(0 ab p)" if line.startswith("meas_loop_ca ") else line)
        if line == "pck_add e":
            lines.append("pck_add p")
    return replace(script, text="".join(f"{line}\n" for line in lines))


def _bitmap(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        raise suspect(f"{text[:60]!r} is not a capability bitmap") from None


def _reason(text: str) -> EndReason | None:
    return EndReason(text) if text in _REASONS else None


def _capabilities(key: str, *, modes: frozenset[str]) -> Capabilities:
    instrument = model(key)
    return Capabilities(
        manufacturer="PalmSens",
        model=instrument.name,
        modes=modes,
        current_max_A=instrument.current_max_A,
        compliance_V=instrument.compliance_V,
        current_ranges_A=instrument.full_scales_A(),
        current_resolution=instrument.resolution,
        current_accuracy=instrument.accuracy,
        bipolar=True,
        reference_electrode=True,
        interval_min_s=INTERVAL_MIN_S,
        stair_min_s=STAIR_MIN_S,
        level_min_s=LEVEL_MIN_S,
        half_wave_min_s=loop_scripts.PULSE_MIN_S,
        interrupt_min_s=loop_scripts.INTERRUPT_MIN_S if instrument.galvanostat else math.nan,
        sines=loop_scripts.sines(instrument),
        native_voltage_limit=True,
        native_charge_stop=True,
        on_host_death=(
            f"the instrument turns its cell off within {OUTLIVES_S:g} s at a constant current, "
            "potential or voltage, in a spectrum so long after the frequency under way; a sweep, a "
            "pulse voltammogram, and every step with a firmware that takes no `Y`, runs on in the "
            "instrument to its own end, bounded by its duration and limits, and turns the cell off "
            "then"
        ),
        tier=Tier.MANUAL,
        outlives_s=OUTLIVES_S,
        off_state=OffState.OPEN,
    )


class EmStat4LR(MethodScriptDriver):
    """EmStat4 LR: ±3 V, 30 mA."""

    key = "emstat4_lr"
    capabilities = _capabilities(key, modes=GALVANOSTAT)


class EmStat4HR(MethodScriptDriver):
    """EmStat4 HR: ±6 V, 200 mA."""

    key = "emstat4_hr"
    capabilities = _capabilities(key, modes=GALVANOSTAT)


class Nexus(MethodScriptDriver):
    """Nexus: ±10 V, 1 A."""

    key = "nexus"
    capabilities = _capabilities(key, modes=GALVANOSTAT)


class EmStatPico(MethodScriptDriver):
    """EmStat Pico: a potentiostat of -1.7 to 2 V and 3 mA, without constant current."""

    key = "emstat_pico"
    serial: ClassVar[str] = "baud=230400"
    capabilities = _capabilities(key, modes=POTENTIOSTAT)
