"""Listens to the readings of one step and tells what it makes of them."""

from __future__ import annotations

from dataclasses import replace

from faradaic.diagnoses.above_the_range import OUT_V, above_the_range, at_the_limit
from faradaic.diagnoses.charge_bins import ChargeBins
from faradaic.diagnoses.diagnosis import Diagnosis, weighed
from faradaic.diagnoses.expected import Expected
from faradaic.diagnoses.lasting_changes import LastingChanges
from faradaic.diagnoses.lasting_currents import LastingCurrents
from faradaic.diagnoses.ohmic_probe import OhmicCourse, OhmicProbe
from faradaic.diagnoses.reading_scatter import LEARNED_S, ReadingScatter
from faradaic.diagnoses.sudden_changes import SuddenChanges

BIN_F_PER_MOL = 0.004
BIN_S = 4.0
"""The first width of a bin: of charge, or of time where nobody knows the amount."""
NOISIER = 3.0
"""So many times the scatter of the first five minutes is noise."""
NOISE_V, BUBBLES_V = 0.3e-3, 2e-3
OF_METAL_V = 0.15
INERT_V = (0.7, 2.6)
"""What an inert anode needs more than a metal that dissolves: a metal from -1.3 to -0.5 V vs SHE
against a halide, a solvent or an amine from +0.7 to +1.3 V (recalled). A sacrificial cell whose
voltage begins above its range is looked at for that."""
USED_UP = 0.8
"""Of the charge that a sacrificial metal lasts: an anode may break off from here on."""
OF_CURRENT = 5.0
"""Per volt: what the same scatter is as a share of a current."""
NOISE_EVERY = 64
"""Readings between two looks at the scatter."""
FALLS_STEEPER = -0.3
"""Skewness of the differences below which they are those of bubbles that leave."""
FIRST = 4
"""Readings of a step's beginning."""
COMES_OFF = 0.1
"""Share of what is above the range: a skin loses more in the first readings, a cell that warms
itself does not."""
SURER = 0.15
"""A cause that is surer by this at the end of a step is told again."""


