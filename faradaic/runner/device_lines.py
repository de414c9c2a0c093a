"""The devices around a cell, for whoever owns the ports of a bench: each port on a line of its own.

A line reads its devices in their periods, does what they are told in the order in which it was
told, and opens its port again when that breaks. It has a thread of its own; in a rehearsal it has a
clock of its own (`AddressScheme.aside`), and what it learned is there when the clock of the run has
come as far. Nobody waits for a line: who asks gets what was last known, and how old that is.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from faradaic.diagnostics import DeviceError, FaradaicError
from faradaic.instruments.auxiliary_traits import AUXILIARIES, Auxiliary, Doses, Rest, TellsAlarms
from faradaic.instruments.clock import Clock
from faradaic.instruments.transports import LinkError, Transport
from faradaic.instruments.transports.addresses import SCHEMES, AddressScheme, Setting, split_address
from faradaic.instruments.transports.held import held_by

RETRY_S = (0.2, 5.0)
"""Between two attempts to open a port, the first and the longest."""
FAILED_MAX = 2
"""This many failures of the link in a row, and its port is opened again."""
OVER_S = 0.5
"""So long a thread is waited for that is to end; it ends by itself later."""


@dataclass(frozen=True, slots=True)
class DeviceSpec:
    """A device of a bench, as plain data."""

    name: str
    driver: str
    address: str
    """With its serial settings."""
    options: Mapping[str, Any]
    """As the driver's class takes them, SI."""
    keep: tuple[str, ...] = ()
    """Quantities that stay as they are when it is put to rest."""


class DeviceState(NamedTuple):
    """What is known of a device."""

    name: str
    told_s: float
    """When this was known, on the clock of the bench."""
    read_s: float | None = None
    """When it was last read; None where it never was."""
    values: Mapping[str, float] = {}
    """What was read then."""
    identity: Mapping[str, str] | None = None
    """Of what answers; None before it has."""
    trouble: str = ""
    """Why it doesn't answer, or what it says is wrong with it."""
    done: int = 0
    """Number of the last order that is over."""
    refused: str = ""
    """Why that was not carried out."""
    at_rest: bool | None = None
    """As it was read back after it was told to rest; None where it wasn't told, or doesn't say."""
    evidence: str = ""
    """Of its rest."""


Order = tuple[int, str, tuple[float, ...]]


class _Device:
    """One device on its line."""

    def __init__(self, spec: DeviceSpec) -> None:
        self.spec = spec
        self.factory = AUXILIARIES.load(spec.driver)
        self.driver: Auxiliary | None = None
        self.state = DeviceState(spec.name, 0.0)
        self.orders: deque[Order] = deque()
        self.orders_due_s = 0.0
        self.read_due_s = 0.0

    def due_s(self) -> float:
        """When there is next something to do with it."""
        return min(self.orders_due_s, self.read_due_s) if self.orders else self.read_due_s


