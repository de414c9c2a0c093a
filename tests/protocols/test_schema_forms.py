"""What a chemist may write: the short form, the extended forms, and every kind of step."""

from __future__ import annotations

import re

import pytest

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.documents.models import Model, yaml_key
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.schema import AreaBasis, Protocol, Repeat, Role, Step, Threshold
from faradaic.protocols.step_kind import step_kinds
from faradaic.protocols.step_kinds.constant_cell_voltage import ConstantCellVoltage
from faradaic.protocols.step_kinds.constant_current import ConstantCurrent
from faradaic.protocols.step_kinds.constant_potential import ConstantPotential
from faradaic.quantities import Dimension
from faradaic.quantities.constants import FARADAY_C_PER_MOL

# The short form as the design shows it.
SHORT = """
faradaic: 1
title: Benzothiophene 1,1-dioxide from a sulfonohydrazide and an alkyne
cell: {type: undivided, vessel: {kind: vial, volume: 20 mL, inner_diameter: 25 mm}, gap: 10 mm, closure: vented}
solution:
  volume: 10 mL
  limiting: hydrazide
  components:
    hydrazide:  {amount: 0.20 mmol, role: substrate}
    alkyne:     {equiv: 3.0, role: coupling_partner}
    Et4NPF6:    {amount: 0.20 mmol, role: electrolyte}
    HFIP:       {volume: 9.4 mL, role: solvent}
    MeNO2:      {volume: 0.6 mL, role: solvent}
electrodes:
  anode:   {material: graphite, form: felt, width: 10 mm, length: 20 mm, thickness: 3 mm, immersed: 18 mm}
  cathode: {material: Pt, form: foil, width: 10 mm, length: 10 mm, immersed: 10 mm}
reaction: {electrons: 4, gases: [{H2: 0.5 per electron, at: cathode}]}
steps:
  - open_circuit: {duration: 60 s}
  - constant_current:
      current: 5.0 mA
      cell_voltage_limit: 20 V
      until: [{charge: 4.5 F/mol}, {operator: "TLC: hydrazide consumed", ask_at: [3 F/mol, 4 F/mol]}]
  - open_circuit: {duration: 60 s}
"""  # noqa: E501 - as the design shows it

STEPS = {
    "open_circuit": "{duration: 60 s, until: [{cell_voltage: '<= 0.1 V', for: 5 s}]}",
    "constant_current": "{current_density: {value: 4 mA/cm^2, electrode: cathode,"
    " area_basis: envelope}, cell_voltage_limit: 10 V, until: 1 F/mol, caps: {time: 4 h,"
    " charge: 3 F/mol}}",
    "constant_potential": "{potential: -0.4 V, vs: SCE, current_limit: 100 mA,"
    " until: [{current: '<= 5 % of initial', for: 1 min, then: end}, {time: 8 h}]}",
    "constant_cell_voltage": "{cell_voltage: 3 V, current_limit: 50 mA, duration: 1 h}",
    "pulsed": "{on: {current: 10 mA, time: 100 ms}, off: {open_circuit: true, time: 50 ms},"
    " cell_voltage_limit: 10 V, until: 2 F/mol}",
    "alternating_polarity": "{current: 20 mA, frequency: 10 Hz, duty: 50 %,"
    " cell_voltage_limit: 10 V, until: [{charge: 10 F/mol, count: gross}]}",
    "ramp": "{cell_voltage: {from: 1 V, to: 5 V}, duration: 10 min, stairs: 40,"
    " current_limit: 50 mA}",
    "linear_sweep": "{from: 0.2 V, to: -0.8 V, vs: RHE, rate: 10 mV/s, current_limit: 0.1 A}",
    "cyclic_voltammetry": "{from: 0 V, vertex1: 1.5 V, vertex2: -0.5 V, vs: Fc, rate: 100 mV/s,"
    " cycles: 3, current_limit: 1 mA}",
    "impedance": "{from: 100 kHz, to: 0.1 Hz, amplitude_voltage: 10 mV, points_per_decade: 7}",
    "current_interrupt": "{width: 100 ms, count: 3, every: 10 s}",
    "square_wave_voltammetry": "{from: 0 V, to: 1 V, vs: Fc, amplitude: 25 mV, frequency: 15 Hz,"
    " current_limit: 1 mA}",
    "differential_pulse_voltammetry": "{from: 0 V, to: 1 V, vs: Fc, step: 4 mV, pulse: 50 mV,"
    " pulse_time: 50 ms, rate: 8 mV/s, current_limit: 1 mA}",
    "set": "{stirring: 600 rpm, temperature: 25 degC, gas: {species: N2, flow: 20 sccm},"
    " pump: {flow: 2 mL/min}}",
    "wait": "5 min",
    "dose": "{component: alkyne, amount: 0.1 mmol, rate: 0.1 mL/min}",
    "sample": "{volume: 20 uL, method: GC}",
    "prompt": "Add the diazonium salt last",
    "repeat": "{count: 3, steps: [{wait: 1 s}, {repeat: {count: 2, steps: [{prompt: again}]}}]}",
}


def protocol(text: str) -> Protocol:
    return validate_protocol(load_document(text, "test.yaml")).protocol


def with_step(step: str) -> Step:
    return protocol(SHORT + f"  - {step}\n").steps[-1]


