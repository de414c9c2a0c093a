"""The unit table against pint, which knows nothing of it, and against published constants."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from faradaic.quantities import Dimension, Quantity, QuantityError, parse
from faradaic.quantities.constants import (
    ATMOSPHERE_PA,
    AVOGADRO_PER_MOL,
    CELSIUS_ZERO_K,
    ELEMENTARY_CHARGE_C,
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_VOLUME_25C_1ATM_M3,
    molar_volume_m3_per_mol,
)
from faradaic.quantities.pint_registry import pint_unit, registry, to_pint
from faradaic.quantities.units import Unit, scan_unit, table

TABLE = table()


@cache
def theirs_alone() -> Any:
    """pint with nothing of ours but the faraday per mole."""
    import pint

    found = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    found.define("faraday_per_mole = avogadro_constant * elementary_charge")
    return found


@pytest.mark.parametrize("unit", TABLE, ids=lambda u: f"{u.name}-{u.dimension.name}")
def test_pint_agrees_with_the_factor(unit: Unit) -> None:
    target = _si_in_pint(unit.dimension)
    expression = theirs_alone().parse_expression(unit.pint)
    theirs = theirs_alone().Quantity(7.25, expression.units)
    theirs *= 1 if unit.offset else expression.magnitude
    ours = 7.25 * float(unit.factor) + float(unit.offset)
    assert ours == pytest.approx(theirs.to(target).magnitude, rel=1e-9)


def _si_in_pint(dimension: Dimension) -> str:
    if dimension is Dimension.ROTATION_RATE:
        return "revolution/second"  # turns, where pint counts radians
    if dimension is Dimension.FRACTION:
        return "dimensionless"
    return dimension.si_unit.replace(" ", "*").replace("Ohm", "ohm")


def test_a_faraday_per_mole_is_no_farad() -> None:
    assert pint_unit("F/mol") == registry().Unit("faraday_per_mole")
    one = registry().Quantity(1.0, pint_unit("F/mol"))
    assert one.to("coulomb/mole").magnitude == pytest.approx(FARADAY_C_PER_MOL, rel=1e-12)
    assert pint_unit("F") == registry().Unit("farad")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("1", "dimensionless"),
        ("", "dimensionless"),
        ("%", "percent"),
        ("1/s", "hertz"),
        ("A/m²", "ampere/meter**2"),
        ("m2/s", "meter**2/second"),
        ("ohm", "ohm"),
        ("kWh/kg", "kilowatt_hour/kilogram"),
        ("eV", "electron_volt"),
        ("deg", "degree"),
        ("mol/m2", "mole/meter**2"),
        ("mV/min", "millivolt/minute"),
    ],
)
def test_the_unit_of_a_result_or_column_goes_to_pint(ours: str, theirs: str) -> None:
    (a, b) = registry().Quantity(1.0, pint_unit(ours)), registry().Quantity(1.0, theirs)
    assert a.to_base_units().magnitude == pytest.approx(b.to_base_units().magnitude, rel=1e-12)
    assert a.dimensionality == b.dimensionality


@pytest.mark.parametrize("text", ["ma", "Z", "9**9**9", "V per ion", "5 mA", "Volts?", "ohms;"])
def test_a_unit_that_is_not_ours_is_refused_and_never_read_by_pint(text: str) -> None:
    with pytest.raises(QuantityError, match="not a unit"):
        pint_unit(text)


def test_the_standard_volume_of_a_meter_converts_to_nothing() -> None:
    import pint

    flow = registry().Quantity(20.0, pint_unit("sccm"))
    with pytest.raises(pint.DimensionalityError):
        flow.to("mole/second")


def test_our_numbers_are_added_to_those_of_a_program_that_works_with_pint() -> None:
    import pint

    sum_ = to_pint(Quantity(0.005, Dimension.CURRENT)) + pint.Quantity(5.0, "milliampere")
    assert sum_.to("mA").magnitude == pytest.approx(10.0)


def test_every_unit_is_read_back_from_its_name_and_has_a_source() -> None:
    for unit in TABLE:
        assert unit.source
        key, end = scan_unit(unit.name, 0)
        assert key
        assert end == len(unit.name)
        if unit.dimension.sign.allows(1.0):
            assert parse(f"1 {unit.name}", unit.dimension) == float(unit.factor + unit.offset)


def test_no_unit_stands_twice_and_one_name_has_one_factor() -> None:
    pairs = [(scan_unit(unit.name, 0)[0], unit.dimension) for unit in TABLE]
    assert len(set(pairs)) == len(pairs)
    factors: dict[object, set[object]] = {}
    for unit in TABLE:
        factors.setdefault(scan_unit(unit.name, 0)[0], set()).add((unit.factor, unit.offset))
    assert all(len(found) == 1 for found in factors.values())


@pytest.mark.parametrize("dimension", Dimension, ids=lambda d: d.name)
def test_every_dimension_reads_its_example_and_goes_to_pint(dimension: Dimension) -> None:
    value = parse(dimension.example, dimension)
    assert parse(f"1 {_nameable(dimension)}", dimension) == 1.0 or dimension.si_unit == "1"
    theirs = to_pint(Quantity(value, dimension))
    assert theirs.to_base_units().magnitude == pytest.approx(value, rel=1e-12)


def _nameable(dimension: Dimension) -> str:
    return "%" if dimension.si_unit == "1" else dimension.si_unit


def test_constants_are_those_of_codata_2018() -> None:
    # Exact since 2019: F = e NA, R = k NA with k = 1.380649e-23 J/K (SI Brochure, 9th edition).
    assert pytest.approx(ELEMENTARY_CHARGE_C * AVOGADRO_PER_MOL, rel=1e-10) == FARADAY_C_PER_MOL
    assert pytest.approx(1.380649e-23 * AVOGADRO_PER_MOL, rel=1e-10) == GAS_CONSTANT_J_PER_MOL_K
    # NIST: molar volume of ideal gas at 273.15 K and 101.325 kPa is 22.41396954e-3 m3/mol.
    at_0C = molar_volume_m3_per_mol(CELSIUS_ZERO_K, ATMOSPHERE_PA)
    assert at_0C == pytest.approx(22.41396954e-3, rel=1e-9)
    assert pytest.approx(24.46540e-3, rel=1e-6) == MOLAR_VOLUME_25C_1ATM_M3
