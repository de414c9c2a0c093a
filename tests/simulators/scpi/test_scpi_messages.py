"""SCPI messages: headers, compounds, parameters, errors and status, as the standard has them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.simulators.scpi import syntax
from faradaic.simulators.scpi.device import INPUT_LIMIT_BYTES, ScpiDevice
from faradaic.simulators.scpi.status import QUEUE_DEPTH, ScpiError, error_messages
from faradaic.simulators.scpi.syntax import number


class Meter(ScpiDevice):
    """A small instrument: two settings, one of them under optional nodes, and a slow query."""

    identification = "MAKER,METER,1,0"

    def __init__(self) -> None:
        super().__init__()
        self.level = 0.0
        self.limit = 0.0
        self.tree.add(
            ":SOURce[1]:CURRent[:LEVel]", write=self._set_level, query=lambda _: f"{self.level:g}"
        )
        self.tree.add(
            ":SOURce[1]:CURRent:VLIMit", write=self._set_limit, query=lambda _: f"{self.limit:g}"
        )
        self.tree.add("[:SENSe]:READ", query=self._read)

    def _set_level(self, arguments: tuple[str, ...]) -> None:
        self.level = number(arguments[0])

    def _set_limit(self, arguments: tuple[str, ...]) -> None:
        value = number(arguments[0])
        if value > 21:
            raise ScpiError(-222)
        self.limit = value

    def _read(self, _: tuple[str, ...]) -> str:
        self.spend(0.02)
        return "1"


def ask(device: ScpiDevice, message: str, at_s: float = 0.0) -> str:
    device.receive(message.encode("latin-1") + b"\n", at_s)
    return device.transmit(at_s + 1e6).decode().rstrip("\n")


def errors(device: ScpiDevice) -> list[int]:
    found = []
    while (code := int(ask(device, "SYST:ERR?").split(",")[0])) != 0:
        found.append(code)
    return found


@pytest.mark.parametrize(
    "header",
    [
        ":SOUR:CURR",
        "sour:curr",
        "Source:Current:Level",
        ":SOURCE1:CURR:LEV",
        "sOuR1:CURRENT",
        " :SOUR:CURR ",
        "\tSOUR:CURR\t",
    ],
)
def test_short_and_long_forms_in_any_case_are_one_command(header: str) -> None:
    meter = Meter()
    ask(meter, f"{header} 2.5e-3")
    assert ask(meter, f"{header.strip()}?") == "0.0025"
    assert errors(meter) == []


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (":SOURC:CURR", -113),
        (":CURR", -113),
        (":SOUR:CURR:LEVE", -113),
        ("*XYZ", -113),
        (":READ", -113),
        (":SOUR2:CURR", -114),
        (":SOUR::CURR", -102),
        (":SOUR:CURRENTSOURCES", -112),
        (":SOUR:CÜRR", -101),
        (":SOUR:CURR,", -102),
    ],
)
def test_a_header_that_is_neither_form_has_the_standards_error(header: str, code: int) -> None:
    meter = Meter()
    ask(meter, f"{header} 1")
    assert errors(meter) == [code]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ("", -109),
        ("1,2", -108),
        ("1,", -102),
        ("1.2.3", -121),
        ("1 2", -121),
        ("5mA", -138),
        ("many", -148),
        ("'1'", -158),
        ('"1', -151),
        ("#15hello", -168),
        ("(1+2)", -178),
        ("1e999", -123),
    ],
)
def test_a_wrong_parameter_has_the_standards_error_and_changes_nothing(
    parameters: str, code: int
) -> None:
    meter = Meter()
    ask(meter, "SOUR:CURR 7")
    ask(meter, f"SOUR:CURR {parameters}")
    assert errors(meter) == [code]
    assert meter.level == 7


@pytest.mark.parametrize("text", ["1", "+1", "-.5", "1.", "1e3", "1E-3", "1.5e+03", "2e 3"])
def test_every_form_of_a_decimal_number_is_read(text: str) -> None:
    assert number(text) == float(text.replace(" ", ""))


def test_a_unit_without_a_colon_continues_where_the_last_one_was() -> None:
    meter = Meter()
    assert ask(meter, ":SOUR:CURR:LEV 1;VLIM 20;LEV?;VLIM?") == "1;20"
    assert errors(meter) == []


def test_a_common_command_in_between_does_not_move_the_path() -> None:
    meter = Meter()
    ask(meter, ":SOUR:CURR:LEV 1;*WAI;VLIM 20")
    assert errors(meter) == []
    ask(meter, ":SOUR:CURR:LEV 1;:VLIM 20")
    assert errors(meter) == [-113]


def test_replies_of_one_message_come_in_one_line() -> None:
    meter = Meter()
    ask(meter, ":SOUR:CURR 2;:SOUR:CURR:VLIM 20")
    assert ask(meter, ":SOUR:CURR?;:SOUR:CURR:VLIM?;*OPC?") == "2;20;1"


def test_a_command_error_ends_the_message_and_an_execution_error_does_not() -> None:
    meter = Meter()
    assert ask(meter, ":SOUR:CURR 1;:NONSENSE;:SOUR:CURR 2;*OPC?") == ""
    assert meter.level == 1
    assert ask(meter, ":SOUR:CURR:VLIM 500;:SOUR:CURR 3;*OPC?") == "1"
    assert meter.level == 3
    assert errors(meter) == [-113, -222]


def test_nothing_may_be_asked_after_an_indefinite_response() -> None:
    meter = Meter()
    assert ask(meter, "*IDN?;*OPC?") == "MAKER,METER,1,0"
    assert errors(meter) == [-440]


def test_separators_inside_strings_separate_nothing() -> None:
    assert syntax.split_outside_quotes('a "x;y";b \'u;"v\'', ";") == ['a "x;y"', "b 'u;\"v'"]
    assert syntax.string('"it ""is"""') == 'it "is"'


