"""Runs under way of one user on this machine: where each can be spoken to, and how.

A run's process keeps one file in a folder that only its user can open, with the socket at which it
listens (`control_channel`). A file whose process is not at its socket counts for nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from faradaic.diagnostics import DeviceError, InputError, refusal
from faradaic.input_files import read_file
from faradaic.records.plate_folder import PLATE_JOURNAL, PlateFolder
from faradaic.runner.shared_folders import own_runs, program_name, user_name

POINTER_NAME = "control.json"
"""In the run folder: which of the files it is."""
LINE_MAX_BYTES = 256 * 1024
ANSWERS_WITHIN_S = 2.0
"""A run that lives takes a request within this; its thread does nothing else."""
_MINIMUM = 3
"""Letters of a name's part behind its date that are enough to look for."""


@dataclass(frozen=True, slots=True)
class LiveRun:
    """A run under way, as its process told it when it began."""

    name: str
    folder: str
    bench: str
    address: str
    """Of the bench."""
    simulated: bool
    pid: int
    since_utc: str
    at: str
    """Path of its socket; `127.0.0.1:PORT` where there are none."""
    token: str = ""
    """What it wants to hear first, where the system does not say who calls."""
    file: str = ""
    """The file that this stands in."""

    def write(self) -> Path:
        """Leave word of the run. Raises `OSError`."""
        path = own_runs() / f"{self.pid}-{self.name}.json"
        told = {key: value for key, value in asdict(self).items() if key != "file"}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump(told, stream)
        return path

    def connect(self, timeout_s: float) -> socket.socket:
        """A connection to it. Raises `OSError`."""
        if self.token:
            host, _, port = self.at.rpartition(":")
            return socket.create_connection((host, int(port)), timeout=timeout_s)
        end_s = time.monotonic() + timeout_s
        while True:
            channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            channel.settimeout(timeout_s)
            try:
                channel.connect(self.at)
            except BlockingIOError:  # as many wait as may wait
                channel.close()
                if time.monotonic() > end_s:
                    raise TimeoutError from None
                time.sleep(0.01)
            except OSError:
                channel.close()
                raise
            else:
                return channel

    def lives(self) -> bool:
        """Whether its process still listens; it may be stuck all the same."""
        try:
            self.connect(ANSWERS_WITHIN_S).close()
        except TimeoutError:
            pass
        except OSError:
            return False
        return True


def live_runs() -> list[LiveRun]:
    """This user's runs under way, oldest first."""
    found = []
    try:
        paths = sorted(own_runs().glob("*.json"))
    except OSError:
        return []
    for path in paths:
        if (run := _read(path)) is None:
            continue
        if run.lives():
            found.append(run)
        elif not _is_running(run.pid):
            with contextlib.suppress(OSError):
                path.unlink()
    return sorted(found, key=lambda run: (run.since_utc, run.name))