class Listener:
    """Takes the readings of one step, in order; constant memory."""

    def __init__(self, expected: Expected) -> None:
        self.expected = expected
        width = BIN_F_PER_MOL * expected.amount_C if expected.amount_C else BIN_S
        self._by_charge = bool(expected.amount_C)
        self._scatter = ReadingScatter()
        self._bins = ChargeBins(width)
        self._sudden = SuddenChanges(expected, self._scatter)
        course = LastingChanges if expected.held else LastingCurrents
        self._lasting = course(expected, self._scatter, self._bins)
        self._begin_s: float | None = None
        self._bin_from = 0.0
        self._readings = 0
        self._first: list[float] = []
        self._last = (0.0, 0.0, 0.0, 0.0)
        """Time, charge, current, voltage."""
        self._noise_told = self._start_told = False
        self._noisy = 0
        self._ohmic = OhmicCourse()
        self.told: list[Diagnosis] = []
        """At most a few of each rule."""

    def restart(self) -> None:
        """The output was off: what comes next has no neighbour."""
        self._sudden.restart()
        self._scatter.restart()

    def treated(self) -> None:
        """Something was done about it: what comes does not compare with what came."""
        self.restart()
        self._lasting.treated()

    def lost_C(self) -> float:
        """The gross charge that passed through a short so far."""
        return self._sudden.lost_so_far_C(self._last[1])

    def take(
        self, time_s: float, current_A: float | None, voltage_V: float | None, charge_C: float
    ) -> Diagnosis | None:
        """Take a reading and the gross charge of the step after it; at most one diagnosis."""
        if current_A is None or voltage_V is None:
            return None
        way = 1
        if current_A < 0.0:
            current_A, way = -current_A, 2
        if voltage_V < 0.0:
            voltage_V = -voltage_V
        if self._begin_s is None:
            self._begin_s = time_s
        elapsed_s = time_s - self._begin_s
        self._readings += 1
        held = self.expected.set_A is not None
        signal = voltage_V if held else current_A
        told = self._sudden.take(time_s, elapsed_s, charge_C, current_A, voltage_V, way)
        scatter = self._scatter
        if not self._sudden.away:
            bound = 12.0 * scatter.now + (1e-4 if held else 1e-3 * signal)
            scatter.take(signal, elapsed_s, bound)
        self._last = (time_s, charge_C, current_A, voltage_V)
        if self._sudden.stepped:
            self._lasting.forget()
        if told is not None:
            return self._tell(told)
        if not self.expected.in_turn and not self._sudden.away:
            along = (charge_C if self._by_charge else time_s) - self._bin_from
            if self._bins.add(time_s, charge_C, signal, along):
                self._bin_from += along
                told = self._lasting.look(time_s, charge_C)
                if told is not None:
                    self._sudden.grown |= told.id == "D14"
                    return self._tell(told)
            if held and len(self._first) < 40 and not self._start_told:
                told = self._beginning(time_s, charge_C, current_A, voltage_V)
                if told is not None:
                    return self._tell(told)
        if self._readings % NOISE_EVERY == 0 and elapsed_s > LEARNED_S and not self._noise_told:
            told = self._noise(time_s, charge_C, signal)
            if told is not None:
                return self._tell(told)
        return None

    def probed(self, probe: OhmicProbe) -> Diagnosis | None:
        """Take an interruption of the current: what was told of a rise is weighed again by how
        much of it is ohmic."""
        told = self._ohmic.take(probe, self.told)
        return None if told is None else self._tell(replace(told, time_s=self._last[0]))

    def reached(self, limit: str, since_C: float | None = None) -> Diagnosis | None:
        """The step is over because a limit was reached: what that comes from."""
        time_s, charge_C, current_A, voltage_V = self._last
        if not self._readings:
            return None
        since_C = charge_C if since_C is None else since_C
        since = f"{limit}, since {self.expected.of_charge(since_C)}"
        if self._readings <= FIRST:
            told = self._resistance(time_s, charge_C, current_A, voltage_V, since)
        elif self._lasting.creep is not None:
            creep = self._lasting.creep
            told = replace(creep, id=creep.id, time_s=time_s, charge_C=charge_C,
                           evidence=f"{since}; {creep.evidence}", revised=True)  # fmt: skip
        elif self._jumped(voltage_V, current_A):
            told = self._came_off(time_s, charge_C, current_A, since)
        else:
            causes = weighed({"film": 0.35, "precipitation": 0.2, "contact": 0.2, "anode": 0.2})
            told = Diagnosis("D01", time_s, time_s, charge_C, charge_C, since, causes)
        return self._tell(told)

    def overrun(self, limit: str) -> Diagnosis | None:
        """The current of a held voltage reached its limit."""
        time_s, charge_C, current_A, _ = self._last
        if self._sudden.known < 2:
            return None
        known = range(1, min(10, self._sudden.known))
        before_A = min(self._sudden.recent(back) for back in known)
        text = f"{limit}, since {self.expected.of_charge(charge_C)}, from {before_A * 1e3:.3g} mA"
        likely = {"overheating": 0.4, "dendrite": 0.3, "short": 0.2}
        if current_A > 1.3 * before_A:
            text += " a few readings before"
            likely = {"short": 0.8, "dendrite": 0.1, "fibre": 0.08}
        causes = weighed(likely)
        name = "D04" if causes[0].name == "short" else "D11"
        return self._tell(Diagnosis(name, time_s, time_s, charge_C, charge_C, text, causes))

    def ended(self) -> Diagnosis | None:
        """The step is over, and no limit ended it: a creep, where more is known of it by now."""
        creep = self._lasting.creep
        if creep is None or not creep.revised or creep in self.told:
            return None
        before = next(d for d in reversed(self.told) if d.cause == creep.cause)
        if creep.causes[0].confidence < before.causes[0].confidence + SURER:
            return None
        return self._tell(creep)

    # The beginning -------------------------------------------------------------------------------

    def _beginning(
        self, time_s: float, charge_C: float, current_A: float, voltage_V: float
    ) -> Diagnosis | None:
        """A voltage above the planned range in the first readings."""
        expected, first = self.expected, self._first
        first.append(voltage_V)
        if expected.voltage_V is None or len(first) < 40:
            return None
        high = expected.voltage_V[1]
        over_V = OF_METAL_V if expected.metal else OUT_V
        if min(first[20:]) < high + over_V:
            return None  # the first ones may be those of double layers that charge
        self._start_told = True
        falls = max(first) - first[-1]
        if falls > COMES_OFF * (max(first) - high) + 5e-3:
            return None  # what comes off, or warms up, is told when it has
        text = f"{voltage_V:.3g} V at the start, where {expected.voltage_V[0]:.2g} to {high:.2g} V"
        text += " were planned"
        return self._high(time_s, charge_C, current_A, voltage_V, text, stays=True)

    def _resistance(
        self, time_s: float, charge_C: float, current_A: float, voltage_V: float, since: str
    ) -> Diagnosis:
        """The limit at once."""
        set_A = abs(self.expected.set_A or current_A)
        if current_A < 1e-3 * set_A:
            text = f"{since}: no current ({current_A:.2g} A) from the first reading on"
            causes = weighed({"open_lead": 0.85, "salt": 0.1})
            return Diagnosis("D05", time_s, time_s, charge_C, charge_C, text, causes)
        text = f"{since}: {current_A * 1e3:.3g} mA at {voltage_V:.4g} V from the first reading on"
        return self._high(time_s, charge_C, current_A, voltage_V, text)

    def _high(
        self,
        time_s: float,
        charge_C: float,
        current_A: float,
        voltage_V: float,
        text: str,
        *,
        stays: bool = False,
    ) -> Diagnosis:
        """`stays`: it has been looked at for so long that a skin would have begun to go."""
        expected = self.expected
        numbers = {}
        if expected.resistance_ohm is not None and expected.set_A is not None:
            planned = expected.resistance_ohm
            rest_V = 0.0
            if expected.voltage_V is not None:
                middle = expected.typical_V or 0.5 * sum(expected.voltage_V)
                rest_V = middle - 0.5 * (planned[0] + planned[1]) * abs(expected.set_A)
            ohm = max(0.0, voltage_V - max(rest_V, 0.0)) / current_A if current_A else 0.0
            numbers = {"resistance_ohm": ohm, "planned_ohm": planned[1]}
            text += f"; about {ohm:.2g} Ohm{' if it is ohmic' if stays else ''}, where"
            text += f" {planned[0]:.2g} to {planned[1]:.2g} are planned"
        likely, name = {"salt": 0.5, "contact": 0.2, "skin": 0.12, "area": 0.1}, "D03"
        if numbers and not stays:
            likely = dict(at_the_limit(expected, numbers["resistance_ohm"]))
        if stays:
            likely = dict(above_the_range(expected, voltage_V))
            if expected.metal and expected.voltage_V is not None:
                likely = {"salt": 0.55, "contact": 0.25, "area": 0.1, "skin": 0.05}
                more_V = voltage_V - 0.5 * (expected.voltage_V[0] + expected.voltage_V[1])
                likely["swapped"] = 0.9 if INERT_V[0] < more_V < INERT_V[1] else 0.05
        elif expected.metal:
            name = "D12" if expected.metal in SKINS else "D03"
        causes = weighed(likely)
        return Diagnosis(name, time_s, time_s, charge_C, charge_C, text, causes, numbers)

    # The end -------------------------------------------------------------------------------------

    def _jumped(self, voltage_V: float, current_A: float) -> bool:
        before = self._sudden.recent(1) if self._sudden.known > 1 else voltage_V
        return abs(voltage_V - before) > 0.15 * voltage_V or current_A < 0.5 * abs(
            self.expected.set_A or 0.0
        )

    def _came_off(self, time_s: float, charge_C: float, current_A: float, since: str) -> Diagnosis:
        steep = self._steep_before()
        text = f"{since}, from {self._sudden.recent(1):.3g} V in the reading before"
        text += f"; {current_A * 1e3:.2g} mA flow"
        metal_C = self.expected.metal_C
        if metal_C is not None and charge_C >= USED_UP * metal_C:
            text += f", when {charge_C / metal_C:.0%} of the {self.expected.metal} had to be used"
            causes = weighed({"anode": 0.85, "open_lead": 0.1})
            return Diagnosis("D13", time_s, time_s, charge_C, charge_C, text, causes)
        if steep or self._lasting.shortage:
            text += f", after a rise that steepened to {steep * 1e3:.0f} mV in ten readings"
            causes = weighed({"anode": 0.85, "open_lead": 0.1, "evaporation": 0.03})
            return Diagnosis("D13", time_s, time_s, charge_C, charge_C, text, causes)
        causes = weighed({"open_lead": 0.8, "loose_lead": 0.12, "anode": 0.06})
        return Diagnosis("D05", time_s, time_s, charge_C, charge_C, text, causes)

    def _steep_before(self) -> float:
        """As `SuddenChanges.steepening`, without the reading at the limit."""
        sudden = self._sudden
        if sudden.known < 32:
            return 0.0
        a, b, c, d = (sudden.recent(back) for back in (1, 11, 21, 31))
        least = 4.0 * self._scatter.now + 1e-3
        return a - b if a - b > least and a - b > 1.3 * (b - c) and b - c > c - d > 0.0 else 0.0

    # The meter -----------------------------------------------------------------------------------

    def _noise(self, time_s: float, charge_C: float, signal: float) -> Diagnosis | None:
        at_first, now = self._scatter.at_first, self._scatter.now
        unit = 1.0 if self.expected.held else OF_CURRENT * signal
        if at_first is None or now < max(NOISIER * at_first, NOISE_V * unit):
            self._noisy = 0
            return None
        self._noisy += 1
        if self._noisy < 2:
            return None
        self._noise_told = True
        what, scale = ("mV", 1e3) if self.expected.held else ("mA", 1e3)
        skew = self._scatter.skew if self.expected.held else -self._scatter.skew
        text = f"{now * scale:.2g} {what} from reading to reading, {at_first * scale:.2g} {what} in"
        text += " the first five minutes"
        numbers = {"scatter": now, "scatter_at_first": at_first, "skewness_1": skew}
        if now >= BUBBLES_V * unit and skew < FALLS_STEEPER:
            causes = weighed({"bubbles": 0.8, "loose_lead": 0.1, "noise": 0.1})
            return Diagnosis("D07", time_s, time_s, charge_C, charge_C, text, causes, numbers)
        if now >= BUBBLES_V * unit:
            causes = weighed({"bubbles": 0.45, "loose_lead": 0.3, "noise": 0.25})
            return Diagnosis("D07", time_s, time_s, charge_C, charge_C, text, causes, numbers)
        causes = weighed({"noise": 0.6, "bubbles": 0.25, "loose_lead": 0.15})
        return Diagnosis("D17", time_s, time_s, charge_C, charge_C, text, causes, numbers, True)

    def _tell(self, told: Diagnosis) -> Diagnosis:
        lost_C = self.lost_C()
        told = replace(told, lost_C=lost_C) if lost_C else told
        self.told = [*self.told, told][-24:]
        return told


SKINS = frozenset({"Mg", "Al", "Zn", "Ti", "Ta", "Nb"})
"""Metals that carry a skin when they are fresh (recalled)."""
