"""Who else has a serial device, and who may use it, as far as the system shows."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path


def program_that_has(device: str) -> str:
    """Which other program has a device open; empty where none is seen.

    Linux alone shows it, and of programs of the same user alone.
    """
    if not sys.platform.startswith("linux"):
        return ""
    with suppress(OSError):
        device = str(Path(device).resolve())
    own = str(os.getpid())
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal() or process.name == own:
            continue
        with suppress(OSError):  # another user's, or gone meanwhile
            opened = {str(fd.readlink()) for fd in (process / "fd").iterdir()}
            # Who serves a pseudo terminal has its other end open, and this one so that it lasts.
            serves = device.startswith("/dev/pts/") and opened & {"/dev/ptmx", "/dev/pts/ptmx"}
            if device in opened and not serves:
                return f"{_name(process)} (process {process.name})"
    return ""


def group_of(device: str) -> str:
    """The group whose members may use a device; empty where the system has none or doesn't say."""
    try:
        import grp

        return grp.getgrgid(Path(device).stat().st_gid).gr_name
    except (ImportError, OSError, KeyError):
        return ""


def _name(process: Path) -> str:
    with suppress(OSError):
        return (process / "exe").readlink().name
    return "a program"
