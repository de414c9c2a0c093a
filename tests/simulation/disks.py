"""Disks that fail by system call: full at a byte, taking less than they are given, not syncing.

Places are bytes of the journal, so that a seed means the same however its records are batched.
"""

from __future__ import annotations

import errno
import random
import threading
from pathlib import Path

from faradaic.records.disk import SystemCalls

from .scenarios import ALL_OF_IT, Mishap, Scenario

SECTOR = 512
"""What a disk writes whole, or not at all."""
WAITED_S = 20.0


class DrawnDisk(SystemCalls):
    """The system calls of one journal, as its scenario has them."""

    def __init__(self, scenario: Scenario) -> None:
        found = {one.what: one for one in scenario.mishaps}
        self._full: Mishap | None = found.get("no_space")
        self._fails: Mishap | None = found.get("sync_fails")
        self._short = "short_writes" in found
        self._fails_somehow = self._short or bool(self._full or self._fails)
        self._chance = random.Random(scenario.seed + 11)
        self._room = float("inf") if self._full is None else float(int(self._full.at))
        self._bytes = 0
        self._lines = 0
        self._more = threading.Condition()

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """As much as there is room for, and at times less. Raises `OSError` where there is none."""
        most = len(data)
        if self._bytes + most > self._room:
            most = int(self._room - self._bytes)
            if most <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
        if self._short and most > 1:
            most = self._chance.randint(1, most)
        done = super().write(fd, data[:most])
        with self._more:
            self._bytes += done
            self._lines += bytes(data[:done]).count(b"\n")
            self._more.notify_all()
        return done

    def sync(self, fd: int) -> None:
        """Once it fails it has lost what it was to write."""
        if self._fails is not None and self._bytes >= self._fails.at:
            raise OSError(errno.EIO, "Input/output error")
        super().sync(fd)

    def unlink(self, path: Path) -> None:
        """What the reserve had occupied is free again, or somebody else was quicker."""
        super().unlink(path)
        if self._full is not None and self._bytes >= self._room:
            self._room += self._full.value

    def wait_for(self, lines: int, dead: threading.Thread) -> None:
        """Until so many records are in the file, or nobody writes any more, so that a failure is
        met at the same record each time."""
        if not self._fails_somehow:
            return
        with self._more:
            for _ in range(int(WAITED_S / 0.01)):
                if self._lines >= lines or not dead.is_alive():
                    return
                self._more.wait(0.01)
        raise TimeoutError(f"{self._lines} of {lines} records after {WAITED_S:g} s")


def can_end_without_its_end(scenario: Scenario) -> bool:
    """Whether nothing can be put on this disk any more, not even how the run ended."""
    return any(
        one.what in ("disk_full", "sync_fails")
        or (one.what == "no_space" and one.value < ALL_OF_IT)
        for one in scenario.mishaps
    )


def torn(data: bytes, from_byte: int, scenario: Scenario) -> bytes:
    """What is left of a file whose bytes from there on were not synced: its length may have come to
    the disk before its sectors, each of which is there, or zeros, or what stood there before."""
    mishap = next((one for one in scenario.mishaps if one.what == "torn"), None)
    if mishap is None:
        return data
    chance = random.Random(f"{scenario.seed} {mishap.value}")
    left = bytearray(data)
    at = from_byte
    while at < len(data):
        end = min(len(data), (at // SECTOR + 1) * SECTOR)
        what = chance.choice(("there", "there", "zeros", "before"))
        if what == "zeros":
            left[at:end] = bytes(end - at)
        elif what == "before":
            left[at:end] = chance.randbytes(end - at)
        at = end
    return bytes(left)
