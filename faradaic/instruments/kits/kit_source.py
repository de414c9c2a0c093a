"""A driver over a vendor kit: what a polled source asks, as requests to the kit's process.

A driver of one states its `capabilities` and nothing else; see docs/add_an_instrument.md.
"""

from __future__ import annotations

import json
import math
from typing import Any, ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.polled_source import Measured, PolledSource
from faradaic.instruments.readings import Identity, Regulation
from faradaic.instruments.set_points import SetPoint
from faradaic.instruments.transports import DamagedReply, Transport, TransportTimeout

START_S = 20.0
"""How long a library may take until it is there: some of them look for instruments first."""
HELD = {Regulation.CURRENT: "current", Regulation.VOLTAGE: "voltage"}
STALE_MAX = 20


class KitSource(PolledSource):
    """A source through its maker's library; see `faradaic.instruments.traits.Source`."""

    TOLD_OFF = "off"
    ASKED_OUTPUT = "is_on"
    ANSWER_S: ClassVar[float] = 3.0
    """How long one call of the library may take."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._number = 0
        self._started = False

    def _identify(self) -> Identity:
        self._await_start()
        told = self._call("identify")
        fields = {name: str(told.get(name, "")) for name in ("manufacturer", "model")}
        if fields["model"] != self.capabilities.model:
            raise DeviceError.of(
                f"{self.transport.address} answers as a {fields['manufacturer']} {fields['model']},"
                f" not as a {self.capabilities.model}",
                help="correct the address or the driver; `faradaic devices` lists them",
                code="E511",
            )
        return Identity(**fields, serial=str(told["serial"]), firmware=str(told["firmware"]))

    def _configure(self, held: SetPoint) -> None:
        # A rest is a current of 0 A.
        what = "current" if held.regulation is Regulation.OFF else HELD[held.regulation]
        self._call("hold", what, held.value, held.limit, held.largest)

    def _change(self, held: SetPoint, value: float) -> None:
        self._call("change", value)

    def _switch_on(self) -> None:
        self._call("on")
        on, answer = self._ask_output()
        if not on:
            raise DeviceError.of(
                f"the output of the {self.capabilities.model} was told on and is not ({answer})",
                help="look at the instrument: an interlock, or a protection that has tripped",
                code="E512",
            )

    def _tell_off(self) -> None:
        self._await_start()
        self._call("off")

    def _ask_output(self) -> tuple[bool | None, str]:
        self._await_start()
        said = self._call("is_on")
        return (said if isinstance(said, bool) else None), json.dumps(said)

    def _measure(self, held: SetPoint) -> Measured:
        told = self._call("measure")
        holds = next((r for r, word in HELD.items() if word == told.get("holds")), None)
        if holds is None:
            raise DamagedReply.of(f"the kit says that it holds {told.get('holds')!r}")
        rests = held.regulation is Regulation.OFF and holds is Regulation.CURRENT
        return Measured(
            _number(told, "current_A"),
            _number(told, "cell_voltage_V"),
            Regulation.OFF if rests else holds,
            holds is not held.regulation and not rests,
            json.dumps(told),
            bool(told.get("overload")),
        )

    def _resynchronise(self) -> None:
        self.transport.drain(0.02)

    def _errors(self) -> list[str]:
        return [str(one) for one in self._call("errors")]

    def _await_start(self) -> None:
        """The library is there, or has said why not. Raises `DeviceError`."""
        if not self._started:
            self._said(0, "start", START_S)
            self._started = True

    def _call(self, what: str, *values: object) -> Any:
        """What a method of the kit returned. Raises `DeviceError` for what it raised."""
        self._number += 1
        asked = {"n": self._number, "do": what, "with": values}
        self.transport.write(json.dumps(asked).encode("ascii") + b"\n")
        return self._said(self._number, what, self.ANSWER_S)

    def _said(self, number: int, what: str, timeout_s: float) -> Any:
        """The answer of a number; those of earlier ones, that came late, are passed over."""
        for _ in range(STALE_MAX):
            line = self.transport.read_until(b"\n", timeout_s)
            try:
                answer = json.loads(line)
                late = answer["n"] < number
            except (ValueError, KeyError, TypeError):
                raise DamagedReply.of(f"`{line[:60]!r}` is no answer of a kit") from None
            if late:
                continue
            if "wrong" in answer:
                raise DeviceError.of(
                    f"the library of the {self.capabilities.model} refused `{what}`:"
                    f" {answer['wrong']}",
                    help="look it up in the maker's manual of the library",
                    code="E512",
                )
            return answer.get("said")
        raise TransportTimeout.of(f"{self.transport.address} answers, but not to `{what}`")


def _number(told: dict[str, Any], name: str) -> float | None:
    value = told.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DamagedReply.of(f"the kit says {name} = {value!r}")
    return float(value)
