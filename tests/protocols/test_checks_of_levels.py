"""What the checks say of polarity and pulses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from faradaic.diagnostics import Severity
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.runner.bench_file import LimitsEntry, load_bench
from protocols.conftest import DescribedBench

PROTOCOL = """\
faradaic: 1
title: Checks of levels
cell: {{type: undivided, gap: 5 mm}}
solution:
  volume: 10 mL
  limiting: substrate
  components:
    substrate: {{amount: 1 mmol, role: substrate}}
    Bu4NBF4: {{concentration: 0.1 M, role: electrolyte}}
    MeCN: {{volume: 10 mL, role: solvent}}
electrodes:
  anode: {anode}
  cathode: {{material: graphite, form: {form}, width: 10 mm, immersed: 20 mm, thickness: 3 mm}}
reaction: {{electrons: 2}}
steps:
  - {step}
"""
PLATE = "{material: graphite, form: plate, width: 10 mm, immersed: 20 mm}"
FELT = "{material: graphite, form: felt, width: 10 mm, immersed: 20 mm, thickness: 3 mm}"
ZINC = (
    "{material: Zn, form: plate, width: 10 mm, immersed: 20 mm, thickness: 1 mm,"
    " sacrificial: {metal: Zn, electrons: 2}}"
)
FAST = (
    "alternating_polarity: {current: 20 mA, half_period: %s, cell_voltage_limit: 6 V, until: 1 h}"
)
PULSES = (
    "pulsed: {on: {current: 20 mA, time: 50 ms}, off: {open_circuit: true, time: 50 ms},"
    " cell_voltage_limit: 6 V, until: 1 h}"
)


def found(code: str, **parts: Any) -> list[str]:
    """What is found under a code."""
    text = PROTOCOL.format(**{"anode": PLATE, "form": "plate"} | parts)
    loaded = validate_protocol(load_document(text, "p.yaml"))
    plan = compile_protocol(loaded, load_bench("simulated-emstat4-hr"))
    return [one.message for one in plan.diagnostics if one.code == code]


@pytest.mark.parametrize(
    ("form", "anode", "half", "warns"),
    [
        ("felt", FELT, "50 ms", True),
        ("felt", FELT, "30 s", False),
        ("plate", PLATE, "50 ms", False),
        ("felt", PLATE, "50 ms", False),
    ],
)
def test_half_periods_that_charge_double_layers_alone_are_told(
    form: str, anode: str, half: str, warns: bool
) -> None:
    assert bool(found("P02", anode=anode, form=form, step=FAST % half)) is warns


def test_a_sacrificial_anode_that_is_reversed_is_told() -> None:
    assert found("P01", anode=ZINC, step=FAST % "1 s")
    assert not found("P01", anode=ZINC, step=PULSES)
    assert not found("P01", step=FAST % "1 s")


def test_a_step_that_is_over_before_its_second_level_is_told() -> None:
    (said,) = found("P06", step=FAST % "2 h")
    assert said == "the step takes 1 h, and its first level 2 h: the second never comes"
    assert not found("P06", step=FAST % "30 min")
    assert not found("P06", step=PULSES)


@pytest.mark.parametrize(("step", "warns"), [(FAST % "1 s", True), (PULSES, False)])
def test_a_reversal_in_a_divided_cell_is_told(step: str, warns: bool) -> None:
    solution = (
        "{volume: 10 mL, components: {KOH: {concentration: 1 M, role: electrolyte}, %s"
        "H2O: {volume: 10 mL, role: solvent}}%s}"
    )
    substrate = "substrate: {amount: 1 mmol, role: substrate}, ", ", limiting: substrate"
    both = f"  anolyte: {solution % substrate}\n  catholyte: {solution % ('', '')}\n"
    text = PROTOCOL.format(anode=PLATE, form="plate", step=step)
    head, _, rest = text.partition("solution:")
    tail = rest[rest.index("electrodes:") :]
    head = head.replace("undivided", "divided_membrane, separator: {kind: cem}")
    loaded = validate_protocol(load_document(f"{head}compartments:\n{both}{tail}", "p.yaml"))
    plan = compile_protocol(loaded, load_bench("simulated-emstat4-hr"))
    assert any(d.code == "P07" for d in plan.diagnostics) is warns


@pytest.mark.parametrize(
    ("step", "levels_A"),
    [
        (
            "alternating_polarity: {current_density: {value: 5 mA/cm^2, electrode: cathode},"
            " half_period: 50 ms, cell_voltage_limit: 6 V, until: 1 h}",
            (10e-3, -10e-3),
        ),
        (
            "pulsed: {on: {current_density: {value: 5 mA/cm^2, electrode: anode}, time: 50 ms},"
            " off: {current_density: {value: -1 mA/cm^2, electrode: anode}, time: 50 ms},"
            " cell_voltage_limit: 6 V, until: 1 h}",
            (10e-3, -2e-3),
        ),
        (
            "pulsed: {on: {current_density: {value: 5 mA/cm^2, electrode: anode}, time: 50 ms},"
            " off: {current: 1 mA, time: 50 ms}, cell_voltage_limit: 6 V, until: 1 h}",
            (10e-3, 1e-3),
        ),
    ],
)
def test_levels_of_a_current_density_have_the_area_of_its_electrode(
    step: str, levels_A: tuple[float, ...]
) -> None:
    """Plates of 10 mm, 20 mm deep: 2 cm² face each other."""
    text = PROTOCOL.format(anode=PLATE, form="plate", step=step)
    loaded = validate_protocol(load_document(text, "p.yaml"))
    (planned,) = compile_protocol(loaded, load_bench("simulated-emstat4-hr")).steps
    assert [level.value for level in planned.levels] == pytest.approx(levels_A)
    assert "facing 2.00 cm^2" in planned.label


@pytest.mark.parametrize(("half", "severity"), [("60 s", Severity.INFO), ("1 s", Severity.WARNING)])
def test_a_relay_that_reverses_leaves_the_cell_open(half: str, severity: Severity) -> None:
    step = FAST % half
    text = PROTOCOL.format(anode=PLATE, form="plate", step=step)
    loaded = validate_protocol(load_document(text, "p.yaml"))
    bench = load_bench("simulated")
    dead = replace(bench.source, dead_time_s=0.15)
    plan = compile_protocol(loaded, DescribedBench("bridge", dead, LimitsEntry()))
    (said,) = [one for one in plan.diagnostics if one.code == "P05"]
    assert said.severity is severity
    assert "open for 150 ms of each reversal" in said.message
    assert not found("P05", step=step)
