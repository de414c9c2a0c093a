"""The numbers of a mechanism are complete and possible, or refused by name."""

import math

import pytest

from faradaic.diagnostics import InputError
from faradaic.simulators.mechanism import parse_mechanism
from faradaic.simulators.mechanism_parameters import mechanism_parameters

GOOD = {
    "concentrations_mol_per_m3": {"A": 1.0},
    "diffusion_m2_per_s": 1e-9,
    "E0_V": (0.0, 0.2),
    "k0": 1e-4,
    "rate_constants": (3.0, (2.0, 1.0)),
    "site_density_mol_per_m2": 1e-6,
}
TEXT = "A + e = B; B -> C; C + e -> D; B = B*"


def numbers(**changed):
    return mechanism_parameters(parse_mechanism(TEXT), **(GOOD | changed))


def test_one_number_holds_for_all_and_a_mapping_for_each():
    parameters = numbers(diffusion_m2_per_s={"A": 1e-9, "B": 2e-9, "C": 3e-9, "D": 4e-9})
    assert parameters.diffusion_m2_per_s == (1e-9, 2e-9, 3e-9, 4e-9)
    assert parameters.k0 == (1e-4, 1e-4)
    assert parameters.concentrations_mol_per_m3 == (1.0, 0.0, 0.0, 0.0)
    assert (parameters.forward, parameters.backward) == ((3.0, 2.0), (0.0, 1.0))
    assert parameters.coverages == (0.0,)


def test_f_is_that_of_the_temperature():
    assert numbers().f_per_V == pytest.approx(38.921744, rel=1e-7)  # F/RT at 298.15 K, CODATA 2018
    assert numbers(temperature_K=596.3).f_per_V == pytest.approx(38.921744 / 2, rel=1e-7)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"diffusion_m2_per_s": 0.0}, "diffusion_m2_per_s of A is 0"),
        ({"diffusion_m2_per_s": -1e-9}, "diffusion_m2_per_s of A is -1e-09"),
        ({"diffusion_m2_per_s": {"A": 1e-9}}, "diffusion_m2_per_s misses `B`"),
        ({"diffusion_m2_per_s": {"A2": 1e-9}}, "unknown species `A2`"),
        ({"k0": -1e-4}, "is -0.0001"),
        ({"k0": (1e-4, math.inf)}, "is infinite"),
        ({"k0": math.nan}, "is nan"),
        ({"k0": (1e-4,)}, "k0 has 1 values"),
        ({"k0": "fast"}, "not a number"),
        ({"k0": True}, "not a number"),
        ({"alpha": 0.0}, "alpha of A . 1 e / B is 0"),
        ({"alpha": 1.0}, "is 1"),
        ({"E0_V": 0.0}, "E0_V is one number"),
        ({"E0_V": (0.0, math.inf)}, "is inf"),
        ({"concentrations_mol_per_m3": {"a": 1.0}}, "unknown species `a`"),
        ({"concentrations_mol_per_m3": {"A": -1.0}}, "concentrations_mol_per_m3 of A is -1"),
        ({"concentrations_mol_per_m3": {}}, "are all zero"),
        ({"coverages": {"B*": 1.2}}, "add up to 1.2"),
        ({"coverages": {"A": 0.2}}, "unknown species `A`"),
        ({"interactions": {"C*": 1.0}}, "unknown species `C"),
        ({"site_density_mol_per_m2": None}, "site_density_mol_per_m2 is missing"),
        ({"site_density_mol_per_m2": 0.0}, "site_density_mol_per_m2 is 0"),
        ({"rate_constants": ()}, "rate_constants has 0 entries"),
        ({"rate_constants": (3.0, 2.0)}, "rate constant of B = B. has 1 numbers"),
        ({"rate_constants": ((3.0, 1.0), (2.0, 1.0))}, "rate constant of B -> C has 2 numbers"),
        ({"rate_constants": (-3.0, (2.0, 1.0))}, "forward rate constant of B -> C is -3"),
        ({"temperature_K": 0.0}, "temperature_K is 0"),
        ({"reorganisation_eV": -0.5}, "is -0.5"),
        ({"reorganisation_eV": (0.5,)}, "reorganisation_eV has 1 values"),
    ],
)
def test_an_impossible_number_is_refused_by_name_with_what_to_write(changed, said):
    with pytest.raises(InputError, match=said) as caught:
        numbers(**changed)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "E542"
    assert diagnostic.help.startswith("write ")


def test_a_concerted_step_of_two_electrons_has_no_marcus_rate():
    with pytest.raises(InputError, match="reorganisation_eV is given"):
        mechanism_parameters(
            parse_mechanism("A + 2 e = B"),
            concentrations_mol_per_m3={"A": 1.0},
            diffusion_m2_per_s=1e-9,
            E0_V=0.0,
            k0=1e-4,
            reorganisation_eV=0.8,
        )


def test_a_single_reversible_reaction_takes_a_bare_pair():
    parameters = mechanism_parameters(
        parse_mechanism("Y = A; A + e = B"),
        concentrations_mol_per_m3={"Y": 1.0},
        diffusion_m2_per_s=1e-9,
        E0_V=0.0,
        k0=1e-4,
        rate_constants=(0.1, 1.0),
    )
    assert (parameters.forward, parameters.backward) == ((0.1,), (1.0,))
