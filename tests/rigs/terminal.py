"""A command at a real terminal: a pseudo-terminal that a test reads and types on."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from pathlib import Path

COMMAND = [sys.executable, "-m", "faradaic.cli.main"]


class Terminal:
    """A command on a pseudo-terminal."""

    def __init__(self, command: list[str], folder: Path) -> None:
        import pty

        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.environ.update(COLUMNS="150", TERM="xterm")
            os.execv(command[0], command)
        import fcntl
        import struct
        import termios

        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 150, 0, 0))
        self.said = ""

    def until(self, *texts: str, patience_s: float = 90.0) -> str:
        """What comes until all texts have come. Fails when they do not."""
        begun, end_s = len(self.said), time.monotonic() + patience_s
        while not all(text in self.said[begun:] for text in texts):
            assert time.monotonic() < end_s, f"{texts} did not come, but {self.said[begun:]!r}"
            if not self._read():
                break
        came = self.said[begun:]
        assert all(text in came for text in texts), f"{texts} did not come, but {came!r}"
        return came

    def prompt(self, patience_s: float = 90.0) -> str:
        """What comes until the cursor waits behind a colon; empty when the command has ended."""
        begun, end_s = len(self.said), time.monotonic() + patience_s
        while self._read():
            if self.said[begun:].endswith(": ") and not self._more():
                return self.said[begun:]
            assert time.monotonic() < end_s, f"no prompt, but {self.said[begun:]!r}"
        return ""

    def enter_until(self, text: str) -> str:
        """Take what is offered until a text has come; fails when the command ends before."""
        came = self.prompt()
        while text not in came:
            assert came, f"{text!r} did not come, but the end after {self.said[-800:]!r}"
            self.type("\n")
            came = self.prompt()
        return came

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def exit_code(self, patience_s: float = 90.0) -> int:
        end_s = time.monotonic() + patience_s
        while self._read():
            if time.monotonic() > end_s:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError(f"it does not end, after {self.said[-500:]!r}")
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def pump(self) -> None:
        """Take what has come, within a fifth of a second."""
        self._read()

    def _more(self) -> bool:
        """Whether more is to come at once: a line may come in pieces."""
        return bool(select.select([self.fd], [], [], 0.05)[0])

    def _read(self) -> bool:
        ready, _, _ = select.select([self.fd], [], [], 0.2)
        if not ready:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # the other end is closed
            return False
        self.said += re.sub(r"\x1b(7|8|\[[0-9;?]*[A-Za-z])", "", data.decode("utf-8", "replace"))
        return bool(data)
