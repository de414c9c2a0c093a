"""Where the carbon of the feed went: products, unused feed, carbonate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

from faradaic.chemistry.electron_balances import formula_of
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.results import Result, missing

_wrong = partial(refusal, "E739")

TOLERANCE = 0.05
"""A balance further than this from 1 is flagged."""


def carbonate_from_charge_mol_per_s(
    current_A: float, anions_mol_per_s: Mapping[str, float] | None = None
) -> float:
    """CO2 bound as carbonate by the hydroxide of a cathode, (|I|/F − Σ anions)/2.

    Each electron leaves one OH⁻ in neutral or alkaline solution, less one for each charge of an
    anionic product, and two of them bind one CO2 (Rabinowitz and Kanan, Nat. Commun. 11 (2020)
    5231). An estimate for a cell whose hydroxide all meets CO2: alkali that the solution brought
    binds more, and a flow that carries hydroxide away leaves less. Raises `InputError` (E739).
    """
    charges = {s: formula_of(s).charge for s in anions_mol_per_s or {}}
    held = sum(-charges[s] * rate for s, rate in (anions_mol_per_s or {}).items())
    hydroxide = abs(current_A) / FARADAY_C_PER_MOL - held
    if hydroxide < 0 or any(charge >= 0 for charge in charges.values()):
        raise _wrong(
            f"anions of {held:g} mol/s do not fit to {current_A:g} A",
            "give anionic products only, such as `HCOO-`, in mol/s",
        )
    return hydroxide / 2


def carbon_balance(
    feed: str,
    inlet_mol_per_s: float,
    outlet_mol_per_s: float | None,
    products_mol_per_s: Mapping[str, float],
    *,
    carbonate_mol_per_s: float | None = None,
    carbonate_estimated: bool = False,
) -> Result:
    """Carbon found over carbon fed: (feed out + carbonate + Σ ν·ṅ)/feed in, atoms of carbon.

    Rates in mol/s by name or formula. Flagged further than 5 % from 1 and where carbonate was not
    measured. Raises `InputError` (E739).
    """
    key, method = "carbon_balance", "(feed out + carbonate + Σ ν·ṅ)/feed in"
    if outlet_mol_per_s is None:
        reason = f"the {feed} that leaves the cell is missing: give `outlet_mol_per_s`, as 1e-5"
        return missing(key, "1", method, reason)
    fed = _fed(feed, inlet_mol_per_s)
    found = _carbon(feed) * outlet_mol_per_s + _made(feed, products_mol_per_s)
    found += carbonate_mol_per_s or 0.0
    value = found / fed
    flags = []
    if carbonate_mol_per_s is None:
        flags.append("carbonate not measured: what it binds counts as missing")
    elif carbonate_estimated:
        flags.append("carbonate estimated from the charge, not measured")
    if abs(value - 1) > TOLERANCE:
        flags.append(
            f"{100 * abs(1 - value):.1f} % of the carbon {'missing' if value < 1 else 'too much'}"
        )
    listed = ", ".join(products_mol_per_s)
    return Result(key, value, "1", method, f"{feed} in; {listed}", flags=tuple(flags))


def single_pass_conversion(
    feed: str, inlet_mol_per_s: float, products_mol_per_s: Mapping[str, float]
) -> Result:
    """Carbon in products over carbon fed, carbonate not counted. Raises `InputError` (E739).

    In alkaline or neutral solution at most 50 % for CO and 25 % for C2H4.
    """
    value = _made(feed, products_mol_per_s) / _fed(feed, inlet_mol_per_s)
    flags = ("more carbon in products than was fed",) if value > 1 else ()
    basis = f"{feed} in; {', '.join(products_mol_per_s)}"
    return Result("single_pass_conversion", value, "1", "Σ ν·ṅ/feed in", basis, flags=flags)


def _carbon(species: str) -> int:
    return formula_of(species).count("C")


def _fed(feed: str, inlet_mol_per_s: float) -> float:
    fed = _carbon(feed) * inlet_mol_per_s
    if not (fed > 0 and math.isfinite(fed)):
        raise _wrong(
            f"{inlet_mol_per_s:g} mol/s of {feed} bring no carbon",
            "give a feed with carbon and its inlet flow, as `CO2` and 1.5e-5",
        )
    return fed


def _made(feed: str, products_mol_per_s: Mapping[str, float]) -> float:
    feeds = formula_of(feed).atoms
    if any(formula_of(s).atoms == feeds for s in products_mol_per_s):
        raise _wrong(f"{feed} is the feed and a product", "give what is left as the outlet")
    return sum(_carbon(s) * rate for s, rate in products_mol_per_s.items())
