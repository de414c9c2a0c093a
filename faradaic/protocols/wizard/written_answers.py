"""Answers of several parts, read: what a chemist writes on one line of a notebook.

Every reader takes text and raises `ValueError` or a `FaradaicError` for what it is not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from faradaic.chemistry.electrode_areas import POROUS
from faradaic.chemistry.formulas import parse_formula
from faradaic.chemistry.smiles import molar_mass_of
from faradaic.diagnostics import FaradaicError
from faradaic.protocols.schema.electrodes import Form
from faradaic.quantities import Dimension, QuantityError, format_quantity, parse_quantity

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.()+-]{0,63}")
_TIGHT = re.compile(r"([+\-−]?(?:\d+\.?\d*|\.\d+)(?:[eE][+\-−]?\d+)?)(?=[A-Za-zµμΩ°%])")
_EQUIVALENTS = re.compile(
    r"(\d+(?:\.\d*)?|\.\d+)\s*(equiv|equivalents?|eq|mol\s*%)\.?", re.IGNORECASE
)
_OF_A_COMPONENT = {
    Dimension.AMOUNT: "amount",
    Dimension.MASS: "mass",
    Dimension.CONCENTRATION: "concentration",
    Dimension.VOLUME: "volume",
}
_END = (Dimension.CHARGE_PER_AMOUNT, Dimension.CHARGE, Dimension.TIME)
_LIMITS = {
    Dimension.CURRENT: "current",
    Dimension.VOLTAGE: "cell_voltage",
    Dimension.CHARGE_PER_AMOUNT: "charge",
    Dimension.CHARGE: "charge",
    Dimension.TIME: "time",
}


def above_zero(text: str, *dimensions: Dimension) -> tuple[str, Dimension]:
    """A quantity above zero as it will be written (`5mA` as `5 mA`), and what it measures."""
    written = re.sub(r"^" + _TIGHT.pattern, r"\1 ", text.strip())
    found = parse_quantity(written, *dimensions)
    if found.value <= 0:
        raise ValueError(f"`{text}` must be greater than zero")
    return written, found.dimension


def is_rate(text: str) -> bool:
    """Whether a current is given by how fast it passes the charge: `0.5 F/mol/h`."""
    with suppress(QuantityError):
        above_zero(text, Dimension.CHARGE_RATE_PER_AMOUNT)
        return True
    return False


def key_of(name: str) -> str:
    """The key under which a component stands: its name, where that can be one, else made of it."""
    key = re.sub(r"[^A-Za-z0-9_.()+-]+", "-", name).lstrip("-_.()+")[:64].rstrip("-")
    if not _IDENTIFIER.fullmatch(key):
        raise ValueError(f"`{name}` holds no letter or number that a key can be made of")
    return key


def no_quantity(text: str) -> None:
    """Refuse a quantity where a name is needed; `4h` and `5g` are compounds of a paper."""
    found = bool(_EQUIVALENTS.fullmatch(text))
    with suppress(QuantityError):
        parse_quantity(text, *Dimension)
        found = True
    if found and not re.fullmatch(r"\d+[A-Za-z]", text):
        raise ValueError(f"`{text}` is a quantity, and a name is needed")


def material(text: str) -> str:
    """The material of an electrode, without its form where that was said with it."""
    no_quantity(text)
    rest, _, last = text.rpartition(" ")
    return rest if rest and last.lower() in tuple(Form) else text


def compound(text: str) -> str:
    """The name of a compound."""
    no_quantity(text)
    key_of(text)
    return text


@dataclass(frozen=True, slots=True)
class Portion:
    """A component and how much of it."""

    name: str
    how: str
    """`equiv`, `amount`, `mass`, `concentration` or `volume`."""
    quantity: str
    """As it stands in a protocol: a quantity, or the number of equivalents."""


def quantity_of(text: str) -> tuple[str, str]:
    """How a quantity of a component is given, and the quantity."""
    if match := _EQUIVALENTS.fullmatch(text):
        share = float(match[1]) / (100 if "%" in match[2] else 1)
        if not share:
            raise ValueError(f"`{text}` must be greater than zero")
        return "equiv", f"{share:.6g}"
    written, dimension = above_zero(text, *_OF_A_COMPONENT)
    return _OF_A_COMPONENT[dimension], written


def portion(text: str) -> Portion:
    """`alkyne 3 equiv`, `TEMPO 10 mol%`, `Bu4NBF4 0.1 M`, `36 mg of aspirin`."""
    words = text.split()
    for size in (1, 2, 3):
        for amount, name in (
            (words[-size:], words[:-size]),
            (words[:size], words[size + (words[size : size + 1] == ["of"]) :]),
        ):
            with suppress(ValueError, FaradaicError):
                how, quantity = quantity_of(" ".join(amount).strip(","))
                return Portion(compound(" ".join(name).strip(",").strip()), how, quantity)
    compound(text)
    raise ValueError(f"`{text}` doesn't say what and how much of it")


def mixture(text: str) -> tuple[tuple[str, float], ...]:
    """Solvents with their shares of the volume: `MeCN`, `MeCN/H2O 9:1`, `HFIP + MeOH 3:2`."""
    match = re.fullmatch(r"(.+?)[\s,]+\(?(\d+\.?\d*(?:\s*[:/]\s*\d+\.?\d*)+)\)?", text)
    named = match[1] if match else text
    names = [name.strip() for name in re.split(r"\s*/\s*|\s+\+\s+|\s*:\s*", named)]
    numbers = [float(part) for part in re.split(r"[:/]", match[2])] if match else []
    if len(names) > 1 and not match:
        raise ValueError(f"`{text}` names {len(names)} solvents without their ratio")
    if match and len(numbers) != len(names):
        raise ValueError(f"{len(names)} solvents and a ratio of {len(numbers)} numbers")
    if match and not all(numbers):
        raise ValueError("every part of a ratio is greater than zero")
    keys = [key_of(compound(name)) for name in names]
    if len(set(keys)) < len(keys):
        raise ValueError("a solvent is named twice")
    shares = numbers or [1.0]
    return tuple((name, share / sum(shares)) for name, share in zip(names, shares, strict=True))


def volumes(whole: str, shares: Sequence[float]) -> list[str]:
    """The volumes of solvents that make a solution, in the unit in which that is written."""
    if len(shares) == 1:
        return [whole]
    match = re.fullmatch(r"\s*([\d.eE+-]+)\s*(.+?)\s*", whole)
    assert match is not None  # it has been read as a volume
    return [f"{float(match[1]) * share:.4g} {match[2]}" for share in shares]


@dataclass(frozen=True, slots=True)
class Identity:
    """What a compound is, as far as it was told."""

    molar_mass: str
    """As it stands in a protocol."""
    smiles: str = ""
    formula: str = ""


def identity(text: str) -> Identity:
    """A molar mass, a formula or a SMILES; `formula` or `smiles` before it says which it is."""
    said, _, rest = text.partition(" ")
    if said.lower() in ("formula", "smiles") and rest.strip():
        read = _formula if said.lower() == "formula" else _smiles
        return read(rest.strip())
    with suppress(QuantityError, ValueError):
        return Identity(above_zero(text, Dimension.MOLAR_MASS)[0])
    found = []
    for read in (_formula, _smiles):
        with suppress(FaradaicError):
            found.append(read(text))
    if not found:
        raise ValueError(f"`{text}` is no molar mass, no formula and no SMILES")
    if len(found) == 2:
        raise ValueError(
            f"`{text}` may be a formula ({found[0].molar_mass}) or a SMILES"
            f" ({found[1].molar_mass}): write `formula {text}` or `smiles {text}`"
        )
    return found[0]


def _formula(text: str) -> Identity:
    mass = parse_formula(text).molar_mass_kg_per_mol
    return Identity(format_quantity(mass, "g/mol", 5), formula=text)


def _smiles(text: str) -> Identity:
    return Identity(format_quantity(molar_mass_of(text), "g/mol", 5), smiles=text)


def lengths(text: str) -> list[str]:
    """`10 x 15 mm` or `1 cm x 15 mm`: the unit of the last holds for those without one."""
    parts = [part.strip() for part in re.split(r"\s*[x×*]\s*", text.strip())]
    unit = re.sub(r"^[\d.eE+\-\s]+", "", parts[-1])
    return [
        above_zero(part if re.search(r"[^\d.\s]", part) else f"{part} {unit}", Dimension.LENGTH)[0]
        for part in parts
    ]


def dimensions(form: Form) -> tuple[str, ...]:
    """The keys of the lengths that give the size of an electrode in the solution."""
    if form is Form.DISC:
        return ("diameter",)
    if form.round:
        return ("diameter", "immersed")
    return ("width", "immersed", "thickness") if form.value in POROUS else ("width", "immersed")


def size(text: str, form: Form) -> dict[str, str]:
    """The size of an electrode: lengths by their keys, or `area`."""
    if "x" not in text and "×" not in text:
        with suppress(QuantityError):
            return {"area": above_zero(text, Dimension.AREA)[0]}
    keys, found = dimensions(form), lengths(text)
    if len(found) == len(keys) + 1 and not form.round:
        keys = (*keys, "thickness")
    if len(found) != len(keys):
        raise ValueError(f"the size of a {form} is {' x '.join(keys)}, or its area")
    return dict(zip(keys, found, strict=True))


def channel(text: str) -> dict[str, str]:
    """The three lengths of a channel by their keys."""
    found = lengths(text)
    if len(found) != 3:
        raise ValueError("a channel has a width, a length and a height")
    return dict(zip(("width", "length", "height"), found, strict=True))


@dataclass(frozen=True, slots=True)
class End:
    """What ends a stage."""

    signal: str
    """`charge`, `total`, `time` or `current`."""
    value: str

    @property
    def open(self) -> bool:
        """Whether it may never come while a voltage is held."""
        return self.signal != "time"

    @property
    def per_mol(self) -> bool:
        """Whether it is a charge per mole of the limiting component."""
        return self.signal in ("charge", "total") and "/mol" in self.value.replace(" ", "")


def end(text: str, *, held_current: bool) -> End:
    """A charge, `total` and a charge, a time, or how far the current of a held voltage falls."""
    said, _, rest = text.partition(" ")
    if said.lower() == "total":
        return End("total", above_zero(rest, Dimension.CHARGE_PER_AMOUNT, Dimension.CHARGE)[0])
    bare = re.sub(r"\s*of (the )?initial( current)?$", "", text.strip().lstrip("<=≤ "))
    falls = text.strip()[:1] in "<≤" or bare.endswith("%")
    if not falls:
        with suppress(QuantityError):
            above_zero(bare, Dimension.CURRENT)
            falls = True
    if falls and held_current:
        raise ValueError("the current is held, it doesn't fall")
    if falls and bare.endswith("%"):
        share, _ = above_zero(bare, Dimension.FRACTION)
        if parse_quantity(share, Dimension.FRACTION).value >= 1:
            raise ValueError(f"`{share}` of the initial current is not a part of it")
        return End("current", f"<= {share} of initial")
    if falls:
        return End("current", f"<= {above_zero(bare, Dimension.CURRENT)[0]}")
    written, dimension = above_zero(text, *_END)
    return End("time" if dimension is Dimension.TIME else "charge", written)


def limits(text: str) -> dict[str, str]:
    """Limits of the whole run by their keys: `60 mA, 8 h`."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        written, dimension = above_zero(part, *_LIMITS)
        if found.setdefault(_LIMITS[dimension], written) != written:
            raise ValueError(f"two limits of the {_LIMITS[dimension].replace('_', ' ')}")
    return found


