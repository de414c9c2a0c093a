"""What is left of a protocol whose run ended early, as a protocol again.

Steps that are done are left out, the one under way keeps what is left of its charge, time, cycles
and questions, and a repeat its rounds. Charges of `total` stay as written: they count from the
start of the first run, since the protocol says under `continues` what has passed.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from faradaic.documents.document import load_document
from faradaic.protocols.by_hand import HandStep
from faradaic.protocols.load import LoadedProtocol, validate_protocol
from faradaic.protocols.plan import Then
from faradaic.protocols.schema import Caps, Repeat, Step, StepModel, Until
from faradaic.protocols.step_kind import StepKind
from faradaic.protocols.step_kinds.impedance import Impedance
from faradaic.protocols.sweep_steps import SweepStep
from faradaic.quantities import Dimension, Quantity, format_duration, format_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.runner.modified_protocol import with_changes

if TYPE_CHECKING:
    from ruamel.yaml import YAML

DONE = 1e-3
"""A target counts as reached when less than this share of it is left, as in the engine."""


@dataclass(frozen=True, slots=True)
class Passed:
    """What of a step, or of a repeat, is behind it."""

    gross_C: float = 0.0
    net_C: float = 0.0
    time_s: float = 0.0
    first_A: float | None = None
    """Magnitude of the current at its start."""
    on_s: float | None = None
    """Of its time, with the output on: what the phase of levels in turn goes by; None where it is
    all of it."""
    last_Hz: float | None = None
    """The last frequency of its spectrum that was measured."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run was."""

    numbers: tuple[int, ...]
    """Of the step under way or next, as in its id: step, round, step, ... from 1."""
    step: Passed
    """Of that step."""
    repeats: Mapping[int, Passed] = field(default_factory=dict)
    """Of the repeats around it, by how many numbers stand before their rounds."""
    total_C: float = 0.0
    """Gross charge that counts as passed, of all runs."""
    doses: Mapping[str, float | None] = field(default_factory=dict)
    """Moles of each component that were added; None where nobody knows."""
    devices_rest: bool = False
    """Whether devices set and dosed, which were put to rest since."""


