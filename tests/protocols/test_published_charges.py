"""Published electrolyses whose numbers close: charge from current and time, and the other way.

Conditions as tabulated from the papers by github.com/jcbui/organic-electrosynthesis-model
(model/data/reactions_50.csv); the arithmetic is Faraday's.
"""

import pytest

F = 96485.332
TEXT = """\
faradaic: 1
title: A published electrolysis
cell: {cell}
{solution}
electrodes:
  anode: {anode}
  cathode: {cathode}
reaction: {{electrons: {electrons}}}
environment: {{temperature: {temperature}, stirring: 600 rpm}}
steps:
  - {step}
"""
MECN = """solution:
  volume: {volume}
  limiting: substrate
  components:
    substrate: {{amount: {amount}, role: substrate}}
    {salt}: {{concentration: {concentration}, role: electrolyte}}
    {solvent}: {{volume: {volume}, role: solvent}}
"""
PLATE = "{material: Pt, form: plate, width: 15 mm, length: 15 mm}"
ROD = "{material: graphite, form: rod, diameter: 6 mm, length: 15 mm}"


def text(step: str, **given: str) -> str:
    solution = MECN.format(
        volume=given.get("volume", "6.5 mL"),
        amount=given.get("amount", "0.5 mmol"),
        salt=given.get("salt", "Et4NBF4"),
        concentration=given.get("concentration", "0.077 M"),
        solvent=given.get("solvent", "MeCN"),
    )
    return TEXT.format(
        cell=given.get("cell", "undivided"),
        solution=given.get("solution", solution),
        anode=given.get("anode", ROD),
        cathode=given.get("cathode", PLATE),
        electrons=given.get("electrons", "2"),
        temperature=given.get("temperature", "25 degC"),
        step=step,
    )


def current(current: str, until: str) -> str:
    return f"constant_current: {{current: {current}, cell_voltage_limit: 20 V, until: {until}}}"


def test_thiol_of_2023_ten_milliampere_for_five_hours(planned) -> None:
    # Yang, Lei et al., Nat. Commun. 2023, 14, 1476: the paper says 3.7 F/mol.
    expected = planned(text(current("10 mA", "5 h"), temperature="50 degC")).estimates
    assert expected.charge_C == pytest.approx(180.0)
    assert expected.charge_F_per_mol == pytest.approx(3.73, abs=0.005)


def test_aryl_bromide_of_2019_fifteen_milliampere_for_1_8_hours(planned) -> None:
    # Ke, Chi et al., Chem. Eur. J. 2019, 25, 6911: the paper says 3.3 F/mol.
    expected = planned(text(current("15 mA", "1.8 h"), amount="0.3 mmol", cathode=ROD)).estimates
    assert expected.charge_C == pytest.approx(97.2)
    assert expected.charge_F_per_mol == pytest.approx(3.36, abs=0.005)


def test_a_density_of_8_9_on_one_face_of_platinum_is_twenty_milliampere(planned) -> None:
    # Zhang, Xu, Zeng et al., Org. Lett. 2018: 8.9 mA/cm² on 1.5 x 1.5 cm² are 20 mA on one face.
    step = (
        "constant_current: {current_density: {value: 8.9 mA/cm^2, electrode: anode, area_basis:"
        " facing}, cell_voltage_limit: 20 V, until: 2 h}"
    )
    given = {"anode": PLATE, "amount": "0.3 mmol", "salt": "NaBr", "concentration": "0.04 M"}
    plan = planned(text(step, **given))
    assert plan.steps[0].held_current_A == pytest.approx(20e-3, rel=2e-3)
    assert plan.estimates.charge_C == pytest.approx(144.0, rel=2e-3)
    assert plan.estimates.charge_F_per_mol == pytest.approx(4.98, abs=0.01)


