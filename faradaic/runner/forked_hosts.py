"""Device hosts that share their memory: one process reads the program and forks one for each bench.

A host that is started on its own keeps all of the program to itself. A forked one shares it until
it writes: sixteen of them need a fraction of the memory, and each is still a process of its own
with its own main thread, signals and lease, which is what a device host is held against. Where a
system cannot fork, each bench has its host as ever.

The parent is asked over a socket, one line for each host, with the ends of the two pipes of the
host and the files that it is to hold. It ends when that socket is closed; its children do not.
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

MODULE = "faradaic.runner.forked_hosts"
CAN_FORK = hasattr(os, "fork") and sys.platform != "darwin"
"""On macOS libraries of the system do not survive it (CPython issue 77906)."""
_LINE_BYTES = 65536
_FILES = 16
ANSWERS_WITHIN_S = 30.0


class HostNursery:
    """Starts device hosts by forking, from construction until `close`."""

    def __init__(self, drivers: Sequence[str]) -> None:
        """`drivers` are read before anything is forked."""
        ours, theirs = socket.socketpair()
        self._channel = ours
        self._one_at_a_time = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", MODULE, *drivers],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        ours.settimeout(ANSWERS_WITHIN_S)

    @property
    def pid(self) -> int:
        """Get the id of the process that forks."""
        return int(self._process.pid)

    def start(self, holds: Sequence[int]) -> ForkedProcess:
        """A device host of its own, as `host_process` starts one. Raises `OSError`."""
        to_host, from_host = os.pipe(), os.pipe()
        theirs = (to_host[0], from_host[1], *holds)
        try:
            with self._one_at_a_time:
                rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", theirs))
                self._channel.sendmsg([b"host\n"], [rights])
                answer = self._channel.recv(_LINE_BYTES)
            if not answer:
                raise OSError("the process that starts device hosts has ended")
            pid = int(json.loads(answer)["pid"])
        except BaseException:
            os.close(to_host[1])
            os.close(from_host[0])
            raise
        finally:
            os.close(to_host[0])
            os.close(from_host[1])
        return ForkedProcess(pid, to_host[1], from_host[0])

    def close(self) -> None:
        """End the process that forks; the hosts go on until their engines leave."""
        self._channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=2.0)


class ForkedProcess:
    """What `host_process` uses of a `Popen`, for a process that is not this one's child."""

    def __init__(self, pid: int, stdin: int, stdout: int) -> None:
        self.pid = pid
        self.stdin = os.fdopen(stdin, "wb", buffering=0)
        self.stdout = os.fdopen(stdout, "rb")

    def kill(self) -> None:
        """End it at once."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self, timeout: float) -> None:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""
        end_s = time.monotonic() + timeout
        while _lives(self.pid):
            if time.monotonic() > end_s:
                raise subprocess.TimeoutExpired(MODULE, timeout)
            time.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def main() -> int:
    """Read the program, then fork a host whenever one is asked for."""
    import gc

    from faradaic.instruments.traits import DRIVERS
    from faradaic.instruments.transports.addresses import SCHEMES
    from faradaic.runner import host_child

    for name in sys.argv[1:]:
        DRIVERS.load(name)
    for name in ("serial", "tcp"):
        SCHEMES.load(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for a host: no zombies
    channel = socket.socket(fileno=os.dup(0))
    gc.collect()
    gc.freeze()
    while True:
        try:
            line, rights, *_ = channel.recvmsg(_LINE_BYTES, socket.CMSG_SPACE(_FILES * 4))
        except OSError:
            return 0
        if not line:
            return 0
        files = array.array("i")
        for level, kind, data in rights:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                files.frombytes(data[: len(data) - len(data) % files.itemsize])
        pid = os.fork()
        if pid == 0:
            code = _be_a_host(channel, files, host_child)
            os._exit(code)
        for file in files:
            os.close(file)
        channel.sendall(json.dumps({"pid": pid}).encode() + b"\n")


def _be_a_host(channel: socket.socket, files: Sequence[int], host_child: Any) -> int:
    """In the child: apart from everything above it, its pipes as its standard streams."""
    os.setsid()
    channel.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.dup2(files[0], 0)
    for file in (files[0],):
        os.close(file)
    sys.stdin = os.fdopen(0, "r", closefd=False)
    out = os.fdopen(files[1], "wb")
    code: int = host_child.HostChild(sys.stdin.buffer, out).serve()
    return code


if __name__ == "__main__":
    sys.exit(main())
