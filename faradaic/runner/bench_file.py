"""The bench file: which driver at which address, and the ceilings of its wiring and cell.

Benches are YAML files. Some simulated ones ship with the package; a lab keeps its own in the
folder that `user_benches()` names, or anywhere, given by path.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pydantic import Field

from faradaic.diagnostics import InputError, did_you_mean
from faradaic.documents.kinds import read_document
from faradaic.documents.models import Model
from faradaic.documents.validation import validate_document
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.traits import DRIVERS, SourceFactory
from faradaic.instruments.transports.addresses import SCHEMES, split_address
from faradaic.protocols.schema.field_types import PositiveCurrent, PositiveVoltage
from faradaic.runner import BENCH

DEFAULT = "simulated"


class SourceEntry(Model):
    """The source of a bench: a driver by name, and where it is."""

    driver: str = Field(description="A driver that `faradaic devices` lists.")
    address: str = Field(description="SCHEME://REST, for example serial:///dev/ttyACM0.")


class LimitsEntry(Model):
    """Ceilings of the wiring and the cell on this bench, whatever a protocol asks."""

    current_A: PositiveCurrent | None = None
    cell_voltage_V: PositiveVoltage | None = None
    set_by: str = Field("the bench file", description="Who set them, and when.")


class BenchFile(Model):
    """A bench file, as written."""

    faradaic_bench: Literal[1]
    name: str
    source: SourceEntry
    limits: LimitsEntry = LimitsEntry()


@dataclass(frozen=True)
class Bench:
    """A bench that can be planned for (it fits `BenchProfile`) and opened."""

    file: BenchFile
    text: str
    sha256: str

    @property
    def name(self) -> str:
        """The bench's name."""
        return self.file.name

    @property
    def address(self) -> str:
        """Where the source is."""
        return self.file.source.address

    @cached_property
    def driver(self) -> SourceFactory:
        """The source's driver class."""
        return DRIVERS.load(self.file.source.driver)

    @property
    def source(self) -> Capabilities:
        """What the source can do."""
        return self.driver.capabilities

    @property
    def limits(self) -> LimitsEntry:
        """The bench's own ceilings."""
        return self.file.limits

    @cached_property
    def simulated(self) -> bool:
        """Whether the source's address leads to a simulated instrument."""
        return SCHEMES.load(split_address(self.address)[0]).simulated

    @property
    def devices(self) -> tuple[str, ...]:
        """Kinds of further devices; none can be given yet."""
        return ()

    def others_with(self, *modes: str, level_s: float | None = None) -> tuple[str, ...]:
        """Names of the other benches there are whose source has these modes, and holds a level
        that is as short."""
        found = []
        for name in (*shipped_benches(), *user_benches()):
            with suppress(InputError):
                source = load_bench(name).source if name != self.name else None
                if source is None or not source.modes.issuperset(modes):
                    continue
                if level_s is None or source.level_min_s <= level_s * (1 + 1e-9):
                    found.append(name)
        return tuple(found)


def shipped_benches() -> Mapping[str, str]:
    """The simulated benches of the package: name -> text."""
    folder = files("faradaic.runner") / "benches"
    return {
        entry.name.removesuffix(".yaml"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".yaml")
    }


def bench_folder() -> Path:
    """Where this user's benches are kept."""
    import platformdirs

    return Path(platformdirs.user_config_dir("faradaic", appauthor=False)) / "benches"


def user_benches() -> dict[str, Path]:
    """The benches that this user keeps: name -> file."""
    return {path.stem: path for path in sorted(bench_folder().glob("*.yaml"))}


def load_bench(name: str = DEFAULT) -> Bench:
    """A bench by name, or by the path of its file. Raises `InputError`."""
    shipped = shipped_benches()
    if name in shipped:
        return _bench(shipped[name], f"bench {name}")
    users = user_benches()
    path = users.get(name, Path(name))
    if path.exists():
        return _bench(path, str(path))
    known = [*shipped, *users]
    raise InputError.of(
        f"there is no bench called `{name}`",
        code="E421",
        help=f"{did_you_mean(name, known)}; or give the path of a bench file",
    )


def _bench(source: str | Path, name: str) -> Bench:
    document = read_document(source, BENCH, name)
    file = validate_document(document, BenchFile)
    bench = Bench(file, document.text, document.sha256)
    try:
        _ = bench.driver, bench.simulated
    except InputError as error:
        key = "address" if error.diagnostics[0].code in {"E503", "E504"} else "driver"
        place = document.locate(["source", key])
        raise InputError(*(d.at(place) for d in error.diagnostics)) from None
    return bench
