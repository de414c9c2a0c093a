"""What changes from one reading to the next: leads, contacts, shorts, frozen digits, steps."""

from __future__ import annotations

import math

from faradaic.diagnoses.diagnosis import Cause, Diagnosis, weighed
from faradaic.diagnoses.expected import Expected
from faradaic.diagnoses.reading_scatter import SETTLED_S, ReadingScatter

COLLAPSED_V = 0.3
"""No electrosynthesis passes its current at less than this between its electrodes."""
COLLAPSED_OF_LEAST = 0.3
"""Nor at less than this share of the least that was planned."""
COLLAPSED_S = 2.0
CHARGING_S = 90.0
"""How long a porous electrode may charge before a low voltage means something."""
OPEN = 0.05
"""Of the set current, or of what flowed: less than this at the limit flows through no cell."""
OPEN_READINGS = 3
FIBRE_S = 15.0
"""A cell that was well is told to be short after this: a fibre may come off again before."""
BRIEF_S, WITHIN_S = 30.0, 600.0
"""Interruptions shorter than the one, twice within the other, are those of a loose lead."""
FROZEN = 20
"""Readings that are equal to the last digit."""
FROZEN_TIMES = 5
"""So many times more than ever before in the step."""
COARSEST = 0.025
"""In a series of which most neighbours are equal, a step of less (V, A) may be one of the last
digit: displays of supplies show 10 mV."""
STEP_V, STEP_SHARE = 8e-3, 0.04
"""Least step of a voltage, and of a current as a share of it."""
STEP_SCATTERS = 10.0
STAYS = 15
"""Readings after which a step has stayed."""
RECENT = 32

ELSEWHERE_V = 1.2
"""What a cell needs more at most when its current goes into another reaction."""

_SIZES = {
    # where current goes elsewhere already, or the limiting current is not known: typical size, V,
    # its spread as ln, and weight
    True: {"stirrer": (0.05, 1.1, 0.5), "area": (0.10, 0.7, 0.3), "contact": (0.5, 1.0, 0.25)},
    # below the limiting current
    False: {"stirrer": (0.8, 0.6, 0.6), "area": (0.08, 0.8, 0.25), "contact": (0.4, 1.1, 0.25)},
}


