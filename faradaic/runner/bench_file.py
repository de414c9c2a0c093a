"""The bench file: which drivers at which addresses, ceilings of wiring and cell, interlocks.

Benches are YAML files. Some simulated ones ship with the package; a lab keeps its own in the
folder that `user_benches()` names, or anywhere, given by path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl

from pydantic import Field, model_validator

from faradaic.diagnostics import Diagnostic, InputError, did_you_mean
from faradaic.documents.document import Document
from faradaic.documents.kinds import read_document
from faradaic.documents.models import Identifier, Model, problem
from faradaic.documents.validation import locate, validate_document
from faradaic.instruments.auxiliary_traits import AUXILIARIES, Ability, AuxiliaryFactory, Trait
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.polarity_bridge import BridgeSpec, bridged, least_dead_time_s
from faradaic.instruments.traits import DRIVERS, SourceFactory, abilities_of
from faradaic.instruments.transports.addresses import SCHEMES, split_address
from faradaic.instruments.transports.held import held_by as _port
from faradaic.protocols import wording
from faradaic.protocols.interlock_plans import planned_interlock
from faradaic.protocols.plan import Interlock
from faradaic.protocols.schema.field_types import (
    PositiveCurrent,
    PositiveTime,
    PositiveVoltage,
)
from faradaic.protocols.schema.interlocks import Interlock as InterlockEntry
from faradaic.runner import BENCH
from faradaic.runner.bench_options import read_options
from faradaic.runner.channels import ChannelsEntry, channel_text
from faradaic.runner.device_lines import DeviceSpec

if TYPE_CHECKING:
    from faradaic.protocols.plan import Plan

DEFAULT = "simulated"


class SourceEntry(Model):
    """The source of a bench: a driver by name, and where it is."""

    driver: str = Field(description="A driver that `faradaic devices` lists.")
    address: str = Field(description="SCHEME://REST, for example serial:///dev/ttyACM0.")
    options: dict[str, Any] = Field(
        default_factory=dict,
        description="Options of the driver, and the serial settings of its port.",
    )


class DeviceEntry(SourceEntry):
    """A device around the cell, or the relay between it and the source."""

    role: Literal["polarity_bridge"] | None = None
    """What it is for, where it is not around the cell: it reverses the leads."""
    dead_time_s: PositiveTime | None = None
    """Of a bridge: how long the cell is open when its polarity changes."""

    @model_validator(mode="after")
    def _a_bridge_says_how_long(self) -> DeviceEntry:
        if self.role is not None and self.dead_time_s is None:
            raise problem(
                "`dead_time` is missing: how long the cell is open when the bridge moves",
                code="E302",
                help="add `dead_time: 3 s`",
            )
        if self.role is None and self.dead_time_s is not None:
            raise problem(
                "only a bridge has a dead time",
                code="E306",
                help="add `role: polarity_bridge`, or leave it out",
                path=["dead_time"],
            )
        return self


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
    devices: dict[Identifier, DeviceEntry] = Field(default_factory=dict)
    limits: LimitsEntry = LimitsEntry()
    channels: ChannelsEntry | None = None
    """Of an instrument, or a rack of them, that runs a plate."""
    interlocks: tuple[InterlockEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class BenchDevice:
    """One device around the cell (it fits `DeviceProfile`)."""

    driver: AuxiliaryFactory
    spec: DeviceSpec
    abilities: tuple[Ability, ...]

    @property
    def model(self) -> str:
        """Its maker and model."""
        return f"{self.driver.capabilities.manufacturer} {self.driver.capabilities.model}"

    @property
    def gas(self) -> str | None:
        """The species that it is for, where its options say."""
        found = self.spec.options.get("gas")
        return None if found is None else str(found)

    @property
    def place(self) -> str:
        """Under which name its emulator is told of a dose: the `place` of its address."""
        return dict(parse_qsl(self.spec.address.partition("?")[2])).get("place", "")

    @property
    def period_s(self) -> float:
        """How often it is read."""
        return self.driver.capabilities.period_s


@dataclass(frozen=True)
class Bench:
    """A bench that can be planned for (it fits `BenchProfile`) and opened."""

    file: BenchFile
    text: str
    sha256: str
    address: str
    """Where the source is, with the serial settings of its options."""
    options: Mapping[str, Any]
    """Of the source, as its driver takes them."""
    devices: Mapping[str, BenchDevice]
    interlocks: tuple[Interlock, ...]
    bridge: BridgeSpec | None = None
    """The relay that reverses the leads between the source and the cell."""

    @property
    def name(self) -> str:
        """The bench's name."""
        return self.file.name

    @cached_property
    def driver(self) -> SourceFactory:
        """The source's driver class."""
        return DRIVERS.load(self.file.source.driver)

    @property
    def source(self) -> Capabilities:
        """What the source can do, behind its bridge."""
        able = abilities_of(self.driver, self.options)
        return able if self.bridge is None else bridged(able, self.bridge.dead_time_s)

    @property
    def bridge_contacts(self) -> tuple[str, ...]:
        """The contacts of its bridge, as a simulated board names them."""
        if self.bridge is None:
            return ()
        place = dict(parse_qsl(self.bridge.address.partition("?")[2])).get("place", "")
        told = self.bridge.options
        return tuple(f"{place}{n}" for n in (told.get("channel", 1), told.get("second")) if n)

    @property
    def limits(self) -> LimitsEntry:
        """The bench's own ceilings."""
        return self.file.limits

    @cached_property
    def simulated(self) -> bool:
        """Whether the source's address leads to a simulated instrument."""
        return SCHEMES.load(split_address(self.address)[0]).simulated

    def specs(self, plan: Plan | None = None) -> tuple[DeviceSpec, ...]:
        """The devices as whoever owns the ports takes them; a plan says what stays on."""
        kept = {} if plan is None else {one.name: one.keep for one in plan.devices}
        return tuple(
            replace(device.spec, keep=kept.get(name, ())) for name, device in self.devices.items()
        )

    @property
    def channels(self) -> int:
        """Get how many channels it has; 1 where it is one by itself."""
        return 1 if self.file.channels is None else self.file.channels.number

    def channel(self, number: int) -> Bench:
        """One of its channels as a bench of its own, counted from 1. Raises `InputError` (E421)."""
        if self.file.channels is None:
            return self
        text = channel_text(self.text, self.file.channels, number)
        return _bench(text, f"bench {self.name}/{number}")

    def others_with(
        self,
        *modes: str,
        level_s: float | None = None,
        current_A: float = 0.0,
        bears_gap: bool | None = None,
    ) -> tuple[str, ...]:
        """Names of the other benches there are whose source has these modes, holds a level that is
        as short (behind a bridge after its dead time), and gives as much current. What reverses
        says whether it bears the gap of a bridge."""
        found = []
        for name in (*shipped_benches(), *user_benches()):
            with suppress(InputError):
                other = load_bench(name)
                source = other.source
                if name == self.name or other.devices or other.channels > 1:
                    continue
                if not source.modes.issuperset(modes) or source.current_max_A < current_A:
                    continue
                if bears_gap is not None and not source.bipolar:
                    continue
                if bears_gap is False and source.dead_time_s:
                    continue
                least_s = source.level_min_s + (source.dead_time_s if bears_gap else 0.0)
                if level_s is None or least_s <= level_s * (1 + 1e-9):
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
    above, _, number = name.rpartition("/")
    if above and number.isdecimal():
        return load_bench(above).channel(int(number))
    known = [*shipped, *users]
    raise InputError.of(
        f"there is no bench called `{name}`",
        code="E421",
        help=f"{did_you_mean(name, known)}; or give the path of a bench file",
    )


