"""What stands around a simulated cell: stirring, temperature, gas, what is pumped in.

Emulators of devices act on one `Surroundings` and read from it; `SurroundedCell` hands to the cell
model what that can feel. How fast things follow their settings is a guess: a motor in half a
second, gas in 0.3 s, a solution on a hotplate in two minutes and back to the room in ten.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from faradaic.diagnostics import InputError
from faradaic.simulators.contracts import CellModel, CellState, Control

ROOM_K = 298.15
MOTOR_S = 0.5
GAS_S = 0.3
HEATING_S = 120.0
COOLING_S = 600.0
RUNAWAY_K_PER_S = 0.5
"""By which the fault `heater_stuck` warms."""
STILL = 0.1
"""Of the mass transfer that is left without stirring, as with the fault `stir_stop`."""
REFERENCE_RPM = 600.0
"""At which the cell is as it is described, where its protocol doesn't say how it is stirred."""

_NOTHING: Mapping[str, str] = {}


class Surroundings:
    """The world around one cell; `now_s` never runs backwards."""

    def __init__(self, told: Mapping[str, Any] = _NOTHING) -> None:
        """`told`: what the protocol says, SI: `stirring_rpm`, `temperature_K`, `pH`, `pumps` (what
        is in the syringe of each pump, by the address: `{component, mol_per_m3}`)."""
        self.reference_rpm = float(told.get("stirring_rpm") or REFERENCE_RPM)
        self.room_K = ROOM_K
        self._pH = float(told.get("pH") or 7.0)
        self.pH_of_cell: Callable[[], float | None] = lambda: None
        self.pumps: Mapping[str, Mapping[str, Any]] = told.get("pumps") or {}
        self.stirring_rpm = self._stirring_told = 0.0
        self.temperature_K = float(told.get("temperature_K") or ROOM_K)
        self._start_K = self.temperature_K
        self._heated_to_K: float | None = None
        self.gas_mol_per_s = self._gas_told = 0.0
        self.gas = "CO2"
        self.stirs = self.heats = self.feeds = False
        """Whether a device has been told to: until then the cell is as it is described."""
        self.infused: list[tuple[str, float]] = []
        """What pumps delivered and the cell has not been given yet: their address, m3."""
        self.closed: dict[str, bool] = {}
        """The contacts of relays, by address and number."""
        self.closures: dict[str, int] = {}
        """How often each has closed."""
        self.on_switch: Callable[[str, bool], None] = lambda contact, closed: None
        """Told of a contact before it moves."""
        self.fault_is_on: Callable[[str, float], bool] = lambda fault, now_s: False
        """Whether a fault of a device is there at a time."""
        self._now_s = 0.0

    @property
    def pH(self) -> float:
        """Get the pH of the solution: the cell's where its model has one, else the one stated."""
        found = self.pH_of_cell()
        return self._pH if found is None else found

    @property
    def warmed_K(self) -> float:
        """Get by how much devices have warmed the solution."""
        return self.temperature_K - self._start_K

    def troubled(self, fault: str) -> bool:
        """Whether a fault of a device is there now."""
        return self.fault_is_on(fault, self._now_s)

    def stir(self, rpm: float) -> None:
        """A motor is told a speed."""
        self._stirring_told, self.stirs = rpm, True

    def heat(self, to_K: float | None) -> None:
        """A heater is told a temperature, or to end."""
        self._heated_to_K, self.heats = to_K, True

    def feed(self, gas: str, mol_per_s: float) -> None:
        """A flow controller of a gas is told a flow."""
        self.gas, self._gas_told, self.feeds = gas, mol_per_s, True

    def switch(self, contact: str, closed: bool) -> None:
        """A contact opens or closes."""
        if closed and not self.closed.get(contact):
            self.closures[contact] = self.closures.get(contact, 0) + 1
        if closed is not self.closed.get(contact, False):
            self.on_switch(contact, closed)
        self.closed[contact] = closed

    def advance(self, now_s: float) -> None:
        """Let everything follow what it was told."""
        dt_s = now_s - self._now_s
        if dt_s <= 0.0:
            return
        self._now_s = now_s
        stirring = 0.0 if self.troubled("stirrer_stall") else self._stirring_told
        self.stirring_rpm = _towards(self.stirring_rpm, stirring, dt_s, MOTOR_S)
        gas = 0.0 if self.troubled("gas_out") else self._gas_told
        self.gas_mol_per_s = _towards(self.gas_mol_per_s, gas, dt_s, GAS_S)
        if self.troubled("heater_stuck"):
            self.temperature_K += RUNAWAY_K_PER_S * dt_s
        elif self._heated_to_K is not None:
            self.temperature_K = _towards(self.temperature_K, self._heated_to_K, dt_s, HEATING_S)
        else:
            self.temperature_K = _towards(self.temperature_K, self._start_K, dt_s, COOLING_S)


