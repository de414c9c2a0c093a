"""What may be written as a quantity, what it means in SI, and what each mistake is answered."""

from __future__ import annotations

import sys
from subprocess import run

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faradaic.quantities import Dimension, Quantity, QuantityError, parse, parse_quantity

D = Dimension


@pytest.mark.parametrize(
    ("text", "dimension", "value_SI"),
    [
        ("5 mA", D.CURRENT, 0.005),
        ("5mA", D.CURRENT, 0.005),
        ("  -5.0e0 mA ", D.CURRENT, -0.005),
        ("−5 mA", D.CURRENT, -0.005),
        (".5 A", D.CURRENT, 0.5),
        ("1.1 mA", D.CURRENT, 0.0011),
        ("5 \u00b5A", D.CURRENT, 5e-6),
        ("5 \u03bcA", D.CURRENT, 5e-6),
        ("5 uA", D.CURRENT, 5e-6),
        ("5\u00a0mA", D.CURRENT, 0.005),
        ("1 h 30 min", D.TIME, 5400.0),
        ("1h30min", D.TIME, 5400.0),
        ("2 d 1 h 1 min 1.5 s", D.TIME, 176461.5),
        ("10 mL", D.VOLUME, 1e-5),
        ("10 ml", D.VOLUME, 1e-5),
        ("0.1 M", D.CONCENTRATION, 100.0),
        ("100 mM", D.CONCENTRATION, 100.0),
        ("0.1 mol/L", D.CONCENTRATION, 100.0),
        ("25 degC", D.TEMPERATURE, 298.15),
        ("25 °C", D.TEMPERATURE, 298.15),
        ("-78 degC", D.TEMPERATURE, 195.15),
        ("298.15 K", D.TEMPERATURE, 298.15),
        ("5 K", D.TEMPERATURE_DIFFERENCE, 5.0),
        ("5 %", D.FRACTION, 0.05),
        ("50%", D.FRACTION, 0.5),
        ("600 rpm", D.ROTATION_RATE, 10.0),
        ("50 mV/s", D.SCAN_RATE, 0.05),
        ("2 mL/min", D.VOLUME_FLOW, 2e-6 / 60),
        ("50 Ohm", D.RESISTANCE, 50.0),
        ("50 ohm", D.RESISTANCE, 50.0),
        ("50 \u03a9", D.RESISTANCE, 50.0),
        ("50 k\u2126", D.RESISTANCE, 50e3),
        ("2 Ω cm²", D.AREA_RESISTANCE, 2e-4),
        ("5 mS/cm", D.CONDUCTIVITY, 0.5),
        ("1 mg/cm2", D.AREAL_LOADING, 0.01),
        ("1 mHz", D.FREQUENCY, 1e-3),
        ("1 MHz", D.FREQUENCY, 1e6),
        ("1 Ah", D.CHARGE, 3600.0),
        ("1 mA h", D.CHARGE, 3.6),
        # F/mol is the faraday per mole: 96485.33212 C/mol (CODATA 2018).
        ("1 F/mol", D.CHARGE_PER_AMOUNT, 96485.33212),
        ("1 F mol-1", D.CHARGE_PER_AMOUNT, 96485.33212),
        ("1 F/mol/h", D.CHARGE_RATE_PER_AMOUNT, 96485.33212 / 3600),
        # 0 degC and 1 atm: reference table of flows, 7.435839e-7 mol/s.
        ("1 sccm", D.MOLAR_FLOW, pytest.approx(7.435839e-7, rel=1e-6)),
    ],
)
def test_a_quantity_means_its_si_value(text: str, dimension: Dimension, value_SI: float) -> None:
    assert parse(text, dimension) == value_SI


@pytest.mark.parametrize(
    "notation",
    [
        *("4 mA/cm2", "4 mA/cm^2", "4 mA/cm²", "4 mA cm-2", "4 mA cm^-2"),
        *("4 mA·cm⁻²", "4 mA⋅cm^-2", "4 mA cm−2", "4 mA / cm2"),
    ],
)
def test_one_unit_may_be_written_in_every_usual_notation(notation: str) -> None:
    assert parse(notation, D.CURRENT_DENSITY) == 40.0


