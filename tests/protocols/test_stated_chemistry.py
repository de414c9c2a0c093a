"""What the author knows about a compound wins over the tables, and is named in the plan."""

import pytest

from faradaic.chemistry.electrode_reactions import equilibrium_V
from faradaic.chemistry.mass_transport import diffusivity_m2_per_s
from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.cell_of_protocol.preparative_of_protocol import preparative_cell
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.resolved import ResolvedProtocol, resolve_protocol
from faradaic.runner.bench_file import load_bench

F = 96485.33212


def text(
    substrate: str = "",
    solvent: str = "MeCN",
    more: str = "",
    anode: str = "{material: graphite, form: plate, width: 10 mm, length: 20 mm}",
    reaction: str = "{electrons: 2, kind: oxidation}",
) -> str:
    return f"""faradaic: 1
title: sketch
cell: {{type: undivided, gap: 5 mm}}
solution:
  volume: 10 mL
  limiting: compound
  components:
    compound: {{amount: 1 mmol, role: substrate{substrate}}}
    Bu4NBF4: {{concentration: 0.1 M, role: electrolyte}}
    {solvent}: {{volume: 10 mL, role: solvent}}
{more}
electrodes:
  anode: {anode}
  cathode: {{material: Pt, form: plate, width: 10 mm, length: 20 mm}}
reaction: {reaction}
environment: {{temperature: 25 degC, stirring: 600 rpm}}
steps: [{{constant_current: {{current: 5 mA, cell_voltage_limit: 10 V, until: 2 F/mol}}}}]
"""


def resolved(**parts: str) -> ResolvedProtocol:
    return resolve_protocol(
        validate_protocol(load_document(text(**parts).encode(), "sketch")).protocol
    )


def notes(**parts: str) -> str:
    found = compile_protocol(
        validate_protocol(load_document(text(**parts).encode(), "sketch")),
        load_bench("simulated"),
    )
    return " ".join(found.estimates.notes)


@pytest.mark.parametrize(
    ("solvent", "stated", "vs_SHE_V"),
    [
        # ferrocene +0.631 (MeCN) and +0.691 (DMF: 0.45 V vs SCE at 0.2412) V vs SHE
        ("MeCN", "1.12 V vs Fc+/0", 1.12 + 0.631),
        ("DMF", "1.12 V vs Fc+/0", 1.12 + 0.691),
        ("MeCN", "1500 mV vs SCE", 1.5 + 0.2412),
        ("MeCN", "1.5 V vs Ag/AgCl (sat. KCl)", 1.5 + 0.197),
    ],
)
def test_a_stated_potential_is_moved_by_the_scale_of_its_solvent(
    solvent: str, stated: str, vs_SHE_V: float
) -> None:
    of = resolved(substrate=f", potential: {stated}", solvent=solvent)
    wanted = of.anode.forward.reactions[0]
    assert wanted.potential_V_vs_SHE == pytest.approx(vs_SHE_V, abs=2e-3)
    assert wanted.known
    assert "as stated" in wanted.name
    assert "as the author states" in wanted.assumed


def test_a_stated_potential_wins_over_the_table_and_is_no_guess() -> None:
    carbamate = ", smiles: COC(=O)N1CCCC1"
    table = resolved(substrate=carbamate).anode.forward.reactions[0]
    own = resolved(substrate=carbamate + ", potential: 1.0 V vs SCE").anode.forward.reactions[0]
    assert table.name == "oxidation (carbamate)"
    assert own.potential_V_vs_SHE < table.potential_V_vs_SHE
    assert "as stated" in notes(substrate=", potential: 1.0 V vs SCE")
    assert "as is usual" in notes()


def test_a_peak_says_less_than_a_half_wave() -> None:
    spreads = [
        resolved(substrate=f", potential: 1.0 V vs SCE, potential_kind: {kind}")
        .anode.forward.reactions[0]
        .spread_V
        for kind in ("half_wave", "half_peak", "peak")
    ]
    assert spreads == sorted(spreads)


def test_an_unknown_compound_is_marked() -> None:
    assert not resolved().anode.forward.reactions[0].known