class SuddenChanges:
    """Looks at each reading beside the last ones. Memory: thirty-two readings."""

    def __init__(self, expected: Expected, scatter: ReadingScatter) -> None:
        self._expected = expected
        self._scatter = scatter
        self._recent = [0.0] * RECENT
        self._n = 0
        low = expected.voltage_V[0] if expected.voltage_V else None
        self._least_V = COLLAPSED_V
        if low is not None and low > 0.0:
            self._least_V = max(COLLAPSED_V, COLLAPSED_OF_LEAST * low)
        self._low_since: tuple[float, float] | None = None
        self._low_before = 0.0
        self._short_told = False
        self._collapses: list[float] = []
        self._open_since: tuple[float, float] | None = None
        self._open_told = False
        self._open_readings = 0
        self._opened: list[float] = []
        self._equal = self._most_equal = 0
        self._last: tuple[float, float] = (math.nan, math.nan)
        self._frozen_told = False
        self._step: tuple[float, float, float, float] | None = None
        """Time, charge, level before and size of one that may stay."""
        self._after = 0.0
        self._after_n = 0
        self.grown = False
        """Whether a bridge was seen to grow."""
        self._gradual = False
        self._way, self._ways, self._low_ways = 1, 0, 0
        """The direction of the current, those seen, and those in which the voltage was low."""
        self._steep = 0.0
        self._before_A = 0.0
        self._pairs = self._alike = 0
        """Neighbours, and those that are equal to the last digit."""
        self.stepped = False
        """Whether the last reading made known a step that stays."""
        self.lost_C = 0.0
        """What passed beside the electrolysis, through a short."""
        self._lost_from_C: float | None = None

    @property
    def away(self) -> bool:
        """Get whether the electrodes touch at this moment, or a lead is off."""
        return self._low_since is not None or self._open_since is not None

    def restart(self) -> None:
        """The output was off: the next reading has no neighbours."""
        self._n = 0
        self._step = self._low_since = self._open_since = None
        self._last = (math.nan, math.nan)
        self._equal = 0

    def recent(self, back: int) -> float:
        """The signal so many readings ago (0: the last one)."""
        return self._recent[(self._n - 1 - back) % RECENT]

    @property
    def known(self) -> int:
        """Get how many readings back are known."""
        return min(self._n, RECENT)

    def take(
        self,
        time_s: float,
        elapsed_s: float,
        charge_C: float,
        current_A: float,
        voltage_V: float,
        way: int = 1,
    ) -> Diagnosis | None:
        """Take a reading of magnitudes; at most one diagnosis. `way`: 1 or 2, as the current
        flows."""
        self._way = way
        self._ways |= way
        held = self._expected.set_A is not None
        signal = voltage_V if held else current_A
        self.stepped = False
        told = (
            self._frozen(time_s, charge_C, current_A, voltage_V)
            or self._open(time_s, charge_C, current_A, voltage_V)
            or self._shorted(time_s, elapsed_s, charge_C, current_A, voltage_V)
        )
        if told is None and not self.away:
            told = self._stepped(time_s, elapsed_s, charge_C, signal)
        if self._n:
            self._pairs += 1
            self._alike += signal == self.recent(0)
        self._recent[self._n % RECENT] = signal
        self._n += 1
        return told

    # The meter ---------------------------------------------------------------------------------

    def _frozen(
        self, time_s: float, charge_C: float, current_A: float, voltage_V: float
    ) -> Diagnosis | None:
        if (current_A, voltage_V) == self._last:
            self._equal += 1
            enough = max(FROZEN, FROZEN_TIMES * self._most_equal)
            if self._equal == enough and not self._frozen_told and self._n > 2 * FROZEN:
                self._frozen_told = True
                text = (
                    f"{voltage_V:.7g} V and {current_A * 1e3:.7g} mA are equal to the last digit"
                    f" for {self._equal} readings"
                )
                numbers = {"readings_1": float(self._equal)}
                return _made("D20", time_s, charge_C, text, (Cause("frozen", 0.95),), numbers)
        else:
            if self._equal > self._most_equal and not self._frozen_told:
                self._most_equal = self._equal
            self._equal = 0
            self._last = (current_A, voltage_V)
        return None

    # Leads ---------------------------------------------------------------------------------------

    def _open(
        self, time_s: float, charge_C: float, current_A: float, voltage_V: float
    ) -> Diagnosis | None:
        set_A, limit_V = self._expected.set_A, self._expected.limit_V
        if set_A is not None:
            most_A = abs(set_A)
            at_limit = limit_V is None or voltage_V >= 0.97 * limit_V
            is_open = current_A < OPEN * most_A and at_limit and limit_V is not None
        else:
            if self._open_since is None:
                self._before_A = self._mean(8) if self.known >= 8 else 0.0
            most_A = self._before_A
            is_open = most_A > 0.0 and current_A < OPEN * most_A
        if is_open:
            if self._open_since is None:
                self._open_since, self._open_readings = (time_s, charge_C), 0
                self._steep = self.steepening
            self._open_readings += 1
            if self._open_told or self._open_readings < OPEN_READINGS:
                return None
            self._open_told = True
            return self._lead_off(time_s, charge_C, most_A, current_A)
        if self._open_since is None:
            return None
        since_s, _ = self._open_since
        self._open_since = None
        self._n = 0
        self._open_told = False
        if time_s - since_s > BRIEF_S:
            return None
        self._opened = [one for one in self._opened if time_s - one < WITHIN_S] + [time_s]
        if len(self._opened) != 2:
            return None
        text = f"the current was gone for moments, {len(self._opened)} times within 10 min"
        causes = weighed({"loose_lead": 0.9, "contact": 0.05})
        return _made("D05", time_s, charge_C, text, causes, since=(self._opened[0], charge_C))

    def _lead_off(
        self, time_s: float, charge_C: float, before_A: float, current_A: float
    ) -> Diagnosis:
        since = self._open_since or (time_s, charge_C)
        steep = self._steep
        text = f"the current fell from {before_A * 1e3:.3g} mA to {current_A * 1e3:.2g} mA at once"
        likely = {"open_lead": 0.85, "anode": 0.06, "frozen": 0.01}
        name = "D05"
        if steep:
            text += ", after a change that steepened over the last thirty readings"
            likely, name = {"anode": 0.85, "open_lead": 0.1}, "D13"
        return _made(name, time_s, charge_C, text, weighed(likely), since=since)

    @property
    def steepening(self) -> float:
        """Get how far the signal moved in the last ten readings, where that is more than twice as
        far as in the ten before, and those more than before them; else 0."""
        if self.known < 31:
            return 0.0
        a, b, c, d = (self.recent(back) for back in (0, 10, 20, 30))
        last, before, first = a - b, b - c, c - d
        if not self._expected.held:
            last, before, first = -last, -before, -first
        least = 4.0 * self._scatter.now + (1e-3 if self._expected.held else 0.03 * d)
        return last if last > least and last > 1.5 * before and before > 1.1 * first > 0.0 else 0.0

    # Shorts --------------------------------------------------------------------------------------

    def _shorted(
        self, time_s: float, elapsed_s: float, charge_C: float, current_A: float, voltage_V: float
    ) -> Diagnosis | None:
        set_A = self._expected.set_A
        if self._expected.in_turn and current_A < 0.5 * abs(set_A or 0.0):
            return None  # a weak level, or none
        if set_A is not None:
            low = voltage_V < self._least_V and current_A > 0.5 * abs(set_A)
            if low and elapsed_s < CHARGING_S and self._rises(voltage_V):
                low = False
        else:
            set_V, limit_A = self._expected.set_V, self._expected.limit_A
            before_A = self._low_before if self._low_since else self._mean(8)
            low = self.known >= 8 and current_A > 3.0 * before_A > 0.0
            if limit_A is not None and (set_V is None or abs(set_V) > 1.0):
                low = low or (voltage_V < COLLAPSED_V and current_A > 0.9 * limit_A)
            self._low_before = before_A
        if not low:
            if self._low_since is None:
                return None
            since_s, _ = self._low_since
            self._low_since, self._low_ways = None, 0
            self._n = 0
            if self._expected.in_turn:
                self._lost_from_C = None
                return None
            self._count_lost(charge_C)
            if time_s - since_s > BRIEF_S or self._short_told:
                return None
            self._collapses = [o for o in self._collapses if time_s - o < WITHIN_S] + [time_s]
            if len(self._collapses) != 2:
                return None
            self._short_told = True
            text = f"the cell voltage collapsed for moments, the last one {time_s - since_s:.2g} s"
            causes = weighed({"fibre": 0.8, "short": 0.1, "dendrite": 0.08})
            return _made("D04", time_s, charge_C, text, causes, since=(since_s, charge_C))
        if self._low_since is None:
            self._low_since = (time_s, charge_C)
            self._lost_from_C = charge_C
            back = min(20, self.known - 1)
            self._gradual = back >= 7 and (
                self.recent(0) < 0.6 * self.recent(7)
                if set_A is not None
                else self.recent(0) > 1.5 * self.recent(back)
            )
        since_s, since_C = self._low_since
        self._low_ways |= self._way
        if self._expected.in_turn and self._low_ways != self._ways:
            return None  # low one way only: that of a weak reverse level
        if self._short_told or time_s - since_s < (COLLAPSED_S if set_A is not None else BRIEF_S):
            return None
        watched = self._n > RECENT or bool(self._collapses)
        if time_s - since_s < FIBRE_S and not self._gradual and watched:
            return None  # it may still be a fibre that comes off again
        self._short_told = True
        text = f"{voltage_V:.2g} V between the electrodes at {current_A * 1e3:.3g} mA"
        likely, name = {"short": 0.85, "dendrite": 0.08, "swapped": 0.02}, "D04"
        if self._gradual or self.grown:
            likely, name = {"dendrite": 0.8, "short": 0.15}, "D14"
            text += ", after a fall over several readings"
        return _made(name, time_s, charge_C, text, weighed(likely), since=(since_s, since_C))

    def _rises(self, voltage_V: float) -> bool:
        """Whether a low voltage may be that of a double layer that charges."""
        return not self._n or voltage_V > self.recent(0) + 1e-4

    def _count_lost(self, charge_C: float) -> None:
        if self._lost_from_C is not None:
            self.lost_C += charge_C - self._lost_from_C
            self._lost_from_C = None

    def lost_so_far_C(self, charge_C: float) -> float:
        """What passed through a short up to a gross charge."""
        if self._expected.in_turn and not self._short_told:
            return 0.0
        return self.lost_C + (charge_C - self._lost_from_C if self._lost_from_C is not None else 0)

    # Steps that stay -----------------------------------------------------------------------------

    def _stepped(
        self, time_s: float, elapsed_s: float, charge_C: float, signal: float
    ) -> Diagnosis | None:
        if self._step is not None:
            return self._stays(time_s, signal)
        if self._n < STAYS or elapsed_s < SETTLED_S or self._expected.in_turn:
            return None
        size = signal - self.recent(0)
        least = STEP_V if self._expected.held else STEP_SHARE * self.recent(0)
        if abs(size) < max(least, STEP_SCATTERS * self._scatter.now):
            return None
        if abs(size) < COARSEST and 2 * self._alike > self._pairs:
            return None  # the last digit of a display
        before = self._mean(10)
        moved = self.recent(0) - self.recent(min(10, self.known - 1))
        if abs(moved) > 0.25 * abs(size) and moved * size > 0.0:
            return None  # the top of a rise, not a step
        self._step = (time_s, charge_C, before, size)
        self._after, self._after_n = 0.0, 0
        return None

    def _stays(self, time_s: float, signal: float) -> Diagnosis | None:
        assert self._step is not None
        self._after += signal
        self._after_n += 1
        since_s, since_C, before, size = self._step
        if (signal - before) * size < 0.0:
            self._step = None
            return None
        if self._after_n < STAYS:
            return None
        self._step = None
        moved = self._after / self._after_n - before
        if abs(moved) < 0.7 * abs(size) or abs(moved) > 1.5 * abs(size):
            return None
        self.stepped = True
        return self._of_size(time_s, (since_s, since_C), before, moved)

    def _of_size(
        self, time_s: float, since: tuple[float, float], before: float, moved: float
    ) -> Diagnosis | None:
        expected = self._expected
        if not expected.held:
            share = moved / before
            text = f"the current stepped by {share:+.0%} from one reading to the next"
            if moved > 0.0:
                likely = {"short": 0.4, "stirrer": 0.3, "area": 0.3}
                return _made("D08", time_s, since[1], text, weighed(likely), note=True, since=since)
            likely = {"stirrer": 0.5, "contact": 0.3, "area": 0.2}
            return _made("D08", time_s, since[1], text, weighed(likely), since=since)
        text = f"the cell voltage stepped by {moved * 1e3:+.3g} mV from one reading to the next"
        numbers = {"step_V": moved}
        if moved < 0.0:
            likely = {"stirrer": 0.4, "area": 0.3, "short": 0.2, "dendrite": 0.1}
            causes = weighed(likely)
            return _made("D08", time_s, since[1], text, causes, numbers, since=since, note=True)
        elsewhere = True
        if expected.limiting_A is not None and expected.set_A is not None:
            nominal_A = 1.3 * expected.limiting_A[0]
            short = expected.depletion_C is not None and since[1] > expected.depletion_C
            elsewhere = abs(expected.set_A) >= nominal_A or short
        sizes = _SIZES[elsewhere]
        likely = {
            name: weight * math.exp(-0.5 * (math.log(moved / typical) / spread) ** 2) / spread
            for name, (typical, spread, weight) in sizes.items()
        }
        if moved > ELSEWHERE_V:  # no other reaction takes so much
            likely = {n: v * (1.0 if n == "contact" else 0.05) for n, v in likely.items()}
        return _made("D08", time_s, since[1], text, weighed(likely), numbers, since=since)

    def _mean(self, of: int) -> float:
        of = min(of, self.known)
        return sum(self.recent(back) for back in range(of)) / of if of else 0.0


def _made(
    name: str,
    time_s: float,
    charge_C: float,
    text: str,
    causes: tuple[Cause, ...],
    numbers: dict[str, float] | None = None,
    *,
    since: tuple[float, float] | None = None,
    note: bool = False,
) -> Diagnosis:
    since_s, since_C = since or (time_s, charge_C)
    return Diagnosis(
        name, time_s, since_s, max(charge_C, since_C), since_C, text, causes, numbers or {}, note
    )