class Continuation:
    """Writes what is left; `notes` say what could not be continued as it was."""

    def __init__(
        self,
        loaded: LoadedProtocol,
        limiting_mol: float | None,
        shortest_s: float = 0.0,
        *,
        opens: bool = False,
    ) -> None:
        """`shortest_s`: what lasts shorter than this cannot be done on its bench; `opens`: whether
        a relay opens its cell to reverse the leads."""
        from ruamel.yaml import YAML

        self._yaml: YAML = YAML(typ="rt")
        self._yaml.preserve_quotes = True
        self._yaml.width = 1000
        self._yaml.indent(mapping=2, sequence=4, offset=2)
        self._protocol = loaded.protocol
        self._data: Any = self._yaml.load(loaded.document.text)
        self._limiting_mol = limiting_mol
        self._shortest_s = shortest_s
        self._opens = opens
        self.notes: list[str] = []

    def modified(self, place: Place, changes: Sequence[tuple[str, Mapping[str, str]]]) -> None:
        """The step under way, and those of the repeat around it, as they were modified while they
        ran: by their ids, keys and values."""
        for id_, keys in changes:
            first, *inner = [int(number) for number in id_.split(".")][::2]
            if first != place.numbers[0]:
                continue
            step, node = self._protocol.steps[first - 1], self._data["steps"][first - 1]
            for number in inner:
                assert isinstance(step.body, Repeat)
                step, node = step.body.steps[number - 1], node["repeat"]["steps"][number - 1]
            with_changes(node[step.kind], keys)
        stream = io.StringIO()
        self._yaml.dump(self._data, stream)
        document = load_document(stream.getvalue(), "the modified protocol")
        self._protocol = validate_protocol(document).protocol

    def left(self, place: Place | None) -> bool:
        """Cut the steps down to what is left; False where that is nothing.

        `place` None: nothing of it was begun.
        """
        if place is None:
            return True
        before = self._data["steps"][: place.numbers[0] - 1]
        steps = self._rest(self._protocol.steps, self._data["steps"], place, 0)
        if steps and place.devices_rest:
            sets = [node for node in before if isinstance(node, dict) and "set" in node]
            if sets:
                self.notes.append(
                    "what devices had been set to is set again first: they were put to rest"
                )
            steps = [*sets, *steps]
        self._data["steps"] = steps
        self._add_doses(place)
        return bool(steps)

    def text(self, earlier: Mapping[str, Any], comment: Sequence[str]) -> str:
        """The protocol with the run it goes on from under `continues`, below a comment."""
        if "continues" in self._data:
            self._data["continues"].append(dict(earlier))
        else:
            at = list(self._data).index("title") + 1 if "title" in self._data else 1
            self._data.insert(at, "continues", [dict(earlier)])
        stream = io.StringIO()
        self._yaml.dump(self._data, stream)
        return "".join(f"# {line}\n" if line else "#\n" for line in comment) + stream.getvalue()

    # Steps ---------------------------------------------------------------------------------------

    def _rest(self, steps: Sequence[Step], nodes: Any, place: Place, depth: int) -> list[Any]:
        """What is left of a list of steps, the one at `numbers[depth]` being under way."""
        index = place.numbers[depth] - 1
        step, node = steps[index], nodes[index]
        found: list[Any] = []
        if isinstance(step.body, Repeat):
            found += self._rest_of_repeat(step.body, node["repeat"], place, depth)
        else:
            assert isinstance(step.body, StepKind)
            body = self._rest_of_step(step.body, node[step.kind], place)
            if body is not None:
                node[step.kind] = body
                found.append(node)
        return [*found, *nodes[index + 1 :]]

    def _rest_of_repeat(self, repeat: Repeat, node: Any, place: Place, depth: int) -> list[Any]:
        """The rest of the round under way, then the rounds that are left."""
        import copy

        whole = copy.deepcopy(node)
        turn = place.numbers[depth + 1]
        inner = self._rest(repeat.steps, node["steps"], place, depth + 2)
        rounds = None if repeat.count is None else repeat.count - turn
        passed = place.repeats.get(depth + 1, Passed())
        until = None
        if repeat.until is not None:
            until = self._until_of_repeat(repeat, whole, passed, place)
            if until is None:
                return []
        found: list[Any] = []
        if inner and until is None:
            found += inner
        elif inner:
            found.append({"repeat": {"count": 1, "until": copy.deepcopy(until), "steps": inner}})
        if rounds is None or rounds > 0:
            if rounds is not None:
                whole["count"] = rounds
            if until is not None:
                whole["until"] = until
            found.append({"repeat": whole})
        return found

    def _until_of_repeat(
        self, repeat: Repeat, node: Any, passed: Passed, place: Place
    ) -> list[Any] | None:
        """What ends a repeat: a charge of its own as a total, so that it counts through the rest
        of a round and the rounds after it. None where it has been reached."""
        found = []
        for until, written in zip(repeat.until or (), _listed(node["until"]), strict=True):
            entry = _entry(written)
            if until.charge is not None and until.count != "net":
                target_C = self._coulombs(until.charge)
                if target_C - passed.gross_C <= DONE * target_C and until.then is not Then.PAUSE:
                    return None
                del entry["charge"]
                entry.pop("count", None)
                total_C = place.total_C - passed.gross_C + target_C
                entry["total"] = self._charge_text(total_C, until.charge)
            elif until.time_s is not None:
                left_s = until.time_s - passed.time_s
                if left_s <= DONE * until.time_s and until.then is not Then.PAUSE:
                    return None
                entry["time"] = _duration_text(max(left_s, 1.0))
                self.notes.append(
                    "the time that ends the repeat is what was left of it; it begins again with"
                    " the rounds after the one that was under way"
                )
            elif until.charge is not None:
                self.notes.append("the net charge that ends the repeat counts from its start again")
            found.append(entry)
        return found

    def _rest_of_step(self, step: StepModel, node: Any, place: Place) -> Any | None:
        """What is left of the step under way; None where it is done."""
        assert isinstance(step, StepKind)
        passed = place.step
        if isinstance(step, HandStep):
            if step.kind == "dose" and place.devices_rest:
                self.notes.append(
                    "`dose` begins again with its whole volume: how much had been delivered says"
                    " the pump; write what is left"
                )
            else:
                self.notes.append(f"`{step.kind}` is asked again: it was not confirmed")
            return node
        if isinstance(step, SweepStep):
            return self._rest_of_sweep(step, node, passed)
        if isinstance(step, Impedance) and passed.last_Hz is not None:
            return self._rest_of_spectrum(step, node, passed.last_Hz)
        body = node if isinstance(node, dict) else {step.short_form or "duration": node}
        duration_s = getattr(step, "duration_s", None)
        if duration_s is not None:
            if duration_s - passed.time_s <= max(DONE * duration_s, self._shortest_s):
                return None
            body["duration"] = _duration_text(duration_s - passed.time_s)
        until = getattr(step, "until", None)
        if until is not None:
            left = self._until_of_step(until, _listed(body["until"]), place)
            if left is None:
                return None
            body["until"] = left
        if (caps := getattr(step, "caps", None)) is not None:
            self._cap(caps, body["caps"], passed)
        on_s = passed.time_s if passed.on_s is None else passed.on_s
        further = step.left_after(on_s, None if self._opens else passed.gross_C)
        whole_s = step.nominal_duration_s()
        if further is None or (whole_s is not None and self._over(whole_s - on_s)):
            return None
        for key, value in further.items():
            if isinstance(value, str):
                body[key] = value
            else:
                body[key].update(value)
        return body

    def _until_of_step(
        self, until: Sequence[Until], written: Sequence[Any], place: Place
    ) -> list[Any] | None:
        """What is left of the conditions of a step; None where one that ends it is met."""
        passed, found = place.step, []
        for one, text in zip(until, written, strict=True):
            entry, left, target = _entry(text), math.inf, 1.0
            if one.total is not None:
                target = self._coulombs(one.total)
                left = target - place.total_C
            elif one.charge is not None:
                target = self._coulombs(one.charge)
                left = target - (abs(passed.net_C) if one.count == "net" else passed.gross_C)
                entry["charge"] = self._charge_text(left, one.charge)
            elif one.time_s is not None:
                target, left = one.time_s, one.time_s - passed.time_s
                entry["time"] = _duration_text(max(left, 0.0))
            elif one.current is not None and one.current.of_initial and passed.first_A:
                limit = format_quantity(one.current.value * passed.first_A, "mA", 4)
                entry["current"] = f"{one.current.sign} {limit}"
                self.notes.append(
                    f"a current {one.current.sign} {100 * one.current.value:g} % of its initial is"
                    f" written as {limit}: initially it was"
                    f" {format_quantity(passed.first_A, 'mA', 4)}"
                )
            elif one.operator is not None:
                asked = [(self._coulombs(q), q) for q in one.ask_at]
                ahead = [(at_C, q) for at_C, q in asked if at_C > passed.gross_C * (1 + DONE)]
                if len(ahead) < len(asked):
                    self.notes.append(f"{one.operator!r} was asked before and is asked again")
                again = ahead or [(passed.gross_C + DONE * asked[-1][0], asked[-1][1])]
                entry["ask_at"] = [self._charge_text(at - passed.gross_C, q) for at, q in again]
            if one.for_s is not None:
                self.notes.append("a condition that has to hold for a time begins to count anew")
            if left <= DONE * target or self._too_short(one, left, passed):
                if one.then is Then.PAUSE:
                    continue  # the pause has been made
                return None
            found.append(entry)
        return found or None

    def _too_short(self, one: Until, left: float, passed: Passed) -> bool:
        """Whether the bench cannot do so little: a time, or a charge at the current it had."""
        left_s = left if one.time_s is not None else left / (passed.first_A or math.inf)
        return one.then is not Then.PAUSE and not math.isinf(left) and self._over(left_s)

    def _over(self, left_s: float) -> bool:
        """Whether so little time is left that the bench cannot take a reading in it."""
        if not 0.0 < left_s < self._shortest_s:
            return False
        self.notes.append(f"{left_s:.2g} s were left of its step, less than one reading takes")
        return True

    def _rest_of_sweep(self, step: SweepStep, node: Any, passed: Passed) -> Any:
        """A sweep begins again; of cycles those that are left."""
        cycles = getattr(step, "cycles", 1)
        cycle_s = step.way_V() / step.rate_V_per_s / cycles
        done = min(cycles - 1, math.floor(passed.time_s / cycle_s * (1 + 1e-6)))
        if done:
            node["cycles"] = cycles - done
        if passed.time_s:
            which = f"cycle {done + 1} of {cycles}" if cycles > 1 else "the sweep"
            self.notes.append(f"a sweep cannot go on in its middle: {which} begins again")
        return node

    def _rest_of_spectrum(self, step: Impedance, node: Any, last_Hz: float) -> Any | None:
        """The frequencies that were not measured; None where there are none, or one alone."""
        left = step.left_after_points(last_Hz)
        if left is None:
            self.notes.append("the spectrum is complete, or but for its last frequency")
            return None
        node["from"], done = left
        self.notes.append(
            f"the spectrum goes on with the frequencies that are left: the first {done} of"
            f" {step.points} are in the run that this one continues"
        )
        return node

    def _cap(self, caps: Caps, node: Any, passed: Passed) -> None:
        """What is left of the caps."""
        if caps.time_s is not None:
            node["time"] = _duration_text(max(caps.time_s - passed.time_s, 1.0))
        if caps.charge is not None:
            cap_C = self._coulombs(caps.charge)
            node["charge"] = self._charge_text(
                max(cap_C - passed.gross_C, 1e-3 * cap_C), caps.charge
            )

    # Doses and charges ---------------------------------------------------------------------------

    def _add_doses(self, place: Place) -> None:
        """What was added is in the solution now, and F/mol refer to it."""
        for name, moles in place.doses.items():
            at, component = next(
                (where, s.components[name])
                for where, s in self._protocol.solutions.items()
                if name in s.components
            )
            there = component.amount_in(
                name, self._protocol.solutions[at].volume_m3, self._limiting_mol
            )
            node = self._data
            for key in (*self._protocol.solution_path(at), "components", name):
                node = node[key]
            plain = not {"equiv", "volume", "mass", "concentration"} & node.keys()
            if moles is None or not plain:
                self.notes.append(
                    f"`{name}` was added during the run: write its whole amount under components"
                )
                continue
            node["amount"] = _digits(((there or 0.0) + moles) * 1e3, "mmol")
            self.notes.append(f"`{name}` that was added during the run stands in the solution")

    def _coulombs(self, charge: Quantity) -> float:
        if charge.dimension is Dimension.CHARGE:
            return charge.value
        return charge.value * (self._limiting_mol or math.nan)

    def _charge_text(self, charge_C: float, like: Quantity) -> str:
        """A charge in the unit that was written."""
        if like.dimension is Dimension.CHARGE:
            return _digits(charge_C, "C")
        return _digits(charge_C / (FARADAY_C_PER_MOL * (self._limiting_mol or math.nan)), "F/mol")


def _digits(number: float, unit: str) -> str:
    return f"{number:.8g} {unit}" if abs(number) >= 1e-4 else f"{number:.8f} {unit}"


def _duration_text(seconds: float) -> str:
    """As a person writes it where that is exact, else in seconds."""
    words = format_duration(seconds)
    whole = seconds == round(seconds) and seconds < 3600
    return words if whole else _digits(seconds, "s")


def _listed(node: Any) -> list[Any]:
    return list(node) if isinstance(node, list) else [node]


def _entry(node: Any) -> dict[str, Any]:
    """One condition as a mapping, whichever way it is written."""
    if isinstance(node, str):
        from faradaic.quantities import parse_quantity

        kinds = (Dimension.CHARGE, Dimension.CHARGE_PER_AMOUNT, Dimension.TIME)
        is_time = parse_quantity(node, *kinds).dimension is Dimension.TIME
        return {"time" if is_time else "charge": node}
    return node  # type: ignore[no-any-return]
