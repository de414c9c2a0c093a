"""A rack of instruments behind sockets, for plates, and what really flowed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from faradaic.simulators.server import EmulatorServer
from rigs.benches import Watched
from rigs.protocols import HEAD

SHORT = f"""{HEAD}sampling: {{interval: 0.1 s}}
steps:
  - constant_current: {{current: 2 mA, cell_voltage_limit: 5 V, until: 2 mC}}
"""


class Rack:
    """The emulators in the order of their channels, and the bench that leads to them."""

    def __init__(self, folder: Path, model: str, channels: list[tuple[Watched, str]]) -> None:
        self.watched = [one for one, _ in channels]
        self.path = folder / "rack.yaml"
        listed = "".join(f"  - {address}\n" for _, address in channels)
        self.path.write_text(
            f"faradaic_bench: 1\nname: rack\nsource: {{driver: {model}, address:"
            f' "{channels[0][1]}"}}\nchannels:\n{listed}',
            encoding="utf-8",
        )

    @property
    def charge_C(self) -> float:
        """What flowed through all cells."""
        return sum(one.charge_C for one in self.watched)

    @property
    def on(self) -> int:
        """How many outputs are on."""
        return sum(one.on for one in self.watched)


@contextmanager
def rack(folder: Path, channels: int, model: str = "keithley-2450") -> Iterator[Rack]:
    """Emulators on the wall clock, each behind a port of its own."""
    with ExitStack() as stack:
        watched = [Watched(model, seed=number) for number in range(channels)]
        servers = [stack.enter_context(EmulatorServer(one)) for one in watched]
        addresses = [server.address for server in servers]
        yield Rack(folder, model, list(zip(watched, addresses, strict=True)))


def write_plate(folder: Path, wells: int, protocol: str = SHORT, more: str = "") -> Path:
    """A plate of so many replicates of a protocol beside it."""
    (folder / "well.yaml").write_text(protocol, encoding="utf-8")
    path = folder / "plate.yaml"
    path.write_text(
        f"faradaic_plate: 1\ntitle: Short wells\nprotocol: well.yaml\nreplicates: {wells}\n{more}",
        encoding="utf-8",
    )
    return path