def test_the_short_form_means_what_it_says_in_si() -> None:
    short = protocol(SHORT)
    anode = short.electrodes.pair["anode"]
    assert (anode.width_m, anode.immersed_m) == (0.010, 0.018)
    assert short.cell.gap_m == 0.010
    assert short.solutions["solution"].volume_m3 == pytest.approx(10e-6, rel=1e-12)
    current = short.steps[1].body
    assert isinstance(current, ConstantCurrent)
    assert current.current_A == 0.005
    assert current.until is not None
    charge = current.until[0].charge
    assert charge is not None
    assert charge.dimension is Dimension.CHARGE_PER_AMOUNT
    assert charge.value == pytest.approx(4.5 * FARADAY_C_PER_MOL, rel=1e-12)
    assert short.reaction.gases[0].model_dump(exclude_none=True) == {
        "species": "H2",
        "per_electron": 0.5,
        "at": "cathode",
    }


def test_equivalents_refer_to_the_limiting_component() -> None:
    amounts = protocol(SHORT).amounts_mol("solution")
    assert amounts["alkyne"] == pytest.approx(0.6e-3)
    assert amounts["HFIP"] is None  # no density and molar mass: not known, not guessed


@pytest.mark.parametrize("kind", STEPS)
def test_every_kind_of_step_is_understood(kind: str) -> None:
    step = with_step(f"{kind}: {STEPS[kind]}")
    assert step.kind == kind
    assert isinstance(step.body, step_kinds().get(kind, Repeat))


def test_the_table_above_names_every_kind_of_step() -> None:
    assert {*step_kinds(), "repeat"} == STEPS.keys()


@pytest.mark.parametrize(
    ("until", "signal"),
    [
        ("2 F/mol", "charge"),
        ("2 h", "time_s"),
        ("[10 C, 30 min]", "charge"),
        ("{time: 1 h}", "time_s"),
    ],
)
def test_an_unambiguous_ending_may_be_written_short(until: str, signal: str) -> None:
    step = with_step(
        f"constant_cell_voltage: {{cell_voltage: 3 V, current_limit: 9 mA, until: {until}}}"
    )
    assert isinstance(step.body, ConstantCellVoltage)
    assert step.body.until is not None
    assert step.body.until[0].signal == signal


def test_a_threshold_keeps_its_side() -> None:
    step = with_step(f"constant_potential: {STEPS['constant_potential']}")
    assert isinstance(step.body, ConstantPotential)
    assert step.body.until is not None
    assert step.body.until[0].current == Threshold("<=", 0.05, of_initial=True)


def test_a_working_cathode_carries_a_negative_current() -> None:
    text = SHORT.replace("  anode: ", "  counter: ").replace(
        "  cathode: {", "  working: {role: cathode, "
    )
    text = text.replace("counter:   {", "counter:   {role: anode, ")
    electrodes = protocol(text).electrodes
    assert electrodes.forward_sign == -1
    assert electrodes.working_name == "working"
    assert electrodes.name_of(Role.ANODE) == "counter"


def test_a_plate_has_a_natural_area_and_a_felt_has_not() -> None:
    electrodes = protocol(SHORT).electrodes.pair
    assert electrodes["cathode"].default_basis is AreaBasis.FACING
    assert electrodes["anode"].default_basis is None


def test_a_divided_cell_has_an_anolyte_and_a_catholyte() -> None:
    halves = """compartments:
  anolyte: {volume: 5 mL, pH: 1, components: {H2SO4: {concentration: 0.5 mol/L, role: acid}}}
  catholyte:
    volume: 6 mL
    limiting: nitrobenzene
    components:
      nitrobenzene: {mass: 123.11 mg, molar_mass: 123.11 g/mol, role: substrate}
      EtOH: {volume: 5.9 mL, density: 0.789 g/mL, molar_mass: 46.07 g/mol, role: solvent}
"""
    text = re.sub(r"solution:\n(.|\n)*?electrodes:", halves + "electrodes:", SHORT)
    text = text.replace("type: undivided", "type: divided_membrane, separator: {kind: cem}")
    divided = protocol(text)
    assert divided.limiting is not None
    assert divided.limiting[:2] == ("catholyte", "nitrobenzene")
    assert divided.limiting_amount_mol == pytest.approx(1e-3)
    # 5.9 mL x 0.789 g/mL / 46.07 g/mol
    assert divided.amounts_mol("catholyte")["EtOH"] == pytest.approx(0.10104, rel=1e-4)
    assert divided.amounts_mol("anolyte")["H2SO4"] == pytest.approx(2.5e-3)


def test_yaml_keys_are_the_field_names_without_their_units() -> None:
    assert yaml_key("current_density_A_per_m2") == "current_density"
    assert yaml_key("rate_C_per_mol_per_s") == "rate"
    assert yaml_key("area_resistance_ohm_m2") == "area_resistance"
    assert yaml_key("set_") == "set"
    assert yaml_key("per_electron") == "per_electron"


def test_no_model_has_two_fields_under_one_key() -> None:
    for model in _subclasses(Model):
        aliases = [field.alias for field in model.model_fields.values()]
        assert len(aliases) == len(set(aliases)), model


def test_text_beside_a_short_form_must_still_be_known() -> None:
    with pytest.raises(InputError, match="did you mean `ambient`"):
        protocol(SHORT + "environment: {temperature: {setpoint: 25 degC, control: ambiant}}\n")


def _subclasses(model: type[Model]) -> set[type[Model]]:
    direct = set(model.__subclasses__())
    return direct.union(*(_subclasses(sub) for sub in direct)) if direct else direct