class PortLine:
    """The devices behind one port."""

    def __init__(
        self,
        specs: Sequence[DeviceSpec],
        scheme: AddressScheme,
        tell: Callable[[DeviceState], None],
    ) -> None:
        self._devices = [_Device(spec) for spec in specs]
        self._scheme = scheme
        self.clock: Clock = scheme.clock
        self._rest_of_address = split_address(specs[0].address)[1]
        self._tell = tell
        self._transport: Transport | None = None
        self._open_due_s = 0.0
        self._pause_s = RETRY_S[0]
        self._failed = 0
        self.woken = threading.Event()
        self.over = False

    @property
    def names(self) -> list[str]:
        """Get the devices on it."""
        return [device.spec.name for device in self._devices]

    def order(self, name: str, order: Order) -> None:
        """Something to do, after what was told before; from any thread."""
        next(one for one in self._devices if one.spec.name == name).orders.append(order)
        self.woken.set()

    def due_s(self) -> float:
        """When it next has something to do."""
        if self._transport is None:
            return self._open_due_s
        return min(device.due_s() for device in self._devices)

    def step(self) -> None:
        """Do what is due; blocks for as long as the devices take to answer, or not to."""
        if self._transport is None and not self._open():
            return
        for device in self._devices:
            try:
                self._serve(device)
                self._failed = 0
            except LinkError as error:
                self._failed += 1
                self._trouble(device, error)
                if self._failed >= FAILED_MAX:
                    self.close()
                    return
            except FaradaicError as error:
                self._trouble(device, error)
            except Exception as error:  # noqa: BLE001 - a driver with a defect stops no other
                self._trouble(device, DeviceError.of(f"{type(error).__name__}: {error}"))

    def close(self) -> None:
        """Release the port."""
        transport, self._transport = self._transport, None
        for device in self._devices:
            device.driver = None
        self._open_due_s = self.clock.monotonic_s() + self._pause_s
        self._pause_s = min(2.0 * self._pause_s, RETRY_S[1])
        if transport is not None:
            with contextlib.suppress(FaradaicError):
                transport.close()

    def work(self) -> None:
        """Until it is `over`: what is due, when it is due (in a thread)."""
        while not self.over:
            self.woken.clear()
            left_s = self.due_s() - self.clock.monotonic_s()
            if left_s > 0.0:
                self.woken.wait(left_s)
            if not self.over and self.due_s() <= self.clock.monotonic_s():
                self.step()
        self.close()

    def _open(self) -> bool:
        try:
            self._transport = self._scheme.open(self._rest_of_address)
            return True
        except FaradaicError as error:
            for device in self._devices:
                self._trouble(device, error)
            self.close()
            return False

    def _serve(self, device: _Device) -> None:
        if device.driver is None:
            self._connect(device)
        while device.orders and device.orders_due_s <= self.clock.monotonic_s():
            self._do(device, device.orders[0])
            device.orders.popleft()
            device.read_due_s = 0.0
        if device.read_due_s > self.clock.monotonic_s():
            return
        assert device.driver is not None
        begun_s = self.clock.monotonic_s()
        device.read_due_s = begun_s + device.factory.capabilities.period_s
        values = dict(device.driver.read())
        alarm = device.driver.alarm if isinstance(device.driver, TellsAlarms) else ""
        self._know(device, read_s=self.clock.monotonic_s(), values=values, trouble=alarm)
        self._pause_s = RETRY_S[0]

    def _connect(self, device: _Device) -> None:
        assert self._transport is not None
        driver = device.factory(self._transport, **device.spec.options)
        identity = driver.connect(self.clock)
        told = {"manufacturer": identity.manufacturer, "model": identity.model}
        told |= {"serial": identity.serial, "firmware": identity.firmware}
        if device.state.identity is not None and told != device.state.identity:
            was = device.state.identity
            raise DeviceError.of(
                f"{device.spec.name} answers as {_words(told)}, which was {_words(was)}",
                help="connect the device that the run began with",
                code="E508",
            )
        device.driver = driver
        self._know(device, identity=told, trouble="")

    def _do(self, device: _Device, order: Order) -> None:
        """An order; one to rest stays until it is done, others are over where they fail."""
        number, action, values = order
        driver = device.driver
        assert driver is not None
        rest: Rest | None = None
        refused = ""
        try:
            if action == "rest":
                rest = driver.rest(device.spec.keep)
            elif action == "dose":
                if not isinstance(driver, Doses):
                    raise DeviceError.of(f"{device.spec.name} cannot dose", code="E525")
                driver.dose(*values)
            else:
                driver.set(action, *values)
        except FaradaicError as error:
            if action == "rest":
                raise
            refused = error.diagnostics[0].message
        changes: dict[str, Any] = {"done": number, "refused": refused}
        if rest is not None:
            changes |= {"at_rest": rest.at_rest, "evidence": rest.evidence}
        self._know(device, **changes)

    def _trouble(self, device: _Device, error: FaradaicError) -> None:
        """It did not answer as it should; what it was told is over, but for rest."""
        what = error.diagnostics[0].message
        now_s = self.clock.monotonic_s()
        device.read_due_s = now_s + device.factory.capabilities.period_s
        device.orders_due_s = now_s + RETRY_S[0]
        given_up = [one for one in device.orders if one[1] != "rest"]
        for one in given_up:
            device.orders.remove(one)
        changes: dict[str, Any] = {"trouble": what, "values": {}}
        if given_up:
            changes |= {"done": given_up[-1][0], "refused": what}
        self._know(device, **changes)

    def _know(self, device: _Device, **changes: Any) -> None:
        device.state = device.state._replace(told_s=self.clock.monotonic_s(), **changes)
        self._tell(device.state)


