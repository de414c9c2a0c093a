"""Many command lines in one process of bounded memory: `python command_lines.py`, JSON on stdin.

One line of JSON for each on stdout, before the next begins: arguments, exit code, what it said.
"""

import contextlib
import io
import json
import resource
import sys

from faradaic.cli import main

_MOST_BYTES = 3_000_000_000


def run(arguments: list[str]) -> dict[str, object]:
    """One command as a person types it."""
    out, err = io.StringIO(), io.StringIO()
    sys.argv = ["faradaic", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main._exit_code()
    return {"arguments": arguments, "code": code, "out": out.getvalue(), "err": err.getvalue()}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_BYTES, _MOST_BYTES))
    for line in json.load(sys.stdin):
        print(json.dumps(run(line)), flush=True)
