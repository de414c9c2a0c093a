"""A protocol is resolved once, and everything behind it takes what was found."""

import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from faradaic.chemistry.conductivity import Range
from faradaic.chemistry.couples import couple, couples_of
from faradaic.chemistry.electrode_areas import specific_area_per_m
from faradaic.chemistry.electrode_kinetics import gas_overpotential
from faradaic.chemistry.electrode_reactions import reactions
from faradaic.chemistry.mass_transport import film_thickness_m
from faradaic.chemistry.sacrificial_metals import sacrificial_metal
from faradaic.chemistry.salts import salt_named
from faradaic.chemistry.separators import separator_permeability_m_per_s
from faradaic.chemistry.solvents import solvent_named
from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols import checks
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol, validate_protocol
from faradaic.protocols.resolved import ResolvedProtocol, resolve_protocol
from faradaic.runner.bench_file import load_bench


def resolved(**changes: str) -> ResolvedProtocol:
    """A small protocol of which a test changes one part."""
    parts = {
        "cell": "{type: undivided, gap: 5 mm}",
        "anode": "anode: {material: graphite, form: plate, width: 10 mm, length: 20 mm}",
        "cathode": "cathode: {material: Pt, form: plate, width: 10 mm, length: 20 mm}",
    } | changes
    text = f"""faradaic: 1
title: sketch
cell: {parts["cell"]}
solution: {{volume: 10 mL, components: {{LiClO4: {{amount: 1 mmol, role: electrolyte}},
  MeCN: {{volume: 10 mL, role: solvent}}}}}}
electrodes: {{{parts["anode"]}, {parts["cathode"]}}}
steps: [{{constant_current: {{current: 5 mA, cell_voltage_limit: 10 V, duration: 1 h}}}}]
"""
    return of_text(text)


def of_text(text: str) -> ResolvedProtocol:
    return resolve_protocol(validate_protocol(load_document(text.encode(), "sketch")).protocol)


FELT = "anode: {material: C, form: felt, width: 10 mm, length: 20 mm, thickness: 3 mm"


@pytest.mark.parametrize(
    ("keys", "basis", "cm2"),
    [
        ("", "facing", 2.0),
        (", immersed: 18 mm", "facing", 1.8),
        (", area: {facing: 1.5 cm^2}", "facing", 1.5),
        (", porosity: 90 %, fibre_diameter: 20 um", "wetted", 120.0),
        (", specific_area: 300 cm^2/cm^3", "wetted", 180.0),
    ],
)
def test_areas_are_of_the_immersed_part_and_what_is_stated_wins(
    keys: str, basis: str, cm2: float
) -> None:
    assert resolved(anode=f"{FELT}{keys}}}").anode.areas_m2[basis] == pytest.approx(cm2 * 1e-4)


DIVIDED = """faradaic: 1
title: divided
cell: {{type: divided_membrane, gap: 10 mm, separator: {{kind: cem, area: 2 cm^2{membrane}}}}}
compartments:
  anolyte: {{volume: 10 mL, components: {{KCl: {{concentration: 1 mol/L, role: electrolyte}},
    H2O: {{volume: 10 mL, role: solvent}}}}}}
  catholyte: {{volume: 10 mL, components: {{NaCl: {{concentration: 2 mol/L, role: electrolyte}},
    H2O: {{volume: 10 mL, role: solvent}}}}}}
electrodes:
  anode: {{material: Pt, form: plate, width: 10 mm, length: 20 mm}}
  cathode: {{material: Pt, form: plate, width: 10 mm, length: 20 mm}}
steps: [{{constant_current: {{current: 5 mA, cell_voltage_limit: 10 V, duration: 1 h}}}}]
"""


def test_a_divided_cell_adds_both_halves_and_its_separator() -> None:
    def resistance(membrane: str) -> Range:
        of = of_text(DIVIDED.format(membrane=membrane))
        found = of.resistance_ohm(of.written.cell.gap_m, of.section_m2)
        assert isinstance(found, Range)
        return found

    # 5 mm of 11.13 and 5 mm of 14.89 S/m over 2 cm²; then 3 ohm cm² over 2 cm²
    halves = 5e-3 / 2e-4 * (1 / 11.13 + 1 / 14.89)
    bare = resistance("")
    assert bare.typical == pytest.approx(halves)
    assert "left out" in bare.reason
    assert resistance(", area_resistance: 3 Ohm cm^2").typical == pytest.approx(halves + 1.5)


def test_a_membrane_that_is_named_resists_as_measured_in_acid_and_only_there() -> None:
    acid = DIVIDED.replace("KCl", "H2SO4").replace("NaCl", "HCl")
    for text, extra in ((DIVIDED, None), (acid, 0.16 / 2)):  # ohm cm² of Nafion 117 over 2 cm²
        bare, named = (of_text(text.format(membrane=m)) for m in ("", ", product: Nafion 117"))
        without, found = (of.resistance_ohm(0.01, 2e-4) for of in (bare, named))
        assert isinstance(without, Range)
        assert isinstance(found, Range)
        assert found.typical - without.typical == pytest.approx(extra or 0.0)
        assert ("left out" in found.reason) == (extra is None)


