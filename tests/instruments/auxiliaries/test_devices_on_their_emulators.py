"""Every driver of a device around the cell against what is promised of all of them."""

import pytest

from faradaic.diagnostics import DeviceError
from faradaic.instruments.auxiliary_traits import AUXILIARIES, TRAITS, Auxiliary
from faradaic.instruments.transports import LinkError
from rigs.devices import OPTIONS, SCCM, DeviceRig

NAMES = sorted(OPTIONS)
SETTINGS = [
    ("ika-rct", "stirring_rpm", 600.0, 5.0),
    ("ika-rct", "temperature_K", 313.15, 900.0),
    ("alicat-mc", "gas_flow_mol_per_s", 20 * SCCM, 5.0),
    ("new-era", "pump_flow_m3_per_s", 1e-6 / 60.0, 1.0),
    ("lcus-relay", "relay_closed", 1.0, 0.5),
    ("hei-connect", "stirring_rpm", 600.0, 5.0),
    ("hei-connect", "temperature_K", 313.15, 900.0),
    ("julabo", "temperature_K", 313.15, 900.0),
    ("huber", "temperature_K", 313.15, 900.0),
    ("bronkhorst", "gas_flow_mol_per_s", 20 * SCCM, 5.0),
    ("mks-g", "gas_flow_mol_per_s", 20 * SCCM, 5.0),
    ("ismatec-icc", "pump_flow_m3_per_s", 1e-6 / 60.0, 1.0),
    ("harvard-elite", "pump_flow_m3_per_s", 1e-6 / 60.0, 1.0),
]


def test_every_driver_that_is_installed_is_tried():
    ours = [name for name in AUXILIARIES.names() if name in OPTIONS]
    assert ours == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_declares_what_it_can_do_before_it_writes(name):
    rig = DeviceRig(name)
    able = AUXILIARIES.load(name).abilities(**OPTIONS[name])
    assert {one.trait for one in able} == set(rig.driver.capabilities.traits)
    assert rig.driver.capabilities.on_host_death.strip()
    assert all(one.least <= one.most for one in able)
    assert isinstance(rig.driver, Auxiliary)
    assert not rig.cable.sent


@pytest.mark.parametrize("name", NAMES)
def test_it_reads_what_it_says_it_reports(name):
    rig = DeviceRig(name).connected()
    able = AUXILIARIES.load(name).abilities(**OPTIONS[name])
    assert {one.quantity for one in able if one.reports} <= set(rig.driver.read())


@pytest.mark.parametrize(("name", "quantity", "value", "after_s"), SETTINGS)
def test_what_is_set_is_reported_and_rest_takes_it_away(name, quantity, value, after_s):
    rig = DeviceRig(name).connected()
    rig.driver.set(quantity, value)
    for _ in range(int(after_s)):
        rig.wait(1.0)
        rig.driver.read()  # its watchdog is fed
    assert rig.driver.read()[quantity] == pytest.approx(value, rel=0.02)
    rest = rig.driver.rest(())
    assert rest.at_rest, rest.evidence
    rig.wait(10.0)
    off = rig.driver.read()[quantity]
    assert off < value if quantity == "temperature_K" else off == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize(("name", "quantity", "value", "after_s"), SETTINGS)
def test_what_is_to_be_kept_is_kept(name, quantity, value, after_s):
    rig = DeviceRig(name).connected()
    rig.driver.set(quantity, value)
    rig.wait(3.0)
    before = rig.driver.read()[quantity]
    assert rig.driver.rest((quantity,)).at_rest is not False
    rig.wait(2.0)
    assert rig.driver.read()[quantity] >= before > 0.0


@pytest.mark.parametrize("fault", ["mute", "unplugged"])
@pytest.mark.parametrize("name", NAMES)
def test_a_dead_cable_gives_no_value_and_all_is_right_again_after_it(name, fault):
    rig = DeviceRig(name).connected()
    before = rig.driver.read()
    setattr(rig.cable, fault, True)
    with pytest.raises(LinkError):
        rig.driver.read()
    assert rig.clock.monotonic_s() < 30.0  # bounded
    setattr(rig.cable, fault, False)
    rig.driver.connect(rig.clock)
    assert rig.driver.read().keys() == before.keys()


@pytest.mark.parametrize("name", [name for name in NAMES if name != "lcus-relay"])
def test_a_late_answer_is_not_taken_for_the_next(name):
    rig = DeviceRig(name).connected()
    expected = rig.driver.read()
    rig.emulator.answers_after_s = 3.0  # beyond every time-out
    with pytest.raises(LinkError):
        if name == "atlas-ph":
            rig.cable.mute = True
        rig.driver.read()
    rig.cable.mute = False
    rig.emulator.answers_after_s = 0.01
    rig.wait(10.0)
    found = rig.driver.read()
    assert found == pytest.approx(expected, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "lcus-relay"])
def test_a_garbled_answer_is_no_value(name):
    rig = DeviceRig(name).connected()
    rig.cable.disturb = lambda line: b"#" + line[1:3] + b"\xff" + line[4:]
    with pytest.raises(DeviceError):
        rig.driver.read()


