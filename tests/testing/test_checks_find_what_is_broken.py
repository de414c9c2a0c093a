"""`faradaic.testing`: our own readers and drivers keep the promises, and a broken one is found."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.diagnostics import InputError
from faradaic.instruments.clock import Clock
from faradaic.instruments.palmsens.driver import EmStat4HR
from faradaic.instruments.readings import OutputState, Reading
from faradaic.instruments.segments import Segment
from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports import Transport
from faradaic.simulators.emulated_bench import EMULATORS
from faradaic.testing import check_driver, check_reader, damaged_copies

MAGIC = b"FRIEND"
FILE = {"cv.dat": MAGIC + bytes(range(40))}


class Good:
    """Files of the potentiostat that a friend built."""

    def sniff(self, head: bytes, path: Path) -> bool:
        return head.startswith(MAGIC)

    def parse(self, data: bytes, path: Path) -> Dataset:
        values = np.frombuffer(data[len(MAGIC) :], np.uint8).astype(float)
        return Dataset({"time_s": Column(values, "s", "t")})


class Undocumented(Good):
    __doc__ = None


class Greedy(Good):
    """Takes an empty file for its own."""

    def sniff(self, head: bytes, path: Path) -> bool:
        return head.startswith(MAGIC) or not head


class Blind(Good):
    """Does not recognise its file."""

    def sniff(self, head: bytes, path: Path) -> bool:
        return False


class Careless(Good):
    """Breaks on a file that was cut off."""

    def parse(self, data: bytes, path: Path) -> Dataset:
        assert data[45] is not None
        return super().parse(data, path)


class Nameless(Good):
    """Refuses without saying which file."""

    def parse(self, data: bytes, path: Path) -> Dataset:
        if len(data) < 46:
            raise InputError.of("it is cut off", code="E744")
        return super().parse(data, path)


class NotInSI(Good):
    """Leaves milliseconds as they are."""

    def parse(self, data: bytes, path: Path) -> Dataset:
        return Dataset({"time_ms": Column(np.zeros(3), "ms", "t")})


class Misnamed(Good):
    """A name without its unit."""

    def parse(self, data: bytes, path: Path) -> Dataset:
        return Dataset({"time": Column(np.zeros(3), "s", "t")})


class UnknownUnit(Good):
    """A unit that nobody knows, and no word of it."""

    def parse(self, data: bytes, path: Path) -> Dataset:
        return Dataset({"time": Column(np.zeros(3), "jiffies", "t")})


class Hungry(Good):
    """Takes a hundred times the memory."""

    def parse(self, data: bytes, path: Path) -> Dataset:
        assert bytearray(3_000_000)
        return super().parse(data, path)


def test_a_good_reader_passes() -> None:
    check_reader(Good(), FILE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reader", "broken"),
    [
        (Undocumented(), "says whose files it reads"),
        (Greedy(), "an empty cv.dat is taken"),
        (Blind(), "not recognised by its content"),
        (Careless(), r"cut at byte \d+: IndexError"),
        (Nameless(), "does not name the file"),
        (NotInSI(), "not in SI"),
        (Misnamed(), "a name ends with its unit, _s"),
        (UnknownUnit(), "the unit 'jiffies' is not known, and no warning"),
        (Hungry(), "bytes of memory"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Good) else "",
)
def test_a_reader_that_breaks_a_promise_is_found(reader: Any, broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_reader(reader, FILE)


def test_a_short_file_is_cut_at_every_byte_and_damaged_the_same_way_each_time() -> None:
    whole = FILE["cv.dat"]
    copies = dict(damaged_copies(whole))
    assert all(whole[:n] in copies.values() for n in range(len(whole)))
    assert copies == dict(damaged_copies(whole))


# Drivers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRIVERS.names())
def test_our_drivers_keep_the_promises(name: str) -> None:
    check_driver(DRIVERS.load(name), EMULATORS.load(name))


class WritesAtOnce(EmStat4HR):
    """Asks who is there when it is made."""

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        transport.write(b"t\n")


class LeavesItOn(EmStat4HR):
    """Says that the output is off."""

    def output_off(self, clock: Clock) -> OutputState:
        return OutputState(False, "hoped so")


class Deaf(EmStat4HR):
    """Does not stop."""

    def stop(self) -> None:
        pass


class Exaggerated(EmStat4HR):
    """Reports a twentieth more current."""

    def run(self, segment: Segment, clock: Clock) -> Generator[Reading, None, Any]:
        stream = super().run(segment, clock)
        while True:
            try:
                reading = next(stream)
            except StopIteration as end:
                return end.value
            current_A = reading.current_A
            yield reading._replace(current_A=None if current_A is None else 1.05 * current_A)


@pytest.mark.parametrize(
    ("driver", "broken"),
    [
        (WritesAtOnce, "before it is connected"),
        (LeavesItOn, "the output is said to be False on a cable that is mute|current flows on"),
        (Deaf, "a stopped stream ended with duration"),
        (Exaggerated, "C measured, .* C passed"),
    ],
)
def test_a_driver_that_breaks_a_promise_is_found(driver: type[EmStat4HR], broken: str) -> None:
    with pytest.raises(AssertionError, match=broken):
        check_driver(driver, EMULATORS.load("emstat4-hr"))
