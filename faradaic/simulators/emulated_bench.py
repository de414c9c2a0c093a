"""The simulated bench: `emulated://MODEL` addresses, one cell behind them, one virtual clock.

Emulators are entry points of the group `faradaic.emulators`: factories `(cell, seed, **options)`.
Options come from the address, `emulated://MODEL?option=value&...`, as text.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Protocol
from urllib.parse import parse_qsl

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.instruments.transports import Transport
from faradaic.instruments.transports.addresses import Setting
from faradaic.simulators.cell_models import read_description, simulated_cell
from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.faults import FaultPlan
from faradaic.simulators.virtual_clock import VirtualClock

GROUP = "faradaic.emulators"


class EmulatorFactory(Protocol):
    """What an entry point of the group names; keyword options beyond these two are text."""

    def __call__(self, cell: CellModel, seed: int, **options: str) -> Emulator:
        """An instrument, just switched on, wired to a cell."""
        ...


class EmulatedScheme:
    """The simulated bench of one run (an `AddressScheme`).

    All its emulators are wired to one cell; only one of them may drive it. An address that is
    opened again leads to the same instrument, in the state it was left in.
    """

    simulated = True

    def __init__(self, setting: Setting) -> None:
        self.clock = VirtualClock(datetime.now(UTC), setting.speed)
        self._faults = FaultPlan.read(
            setting.faults, limiting_amount_mol=setting.limiting_amount_mol, seed=setting.seed
        )
        described = self._faults.describe(read_description(setting.cell))
        self.cell = simulated_cell(described)
        self._wired_cell = self._faults.around_cell(self.cell, described)
        self._seed = setting.seed
        self._emulators: dict[str, Emulator] = {}

    def open(self, rest: str) -> Transport:
        """A transport to the emulator of `MODEL` or `MODEL?option=value`. Raises `InputError`."""
        if rest not in self._emulators:
            seed = self._seed + len(self._emulators)
            emulator = make_emulator(rest, self._wired_cell, seed)
            self._emulators[rest] = self._faults.around_emulator(emulator)
        return EmulatedTransport(self._emulators[rest], self.clock, f"emulated://{rest}")

    def remarks(self) -> tuple[Diagnostic, ...]:
        """The faults that were asked for and never began."""
        return self._faults.missed()


def emulator_names() -> list[str]:
    """The models that can be emulated, sorted."""
    return sorted(_factories())


def make_emulator(rest: str, cell: CellModel, seed: int) -> Emulator:
    """The emulator that an address names: `MODEL` or `MODEL?option=value`. Raises `InputError`."""
    model, _, query = rest.partition("?")
    factories = _factories()
    if model not in factories:
        raise _unknown("E531", f"no emulator is called `{model}`", model, sorted(factories))
    factory: EmulatorFactory = factories[model].load()
    options = dict(parse_qsl(query, keep_blank_values=True))
    known = [name for name in inspect.signature(factory).parameters if name not in {"cell", "seed"}]
    for option in options:
        if option not in known:
            raise _unknown("E532", f"`{model}` has no option `{option}`", option, known)
    return factory(cell, seed, **options)


def _factories() -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def _unknown(code: str, message: str, name: str, known: list[str]) -> InputError:
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    return InputError(Diagnostic(code, message, help=f"{hint}known: {', '.join(known) or 'none'}"))