def test_a_hotplate_that_nobody_speaks_to_turns_itself_off():
    rig = DeviceRig("ika-rct").connected()
    rig.driver.set("stirring_rpm", 500.0)
    rig.wait(50.0)
    assert rig.around.stirring_rpm == pytest.approx(500.0, rel=0.01)
    rig.wait(15.0)
    assert rig.emulator.tripped
    assert rig.around.stirring_rpm == pytest.approx(0.0, abs=1.0)


def test_a_pump_that_nobody_speaks_to_stops():
    rig = DeviceRig("new-era").connected()
    rig.driver.set("pump_flow_m3_per_s", 1e-6 / 60.0)
    rig.wait(60.0)
    assert rig.emulator.infused_m3 == pytest.approx(5.0 / 60.0 * 1e-6, rel=0.05)
    assert rig.driver.read()["pump_flow_m3_per_s"] == 0.0
    assert "no command came" in rig.driver.alarm


def test_a_dose_ends_by_itself_with_its_volume():
    rig = DeviceRig("new-era").connected()
    rig.driver.dose(0.5e-6, 1e-6 / 60.0)
    for _ in range(40):
        rig.wait(1.0)
        read = rig.driver.read()
    assert read == {"pump_flow_m3_per_s": 0.0, "dosed_m3": pytest.approx(0.5e-6, rel=2e-3)}
    rig.driver.dose(0.25e-6, 1e-6 / 60.0)
    rig.wait(2.0)
    assert rig.driver.read()["dosed_m3"] < 0.1e-6  # it counts anew


def test_a_pump_that_stalls_says_so():
    rig = DeviceRig("new-era").connected()
    rig.driver.set("pump_flow_m3_per_s", 1e-6 / 60.0)
    rig.around.fault_is_on = lambda fault, now_s: fault == "pump_stall"
    rig.wait(1.0)
    assert rig.driver.read()["pump_flow_m3_per_s"] == 0.0
    assert "stalled" in rig.driver.alarm
    rig.around.fault_is_on = lambda fault, now_s: False
    rig.driver.set("pump_flow_m3_per_s", 1e-6 / 60.0)
    assert not rig.driver.alarm


def test_a_rate_that_the_pump_refuses_is_an_error():
    rig = DeviceRig("new-era").connected()
    with pytest.raises(DeviceError, match="out of its range"):
        rig.driver.set("pump_flow_m3_per_s", 30e-6 / 60.0)


def test_a_set_point_that_the_controller_cuts_is_an_error():
    rig = DeviceRig("alicat-mc", "alicat-mc?full_scale=50", gas=None).connected()
    with pytest.raises(DeviceError, match="reads back as 50"):
        rig.driver.set("gas_flow_mol_per_s", 80 * SCCM)


def test_a_controller_set_to_another_gas_is_refused():
    with pytest.raises(DeviceError, match="set to N2"):
        DeviceRig("alicat-mc", "alicat-mc?gas=N2").connected()


def test_a_module_set_to_another_thermocouple_is_refused_not_changed():
    rig = DeviceRig("icpdas-7018", "icpdas-7018?kind=J")
    with pytest.raises(DeviceError, match="of type J"):
        rig.connected()
    assert b"%" not in rig.cable.sent


def test_a_broken_thermocouple_has_no_temperature():
    rig = DeviceRig("icpdas-7018").connected()
    rig.emulator.broken = True
    assert rig.driver.read() == {}


def test_another_device_at_the_address_is_refused():
    with pytest.raises(DeviceError, match=r"RCT|answer"):
        DeviceRig("ika-rct", "icpdas-7018").connected()


def test_traits_have_the_quantities_that_columns_are_named_after():
    assert all(kind.quantity and kind.unit for kind in TRAITS.values())


@pytest.mark.parametrize(("name", "quantity", "value", "after_s"), SETTINGS)
def test_who_only_asks_changes_nothing(name, quantity, value, after_s):
    """A probe of a bench must not stop what somebody has started by hand, nor arm a watchdog."""
    rig = DeviceRig(name).connected()
    rig.driver.set(quantity, value)
    rig.driver.rest((quantity,))  # which stays on, with nobody to watch it
    rig.wait(5.0)
    other = AUXILIARIES.load(name)(rig.cable, **OPTIONS[name])
    other.connect(rig.clock)
    other.read()
    rig.wait(120.0)
    other.connect(rig.clock)
    assert other.read()[quantity] > 0.5 * value


def test_a_pump_at_rest_has_no_alarm_when_nobody_asks_any_more():
    rig = DeviceRig("new-era").connected()
    rig.driver.set("pump_flow_m3_per_s", 1e-6 / 60.0)
    rig.wait(1.0)
    assert rig.driver.rest(()).at_rest
    rig.wait(60.0)
    assert not rig.emulator._alarm
    rig.driver.set("pump_flow_m3_per_s", 1e-6 / 60.0)  # it is watched again
    assert rig.emulator._safe
