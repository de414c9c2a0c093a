"""Drivers of the PalmSens instruments.

A segment becomes a script (`scripts`) that the instrument runs by itself and streams from. In a
galvanostat segment the reference lead is expected on the counter electrode, as in a two-electrode
synthesis: WE against RE is then the cell voltage.

Times of readings are the instrument's own timer, laid on the clock where the first reading
arrived: free of the jitter of USB and of the program, and off by the latency of one line.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.capabilities import Capabilities, Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.palmsens.device_models import model, model_names
from faradaic.instruments.palmsens.errors import ScriptError, silent, suspect, with_output
from faradaic.instruments.palmsens.link import Link
from faradaic.instruments.palmsens.literals import literal
from faradaic.instruments.palmsens.package_readings import TIME, ReadingMaker
from faradaic.instruments.palmsens.scripts import (
    INTERVAL_MIN_S,
    STAIR_MIN_S,
    Script,
    cell_off_script,
    script_for,
)
from faradaic.instruments.readings import EndReason, Identity, OutputState, Reading
from faradaic.instruments.segments import (
    ConstantCellVoltageSegment,
    ConstantCurrentSegment,
    ConstantPotentialSegment,
    CyclicVoltammetrySegment,
    LinearSweepSegment,
    OpenCircuitSegment,
    Segment,
)
from faradaic.instruments.traits import ReadingStream
from faradaic.instruments.transports import Transport, TransportClosed, TransportTimeout
from faradaic.methodscript_packages import GarbledPackage, decode_package

STOP_LATENCY_S = 0.5
"""How long a stop may go unnoticed while no line arrives."""

SILENCE_S = 5.0
"""How much later than expected a reading may come before the channel is suspect."""

GARBLED_MAX = 3
"""This many unreadable lines in a row end the segment."""

TIMER_SLACK_S = 0.1
"""The timer was started after the script was sent, but for how finely clocks are read."""

LOOP_END = "*"

SET_I_BIT, CP_BIT = 68, 67

REFUSES_SECOND_MEASUREMENT = ("4008", "005B")
"""The loop measures the current already, or does not measure beside its own variables."""

POTENTIOSTAT = frozenset(
    {
        OpenCircuitSegment.mode,
        ConstantPotentialSegment.mode,
        ConstantCellVoltageSegment.mode,
        LinearSweepSegment.mode,
        CyclicVoltammetrySegment.mode,
    }
)
GALVANOSTAT = POTENTIOSTAT | {ConstantCurrentSegment.mode}

_REASONS = frozenset(reason.value for reason in EndReason)


class MethodScriptDriver:
    """What the models share; a model gives its key in the table and its capabilities."""

    capabilities: ClassVar[Capabilities]
    key: ClassVar[str]

    def __init__(self, transport: Transport) -> None:
        self._link = Link(transport)
        self._model = model(self.key)
        self._galvanostat = self._model.galvanostat
        self._refuses_to_add: set[str] = set()
        """Modes in which the instrument refused a measurement beside the loop's own."""
        self._stop = False
        self._origin_s: float | None = None
        """Where the instrument's timer stood at zero: the cell went on."""
        self._own_s: float | None = None
        """When the last package was sent, None where it was refused."""
        self._off_s: float | None = None
        """Since when the cell has been off, on the clock of the last segment."""

    def connect(self, clock: Clock) -> Identity:
        """Resynchronise, identify, read the capabilities and turn the cell off."""
        link = self._link
        link.resync(clock)
        firmware = link.ask("t", clock)
        release = link.read_line(1.0)
        self._require_model(firmware)
        serial = link.ask("i", clock)
        version = link.ask("v", clock)
        features = _bitmap(link.ask("CM", clock))
        self._galvanostat = bool(features >> CP_BIT & 1 and features >> SET_I_BIT & 1)
        state = self._cell_off(clock)
        if state.on is not False:
            raise DeviceError.of(
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
        self._origin_s = self._own_s = self._off_s = None
        self._require_galvanostat(segment)
        while True:
            measure = segment.mode not in self._refuses_to_add
            script = script_for(segment, self._model, measure_current=measure)
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
        failure = ""
        for _ in range(2):  # what was in the way of the first attempt is drained by the second
            try:
                said, over_s = self._link.resync(clock)
                self._off_s = self._off_s or over_s or self._last_own_s(said)
                return self._cell_off(clock)
            except DeviceError as error:
                failure = error.diagnostics[0].message
                if isinstance(error, TransportClosed):
                    break
        return OutputState(None, failure)

    def close(self) -> None:
        """Release the port. Does not touch the cell."""
        self._link.transport.close()

    def _cell_off(self, clock: Clock) -> OutputState:
        """Run `cell_off` and the measurement that proves it; the link must be in step."""
        link = self._link
        link.start(cell_off_script(self._model))
        open_circuit_V = None
        try:
            while line := link.output_line(SILENCE_S, clock):
                if line.startswith("P"):
                    open_circuit_V = decode_package(line)[0].value
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
        )

    def _last_own_s(self, lines: list[str]) -> float | None:
        """When a script that is seen to end in these lines sent its last package: its cell went
        off with it."""
        if LOOP_END not in lines or "" not in lines:
            return None
        for line in reversed(lines):
            with contextlib.suppress(GarbledPackage):
                for field in decode_package(line) if line.startswith("P") else ():
                    if field.type == TIME and self._origin_s is not None:
                        return self._origin_s + field.value
        return self._own_s

    def _stream(self, script: Script, segment: Segment, clock: Clock) -> ReadingStream:
        link = self._link
        reading_of = ReadingMaker(segment, self._model)
        patience_s = 3 * script.interval_s + SILENCE_S
        reason: EndReason | None = None
        loop_ended = False
        garbled = 0
        able = self.capabilities
        last_s: float | None = None
        begun_s = clock.monotonic_s()
        line_due_s = begun_s + patience_s
        while True:
            if self._stop:
                self._off_s = link.abort(clock)
                state = self._cell_off(clock)
                if state.on is not False:
                    raise suspect(f"the segment was stopped, but {state.evidence}")
                return EndReason.STOPPED
            left_s = line_due_s - clock.monotonic_s()
            try:
                line = link.output_line(max(0.0, min(STOP_LATENCY_S, left_s)), clock)
            except TransportTimeout:
                if left_s > STOP_LATENCY_S:
                    continue
                raise silent(link.transport.address, patience_s) from None
            now_s = clock.monotonic_s()
            line_due_s = now_s + patience_s
            head = line[:1]
            if head == "P":
                try:
                    values = {field.type: field for field in decode_package(line)}
                    device_s = values[TIME].value
                    origin_s = now_s - device_s if self._origin_s is None else self._origin_s
                    reading = reading_of(origin_s + device_s, values, line)
                    refused = able.impossible(reading, segment, last_s, now_s)
                    if origin_s < begun_s - TIMER_SLACK_S:
                        refused = "its timer is ahead of the segment"
                except (GarbledPackage, KeyError):
                    refused = "it is not a whole package"
                if refused:
                    self._own_s = None
                    garbled += 1
                    if garbled >= GARBLED_MAX:
                        raise suspect(f"unreadable output, last {line[:60]!r}: {refused}")
                    yield Reading.refuse(now_s, segment.regulation, line, refused)
                    continue
                self._origin_s = origin_s
                self._own_s = last_s = reading.time_s
                garbled = 0
                yield reading
            elif head == "M":
                loop_ended = False
            elif head == LOOP_END:
                loop_ended = True
            elif head == "T":
                reason = _reason(line[1:]) or reason
            elif not line:
                if not loop_ended:
                    raise suspect("the script's output ended before its measurement did")
                self._off_s = self._own_s or now_s  # `cell_off` follows the last package
                return reason or script.end
            elif head not in "LC+-":
                garbled += 1
                if garbled >= GARBLED_MAX:
                    raise suspect(f"unreadable output, last {line[:60]!r}")

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
        if isinstance(segment, ConstantCurrentSegment) and not self._galvanostat:
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
        native_voltage_limit=True,
        native_charge_stop=True,
        on_host_death=(
            "the script runs on in the instrument to its own end, bounded by the step's duration, "
            "cell-voltage limit and charge limit, and then turns the cell off"
        ),
        tier=Tier.MANUAL,
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
    capabilities = _capabilities(key, modes=POTENTIOSTAT)