def bench_of_text(text: str) -> Bench:
    """The bench that a text describes, as it was kept. Raises `InputError`."""
    return _bench(text, "bench")


def _bench(source: str | Path, name: str) -> Bench:
    document = read_document(source, BENCH, name)
    file = validate_document(document, BenchFile)
    with _pointing_at(document, ("source",)):
        driver: Any = DRIVERS.load(file.source.driver)
        simulated = _simulated(file.source.address)
    options, address = read_options(
        driver, file.source.options, file.source.address, document, ("source", "options")
    )
    with _pointing_at(document, ("source",)):
        abilities_of(driver, options)
    problems: list[Diagnostic] = []
    devices: dict[str, BenchDevice] = {}
    bridge: BridgeSpec | None = None
    for key, entry in file.devices.items():
        try:
            device = _device(key, entry, document, simulated)
            if entry.role is None:
                devices[key] = device
                continue
            able = abilities_of(driver, options)
            bridge = _bridge(entry, device, able, document, bridge)
        except InputError as error:
            problems += error.diagnostics
    interlocks: list[Interlock] = []
    for number, written in enumerate(file.interlocks if not problems else ()):
        try:
            with _pointing_at(document, ("interlocks", number)):
                interlocks.append(planned_interlock(written, devices, f"bench {file.name}"))
        except InputError as error:
            problems += error.diagnostics
    if file.channels is not None and not simulated:
        addresses = {"source": address} | {key: one.spec.address for key, one in devices.items()}
        for problem in file.channels.one_address(addresses):
            problems.append(problem.at(document.locate(["channels"])))
    if bridge is not None:
        shares = [
            n for n, one in devices.items() if _port(one.spec.address) == _port(bridge.address)
        ]
        if shares:
            problems.append(
                Diagnostic(
                    "E438",
                    f"`{bridge.name}` and `{shares[0]}` are at one address",
                    help="give the bridge a board with a port of its own: nothing may hold it up",
                    location=locate(document, ("devices", bridge.name, "address")),
                )
            )
    if problems:
        raise InputError(*problems)
    demanded = tuple(interlocks)
    return Bench(file, document.text, document.sha256, address, options, devices, demanded, bridge)


