"""One program on a machine has a bench: a lock of the system, beside words on who holds it.

The lock lies on a file in a folder that all users share, named after what is held, not after the
bench: two bench files may name one instrument. It ends with its process, however that ends; the
words in the file outlive it and count for nothing without it. A run takes it, and the process that
has the port inherits it, so that it lasts until both are over.

On Windows the lock is one byte beyond the words, so that others can read them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from faradaic.diagnostics import DeviceError
from faradaic.instruments.transports.held import held_by
from faradaic.runner.shared_folders import bench_locks, program_name, user_name

if TYPE_CHECKING:
    from faradaic.instruments.polarity_bridge import BridgeSpec
    from faradaic.runner.bench_file import Bench
    from faradaic.runner.device_lines import DeviceSpec

ASKED_AGAIN_S = 0.3
"""So long a lock is tried for: whoever asks whether it is held takes it for an instant."""
WORDS_MAX_BYTES = 16_384


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a bench."""

    held: str
    """What is held, as `held_by` names it."""
    address: str
    bench: str
    driver: str
    pid: int
    user: str
    program: str
    since_utc: str
    """ISO 8601."""
    run: str = ""
    """The run's name; empty before it has one."""
    folder: str = ""
    host_pid: int = 0
    """The process that has the port, where the run has one for that; it keeps the lock too."""
    options: str = ""
    """Of a device around the cell, as JSON; empty for a source."""

    @property
    def owner_pid(self) -> int:
        """Get the process that has the port; 0 where nobody said."""
        return self.host_pid or self.pid

    @property
    def words(self) -> str:
        """Who it is, in words: "run 2026-… of ana since 14:02 (faradaic run, process 4711)"."""
        what = f"run {self.run}" if self.run else "a program"
        try:
            since = datetime.fromisoformat(self.since_utc).astimezone()
        except ValueError:
            since_words = "an unknown time"
        else:
            today = since.date() == datetime.now().astimezone().date()
            since_words = f"{since:%H:%M:%S}" if today else f"{since:%Y-%m-%d %H:%M}"
        return f"{what} of {self.user} since {since_words} ({self.program}, process {self.pid})"

    @property
    def is_left_alone(self) -> bool:
        """Get whether its run is gone and its device host still tries to turn the output off."""
        return 0 < self.host_pid != self.pid and not has_it_open(self.pid, self.address)

    @property
    def remedy(self) -> str:
        """What to type about it."""
        if self.is_left_alone:
            return (
                f"that run is over, and its device host (process {self.host_pid}) tries to turn the"
                " output off: bring the connection back, and `faradaic off` says when it is"
            )
        if not self.run:
            return "wait until it has ended; `faradaic devices` says who holds a bench"
        return (
            f"wait until it has ended; `faradaic runs --live` shows it, `faradaic stop {self.run}`"
            " stops it"
        )


