"""A protocol's solution conducts by what is in it or by what its author states, and says which."""

from typing import Any

import pytest

from faradaic.chemistry.conductivity import Range
from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.cell_of_protocol import describe_cell
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.resolved import ResolvedProtocol, resolve_protocol
from faradaic.runner.bench_file import load_bench

PLATE = "{material: Pt, form: plate, width: 10 mm, length: 20 mm, immersed: 10 mm}"


def text(components: str, more: str = "") -> bytes:
    return f"""faradaic: 1
title: sketch
cell: {{type: undivided, gap: 5 mm}}
solution: {{volume: 10 mL, {more} components: {{{components}}}}}
electrodes: {{anode: {PLATE}, cathode: {PLATE}}}
reaction: {{electrons: 2}}
steps: [{{constant_current: {{current: 10 mA, cell_voltage_limit: 20 V, duration: 10 s}}}}]
""".encode()


def resolved(components: str, more: str = "") -> ResolvedProtocol:
    return resolve_protocol(validate_protocol(load_document(text(components, more), "x")).protocol)


def plan(components: str, more: str = "") -> Plan:
    loaded = validate_protocol(load_document(text(components, more), "x"))
    return compile_protocol(loaded, load_bench("simulated"))


def kappa(of: ResolvedProtocol) -> Range | str:
    return of.compartments[0].conductivity_S_per_m


def ohms(of: ResolvedProtocol) -> dict[str, Any]:
    """What the description of the cell says of its resistance."""
    noted = describe_cell(of).assumptions
    return next(a.model_dump() for a in noted if a.of == "resistance_ohm")


METHANOL = "MeOH: {volume: 10 mL, role: solvent}"
WATER = "H2O: {volume: 10 mL, role: solvent}"


@pytest.mark.parametrize("role", ["electrolyte", "base", "substrate", "additive", "reagent"])
def test_a_salt_conducts_in_any_role(role: str) -> None:
    found = kappa(resolved(f"NaOMe: {{amount: 0.5 mmol, role: {role}}}, {METHANOL}"))
    assert isinstance(found, Range)
    assert 2 < found.low * 10 < found.high * 10 < 5


@pytest.mark.parametrize(
    ("written", "S_per_m"),
    [
        ("5 mS/cm", (0.5, 0.5, 0.5)),
        ("12 ± 1 mS/cm", (1.1, 1.2, 1.3)),
        ("12 mS/cm ± 1 mS/cm", (1.1, 1.2, 1.3)),
        ("12 +/- 1 mS/cm", (1.1, 1.2, 1.3)),
        ("2 S/m ± 10 %", (1.8, 2.0, 2.2)),
    ],
)
def test_what_the_author_states_counts_before_any_estimate(
    written: str, S_per_m: tuple[float, float, float]
) -> None:
    of = resolved(
        f"Bu4NBF4: {{amount: 1 mmol, role: electrolyte}}, {METHANOL}", f"conductivity: {written},"
    )
    found = kappa(of)
    assert isinstance(found, Range)
    assert (found.low, found.typical, found.high) == pytest.approx(S_per_m)
    assert "stated by the author" in found.reason
    assert "stated by the author" in ohms(of)["text"]
    assert ohms(of)["guess"] is None


def test_a_stated_conductivity_is_named_in_the_plan() -> None:
    notes = plan(
        f"brew: {{amount: 1 mmol, role: electrolyte}}, {METHANOL}", "conductivity: 8 mS/cm,"
    )
    assert any("conductivity of 8 mS/cm stated by the author" in n for n in notes.estimates.notes)


@pytest.mark.parametrize("written", ["5", "-1 mS/cm", "5 mS", "5 ± 6 mS/cm", "± 1 mS/cm", "high"])
def test_a_conductivity_that_cannot_be_is_refused(written: str) -> None:
    with pytest.raises(InputError) as refused:
        resolved(
            f"KCl: {{amount: 1 mmol, role: electrolyte}}, {WATER}", f"conductivity: {written},"
        )
    assert refused.value.diagnostics[0].help


