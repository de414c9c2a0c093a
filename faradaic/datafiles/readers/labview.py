"""LabVIEW's .tdms files: groups of channels, each a table of its own."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers.everyday_words import everyday_columns
from faradaic.datafiles.readers.headers import sign_unknown, split_header, warning
from faradaic.datafiles.readers.text import damaged
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.optional_libraries import optional_library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def sniff(head: bytes, path: Path) -> bool:
    """The tag of a segment with data."""
    return head.startswith(b"TDSm")


def parse(data: bytes, path: Path) -> Dataset:
    """The group with most numbers, the others beside it; a waveform's times from its interval.

    Raises `InputError` (E743) for a damaged file, (E809) where nptdms is not installed.
    """
    nptdms = optional_library("nptdms")
    try:
        with nptdms.TdmsFile.open(io.BytesIO(data)) as file:
            bound = sum(len(channel) for group in file.groups() for channel in group.channels())
            if bound > max(len(data), 1):  # every number has at least a byte
                raise damaged(path, 0, f"{bound} numbers are said to stand in {len(data)} bytes")
            groups = {group.name: _group(group) for group in file.groups()}
            about = {str(key): str(value) for key, value in file.properties.items()}
    except InputError:
        raise
    except Exception as error:  # of many kinds, for damaged parts
        raise damaged(path, 0, f"it cannot be read: {error}") from error
    told: list[Diagnostic] = []
    tables = {name: _columns(name, raw, told) for name, raw in groups.items() if raw}
    if not tables:
        raise damaged(path, len(data), "no channel holds numbers")
    taken = max(tables, key=lambda name: sum(len(c.values) for c in tables[name].values()))
    others = {name: columns for name, columns in tables.items() if name != taken}
    if any(column.unit in ("A", "A/m^2") for column in tables[taken].values()):
        told.append(sign_unknown(path))
    return Dataset(
        tables[taken],
        instrument="LabVIEW",
        metadata={**about, "group": taken},
        warnings=tuple(told),
        further=others,
    )


Raw = list[tuple[str, str, "NDArray[np.float64]"]]


def _group(group: Any) -> Raw:
    """Name, unit and numbers of each channel."""
    import numpy as np

    raw: Raw = []
    for channel in group.channels():
        values = channel[:]
        about = channel.properties
        if not len(values) or values.dtype.kind not in "fiub":
            continue
        name, unit = split_header(channel.name)
        unit = str(about.get("unit_string") or about.get("NI_UnitDescription") or unit)
        if (step := float(about.get("wf_increment") or 0.0)) and not any(
            r[0] == "time" for r in raw
        ):
            begin = float(about.get("wf_start_offset") or 0.0)
            raw.append(("time", "s", begin + step * np.arange(len(values), dtype=np.float64)))
        raw.append((name, unit, values.astype(np.float64)))
    return raw


def _columns(group: str, raw: Raw, told: list[Diagnostic]) -> dict[str, Column]:
    """The channels as columns; those of another length than most are left out and named."""
    lengths = [len(values) for _, _, values in raw]
    most = max(set(lengths), key=lengths.count)
    if odd := [name for name, _, values in raw if len(values) != most]:
        what = f"the channels {', '.join(odd)} of {group} have not the {most} numbers of the others"
        told.append(warning("E744", f"{what} and are left out"))
    columns, unknown = everyday_columns(one for one in raw if len(one[2]) == most)
    told += unknown
    return columns
