"""An IO Rodeo Rodeostat (hardware V0.2, firmware FW0.1.0) at the end of a wire, on a cell.

Source: firmware and Python client of github.com/iorodeo/potentiostat (MIT): commands, names of
ranges, tests and their parameters, samples and the empty object at their end. Where they are
silent: a command takes 1 ms; a potential beyond its range is applied at its end. The tests
constant, linearSweep, cyclic, sinusoid and multiStep run; squareWave, differentialPulse and the
multiplexer are refused as unknown.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import partial
from typing import Any

from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.electronics import ElectronicsSpec
from faradaic.simulators.potentiostats.potentiostat_wire import PotentiostatWire

RANGES_V = {"1V": 1.0, "2V": 2.0, "5V": 5.0, "10V": 10.0}
VARIANTS = {
    "10V_10MilliAmpV0.2": {"10uA": 1e-5, "100uA": 1e-4, "1000uA": 1e-3, "10000uA": 1e-2},
    "10V_24MilliAmpV0.2": {
        "100uA": 1e-4,
        "1000uA": 1e-3,
        "12000uA": 12.024e-3,
        "24000uA": 24.048e-3,
    },
}
COMPLIANCE_V = 12.0
TESTS: dict[str, dict[str, Any]] = {
    "constant": {"quietValue": 0.0, "quietTime": 0, "value": 0.1, "duration": 1000},
    "linearSweep": {
        "quietValue": 0.0,
        "quietTime": 0,
        "startValue": -0.5,
        "finalValue": 0.5,
        "duration": 1000,
    },
    "cyclic": {
        "quietValue": 0.0,
        "quietTime": 0,
        "amplitude": 0.5,
        "offset": 0.0,
        "period": 1000,
        "numCycles": 1,
        "shift": 0.0,
    },
    "sinusoid": {
        "quietValue": 0.0,
        "quietTime": 0,
        "amplitude": 0.5,
        "offset": 0.0,
        "period": 1000,
        "numCycles": 1,
        "shift": 0.0,
    },
    "multiStep": {"quietValue": 0.0, "quietTime": 0, "step": [[1000, 0.0], [1000, 0.1]]},
}
"""Parameters with their defaults; times in ms, potentials in V."""
CONNECTED = {"Ref": "ref", "Ctr": "ctr", "Wrk": "wrk"}


class Refused(Exception):
    """What it says is wrong."""


def _specification(ranges: dict[str, float]) -> ElectronicsSpec:
    scales = tuple(ranges.values())
    return ElectronicsSpec(
        current_ranges_A=scales,
        voltage_ranges_V=tuple(RANGES_V.values()),
        current_max_A=scales[-1],
        compliance_V=COMPLIANCE_V,
        dac_bits=12,
        adc_bits=16,
        headroom=1.0,
        current_noise=1e-4,
    )


class Rodeostat(PotentiostatWire):
    """The instrument's state behind its lines."""

    takes_s = 1e-3
    ends = b"\r\n"

    def __init__(self, variant: str, cell: CellModel, seed: int) -> None:
        self._ranges = VARIANTS[variant]
        super().__init__(cell, _specification(self._ranges), seed)
        self.model, self._variant = "rodeostat", variant
        self.volt = 0.0
        self.volt_range, self.curr_range = "1V", next(iter(self._ranges))
        self.connected = {"ref": True, "ctr": True, "wrk": True}
        self.auto_connect = True
        """At power-on its electrodes are connected for a test alone (a guess of the firmware)."""
        self.connected = dict.fromkeys(self.connected, False)
        self._device_id, self._period_ms = 1, 10
        self._params = json.loads(json.dumps(TESTS))
        self._test: tuple[str, float, int] | None = None
        """The one that runs: name, when it began, samples that were sent."""

    def line(self, text: str) -> None:
        """One command, one answer."""
        answer: dict[str, Any] = {}
        message = ""
        try:
            told = json.loads(text)
            if not isinstance(told, dict) or "command" not in told:
                raise Refused("json does not contain key: command")
        except ValueError:
            message = "unable to parse json"
        except Refused as refusal:
            message = str(refusal)
        else:
            answer["command"] = told["command"]
            if self._test is not None and told["command"] != "stopTest":
                return
            try:
                self._do(str(told["command"]), told, answer)
            except Refused as refusal:
                message = str(refusal)
        said = {"success": not message} | ({"message": message} if message else {})
        self.say(json.dumps(said | {"response": answer}, separators=(",", ":")))

    def _do(self, command: str, told: dict[str, Any], answer: dict[str, Any]) -> None:
        simple: dict[str, Callable[[], dict[str, Any]]] = {
            "getVolt": lambda: {"v": self._applied_V()},
            "getCurr": lambda: {"i": self._current_uA()},
            "getRefVolt": lambda: {"r": -self._applied_V()},
            "getVoltRange": lambda: {"voltRange": self.volt_range},
            "getCurrRange": lambda: {"currRange": self.curr_range},
            "getDeviceId": lambda: {"deviceId": self._device_id},
            "getSamplePeriod": lambda: {"samplePeriod": self._period_ms},
            "getTestNames": lambda: {"testNames": list(TESTS)},
            "getVersion": lambda: {"version": "FW0.1.0"},
            "getVariant": lambda: {"variant": self._variant},
            "getHardwareVersion": lambda: {"version": "V0.2"},
            "getMuxEnabled": lambda: {"muxEnabled": False},
            "getElectAutoConnect": lambda: {"autoConnect": self.auto_connect},
            "getAllElectConnected": lambda: {"connected": all(self.connected.values())},
            "stopTest": self._stop,
        }
        settings: dict[str, tuple[str, Callable[[Any], None]]] = {
            "setVolt": ("v", self._set_volt),
            "setVoltRange": ("voltRange", partial(self._set_range, "volt_range", RANGES_V)),
            "setCurrRange": ("currRange", partial(self._set_range, "curr_range", self._ranges)),
            "setDeviceId": ("deviceId", partial(self._set_whole, "_device_id", 0, 2**31)),
            "setSamplePeriod": ("samplePeriod", partial(self._set_whole, "_period_ms", 1, 1000)),
            "setElectAutoConnect": ("autoConnect", self._set_auto),
            "setAllElectConnected": ("connected", partial(self._connect, tuple(self.connected))),
        }
        for name, key in CONNECTED.items():
            simple[f"get{name}ElectConnected"] = partial(self._is_connected, key)
            settings[f"set{name}ElectConnected"] = ("connected", partial(self._connect, (key,)))
        if command in simple:
            answer.update(simple[command]())
        elif command in settings:
            key, setter = settings[command]
            if key not in told:
                raise Refused(f"json does not contain key: {key}")
            setter(told[key])
            answer.update(simple[f"g{command[1:]}"]())
        elif command in ("runTest", "getParam", "setParam", "getTestDoneTime"):
            self._of_test(command, told, answer)
        else:
            raise Refused("command not found")

    def _of_test(self, command: str, told: dict[str, Any], answer: dict[str, Any]) -> None:
        name = str(told.get("test", ""))
        if name not in TESTS:
            raise Refused(f"test not found: {name}")
        answer["test"] = name
        params = self._params[name]
        if command == "setParam":
            asked = told.get("param")
            if not isinstance(asked, dict):
                raise Refused("json does not contain key: param")
            params.update({key: value for key, value in asked.items() if key in params})
        if command in ("setParam", "getParam"):
            answer["param"] = dict(params)
        elif command == "getTestDoneTime":
            answer["testDoneTime"] = round(1e3 * self._done_s(name))
        else:
            self._begin(name)

    # Settings ----------------------------------------------------------------------------------

    def _set_volt(self, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refused("unable to convert volt to float")
        most = RANGES_V[self.volt_range]
        self.volt = max(-most, min(most, float(value)))
        self._drive()

    def _set_range(self, name: str, known: dict[str, float], value: Any) -> None:
        if value not in known:
            raise Refused(f"unknown range: {value}")
        setattr(self, name, value)
        self._set_volt(self.volt)

    def _set_whole(self, name: str, low: int, high: int, value: Any) -> None:
        if not isinstance(value, int | float) or not low <= value <= high:
            raise Refused("value out of range")
        setattr(self, name, int(value))

    def _set_auto(self, value: Any) -> None:
        self.auto_connect = bool(value)

    def _connect(self, keys: tuple[str, ...], value: Any) -> None:
        for key in keys:
            self.connected[key] = bool(value)
        self._drive()

    def _is_connected(self, key: str) -> dict[str, Any]:
        return {"connected": self.connected[key]}

    def _applied_V(self) -> float:
        """What its converter can apply."""
        step = 2.0 * RANGES_V[self.volt_range] / 4095
        return round(round(self.volt / step) * step, 6)

    def _current_uA(self) -> float:
        self.now_s += self.takes_s
        return round(1e6 * self.electronics.measure(self.now_s, 5e-3).current_A, 6)

    def _drive(self) -> None:
        electronics = self.electronics
        range_A = self._ranges[self.curr_range]
        electronics.fix_current_range(range_A)
        if all(self.connected.values()):
            electronics.potentiostat(self._applied_V(), range_A, self.now_s)
        else:
            electronics.off(self.now_s)

    # Tests -------------------------------------------------------------------------------------

    def _begin(self, name: str) -> None:
        if self.auto_connect:
            self.connected = dict.fromkeys(self.connected, True)
        self._test = (name, self.now_s, 0)

    def _stop(self) -> dict[str, Any]:
        self._over()
        return {}

    def _over(self) -> None:
        self._test = None
        if self.auto_connect:
            self.connected = dict.fromkeys(self.connected, False)
        self.volt = 0.0
        self._drive()

    def _done_s(self, name: str) -> float:
        params = self._params[name]
        if name in ("cyclic", "sinusoid"):
            lasts = float(params["period"]) * float(params["numCycles"])
        elif name == "multiStep":
            lasts = sum(float(step[0]) for step in params["step"])
        else:
            lasts = float(params["duration"])
        return 1e-3 * (float(params["quietTime"]) + lasts)

    def _value(self, name: str, at_s: float) -> float:
        params = self._params[name]
        at_ms = 1e3 * at_s - float(params["quietTime"])
        if at_ms < 0:
            return float(params["quietValue"])
        if name == "constant":
            return float(params["value"])
        if name == "linearSweep":
            share = min(1.0, at_ms / max(float(params["duration"]), 1e-9))
            first, last = float(params["startValue"]), float(params["finalValue"])
            return first + (last - first) * share
        if name == "multiStep":
            for lasts_ms, value in params["step"]:
                if at_ms < lasts_ms:
                    return float(value)
                at_ms -= lasts_ms
            return float(params["step"][-1][1])
        amplitude, offset = float(params["amplitude"]), float(params["offset"])
        phase = (at_ms / float(params["period"]) + float(params["shift"])) % 1.0
        if name == "sinusoid":
            return offset + amplitude * math.sin(2 * math.pi * phase)
        rise = phase if phase < 0.5 else 1.0 - phase
        return 4.0 * amplitude * rise + offset - amplitude

    def passed(self) -> None:
        """Send the samples that are due."""
        until_s = self.now_s
        while self._test is not None:
            name, begun_s, sent = self._test
            at_s = 1e-3 * self._period_ms * sent
            if at_s > self._done_s(name) + 1e-9:
                self.say("{}")
                self._over()
                return
            if begun_s + at_s > until_s + 1e-12:
                return
            self._test = (name, begun_s, sent + 1)
            most = RANGES_V[self.volt_range]
            self.volt = max(-most, min(most, self._value(name, at_s)))
            self._drive()
            amps = self.electronics.measure(until_s, 1e-3).current_A
            sample = {"t": round(1e3 * at_s), "v": self._applied_V(), "i": round(1e6 * amps, 6)}
            self.say(json.dumps(sample, separators=(",", ":")))

    def next_event_s(self) -> float | None:
        """When it next has something to say."""
        event_s = super().next_event_s()
        if self._test is None:
            return event_s
        _, begun_s, sent = self._test
        due_s = max(self.now_s, begun_s + 1e-3 * self._period_ms * sent)
        return due_s if event_s is None else min(event_s, due_s)


def rodeostat_24ma(cell: CellModel, seed: int) -> Emulator:
    """A Rodeostat of 24 mA."""
    return Rodeostat("10V_24MilliAmpV0.2", cell, seed)


def rodeostat_10ma(cell: CellModel, seed: int) -> Emulator:
    """A Rodeostat of 10 mA."""
    return Rodeostat("10V_10MilliAmpV0.2", cell, seed)
