"""The process of a maker's library: requests as lines of JSON in, answers out, in turn.

    {"n": 7, "do": "hold", "with": ["current", 0.005, 10.0, 0.005]}   ->   {"n": 7, "said": null}
                                                                     or   {"n": 7, "wrong": "..."}

When its input ends, whoever asked is gone: the output goes off, for as long as that takes. What the
library prints goes to the log: the line of answers is kept from it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import IO, Any

from faradaic.instruments.kits.kit_contract import KITS, METHODS

OFF_ATTEMPTS = 60
OFF_AGAIN_S = 1.0


def main(name: str, rest: str) -> None:
    """Serve the kit of a name until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # the library's own printing
    try:
        kit = KITS.load(name)(rest)
    except Exception as error:  # noqa: BLE001 - whatever a library makes of its address
        _tell(answers, {"n": 0, "wrong": _text(error)})
        return
    _tell(answers, {"n": 0, "said": "ready"})
    try:
        for line in sys.stdin:
            _tell(answers, _answered(kit, line))
    finally:
        _off_for_good(kit)
        kit.close()


def _answered(kit: Any, line: str) -> dict[str, Any]:
    number = -1
    try:
        asked = json.loads(line)
        number, what = int(asked["n"]), str(asked["do"])
        if what not in METHODS:
            return {"n": number, "wrong": f"no method `{what}`"}
        said = getattr(kit, what)(*asked.get("with", ()))
        return {"n": number, "said": dict(said) if what in ("identify", "measure") else said}
    except Exception as error:  # noqa: BLE001 - whatever a library raises is told
        return {"n": number, "wrong": _text(error)}


def _off_for_good(kit: Any) -> None:
    """The output off and asked for, as often as it takes: nobody else will do it."""
    for _ in range(OFF_ATTEMPTS):
        try:
            kit.off()
            if not kit.is_on():
                return
        except Exception as error:  # noqa: BLE001 - the next attempt may get through
            os.write(2, f"the output could not be turned off: {_text(error)}\n".encode())
        time.sleep(OFF_AGAIN_S)


def _tell(answers: IO[str], content: dict[str, Any]) -> None:
    answers.write(json.dumps(content) + "\n")


def _text(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "")
