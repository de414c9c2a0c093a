"""EC-Lab's text export (.mpt): a header of a stated length, then a table separated by tabs."""

from __future__ import annotations

import re
from pathlib import Path

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.biologic_heads import DEFAULT_AREA_M2, split, without_spectrum
from faradaic.datafiles.readers.headers import make_columns, warning
from faradaic.datafiles.readers.moments import settled
from faradaic.datafiles.readers.text import damaged, decode, numeric_table, parse_number
from faradaic.diagnostics import Diagnostic
from faradaic.quantities import to_SI

TEXT = True
_MAGIC = b"EC-Lab ASCII FILE"
_COUNT = re.compile(r"Nb header lines\s*:\s*([0-9]{1,6})")
_NUMBER = re.compile(r"(?:^|\t)[-+]?\d+(?:[.,]\d*)?(?:[eE][-+]?\d+)?(?:\t|$)")
"""A cell that is one."""
_AREA = re.compile(r"([0-9.,]+)\s*cm(?:²|2|\^2)")


def sniff(head: bytes, path: Path) -> bool:
    """The first line names the format."""
    return head.removeprefix(b"\xef\xbb\xbf").startswith(_MAGIC)


def parse(data: bytes, path: Path) -> Dataset:
    """Read the table in SI; current is anodic positive, as EC-Lab writes it.

    Raises `InputError` when the header is cut off.
    """
    second = data.find(b"\n") + 1
    match = _COUNT.search(decode(data[second : second + 200])) if second else None
    if match is None:
        raise damaged(path, second or len(data), 'the line "Nb header lines" is missing')
    stated, offset = int(match[1]), 0
    for number in range(stated):
        end = data.find(b"\n", offset)
        if end < 0 and number == stated - 1 and offset < len(data):
            end = len(data)  # a file without rows may end with the names of its columns
        if end < 0:
            raise damaged(path, len(data), f"{number} of {stated} header lines are left")
        offset = end + 1
    lines = [line.rstrip("\r") for line in decode(data[: offset - 1]).split("\n")]
    if len(lines) < 3:
        raise damaged(path, offset, "the header has no line of column names")
    metadata = _metadata(lines[2:-1])
    reference = metadata.get("Reference electrode", "").strip() or None
    if reference and "unspecified" in reference:
        reference = None
    names = lines[-1].rstrip("\t").split("\t")
    if _NUMBER.search(lines[-1]):
        raise damaged(path, offset, "a number stands in the line of column names")
    names = [name or f"column {number}" for number, name in enumerate(names, 1)]
    arrays, warnings = numeric_table(data, offset, len(names), path)
    columns, unknown = make_columns(
        "biologic",
        [(*split(name), values) for name, values in zip(names, arrays, strict=True)],
        sign="anodic",
        reference=reference,
    )
    warnings += unknown
    columns |= {name: make() for name, make in without_spectrum(columns).items()}
    _restore_potential(columns, warnings)
    moments, doubt = settled([metadata.get("Acquisition started on", "")], path)
    area_m2 = _area(metadata.get("Electrode surface area", ""))
    if area_m2 == DEFAULT_AREA_M2:
        warnings.append(warning("E749", f"{path}: the area is EC-Lab's default, taken as unknown"))
        area_m2 = None
    return Dataset(
        columns,
        technique=next((line.strip() for line in lines[2:-1] if line.strip()), ""),
        instrument=("BioLogic " + metadata.get("Device", "")).strip(),
        start=moments[0] if moments else None,
        area_m2=area_m2,
        metadata=metadata,
        warnings=(*warnings, *doubt),
    )


def _restore_potential(columns: dict[str, Column], warnings: list[Diagnostic]) -> None:
    """Add the potential that some exports write as zeros, from the two columns that hold it."""
    difference = columns.get("working_minus_counter_V")
    counter = columns.get("counter_potential_V")
    potential = columns.get("potential_V")
    if potential is None or not len(potential.values) or potential.values.any():
        return
    if difference is None or counter is None:
        return
    columns["potential_from_counter_V"] = Column(
        difference.values + counter.values,
        "V",
        raw_name=f"{difference.raw_name} + {counter.raw_name}",
        reference=potential.reference,
    )
    message = f"{potential.raw_name} is zero in every row; potential_from_counter_V is computed"
    warnings.append(warning("E753", message))


def _metadata(lines: list[str]) -> dict[str, str]:
    """`key : value` lines, and the settings whose key and value stand in columns of 20."""
    found: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(" : ")
        if not colon and len(line) > 20:
            key, value = line[:20], line[20:]
        if (key := key.strip()) and (value := value.strip()):
            found.setdefault(key, value)
    return found


def _area(text: str) -> float | None:
    match = _AREA.match(text)
    value = parse_number(match[1], decimal_comma=True) if match else None
    return to_SI(value, "cm^2") if value else None
