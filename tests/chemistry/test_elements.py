"""Atomic weights and formulas rest on one table of the elements."""

import pytest

from faradaic.chemistry.elements import atomic_weights_g_per_mol, elements
from faradaic.chemistry.tables import rows


def test_atomic_weights_agree_with_those_of_another_table() -> None:
    # ase has those of IUPAC 2016, which differ from 2021 by less than the fourth digit, and exact
    # masses of a nuclide where an element has no standard weight
    data = pytest.importorskip("ase.data")
    weighed = {
        row["symbol"]: row["source"] for row in rows("elements") if "weight" in row["property"]
    }
    for symbol, weight in atomic_weights_g_per_mol().items():
        other = data.atomic_masses_iupac2016[data.atomic_numbers[symbol]]
        relative = 1e-4 if "Prohaska" in weighed[symbol] else 1e-2
        assert weight == pytest.approx(other, rel=relative), symbol


def test_the_elements_stand_in_order_without_a_gap() -> None:
    symbols = list(elements())
    assert len(symbols) == 103
    assert [symbols.index(s) + 1 for s in ("H", "Fe", "Ag", "La", "Au", "U")] == [
        1,
        26,
        47,
        57,
        79,
        92,
    ]
