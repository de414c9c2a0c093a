"""The simulated bench: `emulated://MODEL` addresses, one cell behind them, one virtual clock.

Emulators are entry points of the group `faradaic.emulators`: factories `(cell, seed, **options)`.
Options come from the address, `emulated://MODEL?option=value&...`, as text.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import parse_qsl

from faradaic.diagnostics import Diagnostic, Severity, did_you_mean, refusal
from faradaic.instruments.clock import Clock
from faradaic.instruments.transports import Transport
from faradaic.instruments.transports.addresses import AddressScheme, Setting
from faradaic.plugins import Plugins
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator
from faradaic.simulators.cell_models import read_description, simulated_cell
from faradaic.simulators.contracts import CellModel, CellState, Control, Emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.paced_clock import PacedClock
from faradaic.simulators.reversed_leads import ReversedLeads
from faradaic.simulators.surroundings import SurroundedCell, Surroundings
from faradaic.simulators.virtual_clock import AheadClock, VirtualClock


class EmulatorFactory(Protocol):
    """What an entry point of the group names; keyword options beyond these two are text.

    That of a device around the cell takes `surroundings` in place of `cell`.
    """

    def __call__(self, cell: CellModel, seed: int, **options: str) -> Emulator:
        """An instrument, just switched on, wired to a cell."""
        ...


EMULATORS: Plugins[EmulatorFactory] = Plugins(
    "faradaic.emulators", "emulator", "E531", {"__call__": Callable}
)


class NoCell:
    """Open leads, for who only asks an instrument who it is: no physics has to be loaded."""

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """No current, and whatever voltage is imposed."""
        volts = 0.0 if control in (Control.CURRENT, Control.OPEN_CIRCUIT) else value
        return CellState(0.0, volts, volts)

    def checkpoint(self) -> None:
        """There is no state."""

    def restore(self, state: None) -> None:
        """There is no state."""


class EmulatedScheme:
    """The simulated bench of one run (an `AddressScheme`).

    All its emulators are wired to one cell; only one of them may drive it. An address that is
    opened again leads to the same instrument, in the state it was left in.
    """

    simulated = True

    def __init__(self, setting: Setting, clock: PacedClock | None = None) -> None:
        """`clock`: that of instruments that are served to others; else a virtual one."""
        from faradaic.simulators.faults import FaultPlan  # only where something is run

        self.clock: VirtualClock | PacedClock = clock or VirtualClock(
            datetime.now(UTC), setting.speed
        )
        self._faults = FaultPlan.read(
            setting.faults, limiting_amount_mol=setting.limiting_amount_mol, seed=setting.seed
        )
        self.surroundings = Surroundings(setting.around or {})
        self.surroundings.fault_is_on = self._faults.is_active
        self._surrounded: SurroundedCell | None = None
        self.cell: CellModel = NoCell()
        self._wired_cell: CellModel = self.cell
        if setting.cell is not None:
            described = self._faults.describe(read_description(setting.cell))
            self.cell = simulated_cell(described)
            inside = self.cell
            if setting.around is not None:
                inside = SurroundedCell(self.cell, self.surroundings, self.clock.monotonic_s)
                self._surrounded = inside
            self._wired_cell = self._faults.around_cell(inside, described)
        self.leads: ReversedLeads | None = None
        if setting.bridge:
            self.leads = ReversedLeads(
                self._wired_cell, self.surroundings, setting.bridge, self.clock.monotonic_s
            )
            self._wired_cell = self.leads
        self._seed = setting.seed
        self._emulators: dict[str, Emulator] = {}

    @staticmethod
    def check(rest: str) -> None:
        """Raises `InputError` (E531) where no emulator is called so; loads none."""
        if (name := rest.partition("?")[0]) not in EMULATORS.names():
            EMULATORS.load(name)

    def open(self, rest: str) -> Transport:
        """A transport to the emulator of `MODEL` or `MODEL?option=value`. Raises `InputError`."""
        return EmulatedTransport(self.emulator(rest), self.clock, f"emulated://{rest}")

    def emulator(self, rest: str) -> Emulator:
        """The instrument at an address, switched on when it is first asked for."""
        if rest not in self._emulators:
            seed = self._seed + len(self._emulators)
            emulator = make_emulator(rest, self._wired_cell, seed, self.surroundings)
            if not isinstance(emulator, LineEmulator):
                emulator = self._faults.around_emulator(emulator)
            self._emulators[rest] = emulator
        return self._emulators[rest]

    def aside(self) -> AddressScheme:
        """The same bench on a clock that runs ahead of its own."""
        return _Aside(self)

    def remarks(self) -> tuple[Diagnostic, ...]:
        """The faults that were asked for and never began, and what became of the cell."""
        books = ledger() if (ledger := getattr(self.cell, "ledger", None)) else None
        used_up_C, events = getattr(books, "used_up_C", None), getattr(books, "events", ())
        gone = () if used_up_C is None else (_used_up(used_up_C),)
        beyond = (_EVENTS[event] for event in events if event in _EVENTS)
        unfelt = self._surrounded.unfelt if self._surrounded is not None else {}
        not_felt = (_not_felt(what, why) for what, why in unfelt.items())
        return (*self._faults.missed(), *gone, *beyond, *not_felt)


class _Aside:
    """The simulated bench for one who waits beside the others (an `AddressScheme`)."""

    simulated = True

    def __init__(self, bench: EmulatedScheme) -> None:
        self._bench = bench
        self.clock: Clock = AheadClock(bench.clock)

    def open(self, rest: str) -> Transport:
        """A transport on the clock that runs ahead."""
        return EmulatedTransport(self._bench.emulator(rest), self.clock, f"emulated://{rest}")

    def aside(self) -> AddressScheme:
        """Another one beside it."""
        return self._bench.aside()

    def remarks(self) -> tuple[Diagnostic, ...]:
        """The bench itself has them."""
        return ()


def _not_felt(what: str, why: str) -> Diagnostic:
    return Diagnostic(
        "E572",
        f"the simulated cell does not feel {what}: {why}",
        severity=Severity.WARNING,
        help="what the rehearsal says of the chemistry is without it; the devices themselves were"
        " rehearsed",
    )


_EVENTS = {
    "boiling": Diagnostic(
        "E570",
        "the simulated solution came to the boil, and its vapour was lost",
        severity=Severity.WARNING,
        help="say what cools it (`temperature: {setpoint: 25 degC, control: bath}`), or lower the"
        " current",
    ),
    "dry electrode": Diagnostic(
        "E571",
        "the level of the simulated solution fell below an electrode",
        severity=Severity.WARNING,
        help="close the cell or cool it, use more solution, or top it up",
    ),
}


def _used_up(charge_C: float) -> Diagnostic:
    return Diagnostic(
        "E569",
        f"the metal of the simulated anode was used up after {charge_C:.4g} C: from there on it"
        " dissolved no more",
        severity=Severity.WARNING,
        help="use a heavier anode (`sacrificial: {mass: ...}`) or less charge",
    )


def make_emulator(
    rest: str, cell: CellModel, seed: int, surroundings: Surroundings | None = None
) -> Emulator:
    """The emulator that an address names: `MODEL` or `MODEL?option=value`. Raises `InputError`."""
    model, _, query = rest.partition("?")
    factory: Callable[..., Emulator] = EMULATORS.load(model)
    options = dict(parse_qsl(query, keep_blank_values=True))
    first, *others = inspect.signature(factory).parameters
    known = [name for name in others if name != "seed"]
    for option in options:
        if option not in known:
            what = f"`{model}` has no option `{option}`"
            raise refusal("E532", what, did_you_mean(option, known))
    if first == "surroundings":
        return factory(surroundings or Surroundings(), seed, **options)
    return factory(cell, seed, **options)