class BenchLock:
    """The lock on what an address holds, from `take` or `with` until `release`."""

    def __init__(
        self,
        address: str,
        *,
        bench: str,
        driver: str,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """`options` of a device around the cell, for whoever has to put it to rest."""
        self._holder = Holder(
            held=held_by(address),
            address=address,
            bench=bench,
            driver=driver,
            pid=os.getpid(),
            user=user_name(),
            program=program_name(),
            since_utc=datetime.now(UTC).isoformat(timespec="seconds"),
            options="" if options is None else json.dumps(dict(options)),
        )
        self._file: int | None = None

    def take(self) -> None:
        """Take the lock. Raises `DeviceError`: E522 where it is held, E523 where it cannot be."""
        try:
            path = _path(self._holder.held)
            file = _open(path)
        except OSError as error:
            raise _cannot(error) from None
        try:
            end_s = time.monotonic() + ASKED_AGAIN_S
            while not _try_lock(file):
                if time.monotonic() > end_s:
                    raise _refused(self._holder.bench, _words(file))
                time.sleep(0.02)
            self._file = file
            self._write()
        except BaseException as error:
            self._file = None
            os.close(file)
            if isinstance(error, OSError):
                raise _cannot(error) from None
            raise

    @property
    def files(self) -> tuple[int, ...]:
        """Get what a process must inherit to hold it as well, until both are over (POSIX)."""
        return () if self._file is None or os.name == "nt" else (self._file,)

    def tell(self, *, run: str, folder: Path, host_pid: int = 0) -> None:
        """Say which run holds it, once that has a name."""
        self._holder = replace(self._holder, run=run, folder=str(folder), host_pid=host_pid)
        with contextlib.suppress(OSError):  # the lock itself stands
            self._write()

    def release(self) -> None:
        """Give the lock back; twice does no harm. The words stay, for who holds it still."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _write(self) -> None:
        assert self._file is not None
        data = json.dumps(asdict(self._holder), ensure_ascii=False).encode() + b"\n"
        os.lseek(self._file, 0, os.SEEK_SET)
        os.write(self._file, data)
        os.ftruncate(self._file, len(data))


class BenchLocks:
    """The locks on all ports of a bench, that of the source first: all of them or none."""

    def __init__(self, bench: Bench) -> None:
        driver = bench.file.source.driver
        self.source = BenchLock(bench.address, bench=bench.name, driver=driver)
        ports = {held_by(bench.address): self.source}
        specs: list[DeviceSpec | BridgeSpec] = [one.spec for one in bench.devices.values()]
        if bench.bridge is not None:
            specs.append(bench.bridge)
        for spec in specs:
            lock = BenchLock(
                spec.address, bench=bench.name, driver=spec.driver, options=spec.options
            )
            ports.setdefault(held_by(spec.address), lock)
        self._all = tuple(ports.values())

    @property
    def files(self) -> tuple[int, ...]:
        """Get what a process must inherit to hold them as well (POSIX)."""
        return tuple(file for lock in self._all for file in lock.files)

    def tell(self, *, run: str, folder: Path, host_pid: int = 0) -> None:
        """Say which run holds them, once that has a name."""
        for lock in self._all:
            lock.tell(run=run, folder=folder, host_pid=host_pid)

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as taken:
            for lock in self._all:
                taken.enter_context(lock)
            self._taken = taken.pop_all()
        return self

    def __exit__(self, *why: object) -> None:
        self._taken.close()


def lock_on(bench: Bench) -> contextlib.AbstractContextManager[BenchLocks | None]:
    """The locks on a bench; none on a simulated one, which each program has for itself."""
    return contextlib.nullcontext() if bench.simulated else BenchLocks(bench)


def refuse_held(bench: Bench) -> None:
    """Raise `DeviceError` (E522) where somebody holds a bench, before anybody is asked about it."""
    if bench.simulated:
        return
    for address in (bench.address, *(one.spec.address for one in bench.devices.values())):
        if (holder := holder_of(address)) is not None:
            raise _refused(bench.name, holder)


def holder_of(address: str) -> Holder | None:
    """Who holds what an address leads to; None where nobody does."""
    with contextlib.suppress(OSError):
        return _held(_path(held_by(address)))
    return None


def has_it_open(pid: int, address: str) -> bool:
    """Whether a process has the lock's file open, as far as the system tells.

    The words in it can be written by everybody, so that they alone say nothing of a process.
    """
    if not sys.platform.startswith("linux"):
        return True
    with contextlib.suppress(OSError):
        path = str(_path(held_by(address)).resolve())
        return any(str(Path(fd).readlink()) == path for fd in Path(f"/proc/{pid}/fd").iterdir())
    return False


def holders() -> list[Holder]:
    """Everybody who holds a bench on this machine."""
    try:
        paths = sorted(bench_locks().glob("*.lock"))
    except OSError:
        return []
    return [holder for path in paths if (holder := _held(path)) is not None]


def _held(path: Path) -> Holder | None:
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        return None if _try_lock(file, shared=True) else _words(file)
    finally:
        os.close(file)


def _words(file: int) -> Holder:
    """What the holder wrote; what it did not write, or somebody else did, is `unknown`."""
    told: Mapping[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        os.lseek(file, 0, os.SEEK_SET)
        read = json.loads(os.read(file, WORDS_MAX_BYTES))
        told = read if isinstance(read, dict) else {}
    values: dict[str, Any] = {}
    for field in fields(Holder):
        value = told.get(field.name)
        if field.name.endswith("pid"):
            values[field.name] = value if isinstance(value, int) and value > 0 else 0
        else:
            known = isinstance(value, str) and len(value) <= 4096
            empty = field.name in ("run", "options")
            values[field.name] = value if known else "" if empty else "unknown"
    return Holder(**values)


def _refused(bench: str, by: Holder) -> DeviceError:
    other = f", there as `{by.bench}`," if by.bench != bench else ""
    return DeviceError.of(
        f"bench `{bench}` ({by.held}){other} is held by {by.words}",
        help=by.remedy,
        code="E522",
    )


def _cannot(error: OSError) -> DeviceError:
    return DeviceError.of(
        f"the lock that keeps other programs from the bench cannot be taken: {error}",
        help="set FARADAIC_SHARED to a folder in which every user of this machine may write",
        code="E523",
    )


def _path(held: str) -> Path:
    digest = hashlib.sha256(held.encode()).hexdigest()[:12]
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", held).strip("-")[:60]
    return bench_locks() / f"{slug}-{digest}.lock"


def _open(path: Path) -> int:
    """The file, made for everybody to lock and to write where it is not there."""
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0)
    for _ in range(2):
        # without O_CREAT first: in a folder of all, the system refuses it on others' files
        with contextlib.suppress(FileNotFoundError):
            return os.open(path, flags)
        with contextlib.suppress(FileExistsError):
            file = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666)
            with contextlib.suppress(OSError):
                path.chmod(0o666)  # os.open heeds the umask
            return file
    raise FileNotFoundError(f"{path} comes and goes")


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: int, *, shared: bool = False) -> bool:
        os.lseek(file, 1 << 30, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        if shared:
            msvcrt.locking(file, msvcrt.LK_UNLCK, 1)
        return True

else:
    import fcntl

    def _try_lock(file: int, *, shared: bool = False) -> bool:
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
