"""Ocean Optics' spectra as text (OceanView, SpectraSuite): wavelengths in nm, and one more column.

What that column is follows from the name of the node or file in the first line, as OceanView makes
it. Source of the layout: WrightTools 128b2836, `_ocean_optics.py` (14 lines, then nm and signal).
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.headers import warning
from faradaic.datafiles.readers.moments import parse_moment
from faradaic.datafiles.readers.text import damaged, decode, numeric_table

TEXT = True
_BEGIN = re.compile(rb">>>>>\s*Begin (?:Processed )?Spectral Data\s*<<<<<[ \t]*\r?\n")
_END = re.compile(rb"^>>>>>\s*End", re.MULTILINE)
_DATE = re.compile(r"\w{3} (\w{3} \d\d) (\d\d:\d\d:\d\d)(?: \w+)? (\d{4})")
_PIXELS = "Number of Pixels in Spectrum"


def sniff(head: bytes, path: Path) -> bool:
    """The line above the numbers is there."""
    return _BEGIN.search(head) is not None


def parse(data: bytes, path: Path) -> Dataset:
    """Wavelengths and what was measured. Raises `InputError` where the line above is missing."""
    match = _BEGIN.search(data)
    if match is None:
        raise damaged(path, 0, "the line >>>>>Begin Spectral Data<<<<< is missing")
    lines = [line.strip() for line in decode(data[: match.start()]).splitlines() if line.strip()]
    pairs = (line.partition(": ") for line in lines[1:])
    metadata = {key: value for key, colon, value in pairs if colon}
    end = _END.search(data, match.end())
    arrays, told = numeric_table(data, match.end(), 2, path, end=end.start() if end else None)
    stated = metadata.get(_PIXELS, "")
    if stated.isdecimal() and int(stated) != len(arrays[0]):
        told.append(warning("E744", f"{path}: {len(arrays[0])} of {stated} pixels are left"))
    node = lines[0] if lines else ""
    kind, remedy = "signal", 'name it: --map "absorbance=signal, 1"'
    if "absorb" in node.lower():
        kind, remedy = "absorbance", 'if it is not: --map "intensity=absorbance, 1"'
        told.append(warning("E764", f"{path}: an absorbance is assumed, of {node!r}", remedy))
    else:
        told.append(warning("E745", f"{path} does not tell what its second column is", remedy))
    columns = {
        "wavelength_m": Column(arrays[0] * 1e-9, "m", "wavelength (nm)"),
        kind: Column(arrays[1], "1" if kind == "absorbance" else "", kind),
    }
    return Dataset(
        columns,
        technique="spectroscopy",
        instrument=f"Ocean Optics {metadata.get('Spectrometer', '')}".strip(),
        start=_start(metadata.get("Date", "")),
        metadata=metadata,
        warnings=tuple(told),
    )


def _start(text: str) -> datetime | None:
    """Local time, of "Tue Mar 04 10:00:00 CET 2025"."""
    match = _DATE.fullmatch(text.strip())
    return parse_moment(f"{match[1]} {match[3]} {match[2]}") if match else None
