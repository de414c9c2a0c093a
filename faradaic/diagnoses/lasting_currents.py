"""What changes over minutes at a held voltage: a current that dies away early, or that rises.

With nothing but diffusion a current falls in proportion to the charge that is left, so that a
straight line through current against charge meets zero at the charge of the whole substrate
(bulk electrolysis, i = i0·exp(−p·t): recalled). A line that meets it much earlier is that of
something else than the substrate that was planned.
"""

from __future__ import annotations

from faradaic.diagnoses.charge_bins import ChargeBins
from faradaic.diagnoses.diagnosis import Diagnosis, weighed
from faradaic.diagnoses.expected import Expected
from faradaic.diagnoses.lasting_changes import SKIN_WITHIN, thirds
from faradaic.diagnoses.reading_scatter import ReadingScatter

LEAST_BINS = 10
FALLEN = 0.3
"""Share of the current that has to be gone before its line is drawn."""
EARLY = 0.6
"""Of the charge of the substrate: a line that meets zero before it is early."""
RISEN = 0.2
GROWN = 1.0
"""Shares of the current by which it has risen: with heat, and through a bridge."""


class LastingCurrents:
    """Looks at the course of the current under a held voltage, bin by bin."""

    def __init__(self, expected: Expected, scatter: ReadingScatter, bins: ChargeBins) -> None:
        self._expected = expected
        self._scatter = scatter
        self._bins = bins
        self._told: set[str] = set()
        self.creep: Diagnosis | None = None
        self.shortage = False

    def treated(self) -> None:
        """Something was done about it: what comes does not compare with what came."""
        self.forget()

    def forget(self) -> None:
        """A step: what came before does not compare with what comes."""
        self._bins.forget()

    def look(self, time_s: float, charge_C: float) -> Diagnosis | None:
        """After a bin was closed."""
        values = self._bins.values
        n = len(values)
        if n < LEAST_BINS:
            return None
        now = 0.5 * (values[-1] + values[-2])
        noise = 6.0 * self._scatter.now
        lowest = min(range(n), key=values.__getitem__)
        if now - values[lowest] > max(RISEN * values[lowest], noise) and n - lowest >= 5:
            return self._rising(time_s, charge_C, lowest, now)
        highest = max(range(n), key=values.__getitem__)
        if values[highest] - now > max(FALLEN * values[highest], noise):
            return self._falling(time_s, charge_C, highest, now)
        return None

    def _rising(self, time_s: float, charge_C: float, lowest: int, now: float) -> Diagnosis | None:
        values, charges, unit_C = self._bins.values, self._bins.charges, self._expected.amount_C
        since = self._bins.times[lowest], charges[lowest]
        slopes = thirds(charges[lowest:], values[lowest:])
        text = f"the current rises, by {now / values[lowest] - 1.0:.0%} since "
        text += self._expected.of_charge(since[1])
        early = lowest <= 2 and (not unit_C or charge_C < SKIN_WITHIN * unit_C)
        slowing = slopes[2] < 0.8 * slopes[0]
        if early and slowing:
            likely, name = {"skin": 0.7, "overheating": 0.25}, "D12"
        elif now > (1.0 + GROWN) * values[lowest]:
            likely, name = {"dendrite": 0.6, "overheating": 0.25, "short": 0.15}, "D14"
        elif early:
            return None
        else:
            likely, name = {"overheating": 0.6, "dendrite": 0.3}, "D11"
        return self._once(name, time_s, since, charge_C, text, likely)

    def _falling(
        self, time_s: float, charge_C: float, highest: int, now: float
    ) -> Diagnosis | None:
        values, charges, expected = self._bins.values, self._bins.charges, self._expected
        n = len(values)
        if not expected.amount_C or not expected.electrons:
            return None
        whole_C = expected.amount_C * expected.electrons
        k = max(highest, n - 1 - max(4, (n - highest) // 2))
        slope = (values[-1] - values[k]) / (charges[-1] - charges[k])
        if slope >= 0.0:
            return None
        zero_C = charges[-1] - values[-1] / slope
        if zero_C > EARLY * whole_C:
            return None
        level = values[highest] - 0.15 * (values[highest] - now)
        onset = max(k for k in range(n) if values[k] >= level)
        since = self._bins.times[onset], charges[onset]
        text = f"the current falls towards nothing at {expected.of_charge(zero_C)}"
        text += f", where the substrate lasts {expected.of_charge(whole_C)}"
        likely = {"film": 0.4, "precipitation": 0.2, "evaporation": 0.15, "anode": 0.1}
        if onset <= 2:
            likely = {"substrate": 0.4, "film": 0.3, "precipitation": 0.15, "area": 0.1}
        return self._once("D02" if onset > 2 else "D06", time_s, since, charge_C, text, likely)

    def _once(
        self,
        name: str,
        time_s: float,
        since: tuple[float, float],
        charge_C: float,
        text: str,
        likely: dict[str, float],
    ) -> Diagnosis | None:
        if name in self._told:
            return None
        self._told.add(name)
        return Diagnosis(name, time_s, since[0], charge_C, since[1], text, weighed(likely))
