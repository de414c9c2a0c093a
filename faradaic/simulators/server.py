"""An emulator behind a TCP port of this machine, in wall time, for any client.

One client at a time, as instruments have it: a second one is connected by the system but waits
unanswered until the first has left. The instrument outlives its clients; what it sends while
nobody is connected is lost. A client that does not read makes the server stop reading from it and
stop asking the instrument, so nothing grows without bound.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from faradaic.diagnostics import refusal
from faradaic.instruments.clock import Clock, WallClock
from faradaic.simulators.contracts import Control, Emulator
from faradaic.simulators.paced_clock import PacedClock

if TYPE_CHECKING:
    from faradaic.chemistry.cell_description import CellDescription
    from faradaic.simulators.faults import FaultPlan

HOST = "127.0.0.1"
PENDING_MAX_BYTES = 64 * 1024
RECEIVE_BYTES = 4096
LONGEST_WAIT_S = 60.0
"""A selector takes no wait of months."""
ROUND_S = 0.02
"""How long an emulator may compute before the network is looked at again."""
SLOW_S = 0.02
"""What takes longer to compute (a sine through a cell with many parts) stops the instrument's
clock: it would be deaf meanwhile, and then do in no time what a real one does in its own."""
SHORTEST_WAIT_S = 1e-3
"""An event that is due but sends nothing must not turn the loop into a busy one."""


def emulator_for(
    model: str,
    *,
    cell: CellDescription | Mapping[str, Any],
    seed: int,
    faults: FaultPlan | None = None,
) -> Emulator:
    """An emulator by name (and options), wired to a cell of its own. Raises `InputError`.

    What compiles at its first use is compiled here, so that a client's first question is answered
    at once.
    """
    from faradaic.simulators.auxiliaries.line_emulator import LineEmulator
    from faradaic.simulators.cell_models import read_description, simulated_cell
    from faradaic.simulators.emulated_bench import make_emulator
    from faradaic.simulators.faults import FaultPlan
    from faradaic.simulators.surroundings import Surroundings

    plan = faults or FaultPlan([])
    described = plan.describe(read_description(cell))
    simulated = simulated_cell(described)
    untouched = simulated.checkpoint()
    for control in Control:
        simulated.step(control, 0.0, SHORTEST_WAIT_S)
        simulated.restore(untouched)
    wired = plan.around_cell(simulated, described)
    around, start_s = Surroundings(), time.monotonic()
    around.fault_is_on = lambda fault, now_s: plan.is_active(fault, now_s - start_s)
    emulator = make_emulator(model, wired, seed, around)
    return emulator if isinstance(emulator, LineEmulator) else plan.around_emulator(emulator)


class EmulatorServer:
    """Serves one emulator, from construction's port until `stop`.

    As a context manager it runs in a thread of its own; `wait` then blocks until it ends.
    Port 0 takes a free port, which `port` tells. Raises `InputError` if the port is taken.
    """

    def __init__(self, emulator: Emulator, port: int = 0, clock: Clock | None = None) -> None:
        self._emulator = emulator
        self._clock = clock or WallClock()
        self._speed: float = getattr(clock, "speed", None) or 1.0
        """Seconds of its clock in a second."""
        self._listener = _listen(port)
        self.port: int = self._listener.getsockname()[1]
        self.address = f"tcp://{HOST}:{self.port}"
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._client: socket.socket | None = None
        self._pending = bytearray()
        self._computed_s = 0.0
        """For how long its clock has stood still."""
        self._emulated_s = self._clock.monotonic_s()
        """How far the emulator has come: behind the clock while it computes."""
        self._behind = False
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Serve in this thread until `stop` is called or Ctrl+C is pressed; then close."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._wake_reader, selectors.EVENT_READ)
                while self._serve(selector):
                    pass
        except KeyboardInterrupt:
            return
        finally:
            self._close()

    def stop(self) -> None:
        """End serving, from any thread; idempotent."""
        try:
            self._wake_writer.send(b"x")
        except OSError:
            return  # closed already

    def wait(self) -> None:
        """Block until the server's thread ends: by `stop`, or by Ctrl+C here."""
        try:
            while self._thread is not None and self._thread.is_alive():
                self._thread.join(0.2)  # a bare join cannot be interrupted on every system
        except KeyboardInterrupt:
            self.stop()

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._guarded, name=self.address, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()
        if self._failure is not None and error is None:
            raise self._failure

    def _guarded(self) -> None:
        try:
            self.run()
        except Exception as error:  # noqa: BLE001 - told in the thread that entered the context
            self._failure = error

    def _serve(self, selector: selectors.BaseSelector) -> bool:
        """One round: collect, send, wait, accept, receive. False when asked to stop."""
        now_s = self._now_s()
        if len(self._pending) < PENDING_MAX_BYTES:
            self._advance(now_s)
        if self._client is None:
            self._pending.clear()
        self._watch(selector)
        for key, events in selector.select(self._patience_s(now_s)):
            if key.fileobj is self._wake_reader:
                return False
            if key.fileobj is self._listener:
                self._client = self._accept()
            elif self._client is not None and not self._exchange(self._client, events):
                selector.unregister(self._client)
                self._client.close()
                self._client = None
        return True

    def _advance(self, now_s: float) -> None:
        """Let the emulator come up to the clock event by event, as far as it gets in a round."""
        emulator, end_s = self._emulator, time.monotonic() + ROUND_S
        while self._emulated_s < now_s and len(self._pending) < PENDING_MAX_BYTES:
            event_s = emulator.next_event_s()
            due_s = now_s if event_s is None else min(max(event_s, self._emulated_s), now_s)
            begun_s = time.monotonic()
            sent = emulator.transmit(due_s)
            took_s = time.monotonic() - begun_s
            if took_s > SLOW_S and isinstance(self._clock, WallClock | PacedClock):
                self._computed_s += took_s * self._speed
                now_s = max(due_s, now_s - took_s * self._speed)
            # What is due and sends nothing is not asked again until the next round.
            self._emulated_s = due_s if sent or due_s > self._emulated_s else now_s
            self._pending += sent
            if time.monotonic() > end_s:
                break
        self._behind = self._emulated_s < now_s

    def _now_s(self) -> float:
        """The instrument's time: without what it took to compute, in which a real one would have
        been there to be spoken to."""
        return self._clock.monotonic_s() - self._computed_s

    def _accept(self) -> socket.socket | None:
        try:
            client, _ = self._listener.accept()
        except OSError:
            return None  # it left before it was let in
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return client

    def _watch(self, selector: selectors.BaseSelector) -> None:
        """Listen when there is no client; else read from it, or write while it is behind."""
        listening = self._listener in selector.get_map()
        if self._client is None:
            if not listening:
                selector.register(self._listener, selectors.EVENT_READ)
            return
        if listening:
            selector.unregister(self._listener)
        events = 0
        if len(self._pending) < PENDING_MAX_BYTES:
            events |= selectors.EVENT_READ
        if self._pending:
            events |= selectors.EVENT_WRITE
        if self._client not in selector.get_map():
            selector.register(self._client, events)
        else:
            selector.modify(self._client, events)

    def _patience_s(self, now_s: float) -> float | None:
        """How long to wait for the network: until the emulator next has something to say."""
        if len(self._pending) >= PENDING_MAX_BYTES:
            return None
        if self._behind:
            return 0.0
        event_s = self._emulator.next_event_s()
        if event_s is None:
            return None
        return min(max((event_s - now_s) / self._speed, SHORTEST_WAIT_S), LONGEST_WAIT_S)

    def _exchange(self, client: socket.socket, events: int) -> bool:
        """Bytes to and from the client; False when it has left."""
        try:
            if events & selectors.EVENT_WRITE:
                del self._pending[: client.send(self._pending)]
            if events & selectors.EVENT_READ:
                data = client.recv(RECEIVE_BYTES)
                if not data:
                    return False
                if not self._behind:
                    self._emulated_s = max(self._emulated_s, self._now_s())
                self._emulator.receive(data, self._emulated_s)
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
        return True

    def _close(self) -> None:
        for channel in (self._client, self._listener, self._wake_reader, self._wake_writer):
            if channel is not None:
                channel.close()


def _listen(port: int) -> socket.socket:
    if not 0 <= port < 65536:
        raise refusal("E533", f"{port} is not a TCP port", "use 0 for a free one, or 1-65535")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows lets two programs share a port otherwise
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(4)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise refusal(
            "E533",
            f"port {port} of {HOST} cannot be used: {error.strerror or error}",
            "use port 0 to take a free one",
        ) from error
    return listener
