"""Tasks that the tests of the work lists run in real processes."""

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def square(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The square of `number`; what else it does is asked for in the payload."""
    number = payload["number"]
    if number in payload.get("dies_on", ()):
        os.kill(os.getpid(), signal.SIGKILL)
    if number in payload.get("raises_on", ()):
        raise ArithmeticError(f"no square of {number} today")
    if number in payload.get("infinite_on", ()):
        return {"square": float("inf")}
    if "diary" in payload:
        with Path(payload["diary"]).open("a") as diary:
            diary.write(f"{number} {os.getpid()}\n")
    time.sleep(payload.get("takes_s", 0.0))
    return {"square": number * number, "threads": os.environ.get("OMP_NUM_THREADS")}
