"""Inficon Micro GC Fusion (.fusion-data): one injection, its peaks by detector."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers.injections import ChromatogramPeak, Injection, injections_dataset
from faradaic.datafiles.readers.text import damaged

_MARKS = (b'"methodName"', b'"detectors"', b'"runTimeStamp"', b'"methodLocation"')
_MEASURED = (("area", "area", ""), ("height", "height", ""), ("top", "retention_time", "s"),
             ("concentration", "concentration", ""))  # fmt: skip
"""Key in the file, quantity, and unit: the names of yadg 7.0's reader of these files."""


def sniff(head: bytes, path: Path) -> bool:
    """An object of JSON with two of the keys that only such a run begins with."""
    return head.lstrip().startswith(b"{") and sum(mark in head for mark in _MARKS) > 1


def parse(data: bytes, path: Path) -> Dataset:
    """One row. Raises `InputError` (E743) where it is cut off or holds no peak."""
    try:
        run = json.loads(data)
        detectors = sorted(run["detectors"].items())
        peaks = [peak for name, detector in detectors for peak in _peaks(name, detector)]
        about = run.get("annotations", {})
        injection = Injection(str(about.get("name", "")), str(run["runTimeStamp"]), "", peaks)
        metadata = {
            "method": str(run.get("methodName", "")),
            "software": str(run.get("softwareVersion", {}).get("version", "")),
            "valve position": str(about.get("valcoPosition", "")),
        }
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise damaged(path, len(data), f"it is no whole run of a Fusion: {error!r}") from error
    if not peaks:
        raise damaged(path, len(data), "none of its detectors has an integrated peak")
    metadata = {key: value for key, value in metadata.items() if value}
    return injections_dataset(path, [injection], "Inficon Fusion", metadata, 0)


def _peaks(detector: str, content: Any) -> Iterator[ChromatogramPeak]:
    for peak in content.get("analysis", {}).get("peaks", []):
        values = {
            quantity: (float(peak[key]), unit) for key, quantity, unit in _MEASURED if key in peak
        }
        name = peak.get("label") or f"unnamed {peak.get('top', '')}".strip()
        if values:
            yield ChromatogramPeak(str(name), detector, values)