def test_a_zero_gap_cell_fed_with_water_has_its_membrane_alone() -> None:
    water = "{volume: 10 mL, components: {H2O: {volume: 10 mL, role: solvent}}}"
    of = of_text(
        "faradaic: 1\ntitle: water\ncell: {type: mea_zero_gap, separator: {kind: cem,"
        f" product: Nafion 212}}}}\ncompartments: {{anolyte: {water}, catholyte: {water}}}\n"
        "electrodes:\n"
        "  anode: {material: Ti, form: gde, area: {facing: 1 cm^2}, coating: {catalyst: IrO2}}\n"
        "  cathode: {material: C, form: gde, area: {facing: 1 cm^2}, coating: {catalyst: Pt/C}}\n"
        "steps: [{constant_current: {current: 1 A, cell_voltage_limit: 6 V, duration: 1 min}}]\n"
    )
    resistance = of.resistance_ohm(None, 1e-4)
    assert isinstance(resistance, Range)
    assert resistance.typical == pytest.approx(0.07)
    assert {c.medium.acidity[0] for c in of.compartments} == {0.0}
    for electrode in of.electrodes:
        assert electrode.forward.reactions[0].known, electrode.name


def test_a_zero_gap_cell_with_a_salt_in_it_has_no_gap_either() -> None:
    salty = (
        "{volume: 10 mL, components: {H2O: {volume: 10 mL, role: solvent},"
        " KHCO3: {concentration: 0.1 M, role: electrolyte}}}"
    )
    text = (
        "faradaic: 1\ntitle: water\ncell: {type: mea_zero_gap, separator: {kind: aem}}\n"
        f"compartments: {{anolyte: {salty}, catholyte: {salty}}}\n"
        "electrodes:\n"
        "  anode: {material: Ti, form: gde, area: {facing: 1 cm^2}, coating: {catalyst: IrO2}}\n"
        "  cathode: {material: C, form: gde, area: {facing: 1 cm^2}, coating: {catalyst: Ag}}\n"
        "steps: [{constant_current: {current: 1 A, cell_voltage_limit: 6 V, duration: 1 min}}]\n"
    )
    assert "cell.separator.area_resistance" in str(of_text(text).resistance_ohm(None, 1e-4))
    with pytest.raises(InputError, match="has no gap") as refused:
        of_text(text.replace("mea_zero_gap,", "mea_zero_gap, gap: 5 mm,"))
    assert refused.value.diagnostics[0].code == "E306"


def test_one_vessel_has_one_headspace_above_all_it_holds() -> None:
    vessel = "vessel: {volume: 25 mL}"
    of = of_text(DIVIDED.format(membrane="").replace("gap: 10 mm", f"gap: 10 mm, {vessel}"))
    assert of.headspace_m3 == pytest.approx(5e-6)


def test_what_an_alternating_electrode_faces_has_the_other_role() -> None:
    sides = {
        "anode": "working: {role: cathode, material: Pt, form: plate}",
        "cathode": "counter: {role: alternating, material: C, form: plate}",
    }
    of = resolved(**sides)
    assert (of.working.role, of.anode.name) == ("cathode", "counter")


def test_a_substrate_that_is_reduced_is_not_oxidised_when_the_current_is_reversed() -> None:
    magnesium = "anode: {material: Mg, form: rod, sacrificial: {metal: Mg, electrons: 2}}"
    of = resolved(anode=magnesium)
    assert of.targets == ("cathode",)
    assert of.cathode.backward.role == "anode"
    assert not of.cathode.backward.converts


LOOKUPS = (
    solvent_named,
    salt_named,
    couples_of,
    couple,
    gas_overpotential,
    sacrificial_metal,
    specific_area_per_m,
    film_thickness_m,
    separator_permeability_m_per_s,
)


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[Any, ...]]:
    """How often each lookup was asked for the same thing; filled while a test runs."""
    counted: Counter[tuple[Any, ...]] = Counter()

    def spy(asked: Callable[..., Any]) -> None:
        name = asked.__name__

        def counting(*args: Any, **keys: Any) -> Any:
            if asked in LOOKUPS:
                counted[name, *args, *keys.values()] += 1
            else:
                counted[name,] += 1
            return asked(*args, **keys)

        for held in list(sys.modules.values()):
            if getattr(held, "__name__", "").startswith("faradaic."):
                for known_as in [key for key, value in vars(held).items() if value is asked]:
                    monkeypatch.setattr(held, known_as, counting)

    checks.registered()
    for lookup in (*LOOKUPS, reactions):
        spy(lookup)
    return counted


@pytest.mark.parametrize(
    "name",
    [
        "benzothiophene-dioxide",
        "arylbenzothiophene-paired",
        "sulfonyl-benzothiophene",
        "co2-electrolysis-ag25",
        "co2-electrolysis-au25",
    ],
)
def test_compiling_asks_the_tables_for_each_thing_once(
    name: str, lookups: Counter[tuple[Any, ...]]
) -> None:
    loaded = load_protocol(f"library:{name}")
    bench = load_bench("simulated-nexus" if name.startswith("co2") else "simulated")
    lookups.clear()
    resolve_protocol(loaded.protocol)
    resolving = lookups.copy()
    lookups.clear()
    compile_protocol(loaded, bench)
    of_the_model = {"separator_permeability_m_per_s", "gas_overpotential"}
    assert {asked for asked, *_ in lookups - resolving} <= of_the_model
    # what runs at an electrode is worked out for either way that it can be driven
    of_electrodes = ("gas_overpotential", "couple", "couples_of")
    ways = lookups.pop(("reactions",))
    assert ways <= 4
    assert lookups
    for (asked, *what), times in lookups.items():
        assert times <= (ways if asked in of_electrodes else 1), (asked, what)
