"""What changes over minutes at a held current: creep, depletion, skins, heat, drying out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from faradaic.diagnoses.charge_bins import ChargeBins
from faradaic.diagnoses.creep_shapes import Shape, shapes
from faradaic.diagnoses.diagnosis import Cause, Diagnosis, weighed
from faradaic.diagnoses.expected import Expected
from faradaic.diagnoses.reading_scatter import ReadingScatter
from faradaic.diagnoses.substrate_share import share_there

RISE_V = 0.08
"""A creep of less is not worth a word."""
RISE_SCATTERS = 8.0
RISE_SHARE = 0.015
STEP_V = 0.12
"""A step of depletion is at least this high."""
LEAST_BINS = 7
CHARGING_BINS, CHARGING_V, SLOWER = 3, 0.03, 1.03
"""A course begins where the voltage rises by less than this within so many bins, or does not slow
down by this factor from one to the next."""
ELSEWHERE_V = 1.2
"""What a cell needs more at most when its current goes into another reaction."""
SLOWING = 0.55
"""A rise whose last third is slower than this share of its fastest levels off."""
MAY_RUN_SHORT = 0.2
"""A shortage that is so likely among the laws has to be waited for."""
SURE, CLOSE = 0.7, 0.015
"""Another cause takes the place of the first one told where it is surer than the one, and its law
leaves less than the other as a share of the rise."""
SETTLING = 0.9
"""A rise from the first bins on that slows down so far may be that of a double layer."""
FIT_AGAIN = 1.12
"""A rise is fitted again when it has this many times the bins, or height."""
FORESHADOW_V = 8e-3
"""By how much a voltage rises at least from 0.4 to 0.85 of the charge at which a substrate runs
short: RT/F·ln 4, and less than half of it."""
RANGE_SLACK = 0.7
"""A step shows before the surface is empty, and a range of limiting currents is an estimate."""
EARLY, DUE_LATE = 0.7, 0.4
"""Early is before this share of the charge that is due; what is due before so many F/mol was open
from the start."""
LESS = 0.9
"""A share of the substrate of more is none that a charge tells."""
FALL_V, FALL_SHARE = 0.04, 0.008
SKIN_V = 0.3
SKIN_WITHIN = 0.3
"""F/mol within which a skin comes off."""
COLLAPSING = 0.7
FASTEST_K_PER_S = 0.8
"""No hot plate warms a cell faster (2 W per mL of acetonitrile)."""
OHMIC_PER_K = 0.02
"""By how much a kelvin lowers what is above the range, which is ohmic."""
GROWING = 1.05
"""What conducts more and more lowers a voltage faster and faster; heat slows down by itself."""

_IDS = {"film": "D02", "precipitation": "D10", "leak": "D09", "evaporation": "D09"}


class LastingChanges:
    """Looks at the course of a held current's voltage, bin by bin."""

    def __init__(self, expected: Expected, scatter: ReadingScatter, bins: ChargeBins) -> None:
        self._expected = expected
        self._scatter = scatter
        self._bins = bins
        self._fitted = (0, 0.0)
        self._onset_C: float | None = None
        self._told: dict[str, str] = {}
        """The cause last told of each rule."""
        self.creep: Diagnosis | None = None
        """The last one told of a rise."""
        self.shortage = False

    def forget(self) -> None:
        """A step: what came before does not compare with what comes."""
        self._bins.forget()
        self._fitted = (0, 0.0)
        self._onset_C = None
        self.shortage = False

    def treated(self) -> None:
        """Something was done about a rise: it is told anew where it comes again."""
        self.forget()
        self.creep = None

    def look(self, time_s: float, charge_C: float) -> Diagnosis | None:
        """After a bin was closed."""
        values = self._bins.values
        n = len(values)
        if n == CHARGING_BINS and values[2] > values[0] + CHARGING_V:
            if values[1] - values[0] > SLOWER * (values[2] - values[1]):
                self._bins.forget()  # double layers charge, at the beginning or after a step
            return None
        if n < LEAST_BINS:
            return None
        lowest = min(range(n), key=values.__getitem__)
        now = 0.5 * (values[-1] + values[-2])
        rise_V = now - values[lowest]
        if rise_V >= max(RISE_V, RISE_SCATTERS * self._scatter.now, RISE_SHARE * now):
            return self._rising(time_s, charge_C, lowest, rise_V)
        self._onset_C = None
        self.shortage = False
        highest = max(range(n), key=values.__getitem__)
        fall_V = values[highest] - now
        if highest < n - 3 and fall_V >= max(FALL_V, 6.0 * self._scatter.now, FALL_SHARE * now):
            return self._falling(time_s, charge_C, highest, fall_V)
        return None

    # Rising --------------------------------------------------------------------------------------

    def _rising(
        self, time_s: float, charge_C: float, lowest: int, rise_V: float
    ) -> Diagnosis | None:
        values, charges = self._bins.values, self._bins.charges
        onset = self._onset(lowest, rise_V)
        points = len(values) - onset
        if points < LEAST_BINS:
            return None
        slopes = thirds(charges[onset:], values[onset:])
        fastest = max(slopes)
        if slopes[2] < SLOWING * fastest:
            if slopes[2] < 0.25 * fastest and rise_V >= STEP_V:
                return self._levelled(time_s, charge_C, onset, rise_V)
            return None
        if onset <= 2 and slopes[2] < SETTLING * fastest:
            return None  # what settles from the beginning on
        before, before_V = self._fitted
        if before and points < FIT_AGAIN * before and rise_V < FIT_AGAIN * before_V:
            return None
        self._fitted = (points, rise_V)
        return self._of_shape(time_s, charge_C, onset, rise_V)

    def _onset(self, lowest: int, rise_V: float) -> int:
        """The bin in which a rise began: where it was first found, as long as it goes on."""
        values, charges = self._bins.values, self._bins.charges
        if self._onset_C is None or charges[lowest] > self._onset_C:
            floor_V = values[lowest] + 0.1 * rise_V
            first = max(k for k in range(lowest, len(values)) if values[k] <= floor_V)
            self._onset_C = charges[min(first + 1, len(charges) - 1)]
        return next(k for k, charge_C in enumerate(charges) if charge_C >= self._onset_C - 1e-12)

    def _of_shape(
        self, time_s: float, charge_C: float, onset: int, rise_V: float
    ) -> Diagnosis | None:
        bins, expected = self._bins, self._expected
        drop_V = None
        if expected.resistance_ohm is not None and expected.set_A is not None:
            low, high = (ohm * abs(expected.set_A) for ohm in expected.resistance_ohm)
            drop_V = (low, high)
        found = shapes(
            bins.times[onset:],
            bins.charges[onset:],
            bins.values[onset:],
            self._scatter.now,
            drop_V,
            expected.dry_share,
        )
        likely = {name: shape.likelihood for name, shape in found.items()}
        total = sum(likely.values())
        if self.creep is None and likely["shortage"] > MAY_RUN_SHORT * total:
            self.shortage = True
        if self.shortage and rise_V < ELSEWHERE_V:
            return None  # the substrate may run short: told when it has
        del likely["shortage"]
        causes = weighed(likely)
        made = self._made(time_s, charge_C, onset, rise_V, causes, found)
        if self.creep is None:
            self.creep = made
            return made
        first, before = causes[0], self.creep
        if first.name == before.cause:
            self.creep = replace(made, revised=True)
        elif first.confidence >= SURE and found[first.name].left_V <= CLOSE * rise_V:
            self.creep = replace(made, revised=True)
            return self.creep
        return None

    def _made(
        self,
        time_s: float,
        charge_C: float,
        onset: int,
        rise_V: float,
        causes: tuple[Cause, ...],
        found: Mapping[str, Shape],
    ) -> Diagnosis:
        """What is told of a rise."""
        bins, expected = self._bins, self._expected
        shape = found[causes[0].name]
        onset += shape.hinge
        since_s, since_C = bins.times[onset], bins.charges[onset]
        text = f"the cell voltage creeps up, {rise_V:.2g} V since {expected.of_charge(since_C)}"
        numbers = {"rise_V": rise_V, "left_V": shape.left_V}
        match causes[0].name:
            case "film":
                per_C = shape.scale
                numbers["slope_V_per_C"] = per_C
                if expected.amount_C:
                    per = 0.1 * per_C * expected.amount_C
                    text += f", in proportion to charge ({per:.2g} V per 0.1 F/mol)"
            case "precipitation":
                numbers["time_s"] = shape.scale
                text += f", as conductivity that halves in {0.69 * shape.scale / 60:.2g} min"
            case "leak" | "evaporation":
                numbers["dry_s"] = shape.scale
                text += f", as electrodes that are dry after {shape.scale / 60:.2g} min of it"
        name = _IDS[causes[0].name]
        return Diagnosis(name, time_s, since_s, charge_C, since_C, text, causes, numbers)

    def _levelled(
        self, time_s: float, charge_C: float, onset: int, rise_V: float
    ) -> Diagnosis | None:
        """A rise that is over: the substrate has run short."""
        charges, values, expected = self._bins.charges, self._bins.values, self._expected
        steepest = max(
            range(onset, len(values) - 1),
            key=lambda k: (values[k + 1] - values[k]) / (charges[k + 1] - charges[k]),
        )
        since_s, since_C = self._bins.times[steepest], charges[steepest]
        flat = _between(charges, values, 0.4 * since_C, 0.85 * since_C) < FORESHADOW_V
        self.forget()
        self.creep = None
        unit_C = expected.amount_C
        if steepest <= 2 or (unit_C and since_C < 0.05 * unit_C):
            return None  # double layers that charge, depletion from the start
        text = f"a step of {rise_V:.2g} V at {expected.of_charge(since_C)}"
        numbers = {"step_V": rise_V, "step_C": since_C}
        due_C = expected.depletion_C
        if due_C is not None and since_C < EARLY * due_C and due_C > DUE_LATE * (unit_C or due_C):
            text += f", where the plan has the substrate run short at {expected.of_charge(due_C)}"
            if (share := share_there(expected, since_C)) is not None and share[1] < LESS:
                low, typical, high = (100.0 * one for one in share)
                text += (
                    f": that of about {typical:.0f} % of the substrate ({low:.0f} to {high:.0f} %)"
                )
                numbers["share_1"] = share[1]
            likely = {"substrate": 0.5, "area": 0.2, "stirrer": 0.15, "depletion": 0.1}
            if flat:
                text += "; nothing announced it"
                likely = {"area": 0.4, "stirrer": 0.35, "contact": 0.1, "substrate": 0.1}
            causes = weighed(likely)
        else:
            causes = weighed({"depletion": 0.9, "substrate": 0.05})
        note = causes[0].name == "depletion" or self._within_range(since_C)
        return Diagnosis(
            "D06", time_s, since_s, charge_C, since_C, text, causes, numbers, note=note
        )

    def _within_range(self, since_C: float) -> bool:
        """Whether the least limiting current that the plan allows has the substrate run short by
        then: early, and no reason for an alarm."""
        limiting_A, set_A = self._expected.limiting_A, self._expected.set_A
        if limiting_A is None or set_A is None or not self._expected.amount_C:
            return False
        share = RANGE_SLACK * max(0.0, 1.0 - abs(set_A) / limiting_A[0])
        return since_C >= share * (self._expected.electrons or 1.0) * self._expected.amount_C

    # Falling -------------------------------------------------------------------------------------

    def _falling(
        self, time_s: float, charge_C: float, highest: int, fall_V: float
    ) -> Diagnosis | None:
        values, charges, times = self._bins.values, self._bins.charges, self._bins.times
        expected, now = self._expected, values[-1]
        top = values[highest]
        highest = max(k for k in range(len(values)) if values[k] >= top - 0.15 * fall_V)
        if len(values) - highest < LEAST_BINS:
            return None
        since = times[highest], charges[highest]
        unit_C = expected.amount_C
        slopes = thirds(charges[highest:], values[highest:])
        slowing = abs(slopes[2]) < 0.8 * abs(slopes[0])
        over = expected.voltage_V is not None and top > expected.voltage_V[1] + SKIN_V
        early = not unit_C or charge_C < SKIN_WITHIN * unit_C
        text = f"the cell voltage falls, {fall_V:.2g} V since {expected.of_charge(since[1])}"
        numbers = {"fall_V": fall_V}
        heating_V = expected.heating_V
        if expected.voltage_V is not None and top > (high := expected.voltage_V[1]) > 0.0:
            warmer_K = heating_V / expected.per_kelvin_V * top / high
            heating_V = warmer_K * (expected.per_kelvin_V + OHMIC_PER_K * (top - high))
        if "D12" in self._told:
            return None
        if fall_V > heating_V + SKIN_V and early and slowing and (over or expected.metal):
            likely = {"skin": 0.8, "overheating": 0.15}
            return self._once("D12", time_s, since, charge_C, text, likely, numbers)
        quick = not unit_C or charge_C - since[1] < 0.15 * unit_C
        per_s = (values[highest + 1] - values[-1]) / (times[-1] - times[highest + 1])
        faster = per_s > FASTEST_K_PER_S * expected.per_kelvin_V
        growing = quick and (faster or abs(slopes[2]) > GROWING * abs(slopes[0]))
        if now < COLLAPSING * top and fall_V > heating_V + 0.5 and not slowing:
            likely = {"dendrite": 0.75, "short": 0.15, "overheating": 0.1}
            return self._once("D14", time_s, since, charge_C, text, likely, numbers)
        least = heating_V + max(FALL_V, FALL_SHARE * top)
        if fall_V > least and not (early and over) and "D14" not in self._told:
            text += f", where the heat of the plan explains {heating_V:.2g} V"
            likely = {"overheating": 0.65, "dendrite": 0.15, "evaporation": 0.1, "skin": 0.02}
            if early:
                likely["skin"] = 0.1
            if growing:
                likely = {"dendrite": 0.6, "overheating": 0.35}
            name = "D14" if growing else "D11"
            return self._once(name, time_s, since, charge_C, text, likely, numbers)
        return None

    def _once(
        self,
        name: str,
        time_s: float,
        since: tuple[float, float],
        charge_C: float,
        text: str,
        likely: dict[str, float],
        numbers: dict[str, float],
    ) -> Diagnosis | None:
        if name in self._told:
            return None
        causes = weighed(likely)
        self._told[name] = causes[0].name
        return Diagnosis(name, time_s, since[0], charge_C, since[1], text, causes, numbers)


def _between(
    charges: Sequence[float], values: Sequence[float], from_C: float, to_C: float
) -> float:
    """By how much the voltage moved between two charges; much where the first is not known."""
    if charges[0] > from_C + 0.1 * (to_C - from_C):
        return 1.0
    first = next(v for c, v in zip(charges, values, strict=True) if c >= from_C)
    last = next(v for c, v in zip(charges, values, strict=True) if c >= to_C)
    return last - first


def thirds(along: Sequence[float], values: Sequence[float]) -> tuple[float, float, float]:
    """The mean slopes of the three thirds of a course."""
    n = len(values) - 1
    marks = (0, n // 3, (2 * n) // 3, n)
    slopes = [(values[b] - values[a]) / max(along[b] - along[a], 1e-30) for a, b in pairwise(marks)]
    return slopes[0], slopes[1], slopes[2]
