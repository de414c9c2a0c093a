"""`emulated://` addresses: one cell, one clock, bytes that a seed repeats, time that only jumps."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.transports import TransportClosed, TransportTimeout
from faradaic.instruments.transports.addresses import SCHEMES, Setting
from faradaic.runner.bench_file import load_bench
from faradaic.simulators.emulated_bench import EMULATORS, EmulatedScheme
from faradaic.simulators.emulated_transport import EmulatedTransport
from faradaic.simulators.virtual_clock import VirtualClock

CELL = tomllib.loads(
    (Path(__file__).parents[1] / "fixtures" / "cells" / "preparative.toml").read_text()
)
TEN_MILLIAMPERES = (
    b"*RST\n:SOUR:FUNC CURR\n:SOUR:CURR:RANG 0.01\n:SOUR:CURR:VLIM 10\n"
    b':SENS:FUNC "VOLT"\n:SENS:VOLT:RANG:AUTO ON\n:SOUR:CURR 0.01\n:OUTP ON\n'
)


@dataclass
class Talker:
    """Sends each message at its time and keeps what it was sent."""

    messages: list[tuple[float, bytes]]
    model: str = "talker"
    received: list[tuple[float, bytes]] = field(default_factory=list)

    def receive(self, data: bytes, now_s: float) -> None:
        self.received.append((now_s, data))

    def transmit(self, now_s: float) -> bytes:
        due = [m for m in self.messages if m[0] <= now_s]
        self.messages = self.messages[len(due) :]
        return b"".join(data for _, data in due)

    def next_event_s(self) -> float | None:
        return self.messages[0][0] if self.messages else None


def talking(*messages: tuple[float, bytes]) -> tuple[EmulatedTransport, VirtualClock, Talker]:
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    talker = Talker(list(messages))
    return EmulatedTransport(talker, clock, "emulated://talker"), clock, talker


def voltages(seed: int, readings: int = 20) -> list[bytes]:
    scheme = EmulatedScheme(Setting(cell=CELL, seed=seed))
    transport = scheme.open("keithley-2450")
    transport.write(TEN_MILLIAMPERES)
    lines = []
    for _ in range(readings):
        scheme.clock.sleep_until(scheme.clock.monotonic_s() + 1.0)
        transport.write(b":READ?\n")
        lines.append(transport.read_until(b"\n", 5.0))
    return lines


def test_the_scheme_is_found_by_its_name_and_says_that_it_is_simulated():
    factory = SCHEMES.load("emulated")
    assert factory is EmulatedScheme
    assert factory(Setting()).simulated


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    assert voltages(3) == voltages(3)
    assert voltages(3) != voltages(4)


def test_the_instrument_measures_the_cell_of_the_setting():
    # 25 Ω and two Tafel lines: 0.25 V + 1.0 V + 0.12 V lg(33.3) + 0.12 V lg(10).
    assert float(voltages(1)[-1]) == pytest.approx(1.25 + 0.12 * 2.523, abs=0.02)


def test_an_hour_of_readings_passes_on_the_virtual_clock():
    scheme = EmulatedScheme(Setting(cell=CELL))
    transport = scheme.open("keithley-2450")
    transport.write(TEN_MILLIAMPERES)
    for second in range(1, 3601):
        scheme.clock.sleep_until(float(second))
        transport.write(b":READ?\n")
        transport.read_until(b"\n", 5.0)
    assert 3600.0 <= scheme.clock.monotonic_s() < 3601.0
    assert scheme.cell.ledger().charge_C == pytest.approx(36.0, rel=1e-3)


def test_an_instrument_keeps_its_state_when_its_port_is_closed_and_opened_again():
    scheme = EmulatedScheme(Setting(cell=CELL))
    first = scheme.open("keithley-2450")
    first.write(TEN_MILLIAMPERES)
    first.close()
    second = scheme.open("keithley-2450")
    second.write(b":OUTP?\n")
    assert second.read_until(b"\n", 1.0) == b"1\n"
    with pytest.raises(TransportClosed):
        first.write(b":OUTP?\n")


def test_a_model_that_nobody_emulates_is_answered_with_the_nearest_name():
    with pytest.raises(InputError) as caught:
        EmulatedScheme(Setting()).open("keithley-245O")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E531"
    assert "did you mean `keithley-2450`?" in diagnostic.help
    assert all(name in diagnostic.help for name in EMULATORS.names())


def test_a_model_that_nobody_emulates_is_told_at_the_address_of_the_bench_file(tmp_path):
    bench = tmp_path / "b.yaml"
    bench.write_text(
        "faradaic_bench: 1\nname: b\nsource: {driver: ec301, address: 'emulated://ec302'}\n"
    )
    with pytest.raises(InputError) as caught:
        load_bench(str(bench))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E531"
    assert diagnostic.location is not None
    assert diagnostic.location.line == 3


def test_an_option_that_the_model_does_not_have_is_refused():
    with pytest.raises(InputError, match="no option `colour`") as caught:
        EmulatedScheme(Setting()).open("keithley-2450?colour=blue")
    assert caught.value.diagnostics[0].code == "E532"


def test_a_wrong_cell_is_refused_when_the_bench_is_opened():
    with pytest.raises(InputError, match=r"cell\.volume_m3"):
        EmulatedScheme(Setting(cell=CELL | {"volume_m3": 0.0}))


def test_a_read_ends_at_the_terminator_and_at_the_time_it_came():
    transport, clock, _ = talking((0.5, b"one\ntw"), (2.0, b"o\nthree\n"))
    assert transport.read_until(b"\n", 10.0) == b"one\n"
    assert clock.monotonic_s() == 0.5
    assert transport.read_until(b"\n", 10.0) == b"two\n"
    assert clock.monotonic_s() == 2.0
    assert transport.read_until(b"\n", 0.0) == b"three\n"


def test_a_terminator_of_two_bytes_may_arrive_in_two_pieces():
    transport, _, _ = talking((0.1, b"one\r"), (0.2, b"\ntwo\r\n"))
    assert transport.read_until(b"\r\n", 1.0) == b"one\r\n"
    assert transport.read_until(b"\r\n", 1.0) == b"two\r\n"


def test_a_timeout_passes_the_time_and_keeps_what_came():
    transport, clock, _ = talking((1.0, b"half a "), (9.0, b"line\n"))
    with pytest.raises(TransportTimeout, match="only b'half a ' came"):
        transport.read_until(b"\n", 5.0)
    assert clock.monotonic_s() == 5.0
    assert transport.read_until(b"\n", 5.0) == b"half a line\n"


def test_an_instrument_that_never_answers_costs_the_timeout_and_no_more():
    transport, clock, talker = talking()
    transport.write(b"anybody?\n")
    with pytest.raises(TransportTimeout, match="nothing came"):
        transport.read_until(b"\n", 3.0)
    assert clock.monotonic_s() == 3.0
    assert talker.received == [(0.0, b"anybody?\n")]


def test_draining_ends_with_silence():
    transport, clock, _ = talking((0.05, b"old "), (0.1, b"news\n"), (5.0, b"fresh\n"))
    assert transport.drain(0.2) == b"old news\n"
    assert clock.monotonic_s() == pytest.approx(0.3)
    assert transport.read_until(b"\n", 10.0) == b"fresh\n"


def test_draining_gives_up_on_one_that_never_stops_talking():
    transport, clock, _ = talking(*((0.1 * k, b"x") for k in range(1, 100)))
    assert 15 <= len(transport.drain(0.2)) <= 20
    assert clock.monotonic_s() == pytest.approx(2.0)
    transport, _, _ = talking(*((0.001 * k, b"x" * 1024) for k in range(1, 100)))
    assert len(transport.drain(0.2)) == 64 * 1024


def test_an_emulator_that_announces_and_never_sends_is_found_out():
    transport, _, talker = talking((1.0, b""))
    talker.transmit = lambda now_s: b""  # type: ignore[method-assign]
    with pytest.raises(RuntimeError, match="announces events and sends nothing"):
        transport.read_until(b"\n", 2.0)
