"""The ports of one bench, for whoever owns them: opened, read with doubt, and opened again.

A connection that breaks while a segment runs is an event, not an end: the port is opened again,
what answers must be the same instrument, and its output is read back off before the segment ends
as an `Interruption`. Only what stays away for longer than the patience of the run is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from faradaic.diagnostics import DeviceError, FaradaicError
from faradaic.instruments.auxiliary_traits import AUXILIARIES, Auxiliary
from faradaic.instruments.clock import Clock
from faradaic.instruments.polarity_bridge import BridgedSource, BridgeSpec, bridged
from faradaic.instruments.readings import EndReason, Identity, OutputState, Reading
from faradaic.instruments.segments import Segment
from faradaic.instruments.traits import (
    OutputFoundOn,
    ReadingStream,
    Source,
    SourceFactory,
    TellsNotes,
    abilities_of,
)
from faradaic.instruments.transports import LinkError
from faradaic.instruments.transports.addresses import (
    SCHEMES,
    AddressScheme,
    Setting,
    split_address,
)

REFUSED_MAX = 3
"""This many readings in a row that cannot be end the segment."""

RETRY_S = 0.2
"""Between two attempts to open a port again."""


@dataclass(frozen=True, slots=True)
class Interruption:
    """Why a segment ended that nothing ended: the connection broke, or nobody took its readings.

    The output was read back off before this was made.
    """

    why: str
    lost_s: float
    """When the bench was last heard of, on its clock."""
    back_s: float
    """When its output was read back off."""
    evidence: str
    attempts: int = 0
    """How often its port was opened again."""


HostStream = Generator[Reading, None, EndReason | Interruption]


class BenchPorts:
    """The port of the source of a bench (benches have one source)."""

    def __init__(
        self,
        driver: SourceFactory,
        scheme: AddressScheme,
        rest: str,
        *,
        patience_s: float = 0.0,
        may_be_on: bool = False,
        options: Mapping[str, Any] | None = None,
        bridge: BridgeSpec | None = None,
    ) -> None:
        """`rest`: what the address of the source says after its scheme; `patience_s`: how long
        the port may stay closed when it breaks under a segment; `may_be_on`: whether somebody who
        is gone may have left the output on; `options`: of the driver's class; `bridge`: between the
        source and the cell."""
        self._driver = driver
        self._scheme = scheme
        self._rest = rest
        self.patience_s = patience_s
        self._may_be_on = may_be_on
        self._options = options or {}
        self._bridge = bridge
        self._source: Source | None = None
        self._identity: Identity | None = None
        self._connected = False
        """Whether what answers is known: only then does its word on the output count."""

    @property
    def clock(self) -> Clock:
        """Get the clock of the bench."""
        return self._scheme.clock

    def open(self, *, turn_off: bool = False) -> Identity:
        """Open the port, identify what answers, leave its output off. Raises `DeviceError`.

        An output that is found on is turned off where that is asked for, or where it may be this
        bench's own, left on by a connection that broke or a program that died.
        """
        self.close()
        self._connected = False
        source = self._driver(self._scheme.open(self._rest), **self._options)
        self._source = source if self._bridge is None else self._behind(source, self._bridge)
        try:
            identity = self._source.connect(self.clock)
        except OutputFoundOn:
            if not (turn_off or self._may_be_on or self._identity is not None):
                self.close()
                self._source = None  # it is somebody else's, and stays as it is
                raise
            self._source.output_off(self.clock)
            identity = self._source.connect(self.clock)
        if not _same(identity, self._identity or identity):
            raise DeviceError.of(
                f"the instrument at {self._rest} answers as {_name(identity)}, which was"
                f" {_name(self._identity)}",
                help="connect the instrument that the run began with",
                code="E508",
            )
        self._identity = identity
        self._connected = True
        if isinstance(self._source, BridgedSource) and not turn_off:
            self._source.lead_forward(self.clock)
        return identity

    def run(self, segment: Segment) -> HostStream:
        """Run one segment on the source. Raises `DeviceError`."""
        if self._source is None:
            raise DeviceError.of("the bench is not open", code="E506", help="open it first")
        heard_s = self.clock.monotonic_s()
        stream = self._believed(self._source.run(segment, self.clock), segment)
        try:
            while True:
                try:
                    reading = next(stream)
                except StopIteration as end:
                    if end.value is EndReason.NOT_RENEWED:
                        return self._not_renewed(heard_s)
                    return end.value  # type: ignore[no-any-return]
                heard_s = reading.time_s
                yield reading
        except DeviceError as error:
            if not isinstance(error, LinkError):
                raise
            return self._opened_again(error, heard_s)
        finally:
            stream.close()

    def output_off(self) -> OutputState:
        """Turn the output off and read it back; what went wrong is in the evidence.

        A port through which nothing can be learned is opened again, once.
        """
        if self._source is None and not self._may_be_on:
            return OutputState(None, "never connected: nothing was switched on from here")
        state = OutputState(None, "not connected") if self._source is None else self._off()
        if state.on is None or not self._connected:
            try:
                self.open(turn_off=True)
            except Exception as error:  # noqa: BLE001 - it was tried; what it says goes along
                return OutputState(None, f"{state.evidence}; {_told(error)}")
            state = self._off()
        return state

    def off_at_last(
        self, within_s: float, told: Callable[[OutputState, float], None] | None = None
    ) -> OutputState:
        """Turn the output off until it has been read back so, or for as long as `within_s`.

        `told` is given each failed attempt with the seconds that it has failed for; the evidence
        of the last says for how long.
        """
        since_s = self.clock.monotonic_s()
        pause_s = RETRY_S
        while True:
            state = self.output_off()
            failed_s = self.clock.monotonic_s() - since_s
            if state.on is False or (self._source is None and not self._may_be_on):
                return state
            if failed_s >= within_s:
                tried = f"; tried for {failed_s:.3g} s" if within_s else ""
                return replace(state, evidence=state.evidence + tried)
            if told is not None:
                told(state, failed_s)
            self.clock.sleep_until(self.clock.monotonic_s() + pause_s)
            pause_s = min(2.0 * pause_s, 5.0)

    def notes(self) -> tuple[str, ...]:
        """What the driver had to ask or tell again since the last call, if it says so."""
        return self._source.notes() if isinstance(self._source, TellsNotes) else ()

    def close(self) -> None:
        """Release the port; does not touch the output."""
        if self._source is not None:
            self._source.close()

    def _behind(self, source: Source, bridge: BridgeSpec) -> BridgedSource:
        """The source behind the bridge, whose own port is opened when it is first moved."""

        def relay() -> Auxiliary:
            name, rest = split_address(bridge.address)
            scheme = self._scheme
            if not scheme.simulated:
                scheme = SCHEMES.load(name)(Setting())
            return AUXILIARIES.load(bridge.driver)(scheme.open(rest), **bridge.options)

        return BridgedSource(source, relay, bridge.name, bridge.dead_time_s)

    def _off(self) -> OutputState:
        assert self._source is not None
        try:
            return self._source.output_off(self.clock)
        except Exception as error:  # noqa: BLE001 - the run is to end with its last record
            return OutputState(None, _told(error))

    def _not_renewed(self, heard_s: float) -> Interruption:
        back_s = self.clock.monotonic_s()  # what it sent meanwhile may have been lost
        state = self.output_off()
        why = "nobody asked the instrument to go on, and it turned its output off by itself"
        if state.on is not False:
            raise DeviceError.of(f"{why}; that could not be read back: {state.evidence}")
        return Interruption(why, heard_s, back_s, state.evidence)

    def _opened_again(self, lost: DeviceError, heard_s: float) -> Interruption:
        """Open the port again within the patience. Raises `DeviceError`."""
        why = lost.diagnostics[0].message
        begun_s = self.clock.monotonic_s()
        attempts = 0
        while True:
            attempts += 1
            try:
                self.open()
                state = self.output_off()
                if state.on is False:
                    back_s = self.clock.monotonic_s()
                    return Interruption(why, heard_s, back_s, state.evidence, attempts)
                still = state.evidence
            except DeviceError as error:
                if not isinstance(error, LinkError):
                    raise
                still = error.diagnostics[0].message
            now_s = self.clock.monotonic_s()
            if now_s - begun_s >= self.patience_s:
                raise DeviceError.of(
                    f"{why}; it could not be opened again in {now_s - begun_s:.3g} s"
                    f" ({attempts} attempts): {still}",
                    help=lost.diagnostics[0].help,
                    code="E502",
                )
            self.clock.sleep_until(now_s + RETRY_S)

    def _believed(self, stream: ReadingStream, segment: Segment) -> ReadingStream:
        """What the source can have measured; in place of anything else, that it was refused."""
        able = abilities_of(self._driver, self._options)
        if self._bridge is not None:
            able = bridged(able, self._bridge.dead_time_s)
        bounds = able.bounds(segment)
        refused = 0
        try:
            while True:
                try:
                    reading = next(stream)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                if why := bounds.impossible(reading):
                    if (refused := refused + 1) >= REFUSED_MAX:
                        raise LinkError.of(
                            f"{refused} readings in a row cannot be, last {reading.raw!r}: {why}",
                            help="check the cable, and that the driver fits the instrument",
                            code="E511",
                        )
                    reading = Reading.refuse(reading.time_s, reading.regulation, reading.raw, why)
                else:
                    refused = 0
                yield reading
        finally:
            stream.close()


def _same(one: Identity, other: Identity) -> bool:
    """Whether two answers are of one instrument; a bad line may have cut the end off either."""
    return one.model == other.model and (
        one.serial.startswith(other.serial) or other.serial.startswith(one.serial)
    )


def _told(error: Exception) -> str:
    if isinstance(error, FaradaicError):
        return error.diagnostics[0].message
    return f"{type(error).__name__}: {error}"


def _name(identity: Identity | None) -> str:
    return "nothing" if identity is None else f"{identity.model} {identity.serial}"


def out_of_reach(what: str) -> DeviceError:
    """A run that ends because its bench was out of reach for too long."""
    return DeviceError.of(
        what,
        help="check the cable and the PC (standby, a full disk); `limits: {interruption: 30 s}`"
        " waits for longer",
        code="E519",
    )