def _device(name: str, entry: DeviceEntry, document: Document, simulated: bool) -> BenchDevice:
    path = ("devices", name)
    with _pointing_at(document, path):
        driver = AUXILIARIES.load(entry.driver)
        same = _simulated(entry.address) is simulated
    options, address = read_options(
        driver, entry.options, entry.address, document, (*path, "options")
    )
    if not same:
        raise InputError(
            Diagnostic(
                "E436",
                f"`{name}` is {'real' if simulated else 'simulated'}, the source of this bench is"
                f" {'simulated' if simulated else 'real'}",
                help="a bench is simulated or real as a whole: a rehearsal moves nothing real",
                location=document.locate((*path, "address")),
            )
        )
    spec = DeviceSpec(name, entry.driver, address, options)
    return BenchDevice(driver, spec, tuple(driver.abilities(**options)))


def _bridge(
    entry: DeviceEntry,
    device: BenchDevice,
    able: Capabilities,
    document: Document,
    other: BridgeSpec | None,
) -> BridgeSpec:
    """The device as the bridge of a source. Raises `InputError` (E438)."""
    spec = device.spec
    path: tuple[str, ...] = ("devices", spec.name)
    assert entry.dead_time_s is not None
    least_s = least_dead_time_s(able)
    what = help_ = ""
    if other is not None:
        what = f"`{spec.name}` and `{other.name}` both reverse the leads of the cell"
        help_ = "leave one of them out; two contacts of one board are `channel` and `second`"
    elif Trait.RELAY not in device.driver.capabilities.traits:
        what, help_ = f"the {device.model} is no relay", "take one, such as `driver: lcus-relay`"
    elif able.bipolar:
        what = f"the {able.model} reverses its polarity by itself"
        help_ = f"leave `{spec.name}` out"
    elif entry.dead_time_s < least_s * (1 - 1e-9):
        path = (*path, "dead_time")
        what = (
            f"in a dead time of {entry.dead_time_s:g} s the {able.model} cannot go off, be read"
            " back, and be on again behind the contacts"
        )
        help_ = f"write at least `dead_time: {wording.to_three_digits(least_s, up=True):.3g} s`"
    if what:
        told = Diagnostic("E438", what, help=help_, location=locate(document, path))
        raise InputError(told)
    return BridgeSpec(spec.name, spec.driver, spec.address, spec.options, entry.dead_time_s)


def _simulated(address: str) -> bool:
    """Whether an address leads to a simulated instrument. Raises `InputError`."""
    scheme, rest = split_address(address)
    factory = SCHEMES.load(scheme)
    if check := getattr(factory, "check", None):
        check(rest)
    return factory.simulated


_KEY_AT_FAULT = {"E503": "address", "E504": "address", "E531": "address", "E521": "options"}


@contextmanager
def _pointing_at(document: Document, path: tuple[str | int, ...]) -> Iterator[None]:
    """Errors of a driver and its address point at these."""
    try:
        yield
    except InputError as error:
        code = error.diagnostics[0].code
        key = _KEY_AT_FAULT.get(code, "driver")
        place = (*path, key) if path[0] != "interlocks" else path
        raise InputError(*(d.at(locate(document, place)) for d in error.diagnostics)) from None
