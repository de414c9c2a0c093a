"""Alicat mass-flow controllers (MC, MCS, MCR) on their serial line.

19200 baud 8N1, commands end in CR; a poll is the unit's letter, and every command is answered by
the line of the live data:

    A +014.62 +023.42 +000.00 +000.00 000.00 Air

unit, pressure, temperature, volume flow, mass flow, set-point, a total where it counts one, gas,
then status words (MOV: mass flow beyond its range). Flows are in the unit on its screen.

Source: Alicat, MC series manual (quick serial command guide) and "Serial communication tutorial".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar, Literal, NamedTuple

from faradaic.instruments.asked_lines import AskedLines, another_device, garbled, not_taken
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import Transport
from faradaic.quantities.fields import GasFlow, Positive

SCCM_MOL_PER_S = 101325.0 * 1e-6 / 60.0 / (8.31446261815324 * 273.15)
"""One standard cubic centimetre per minute at 0 degC and 101.325 kPa (SEMI E12)."""
UNITS = {"sccm": SCCM_MOL_PER_S, "slm": 1e3 * SCCM_MOL_PER_S}
UnitId = Literal[
    "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M",
    "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z",
]  # fmt: skip
OUT_OF_RANGE = "MOV"
TAKEN = 0.002
"""Of the full scale: a set-point is read back this close."""


class Frame(NamedTuple):
    """A line of live data; flows in the unit of the screen."""

    mass_flow: float
    set_point: float
    gas: str
    flags: tuple[str, ...]


class AlicatController:
    """Alicat MC mass-flow controller."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="Alicat",
        model="MC",
        traits=(Trait.MASS_FLOW_CONTROLLER,),
        on_host_death="The gas flows on at the last set-point until someone changes it: it has no "
        "watchdog.",
        tier=Tier.MANUAL,
    )
    serial: ClassVar[str] = "baud=19200"

    def __init__(
        self,
        transport: Transport,
        *,
        full_scale_mol_per_s: Annotated[GasFlow, Positive],
        screen: Literal["sccm", "slm"] = "sccm",
        unit: UnitId = "A",
        gas: str | None = None,
    ) -> None:
        """`screen`: the unit of its display, at 0 degC; `gas`: what it has to be set to."""
        self._line = AskedLines(transport, ends=b"\r", answers_end=b"\r")
        self._full = full_scale_mol_per_s
        self._per_unit, self._screen = UNITS[screen], screen
        self._unit = unit
        self._gas = gas

    @classmethod
    def abilities(
        cls, *, full_scale_mol_per_s: float = SCCM_MOL_PER_S, **options: object
    ) -> tuple[Ability, ...]:
        """From 0.5 % of its full scale."""
        full = full_scale_mol_per_s
        return (Ability(Trait.MASS_FLOW_CONTROLLER, 5e-3 * full, full, 1e-3 * full, reports=True),)

    def connect(self, clock: Clock) -> Identity:
        """Poll it; its gas has to be the one that the bench file says."""
        frame = self._frame(self._unit)
        if self._gas is not None and frame.gas != self._gas:
            raise another_device(
                self._line.address, f"set to {frame.gas}", f"controller set to {self._gas}"
            )
        return Identity("Alicat", f"MC, {frame.gas}", "", "")

    def set(self, quantity: str, value: float) -> None:
        """Flow (mol/s)."""
        flow = value / self._per_unit
        frame = self._frame(f"{self._unit}S{flow:.4f}", attempts=1)
        if abs(frame.set_point - flow) > TAKEN * self._full / self._per_unit:
            raise not_taken(
                self._line.address, "the set-point", f"{flow:.4g}", f"{frame.set_point:g}"
            )

    def read(self) -> Mapping[str, float]:
        """Mass flow; nothing where it is beyond the range of the sensor."""
        frame = self._frame(self._unit)
        if OUT_OF_RANGE in frame.flags:
            return {}
        return {"gas_flow_mol_per_s": frame.mass_flow * self._per_unit}

    def rest(self, keep: Collection[str]) -> Rest:
        """The set-point to 0, read back."""
        if "gas_flow_mol_per_s" in keep:
            frame = self._frame(self._unit)
            return Rest(
                True, f"the gas stays on, {frame.set_point:g} {self._screen} of {frame.gas}"
            )
        command = f"{self._unit}S0"
        frame = self._frame(command)
        return Rest(frame.set_point == 0.0, f"{command}, set-point read back {frame.set_point:g}")

    def close(self) -> None:
        """Release the port."""
        self._line.close()

    def _frame(self, command: str, *, attempts: int = 2) -> Frame:
        answer = self._line.ask(command, attempts=attempts)
        try:
            return parse_frame(answer, self._unit)
        except ValueError:
            self._line.suspect()
            raise garbled(self._line.address, answer) from None


def parse_frame(line: str, unit: str) -> Frame:
    """A line of live data. Raises `ValueError` for what is none."""
    name, *fields = line.split()
    numbers = []
    while fields and _is_number(fields[0]):
        numbers.append(float(fields.pop(0)))
    if name != unit or not 5 <= len(numbers) <= 6 or not fields:
        raise ValueError(line)
    return Frame(numbers[3], numbers[4], fields[0], tuple(fields[1:]))


def _is_number(text: str) -> bool:
    return text[:1] in "+-0123456789" and text.lstrip("+-").replace(".", "", 1).isdigit()