def test_a_stated_diffusion_coefficient_sets_the_limiting_current() -> None:
    plain, stated = resolved(), resolved(substrate=", diffusion_coefficient: 1e-5 cm^2/s")
    before, after = plain.limiting_currents_A(), stated.limiting_currents_A()
    assert not isinstance(before, str)
    assert not isinstance(after, str)
    solvent = plain.anode.compartment.medium.solvent
    assert solvent is not None
    ratio = 1e-9 / diffusivity_m2_per_s(solvent.viscosity_Pa_s)
    assert after[1] / before[1] == pytest.approx(ratio)
    assert "D = 1.0e-09 m²/s in MeCN as the author states" in notes(
        substrate=", diffusion_coefficient: 1e-5 cm^2/s"
    )


MEDIATOR = "    TEMPO: {equiv: 0.1, role: mediator, mediator_rate: 100 L/mol/s}"


def test_a_mediator_sets_the_potential_and_the_limiting_current() -> None:
    of = resolved(more=MEDIATOR)
    wanted = of.anode.forward.reactions[0]
    assert wanted.potential_V_vs_SHE == pytest.approx(0.249 + 0.631, abs=2e-3)
    assert wanted.tafel_slope_V_per_decade == pytest.approx(0.05916, abs=1e-4)
    limits, alone = of.limiting_currents_A(), resolved().limiting_currents_A()
    solvent = of.anode.compartment.medium.solvent
    assert not isinstance(limits, str)
    assert not isinstance(alone, str)
    assert solvent is not None
    assert of.anode.active_area_m2 is not None
    # Danckwerts: F A c sqrt(D k c_s + (D/δ)²) in series with the substrate's own transport
    D = diffusivity_m2_per_s(solvent.viscosity_Pa_s)
    reach = (D * 0.1 * 100.0 + (D / of.film_m[1]) ** 2) ** 0.5
    carried = F * of.anode.active_area_m2 * 10.0 * reach
    assert limits[1] == pytest.approx(1 / (1 / carried + 1 / alone[1]))
    assert "carried by 10 mmol/L of TEMPO, turned over at the rate stated" in notes(more=MEDIATOR)


def test_a_mediator_without_a_rate_gets_one_that_is_said() -> None:
    assert "not known, taken as 10 L/mol/s" in notes(more="    TEMPO: {equiv: 0.1, role: mediator}")


def test_an_unknown_mediator_carries_nothing_until_its_potential_is_stated() -> None:
    plain = resolved(more="    relay: {equiv: 0.1, role: mediator}")
    stated = resolved(more="    relay: {equiv: 0.1, role: mediator, potential: 0.7 V vs SCE}")
    assert not plain.mediators
    assert list(stated.mediators) == [stated.targets[0]]
    assert stated.anode.forward.reactions[0].name == "oxidation through relay, as stated"


def test_the_twin_lets_the_mediator_carry_the_current() -> None:
    cell = preparative_cell(resolved(more=MEDIATOR))
    first = cell.electrodes.working.reactions[0]
    assert first.substrate == "compound"
    assert first.mediator is not None
    assert first.mediator.species == "TEMPO"
    assert first.mediator.rate_m3_per_mol_per_s == pytest.approx(0.1)
    assert cell.species["TEMPO"].concentration_mol_per_m3 == pytest.approx(10.0)


@pytest.mark.parametrize("metal", ["Mg", "Al", "Zn"])
@pytest.mark.parametrize("substrate", ["", ", name: anisole"])
def test_a_sacrificial_anode_does_not_drive_the_cell(metal: str, substrate: str) -> None:
    of = resolved(
        substrate=substrate,
        solvent="THF",
        anode=f"{{material: {metal}, form: plate, width: 10 mm, length: 20 mm,"
        f" sacrificial: {{metal: {metal}, electrons: 2}}}}",
        reaction="{electrons: 2, kind: reduction}",
    )
    anode, cathode = of.anode.forward.reactions[0], of.cathode.forward.reactions[0]
    assert anode.potential_V_vs_SHE > cathode.potential_V_vs_SHE
    (low, high), reason = equilibrium_V(anode, cathode)
    assert 0.0 <= low < high
    assert high - low > 0.5
    assert ("a guess" in reason) == (not cathode.known)