def test_errors_come_first_in_first_out_and_a_full_queue_says_so() -> None:
    meter = Meter()
    ask(meter, ":SOUR:CURR:VLIM 500")
    for _ in range(QUEUE_DEPTH + 10):
        ask(meter, "NONSENSE")
    assert ask(meter, "SYST:ERR:COUN?") == str(QUEUE_DEPTH)
    assert errors(meter) == [-222, *[-113] * (QUEUE_DEPTH - 2), -350]
    assert ask(meter, "SYST:ERR?") == '0,"No error"'


def test_clearing_forgets_errors_and_events_but_not_the_masks() -> None:
    meter = Meter()
    ask(meter, "*ESE 32;*SRE 36")
    ask(meter, "NONSENSE")
    # 4 error in the queue, 32 event summary, 64 master summary of an enabled bit
    assert ask(meter, "*STB?") == "100"
    assert ask(meter, "*ESR?") == str(128 + 32)
    assert ask(meter, "*ESR?") == "0"
    ask(meter, "*CLS")
    assert ask(meter, "*STB?;:SYST:ERR:COUN?;*ESE?;*SRE?") == "0;0;32;36"


@pytest.mark.parametrize(
    ("command", "bit"), [("*OPC", 1), ("NONSENSE", 32), (":SOUR:CURR:VLIM 99", 16)]
)
def test_events_set_the_bit_of_their_class(command: str, bit: int) -> None:
    meter = Meter()
    ask(meter, "*CLS")
    ask(meter, command)
    assert ask(meter, "*ESR?") == str(bit)


def test_a_message_may_come_in_any_pieces_and_end_in_cr_lf() -> None:
    meter = Meter()
    for byte in b":SOUR:CURR 4\r\n:SOUR:CURR?\r\n":
        meter.receive(bytes([byte]), 0.0)
    assert meter.transmit(0.0) == b"4\n"


def test_a_query_that_takes_time_answers_when_it_is_done_and_delays_the_next() -> None:
    meter = Meter()
    meter.receive(b"READ?\n*OPC?\n", 10.0)
    assert meter.next_event_s() == pytest.approx(10.02)
    assert meter.transmit(10.019) == b""
    assert meter.transmit(10.021) == b"1\n1\n"
    assert meter.next_event_s() is None


def test_a_line_without_an_end_is_given_up() -> None:
    meter = Meter()
    meter.receive(b"x" * (INPUT_LIMIT_BYTES + 1), 0.0)
    assert errors(meter) == [-363]


def test_every_code_that_is_raised_has_its_text_in_the_table() -> None:
    assert error_messages()[-113] == "Undefined header"
    assert error_messages()[-222] == "Data out of range"
    with pytest.raises(KeyError):
        ScpiError(-1)


_WORDS = st.sampled_from(
    [":", ";", "*", "?", "SOUR", "CURR", "VLIM", "READ", "IDN", "1", "1e9", '"', "'", ",", " ", "#"]
)


@given(st.lists(st.one_of(st.binary(max_size=20), _WORDS.map(str.encode)), max_size=30))
def test_no_bytes_at_all_make_an_instrument_raise(pieces: list[bytes]) -> None:
    meter = Meter()
    for at_s, piece in enumerate(pieces):
        meter.receive(piece, float(at_s))
        meter.transmit(float(at_s))
    meter.receive(b"\n", 100.0)
    meter.transmit(100.0)
    meter.receive(b"*CLS\n*OPC?\n", 200.0)
    assert meter.transmit(300.0) == b"1\n"
