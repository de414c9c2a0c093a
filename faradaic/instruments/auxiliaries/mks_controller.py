"""MKS G-series mass-flow controllers (GE50A, GM50A and their kin) on RS-485.

9600 baud 8N1. `@@@`, three digits of an address (254: whoever is there), a command, `;` and a check
sum: the low byte of the sum of the characters from the last `@` to the `;`. It answers `@@@000ACK`,
a value, `;` and a check sum, or `NAK` and two digits. Nothing ends a line.

    @@@254FX?;0D -> @@@000ACK12.34;..    the flow, in the units that it is set to
    @@@254SX!25.0;..                     the set-point

Source: MKS, "G-Series MFC RS-485 Digital Interface Supplement", 1046411-001 (its table of contents,
the example `@001UT!TEST;16`), and drivers of others for commands and NAK codes (PyExpLabSys,
Doberman). The two do not agree on how many `@` of an answer are summed: one or all are taken. The
mode in which the controller follows a digital set-point is its owner's and is not changed; where it
does not follow, the set-point is read back and the flow tells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar, Literal

from faradaic.diagnostics import DeviceError
from faradaic.instruments.asked_lines import QUIET_S, garbled, not_taken
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import LinkError, Transport, TransportTimeout
from faradaic.quantities.fields import GasFlow, Positive

SCCM_MOL_PER_S = 101325.0 * 1e-6 / 60.0 / (8.31446261815324 * 273.15)
UNITS = {"sccm": SCCM_MOL_PER_S, "slm": 1e3 * SCCM_MOL_PER_S}
TIMEOUT_S = 1.0
FLOW = "gas_flow_mol_per_s"
REFUSALS = {
    "01": "a damaged message",
    "10": "a syntax error",
    "11": "a wrong length of its data",
    "12": "invalid data",
    "13": "not in its operating mode",
    "14": "an invalid action",
    "15": "an invalid gas",
    "16": "not in its control mode",
    "17": "it does not know the command",
}


def check_sum(text: str) -> str:
    """Two digits over a message from its last `@` to its `;`."""
    return f"{sum(text.encode('ascii')) & 0xFF:02X}"


class MksController:
    """MKS G-series mass-flow controller."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="MKS",
        model="G-series",
        traits=(Trait.MASS_FLOW_CONTROLLER,),
        on_host_death="The gas flows on at the last set-point until someone changes it: no "
        "watchdog is known.",
        tier=Tier.EMULATED,
    )
    serial: ClassVar[str] = "baud=9600"

    def __init__(
        self,
        transport: Transport,
        *,
        full_scale_mol_per_s: Annotated[GasFlow, Positive],
        units: Literal["sccm", "slm"] = "sccm",
        node: int = 254,
    ) -> None:
        """`units`: what it is set to, at 0 degC; `node`: its address, 1 to 254."""
        self._transport = transport
        self._full = full_scale_mol_per_s
        self._per_unit = UNITS[units]
        self._node = f"{max(1, min(node, 254)):03d}"
        self._suspect = True

    @classmethod
    def abilities(
        cls, *, full_scale_mol_per_s: float = SCCM_MOL_PER_S, **options: object
    ) -> tuple[Ability, ...]:
        """From 1 % of its full scale."""
        full = full_scale_mol_per_s
        return (Ability(Trait.MASS_FLOW_CONTROLLER, 1e-2 * full, full, 1e-3 * full, reports=True),)

    def connect(self, clock: Clock) -> Identity:
        """Read model and serial number."""
        return Identity("MKS", self._ask("MD?")[:40] or "G-series", self._ask("SN?")[:40], "")

    def set(self, quantity: str, value: float) -> None:
        """Flow (mol/s)."""
        wanted = value / self._per_unit
        self._ask(f"SX!{wanted:.3f}", attempts=1)
        there = self._number("SX?")
        if abs(there - wanted) > 2e-3 * self._full / self._per_unit:
            raise not_taken(self._transport.address, "the set-point", f"{wanted:.4g}", f"{there:g}")

    def read(self) -> Mapping[str, float]:
        """Mass flow."""
        return {FLOW: self._number("FX?") * self._per_unit}

    def rest(self, keep: Collection[str]) -> Rest:
        """The set-point to 0, read back."""
        if FLOW in keep:
            return Rest(True, f"the gas stays on, set-point {self._number('SX?'):g}")
        self._ask("SX!0.000")
        there = self._number("SX?")
        return Rest(there == 0.0, f"SX!0, set-point read back {there:g}")

    def close(self) -> None:
        """Release the port."""
        self._transport.close()

    def _number(self, question: str) -> float:
        answer = self._ask(question)
        try:
            return float(answer)
        except ValueError:
            raise self._garbled(answer) from None

    def _ask(self, command: str, attempts: int = 2) -> str:
        """The value of an answer. Raises `DeviceError` for a refusal."""
        while True:
            attempts -= 1
            try:
                return self._asked(command)
            except TransportTimeout:
                if attempts <= 0:
                    raise

    def _asked(self, command: str) -> str:
        transport = self._transport
        if self._suspect:
            transport.drain(QUIET_S)
            self._suspect = False
        message = f"@{self._node}{command};"
        transport.write(f"@@{message}{check_sum(message)}".encode("ascii"))
        try:
            came = transport.read_until(b";", TIMEOUT_S)
            sums = transport.read_exactly(2, TIMEOUT_S)
        except LinkError:
            self._suspect = True
            raise
        body = came[came.rfind(b"@") :].decode("latin-1")
        told = sums.decode("latin-1")
        known = {check_sum("@" * n + body) for n in (0, 2)} if body.isascii() else set()
        if told not in known or not body.startswith("@000"):
            raise self._garbled((came + sums).decode("latin-1"))
        word, value = body[4:7], body[7:-1]
        if word == "NAK":
            raise DeviceError.of(
                f"{transport.address} did not do `{command}`: {REFUSALS.get(value, value)}",
                help="look at the controller: its units, its mode, its range",
                code="E525",
            )
        if word != "ACK":
            raise self._garbled(body)
        return value

    def _garbled(self, answer: str) -> LinkError:
        self._suspect = True
        return garbled(self._transport.address, answer)
