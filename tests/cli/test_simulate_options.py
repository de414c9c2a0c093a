"""What `faradaic simulate` makes of options that say two things, or nothing that can be."""

import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.cli.simulate_options import cell_of
from faradaic.diagnostics import FaradaicError, InputError


@pytest.mark.parametrize(
    "options",
    [
        {"concentration": ["1 mM", "2 mM"]},
        {"concentration": ["Fc=1 mM", "Fc=2 mM"]},
        {"diffusion": ["1e-5 cm^2/s", "2e-5 cm^2/s"]},
    ],
)
def test_a_quantity_given_twice_is_refused_instead_of_the_last_one_taken(options):
    with pytest.raises(InputError, match=r"E704.* a second quantity"):
        cell_of(**options)


def test_a_quantity_for_all_and_one_for_a_species_go_together():
    made = cell_of(diffusion=["1e-5 cm^2/s", "Fc=2e-5 cm^2/s"], concentration=["1 mM"])
    assert made.numbers["diffusion_m2_per_s"] == {"Fc": 2e-9, "Fc^+": 1e-9}
    assert made.numbers["concentrations_mol_per_m3"] == {"Fc": 1.0}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["eis", "--mechanism", "A + e -> B"], "E704.*never at equilibrium"),
        (["cv", "--cycles", "100000000000", "--staircase", "1"], "E544.*number of points"),
        (["cv", "--cycles", "0", "--staircase", "1"], "E544.*cycles is 0"),
        (["cv", "--temperature", "25 K"], "E544.*at 25 K"),
    ],
)
def test_an_experiment_that_cannot_be_is_refused(arguments, says):
    with pytest.raises(FaradaicError, match=says):
        CliRunner().invoke(app, ["simulate", *arguments], catch_exceptions=False)