def test_nickel_splits_one_molar_alkali_at_the_voltage_of_its_own_kinetics() -> None:
    alkali = """faradaic: 1
title: alkaline water electrolysis
cell: {type: undivided, gap: 5 mm}
solution:
  volume: 50 mL
  components: {KOH: {amount: 50 mmol, role: electrolyte}, H2O: {volume: 50 mL, role: solvent}}
electrodes:
  anode:   {material: Ni, form: plate, width: 10 mm, length: 20 mm, immersed: 10 mm}
  cathode: {material: Ni, form: plate, width: 10 mm, length: 20 mm, immersed: 10 mm}
steps: [{constant_current: {current: 200 mA, cell_voltage_limit: 10 V, until: 30 s}}]
"""
    found = compile_protocol(
        validate_protocol(load_document(alkali.encode(), "alkali")), load_bench("simulated")
    )
    voltage, drop = found.estimates.cell_voltage_V, found.estimates.ohmic_drop_V
    assert voltage is not None
    assert drop is not None
    # benches show 2.3 to 2.6 V in 1 M KOH at 200 mA/cm² of one face, of which 0.5 V in the solution
    assert 2.2 < sum(voltage) / 2 < 2.65
    without = [v - d for v, d in zip(voltage, drop, strict=True)]
    # 6 M KOH: 2.1 to 2.5 V with about 0.16 V in the solution
    assert 2.1 < sum(without) / 2 + 0.16 < 2.5


@pytest.mark.parametrize(
    ("keys", "code", "says"),
    [
        (", potential: 1.1 V", "E303", "vs Fc+/0"),
        (", potential: 1.1 V vs Ag/AgCl", "E770", "depends on the filling"),
        (", potential: 1.1 V vs moon", "E770", "is unknown"),
        (", potential: 1.1 vs SCE", "E102", "has no unit"),
        (", potential_kind: peak", "E306", "but no potential"),
        (", mediator_rate: 10 L/mol/s", "E306", "a substrate has no `mediator_rate`"),
        (", smiles: C1CC", "E774", "is no SMILES"),
        (", diffusion_coefficient: 1e-5", "E102", "has no unit"),
    ],
)
def test_what_cannot_be_meant_is_said(keys: str, code: str, says: str) -> None:
    with pytest.raises(InputError) as told:
        resolved(substrate=keys)
    assert code in str(told.value)
    assert says in str(told.value)


@pytest.mark.parametrize(
    ("substrate", "reaction", "role"),
    [
        # furfural is reduced more easily than it is oxidised, but its product forms at the anode
        (
            ", name: furfural",
            "{electrons: 2, products: {acid: {target: true, at: anode}}}",
            "anode",
        ),
        (", name: furfural", "{electrons: 2}", "cathode"),
        (
            ", name: furfural",
            "{electrons: 2, gases: [{H2: 0.5 per electron, at: cathode}]}",
            "anode",
        ),
        (", name: anisole", "{electrons: 2}", "anode"),
        (", name: nitrobenzene", "{electrons: 6}", "cathode"),
        ("", "{electrons: 2}", "anode"),
    ],
)
def test_where_the_substrate_reacts_follows_from_what_is_said_of_it(
    substrate: str, reaction: str, role: str
) -> None:
    assert resolved(substrate=substrate, reaction=reaction).targets == (role,)


def test_a_proton_source_is_not_reduced_before_the_substrate_that_it_is_for() -> None:
    of = resolved(
        substrate=", name: naphthalene",
        solvent="THF",
        more="    DMU: {equiv: 3, role: proton_source}",
        reaction="{electrons: 2, kind: reduction}",
    )
    wanted, beyond = of.cathode.forward.reactions
    assert wanted.potential_V_vs_SHE > beyond.potential_V_vs_SHE


@pytest.mark.parametrize("key", ["potential: 1 V vs SCE", "diffusion_coefficient: 1e-5 cm^2/s"])
def test_what_nothing_uses_is_said(key: str) -> None:
    with pytest.raises(InputError, match="nothing uses"):
        resolved(more=f"    salt: {{amount: 1 mmol, role: additive, {key}}}")


def test_a_stated_potential_alone_says_which_way_it_goes() -> None:
    oxidised = resolved(substrate=", potential: 1.0 V vs SCE", reaction="{electrons: 2}")
    reduced = resolved(substrate=", potential: -1.5 V vs SCE", reaction="{electrons: 2}")
    assert (oxidised.targets, reduced.targets) == (("anode",), ("cathode",))
    assert reduced.cathode.forward.reactions[0].name == "reduction (compound, as stated)"
