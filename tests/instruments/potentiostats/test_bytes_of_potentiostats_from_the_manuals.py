"""Commands and answers that manuals and the makers' own clients print, on our emulators."""

from __future__ import annotations

import json

import pytest

from faradaic.simulators.emulated_bench import EMULATORS
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.testing import DummyCell, Rig
from rigs.potentiostats import potentiostat

pytestmark = pytest.mark.witness


def asked(name: str, *lines: str, ohm: float = 1000.0) -> list[str]:
    """The answers to lines that somebody sends, in their order."""
    rig: Rig = potentiostat(name, ohm=ohm)
    wire = EmulatedTransport(rig.emulator, rig.clock, "aside")
    for line in lines:
        wire.write(line.encode() + b"\n")
    return wire.drain(0.2).decode().split()


def test_the_examples_of_the_ec301_manual_for_set_points() -> None:
    """Section 8.3.2."""
    assert asked("ec301", "ecmode 0", "ceenab 1", "setvol 1000", "setvol?") == ["1000"]
    (told,) = asked("ec301", "ecmode 1", "ceenab 1", "irange 4", "setcur 0.543", "setcur?")
    assert float(told) == pytest.approx(5.43e-4)
    assert asked("ec301", "ecmode 0", "setvol 123", "progrm?") == ["+0.123"]


def test_the_example_of_the_ec301_manual_for_errors() -> None:
    """Section 8.3.15: an unknown command, its code, its text, and what forgets it."""
    answers = asked("ec301", "badcmd", "errlst?", "errdcd? 114", "irange 5", "errlst?")
    assert " ".join(answers) == "114 Bad remote command 0"


def test_the_syntax_of_the_ec301_manual() -> None:
    """Section 8.1: either case, spaces anywhere, several commands on a line."""
    lines = ("ECMODE 1", "ec mode1", "ecmode 1;clbwth 4;irange 1", "ecmode?;clbwth?;irange?")
    assert asked("ec301", *lines) == ["1", "4", "1"]
    assert asked("ec301", "ecmode 1", "setcur 1e-3", "errlst?") != ["0"]  # no exponents


def test_what_the_client_of_the_rodeostat_expects() -> None:
    """github.com/iorodeo/potentiostat, README and docstring of `send_cmd`."""
    (told,) = asked("rodeostat-24ma", '{"command":"getVersion"}')
    right = {"success": True, "response": {"command": "getVersion", "version": "FW0.1.0"}}
    assert json.loads(told) == right
    told = " ".join(asked("rodeostat-24ma", "no json"))
    assert json.loads(told)["message"] == "unable to parse json"
    told = " ".join(asked("rodeostat-24ma", '{"command":"setVolt"}'))
    assert json.loads(told)["message"] == "json does not contain key: v"


@pytest.mark.parametrize(
    ("lines", "answers"),
    [
        ((":SESO:NONSENSE 1",), ["error", "27"]),
        ((":SESO:UVAL 1000",), ["error", "100"]),
        ((":SESO:COUP gal", ":SESO:IVAL 1e-3", "*CLS"), ["ok", "ok", "ok"]),
    ],
)
def test_the_answers_that_zahner_s_client_reads(lines: tuple[str, ...], answers: list[str]) -> None:
    """zahner_potentiostat 1.1.2, error.py and control.py."""
    assert asked("zahner-pp222", *lines) == answers


def test_a_global_limit_blocks_until_it_is_cleared() -> None:
    """zahner_potentiostat 1.1.2: 1003 at the limit, 1006 afterwards, *CLS."""
    rig = potentiostat("zahner-pp222", ohm=1000.0)
    wire = EmulatedTransport(rig.emulator, rig.clock, "aside")
    lines = (":SESO:COUP gal", ":PARA:IVAL 0.01", ":PARA:TMAX 5", ":SESO:ULIM:MAX 2")
    for line in (*lines, ":SESO:ULIM:STAT ON", ":MEAS:POGA?"):
        wire.write(line.encode() + b"\n")
    assert wire.drain(6.0).decode().split() == ["ok"] * 5 + ["error", "1003"]
    for line in (":MEAS:POGA?", "*CLS", ":SESO:ULIM:MAX 20", ":MEAS:POGA?"):
        wire.write(line.encode() + b"\n")
    assert wire.drain(6.0).decode().split() == ["error", "1006", "ok", "ok", "ok"]
    assert isinstance(rig.cell, DummyCell)
    assert rig.cell.gross_C == pytest.approx(0.05, rel=0.05)


def test_every_model_is_there() -> None:
    assert EMULATORS.load("zahner-xpot2")