class DeviceLines:
    """All devices around a cell."""

    def __init__(
        self,
        specs: Sequence[DeviceSpec],
        scheme_of: Callable[[str], AddressScheme] | None = None,
        *,
        tell: Callable[[DeviceState], None] | None = None,
    ) -> None:
        """`scheme_of`: the scheme of a name that the source has opened already; `tell` hears of
        each change, in the thread of a line. Raises `InputError`."""
        ports: dict[str, list[DeviceSpec]] = {}
        for spec in specs:
            ports.setdefault(held_by(spec.address), []).append(spec)
        self._tell = tell
        self._states: dict[str, DeviceState] = {}
        self._pending: list[DeviceState] = []
        self._numbers = itertools.count(1)
        self._threads: list[threading.Thread] = []
        self._inline: list[PortLine] = []
        self._by_name: dict[str, PortLine] = {}
        self._started = False
        for group in ports.values():
            name = split_address(group[0].address)[0]
            scheme = scheme_of(name) if scheme_of else SCHEMES.load(name)(Setting())
            aside = scheme.aside()
            line = PortLine(group, aside, self._heard)
            self._by_name |= dict.fromkeys(line.names, line)
            if aside is not scheme:
                self._inline.append(line)
        self._main: Clock | None = None

    def start(self, clock: Clock) -> None:
        """Begin to work, once; `clock` is that of the run."""
        if self._started:
            return
        self._started, self._main = True, clock
        for line in set(self._by_name.values()) - set(self._inline):
            thread = threading.Thread(target=line.work, daemon=True, name=", ".join(line.names))
            self._threads.append(thread)
            thread.start()

    def states(self) -> Mapping[str, DeviceState]:
        """What is known of each by now."""
        self._catch_up()
        return dict(self._states)

    def order(self, name: str, action: str, *values: float) -> int:
        """Have a device do something: `dose`, `rest`, or set the quantity of that name.

        It is done when its state says so by the number that this returns.
        """
        self._catch_up()
        number, line = next(self._numbers), self._by_name[name]
        if line in self._inline and self._main is not None:
            line.clock.sleep_until(self._main.monotonic_s())
        line.order(name, (number, action, values))
        return number

    def rest(self) -> Mapping[str, int]:
        """Have all of them rest; the numbers of the orders."""
        return {name: self.order(name, "rest") for name in self._by_name}

    def close(self) -> None:
        """Release the ports; a line that waits for its device lets go when that is over."""
        lines = set(self._by_name.values())
        for line in lines:
            line.over = True
            line.woken.set()
        for thread in self._threads:
            thread.join(OVER_S)
        for line in self._inline:
            line.close()
        self._inline = []

    def _heard(self, state: DeviceState) -> None:
        if self._inline:
            self._pending.append(state)
        else:
            self._states[state.name] = state
        if self._tell is not None:
            self._tell(state)

    def _catch_up(self) -> None:
        """On a virtual clock: let each line come up to it, and learn what it knew by then."""
        if not self._inline or self._main is None:
            return
        now_s = self._main.monotonic_s()
        for line in self._inline:
            while (due_s := max(line.due_s(), line.clock.monotonic_s())) <= now_s:
                line.clock.sleep_until(due_s)
                line.step()
        for state in [one for one in self._pending if one.told_s <= now_s]:
            self._states[state.name] = state
            self._pending.remove(state)


def _words(identity: Mapping[str, str]) -> str:
    return f"{identity['model']} {identity['serial']}".strip()
