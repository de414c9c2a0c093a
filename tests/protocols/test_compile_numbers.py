"""Plans carry the numbers that the procedures imply, in SI.

Golden values: arithmetic on the published procedures with F = 96485.332 C/mol; the sources stand
at each test.
"""

from __future__ import annotations

import pytest

from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.step_kinds.constant_current import ConstantCurrentPlan
from faradaic.protocols.step_kinds.constant_potential import ConstantPotentialPlan
from faradaic.quantities.constants import FARADAY_C_PER_MOL

VIAL = """
faradaic: 1
title: Regression
cell: {type: undivided}
solution:
  volume: 6.5 mL
  limiting: substrate
  components:
    substrate: {amount: %(amount)s, role: substrate}
    MeCN: {volume: 6.5 mL, role: solvent}
electrodes:
  anode: {material: Pt, form: plate, width: 15 mm, length: 15 mm}
  cathode: {material: Pt, form: plate, width: 15 mm, length: 15 mm}
steps:
  - constant_current: {%(current)s, cell_voltage_limit: 20 V, %(end)s}
"""


def electrolysis(plan: Plan) -> ConstantCurrentPlan:
    return next(step for step in plan.steps if isinstance(step, ConstantCurrentPlan))


def library(name: str, bench) -> Plan:
    return compile_protocol(load_protocol(f"library:{name}"), bench)


def test_the_dioxide_ends_at_86_83_coulombs_after_4_82_hours(bench) -> None:
    # 0.200 mmol x 4.5 F/mol; 5.0 mA (Li et al., Chem. Sci. 2022, 13, 9940, charge assumed).
    plan = library("benzothiophene-dioxide", bench("simulated"))
    step = electrolysis(plan)
    assert step.current_A == pytest.approx(5.0e-3)
    assert step.until[0].at_least == pytest.approx(86.83, abs=0.01)
    assert step.expected_duration_s / 3600 == pytest.approx(4.82, abs=0.005)
    assert step.expected_charge_C == pytest.approx(86.83, abs=0.01)
    assert step.expected_end == "charge reaches 4.50 F/mol (86.8 C)"
    assert step.until[1].ask_at_C == pytest.approx((57.89, 77.19), abs=0.01)
    assert plan.limiting_amount_mol == pytest.approx(0.2e-3)
    assert plan.electrons == 4


def test_the_paired_electrolysis_takes_5_4_mA_on_1_35_cm2(bench) -> None:
    # 4 mA/cm² on 1.5 x 0.9 cm²; 1 F/mol of 0.300 mmol is 28.95 C
    # (J. Electrochem. 2023, 29, 2309003; dimensions assumed).
    plan = library("arylbenzothiophene-paired", bench("simulated"))
    step = electrolysis(plan)
    cathode = next(e for e in plan.electrodes if e.name == "cathode")
    assert cathode.areas_m2["facing"] == pytest.approx(1.35e-4)
    assert step.current_A == pytest.approx(5.4e-3)
    assert step.expected_charge_C / 1.2 == pytest.approx(28.95, abs=0.01)
    assert step.expected_duration_s / 60 == pytest.approx(107, abs=0.5)
    assert (step.time_cap_s, step.charge_cap_C) == (14_400.0, pytest.approx(3 * 28.946, abs=0.01))


def test_the_sulfone_plans_alike_on_both_families(bench) -> None:
    # 10 mA, 0.200 mmol: 2 F/mol is 38.6 C in 64 min, 3 F/mol takes 96 min.
    plans = [
        library("sulfonyl-benzothiophene", bench(name))
        for name in ("simulated", "simulated-emstat4-hr")
    ]
    for plan in plans:
        step = electrolysis(plan)
        assert step.current_A == pytest.approx(10e-3)
        assert step.expected_duration_s / 60 == pytest.approx(96.5, abs=0.1)
        assert step.expected_charge_C * 2 / 3 == pytest.approx(38.6, abs=0.05)
        assert not [f for f in plan.findings if f["code"].startswith("E4")]
    # but for where the source itself can stand: 6 V is all that a potentiostat of ±6 V has
    held = [[s.model_copy(update={"compliance_V": None}) for s in plan.steps] for plan in plans]
    assert held[0] == held[1]
    assert [electrolysis(plan).compliance_is_limit for plan in plans] == [False, True]


