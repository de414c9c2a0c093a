"""Pumps and heaters to rest, whatever the runs do that hold them; beside the outputs.

Gas, stirring and contacts stay as they are: to stop them can do harm, and somebody is there. Where
a run holds a device it has been told to end already, and its host puts it to rest; then, or where
nobody holds it, its port is opened here.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from faradaic.diagnostics import FaradaicError
from faradaic.instruments.auxiliary_traits import AUXILIARIES, TRAITS, Trait
from faradaic.instruments.transports.addresses import SCHEMES, Setting, split_address
from faradaic.runner.bench_lock import holder_of, holders

if TYPE_CHECKING:
    from faradaic.runner.bench_file import Bench

ENDS = frozenset({Trait.PUMP, Trait.THERMOSTAT})
KEEP = tuple(kind.quantity for trait, kind in TRAITS.items() if kind.sets and trait not in ENDS)
LET_GO_S = 10.0
"""So long the host of a run that has been told to end may take to put its devices to rest."""


@dataclass(frozen=True, slots=True)
class DeviceAtWork:
    """A pump or a heater, and where it is."""

    bench: str
    address: str
    driver: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PutToRest:
    """What became of one."""

    bench: str
    address: str
    device: str
    at_rest: bool | None
    evidence: str


def devices_held(benches: Iterable[str] | None = None) -> Iterator[DeviceAtWork]:
    """Those that somebody holds on this machine, of some benches or of all."""
    wanted = None if benches is None else set(benches)
    for holder in holders():
        if holder.options and (wanted is None or holder.bench in wanted):
            with suppress(ValueError):
                options = json.loads(holder.options)
                if isinstance(options, dict) and _ends(holder.driver):
                    yield DeviceAtWork(holder.bench, holder.address, holder.driver, options)


def devices_of(bench: Bench) -> Iterator[DeviceAtWork]:
    """Those of a bench."""
    if bench.simulated:
        return
    for device in bench.devices.values():
        spec = device.spec
        if _ends(spec.driver):
            yield DeviceAtWork(bench.name, spec.address, spec.driver, spec.options)


def put_to_rest(devices: Sequence[DeviceAtWork]) -> list[PutToRest]:
    """Put them to rest side by side, so that none waits for another."""
    with ThreadPoolExecutor(max_workers=max(1, len(devices))) as pool:
        return list(pool.map(_put_to_rest, devices))


def _ends(driver: str) -> bool:
    with suppress(FaradaicError):
        return bool(ENDS & set(AUXILIARIES.load(driver).capabilities.traits))
    return False


def _put_to_rest(device: DeviceAtWork) -> PutToRest:
    end_s = time.monotonic() + LET_GO_S
    while (holder := holder_of(device.address)) is not None and time.monotonic() < end_s:
        time.sleep(0.1)
    at_rest: bool | None = None
    if holder is not None:
        evidence = f"it is held by {holder.words}"
    else:
        try:
            at_rest, evidence = _rest_from_here(device)
        except FaradaicError as error:
            evidence = error.diagnostics[0].message
        except Exception as error:  # noqa: BLE001 - one that fails stops no other
            evidence = f"{type(error).__name__}: {error}"
    return PutToRest(device.bench, device.address, device.driver, at_rest, evidence)


def _rest_from_here(device: DeviceAtWork) -> tuple[bool | None, str]:
    scheme_name, rest = split_address(device.address)
    scheme = SCHEMES.load(scheme_name)(Setting(cell=None))
    driver = AUXILIARIES.load(device.driver)(scheme.open(rest), **device.options)
    try:
        driver.connect(scheme.clock)
        state = driver.rest(KEEP)
    finally:
        driver.close()
    return state.at_rest, state.evidence
