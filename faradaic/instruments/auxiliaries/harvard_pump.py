"""Harvard Apparatus Pump 11 Elite and PHD Ultra, KD Scientific Legato: syringe pumps.

115200 baud 8N1 (on its USB port; what its menu says on RS-232), a command ends in CR LF. The lines
of an answer begin with its address and its state, and the last is just these, without an end:

    irate 1 ml/min ->  \\r\\n00:
    irate          ->  \\r\\n00:1.0000 ml/min\\r\\n00:

`:` idle, `>` infusing, `<` withdrawing, `T*` stopped at its target, `*` stalled, `>*` and `<*` at
an end stop. Commands: `irun`, `stp`, `irate`, `ivolume`, `civolume`, `tvolume`, `ctvolume`,
`diameter`, `ver`.

A Legato whose address is 0 leaves the addresses out, and the state before all but the last line.

Sources: the drivers that FlowChem (Elite 11) and python-syringe-pump 0.2.1 (Legato 100) run the
real ones with; the command set in the makers' manuals was not seen. Neither has a watchdog.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar

from faradaic.diagnostics import DeviceError
from faradaic.instruments.agreement import agreed
from faradaic.instruments.asked_lines import QUIET_S, another_device, garbled, not_taken
from faradaic.instruments.auxiliary_traits import (
    DOSED,
    Ability,
    AuxiliaryCapabilities,
    Rest,
    Trait,
)
from faradaic.instruments.capabilities import Tier
from faradaic.instruments.clock import Clock
from faradaic.instruments.readings import Identity
from faradaic.instruments.transports import LinkError, Transport, TransportTimeout
from faradaic.quantities.fields import Length, Positive, VolumeFlow

TIMEOUT_S = 1.0
CLOSE_M3, CLOSE_M3_PER_S = 2e-8, 1e-14
FLOW = "pump_flow_m3_per_s"
VOLUMES = {"l": 1e-3, "ml": 1e-6, "ul": 1e-9, "nl": 1e-12, "pl": 1e-15}
TIMES = {"s": 1.0, "sec": 1.0, "min": 60.0, "hr": 3600.0, "h": 3600.0}
IDLE, INFUSING, AT_TARGET, STALLED = ":", ">", "T*", "*"
TROUBLES = {"*": "its motor stalled", ">*": "it is at its front stop", "<*": "at its rear stop"}
ERRORS = ("command error", "unknown command", "argument error", "out of range")
_PROMPT = re.compile(r"(\d{1,2})?(T\*|[<>:]\*?|\*)")
_QUANTITY = re.compile(r"([\d.]+) ([a-z]+)(?:/([a-z]+))?")


def quantity(text: str) -> float:
    """`1.0000 ml/min` in m3/s, `250 ul` in m3. Raises `ValueError`."""
    match = _QUANTITY.fullmatch(text.strip().lower().replace("µ", "u"))
    if match is None or match[2] not in VOLUMES or match[3] not in (None, *TIMES):
        raise ValueError(text)
    return float(match[1]) * VOLUMES[match[2]] / (TIMES[match[3]] if match[3] else 1.0)


class HarvardPump:
    """Harvard Apparatus Pump 11 Elite syringe pump."""

    capabilities: ClassVar[AuxiliaryCapabilities] = AuxiliaryCapabilities(
        manufacturer="Harvard Apparatus",
        model="Pump 11 Elite",
        traits=(Trait.PUMP,),
        on_host_death="A flow goes on until the syringe is empty: it has no watchdog. A dose ends "
        "by itself with its volume.",
        tier=Tier.EMULATED,
    )
    serial: ClassVar[str] = "baud=115200"

    def __init__(
        self,
        transport: Transport,
        *,
        diameter_m: Annotated[Length, Positive],
        highest_m3_per_s: Annotated[VolumeFlow, Positive] = 26e-6 / 60.0,
        node: int = 0,
    ) -> None:
        """`diameter`: of the syringe, inside; `highest`: what the pump gives with it."""
        self._transport = transport
        self._diameter_m = diameter_m
        self._node = f"{node % 100:02d}"
        self._suspect = True
        self._state = IDLE
        self.alarm = ""

    @classmethod
    def abilities(
        cls, *, highest_m3_per_s: float = 26e-6 / 60.0, **options: object
    ) -> tuple[Ability, ...]:
        """From a hundred thousandth of its highest flow."""
        most = highest_m3_per_s
        return (Ability(Trait.PUMP, 1e-5 * most, most, 1e-4 * most, reports=True),)

    def connect(self, clock: Clock) -> Identity:
        """Its version."""
        told = " ".join(self._ask("ver"))
        if not re.search(r"ELITE|LEGATO|PHD|PUMP", told.upper()):
            raise another_device(self._transport.address, told, "Harvard or KD Scientific pump")
        return Identity("Harvard Apparatus", told[:40], "", "")

    def set(self, quantity: str, value: float) -> None:
        """Flow (m3/s); 0 stops it."""
        self._stop()
        if value:
            self._ask("ctvolume")
            self._begin(value)

    def dose(self, volume_m3: float, rate_m3_per_s: float) -> None:
        """Deliver a volume at a rate; it stops by itself."""
        self._stop()
        self._ask(f"tvolume {volume_m3 * 1e6:.5g} ml")
        there = self._quantity("tvolume")
        if abs(there - volume_m3) > 1e-3 * volume_m3:
            raise not_taken(
                self._transport.address, "tvolume", f"{volume_m3 * 1e6:g}", f"{there * 1e6:g} mL"
            )
        self._begin(rate_m3_per_s)

    def read(self) -> Mapping[str, float]:
        """The flow as set while it infuses, and what it has infused."""
        # Lines have no check sum: two have to agree.
        flow, infused_m3 = agreed(self._flow_and_volume, (CLOSE_M3_PER_S, CLOSE_M3))
        return {FLOW: flow, DOSED: infused_m3}

    def _flow_and_volume(self) -> tuple[float, float]:
        infused_m3 = self._quantity("ivolume")
        runs = self._state.startswith(INFUSING) and "*" not in self._state
        return self._quantity("irate") if runs else 0.0, infused_m3

    def rest(self, keep: Collection[str]) -> Rest:
        """Stopped, read back."""
        if FLOW in keep:
            self._ask("ivolume")
            return Rest(True, f"the pump stays as it is, state {self._state}")
        self._stop()
        return Rest(self._state[0] not in "<>", f"stp, state read back {self._state}")

    def close(self) -> None:
        """Release the port."""
        self._transport.close()

    def _begin(self, rate_m3_per_s: float) -> None:
        self._ask(f"diameter {self._diameter_m * 1e3:.4f}")
        self._ask("civolume")
        self._ask(f"irate {rate_m3_per_s * 60e6:.5g} ml/min")
        there = self._quantity("irate")
        if abs(there - rate_m3_per_s) > 1e-3 * rate_m3_per_s:
            raise not_taken(
                self._transport.address,
                "irate",
                f"{rate_m3_per_s * 60e6:g}",
                f"{there * 60e6:g} mL/min",
            )
        self._ask("irun", attempts=1)
        if not self._state.startswith(INFUSING) or "*" in self._state:
            raise self._refused("irun", f"its state is {self._state}")

    def _stop(self) -> None:
        self.alarm = ""
        self._ask("stp")

    def _quantity(self, question: str) -> float:
        lines = self._ask(question)
        try:
            return quantity(lines[0] if lines else "")
        except ValueError:
            raise self._garbled(" ".join(lines)) from None

    def _ask(self, command: str, attempts: int = 2) -> list[str]:
        """The lines of an answer. Raises `DeviceError` for an error."""
        while True:
            attempts -= 1
            try:
                lines = self._asked(command)
                break
            except TransportTimeout:
                if attempts <= 0:
                    raise
        if self._state in TROUBLES:
            self.alarm = TROUBLES[self._state]
        for line in lines:
            if line.lower().startswith(ERRORS):
                raise self._refused(command, line)
        return lines

    def _asked(self, command: str) -> list[str]:
        transport = self._transport
        if self._suspect:
            transport.drain(QUIET_S)
            self._suspect = False
        transport.write(f"{self._node}{command}\r\n".encode("ascii"))
        try:
            came = transport.read_until_quiet(QUIET_S, TIMEOUT_S)
        except LinkError:
            self._suspect = True
            raise
        text = came.decode("latin-1").replace("\x11", "").replace("\x13", "")
        lines = [line for line in text.splitlines() if line]
        last = _PROMPT.fullmatch(lines[-1]) if lines else None
        if last is None or not text.isascii() or int(last[1] or self._node) != int(self._node):
            raise self._garbled(text)
        self._state = last[2]
        return [line.removeprefix(lines[-1]).strip() for line in lines[:-1]]

    def _garbled(self, answer: str) -> LinkError:
        self._suspect = True
        return garbled(self._transport.address, answer)

    def _refused(self, command: str, why: str) -> DeviceError:
        return DeviceError.of(
            f"{self._transport.address} did not do `{command}`: {why[:80]}",
            help="look at the pump: the syringe, its end stop, the rate for this diameter",
            code="E525",
        )
