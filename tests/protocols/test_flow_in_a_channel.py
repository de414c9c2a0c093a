"""The diffusion layer of a flat channel, and a single pass in plan and twin."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import diags
from scipy.sparse.linalg import splu

from faradaic.chemistry.flow_reactors import channel_film_m
from faradaic.documents.document import load_document
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.resolved import resolve_protocol
from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell
from rigs.chemists import case

F = 96485.33212
D = 1e-9


def conversion_of_a_channel(height_m: float, width_m: float, length_m: float, rate: float) -> float:
    """u(y) ∂c/∂x = D ∂²c/∂y², c = 0 at one wall, no flux at the other, parabolic u: by finite
    differences, implicit along the channel."""
    n, steps = 400, 2000
    y = (np.arange(n) + 0.5) / n
    speed = 6 * rate / (width_m * height_m) * y * (1 - y)
    along = np.concatenate([[0.0], np.geomspace(1e-6, 1.0, steps)]) * length_m
    c = np.ones(n)
    spread = D / (height_m / n) ** 2
    main = np.full(n, -2.0)
    main[0], main[-1] = -3.0, -1.0  # the wall is half a cell away; the other is inert
    laplace = diags([np.ones(n - 1), main, np.ones(n - 1)], [-1, 0, 1]) * spread
    for dx in np.diff(along):
        matrix = diags([speed / dx], [0]) - laplace
        c = splu(matrix.tocsc()).solve(speed / dx * c)
    return float(1 - (speed * c).sum() / speed.sum())


@pytest.mark.parametrize("rate_mL_min", [0.02, 0.2, 2.0, 20.0])
def test_the_film_gives_the_conversion_of_graetz_problem(rate_mL_min: float) -> None:
    height, width, length, rate = 0.25e-3, 3e-3, 0.7, rate_mL_min * 1e-6 / 60
    thin, typical, thick = channel_film_m(D, height, (width, length, rate))
    exact = conversion_of_a_channel(height, width, length, rate)
    low, middle, high = (
        1 - np.exp(-D / film * width * length / rate) for film in (thick, typical, thin)
    )
    assert middle == pytest.approx(exact, rel=0.08)
    assert low <= exact * 1.001
    assert exact <= high * 1.001


def test_far_downstream_the_film_is_two_fifths_of_the_gap() -> None:
    assert channel_film_m(D, 0.25e-3)[1] == pytest.approx(2 * 0.25e-3 / 4.86)


@pytest.mark.parametrize("name", ["flow_0p2_mL_min", "flow_2_mL_min_same_plan"])
@pytest.mark.parametrize("current", ["135 mA", "600 mA"])
def test_plan_and_twin_convert_the_same_in_a_single_pass(planned, name: str, current: str) -> None:
    text = case(name).replace("135 mA", current)
    text = text.replace("gap: 0.25 mm\n", "gap: 0.25 mm\n  resistance: 1 Ohm\n")
    plan = planned(text)
    flow = plan.estimates.flow
    resolved = resolve_protocol(validate_protocol(load_document(text, "test.yaml")).protocol)
    assert resolved.flow == "laminar flow"
    reach = resolved.mass_transfer_m_per_s(0.544e-3)[1]
    cell = PreparativeCell(plan.cell)
    held_A = float(current.split()[0]) * 1e-3
    cell.run([HeldControl(Control.CURRENT, held_A, flow.pass_s)], 2.0)
    assert cell.ledger().conversion["tBuToluene"] == pytest.approx(flow.conversion, abs=0.02)
    # What mass transport allows at most: 1 - exp(-k A/V̇)
    area = 3e-3 * 0.7
    assert flow.conversion <= 1 - np.exp(-reach * area / flow.rate_m3_per_s) + 0.02
    assert flow.pass_F_per_mol == pytest.approx(held_A / (F * 100 * flow.rate_m3_per_s))


def test_rate_and_channel_that_are_missing_are_said() -> None:
    text = case("flow_0p2_mL_min").replace("rate: 0.2 mL/min, ", "")
    resolved = resolve_protocol(validate_protocol(load_document(text, "test.yaml")).protocol)
    assert "far downstream, as rate and channel are not stated" in resolved.flow_assumed
    assert resolved.film_m[1] == pytest.approx(2 * 0.25e-3 / 4.86)
