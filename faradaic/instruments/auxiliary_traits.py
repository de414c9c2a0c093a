"""Traits of what stands around the cell: stirrers, thermostats, flow controllers, pumps, relays,
thermometers and pH meters.

A trait is a quantity that a device reports, sets, or both (`TRAITS`); a device has one or several
of them, a hotplate that stirs has two. Every driver has the same few methods (`Auxiliary`), so that
the host of a bench, a lock, an interlock and a table know nothing of models.

A driver's options are the keyword arguments of its class: their annotations say what a bench file
may write (`full_scale_mol_per_s: GasFlow` is written `full_scale: 100 sccm`), so that nothing heavy
is imported where a device has to be put to rest at once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple, Protocol, runtime_checkable

from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import Transport
from faradaic.plugins import Plugins


class Trait(StrEnum):
    """What a device is, in the words of a protocol's findings."""

    STIRRER = "stirrer"
    THERMOSTAT = "thermostat"
    MASS_FLOW_CONTROLLER = "mass_flow_controller"
    PUMP = "pump"
    RELAY = "relay"
    THERMOMETER = "thermometer"
    PH_METER = "ph_meter"

    @property
    def words(self) -> str:
        """Get it as it stands in a sentence."""
        return "pH meter" if self is Trait.PH_METER else self.value.replace("_", " ")


class TraitKind(NamedTuple):
    """What a trait is about."""

    quantity: str
    """Its column, with the unit."""
    unit: str
    sets: bool
    """Whether a device with it is told what to do."""


TRAITS: Mapping[Trait, TraitKind] = {
    Trait.STIRRER: TraitKind("stirring_rpm", "1/min", True),
    Trait.THERMOSTAT: TraitKind("temperature_K", "K", True),
    Trait.MASS_FLOW_CONTROLLER: TraitKind("gas_flow_mol_per_s", "mol/s", True),
    Trait.PUMP: TraitKind("pump_flow_m3_per_s", "m3/s", True),
    Trait.RELAY: TraitKind("relay_closed", "1", True),
    Trait.THERMOMETER: TraitKind("temperature_K", "K", False),
    Trait.PH_METER: TraitKind("pH", "1", False),
}

DOSED = "dosed_m3"
"""What a pump has delivered, beside its flow; since its last dose or flow began."""


@dataclass(frozen=True, slots=True)
class Ability:
    """What one device can do of a trait, in the unit of its quantity."""

    trait: Trait
    least: float
    """Smallest value that can be set, beside off; or that can be read."""
    most: float
    resolution: float
    reports: bool
    """Whether it says what there is: a measured value or its own state, not what it was told."""

    @property
    def quantity(self) -> str:
        """Get the column of the trait."""
        return TRAITS[self.trait].quantity


@dataclass(frozen=True, slots=True)
class AuxiliaryCapabilities:
    """What is known of a model before anything is opened."""

    manufacturer: str
    model: str
    traits: tuple[Trait, ...]
    on_host_death: str
    """What it does if program, PC or cable dies: one plain sentence."""
    tier: Tier
    outlives_s: float | None = None
    """How long what it does may go on after the program has died; None where until someone ends
    it."""
    period_s: float = 0.5
    """How often it is read."""


class Rest(NamedTuple):
    """A device after it was told to rest."""

    at_rest: bool | None
    """As it was read back; None where it does not say."""
    evidence: str


@runtime_checkable
class Auxiliary(Protocol):
    """One device around the cell. Its methods block, for `timeout` after `timeout` at most."""

    capabilities: ClassVar[AuxiliaryCapabilities]

    def connect(self, clock: Clock) -> Identity:
        """Resynchronise, identify what answers, arm its watchdog; leaves what it does as it is.

        Raises `DeviceError`.
        """
        ...

    def set(self, quantity: str, value: float) -> None:
        """Set a quantity of its traits and read the setting back; 0 turns it off.

        Raises `DeviceError` where it is refused, or read back otherwise.
        """
        ...

    def read(self) -> Mapping[str, float]:
        """What it reports; what cannot be read is left out. Raises `DeviceError`."""
        ...

    def rest(self, keep: Collection[str]) -> Rest:
        """Turn off what it sets, but for the quantities of `keep`, and read that back.

        Raises `DeviceError`.
        """
        ...

    def close(self) -> None:
        """Release the port; leaves what it does as it is."""
        ...


@runtime_checkable
class Doses(Protocol):
    """A pump that delivers a volume and stops by itself."""

    def dose(self, volume_m3: float, rate_m3_per_s: float) -> None:
        """Begin to deliver; what has come is read as `dosed_m3`. Raises `DeviceError`."""
        ...


@runtime_checkable
class TellsAlarms(Protocol):
    """A device that says what is wrong with it, beside what it reports."""

    @property
    def alarm(self) -> str:
        """Get why it does not do what it was told; empty where nothing is wrong."""
        ...


class AuxiliaryFactory(Protocol):
    """A driver class, what an entry point of the group names."""

    capabilities: ClassVar[AuxiliaryCapabilities]
    serial: ClassVar[str]
    """Serial settings of the model, as in an address: `baud=9600&bits=7&parity=E`."""

    def __call__(self, transport: Transport, **options: Any) -> Auxiliary:
        """A driver that talks over a transport; its keyword arguments are its options."""
        ...

    def abilities(self, **options: Any) -> tuple[Ability, ...]:
        """What it can do with these options, one for each of its traits."""
        ...


AUXILIARIES: Plugins[AuxiliaryFactory] = Plugins(
    "faradaic.auxiliaries",
    "device",
    "E524",
    {"capabilities": AuxiliaryCapabilities}
    | dict.fromkeys(("__call__", "abilities", "connect", "set", "read", "rest", "close"), Callable),
)
