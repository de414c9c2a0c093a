"""A Modbus RTU slave: frames of registers, a check sum, silence where a frame is not for it.

Source: Modbus over Serial Line, specification V1.02 (frames end with 3.5 characters of silence,
CRC-16 low byte first, a damaged frame is not answered) and Modbus application protocol V1.1b3
(functions 3, 6, 16; exceptions 1 unknown function, 2 unknown address, 3 unacceptable value).
"""

from __future__ import annotations

from abc import abstractmethod

from faradaic.simulators.serial_supplies.one_way_output import SupplyOutput
from faradaic.simulators.serial_supplies.supply_wire import SupplyWire

READ, WRITE, WRITE_SEVERAL = 3, 6, 16
UNKNOWN_FUNCTION, UNKNOWN_ADDRESS, UNACCEPTABLE = 1, 2, 3
MOST_AT_ONCE = 125
SILENCE_S = 0.05
"""After which what came before is not the beginning of a frame any more: longer than 3.5
characters, as bytes come in pieces from a network."""


class ModbusException(Exception):
    """A request that is answered with an exception."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def crc(data: bytes) -> bytes:
    """CRC-16 of Modbus, as it is sent."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


class ModbusSlave(SupplyWire):
    """One slave at one address."""

    answers_after_s = 0.005
    address = 1

    def __init__(self, output: SupplyOutput) -> None:
        super().__init__(output)
        self._heard_s = 0.0

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes; a beginning that was not gone on with is forgotten."""
        if now_s - self._heard_s > SILENCE_S:
            self._came = b""
        self._heard_s = now_s
        super().receive(data, now_s)

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """A frame by its length; all that came where it cannot be one."""
        if len(came) < 8:
            return None
        length = 9 + came[6] if came[1] == WRITE_SEVERAL else 8
        if len(came) < length:
            return None
        whole = came[:length]
        if crc(whole[:-2]) != whole[-2:]:
            return len(came), b""
        return length, whole[:-2]

    def answer(self, command: bytes, now_s: float) -> bytes:
        """The answer to a whole frame; nothing where it is damaged or for another."""
        if not command or command[0] not in (0, self.address):
            return b""
        function = command[1]
        try:
            body = bytes(command[:2]) + self._do(function, command[2:], now_s)
        except ModbusException as error:
            body = bytes((command[0], function | 0x80, error.code))
        return b"" if command[0] == 0 else body + crc(body)

    def _do(self, function: int, data: bytes, now_s: float) -> bytes:
        first, second = (int.from_bytes(data[at : at + 2], "big") for at in (0, 2))
        if function == READ:
            if not 1 <= second <= MOST_AT_ONCE:
                raise ModbusException(UNACCEPTABLE)
            words = [self.register(first + n) for n in range(second)]
            return bytes([2 * second]) + b"".join(word.to_bytes(2, "big") for word in words)
        if function == WRITE:
            self.write(first, second, now_s)
        elif function == WRITE_SEVERAL:
            if data[4] != 2 * second or not 1 <= second <= MOST_AT_ONCE:
                raise ModbusException(UNACCEPTABLE)
            for n in range(second):
                self.write(first + n, int.from_bytes(data[5 + 2 * n : 7 + 2 * n], "big"), now_s)
        else:
            raise ModbusException(UNKNOWN_FUNCTION)
        return data[:4]

    @abstractmethod
    def register(self, number: int) -> int:
        """What a register holds. Raises `ModbusException`."""

    @abstractmethod
    def write(self, number: int, value: int, now_s: float) -> None:
        """Write a register. Raises `ModbusException`."""
