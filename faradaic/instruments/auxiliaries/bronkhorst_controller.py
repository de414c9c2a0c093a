"""Bronkhorst mass-flow controllers (EL-FLOW and those with FLOW-BUS) on their serial line.

38400 baud 8N1, ProPar messages in ASCII: `:`, the number of bytes that follow, node, command,
process, parameters, all hexadecimal, CR LF. A request (04) comes back as 02 with the value, a
setting (01) as a status (00), 0 where it was taken. 32000 is 100 % of the capacity.

    :06030401210120 -> :06030201213E80   the measured value of node 3: 50 %
    :06030101213E80 -> :0403000005       its set-point to 50 %

Source: Bronkhorst, "RS232 interface with FLOW-BUS protocol", 9.17.027 (messages, commands, status);
numbers and types of parameters: the database of the maker's own `bronkhorst-propar` 1.3.0.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.asked_lines import AskedLines, another_device, garbled, not_taken
from faradaic.instruments.auxiliary_traits import Ability, AuxiliaryCapabilities, Rest, Trait
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import Transport
from faradaic.quantities.fields import GasFlow, Positive

FULL = 32000
CLOSE = 100.0
MOST = 41942
"""A measured value goes on to 131 %; what is above it stands for a negative one."""
SEND, ANSWER, STATUS, REQUEST = 0x01, 0x02, 0x00, 0x04
INTEGER, LONG, TEXT = 0x20, 0x40, 0x60
FLOW = "gas_flow_mol_per_s"
Parameter = tuple[int, int, int]
MEASURE: Parameter = (1, 0, INTEGER)
SET_POINT: Parameter = (1, 1, INTEGER)
FLUID: Parameter = (1, 17, TEXT)
MODEL: Parameter = (113, 2, TEXT)
SERIAL: Parameter = (113, 3, TEXT)


class BronkhorstController:
    """Bronkhorst EL-FLOW mass-flow controller."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="Bronkhorst",
        model="EL-FLOW",
        traits=(Trait.MASS_FLOW_CONTROLLER,),
        on_host_death="The gas flows on at the last set-point until someone changes it: it has no "
        "watchdog.",
        tier=Tier.MANUAL,
    )
    serial: ClassVar[str] = "baud=38400"

    def __init__(
        self,
        transport: Transport,
        *,
        full_scale_mol_per_s: Annotated[GasFlow, Positive],
        node: int = 0x80,
        gas: str | None = None,
    ) -> None:
        """`full_scale`: its capacity; `node` of several on a line (128: whoever is there); `gas`:
        the fluid that it has to be set to."""
        self._line = AskedLines(transport, ends=b"\r\n", answers_end=b"\r\n")
        self._full = full_scale_mol_per_s
        self._node = node & 0xFF
        self._gas = gas

    @classmethod
    def abilities(
        cls, *, full_scale_mol_per_s: float = 1e-6, **options: object
    ) -> tuple[Ability, ...]:
        """From 2 % of its capacity."""
        full = full_scale_mol_per_s
        return (Ability(Trait.MASS_FLOW_CONTROLLER, 2e-2 * full, full, full / FULL, reports=True),)

    def connect(self, clock: Clock) -> Identity:
        """Read model, serial number and fluid."""
        model, serial = self._text(MODEL), self._text(SERIAL)
        fluid = self._text(FLUID)
        if self._gas is not None and fluid.upper() != self._gas.upper():
            raise another_device(
                self._line.address, f"set to {fluid}", f"controller set to {self._gas}"
            )
        return Identity("Bronkhorst", f"{model}, {fluid}", serial, "")

    def set(self, quantity: str, value: float) -> None:
        """Flow (mol/s)."""
        wanted = round(value / self._full * FULL)
        self._send(SET_POINT, wanted)
        there = self._number(SET_POINT)
        if abs(there - wanted) > 1:
            raise not_taken(
                self._line.address,
                "the set-point",
                f"{wanted / FULL:.2%}",
                f"{there / FULL:.2%}; its control mode may be another than the bus",
            )

    def read(self) -> Mapping[str, float]:
        """Mass flow."""
        # Messages have no check sum: two have to agree.
        (measured,) = agreed(lambda: (float(self._number(MEASURE)),), (CLOSE,))
        if measured > MOST:
            measured -= 0x10000
        return {FLOW: measured / FULL * self._full}

    def rest(self, keep: Collection[str]) -> Rest:
        """The set-point to 0, read back."""
        if FLOW in keep:
            return Rest(True, f"the gas stays on, {self._number(SET_POINT) / FULL:.1%}")
        self._send(SET_POINT, 0)
        there = self._number(SET_POINT)
        return Rest(there == 0, f"set-point 0, read back {there / FULL:.1%}")

    def close(self) -> None:
        """Release the port."""
        self._line.close()

    def _number(self, parameter: Parameter) -> int:
        body = self._request(parameter)
        if len(body) != 2:
            raise self._garbled(body.hex())
        return int(struct.unpack(">H", body)[0])

    def _text(self, parameter: Parameter) -> str:
        body = self._request(parameter)
        length = body[0] if body else 0
        text = body[1 : 1 + length] if length else body[1:].split(b"\0")[0]
        return text.decode("latin-1").strip()

    def _request(self, parameter: Parameter) -> bytes:
        """The value of a parameter, as bytes."""
        process, number, kind = parameter
        tail = (process, kind | number, *((0,) if kind == TEXT else ()))
        asked = (REQUEST, process, kind | number, *tail)
        answer = self._exchange(bytes(asked))
        if answer[:1] == bytes([STATUS]):
            raise self._refused(answer)
        if len(answer) < 3 or answer[:3] != bytes((ANSWER, process, kind | number)):
            raise self._garbled(answer.hex())
        return answer[3:]

    def _send(self, parameter: Parameter, value: int) -> None:
        process, number, kind = parameter
        body = struct.pack(">BBBH", SEND, process, kind | number, value)
        answer = self._exchange(body, attempts=1)
        if answer[:2] != bytes((STATUS, 0)):
            raise self._refused(answer)

    def _exchange(self, body: bytes, attempts: int = 2) -> bytes:
        """Command, process and parameters to a node; the same of what it answers."""
        message = bytes([len(body) + 1, self._node]) + body
        answer = self._line.ask(":" + message.hex().upper(), attempts=attempts)
        try:
            if answer[:1] != ":":
                raise ValueError
            came = bytes.fromhex(answer[1:])
            if not came or came[0] != len(came) - 1 or len(came) < 4:
                raise ValueError
        except ValueError:
            raise self._garbled(answer) from None
        return came[2:]

    def _refused(self, answer: bytes) -> DeviceError:
        return DeviceError.of(
            f"{self._line.address} answered with status {answer[1:2].hex() or '?'}",
            help="compare `node` with its address, and look at the controller",
            code="E525",
        )

    def _garbled(self, answer: str) -> DeviceError:
        self._line.suspect()
        return garbled(self._line.address, answer)