def test_each_compartment_states_its_own() -> None:
    side = "volume: 10 mL, components: {{KOH: {{amount: 1 mmol, role: electrolyte}}, {}}}"
    of = resolve_protocol(
        validate_protocol(
            load_document(
                f"""faradaic: 1
title: divided
cell: {{type: h_cell, gap: 20 mm, separator: {{kind: cem, area: 1 cm^2}}}}
compartments:
  anolyte: {{{side.format(WATER)}, conductivity: 3 S/m}}
  catholyte: {{{side.format(WATER)}}}
electrodes: {{anode: {PLATE}, cathode: {PLATE}}}
steps: [{{constant_current: {{current: 10 mA, cell_voltage_limit: 20 V, duration: 10 s}}}}]
""".encode(),
                "x",
            )
        ).protocol
    )
    found = [c.conductivity_S_per_m for c in of.compartments]
    assert all(isinstance(one, Range) for one in found)
    assert "stated" in found[0].reason  # type: ignore[union-attr]
    assert "Gilliam" in found[1].reason  # type: ignore[union-attr]


def test_what_is_not_known_names_the_key_and_the_cell_says_that_it_guesses() -> None:
    of = resolved(f"brew: {{amount: 1 mmol, role: electrolyte}}, {METHANOL}")
    found = kappa(of)
    assert isinstance(found, str)
    assert "brew" in found
    assert "`solution.conductivity`" in found
    assumed = ohms(of)
    assert assumed["guess"] == "conductivity"
    assert "conductivity guessed as 5 mS/cm" in assumed["text"]


def test_in_a_solvent_without_free_ions_the_guess_is_lower() -> None:
    of = resolved("LiBr: {amount: 10 mmol, role: electrolyte}, THF: {volume: 10 mL, role: solvent}")
    assert (
        "conductivity guessed as 0.5 mS/cm, within a factor of 10 either way: salts hardly"
        in ohms(of)["text"]
    )


def test_six_molar_potash_is_a_resistance_below_one_ohm() -> None:
    # 5 mm over 1 cm² of about 0.63 S/cm
    of = resolved(f"KOH: {{amount: 60 mmol, role: electrolyte}}, {WATER}")
    assert describe_cell(of).resistance_ohm == pytest.approx(0.8, rel=0.05)


def test_a_salt_that_dissolves_poorly_is_left_out() -> None:
    sulfinate = "salt: {name: sodium arenesulfinate, amount: 1 mmol, role: reagent"
    found = kappa(resolved(f"{sulfinate}, solubility: poor in MeOH}}, {METHANOL}"))
    assert isinstance(found, str)
    assert isinstance(kappa(resolved(f"{sulfinate}}}, {METHANOL}")), Range)


def test_bicarbonate_that_CO2_is_led_through_has_its_pH() -> None:
    salt = "KHCO3: {amount: 1 mmol, role: electrolyte}"
    closed = resolved(f"{salt}, {WATER}")
    led = resolved(f"{salt}, {WATER}", "gas: {species: CO2, mode: sparge},")
    assert closed.compartments[0].medium.acidity[0] == pytest.approx(8.3, abs=0.1)
    assert led.compartments[0].medium.acidity[0] == pytest.approx(6.8, abs=0.1)


def test_a_stated_resistance_wins_over_what_the_solution_conducts() -> None:
    # a salt in tetrahydrofuran, whose conductivity nobody knows: U = E + I R, R as measured
    sketch = text("LiBr: {amount: 1 mmol, role: electrolyte}, THF: {volume: 10 mL, role: solvent}")
    measured = sketch.replace(b"gap: 5 mm", b"resistance: 120 \xc2\xb1 10 Ohm")
    loaded = validate_protocol(load_document(measured, "x"))
    found = compile_protocol(loaded, load_bench("simulated"))
    assert found.estimates.resistance_ohm == (110, 130)
    assert found.estimates.ohmic_drop_V == pytest.approx((1.1, 1.3))
    noted = ohms(resolve_protocol(loaded.protocol))
    assert (noted["guess"], noted["text"]) == (None, "resistance 120 ohm: stated by the author")
