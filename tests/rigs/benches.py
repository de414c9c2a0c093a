"""Real benches without instruments: emulators over sockets, a cable that can be cut, the truth."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from faradaic.simulators.contracts import CellModel
from faradaic.simulators.emulated_bench import make_emulator
from faradaic.simulators.server import EmulatorServer, emulator_for


class Watched:
    """An emulator that writes down when its output went on and off, and the charge meanwhile."""

    def __init__(self, model: str, seed: int = 1, cell: CellModel | None = None) -> None:
        if cell is None:
            self._emulator = emulator_for(model, cell={}, seed=seed)
        else:
            self._emulator = make_emulator(model, cell, seed)
        inside: Any = self._emulator
        self._output = inside.front.electronics if model != "keithley-2450" else inside._electronics
        self.switched: list[tuple[float, bool]] = []
        """When (monotonic) and whether on."""
        self.charge_C = 0.0
        self._seen = time.monotonic(), 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emulator, name)

    @property
    def on(self) -> bool:
        """Whether the output is on."""
        return bool(self._output.output_on)

    def receive(self, data: bytes, now_s: float) -> None:
        """Bytes from the client."""
        self._emulator.receive(data, now_s)
        self._note()

    def transmit(self, now_s: float) -> bytes:
        """Bytes to the client."""
        sent = self._emulator.transmit(now_s)
        self._note()
        return sent

    def next_event_s(self) -> float | None:
        """When there is something to say."""
        return self._emulator.next_event_s()

    def off_after(self, time_s: float, within_s: float = 30.0) -> float:
        """Seconds from `time_s` until the output was off; waits for it."""
        deadline_s = time.monotonic() + within_s
        while time.monotonic() < deadline_s:
            for when_s, on in list(self.switched):
                if not on and when_s >= time_s:
                    return when_s - time_s
            if not self.on and not any(on for when_s, on in self.switched if when_s >= time_s):
                return 0.0
            time.sleep(0.005)
        raise AssertionError(f"the output is still on {within_s:g} s later")

    def until_on(self, within_s: float = 30.0) -> None:
        """Wait for the output to go on."""
        wait_for(lambda: self.on, within_s)

    def _note(self) -> None:
        now_s = time.monotonic()
        before_s, current_A = self._seen
        self.charge_C += abs(current_A) * (now_s - before_s)
        self._seen = now_s, self._output.state.current_A if self.on else 0.0
        if self.on != (bool(self.switched) and self.switched[-1][1]):
            self.switched.append((now_s, self.on))


class Cable:
    """Bytes between a port of its own and another, until it is cut."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._whole = threading.Event()
        self._whole.set()
        self._over = False
        self._pairs: list[socket.socket] = []
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Break what is connected, and let nobody through until it is mended."""
        self._whole.clear()
        for one in self._pairs:
            one.close()
        self._pairs = []

    def mend(self) -> None:
        """Let through again."""
        self._whole.set()

    def close(self) -> None:
        """End it."""
        self._over = True
        self.cut()
        self._listener.close()
        self._thread.join(timeout=5.0)

    def _carry(self) -> None:
        self._listener.settimeout(0.02)
        while not self._over:
            if not self._pairs:
                self._accept()
                continue
            try:
                self._forward(*self._pairs)
            except (OSError, ValueError):
                for one in self._pairs:
                    one.close()
                self._pairs = []

    def _accept(self) -> None:
        try:
            near, _ = self._listener.accept()
        except OSError:
            return
        if not self._whole.is_set():
            near.close()
            return
        self._pairs = [near, socket.create_connection(("127.0.0.1", self._to))]

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            while self._pairs:
                for key, _ in selector.select(0.02):
                    data = key.fileobj.recv(4096)  # type: ignore[union-attr]
                    if not data:
                        raise OSError("one end has left")
                    key.data.sendall(data)


class TcpBench:
    """A bench file of an emulator behind a cable."""

    def __init__(self, folder: Path, model: str, watched: Watched, cable: Cable) -> None:
        self.watched = watched
        self.cable = cable
        self.path = folder / f"{model}.yaml"
        self.path.write_text(
            f"faradaic_bench: 1\nname: {model}-tcp\n"
            f'source: {{driver: {model}, address: "tcp://127.0.0.1:{cable.port}"}}\n',
            encoding="utf-8",
        )


@contextmanager
def tcp_bench(folder: Path, model: str, cell: CellModel | None = None) -> Iterator[TcpBench]:
    """An emulator on the wall clock, and the bench that leads to it."""
    watched = Watched(model, cell=cell)
    with ExitStack() as stack:
        server = stack.enter_context(EmulatorServer(watched))
        cable = Cable(server.port)
        stack.callback(cable.close)
        yield TcpBench(folder, model, watched, cable)


def wait_for(true: Callable[[], bool], within_s: float = 30.0) -> None:
    """Return when it is true; raises `AssertionError` if it doesn't become so."""
    deadline_s = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(0.005)
