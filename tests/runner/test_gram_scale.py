"""Amperes: a bench that gives them, one that doesn't, and what a supply cannot do."""

from __future__ import annotations

import pytest

from faradaic.diagnostics import InputError
from faradaic.runner.bench_file import bench_of_text, load_bench
from faradaic.runner.states import RunState
from runner.conftest import Rehearsal, plan_of

GRAMS = """\
faradaic: 1
title: grams
cell: {type: undivided, vessel: {kind: beaker, volume: 3 L}, gap: 3 mm}
solution:
  volume: 2 L
  limiting: substrate
  components:
    substrate: {amount: 0.5 mol, role: substrate}
    LiClO4: {concentration: 0.5 M, role: electrolyte}
    MeCN: {volume: 2 L, role: solvent}
electrodes:
  anode:
    {material: graphite, form: plate, width: 100 mm, length: 200 mm, thickness: 5 mm,
     immersed: 150 mm}
  cathode:
    {material: graphite, form: plate, width: 100 mm, length: 200 mm, thickness: 5 mm,
     immersed: 150 mm}
reaction: {electrons: 2}
steps:
"""
STEP = "  - constant_current: {current: 5 A, cell_voltage_limit: 12 V, until: 600 C}\n"
SUPPLIES = ("simulated-rigol", "simulated-siglent", "simulated-hmp4040")


@pytest.mark.parametrize("bench", SUPPLIES)
def test_five_amperes_pass_and_their_charge_is_counted(bench: str) -> None:
    rest = "  - open_circuit: {duration: 10 s}\n"
    rehearsal = Rehearsal(rest + STEP + rest, bench, head=GRAMS)
    result = rehearsal.run()
    assert result.outcome is RunState.COMPLETED
    assert result.charge_gross_C == pytest.approx(600.0, rel=0.02)


def test_a_bench_that_is_too_small_names_those_that_are_not() -> None:
    with pytest.raises(InputError) as caught:
        plan_of(STEP, head=GRAMS)
    found = next(d for d in caught.value.diagnostics if d.code == "E403")
    assert all(f"`--bench {name}`" in found.help for name in SUPPLIES)
    larger = load_bench("simulated").others_with("constant_current", current_A=9.0)
    assert {"simulated-rigol", "simulated-hmp4040"} <= set(larger)
    assert "simulated-siglent" not in larger


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("{current: 5 A, cell_voltage_limit: 12 V, until: 600 C, reverse: true}", "E408"),
        ("{current: 50 mA, cell_voltage_limit: 12 V, until: 6 C}", "E405"),
    ],
)
def test_a_supply_reverses_nothing_and_holds_no_milliamperes(step: str, code: str) -> None:
    with pytest.raises(InputError, match=code):
        plan_of(f"  - constant_current: {step}\n", "simulated-rigol", GRAMS)


def test_a_channel_that_there_is_not_is_pointed_at() -> None:
    text = (
        "faradaic_bench: 1\nname: supply\nsource:\n  driver: rigol-dp832\n"
        '  address: "emulated://rigol-dp832"\n  options: {channel: 4}\n'
    )
    with pytest.raises(InputError, match="channels: 1, 2, 3") as caught:
        bench_of_text(text)
    place = caught.value.diagnostics[0].location
    assert place is not None
    assert place.line == 6
    assert bench_of_text(text.replace("4}", "3}")).source.compliance_V == 5.0
