"""Outputs off, whatever the runs do that hold them: ask, then take the port, then look.

For each bench: the run that holds it is asked over its channel. If it doesn't take the request
within half a second, or does not act, the process that has the port is told to end (SIGTERM, on
which it turns the output off), and after a second ended (SIGKILL). Then the port is opened here,
which turns the output off and reads it back. The run is told to stop as well (SIGTERM). No other
processes are touched than those recorded in the lock that have it open.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from faradaic.diagnostics import FaradaicError, InputError
from faradaic.input_files import read_file
from faradaic.instruments.traits import DRIVERS, SourceFactory
from faradaic.instruments.transports.addresses import SCHEMES, Setting, split_address
from faradaic.instruments.transports.held import held_by
from faradaic.records.plate_folder import is_plate
from faradaic.runner.bench_lock import Holder, has_it_open, holder_of, holders
from faradaic.runner.bench_ports import BenchPorts
from faradaic.runner.live_runs import (
    Conversation,
    LiveRun,
    find_live_run,
    is_plate_run,
    live_runs,
    wells_of,
)

LEFT_ALONE_S = 7.0
"""A device host without a program tries at least every 5 s, and opens a port meanwhile."""

TAKEN_WITHIN_S = 0.5
ACTED_WITHIN_S = 2.0
"""After a request was taken: a reading, a second at most, and one command to the instrument."""
ENDS_WITHIN_S = 1.0
"""After SIGTERM, before SIGKILL; and after that, before the port is tried all the same."""
TRIES = 3
"""A port may be free a little later than its process is gone."""


if TYPE_CHECKING:
    from faradaic.runner.bench_file import Bench
    from faradaic.runner.devices_to_rest import DeviceAtWork


@dataclass(frozen=True, slots=True)
class Place:
    """One output: where it is, and what is known of it before it is asked."""

    bench: str
    address: str
    driver: str
    """Empty where the address alone is given: every driver is tried."""
    run: LiveRun | None = None
    """The run that drives it, where it can be spoken to."""


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """What became of one output."""

    bench: str
    address: str
    run: str
    on: bool | None
    """As it was read back; None when it could not be."""
    evidence: str
    done: tuple[str, ...]
    """What was done, in order."""


def places_of_bench(name: str) -> list[Place]:
    """A bench by name or file, each of its channels. Raises `InputError`."""
    from faradaic.runner.bench_file import load_bench  # not when a run has to be off at once

    running = live_runs()
    return [_driven(place, running) for place in _each(load_bench(name))]


def devices_of_bench(name: str) -> list[DeviceAtWork]:
    """The pumps and heaters of a bench by name or file. Raises `InputError`."""
    from faradaic.runner.bench_file import load_bench
    from faradaic.runner.devices_to_rest import devices_of

    return list(devices_of(load_bench(name)))


def place_of_address(address: str) -> Place:
    """An address without a bench file. Raises `InputError`."""
    split_address(address)
    for place in known_places():
        if held_by(place.address) == held_by(address):
            return place
    return Place(address, address, "")


def places_of_run(token: str) -> list[Place]:
    """What a run drives, or drove: it may have died with its output on. Of a plate, what its wells
    do, and itself, so that it begins no other. Raises `InputError`."""
    try:
        run = find_live_run(token)
    except InputError:
        folders = _benches_of(token)
        if not folders:
            raise
        found = {one.address: one for path in folders for one in places_of_bench(str(path))}
        return list(found.values())
    if is_plate_run(run):
        return [Place(run.bench, run.address, "", run), *map(_driven_by, wells_of(run))]
    return [_driven_by(run)]


def _driven_by(run: LiveRun) -> Place:
    holder = holder_of(run.address)
    return Place(run.bench, run.address, holder.driver if holder is not None else "", run)


def _benches_of(token: str) -> list[Path]:
    """The bench files of runs that are not under way: of a run, or of the wells of a plate."""
    for folder in (Path(token), Path("runs") / token):
        if is_plate(folder) or (folder / "protocol.yaml").is_file():
            found = sorted(folder.rglob("bench.yaml"))
            return [path for path in found if not is_plate(path.parent)] or found
    return []


def places_in_use() -> list[Place]:
    """Every run under way of this user, and every bench that is held on this machine."""
    running = live_runs()
    held = [Place(h.bench, h.address, h.driver) for h in holders() if not h.options]
    found = [_driven(place, running) for place in held]
    others = [run for run in running if run not in [place.run for place in found]]
    return [*found, *(Place(run.bench, run.address, "", run) for run in others)]


def known_places() -> list[Place]:
    """Those in use, and the benches that this user keeps."""
    from faradaic.runner.bench_file import load_bench, user_benches

    found = places_in_use()
    for name in user_benches():
        try:
            places = [(place, held_by(place.address)) for place in _each(load_bench(name))]
        except InputError:
            continue
        known = [held_by(one.address) for one in found]
        found += [place for place, held in places if held not in known]
    return found


def switch_off(places: Sequence[Place]) -> list[SwitchedOff]:
    """Turn outputs off side by side, so that none waits for another."""
    with ThreadPoolExecutor(max_workers=max(1, len(places))) as pool:
        return list(pool.map(_switch_off, places))


def _switch_off(place: Place) -> SwitchedOff:
    """Turn an output off and read it back; what goes wrong is in the evidence."""
    done: list[str] = []
    on, evidence = None, ""
    try:
        if place.run is not None:
            on, evidence = _asked(place.run, done)
            if is_plate_run(place.run):  # it has no output but those of its wells
                return SwitchedOff(
                    place.bench, place.address, place.run.name, on, evidence, tuple(done)
                )
        inside = SCHEMES.load(split_address(place.address)[0]).simulated
        if on is not False and not (inside and place.run is not None):
            holder = holder_of(place.address)
            if holder is not None and holder.is_left_alone and not _let_go(place.address):
                # It does what would be done from here, and goes on for longer.
                evidence = f"its device host (process {holder.host_pid}) tries, and has not yet"
                done.append("it was left to that process, which goes on")
            else:
                if holder is not None and not holder.is_left_alone:
                    _end_owner(holder, place.address, done)
                on, evidence = _from_here(place)
                done.append("the port was opened from here")
    except FaradaicError as error:
        on, evidence = None, error.diagnostics[0].message
    except Exception as error:  # noqa: BLE001 - one that fails stops no other
        on, evidence = None, f"{type(error).__name__}: {error}"
    run = place.run.name if place.run is not None else ""
    return SwitchedOff(place.bench, place.address, run, on, evidence, tuple(done))


def _let_go(address: str) -> bool:
    """Whether a device host that was left alone has done its work and let the port go."""
    end_s = time.monotonic() + LEFT_ALONE_S
    while (held := holder_of(address) is not None) and time.monotonic() < end_s:
        time.sleep(0.05)
    return not held


def _each(bench: Bench) -> list[Place]:
    """The output of each of its channels."""
    channels = [bench.channel(number) for number in range(1, bench.channels + 1)]
    return [Place(one.name, one.address, one.file.source.driver) for one in channels]


def _driven(place: Place, running: list[LiveRun]) -> Place:
    """A place with the run that holds it, if that is this user's."""
    holder = holder_of(place.address)
    if holder is None:
        return place
    run = next((run for run in running if run.name == holder.run), None)
    return Place(place.bench, place.address, place.driver or holder.driver, run)


