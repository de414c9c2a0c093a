"""The kit of a maker that does not exist, as somebody would ship it, and its driver."""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from faradaic.instruments.capabilities import Capabilities, OffState, Tier
from faradaic.instruments.kits.kit_source import KitSource


class AcmeKit:
    """An ACME PS-7 through libacme."""

    def __init__(self, rest: str) -> None:
        """`rest`: what stands behind `?` in the address: LIBRARY&STATE_FILE."""
        library, _, state = rest.partition("&")
        self._acme = ctypes.CDLL(library)
        self._acme.acme_set.argtypes = [ctypes.c_int, ctypes.c_double, ctypes.c_double]
        self._mode = self._limit = 0.0
        self._check("acme_open", self._acme.acme_open(state.encode()))

    def identify(self) -> Mapping[str, str]:
        """From the library's one line."""
        into = ctypes.create_string_buffer(64)
        self._check("acme_model", self._acme.acme_model(into, len(into)))
        model, serial, firmware = into.value.decode().split(";")
        return {"manufacturer": "ACME", "model": model, "serial": serial, "firmware": firmware}

    def hold(self, regulation: str, value: float, limit: float, largest: float) -> None:
        """Mode 0 is a current, 1 a voltage."""
        self._mode, self._limit = int(regulation == "voltage"), limit
        self._check("acme_set", self._acme.acme_set(self._mode, value, limit))

    def change(self, value: float) -> None:
        """Another value within the same limit."""
        self._check("acme_set", self._acme.acme_set(self._mode, value, self._limit))

    def on(self) -> None:
        """The output on."""
        self._check("acme_output", self._acme.acme_output(1))

    def off(self) -> None:
        """The output off."""
        self._check("acme_output", self._acme.acme_output(0))

    def is_on(self) -> bool:
        """As the library says."""
        return bool(self._acme.acme_is_on())

    def measure(self) -> Mapping[str, Any]:
        """Both, and whether it is at its limit."""
        if "ACME_HANG" in os.environ:
            time.sleep(60)
        amps, volts = ctypes.c_double(), ctypes.c_double()
        limited = self._acme.acme_read(ctypes.byref(amps), ctypes.byref(volts))
        holds = "voltage" if (self._mode == 1) != bool(limited) else "current"
        return {"current_A": amps.value, "cell_voltage_V": volts.value, "holds": holds}

    def errors(self) -> Sequence[str]:
        """It has no queue."""
        return ()

    def close(self) -> None:
        """Nothing to release."""

    @staticmethod
    def _check(what: str, code: int) -> None:
        if code < 0:
            raise OSError(f"{what} returned {code}")


class AcmePs7(KitSource):
    """ACME PS-7."""

    capabilities: ClassVar[Capabilities] = Capabilities(
        manufacturer="ACME",
        model="PS-7",
        modes=frozenset({"open_circuit", "constant_current", "constant_cell_voltage", "levels"}),
        current_max_A=0.1,
        compliance_V=12.0,
        current_ranges_A=(0.001, 0.01, 0.1),
        current_resolution=1e-4,
        current_accuracy=1e-3,
        bipolar=True,
        reference_electrode=False,
        interval_min_s=0.05,
        native_voltage_limit=True,
        native_charge_stop=False,
        on_host_death="The output stays on at the last set-point until someone turns it off.",
        tier=Tier.EMULATED,
        clamps=True,
        level_min_s=0.5,
        off_state=OffState.OPEN,
    )
