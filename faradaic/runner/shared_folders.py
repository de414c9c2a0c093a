"""Where programs on one machine leave word for each other: who holds a bench, which runs there are.

On POSIX these folders stand below /tmp, since TMPDIR and XDG_RUNTIME_DIR differ between the
sessions of one user, and end with them; on Windows below ProgramData, and below the user's own
local data. FARADAIC_SHARED names another folder for both, the same for everybody who shares the
instruments.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

EVERYBODY = 0o1777
"""Everybody may make files; only their owners may rename or remove them."""
OWNER = 0o700


def user_name() -> str:
    """Who runs this program, as others know them."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def program_name() -> str:
    """What this program is called: "faradaic run"."""
    words = [Path(sys.argv[0]).stem, *sys.argv[1:2]] if sys.argv else []
    words = ["faradaic" if word in ("__main__", "main") else word for word in words]
    return " ".join(words)[:80] or "a program"


def bench_locks() -> Path:
    """The folder of the locks on benches, for every user of this machine. Raises `OSError`."""
    if named := os.environ.get("FARADAIC_SHARED"):
        return _folder(Path(named) / "benches", EVERYBODY)
    if os.name == "nt":
        return _folder(Path(os.environ["PROGRAMDATA"]) / "faradaic" / "benches", EVERYBODY)
    return _folder(Path("/tmp/faradaic-benches"), EVERYBODY)


def own_runs() -> Path:
    """The folder of this user's runs under way, closed to others. Raises `OSError`."""
    if named := os.environ.get("FARADAIC_SHARED"):
        return _folder(Path(named) / f"runs-{user_name()}", OWNER)
    if os.name == "nt":
        import platformdirs

        local = platformdirs.user_runtime_dir("faradaic", appauthor=False)
        return _folder(Path(local) / "runs", OWNER)
    return _folder(Path(f"/tmp/faradaic-runs-{os.getuid()}"), OWNER)


def _folder(path: Path, mode: int) -> Path:
    """The folder, made where it is not there; a link or somebody else's is refused."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(parents=True)
        path.chmod(mode)  # mkdir heeds the umask
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise NotADirectoryError(f"{path} is not a folder")
    if mode == OWNER and os.name != "nt":
        if found.st_uid != os.geteuid():
            raise PermissionError(f"{path} belongs to somebody else")
        if found.st_mode & 0o077:
            path.chmod(mode)
    return path
