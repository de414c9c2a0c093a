"""Lines that manuals print, apart from our emulators: what the drivers make of them."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.auxiliaries.bronkhorst_controller import BronkhorstController
from faradaic.instruments.auxiliaries.harvard_pump import HarvardPump, quantity
from faradaic.instruments.auxiliaries.heidolph_hotplate import HeidolphHotplate
from faradaic.instruments.auxiliaries.huber_thermostat import HuberThermostat, signed
from faradaic.instruments.auxiliaries.ismatec_pump import IsmatecPump, packed, unpacked
from faradaic.instruments.auxiliaries.julabo_thermostat import JulaboThermostat
from faradaic.instruments.auxiliaries.mks_controller import MksController, check_sum
from faradaic.instruments.clock import WallClock
from rigs.devices import SCCM, Script

pytestmark = pytest.mark.witness


def test_a_hei_connect_answers_a_query_with_its_own_words() -> None:
    """MR Hei-Connect, operating instructions, page 24: IN_PV_5 X, IN_PV_1 X, STATUS Y."""
    script = Script(
        (b"PA_NEW\r\n", b"PA_NEW\r\n"),
        (b"SW_VERS\r\n", b"1.15\r\n"),
        (b"IN_PV_5\r\n", b"IN_PV_5 600.0\r\n"),
        (b"IN_PV_1\r\n", b"IN_PV_1 999.9\r\n"),
    )
    plate = HeidolphHotplate(script)
    plate.connect(WallClock())
    assert plate.read() == {"stirring_rpm": 600.0}  # no probe is connected


def test_a_hei_connect_that_is_blocked_at_the_device() -> None:
    """The same page: STATUS -1."""
    script = Script(
        (b"PA_NEW\r\n", b"PA_NEW\r\n"),
        (b"SW_VERS\r\n", b"1.15\r\n"),
        (b"CC_ON\r\n", b"CC_ON\r\n"),
        (b"OUT_SP_3 500\r\n", b"OUT_SP_3 500\r\n"),
        (b"IN_SP_3\r\n", b"IN_SP_3 500\r\n"),
        (b"START_2\r\n", b"START_2\r\n"),
        (b"STATUS\r\n", b"STATUS -1\r\n"),
    )
    plate = HeidolphHotplate(script)
    plate.connect(WallClock())
    with pytest.raises(DeviceError, match="STATUS -1"):
        plate.set("stirring_rpm", 500.0)


def test_a_julabo_s_set_point() -> None:
    """Presto and FL manuals: `out_sp_00 55.5`, `in_sp_00` -> 55.5; mode 1 is started."""
    script = Script(
        (b"version\r", b"JULABO FL601 VERSION 2.0\r\n"),
        (b"in_sp_00\r", b"55.5\r\n"),
        (b"in_mode_05\r", b"1\r\n"),
    )
    bath = JulaboThermostat(script)
    bath.connect(WallClock())
    bath.set("temperature_K", 273.15 + 55.5)
    assert b"out_sp_00 55.50\r" in script.sent
    assert b"out_mode_05 1\r" in script.sent


def test_a_julabo_that_is_worked_at_its_panel_says_why() -> None:
    """FL1201 manual, page 26: -09 COMMAND NOT ALLOWED IN CURRENT OPERATING MODE."""
    script = Script(
        (b"version\r", b"JULABO FL601 VERSION 2.0\r\n"),
        (b"in_sp_00\r", b"20.0\r\n"),
        (b"status\r", b"-09 COMMAND NOT ALLOWED IN CURRENT OPERATING MODE\r\n"),
    )
    bath = JulaboThermostat(script)
    bath.connect(WallClock())
    with pytest.raises(DeviceError, match="-09 COMMAND NOT ALLOWED"):
        bath.set("temperature_K", 313.15)


@pytest.mark.parametrize(("word", "hundredths"), [(0x0FA0, 4000), (0xC504, -15100)])
def test_a_huber_s_hundredths_of_a_degree(word: int, hundredths: int) -> None:
    """Signed 16 bits; -151.00 degC for a sensor that is not there."""
    assert signed(word) == hundredths


def test_a_huber_without_its_process_sensor_has_no_temperature() -> None:
    script = Script((b"{M0A****\r\n", b"{S0A0000\r\n"), (b"{M07****\r\n", b"{S07C504\r\n"))
    assert HuberThermostat(script, sensor="process").read() == {}


def test_the_messages_that_bronkhorst_prints() -> None:
    """9.17.027: set-point of node 3 to 50 %, its status; a value of 50 %."""
    script = Script(
        (b":06030101213E80\r\n", b":0403000005\r\n"),
        (b":06030401210121\r\n", b":06030201213E80\r\n"),
        (b":06030401200120\r\n", b":06030201203E80\r\n"),
    )
    controller = BronkhorstController(script, full_scale_mol_per_s=100 * SCCM, node=3)
    controller.set("gas_flow_mol_per_s", 50 * SCCM)
    assert script.sent == [b":06030101213E80\r\n", b":06030401210121\r\n"]
    assert controller.read()["gas_flow_mol_per_s"] == pytest.approx(50 * SCCM)


def test_the_check_sum_that_mks_prints() -> None:
    """1046411-001: `@001UT!TEST;16`."""
    assert check_sum("@001UT!TEST;") == "16"


@pytest.mark.parametrize("answer", [b"@@@000ACK9600;A9", b"@@@000ACK9600;29"])
def test_an_mks_answer_whichever_way_it_is_summed(answer: bytes) -> None:
    script = Script((b"@@@254FX?;" + check_sum("@254FX?;").encode(), answer))
    controller = MksController(script, full_scale_mol_per_s=1e4 * SCCM)
    assert controller.read()["gas_flow_mol_per_s"] == pytest.approx(9600 * SCCM)


@pytest.mark.parametrize("answer", [b"@@@000ACK9600;A8", b"@@@000ACK9601;A9"])
def test_an_mks_answer_whose_check_sum_does_not_fit(answer: bytes) -> None:
    script = Script((b"@@@254FX?;" + check_sum("@254FX?;").encode(), answer))
    with pytest.raises(DeviceError, match="no answer"):
        MksController(script, full_scale_mol_per_s=1e4 * SCCM).read()


def test_a_reglo_icc_s_volumes() -> None:
    """14-036-E, 14.6.10: 1.200 x 10-2 is 1200E-2; written without its E."""
    assert unpacked("1200E-2") == pytest.approx(0.012)
    assert (packed(0.012), packed(1.2), packed(35.0)) == ("1200-2", "1200+0", "3500+1")
    with pytest.raises(ValueError):
        unpacked("1200-2")


def test_a_reglo_icc_that_cannot_run_says_why() -> None:
    """14-036-E, 2.1 and 2.7: `-`, then xe: R and the highest flow."""
    script = Script(
        (b"1I\r", b"*"),
        (b"1M\r", b"*"),
        (b"1xf1\r", b"*"),
        (b"1J\r", b"*"),
        (b"1f1000+2\r", b"1000E+2\r\n"),
        (b"1f\r", b"1000E+2\r\n"),
        (b"1:\r", b"4.983 ml\r\n"),
        (b"1H\r", b"-"),
        (b"1xe\r", b"R 1386E-1\r\n"),
    )
    with pytest.raises(DeviceError, match="beyond what its tubing gives"):
        IsmatecPump(script).set("pump_flow_m3_per_s", 100e-6 / 60.0)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.0000 ml/min", 1e-6 / 60.0), ("250 ul", 2.5e-7), ("10 nl/hr", 1e-11 / 3600.0)],
)
def test_a_harvard_pump_s_quantities(text: str, value: float) -> None:
    assert quantity(text) == pytest.approx(value)


def test_a_harvard_pump_that_stalls() -> None:
    """FlowChem's table of prompts: `*`."""
    script = Script((b"00ivolume\r\n", b"\r\n00*0.5 ml\r\n00*"), (b"00irate\r\n", b"\r\n00*"))
    pump = HarvardPump(script, diameter_m=0.0145)
    assert pump.read() == {"pump_flow_m3_per_s": 0.0, "dosed_m3": pytest.approx(5e-7)}
    assert "stalled" in pump.alarm
