"""Bytes that manuals and specifications print, apart from our emulators and drivers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.serial_supplies.genesys_supply import check_sum
from faradaic.instruments.serial_supplies.korad_supply import KoradSupply
from faradaic.instruments.serial_supplies.manson_supply import MansonHcs3202
from faradaic.instruments.serial_supplies.modbus_registers import ModbusRegisters
from faradaic.instruments.serial_supplies.supply_settings import in_steps
from faradaic.instruments.transports import DamagedReply
from faradaic.simulators.serial_supplies.modbus_slave import crc
from rigs.devices import Script
from rigs.serial_supplies import SupplyRig

pytestmark = pytest.mark.witness


@pytest.mark.parametrize(("message", "digits"), [("STT?", "3A"), ("STAT?", "7B")])
def test_the_check_sums_that_tdk_lambda_prints(message: str, digits: str) -> None:
    """GH10-150 user manual, page 94."""
    assert check_sum(message) == digits
    rig = SupplyRig("genesys-20-38")
    rig.ask(b"ADR 6\r")
    answer = rig.ask(f"{message}${digits}\r".encode()).decode()
    assert answer[-3:-1] == check_sum(answer[:-4])


def test_a_genesys_answers_a_bare_end_and_nothing_before_its_address() -> None:
    """83-507-013 Rev. G, page 81."""
    rig = SupplyRig("genesys-20-38")
    assert rig.ask(b"IDN?\r") == b""
    assert rig.ask(b"ADR 6\r") == b"OK\r"
    assert rig.ask(b"\r") == b"OK\r"
    assert rig.ask(b"pv 012.00\r") == b"OK\r"  # small letters are capital ones
    assert rig.ask(b"PV?\r") == b"012.00\r"  # as it was sent
    assert rig.ask(b"PV 22\r") == b"E01\r"
    assert rig.ask(b"ADR 5\r") == rig.ask(b"IDN?\r") == b""


def test_the_crc_that_the_modbus_specification_prints() -> None:
    """Modbus over Serial Line V1.02: 02 07 has 41 12."""
    assert crc(bytes((0x02, 0x07))) == bytes((0x41, 0x12))


def test_registers_come_over_the_wire_as_the_specification_has_them() -> None:
    """Modbus application protocol V1.1b3, function 3: high byte first; an exception."""
    head = bytes((1, 3, 4, 0x02, 0x2B, 0x00, 0x64))
    ask = bytes((1, 3, 0, 0x6B, 0, 2))
    script = Script((ask + crc(ask), head + crc(head)))
    assert ModbusRegisters(script, 1).read(0x6B, 2) == [0x022B, 100]
    refusal = bytes((1, 0x83, 2))
    script = Script((ask + crc(ask), refusal + crc(refusal)))
    with pytest.raises(DeviceError, match="no such register"):
        ModbusRegisters(script, 1).read(0x6B, 2)
    script = Script((ask + crc(ask), head + b"\x00\x00"))
    with pytest.raises(DamagedReply):
        ModbusRegisters(script, 1).read(0x6B, 2)


def test_the_answers_that_manson_prints() -> None:
    """HCS-3602 USB user manual: GETD -> 150016001, 15 V and 16 A in CC; GETS -> 150180."""
    script = Script((b"GETD\r", b"150016001\rOK\r"), (b"GETS\r", b"150180\rOK\r"))
    supply = MansonHcs3202(script)
    assert supply._display() == (15.0, 16.0, 1)
    assert supply._settings() == (150, 180)


@pytest.mark.parametrize("command", [b"GMAX\r", b"GETM\r"])
def test_the_manson_emulator_has_the_form_of_the_manual(command: bytes) -> None:
    answer = SupplyRig("manson-hcs-3202").ask(command)
    lines = answer.split(b"\r")
    assert lines[-2:] == [b"OK", b""]
    assert all(len(line) == 6 and line.isdigit() for line in lines[:-2])
    assert len(lines) - 2 == {b"GMAX\r": 1, b"GETM\r": 3}[command]


def test_the_values_that_sigrok_prints_of_a_korad() -> None:
    """libsigrok, korad-kaxxxxp: five characters; a sixth after ISET1? is thrown away."""
    script = Script((b"ISET1?", b"0.500K"), (b"VSET1?", b"05.00"), (b"IOUT1?", b"0.50"))
    supply = KoradSupply(script)
    assert supply._value("ISET1?") == 0.5
    assert supply._value("VSET1?") == 5.0
    with pytest.raises(DamagedReply):
        supply._value("IOUT1?")


def told(*values: float) -> Callable[[], tuple[float, ...]]:
    answers = iter([(value,) for value in values])
    return lambda: next(answers)


def test_two_answers_that_agree_are_a_value() -> None:
    assert agreed(told(1.0, 1.001), (0.001,)) == (1.001,)
    assert agreed(told(1.0, 7.0, 1.0, 1.0), (0.001,)) == (1.0,)
    assert agreed(told(1.0, 2.0, 3.0, 4.0, 5.0), (0.001,)) == (4.0,)
    assert agreed(told(4.0, 40.0, 4.0, 40.0, 40.0), (0.001,)) == (40.0,)
    with pytest.raises(DamagedReply):
        agreed(told(1.0, 7.0, 3.0, 5.0, 9.0), (0.001,))


def test_a_set_point_comes_in_whole_steps_or_is_refused() -> None:
    assert in_steps(0.5004, 1e-3, "A", "KA3005P") == 500
    with pytest.raises(DeviceError, match=r"would be 0\.012 A"):
        in_steps(0.0124, 1e-3, "A", "KA3005P")
