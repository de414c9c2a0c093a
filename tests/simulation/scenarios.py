"""What a seed makes of a run: bench, protocol, faults of the wire, deaths, people, the disk."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

BENCHES = ("keithley-2450", "emstat4-hr")

PROTOCOLS = {
    "time": "- constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 12 s}",
    "charge": "- constant_current: {current: 8 mA, cell_voltage_limit: 5 V, until: 0.1 C}",
    "coarse": "- constant_current: {current: 2 mA, cell_voltage_limit: 5 V, until: 25 s,"
    " interval: 5 s}",
    "quick": "- constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 4 s,"
    " interval: 100 ms}",
    "rests": """\
- open_circuit: {duration: 3 s}
  - constant_current: {current: 5 mA, cell_voltage_limit: 5 V, until: 6 s}
  - open_circuit: {duration: 3 s}
  - constant_current: {current: 3 mA, cell_voltage_limit: 5 V, until: 5 s}""",
    "rounds": """\
- repeat:
      count: 3
      steps:
        - constant_current: {current: 4 mA, cell_voltage_limit: 5 V, until: 4 s}
        - open_circuit: {duration: 1 s}""",
    "voltage": "- constant_cell_voltage: {cell_voltage: 2 V, current_limit: 20 mA, until: 12 s}",
    "pause": "- constant_current: {current: 5 mA, cell_voltage_limit: 5 V,"
    " until: [{time: 4 s, then: pause}, {time: 9 s}]}",
    "kept": "- constant_current: {current: 5 mA, cell_voltage_limit: 5 V,"
    " until: [{time: 4 s, then: pause}, {time: 9 s}],"
    " on_pause: {output: keep_current, at_most: 3 s}}",
    "interrupts": "- current_interrupt: {current: 5 mA, cell_voltage_limit: 5 V, width: 50 ms,"
    " every: 2 s, until: 9 s}",
    "reversed": "- alternating_polarity: {current: 5 mA, half_period: 500 ms,"
    " cell_voltage_limit: 5 V, until: 0.06 C}",
    "uneven": "- alternating_polarity: {current: 5 mA, half_period: 2 s, duty: 75 %,"
    " start: reverse, cell_voltage_limit: 5 V, until: [{time: 5 s, then: pause}, {time: 11 s}]}",
    "pulsed": "- pulsed: {on: {current: 6 mA, time: 700 ms}, off: {open_circuit: true,"
    " time: 300 ms}, cell_voltage_limit: 5 V, until: 10 s}",
    "ramp": "- ramp: {current: {from: -2 mA, to: 8 mA, rate: 1 mA/s}, cell_voltage_limit: 5 V}",
    "voltages": "- alternating_polarity: {cell_voltage: 2 V, half_period: 1 s,"
    " current_limit: 20 mA, until: 10 s}",
}
"""Steps of protocols that run on every bench."""

POTENTIOSTAT = {
    "spectrum": "- impedance: {from: 1 kHz, to: 5 Hz, amplitude_voltage: 10 mV,"
    " points_per_decade: 6, bias_voltage: 1 V, settle: 2 s, current_limit: 50 mA}",
    "sines of current": "- impedance: {from: 1 kHz, to: 5 Hz, amplitude_current: 100 uA,"
    " points_per_decade: 6, bias_current: 3 mA, cell_voltage_limit: 4 V}",
    "square": "- square_wave_voltammetry: {vs: reference, from: 0 V, to: 1 V, step: 20 mV,"
    " amplitude: 25 mV, frequency: 5 Hz, current_limit: 50 mA}",
    "pulses": "- differential_pulse_voltammetry: {vs: reference, from: 0 V, to: 1 V, step: 20 mV,"
    " pulse: 50 mV, pulse_time: 50 ms, rate: 100 mV/s, current_limit: 50 mA}",
}
"""Those that take a potentiostat."""

ON_BOARD = {
    "rapid": "- alternating_polarity: {current: 8 mA, frequency: 10 Hz, cell_voltage_limit: 5 V,"
    " until: 0.08 C}",
    "milliseconds": "- pulsed: {on: {current: 8 mA, time: 20 ms}, off: {current: -4 mA,"
    " time: 10 ms}, cell_voltage_limit: 5 V, until: 8 s}",
}
"""Of those whose instrument times levels by itself."""

FOLLOWS = ("voltage", "voltages", "pause", "uneven", "ramp", "kept", *POTENTIOSTAT)
"""Protocols that may come to another charge than was expected of them."""

DEVICES = {"plate": "ika-rct", "gas": "alicat-mc", "pump": "new-era"}
"""Around the cell of every other run, which are set first: an interlock wants stirring."""

LOST = "lost"
WIRE = ("drop", "truncate", "duplicate", "garble", "delay", LOST)
"""What may become of a line of the instrument, and, lost, of one to it; none of these turns one
digit into another."""

ALL_OF_IT = 3_000_000.0
"""Room that comes back when the reserve of a journal is given up, where nobody else takes it."""

REQUESTS = ("PAUSE", "STOP", "OFF", "SKIP")


@dataclass(frozen=True)
class Mishap:
    """Something that goes wrong or is asked for, once."""

    what: str
    at: float
    """Seconds since the run began, or the number of the call, by `what`."""
    value: float = 0.0
    """Seconds that it lasts, a share, or nothing."""
    kind: str = ""


@dataclass(frozen=True)
class Scenario:
    """Everything that a run depends on."""

    seed: int
    bench: str
    protocol: str
    resistance_ohm: float
    film_ohm_per_C: float
    mishaps: tuple[Mishap, ...]
    devices: bool = False
    """Whether devices stand around the cell."""

    @property
    def deaths(self) -> set[str]:
        """What of the programs dies."""
        return {one.what for one in self.mishaps if one.what.endswith("_dies")}

    def without(self, numbers: set[int]) -> Scenario:
        """The same without some of its mishaps."""
        kept = tuple(one for n, one in enumerate(self.mishaps) if n not in numbers)
        return replace(self, mishaps=kept)


def drawn(seed: int) -> Scenario:
    """The scenario of a seed."""
    chance, around = random.Random(seed), random.Random(seed + 3)
    disk = _mishaps_of_disks(random.Random(seed + 5))
    bench = chance.choice(BENCHES)
    more = (*POTENTIOSTAT, *ON_BOARD) if bench == "emstat4-hr" else ()
    return Scenario(
        seed,
        bench,
        chance.choice((*PROTOCOLS, *more)),
        resistance_ohm=chance.choice((100.0, 300.0, 500.0)),
        film_ohm_per_C=chance.choice((0.0, 0.0, 0.0, 3e3, 2e4)),
        mishaps=(*_mishaps(chance), *_mishaps_of_devices(around), *disk),
        devices=bool(seed % 2),
    )


def _mishaps_of_devices(chance: random.Random) -> Iterator[Mishap]:
    for _ in range(chance.choice((0, 0, 1, 2))):
        length_s = chance.choice((0.5, 1.5, 4.0, 30.0, 300.0))
        kind = chance.choice(tuple(DEVICES))
        yield Mishap("device_mute", chance.uniform(0.0, 25.0), length_s, kind)
    if chance.random() < 0.6:
        yield Mishap("stall", chance.uniform(0.0, 12.0), chance.choice((0.3, 4.0, 300.0)))


def _mishaps_of_disks(chance: random.Random) -> Iterator[Mishap]:
    """What a seed makes of the disk, call by call."""
    if chance.random() < 0.2:
        left = chance.choice((ALL_OF_IT, ALL_OF_IT, 700.0, 0.0))
        yield Mishap("no_space", chance.uniform(50.0, 12_000.0), left)
    if chance.random() < 0.3:
        yield Mishap("short_writes", 0.0)
    if chance.random() < 0.08:
        yield Mishap("sync_fails", chance.uniform(0.0, 12_000.0))
    if chance.random() < 0.5:
        yield Mishap("torn", 0.0, chance.random())


def _mishaps(chance: random.Random) -> Iterator[Mishap]:
    for _ in range(chance.choice((0, 0, 1, 1, 2))):
        length_s = chance.choice((0.05, 1.0, 3.0, 4.0, 8.0, 30.0))
        yield Mishap("cut", chance.uniform(0.0, 20.0), length_s)
    for _ in range(chance.choice((0, 0, 1, 2))):
        length_s = chance.choice((0.5, 3.0, 15.0))
        kind = chance.choice(WIRE)
        yield Mishap("wire", chance.uniform(0.0, 15.0), length_s, kind)
    for _ in range(chance.choice((0, 0, 1))):
        yield Mishap("freeze", chance.randrange(1, 200), chance.choice((0.5, 1.5, 3.0, 20.0)))
    for _ in range(chance.choice((0, 0, 1, 2))):
        yield Mishap("asked", chance.randrange(1, 200), kind=chance.choice(REQUESTS))
    if chance.random() < 0.1:
        yield Mishap("interrupt", chance.randrange(1, 200))
    if chance.random() < 0.15:
        yield Mishap("disk_full", chance.randrange(1, 60))
    death = chance.random()
    if death < 0.2:
        yield Mishap("program_dies", chance.randrange(1, 250))
    elif death < 0.4:
        yield Mishap("program_dies_waiting", chance.randrange(1, 300))
    elif death < 0.5:
        yield Mishap("host_dies", chance.randrange(1, 300))
    elif death < 0.6:
        yield Mishap("computer_dies", chance.randrange(1, 300))
    yield Mishap("unsynced_lost", 0.0, chance.random())
