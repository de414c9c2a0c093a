"""LabVIEW's files: .tdms, groups of channels, each a table of its own; .lvm in `labview_text`."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers import labview_text
from faradaic.datafiles.readers.everyday_words import everyday_columns
from faradaic.datafiles.readers.headers import sign_unknown, split_header, warning
from faradaic.datafiles.readers.text import damaged, narrow
from faradaic.diagnostics import Diagnostic, InputError
from faradaic.optional_libraries import optional_library

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LONGEST, _MOST_TOLD = 120, 5
_TAG, _LEAD_BYTES = b"TDSm", 28


def sniff(head: bytes, path: Path) -> bool:
    """The tag of a segment with data, or the first line of a text file."""
    return head.startswith(_TAG) or labview_text.sniff(narrow(head), path)


def parse(data: bytes, path: Path) -> Dataset:
    """The group with most numbers, the others beside it; a waveform's times from its interval.

    Raises `InputError` (E743) for a damaged file, (E809) where nptdms is not installed.
    """
    if not data.startswith(_TAG):
        return labview_text.parse(narrow(data), path)
    nptdms = optional_library("nptdms")
    _check_segments(data, path)
    told: list[Diagnostic] = []
    try:
        with _heard(path, told), nptdms.TdmsFile.open(io.BytesIO(data)) as file:
            bound = sum(len(channel) for group in file.groups() for channel in group.channels())
            if bound > max(len(data), 1):  # every number has at least a byte
                raise damaged(path, 0, f"{bound} numbers are said to stand in {len(data)} bytes")
            groups = {group.name: _group(group) for group in file.groups()}
            about = {str(key): str(value) for key, value in file.properties.items()}
    except InputError:
        raise
    except Exception as error:  # of many kinds, for damaged parts
        raise damaged(path, 0, f"it cannot be read: {error}") from error
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


def _check_segments(data: bytes, path: Path) -> None:
    """Raises `InputError` (E743) where something stands between two segments or behind the last.

    The library looks no further than the last; one that is cut off it tells of by itself.
    """
    at = 0
    while at < len(data):
        if data[at : at + 4] != _TAG[: len(data) - at]:
            raise damaged(path, at, "a segment should begin here")
        length = int.from_bytes(data[at + 12 : at + 20], "little")
        at += _LEAD_BYTES + length


@contextmanager
def _heard(path: Path, told: list[Diagnostic]) -> Iterator[None]:
    """What the library says of a damaged file, as warnings rather than on the terminal."""
    said = _Said()
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "nptdms"]
    loggers = [logging.getLogger(name) for name in names]  # each has a handler of its own
    before = [(log, log.handlers, log.propagate) for log in loggers]
    for log in loggers:
        log.handlers, log.propagate = [said], False
    try:
        yield
    finally:
        for log, handlers, propagate in before:
            log.handlers, log.propagate = handlers, propagate
        found = list(dict.fromkeys(said.messages))
        told += [warning("E744", f"{path}: {what}") for what in found[:_MOST_TOLD]]


class _Said(logging.Handler):
    """Keeps what is logged, of each the first words."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        self.messages.append(message if len(message) < _LONGEST else f"{message[:_LONGEST]} ...")


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
