"""Whether a driver's words are known to fit the firmware that answers."""

from __future__ import annotations

import re

from faradaic.diagnostics import Diagnostic, warning
from faradaic.instruments.identification import rows
from faradaic.instruments.readings import Identity


def firmware_remark(driver: str, identity: Identity) -> Diagnostic | None:
    """A warning (E580) where an instrument tells a firmware that the driver is not known for.

    None where it is known, where it tells none, and where nobody has noted which fit.
    """
    told = f"{identity.model} {identity.firmware}"
    for row in rows("known_firmware.csv"):
        if driver not in row["drivers"].split():
            continue
        if re.search(row["firmware"], told) or not re.search(r"\d\.\d", told):
            return None
        return warning(
            "E580",
            f"the {identity.manufacturer} {identity.model} tells firmware"
            f" `{identity.firmware or identity.model}`; the words of `{driver}` are known to fit"
            f" {row['words']} ({row['source']})",
            "rehearse, then try it on a resistor first: every setting is read back, and what does"
            " not read back is refused; tell us what you find",
        )
    return None
