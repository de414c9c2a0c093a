"""An interlock that the protocol's own set-points break is found before the run, not by a trip."""

import pytest

from faradaic.diagnostics import InputError

TEXT = """\
faradaic: 1
title: With devices around the cell
cell: {{type: undivided, gap: 10 mm}}
solution:
  volume: 10 mL
  limiting: substrate
  components:
    substrate: {{amount: 0.2 mmol, role: substrate}}
    Bu4NBF4: {{concentration: 0.1 M, role: electrolyte}}
    MeCN: {{volume: 10 mL, role: solvent}}
electrodes:
  anode: {{material: graphite, form: plate, width: 10 mm, length: 20 mm, immersed: 15 mm}}
  cathode: {{material: Pt, form: foil, width: 10 mm, length: 10 mm}}
environment: {{temperature: 25 degC, stirring: {stirring}}}
interlocks: [{{stirring: "{demanded}"}}]
steps:
{steps}  - constant_current: {{current: 5 mA, cell_voltage_limit: 10 V, until: 600 s}}
"""
BENCH = "simulated-with-devices"


def codes(planned, stirring: str, demanded: str, steps: str = "") -> list[str]:
    try:
        planned(TEXT.format(stirring=stirring, demanded=demanded, steps=steps), BENCH)
    except InputError as error:
        return [one.code for one in error.diagnostics]
    return []


@pytest.mark.parametrize(
    ("stirring", "demanded", "steps", "refused"),
    [
        ("600 rpm", ">= 200 rpm", "", False),
        ("300 rpm", ">= 400 rpm", "", True),
        ("600 rpm", "<= 500 rpm", "", True),
        ("600 rpm", ">= 400 rpm", "  - set: {stirring: 300 rpm}\n", True),
        ("600 rpm", ">= 400 rpm", "  - set: {stirring: 500 rpm}\n", False),
        # What is set before the current flows counts, not what stood there before.
        ("300 rpm", ">= 400 rpm", "  - set: {stirring: 500 rpm}\n", False),
    ],
)
def test_set_points_and_interlocks(planned, stirring, demanded, steps, refused) -> None:
    assert codes(planned, stirring, demanded, steps) == (["E437"] if refused else [])


def test_both_numbers_are_named_and_what_to_set(planned) -> None:
    with pytest.raises(InputError) as raised:
        planned(TEXT.format(stirring="300 rpm", demanded=">= 400 rpm", steps=""), BENCH)
    (told,) = raised.value.diagnostics
    assert "400 rpm" in told.message
    assert "300 rpm" in told.message
    assert "set 400 rpm or more" in told.help
    assert told.location is not None


def test_a_held_potential_until_a_charge_needs_no_cap_and_says_which_one_it_has(planned) -> None:
    text = TEXT.format(stirring="600 rpm", demanded=">= 200 rpm", steps="")
    text = text[: text.index("interlocks:")] + text[text.index("steps:") :]
    text = text.replace(
        "constant_current: {current: 5 mA, cell_voltage_limit: 10 V, until: 600 s}",
        "constant_potential: {potential: 1.2 V, vs: reference, current_limit: 50 mA, until: 2.5"
        " F/mol}",
    ).replace("length: 10 mm}\n", "length: 10 mm}\n  reference: SCE\n")
    plan = planned(text, "simulated-emstat4-hr")
    (step,) = plan.steps
    assert step.time_cap_s == 8 * 3600
    (told,) = [one for one in plan.findings if one["code"] == "C03"]
    assert told["severity"] == "warning"
    assert "8 h" in told["message"]
    # Ten times as long as at the current limit, where that is longer: 48 C at 0.5 mA are 27 h.
    (slow,) = planned(text.replace("50 mA", "0.5 mA"), "simulated-emstat4-hr").steps
    assert slow.time_cap_s == pytest.approx(10 * 2.5 * 0.2e-3 * 96485.332 / 0.5e-3)