TRAPS: list[tuple[object, Dimension, str, str]] = [
    ("", D.CURRENT, "E101", "like `5 mA`"),
    ("  \t ", D.CURRENT, "E101", "like `5 mA`"),
    ("5", D.CURRENT, "E102", "`5 mA`"),
    ("5", D.CHARGE_PER_AMOUNT, "E102", "`5 F/mol`"),
    ("1 h 30", D.TIME, "E102", "`1 h 30 min`"),
    ("1,5 mA", D.CURRENT, "E103", "`1.5 mA`"),
    ("-0,25 V", D.VOLTAGE, "E103", "`-0.25 V`"),
    ("1,000 mA", D.CURRENT, "E103", "`1.000 mA` or `1000 mA`"),
    ("1,000,000 mA", D.CURRENT, "E103", "`1000000 mA`"),
    ("1,000.5 mA", D.CURRENT, "E103", "`1000.5 mA`"),
    ("1.000,5 mA", D.CURRENT, "E103", "`1000.5 mA`"),
    ("1 000 mA", D.CURRENT, "E103", "`1000 mA`"),
    ("1\u202f000 mA", D.CURRENT, "E103", "`1000 mA`"),
    ("1'000 mA", D.CURRENT, "E103", "`1000 mA`"),
    ("1_000 mA", D.CURRENT, "E103", "`1000 mA`"),
    ("10 ma", D.CURRENT, "E104", "did you mean `10 mA`?"),
    ("10 MA", D.CURRENT, "E104", "did you mean `10 mA`?"),
    ("10 MHZ", D.FREQUENCY, "E104", "`10 mHz` or `10 MHz`"),
    ("5 hours", D.TIME, "E104", "did you mean `5 h`?"),
    ("30 sec", D.TIME, "E104", "did you mean `30 s`?"),
    ("5 mA/cm", D.CURRENT_DENSITY, "E104", "`5 mA/cm^2`"),
    ("5 A²", D.CURRENT, "E104", "A, mA, µA"),
    ("5e3 e", D.CURRENT, "E104", "A, mA, µA"),
    ("5 V", D.CURRENT, "E105", "like `5 mA`"),
    ("5 m", D.TIME, "E105", "did you mean `5 min`?"),
    ("25 C", D.TEMPERATURE, "E105", "did you mean `25 degC`?"),
    ("20 mL/min", D.MOLAR_FLOW, "E105", "sccm"),
    ("2.2 F", D.CHARGE, "E106", "`2.2 F/mol`"),
    ("2.2 F", D.CHARGE_PER_AMOUNT, "E106", "`2.2 F/mol`"),
    ("nan A", D.CURRENT, "E107", "`5 mA`"),
    ("inf A", D.CURRENT, "E107", "`5 mA`"),
    ("-Infinity A", D.CURRENT, "E107", "`5 mA`"),
    ("1e400 A", D.CURRENT, "E107", "1.7e308"),
    ("1e308 kA", D.CURRENT, "E107", "1.7e308"),
    ("1e-400 A", D.CURRENT, "E107", "2.3e-308"),
    ("1e99999999999999999999999999999999 A", D.CURRENT, "E107", "1.7e308"),
    ("0." + 60 * "0" + "5 mA", D.CURRENT, "E108", "`5 mA`"),
    ("9**9**9", D.CURRENT, "E109", "one number and one unit"),
    ("(5) mA", D.CURRENT, "E109", "one number and one unit"),
    ("1/2 h", D.TIME, "E109", "one number and one unit"),
    ("2*5 mA", D.CURRENT, "E109", "one number and one unit"),
    ("5-10 mA", D.CURRENT, "E109", "one number and one unit"),
    ("~5 mA", D.CURRENT, "E109", "one number and one unit"),
    ("5² mA", D.CURRENT, "E109", "one number and one unit"),
    ("٥ mA", D.CURRENT, "E109", "one number and one unit"),
    ("5×10⁻³ A", D.CURRENT, "E109", "`5e-3`"),
    ("1:30", D.TIME, "E109", "`1 h 30 min`"),
    ("5 1/min", D.ROTATION_RATE, "E109", "`600 rpm`"),
    ("mA", D.CURRENT, "E109", "`5 mA`"),
    ("__import__('os')", D.CURRENT, "E109", "`5 mA`"),
    ("5 mA 3 mA", D.CURRENT, "E110", "`1 h 30 min`"),
    ("30 min 1 h", D.TIME, "E110", "`1 h 30 min`"),
    ("1 h 1 h", D.TIME, "E110", "`1 h 30 min`"),
    ("1 h -5 min", D.TIME, "E110", "`1 h 30 min`"),
    ("0 mm", D.LENGTH, "E111", "`10 mm`"),
    ("-2 mm", D.LENGTH, "E111", "`2 mm`"),
    ("-1 s", D.TIME, "E111", "`1 s`"),
    ("1h30", D.TIME, "E102", "`1 h 30 min`"),
    ("20 milliseconds", D.TIME, "E104", "`20 ms`"),
    ("2 minuts", D.TIME, "E104", "`2 min`"),
    ("5 milliamps", D.CURRENT, "E104", "`5 mA`"),
    ("10 miliamps", D.CURRENT, "E104", "`10 mA`"),
    ("3 microlitres", D.VOLUME, "E104", "`3 \u00b5L`"),
    ("0.2 millimoles", D.AMOUNT, "E104", "`0.2 mmol`"),
    ("10 mA/cm^2", D.CURRENT, "E105", "`current_density`"),
    ("-300 degC", D.TEMPERATURE, "E111", "-273.15 degC"),
    ("5 degC", D.TEMPERATURE_DIFFERENCE, "E112", "`5 K`"),
    (None, D.CURRENT, "E113", "`5 mA`"),
    (True, D.CURRENT, "E113", "`5 mA`"),
    ([], D.CURRENT, "E113", "`5 mA`"),
    ({}, D.CURRENT, "E113", "`5 mA`"),
    (5, D.CURRENT, "E102", "`5 mA`"),
    (0.5, D.CURRENT, "E102", "`0.5 mA`"),
]


