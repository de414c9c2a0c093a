"""Yields as people find them, in grams or per cent, made an amount of a product of the run."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from faradaic.diagnostics import did_you_mean, refusal
from faradaic.quantities import Dimension, QuantityError, format_quantity, parse
from faradaic.records.run import UNCERTAINTY, Run
from faradaic.studies.run.electrolysis import Electrolysis, product_molar_mass
from faradaic.studies.run.electrolysis_results import analyze_electrolysis

_WAYS = "as `66 mg`, `0.39 mmol`, `71 %` or `66 ± 1 mg`"
_STATED = re.compile(r"\s*(?:±|\+/?-)\s*([0-9.,]+)(?=\s*([^0-9.,\s]|$))")
_DIGITS = re.compile(r"[0-9]+(?:[.,]([0-9]+))?(?:[eE]([+-]?[0-9]+))?")


def entry_of(
    run: Run,
    products: Sequence[str],
    *,
    molar_mass: str | None = None,
    note: str | None = None,
    tlc: str | None = None,
) -> dict[str, Any]:
    """An entry for the run's record, from products typed as `[ID=]66 mg`.

    Raises `InputError` for a product that the protocol does not name, for what is neither grams
    nor moles nor per cent, and for grams of a product of unknown molar mass.
    """
    entry: dict[str, Any] = {"utc": datetime.now(UTC).isoformat(timespec="seconds")}
    found = [_found(run, typed, molar_mass) for typed in products]
    if found:
        entry["products"] = found
    entry |= {key: text.strip() for key, text in (("tlc", tlc), ("note", note)) if text}
    if len(entry) == 1:
        raise refusal("E720", "there is nothing to record", f"give --product {_WAYS}, or a --note")
    return entry


def typed_amounts(
    one: Electrolysis,
    products: Sequence[str],
    molar_mass: str | None = None,
    limiting_mol: float | None = None,
) -> dict[str, Any]:
    """Amounts and their uncertainties by id, from products typed as `[ID=]71 %`, as arguments of
    `analyze_electrolysis`; none where nothing was typed. Raises as `entry_of`."""
    found = [_found(one, typed, molar_mass, limiting_mol) for typed in products]
    amounts = {each["id"]: each["amount_mol"] for each in found}
    if len(amounts) < len(found):
        raise refusal(
            "E720",
            "several amounts of product are given, and not each with a name of its own",
            'write --product "phthalide=35 mmol" --product "acetal=30 mmol"',
        )
    errors = {each["id"]: each[UNCERTAINTY] for each in found if UNCERTAINTY in each}
    if not found:
        return {}
    unnamed = amounts.get("")
    return {
        "product_amount_mol": amounts if unnamed is None else unnamed,
        "product_uncertainty_mol": errors,
    }


def found_lines(run: Run) -> list[tuple[str, str]]:
    """(when, what) of each thing in the record of a run, in words."""
    lines = []
    for entry in run.found:
        when = str(entry.get("utc", ""))[:16].replace("T", " ")
        products = entry.get("products", ())
        lines += [(when, f"product {in_words(product)}") for product in products]
        titles = (("tlc", "TLC"), ("note", "note"))
        lines += [(when, f"{title}: {entry[key]}") for key, title in titles if entry.get(key)]
    return lines


def in_words(product: Mapping[str, Any]) -> str:
    """ "sulfone: 66 mg = 0.39 mmol (168.2 g/mol, from its SMILES)"."""
    name, given, basis = (str(product.get(key, "")) for key in ("id", "given", "basis"))
    amount_mol, error_mol = float(product["amount_mol"]), product.get(UNCERTAINTY)
    text = f"{name}: {given}"
    if not given.endswith("mol"):
        text += f" = {format_quantity(amount_mol, 'mmol', 3)} ({basis})"
    if error_mol is not None:
        text += f", ± {format_quantity(float(error_mol), 'mmol', 2)} ({product['uncertainty']})"
    return text.removeprefix(": ")


def _found(
    run: Run | Electrolysis, typed: str, molar_mass: str | None, limiting_mol: float | None = None
) -> dict[str, Any]:
    name, given = (part.strip(" '\"") for part in typed.rpartition("=")[::2])
    id_, product = _product(run, name)
    found: dict[str, Any] = {"id": id_, "given": given}
    given, relative, why = _uncertainty(given)
    try:
        if given.endswith("%"):
            share = parse(given, Dimension.FRACTION)
            one_mole = {id_: 1.0} if id_ else 1.0
            per_mol = analyze_electrolysis(
                run, product_amount_mol=one_mole, limiting_mol=limiting_mol
            ).product_yield
            if per_mol.value is None:
                remedy = "give the product in moles or grams"
                raise refusal("E720", f"per cent of what: {per_mol.reason}", remedy)
            found |= {"amount_mol": share / per_mol.value, "basis": f"of {per_mol.basis}"}
        elif given.endswith("g"):
            mass_kg = parse(given, Dimension.MASS)
            kg_per_mol, source = _molar_mass(id_ or "the product", product, molar_mass)
            basis = f"{format_quantity(kg_per_mol, 'g/mol', 4)}, {source}"
            found |= {"amount_mol": mass_kg / kg_per_mol, "basis": basis}
        else:
            found |= {"amount_mol": parse(given, Dimension.AMOUNT), "basis": ""}
    except QuantityError as error:
        comma = next((d.help for d in error.diagnostics if d.code == "E103"), "")
        raise refusal("E720", f"{typed!r} is no yield", comma or f"give it {_WAYS}") from error
    if found["amount_mol"] < 0:
        raise refusal("E720", f"a yield cannot be {given}", f"give it {_WAYS}")
    if relative is not None:
        found |= {UNCERTAINTY: found["amount_mol"] * relative, "uncertainty": why}
    return found


def _uncertainty(given: str) -> tuple[str, float | None, str]:
    """The quantity alone, its relative standard uncertainty (None where it has none) and why.

    What is stated behind "±" counts as a standard uncertainty. Else the last digit is what a
    balance or an integral resolves: evenly spread over it, 1/√12 of it (JCGM 100:2008, F.2.2.1).
    """
    stated = _STATED.search(given)
    quantity = given
    if stated is not None:  # "66 ± 1 mg", "66 mg ± 1" and "66 mg ± 1 mg" are the same
        before, unit = given[: stated.start()].strip(), given[stated.end() :].strip()
        said = before[-1:].isalpha() or before.endswith("%")
        quantity = before if said and before.endswith(unit) else f"{before} {unit}"
    digits = _DIGITS.search(quantity)
    number = 0.0 if digits is None else float(digits[0].replace(",", "."))
    if digits is None or not number:
        return quantity, None, ""
    if stated is not None:
        return quantity, float(stated[1].replace(",", ".")) / number, "as stated"
    digit = 10.0 ** (int(digits[2] or 0) - len(digits[1] or ""))
    return quantity, digit / math.sqrt(12.0) / number, "from its last digit"


def _product(run: Run | Electrolysis, name: str) -> tuple[str, Mapping[str, Any]]:
    """Id and description of the product that is meant; empty where the protocol names none."""
    known = run.products
    if not name:
        targets = [id_ for id_, product in known.items() if product.get("target")] or list(known)
        if len(targets) > 1:
            what = f"of which product is this the yield: {', '.join(targets)}?"
            raise refusal("E720", what, f'give its name: --product {targets[0]}="66 mg"')
        return (targets[0], known[targets[0]]) if targets else ("", {})
    for id_, product in known.items():
        if name.lower() in (id_.lower(), str(product.get("name")).lower()):
            return id_, product
    remedy = did_you_mean(name, known) if known else "give the yield alone"
    raise refusal("E720", f"{name!r} is not among the products of the protocol", remedy)


def _molar_mass(name: str, product: Mapping[str, Any], stated: str | None) -> tuple[float, str]:
    """The molar mass in kg/mol, and where it comes from."""
    if stated:
        return parse(stated, Dimension.MOLAR_MASS), "as stated"
    known = product_molar_mass(product)
    if known is None:
        what = f"grams of {name} are no amount: its molar mass is unknown"
        remedy = (
            'give --molar-mass "168.2 g/mol"; a protocol gives it as `formula` or `smiles` of the'
            " product"
        )
        raise refusal("E720", what, remedy)
    return known