def against(text: str) -> tuple[str, str]:
    """A potential and its scale; `reference`, the electrode that is connected, if none is named."""
    potential, _, scale = text.partition(" vs ")
    written = re.sub(r"^" + _TIGHT.pattern, r"\1 ", potential.strip())
    parse_quantity(written, Dimension.VOLTAGE)
    return written, scale.strip() or "reference"


def turns(text: str) -> tuple[tuple[str, str, str], str]:
    """Where a sweep begins and turns, and the scale: `0 V, 1.2 V, -0.2 V vs SCE`."""
    said, _, scale = text.partition(" vs ")
    parts = [part.strip() for part in said.split(",")]
    if len(parts) != 3:
        raise ValueError("a sweep has three potentials: where it begins, and where it turns twice")
    first, second, third = (against(part)[0] for part in parts)
    if parse_quantity(second, Dimension.VOLTAGE) == parse_quantity(third, Dimension.VOLTAGE):
        raise ValueError("a sweep turns at two potentials, not at one")
    return (first, second, third), scale.strip() or "reference"


def sweep(text: str) -> tuple[tuple[str, str], str]:
    """Where a sweep begins and ends, and the scale: `0 V, -1.5 V vs Fc+/0`."""
    said, _, scale = text.partition(" vs ")
    parts = [part.strip() for part in said.split(",")]
    if len(parts) != 2:
        raise ValueError("a linear sweep has two potentials: where it begins, and where it ends")
    first, second = (against(part)[0] for part in parts)
    if parse_quantity(first, Dimension.VOLTAGE) == parse_quantity(second, Dimension.VOLTAGE):
        raise ValueError("a sweep ends at another potential than that where it begins")
    return (first, second), scale.strip() or "reference"


def points(text: str) -> list[str]:
    """Charges at which something is asked: `2 F/mol, 2.5 F/mol`."""
    found = [part.strip() for part in text.split(",")]
    return [above_zero(one, Dimension.CHARGE_PER_AMOUNT, Dimension.CHARGE)[0] for one in found]


def couple_and_filling(text: str) -> tuple[str, str]:
    """`Ag/AgCl (3 M KCl)` in its two parts."""
    match = re.fullmatch(r"\s*(.+?)\s*\((.+)\)\s*", text)
    return (match[1], match[2].strip()) if match else (text.strip(), "")
