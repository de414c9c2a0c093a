"""Patterns in PANalytical's XML (.xrdml): scans of counts or intensities over an axis 2Theta."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from faradaic.diagnostics import refusal


def is_xrdml(data: bytes) -> bool:
    """Whether a file is PANalytical's XML."""
    return b"<xrdMeasurements" in data[:4096]


def read_xrdml(path: Path, data: bytes) -> list[tuple[float, float]]:
    """(2θ in degrees, counts per step) of the scans with an axis 2Theta, added up.

    Scans of one range are repetitions and are summed. Raises `InputError` (E900) for a file that is
    cut off, declares entities, or holds scans of different ranges.
    """
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _unusable(path, "declares entities, which no instrument writes")
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError as error:
        raise _unusable(path, f"is cut off or damaged: {error}") from None
    summed: tuple[np.ndarray, np.ndarray] | None = None
    for points in (item for item in root.iter() if _name(item) == "dataPoints"):
        axis = next(
            (
                item
                for item in points
                if _name(item) == "positions" and item.get("axis") == "2Theta"
            ),
            None,
        )
        values = next((i for i in points if _name(i) in ("counts", "intensities")), None)
        if axis is None or values is None:
            continue
        try:
            counts = np.array([float(word) for word in (values.text or "").split()])
            angles = _angles(axis, len(counts))
        except ValueError:
            raise _unusable(path, "holds what is no number in its positions or counts") from None
        if not len(angles) or len(angles) != len(counts):
            raise _unusable(path, f"holds {len(counts)} counts at {len(angles)} positions")
        if summed is None:
            summed = angles, counts
        elif len(angles) == len(summed[0]) and np.allclose(angles, summed[0], atol=1e-4):
            summed = angles, summed[1] + counts
        else:
            raise _unusable(path, "holds scans of different ranges")
    if summed is None:
        raise _unusable(path, "holds no scan over 2Theta")
    return [(float(a), float(c)) for a, c in zip(*summed, strict=True)]


def _angles(axis: ElementTree.Element, points: int) -> np.ndarray:
    named = {_name(item): item.text or "" for item in axis}
    if "listPositions" in named:
        return np.array([float(word) for word in named["listPositions"].split()])
    if "startPosition" in named and "endPosition" in named:
        return np.linspace(float(named["startPosition"]), float(named["endPosition"]), points)
    return np.zeros(0)


def _name(item: ElementTree.Element) -> str:
    return item.tag.rpartition("}")[2]


def _unusable(path: Path, why: str) -> Exception:
    return refusal(
        "E900", f"{path} {why}", "export the scan again, as .xrdml or as two columns (.xy)"
    )