def _asked(run: LiveRun, done: list[str]) -> tuple[bool | None, str]:
    """What the run says that its output read back; None where it doesn't say, or is over."""
    try:
        answer = Conversation(run, {"ask": "off"}, TAKEN_WITHIN_S).last_word(ACTED_WITHIN_S)
    except FaradaicError as error:
        done.append(what := error.diagnostics[0].message)
        return None, what
    output = answer.get("output") or {"on": None, "evidence": str(answer.get("text"))}
    done.append("the run was asked, and acted")
    return output["on"], str(output["evidence"])


def _end_owner(holder: Holder, address: str, done: list[str]) -> None:
    """End the process that has the port, by the number in the lock, while the lock is held."""
    pid = holder.owner_pid
    if pid <= 0 or pid == os.getpid() or not has_it_open(pid, address):
        done.append("the process that holds the port is not known, or not yours")
        return
    if holder.host_pid and sys.platform != "win32" and has_it_open(holder.pid, address):
        # a run whose device host ends goes on with another: it is to stop as well
        with contextlib.suppress(OSError):
            os.kill(holder.pid, signal.SIGTERM)
            done.append(f"SIGTERM to process {holder.pid}, the run")
    names = ("SIGTERM",) if sys.platform == "win32" else ("SIGTERM", "SIGKILL")
    for name in names:
        if holder_of(address) is None or not is_alive(pid):
            return
        try:
            os.kill(pid, getattr(signal, name))
        except ProcessLookupError:
            return
        except OSError as error:
            done.append(f"process {pid} of {holder.user} cannot be ended: {error.strerror}")
            return
        done.append(f"{name} to process {pid}, which had the port")
        end_s = time.monotonic() + ENDS_WITHIN_S
        while is_alive(pid) and time.monotonic() < end_s:
            time.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has looked after does not."""
    if sys.platform == "win32":
        return True  # os.kill would send it a Ctrl+C
    try:
        os.kill(pid, 0)
        state = read_file(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:
        return True  # somebody else's, or a system without /proc
    return state != b"Z"


def _from_here(place: Place) -> tuple[bool | None, str]:
    """Connect, which leaves the output off, and read it back."""
    evidence = "no driver knows what answers there"
    silent: set[str] = set()
    """Makers in whose language nothing answered."""
    for name, driver in _drivers(place):
        for attempt in range(TRIES if driver.capabilities.manufacturer not in silent else 0):
            time.sleep(0.3 * bool(attempt))
            try:
                on, evidence = _connected(driver, place.address)
            except FaradaicError as error:
                first = error.diagnostics[0]
                evidence = first.message if place.driver else f"as {name}: {first.message}"
                if first.code == "E501":
                    silent.add(driver.capabilities.manufacturer)
                if first.code != "E502":  # else nobody lets us in, or not yet
                    break
            else:
                return on, evidence
    return None, evidence


def _drivers(place: Place) -> Iterator[tuple[str, SourceFactory]]:
    if place.driver:
        yield place.driver, DRIVERS.load(place.driver)
    else:
        yield from DRIVERS.each()


def _connected(driver: SourceFactory, address: str) -> tuple[bool | None, str]:
    scheme, rest = split_address(address)
    ports = BenchPorts(driver, SCHEMES.load(scheme)(Setting(cell=None)), rest)
    try:
        ports.open(turn_off=True)
        state = ports.output_off()
    finally:
        ports.close()
    return state.on, state.evidence
