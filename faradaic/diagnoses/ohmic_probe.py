"""The ohmic part of a cell voltage, from interruptions of the current as they come.

How much of a rise is ohmic tells its causes apart: a solution that conducts worse, a lead that is
not tight and a film that only resists rise with R; a substrate that runs short and a stirrer that
stands still leave it as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from faradaic.diagnoses.diagnosis import Diagnosis, weighed

KEPT = 64
"""Probes that are remembered; of more every second one is forgotten."""
OHMIC = frozenset({"contact", "precipitation", "evaporation", "leak", "salt", "skin"})
INTERFACE = frozenset({"stirrer", "substrate", "depletion", "anode"})
UNDECIDED = 0.5
"""Of a film and of the area: both may resist, or only take more overpotential."""
LEAST_V = 0.02
"""A rise of less is not divided."""
RULES = frozenset({"D02", "D06", "D08", "D09", "D10"})
"""What is told of rises, and weighed again."""
MOVED = 0.15
"""A first cause that is surer by this is told again; another one in any case."""


@dataclass(frozen=True, slots=True)
class OhmicProbe:
    """One interruption."""

    charge_C: float
    ohm: float
    """What falls at once, over the current; it holds what relaxed before the first point, which
    is alike from one to the next."""
    voltage_V: float
    """Before the interruption, its magnitude."""
    current_A: float


def probe_of(values: Mapping[str, object], charge_C: float) -> OhmicProbe | None:
    """One of a trace as a driver brings it (`time_s` from the interruption on, `cell_voltage_V`,
    `current_A`, `dead_time_s`); None where it lacks a point on either side."""
    columns = [values.get(name) for name in ("time_s", "cell_voltage_V", "current_A")]
    if not all(isinstance(one, Sequence) for one in columns):
        return None
    dead_s = values.get("dead_time_s")
    dead_s = float(dead_s) if isinstance(dead_s, int | float) else 0.0
    rows = [row for row in zip(*columns, strict=False) if None not in row]
    before = [row for row in rows if row[0] < 0.0]
    after = [row for row in rows if row[0] > dead_s]
    if not before or not after:
        return None
    voltage_V = sum(abs(row[1]) for row in before) / len(before)
    current_A = sum(abs(row[2]) for row in before) / len(before)
    if current_A <= 0.0:
        return None
    ohm = (voltage_V - abs(after[0][1])) / current_A
    return OhmicProbe(charge_C, ohm, voltage_V, current_A)


class OhmicCourse:
    """The probes of one step."""

    def __init__(self) -> None:
        self._probes: list[OhmicProbe] = []
        self._weighed: set[tuple[str, float]] = set()

    def take(self, probe: OhmicProbe, told: Sequence[Diagnosis]) -> Diagnosis | None:
        """Take a probe; the last rise that was told, weighed again where that changes it."""
        self._probes.append(probe)
        if len(self._probes) > KEPT:
            self._probes = [*self._probes[:-1:2], probe]
        rise = next((one for one in reversed(told) if one.id in RULES and not one.note), None)
        if rise is None or (rise.id, rise.since_C) in self._weighed:
            return None
        share = self._share(rise.since_C, probe)
        if share is None:
            return None
        self._weighed.add((rise.id, rise.since_C))
        return _weighed_again(rise, share, self._before(rise.since_C), probe)

    def _before(self, since_C: float) -> OhmicProbe | None:
        earlier = [one for one in self._probes if one.charge_C <= since_C]
        return earlier[-1] if earlier else None

    def _share(self, since_C: float, now: OhmicProbe) -> float | None:
        """What of a rise since a charge is ohmic; None where no probe came before it."""
        before = self._before(since_C)
        if before is None or now.charge_C <= since_C:
            return None
        rise_V = now.voltage_V - before.voltage_V
        if rise_V < LEAST_V:
            return None
        return (now.ohm - before.ohm) * now.current_A / rise_V


def _weighed_again(
    rise: Diagnosis, share: float, before: OhmicProbe | None, now: OhmicProbe
) -> Diagnosis | None:
    assert before is not None
    held = min(1.0, max(0.0, share))
    likely = {}
    for cause in rise.causes:
        factor = UNDECIDED
        if cause.name == "area":
            factor = max(UNDECIDED, 1.0 - held)
        elif cause.name in OHMIC:
            factor = max(0.02, held)
        elif cause.name in INTERFACE:
            factor = max(0.02, 1.0 - held)
        likely[cause.name] = cause.confidence * factor
    causes = weighed(likely)
    first = rise.causes[0]
    same = causes[0].name == first.name
    if same and causes[0].confidence < first.confidence + MOVED:
        return None
    evidence = (
        f"{rise.evidence}; {held:.0%} of it is ohmic: {before.ohm:.3g} Ohm in the interruption"
        f" before, {now.ohm:.3g} Ohm now"
    )
    numbers = {**rise.numbers, "ohmic_share_1": share, "resistance_ohm": now.ohm}
    return replace(
        rise,
        charge_C=now.charge_C,
        evidence=evidence,
        causes=causes,
        numbers=numbers,
        revised=True,
    )
