"""The device host: whoever owns the ports of a bench.

The engine talks to this interface only. Here the host runs inline, in the engine's own process; a
host that runs as a process of its own, with a lease, offers the same methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from faradaic.diagnostics import DeviceError, Diagnostic, FaradaicError, InputError
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity, OutputState, Reading
from faradaic.instruments.segments import Segment
from faradaic.instruments.traits import ReadingStream, Source
from faradaic.instruments.transports.addresses import SCHEMES, Setting, split_address
from faradaic.runner.bench_file import Bench

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription


REFUSED_MAX = 3
"""This many readings in a row that cannot be end the segment."""


class DeviceHost(Protocol):
    """The ports of one bench, and the verbs that the engine uses on them."""

    clock: Clock

    def open(self) -> Identity:
        """Open the ports, identify what answers, leave outputs off. Raises `DeviceError`."""
        ...

    def run(self, segment: Segment) -> ReadingStream:
        """Run one segment on the source."""
        ...

    def output_off(self) -> OutputState:
        """Turn every source's output off and read it back; never raises."""
        ...

    def remarks(self) -> tuple[Diagnostic, ...]:
        """What a reader of the run should know of the bench, asked at its end."""
        ...

    def close(self) -> None:
        """Release the ports; idempotent."""
        ...


class InlineHost:
    """The host in this process."""

    def __init__(
        self,
        bench: Bench,
        *,
        cell: CellDescription | Mapping[str, Any] | None,
        seed: int,
        speed: float | None,
        faults: Sequence[str | Mapping[str, Any]] = (),
        limiting_amount_mol: float | None = None,
    ) -> None:
        if faults and not bench.simulated:
            raise InputError.of(
                f"bench {bench.name} is real: faults are injected on simulated benches only",
                code="E558",
                help="leave the faults out, or add `--bench simulated`",
            )
        self._bench = bench
        scheme, self._rest = split_address(bench.address)
        setting = Setting(cell, seed, speed, tuple(faults), limiting_amount_mol)
        self._scheme = SCHEMES.load(scheme)(setting)
        self.clock: Clock = self._scheme.clock
        self._source: Source | None = None

    def open(self) -> Identity:
        """Open the port of the source and connect to it."""
        self._source = self._bench.driver(self._scheme.open(self._rest))
        return self._source.connect(self.clock)

    def run(self, segment: Segment) -> ReadingStream:
        """Run one segment on the source."""
        if self._source is None:
            raise DeviceError.of("the bench is not open", code="E506", help="open it first")
        return self._believed(self._source.run(segment, self.clock), segment)

    def _believed(self, stream: ReadingStream, segment: Segment) -> ReadingStream:
        """What the source can have measured; in place of anything else, that it was refused."""
        able = self._bench.driver.capabilities
        refused = 0
        try:
            while True:
                try:
                    reading = next(stream)
                except StopIteration as end:
                    return end.value  # type: ignore[no-any-return]
                if why := able.impossible(reading, segment):
                    if (refused := refused + 1) >= REFUSED_MAX:
                        raise DeviceError.of(
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

    def output_off(self) -> OutputState:
        """Turn the output off and read it back; what went wrong is in the evidence."""
        if self._source is None:
            return OutputState(None, "never connected: nothing was switched on from here")
        try:
            return self._source.output_off(self.clock)
        except FaradaicError as error:
            return OutputState(None, error.diagnostics[0].message)
        except Exception as error:  # noqa: BLE001 - the run is to end with its last record
            return OutputState(None, f"{type(error).__name__}: {error}")

    def remarks(self) -> tuple[Diagnostic, ...]:
        """What a reader of the run should know of the bench, asked at its end."""
        return self._scheme.remarks()

    def close(self) -> None:
        """Release the port."""
        if self._source is not None:
            self._source.close()