def test_co2_electrolysis_converts_rhe_to_the_connected_reference(bench) -> None:
    # -0.38 V vs RHE at pH 14: -0.38 - 0.05916 x 14 - 0.1034 V vs Hg/HgO (1 M KOH).
    plan = library("co2-electrolysis-ag25", bench("simulated-emstat4-hr"))
    held = [s for s in plan.steps if isinstance(s, ConstantPotentialPlan)]
    assert held[-1].potential_V == pytest.approx(-0.38 - 0.05916 * 14 - 0.1034, abs=1e-3)
    assert sum(s.expected_duration_s for s in held if "-0.38" in s.label) == 16 * 3600


@pytest.mark.parametrize(
    ("amount", "current", "end", "current_A", "charge_C", "charge_F_per_mol", "hours"),
    [
        # Yang, Lei et al., Nat. Commun. 2023, 14, 1476: 10 mA for 5 h on 0.5 mmol (paper: 3.7).
        ("0.5 mmol", "current: 10 mA", "duration: 5 h", 10e-3, 180.0, 3.73, 5.0),
        # Ke, Chi et al., Chem. Eur. J. 2019, 25, 6911: 15 mA for 1.8 h on 0.3 mmol (paper: 3.3).
        ("0.3 mmol", "current: 15 mA", "duration: 1 h 48 min", 15e-3, 97.2, 3.36, 1.8),
        # Zhang, Xu, Zeng, Org. Lett. 2018: J = 8.9 mA/cm² on 1.5 x 1.5 cm² (one face), 2 h.
        (
            "0.3 mmol",
            "current_density: {value: 8.9 mA/cm^2, electrode: anode}",
            "duration: 2 h",
            20.0e-3,
            144.2,
            4.98,
            2.0,
        ),
        # Morofuji, Yoshida, J. Am. Chem. Soc. 2013: 0.2 mmol, 8.0 mA, 3 F/mol.
        ("0.2 mmol", "current: 8.0 mA", "until: 3 F/mol", 8e-3, 57.9, 3.0, 2.01),
        # Kirste, Waldvogel, J. Am. Chem. Soc. 2012: 5 mmol, 2 F/mol.
        ("5 mmol", "current: 100 mA", "until: 2 F/mol", 0.1, 964.9, 2.0, 2.68),
        # A rate in F/mol/h is a current: 0.5 F/mol/h of 0.2 mmol is 2.68 mA.
        ("0.2 mmol", "rate: 0.5 F/mol/h", "until: 2 F/mol", 2.6801e-3, 38.59, 2.0, 4.0),
    ],
)
def test_published_electrolyses_close(
    planned, amount, current, end, current_A, charge_C, charge_F_per_mol, hours
) -> None:
    step = electrolysis(planned(VIAL % {"amount": amount, "current": current, "end": end}))
    amount_mol = float(amount.split()[0]) * 1e-3
    assert step.current_A == pytest.approx(current_A, rel=2e-3)
    assert step.expected_charge_C == pytest.approx(charge_C, rel=1e-3)
    per_mol = step.expected_charge_C / FARADAY_C_PER_MOL / amount_mol
    assert per_mol == pytest.approx(charge_F_per_mol, abs=0.01)
    assert step.expected_duration_s / 3600 == pytest.approx(hours, abs=0.005)


def test_rapid_alternation_is_counted_in_gross_charge(planned) -> None:
    # Hayashi, Baran, J. Am. Chem. Soc. 2022: 0.1 mmol, 10 to 20 F/mol are 96.5 to 193 C.
    text = VIAL % {"amount": "0.1 mmol", "current": "current: 20 mA", "end": "until: [10 F/mol]"}
    more = "caps: {charge: 20 F/mol}, until"
    step = electrolysis(planned(text.replace("until", more)))
    assert step.until[0].at_least == pytest.approx(96.49, abs=0.01)
    assert step.charge_cap_C == pytest.approx(192.97, abs=0.01)