def _towards(value: float, target: float, dt_s: float, time_s: float) -> float:
    return target + (value - target) * math.exp(-dt_s / time_s)


class SurroundedCell:
    """A cell model that feels its surroundings (a `CellModel`).

    Stirring multiplies the mass transfer by the square root of the speed over that of the protocol
    (a laminar boundary layer); the temperature of the solution moves its surroundings, where the
    cell has a heat balance; a gas feeds the channel of a gas-diffusion cell; a dose is added. What
    faults set of the same disturbances stays, multiplied or added.
    """

    def __init__(self, cell: CellModel, surroundings: Surroundings, now_s: Callable[[], float]):
        self.inner = cell
        self._around = surroundings
        self._now_s = now_s
        self._own: dict[str, float] = {}
        self._of_faults: dict[str, float] = {}
        self._feed: float | None = None
        self.unfelt: dict[str, str] = {}
        """What a device did that the model has no input for, and why."""
        self.added: dict[str, float] = {}
        """What was dosed, mol."""
        for name in ("ledger", "disturbance"):
            if hasattr(cell, name):
                setattr(self, name, getattr(cell, name))
        if hasattr(cell, "disturb"):
            self.disturb = self._disturbed
        surroundings.pH_of_cell = self._pH

    def step(self, control: Control, value: float, dt_s: float) -> CellState:
        """Advance by `dt_s` in the surroundings of now."""
        self.feel()
        return self.inner.step(control, value, dt_s)

    def checkpoint(self) -> Any:
        """The state of the cell; the surroundings go their own way."""
        return self.inner.checkpoint()

    def restore(self, state: Any) -> None:
        """Return to a checkpoint."""
        self.inner.restore(state)

    def _disturbed(self, name: str, level: float) -> None:
        """Set a disturbance, as a fault does; what devices do comes on top."""
        self._of_faults[name] = level
        self._set(name)

    def feel(self) -> None:
        """Hand what has changed around it to the cell."""
        around = self._around
        around.advance(self._now_s())
        if around.stirs:
            share = max(0.0, around.stirring_rpm) / around.reference_rpm
            self._disturb_own(
                "stirring", "mass_transfer_factor", max(STILL, math.sqrt(share)), 1e-3
            )
        if around.heats or around.troubled("heater_stuck"):
            offset_K = around.warmed_K
            self._disturb_own("the temperature", "ambient_offset_K", offset_K, 0.01)
        if around.feeds:
            self._feel_gas(around.gas_mol_per_s)
        while around.infused:
            self._feel_dose(*around.infused.pop(0))

    def _disturb_own(self, what: str, name: str, level: float, step: float) -> None:
        last = self._own.get(name)
        if what in self.unfelt or (last is not None and abs(level - last) < step):
            return
        self._own[name] = level
        try:
            self._set(name)
        except (InputError, TypeError) as error:
            self.unfelt[what] = _why(error)

    def _set(self, name: str) -> None:
        disturb = getattr(self.inner, "disturb", None)
        if disturb is None:
            raise TypeError("the model of this cell has no disturbances")
        factor = name.endswith("_factor")
        own = self._own.get(name, 1.0 if factor else 0.0)
        faults = self._of_faults.get(name, 1.0 if factor else 0.0)
        disturb(name, own * faults if factor else own + faults)

    def _pH(self) -> float | None:
        ledger = getattr(self.inner, "ledger", None)
        found = getattr(ledger(), "pH", None) if ledger else None
        return None if found is None else float(found[0])

    def _feel_gas(self, mol_per_s: float) -> None:
        feed = getattr(self.inner, "feed", None)
        if feed is None:
            self.unfelt["the gas flow"] = "this cell has no gas channel"
            return
        if self._feed is None or abs(mol_per_s - self._feed) > 1e-3 * max(self._feed, 1e-12):
            self._feed = mol_per_s
            try:
                feed(self._around.gas, max(mol_per_s, 1e-12))  # without any it is no channel
            except InputError as error:
                self.unfelt["the gas flow"] = _why(error)

    def _feel_dose(self, pump: str, volume_m3: float) -> None:
        held, add = self._around.pumps.get(pump), getattr(self.inner, "add", None)
        if held is None or held.get("mol_per_m3") is None:
            self.unfelt["dosing"] = "the protocol does not say how much is in the volume"
        elif add is None:
            self.unfelt["dosing"] = "the model of this cell takes no doses"
        else:
            name, moles = str(held["component"]), held["mol_per_m3"] * volume_m3
            try:
                add({name: moles}, volume_m3)
                self.added[name] = self.added.get(name, 0.0) + moles
            except InputError:
                add({}, volume_m3)
                why = f"its model has no {name}; the volume was added"
                self.unfelt[f"the {name} that was dosed"] = why


def _why(error: Exception) -> str:
    return error.diagnostics[0].message if isinstance(error, InputError) else str(error)
