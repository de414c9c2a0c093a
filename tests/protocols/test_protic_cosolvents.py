"""Hydrogen at a counter electrode comes from the protic part of a mixture, not from its traces."""

from __future__ import annotations

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.resolved import ResolvedProtocol, resolve_protocol
from rigs.protocols import HEAD

STEP = "steps: [{constant_current: {current: 10 mA, cell_voltage_limit: 20 V, until: 1 h}}]\n"


def resolved(solvents: str, of: str = "electrons: 2") -> ResolvedProtocol:
    text = HEAD.replace("MeCN: {volume: 8 mL, role: solvent}", solvents)
    text = text.replace("electrons: 2", of) + STEP
    return resolve_protocol(validate_protocol(load_document(text, "test.yaml")).protocol)


def mixture(other: str, share: float) -> str:
    return (
        f"MeCN: {{volume: {8 * (1 - share):.4g} mL, role: solvent}}\n"
        f"    {other}: {{volume: {8 * share:.4g} mL, role: solvent}}"
    )


def test_water_and_methanol_beside_acetonitrile_give_the_hydrogen() -> None:
    water = resolved(mixture("H2O", 0.2)).cathode.forward.reactions[-1]
    # water on platinum, some overpotential below E(H+/H2): -0.414 V at pH 7, which rises to 12.6
    # where nothing buffers it
    assert -0.414 - 5.6 * 0.0592 - 0.2 < water.potential_V_vs_SHE < -0.414
    assert water.assumed.startswith("hydrogen from H2O")
    assert water.guessed
    methanol = resolved(mixture("MeOH", 0.2)).cathode.forward.reactions[-1]
    # -1.0 V vs SCE, the table's limit of methanol
    assert methanol.potential_V_vs_SHE == pytest.approx(-1.0 + 0.2412)
    assert methanol.gas == ("H2", 0.5)


def test_traces_are_traces() -> None:
    line = resolved(mixture("H2O", 0.01)).cathode.forward.reactions[-1]
    assert line.name == "reduction of residual water"
    assert line.potential_V_vs_SHE == pytest.approx(-1.51, abs=0.01)


def test_what_is_to_be_reduced_is_not_preceded_by_a_cosolvent() -> None:
    line = resolved(mixture("H2O", 0.2), "kind: reduction, electrons: 2").cathode.forward
    assert line.converts
    assert line.reactions[-1].name == "reduction of solvent, traces and product"
