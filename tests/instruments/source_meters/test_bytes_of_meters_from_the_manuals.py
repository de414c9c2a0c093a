"""What the manuals of source meters print, on our emulators and in our drivers."""

from __future__ import annotations

import pytest

from faradaic.instruments.readings import Regulation
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.source_meters.meter_models import keithley_2400, keysight_b2901a
from rigs.devices import Script
from rigs.meters import meter, typed

pytestmark = pytest.mark.witness

HELD = SetPoint(Regulation.CURRENT, 1e-3, 10.0, 1e-3, 10.0, 1.0)


@pytest.mark.parametrize(("asked", "taken"), [(20, 20), (110, 100), (5, 20), (160, 160), (-40, 40)])
def test_the_overvoltage_protection_of_a_2400(asked: int, taken: int) -> None:
    """2400S-900-01, page 18-81: between two levels the lower one, below all of them the lowest."""
    rig = meter("keithley-2400")
    typed(rig, f":SOUR:VOLT:PROT {asked}")
    assert float(typed(rig, ":SOUR:VOLT:PROT?")) == taken


@pytest.mark.parametrize(("model", "lowest"), [("2400", 20), ("2420", 6), ("2440", 4)])
def test_the_lowest_protection_of_each_model(model: str, lowest: int) -> None:
    """The same, page 3-12."""
    rig = meter(f"keithley-{model}")
    typed(rig, ":SOUR:VOLT:PROT 1")
    assert float(typed(rig, ":SOUR:VOLT:PROT?")) == lowest


def test_a_2400_reads_nothing_while_its_output_is_off() -> None:
    """The same, page B-6."""
    rig = meter("keithley-2400")
    assert typed(rig, ":READ?") == ""
    assert typed(rig, ":SYST:ERR?") == '+803,"Not permitted with OUTPUT off"'


@pytest.mark.parametrize(("bit", "limited"), [(3, True), (11, False), (16, True), (22, False)])
def test_the_status_word_of_a_2400_is_understood(bit: int, limited: bool) -> None:
    """The same, page 18-50: bits 3 and 16 are compliance, 11 a voltage, 22 remote sense."""
    taken = f"+1.000000E+00,+1.000000E-03,{float(1 << bit):+.6E}"
    ask = b"*ESE 1;*ESE?;:READ?;:OUTP?;:FETC?;:OUTP?\n"
    driver = keithley_2400(Script((ask, f"1;{taken};1;{taken};1\n".encode())))
    driver._channel.marked = True
    measured = driver._measure(HELD)
    assert measured.compliance is limited
    assert (measured.cell_voltage_V, measured.current_A) == (1.0, 1e-3)


@pytest.mark.parametrize(
    ("status", "limited", "over"),
    [(1, False, False), (2, True, False), (4, True, False), (6, True, False), (8192, False, True)],
)
def test_the_status_data_of_a_b2900_are_understood(status: int, limited: bool, over: bool) -> None:
    """B2900 SCPI Command Reference, Edition 2, page 1-14, table 1-2."""
    taken = f"+1.000000E+00,+1.000000E-03,{status:+.6E}"
    ask = b"*ESE 1;*ESE?;:READ? (@1);:OUTP?;:FETC? (@1);:OUTP?\n"
    driver = keysight_b2901a(Script((ask, f"1;{taken};1;{taken};1\n".encode())))
    driver._channel.marked = True
    measured = driver._measure(HELD)
    assert (measured.compliance, measured.overload) == (limited, over)


def test_the_elements_of_a_b2900_come_in_the_order_of_its_manual() -> None:
    """B2961A/B2962A SCPI Command Reference, Edition 6, page 4-21."""
    rig = meter("keysight-b2901a", ohm=1000.0)
    told = typed(rig, ":FORM:ELEM:SENS STAT,SOUR,CURR;:FORM:ELEM:SENS?")
    assert told == "CURR,STAT,SOUR"
    typed(rig, ":SOUR:FUNC:MODE CURR;:SOUR:CURR 1E-3;:SENS:VOLT:PROT 10;:OUTP 1")
    assert typed(rig, ":SENS:VOLT:PROT:TRIP?") == "0"
    current, status, source = (float(word) for word in typed(rig, ":READ?").split(","))
    assert (current, status, source) == (pytest.approx(1e-3, rel=1e-3), 1.0, 1e-3)
    typed(rig, ":SENS:VOLT:PROT 0.5")
    assert typed(rig, ":SENS:VOLT:PROT:TRIP?") == "1"


@pytest.mark.parametrize(
    ("mode", "number"), [("OUTPUT_NORMAL", 0), ("OUTPUT_HIGH_Z", 2), ("OUTPUT_ZERO", 1)]
)
def test_the_off_modes_of_a_2600(mode: str, number: int) -> None:
    """2600BS-900-01 Rev. A, page 4-34; their numbers are recalled."""
    rig = meter("keithley-2602b")
    typed(rig, f"smub.source.offmode = smub.{mode}")
    assert float(typed(rig, "print(smub.source.offmode)")) == number


def test_the_defaults_of_a_2600_that_is_off() -> None:
    """2600BS-900-01 Rev. A: 0 V within 1 mA, 40 V."""
    rig = meter("keithley-2602b")
    told = typed(rig, "print(smua.source.offfunc, smua.source.offlimiti, smua.source.offlimitv)")
    assert [float(word) for word in told.split("\t")] == [1.0, 1e-3, 40.0]