@pytest.mark.parametrize(("text", "dimension", "code", "help_part"), TRAPS)
def test_a_mistake_is_an_error_that_says_what_to_type(
    text: object, dimension: Dimension, code: str, help_part: str
) -> None:
    with pytest.raises(QuantityError) as caught:
        parse(text, dimension)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == code
    assert help_part in diagnostic.help
    assert "\n" not in diagnostic.message


def test_of_several_dimensions_the_unit_decides() -> None:
    both = (D.CHARGE, D.CHARGE_PER_AMOUNT)
    assert parse_quantity("86.8 C", *both) == Quantity(86.8, D.CHARGE)
    assert parse_quantity("2 F/mol", *both) == Quantity(2 * 96485.33212, D.CHARGE_PER_AMOUNT)
    with pytest.raises(QuantityError, match="a charge or a charge per amount is needed"):
        parse_quantity("5 V", *both)


def test_an_integer_too_long_to_print_is_a_quantity_error_too() -> None:
    with pytest.raises(QuantityError, match="has no unit"):
        parse(10**5000, D.CURRENT)


def test_a_message_shows_control_characters_escaped() -> None:
    with pytest.raises(QuantityError) as caught:
        parse("5 \x1b[31mmA", D.CURRENT)
    assert "\x1b" not in str(caught.value)


QUANTITY_LIKE = "0123456789.,-+−eE_ '\u00a0mAcVFhskµμΩ\u2126°C%/^·²³⁻*():naif"
ANY_TEXT = st.text(max_size=200) | st.text(alphabet=QUANTITY_LIKE, max_size=64)


@given(ANY_TEXT, st.sampled_from(Dimension))
@example("\ud800", D.CURRENT)
@example("5 \ud800", D.CURRENT)
@example("1e-308 A", D.CURRENT)
def test_any_text_gives_a_finite_number_or_a_quantity_error(text: str, dimension: D) -> None:
    try:
        value = parse(text, dimension)
    except QuantityError:
        return
    assert abs(value) <= sys.float_info.max


def test_parsing_imports_neither_pydantic_nor_pint() -> None:
    program = (
        "import sys; from faradaic.quantities.fields import Current;"
        "from faradaic.quantities import Dimension, parse;"
        "parse('5 mA', Dimension.CURRENT);"
        "sys.exit(any(m in sys.modules for m in ('pydantic', 'pint', 'numpy')))"
    )
    assert run([sys.executable, "-c", program], check=False).returncode == 0
