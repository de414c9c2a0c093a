"""Registers of a Modbus RTU slave, over any transport; frames and check sums by pymodbus.

A question is answered once and carries no number: that an answer belongs to it is told by slave,
function and length alone, so that whoever asks for the same again asks for another count.
"""

from __future__ import annotations

from typing import Any

from faradaic.diagnostics import DeviceError
from faradaic.instruments.transports import DamagedReply, Transport

TIMEOUT_S = 0.8
"""Firmware of 2022 takes up to 0.5 s for an answer."""
QUIET_S = 0.02
HEAD_BYTES = 3
EXCEPTION, READ = 0x80, 3
EXCEPTIONS = {1: "does not know the function", 2: "has no such register", 3: "refuses the value"}


class ModbusRegisters:
    """The holding registers of one slave."""

    def __init__(self, transport: Transport, slave: int) -> None:
        from pymodbus.framer import FramerRTU
        from pymodbus.pdu import DecodePDU, register_message

        self._transport = transport
        self._slave = slave
        self._framer: Any = FramerRTU(DecodePDU(False))
        self._messages: Any = register_message

    def read(self, first: int, count: int) -> list[int]:
        """So many registers. Raises `LinkError`, `DamagedReply`."""
        request = self._messages.ReadHoldingRegistersRequest(
            address=first, count=count, dev_id=self._slave
        )
        answer = self._exchange(request)
        registers = [int(register) for register in answer.registers]
        if len(registers) != count:
            raise DamagedReply.of(f"{len(registers)} registers came where {count} were asked for")
        return registers

    def write(self, register: int, value: int) -> None:
        """One register, as its echo says. Raises `LinkError`, `DamagedReply`."""
        request = self._messages.WriteSingleRegisterRequest(
            address=register, registers=[value], dev_id=self._slave
        )
        answer = self._exchange(request)
        if answer.address != register or list(answer.registers) != [value]:
            raise DamagedReply.of(f"register {register} was set and another one answered for")

    def resynchronise(self) -> None:
        """Throw away what still comes."""
        self._transport.drain(QUIET_S)

    def _exchange(self, request: Any) -> Any:
        transport = self._transport
        transport.write(self._framer.buildFrame(request))
        came = transport.read_exactly(HEAD_BYTES, TIMEOUT_S)
        function = came[1]
        left = 2 if function & EXCEPTION else came[2] + 2 if function == READ else 5
        came += transport.read_exactly(left, TIMEOUT_S)
        try:
            _, answer = self._framer.handleFrame(came, 0, 0)
        except Exception:  # noqa: BLE001 - whatever a damaged frame makes of its parser
            answer = None
        if answer is None or answer.dev_id != self._slave:
            raise DamagedReply.of(f"`{came.hex()[:60]}` is no whole answer of slave {self._slave}")
        if function & ~EXCEPTION != request.function_code:
            raise DamagedReply.of(f"`{came.hex()[:60]}` answers another function")
        if function & EXCEPTION:
            why = EXCEPTIONS.get(answer.exception_code, f"exception {answer.exception_code}")
            raise DeviceError.of(
                f"{transport.address} {why} (`{came.hex()}`)",
                help="check that the driver of the bench file is that of the model",
                code="E511",
            )
        return answer
