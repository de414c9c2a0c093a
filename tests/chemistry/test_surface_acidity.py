"""Where nothing buffers a neutral solution, the anode stands in acid and the cathode in base."""

from dataclasses import replace
from math import log10

import pytest

from faradaic.chemistry.dissolved import Dissolved
from faradaic.chemistry.electrode_kinetics import gas_overpotential
from faradaic.chemistry.electrode_reactions import Surroundings, equilibrium_V, reactions
from faradaic.chemistry.medium import Medium
from faradaic.chemistry.solvents import solvent_named
from faradaic.chemistry.surface_acidity import surface_pH

SULFATE = {"Na": 1000.0, "SO4": 500.0}
PHOSPHATE = {"K": 1500.0, "HPO4": 500.0, "H2PO4": 500.0}


def medium(pH: float = 7.0, ions: dict[str, float] = SULFATE) -> Medium:
    water = (("H2O", solvent_named("H2O"), 1e-4),)
    return Medium(water, 298.15, Dissolved(ions=ions, sources=("salt",)), stated_pH=pH)


def test_what_the_electrode_makes_diffuses_through_its_film() -> None:
    # 100 A/m² over 200 um; D of H+ 9.31e-9 and of OH- 5.27e-9 m²/s (CRC Handbook)
    made_mol_per_L = 100 / 96485 * 200e-6 / 1000
    acid, base = (surface_pH(medium(), way, 100.0) for way in ("oxidation", "reduction"))
    assert acid == pytest.approx(-log10(made_mol_per_L / 9.31e-9), abs=0.01)
    assert base == pytest.approx(14 + log10(made_mol_per_L / 5.27e-9), abs=0.01)


UNNAMED = replace(medium(), dissolved=Dissolved(unnamed=("some buffer",)))


@pytest.mark.parametrize("of", [medium(ions=PHOSPHATE), medium(pH=0.5), medium(pH=13.5), UNNAMED])
def test_a_buffer_an_acid_a_base_and_what_is_not_known_keep_their_pH(of: Medium) -> None:
    assert surface_pH(of, "oxidation", 100.0) is None


def test_platinum_in_sulfate_takes_more_than_half_a_volt_beyond_its_buffered_self() -> None:
    def volts(of: Medium) -> float:
        at = Surroundings("Pt", None, of)
        anode, cathode = (reactions(at, role, None)[0] for role in ("anode", "cathode"))
        low, high = equilibrium_V(anode, cathode, (100.0, 100.0))[0]
        return (low + high) / 2

    # 59 mV for each of the 11 units of pH between the electrodes
    assert volts(medium()) - volts(medium(ions=PHOSPHATE)) == pytest.approx(0.644, abs=0.01)


def test_a_stated_overpotential_holds_what_its_own_solution_did() -> None:
    stated = gas_overpotential("Pt", "OER", "acid")
    at = Surroundings("Pt", None, medium(), overpotential=stated)
    (line,) = reactions(at, "anode", None)
    assert stated is not None
    assert "nothing buffers it" not in line.assumed
    assert line.tafel_slope_V_per_decade == stated.tafel_slope_V_per_decade
    assert line.potential_V_vs_SHE == pytest.approx(
        1.229 - 7 * 0.05916 + stated.at_100_A_per_m2_V, abs=0.01
    )
