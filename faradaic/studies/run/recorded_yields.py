"""Yields as people find them, in grams or per cent, made an amount of a product of the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from faradaic.diagnostics import did_you_mean, refusal
from faradaic.quantities import Dimension, QuantityError, format_quantity, parse
from faradaic.records.run import Run
from faradaic.studies.run.electrolysis import product_molar_mass
from faradaic.studies.run.electrolysis_results import analyze_electrolysis

_WAYS = "as `66 mg`, `0.39 mmol` or `71 %`"


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
    amount = format_quantity(float(product["amount_mol"]), "mmol", 3)
    if given.endswith("mol"):
        return f"{name}: {given}".removeprefix(": ")
    return f"{name}: {given} = {amount} ({basis})".removeprefix(": ")


def _found(run: Run, typed: str, molar_mass: str | None) -> dict[str, Any]:
    name, given = (part.strip(" '\"") for part in typed.rpartition("=")[::2])
    id_, product = _product(run, name)
    found: dict[str, Any] = {"id": id_, "given": given}
    try:
        if given.endswith("%"):
            share = parse(given, Dimension.FRACTION)
            one_mole = {id_: 1.0} if id_ else 1.0
            per_mol = analyze_electrolysis(run, product_amount_mol=one_mole).product_yield
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
        raise refusal("E720", f"{typed!r} is no yield", f"give it {_WAYS}") from error
    if found["amount_mol"] < 0:
        raise refusal("E720", f"a yield cannot be {given}", f"give it {_WAYS}")
    return found


def _product(run: Run, name: str) -> tuple[str, Mapping[str, Any]]:
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
        remedy = 'add --molar-mass "168.2 g/mol"; a protocol gives it as `formula` or `smiles`'
        raise refusal("E720", what, remedy)
    return known
