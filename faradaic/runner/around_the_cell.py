"""The devices around the cell in a run: columns, what steps tell them, interlocks, their rest.

The engine asks here after each reading; what it gets is what the host knew last, so that no device
holds up a reading or an off. Without devices in the plan nothing here touches the host.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from faradaic.diagnostics import DeviceError, Diagnostic, Severity, StorageError
from faradaic.instruments.auxiliary_traits import DOSED, TRAITS, Trait
from faradaic.instruments.readings import Reading, Regulation
from faradaic.protocols.device_steps import (
    ORDER_S,
    DeviceStep,
    DosePlan,
    SetPlan,
    TriggerPlan,
)
from faradaic.protocols.interlock_plans import in_words
from faradaic.protocols.plan import Interlock, Limit, Plan, Signal, StepPlan, Then
from faradaic.runner.electrochemical_step import Decision
from faradaic.runner.requests import Request
from faradaic.runner.watch import Crossing

if TYPE_CHECKING:
    from faradaic.runner.device_lines import DeviceState
    from faradaic.runner.host import DeviceHost
    from faradaic.runner.logbook import Logbook
    from faradaic.runner.waiting import Waiting

CONNECTED_WITHIN_S = 15.0
"""How long a run waits before its first step for all devices to have answered."""
REST_WITHIN_S = 10.0
"""How long a run waits at its end for them to have come to rest; the host goes on."""
OLD_S = 5.0
"""An older value is none: its column is empty."""
LOOK_S = 0.25
SAMPLE_S = 1.0
DELIVERED = 5e-3
"""A dose is delivered this near to its volume, relative."""
PUMP_FLOW = TRAITS[Trait.PUMP].quantity
CONTACT = TRAITS[Trait.RELAY].quantity
UNITS = {kind.quantity: kind.unit for kind in TRAITS.values()} | {DOSED: "m3"}


class AroundTheCell:
    """The devices of one run."""

    def __init__(self, plan: Plan, host: DeviceHost) -> None:
        self._plan = plan
        self._host = host
        self._clock = host.clock
        self._seen_s: dict[tuple[str, str], float] = {}
        self._began_s = self._sampled_s = 0.0
        self._begun = False
        self._troubles: dict[str, str] = {}
        self._columns = [
            (column, device.name, quantity)
            for device in plan.devices
            for column, quantity in device.columns.items()
        ]

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Get the columns of a sample and their units."""
        return tuple((column, UNITS[quantity]) for column, _, quantity in self._columns)

    def preflight(self) -> None:
        """Wait until each has been read. Raises `DeviceError` for the first that has not."""
        end_s = self._clock.monotonic_s() + CONNECTED_WITHIN_S
        while missing := [one for one in self._plan.devices if self._unread(one.name)]:
            now_s = self._clock.monotonic_s()
            if now_s >= end_s:
                name = missing[0].name
                state = self._states().get(name)
                why = state.trouble if state is not None and state.trouble else "nothing came"
                raise DeviceError.of(
                    f"{missing[0].model} `{name}` does not answer: {why}",
                    help="check its cable, power and address in the bench file; nothing was"
                    " switched on",
                    code="E527",
                )
            self._clock.sleep_until(now_s + LOOK_S)
        self._began_s = self._clock.monotonic_s()

    def begin(self, book: Logbook, waiting: Waiting) -> None:
        """The run begins: who answers, for its journal."""
        self._book, self._waiting, self._begun = book, waiting, True
        self._sampled_s = self._began_s = self._clock.monotonic_s()
        for device in self._plan.devices:
            state = self._states().get(device.name)
            told = {} if state is None else dict(state.identity or {})
            book.event("device", {"device": device.name, "what": "connected", **told})

    def values(self) -> tuple[float | None, ...]:
        """What was reported last, for each of `columns`; None where nothing is known by now."""
        if not self._columns:
            return ()
        states, now_s = self._states(), self._clock.monotonic_s()
        found: list[float | None] = []
        for _, device, quantity in self._columns:
            state = states.get(device)
            fresh = state is not None and now_s - (state.read_s or -OLD_S) <= OLD_S
            found.append(state.values.get(quantity) if state is not None and fresh else None)
        return tuple(found)

    # Interlocks -------------------------------------------------------------------------------

    def tripped(self, step: StepPlan) -> Decision | None:
        """The first interlock that does not hold now, in a step that passes current."""
        if not self._plan.interlocks or not step.passes_current:
            return None
        states, now_s = self._states(), self._clock.monotonic_s()
        for interlock in self._plan.interlocks:
            state = states.get(interlock.device)
            if state is not None and (broken := self._broken(interlock, state, now_s)):
                return broken
        return None

    def _broken(self, interlock: Interlock, state: DeviceState, now_s: float) -> Decision | None:
        key = interlock.device, interlock.quantity
        value = state.values.get(interlock.quantity)
        heard = value is not None or (not interlock.quantity and bool(state.values))
        if heard and state.read_s is not None:
            self._seen_s[key] = state.read_s
        silent_s = now_s - self._seen_s.get(key, self._began_s)
        if silent_s > interlock.stale_s:
            why = f": {state.trouble}" if state.trouble else ""
            there, bound, value = f"nothing for {silent_s:.3g} s{why}", interlock.stale_s, silent_s
        elif value is None:
            return None
        elif interlock.at_least is not None and value < interlock.at_least:
            there, bound = in_words(interlock.quantity, value), interlock.at_least
        elif interlock.at_most is not None and value > interlock.at_most:
            there, bound = in_words(interlock.quantity, value), interlock.at_most
        else:
            return None
        text = f"interlock {interlock.text}, reported: {there}"
        limit = Limit(signal=Signal.INTERLOCK, at_least=bound, text=text, set_by=interlock.set_by)
        return Decision(Then.ABORT, text, Crossing(limit, value))

    def barred(self, step: StepPlan) -> Decision | None:
        """An interlock that does not hold before anything is switched on, written down."""
        decision = self.tripped(step)
        if decision is not None and decision.crossing is not None:
            self._book.limit(decision.crossing, _nothing(self._clock.monotonic_s()))
        return decision

    # Steps ------------------------------------------------------------------------------------

    def do(self, step: DeviceStep, index: int) -> Decision:
        """Do a step. Raises `DeviceError` where a device refuses."""
        if not self._plan.devices:
            return Decision(Then.NEXT, "no device is there to be told")
        self._index = index
        if step.question:
            asked = self._waiting.ask(step.question, ("done", "stop"), "done")
            if asked.request is not Request.NONE:
                return asked
        match step:
            case SetPlan():
                return self._set(step)
            case DosePlan():
                return self._dose(step)
            case TriggerPlan():
                return self._trigger(step)
        raise ValueError(f"no device does a {step.kind}")

    def _set(self, step: SetPlan) -> Decision:
        for setting in step.settings:
            asked = self._order(setting.device, setting.quantity, setting.value)
            if asked is not None:
                return asked
        waited = [one for one in step.settings if one.tolerance is not None]
        if not waited:
            return Decision(Then.NEXT, "the devices have taken it")

        def reached(states: Mapping[str, DeviceState]) -> bool:
            for one in waited:
                value = states[one.device].values.get(one.quantity)
                if value is None or abs(value - one.value) > (one.tolerance or 0.0):
                    return False
            return True

        def there() -> str:
            states = self._states()
            return "; ".join(
                f"{one.text}, reported: "
                + (
                    "nothing"
                    if (value := states[one.device].values.get(one.quantity)) is None
                    else in_words(one.quantity, value)
                )
                for one in waited
            )

        text = "what was set is reached"
        return self._until(reached, text, step.time_cap_s, lambda: f"not reached: {there()}")

    def _dose(self, step: DosePlan) -> Decision:
        name = step.device
        asked = self._order(name, "dose", step.volume_m3, step.rate_m3_per_s)
        if asked is not None:
            return asked

        def delivered(states: Mapping[str, DeviceState]) -> bool:
            values = states[name].values
            dosed = values.get(DOSED, 0.0) >= (1.0 - DELIVERED) * step.volume_m3
            return dosed and values.get(PUMP_FLOW) == 0.0

        began = False

        def stopped(states: Mapping[str, DeviceState]) -> bool:
            nonlocal began
            flow = states[name].values.get(PUMP_FLOW)
            began = began or bool(flow)
            return began and flow == 0.0

        def there() -> str:
            state = self._states()[name]
            dosed = state.values.get(DOSED)
            known = "an unknown volume" if dosed is None else in_words(DOSED, dosed)
            return f"not delivered: {known} of {in_words(DOSED, step.volume_m3)}; {state.trouble}"

        text = f"{name} has delivered {in_words(DOSED, step.volume_m3)} of {step.component}"
        decision = self._until(delivered, text, step.time_cap_s, there, stopped)
        if decision.text != text:
            self._host.order(name, PUMP_FLOW, 0.0)
        dosed = self._states()[name].values.get(DOSED)
        self._tell(name, "dosed", component=step.component, volume_m3=dosed)
        return decision

    def _trigger(self, step: TriggerPlan) -> Decision:
        name = step.device
        asked = self._order(name, CONTACT, 1.0)
        if asked is not None:
            return asked
        self._tell(name, "triggered")
        decision = self._waiting.wait(step.hold_s)
        opened = self._order(name, CONTACT, 0.0)
        if decision.request is not Request.NONE or opened is None:
            return decision
        return opened

    def _order(self, name: str, action: str, *values: float) -> Decision | None:
        """Tell a device something and wait until it has taken it; what else ended the wait.

        Raises `DeviceError` where it refuses.
        """
        number = self._host.order(name, action, *values)
        quantities = (DOSED, PUMP_FLOW) if action == "dose" else (action,)
        words = [in_words(*pair) for pair in zip(quantities, values, strict=True)]
        told = f"{' at '.join(words)}" if action == "dose" else f"{_SETS.get(action, '')}{words[0]}"
        self._tell(name, action, values=list(values), text=told.strip())
        taken = f"{name} has taken it"
        decision = self._until(
            lambda states: states[name].done >= number,
            taken,
            ORDER_S,
            lambda: f"{name} did not do what it was told: {self._states()[name].trouble}",
        )
        if decision.text != taken:
            return decision
        refused = self._states()[name].refused
        if refused:
            raise DeviceError.of(
                f"{name} did not do what it was told: {refused}",
                help="look at the device; what it can do stands under `faradaic devices`",
                code="E525",
            )
        return None

    def _until(
        self,
        over: Callable[[Mapping[str, DeviceState]], bool],
        text: str,
        within_s: float,
        missed: Callable[[], str],
        failed: Callable[[Mapping[str, DeviceState]], bool] = lambda states: False,
    ) -> Decision:
        """Wait for the devices, and sample them meanwhile; trips where it takes too long, or has
        `failed`."""
        end_s = self._clock.monotonic_s() + within_s

        def decide() -> Decision | None:
            self._sample()
            if over(self._states()):
                return Decision(Then.NEXT, text)
            late = self._clock.monotonic_s() >= end_s
            if not late and not failed(self._states()):
                return None
            why = f"after {within_s:.4g} s: {missed()}" if late else missed()
            limit = Limit(signal=Signal.TIME_S, at_least=within_s, text=why, set_by="the step")
            crossing = Crossing(limit, within_s)
            self._book.limit(crossing, _nothing(self._clock.monotonic_s()))
            return Decision(Then.ABORT, why, crossing)

        return self._waiting.until(decide, LOOK_S)

    def _sample(self) -> None:
        """A sample of the devices alone, every second."""
        now_s = self._clock.monotonic_s()
        if now_s - self._sampled_s >= SAMPLE_S:
            self._sampled_s = now_s
            self._book.unmeasured(now_s, self._index)

    # The end ----------------------------------------------------------------------------------

    def told_to_rest(self) -> Mapping[str, int]:
        """Have all of them rest; nobody waits."""
        return {one.name: self._host.order(one.name, "rest") for one in self._plan.devices}

    def at_rest(self, orders: Mapping[str, int], *, is_off: bool) -> tuple[Diagnostic, ...]:
        """Wait until they are, and write it down; a warning for each that is not known to be.

        Nobody waits where the output is not known to be off: the devices had as long as that took.
        """
        end_s = self._clock.monotonic_s() + REST_WITHIN_S * is_off
        left = dict(orders)
        while left and self._clock.monotonic_s() < end_s:
            states = self._states()
            left = {n: k for n, k in left.items() if n not in states or states[n].done < k}
            if left:
                self._clock.sleep_until(self._clock.monotonic_s() + LOOK_S)
        found = []
        for device in self._plan.devices:
            state = self._states().get(device.name)
            done = device.name not in left and state is not None
            at_rest = state.at_rest if done and state is not None else False
            evidence = state.evidence if done and state is not None else "it did not answer"
            if not done and state is not None and state.trouble:
                evidence = state.trouble
            with contextlib.suppress(StorageError):  # the disk has no word in this
                self._tell(device.name, "rest", at_rest=at_rest, evidence=evidence)
            if at_rest is False:
                found.append(_not_at_rest(device.name, device.model, evidence))
        return tuple(found)

    def write_down(self) -> None:
        """What has changed of who answers."""
        for name, state in self._states().items():
            if state.trouble != self._troubles.get(name, ""):
                self._troubles[name] = state.trouble
                what = "trouble" if state.trouble else "answers again"
                self._tell(name, what, why=state.trouble)

    def _tell(self, name: str, what: str, **fields: object) -> None:
        if self._begun:  # else the journal does not have its header
            self._book.event("device", {"device": name, "what": what, **fields})

    def _states(self) -> Mapping[str, DeviceState]:
        return self._host.device_states() if self._plan.devices else {}

    def _unread(self, name: str) -> bool:
        state = self._states().get(name)
        return state is None or state.read_s is None or bool(state.trouble)


_SETS = {"stirring_rpm": "stir at ", "temperature_K": "hold ", "gas_flow_mol_per_s": "flow "}


def _nothing(time_s: float) -> Reading:
    """In place of a reading where none is taken."""
    return Reading(time_s, None, None, None, Regulation.OFF, False, False, "")


def _not_at_rest(name: str, model: str, evidence: str) -> Diagnostic:
    return Diagnostic(
        "E526",
        f"{model} `{name}` is not known to be at rest: {evidence}",
        severity=Severity.WARNING,
        help="turn it off by hand",
    )
