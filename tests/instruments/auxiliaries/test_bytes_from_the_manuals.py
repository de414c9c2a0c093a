"""What makers print of their protocols, against drivers and emulators: apart from each other.

Sources stand beside each.
"""

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.auxiliaries.alicat_controller import AlicatController, parse_frame
from faradaic.instruments.auxiliaries.atlas_ph import AtlasPh
from faradaic.instruments.auxiliaries.icpdas_thermocouple import IcpDasThermocouple
from faradaic.instruments.auxiliaries.ika_hotplate import IkaHotplate
from faradaic.instruments.auxiliaries.lcus_relay import LcusRelay
from faradaic.instruments.auxiliaries.new_era_pump import NewEraPump, number, packet
from faradaic.instruments.clock import WallClock
from rigs.devices import SCCM, DeviceRig, Script

pytestmark = pytest.mark.witness


def test_the_packet_that_the_pump_s_manual_prints():
    """NE-1000 user manual 1200-01, page 33: to return to the basic mode, in any mode."""
    printed = b"\x02\x08SAF0\x55\x43\x03"
    assert packet(b"SAF0") == printed


def test_the_pump_s_emulator_takes_the_printed_packet():
    rig = DeviceRig("new-era").connected()
    rig.driver.set("pump_flow_m3_per_s", 1e-6 / 60.0)
    assert rig.emulator._safe
    rig.emulator.receive(b"\x02\x08SAF0\x55\x43\x03", rig.clock.monotonic_s())
    assert not rig.emulator._safe


@pytest.mark.parametrize(
    ("value", "text"),
    [(14.43, "14.43"), (1.0, "1.000"), (123.44, "123.4"), (9999.0, "9999")],
)
def test_numbers_have_four_digits_and_three_of_them_after_the_point(value, text):
    """The same page, <float>."""
    assert number(value) == text


@pytest.mark.parametrize("value", [10_000.0, 99_999.5, 1e-4, 0.0304])
def test_a_number_that_does_not_fit_is_refused(value):
    """A volume that was rounded to 0 would be pumped without end."""
    with pytest.raises(DeviceError, match="four digits"):
        number(value)


def test_a_pump_answers_as_its_manual_says():
    """`00S`, `00A?S` and `00S?OOR` between STX and ETX (pages 33 to 35; nesp-lib's examples)."""
    script = Script(
        (b"VER\r", b"\x0200SNE1000V3.928\x03"),
        (b"\r", b"\x0200S\x03"),
        (b"DIA14.43\r", b"\x0200S\x03"),
        (b"VOLML\r", b"\x0200S?OOR\x03"),
    )
    pump = NewEraPump(script, diameter_m=0.01443)
    pump.connect(WallClock())
    with pytest.raises(DeviceError, match="out of its range"):
        pump.set("pump_flow_m3_per_s", 1e-6 / 60.0)
    assert b"DIA14.43\r" in script.sent


def test_the_alicat_line_of_the_manual():
    """MC series manual: unit, pressure, temperature, volume flow, mass flow, set-point, gas."""
    frame = parse_frame("A +014.62 +023.42 +012.50 +012.31 012.00 Air", "A")
    assert (frame.mass_flow, frame.set_point, frame.gas, frame.flags) == (12.31, 12.0, "Air", ())


def test_an_alicat_line_with_a_total_and_a_status():
    frame = parse_frame("A +014.62 +023.42 +000.00 +101.99 100.00 +0012.3 CO2 MOV LCK", "A")
    assert (frame.mass_flow, frame.gas, frame.flags) == (101.99, "CO2", ("MOV", "LCK"))


@pytest.mark.parametrize(
    "line", ["", "B +1 +2 +3 +4 5 Air", "A +014.62 Air", "?", "A +1 +2 +3 +4 5"]
)
def test_what_is_no_alicat_line_is_none(line):
    with pytest.raises(ValueError):
        parse_frame(line, "A")


def test_an_alicat_set_point_as_the_tutorial_writes_it():
    """Serial communication tutorial: `as[floating point number]<CR>`."""
    answer = b"A +014.62 +023.42 +000.00 +000.00 002.50 Air\r"
    script = Script((b"AS2.5000\r", answer), (b"A\r", answer))
    controller = AlicatController(script, full_scale_mol_per_s=100 * SCCM)
    controller.connect(WallClock())
    controller.set("gas_flow_mol_per_s", 2.5 * SCCM)
    assert b"AS2.5000\r" in script.sent


def test_the_hotplate_s_commands():
    """IKA RCT digital, operating instructions, page "NAMUR commands"."""
    script = Script(
        (b"IN_NAME\r\n", b"RCT digital \r\n"),
        (b"OUT_WD1@60\r\n", b"60 \r\n"),
        (b"IN_PV_1\r\n", b"25.3 1 \r\n"),
        (b"IN_PV_4\r\n", b"500.0 4 \r\n"),
        (b"IN_SP_4\r\n", b"500.0 4 \r\n"),
    )
    plate = IkaHotplate(script)
    plate.connect(WallClock())
    assert plate.read() == {"stirring_rpm": 500.0, "temperature_K": pytest.approx(298.45)}
    plate.set("stirring_rpm", 500.0)
    assert script.sent[-3:] == [b"IN_SP_4\r\n", b"START_4\r\n", b"STATUS_4\r\n"]


def test_a_relay_s_four_bytes():
    """The boards' description: A0 01 01 A2 on, A0 01 00 A1 off; second contact A0 02 01 A3."""
    script = Script()
    relay, second = LcusRelay(script), LcusRelay(script, channel=2)
    relay.set("relay_closed", 1.0)
    relay.set("relay_closed", 0.0)
    second.set("relay_closed", 1.0)
    assert script.sent == [b"\xa0\x01\x01\xa2", b"\xa0\x01\x00\xa1", b"\xa0\x02\x01\xa3"]


def test_a_relay_board_s_status():
    """The same: contacts 1 to 4 on, 5 to 8 off: FF -> 01 01 01 01 00 00 00 00."""
    script = Script((b"\xff", b"\x01\x01\x01\x01\x00\x00\x00\x00"))
    assert LcusRelay(script, channel=4, answers=True).read() == {"relay_closed": 1.0}
    assert LcusRelay(script, channel=5, answers=True).read() == {"relay_closed": 0.0}


def test_a_thermocouple_module_s_lines():
    """I-7018 user manual: $01M -> !017018 (page 38), #032 -> >+02.513 (page 25)."""
    script = Script(
        (b"$03M\r", b"!037018\r"), (b"$032\r", b"!030F0600\r"), (b"#032\r", b">+02.513\r")
    )
    module = IcpDasThermocouple(script, channel=2, module=3)
    module.connect(WallClock())
    assert module.read() == {"temperature_K": pytest.approx(275.663)}


def test_a_channel_that_the_module_does_not_have():
    """The same page: #029 -> ?02."""
    with pytest.raises(Exception, match="no answer"):
        IcpDasThermocouple(Script((b"#025\r", b"?02\r")), channel=5, module=2).read()


def test_a_ph_circuit_s_reading():
    """EZO-pH data sheet: R -> 9.560, then *OK where response codes are on."""
    for end in (b"*OK\r", b""):
        script = Script((b"R\r", b"9.560\r" + end))
        assert AtlasPh(script).read() == {"pH": 9.56}


def test_a_ph_circuit_that_does_not_know_a_command():
    with pytest.raises(Exception, match="did not take"):
        AtlasPh(Script((b"R\r", b"*ER\r"))).read()
