"""A Bronkhorst EL-FLOW on the wire: ProPar messages in ASCII or in the enhanced binary form.

Binary: DLE STX, a number that comes back, node, length, message, DLE ETX, each DLE within doubled
(as the maker's `bronkhorst-propar` sends it).
"""

from __future__ import annotations

import struct

from faradaic.diagnostics import refusal
from faradaic.quantities import convert
from faradaic.simulators.auxiliaries.line_emulator import LineEmulator, up_to
from faradaic.simulators.surroundings import Surroundings

SCCM_MOL_PER_S = 1.0 / convert(1.0, "sccm")
FULL = 32000
DLE, STX, ETX = 0x10, 0x02, 0x03
SEND, SEND_UNANSWERED, ANSWER, REQUEST = 0x01, 0x02, 0x02, 0x04
OK, NO_COMMAND, NO_PROCESS, NO_PARAMETER, BAD_VALUE = 0, 2, 3, 4, 6
INTEGER, LONG, TEXT = 0x20, 0x40, 0x60
KINDS = 0x60
Value = int | float | str


class ProParError(Exception):
    """A message that is answered with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class BronkhorstEmulator(LineEmulator):
    """Bronkhorst EL-FLOW mass-flow controller."""

    model = "bronkhorst"

    def __init__(self, surroundings: Surroundings, full_scale_sccm: float, gas: str, node: int):
        super().__init__(surroundings)
        self._full = full_scale_sccm
        self._gas = gas
        self._node = node
        self._set_point = 0
        self._mode = 18
        self._initialised = 64

    def command(self, came: bytes) -> tuple[int, bytes] | None:
        """A line, or a binary message from its DLE STX to its DLE ETX."""
        if came[:1] != bytes([DLE]):
            return up_to(b"\r\n", came)
        at = 2
        while at + 1 < len(came):
            if came[at] == DLE and came[at + 1] == ETX:
                return at + 2, came[: at + 2]
            at += 2 if came[at] == DLE else 1
        return None

    def answer(self, command: bytes, now_s: float) -> bytes | None:
        """One message."""
        if command[:1] == b":":
            try:
                message = bytes.fromhex(command[1:].decode("ascii"))
            except ValueError:
                return b":0101\r\n"
            if len(message) < 3 or message[0] != len(message) - 1:
                return b":0102\r\n"
            node, body = message[1], self._body(message[1], message[2:])
            if body is None:
                return None
            return f":{bytes([len(body) + 1, node]).hex()}{body.hex()}\r\n".upper().encode()
        if command[:2] != bytes((DLE, STX)):
            return None
        whole = command[2:-2].replace(bytes((DLE, DLE)), bytes([DLE]))
        if len(whole) < 4:
            return None
        sequence, node = whole[0], whole[1]
        body = self._body(node, whole[3:])
        if body is None:
            return None
        inner = bytes((sequence, node, len(body))) + body
        escaped = inner.replace(bytes([DLE]), bytes((DLE, DLE)))
        return bytes((DLE, STX)) + escaped + bytes((DLE, ETX))

    def _body(self, node: int, body: bytes) -> bytes | None:
        if node not in (self._node, 0x80) or not body:
            return None
        command, rest = body[0], body[1:]
        try:
            if command == REQUEST:
                return bytes([ANSWER]) + self._requested(rest)
            if command in (SEND, SEND_UNANSWERED):
                self._sent(rest)
                return bytes((0, OK, len(body))) if command == SEND else None
            raise ProParError(NO_COMMAND)
        except ProParError as error:
            return bytes((0, error.status, 1))
        except (IndexError, struct.error):
            return bytes((0, BAD_VALUE, 1))

    def _requested(self, data: bytes) -> bytes:
        """Values of parameters in the order in which they are asked for, chained or not."""
        answer, at = b"", 0
        process_chained = True
        while process_chained and at < len(data):
            label = data[at]
            process_chained = bool(label & 0x80)
            answer += bytes([label])
            at += 1
            chained = True
            while chained:
                name = data[at]
                chained = bool(name & 0x80)
                process, what = data[at + 1] & 0x7F, data[at + 2]
                kind = what & KINDS
                at += 3
                answer += bytes([name])
                value = self._value(process, what & 0x1F)
                if kind == TEXT:
                    at += 1
                answer += _packed(kind, value)
        return answer

    def _sent(self, data: bytes) -> None:
        at, process_chained = 0, True
        while process_chained and at < len(data):
            process_chained = bool(data[at] & 0x80)
            process = data[at] & 0x7F
            at += 1
            chained = True
            while chained:
                name = data[at]
                chained, kind = bool(name & 0x80), name & KINDS
                at += 1
                size = {0: 1, INTEGER: 2, LONG: 4}.get(kind, 1 + data[at] if at < len(data) else 1)
                self._write(process, name & 0x1F, kind, data[at : at + size])
                at += size

    def _value(self, process: int, number: int) -> Value:
        flow = self.around.gas_mol_per_s / SCCM_MOL_PER_S
        known: dict[tuple[int, int], Value] = {
            (0, 0): "7SIM00001",
            (0, 10): self._initialised,
            (1, 0): round(flow / self._full * FULL),
            (1, 1): self._set_point,
            (1, 4): self._mode,
            (1, 13): self._full,
            (1, 16): 0,
            (1, 17): self._gas,
            (1, 31): "mln/min",
            (33, 0): flow,
            (33, 3): self._set_point / FULL * self._full,
            (113, 1): "SIM",
            (113, 2): "F-201CV-100-SIM",
            (113, 3): "SIM00001",
            (113, 5): "1.00",
            (113, 6): "USERTAG",
            (113, 12): 7,
        }
        processes = {one for one, _ in known}
        if process not in processes:
            raise ProParError(NO_PROCESS)
        if (process, number) not in known:
            raise ProParError(NO_PARAMETER)
        return known[process, number]

    def _write(self, process: int, number: int, kind: int, data: bytes) -> None:
        self._value(process, number)
        if (process, number) == (1, 1) and kind == INTEGER:
            self._set_point = min(struct.unpack(">H", data)[0], FULL)
        elif (process, number) == (33, 3) and kind == LONG:
            share = struct.unpack(">f", data)[0] / self._full
            self._set_point = round(min(max(share, 0.0), 1.0) * FULL)
        elif (process, number) == (1, 4):
            self._mode = data[0]
        elif (process, number) == (0, 10):
            self._initialised = data[0]
        self.around.feed(self._gas, self._set_point / FULL * self._full * SCCM_MOL_PER_S)


def _packed(kind: int, value: Value) -> bytes:
    if kind == TEXT:
        text = str(value).encode("latin-1")
        return bytes([len(text)]) + text
    if isinstance(value, str):
        raise ProParError(BAD_VALUE)
    if kind == LONG:
        return struct.pack(">f", value) if isinstance(value, float) else struct.pack(">I", value)
    return struct.pack(">H", int(value) & 0xFFFF) if kind == INTEGER else bytes([int(value) & 0xFF])


def bronkhorst(
    surroundings: Surroundings,
    seed: int,
    full_scale: str = "100",
    gas: str = "CO2",
    node: str = "3",
) -> BronkhorstEmulator:
    """Bronkhorst EL-FLOW; `full_scale` in sccm, `node` 1 to 127."""
    try:
        full, at = float(full_scale), int(node)
        if not (0.0 < full <= 1e5 and 1 <= at <= 127):
            raise ValueError
    except ValueError:
        what = f"`full_scale={full_scale}&node={node}` cannot be"
        raise refusal("E532", what, "write bronkhorst?full_scale=100&node=3") from None
    return BronkhorstEmulator(surroundings, full, gas, at)