def test_anisole_of_2013_three_faraday_at_eight_milliampere(planned) -> None:
    # Morofuji, Shimizu and Yoshida, J. Am. Chem. Soc. 2013: divided cell with a glass frit, felt.
    side = "volume: 10 mL, components: {Bu4NBF4: {concentration: 0.3 M, role: electrolyte}, MeCN:"
    side += " {volume: 10 mL, role: solvent}"
    solution = (
        "compartments:\n"
        f"  anolyte: {{{side}, anisole: {{amount: 0.2 mmol, role: substrate}}}}, limiting:"
        " anisole}\n"
        f"  catholyte: {{{side}, TfOH: {{amount: 1 mmol, role: acid}}}}}}\n"
    )
    felt = "{material: carbon, form: felt, width: 10 mm, length: 20 mm, thickness: 3 mm}"
    step = current("8.0 mA", "3 F/mol")
    plan = planned(text(step, cell="h_cell", solution=solution, anode=felt))
    assert plan.estimates.charge_C == pytest.approx(57.9, abs=0.05)
    assert plan.estimates.duration_s / 3600 == pytest.approx(2.01, abs=0.005)


def test_phenol_of_2012_two_faraday_on_five_millimol(planned) -> None:
    # Kirste, Waldvogel et al., J. Am. Chem. Soc. 2012: BDD, 2.8 mA/cm², HFIP, 50 degC.
    step = (
        "constant_current: {current_density: {value: 2.8 mA/cm^2, electrode: anode, area_basis:"
        " facing}, cell_voltage_limit: 20 V, until: 2 F/mol}"
    )
    bdd = "{material: BDD, form: plate, width: 30 mm, length: 30 mm}"
    given = {"anode": bdd, "amount": "5 mmol", "volume": "33 mL", "solvent": "HFIP"}
    plan = planned(text(step, temperature="50 degC", **given))
    assert plan.estimates.charge_C == pytest.approx(965, abs=0.5)
    assert plan.steps[0].held_current_A == pytest.approx(2.8e-3 * 9)
    # 50 degC is within 10 K of where HFIP boils, as the authors knew.
    assert "T02" in {finding["code"] for finding in plan.findings}


@pytest.mark.parametrize(("per_mol", "charge_C"), [(10, 96.5), (20, 193.0)])
def test_rapid_alternation_counts_gross_charge_and_nothing_remains_net(
    planned, per_mol: int, charge_C: float
) -> None:
    # Hayashi, Baran et al., J. Am. Chem. Soc. 2022, 144, 5762: 20 mA, 50 ms each way, 10-20 F/mol.
    step = (
        "alternating_polarity: {current: 20 mA, half_period: 50 ms, cell_voltage_limit: 10 V,"
        f" until: {per_mol} F/mol}}"
    )
    rvc = "{material: RVC, form: plate, width: 8 mm, length: 14 mm}"
    plan = planned(text(step, amount="0.1 mmol", anode=rvc, cathode=rvc), "simulated-emstat4-hr")
    assert plan.estimates.charge_C == pytest.approx(charge_C, abs=0.05)
    (told,) = [finding for finding in plan.findings if finding["code"] == "P04"]
    assert told["numbers"]["gross_C"] == pytest.approx(charge_C, abs=0.05)
    assert told["numbers"]["net_C"] == pytest.approx(0.0, abs=1e-9)


def test_half_an_ampere_in_32_mL_has_to_be_cooled(planned) -> None:
    # Shono, Hamaguchi and Matsumura, J. Am. Chem. Soc. 1975, 97, 4264: 0.05 mol in 32 mL of
    # methanol, 0.5 A, cooled with water. In still air it would boil; in a bath it does not.
    def codes(temperature: str) -> set[str]:
        given = {
            "volume": "32 mL",
            "amount": "0.05 mol",
            "salt": "Et4NOTs",
            "concentration": "0.156 M",
            "solvent": "MeOH",
            "anode": "{material: graphite, form: plate, width: 20 mm, length: 30 mm}",
            "cathode": "{material: graphite, form: plate, width: 20 mm, length: 30 mm}",
            "cell": "{type: undivided, gap: 10 mm, closure: vented}",
        }
        plan = planned(text(current("0.5 A", "2.5 F/mol"), temperature=temperature, **given))
        assert plan.estimates.charge_C == pytest.approx(2.5 * 0.05 * F)
        return {finding["code"] for finding in plan.findings}

    assert {"T01", "T02"} <= codes("20 degC")
    assert not {"T01", "T02"} & codes("{setpoint: 20 degC, control: bath}")