def find_live_run(token: str | None) -> LiveRun:
    """The run under way that a person means: by folder, name, a beginning that fits one, the part
    of the name behind its date; the only one there is if nothing is named. `latest` is that of
    `runs` here, as for other commands, else the only one there is.

    Raises `InputError`: E713 where no run is under way, E714 where several fit, E715 for a run
    that is over or not there, E716 for one of another user.
    """
    if token is not None and (folder := _run_folder(token)) is not None:
        return _in_folder(folder)
    running = live_runs()
    if token is not None and (well := _well_of(token, running)) is not None:
        return well
    if token is None:
        running = [run for run in running if not _is_of_a_plate(run)]  # it goes as one
    if token is None or token == "latest":
        if not running:
            raise _none()
        runs = Path("runs").resolve()
        here = [run for run in running if token and Path(run.folder).resolve().parent == runs]
        if len(running) > 1 and not here:
            raise _several("more than one run is under way", running)
        return (here or running)[-1]
    exact = [run for run in running if run.name == token]
    fitting = exact or [run for run in running if run.name.startswith(token)]
    if not fitting and len(token) >= _MINIMUM:
        fitting = [run for run in running if run.name.partition("Z-")[2].startswith(token)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise _several(f"`{token}` fits {len(fitting)} runs under way", fitting)
    if (folder := Path("runs") / token).is_dir():
        return _in_folder(folder)
    if not running:
        raise refusal("E713", f"no run of yours is under way, so none is `{token}`", _LISTS)
    names = ", ".join(run.name for run in running[:5])
    raise refusal("E715", f"no run under way is called `{token}`", f"under way: {names}")


def wells_of(plate: LiveRun) -> list[LiveRun]:
    """The runs under way of a plate; none for what is no plate."""
    return [run for run in live_runs() if Path(run.folder).parent.parent == Path(plate.folder)]


def is_plate_run(run: LiveRun) -> bool:
    """Whether it is a plate: its wells are runs of their own."""
    return (Path(run.folder) / PLATE_JOURNAL).is_file()


def _is_of_a_plate(run: LiveRun) -> bool:
    return (Path(run.folder).parent.parent / PLATE_JOURNAL).is_file()


def _run_folder(token: str) -> Path | None:
    """The folder that a token names; of a well, that of its last run."""
    folder = Path(token)
    if not folder.is_dir():
        return None
    if (folder.parent / PLATE_JOURNAL).is_file():
        runs = PlateFolder(folder.parent).runs_of(folder.name)
        return runs[-1] if runs else folder
    return folder


def _well_of(token: str, running: list[LiveRun]) -> LiveRun | None:
    """The well under way that `PLATE/B3` names, where that plate is under way."""
    above, _, name = token.replace("\\", "/").rpartition("/")
    plates = [run for run in running if is_plate_run(run)]
    fitting = [
        run
        for run in plates
        if above and (run.name.startswith(above) or run.name.partition("Z-")[2].startswith(above))
    ]
    if not fitting:
        return None
    if len(fitting) > 1:
        raise _several(f"`{above}` fits {len(fitting)} plates under way", fitting)
    wells = {Path(run.folder).parent.name: run for run in wells_of(fitting[0])}
    if name.upper() in wells:
        return wells[name.upper()]
    known = ", ".join(sorted(wells)) or "none"
    what = f"well {name} of {fitting[0].name} is not under way"
    raise refusal("E715", what, f"under way are: {known}; `faradaic show` tells of all")


def speak(run: LiveRun, message: Mapping[str, Any], patience_s: float = 0.0) -> dict[str, Any]:
    """Send a request to a run and return its last word on it.

    The run takes the request at once, within `ANSWERS_WITHIN_S`; `patience_s` is how long it may
    then take until it has acted. Raises `Stuck` where either is over, `InputError` (E715) where the
    run has ended.
    """
    return Conversation(run, message).last_word(patience_s)


class Stuck(DeviceError):
    """A run whose process lives and doesn't answer."""

    default_code = "E717"


class Conversation:
    """One request and the answers to it: first that it was taken, then what came of it."""

    def __init__(
        self, run: LiveRun, message: Mapping[str, Any], answers_within_s: float = ANSWERS_WITHIN_S
    ) -> None:
        """Send it, and wait until it was taken. Raises `Stuck`, or `InputError` (E715)."""
        self._run = run
        self._rest = b""
        self._message = message
        by = {"user": user_name(), "program": program_name(), "pid": os.getpid()}
        sent = {"token": run.token, "by": by, **message}
        try:
            self._channel = run.connect(answers_within_s)
            self._channel.sendall(json.dumps(sent, ensure_ascii=False).encode() + b"\n")
        except TimeoutError:
            raise self._stuck(answers_within_s) from None
        except OSError as error:
            if _is_running(run.pid) and not isinstance(error, ConnectionError | FileNotFoundError):
                raise self._stuck(answers_within_s) from None
            raise over(Path(run.folder)) from None
        self._first = self._line(answers_within_s)

    def last_word(self, patience_s: float) -> dict[str, Any]:
        """What came of it. Raises `Stuck`, or `InputError` (E715)."""
        answer = self._line(patience_s) if "taken" in self._first else self._first
        self._channel.close()
        return answer

    def _line(self, patience_s: float) -> dict[str, Any]:
        end_s = time.monotonic() + patience_s
        while b"\n" not in self._rest:
            left_s = end_s - time.monotonic()
            if left_s <= 0.0 or len(self._rest) > LINE_MAX_BYTES:
                raise self._stuck(patience_s)
            self._channel.settimeout(left_s)
            try:
                came = self._channel.recv(65536)
            except TimeoutError:
                continue
            except OSError:
                came = b""
            if not came:
                raise over(Path(self._run.folder))
            self._rest += came
        line, _, self._rest = self._rest.partition(b"\n")
        try:
            told = json.loads(line)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise self._stuck(patience_s)
        return told

    def _stuck(self, waited_s: float) -> Stuck:
        with contextlib.suppress(AttributeError):
            self._channel.close()
        run = self._run
        return Stuck.of(
            f"run {run.name} did not answer within {waited_s:g} s: its process {run.pid} is stuck",
            help=f"`faradaic off {run.name}` turns the output off all the same",
        )


def over(folder: Path) -> InputError:
    """That a run has ended, and how, as far as its folder tells."""
    from faradaic.records.run import load_run

    try:
        run = load_run(folder)
    except InputError:
        return refusal("E715", f"{folder} holds no run under way", _LISTS)
    if run.outcome == "RUNNING":
        return refusal(
            "E716",
            f"run {run.name} is under way, but it cannot be spoken to from here",
            "it may be another user's: ask them, or use the terminal that it was started from;"
            " `faradaic devices` says who holds a bench",
        )
    reason = run.stop.get("stop_reason")
    how = f"{run.outcome}: {reason}" if reason else run.outcome
    return refusal("E715", f"run {run.name} is over ({how})", f"faradaic show {folder}")


_LISTS = "`faradaic runs --live` lists the runs under way, `faradaic runs` those of a folder"


def _none() -> InputError:
    return refusal("E713", "no run of yours is under way on this machine", _LISTS)


def _several(what: str, running: list[LiveRun]) -> InputError:
    names = ", ".join(run.name for run in running[:5])
    return refusal("E714", what, f"name one: {names}")


def _in_folder(folder: Path) -> LiveRun:
    """The run whose folder it is."""
    run = None
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        pointer = json.loads(read_file(folder / POINTER_NAME, LINE_MAX_BYTES))
        run = _read(own_runs() / Path(str(pointer["file"])).name)
    if run is None or Path(run.folder) != folder.resolve() or not run.lives():
        raise over(folder)
    return run


def _read(path: Path) -> LiveRun | None:
    """What a run left word of; None for anything else."""
    try:
        told = json.loads(read_file(path, LINE_MAX_BYTES))
        values = {field.name: told[field.name] for field in fields(LiveRun) if field.name != "file"}
        if all(isinstance(v, str | int) for v in values.values()) and isinstance(told["pid"], int):
            return LiveRun(**values, file=str(path))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return None


def _is_running(pid: int) -> bool:
    """Whether there is a process of this number; True where that cannot be asked."""
    if os.name == "nt" or pid <= 0:
        return True  # a signal of 0 would end it there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
