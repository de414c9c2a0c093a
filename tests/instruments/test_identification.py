"""Every family is recognised by its own answer, and the questions move nothing on any of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from faradaic.instruments.auxiliary_traits import AUXILIARIES
from faradaic.instruments.identification import _ask, identify, questions, understood
from faradaic.instruments.traits import DRIVERS
from faradaic.simulators.emulated_bench import EMULATORS, make_emulator
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.surroundings import Surroundings
from faradaic.simulators.virtual_clock import VirtualClock
from faradaic.testing.rig import DummyCell

MUTE = {"lcus-relay"}
"""Boards that have no question for who they are."""
DRIVEN = sorted({*DRIVERS.names(), *AUXILIARIES.names()} & set(EMULATORS.names()))


class Rig:
    """An emulator at the far end of a port whose settings do not matter."""

    def __init__(self, name: str) -> None:
        self.clock = VirtualClock(datetime(2026, 12, 1, tzinfo=UTC))
        self.cell = DummyCell(ohm=10.0, rest_V=1.0)
        self.around = Surroundings()
        self.emulator: Any = make_emulator(name, self.cell, 1, self.around)

    def open(self, _: str = "") -> EmulatedTransport:
        return EmulatedTransport(self.emulator, self.clock, "emulated://port")


@pytest.mark.parametrize("name", DRIVEN)
def test_who_answers_is_told_with_its_driver(name: str) -> None:
    found, _ = identify(Rig(name).open, settings=True)
    if name in MUTE:
        assert found is None
        return
    assert found is not None
    assert name in found.drivers, found
    driver = DRIVERS.load(name) if name in DRIVERS.names() else AUXILIARIES.load(name)
    settings = getattr(driver, "serial", "")
    if settings and found.family != "scpi":
        assert settings in {one.serial for one in questions() if one.family == found.family}


@pytest.mark.parametrize("name", DRIVEN)
def test_no_question_moves_anything(name: str) -> None:
    rig = Rig(name)
    port = rig.open()
    for question in questions():
        _ask(port, question)
    rig.clock.sleep_until(rig.clock.monotonic_s() + 20.0)
    rig.emulator.transmit(rig.clock.monotonic_s())
    around = rig.around
    assert rig.cell.gross_C < 1e-6, "more than a meter takes"
    assert not any((around.stirs, around.heats, around.feeds, *around.closed.values()))


@pytest.mark.parametrize(
    ("name", "words", "ask", "on"),
    [
        ("korad-ka3005p", [b"VSET1:05.00", b"ISET1:0.100", b"OUT1"], b"IOUT1?", b"0.100"),
        ("rigol-dp832", [b":APPL CH1,5,0.1\n", b":OUTP CH1,ON\n"], b":OUTP? CH1\n", b"ON\n"),
        ("manson-hcs-3204", [b"VOLT050\r", b"CURR010\r", b"SOUT0\r"], b"GETS\r", b"0500"),
    ],
)
def test_an_output_that_is_on_stays_as_it_is(
    name: str, words: list[bytes], ask: bytes, on: bytes
) -> None:
    rig = Rig(name)
    port = rig.open()
    for word in words:
        port.write(word)
        rig.clock.sleep_until(rig.clock.monotonic_s() + 0.5)
    port.drain(0.05)
    before_s, before_C = rig.clock.monotonic_s(), rig.cell.gross_C
    found, _ = identify(rig.open, settings=True)
    assert found is not None
    port.write(ask)
    answer = port.read_until_quiet(0.1, 1.0)
    rate_A = (rig.cell.gross_C - before_C) / (rig.clock.monotonic_s() - before_s)
    assert on in answer
    assert rate_A == pytest.approx(0.1, rel=0.05)


@pytest.mark.parametrize(
    ("family", "came", "model", "firmware", "driver"),
    [
        # The reference's own examples of real answers (MethodSCRIPT, Korad, New Era, SCPI).
        (
            "methodscript",
            b"\ntes4_lr1500#Mar 12 2026 14:28:01\nR*\n",
            "es4_lr",
            "1500#",
            "emstat4-lr",
        ),
        ("korad", b"TENMA72-2540V2.0\x01", "TENMA72-2540V2.0", "", "korad-ka3005p"),
        ("korad", b"RND 320-KA3005P V2.0 SN:12345", "RND 320-KA3005P V2.0", "", "korad-ka3005p"),
        ("korad", b"VELLEMANPS3005DV1.3", "VELLEMANPS3005DV1.3", "", "korad-ka3005p"),
        ("newera", b"\x0200SNE1000V3.928\x03", "NE1000", "3.928", "new-era"),
        (
            "scpi",
            b"KEITHLEY INSTRUMENTS,MODEL 2450,04012345,1.7.12b\n",
            "MODEL 2450",
            "1.7",
            "keithley-2450",
        ),
    ],
)
def test_answers_of_real_instruments_are_read(
    family: str, came: bytes, model: str, firmware: str, driver: str
) -> None:
    question = next(one for one in questions() if one.family == family)
    found = understood(question, came)
    assert found is not None
    assert found.identity.model == model
    assert found.identity.firmware.startswith(firmware)
    assert found.drivers == (driver,)


def test_an_instrument_without_a_driver_is_told_and_a_mirror_is_nobody() -> None:
    scpi = next(one for one in questions() if one.family == "scpi")
    found = understood(scpi, b"ACME,XY-1,1,2\n")
    assert found is not None
    assert found.drivers == ()
    for question in questions():  # a line that sends back what it hears
        assert understood(question, b"".join(question.sent)) is None, question.family


def test_every_driver_that_the_table_names_is_there() -> None:
    known = {*DRIVERS.names(), *AUXILIARIES.names()}
    assert {driver for one in questions() for _, driver in one.drivers} <= known


def test_what_takes_messages_is_asked_one() -> None:
    """A lone end of line, or a word of another language, would be an error in its queue."""
    sent: list[bytes] = []

    class Messages(EmulatedTransport):
        def write(self, data: bytes) -> None:
            sent.append(data)
            super().write(data)

    rig = Rig("rigol-dp832")
    found, _ = identify(
        lambda _: Messages(rig.emulator, rig.clock, "visa://USB0"), settings=False, messages=True
    )
    assert found is not None
    assert found.drivers == ("rigol-dp832",)
    assert sent == [b"*IDN?\n"]


@pytest.mark.parametrize("name", ["keithley-2450", "hmp4040", "keysight-e36313a", "rigol-dp811"])
def test_who_answers_at_once_has_no_error_in_its_queue(name: str) -> None:
    rig = Rig(name)
    found, _ = identify(rig.open, settings=True)
    assert found is not None
    port = rig.open()
    port.write(b":SYST:ERR?\n")
    answer = port.read_until(b"\n", 2.0).decode().lstrip("+")
    assert answer.startswith("0")
