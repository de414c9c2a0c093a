"""The Fermi level out of the output of VASP (OUTCAR) or CP2K, eV on the scale of its potential."""

from __future__ import annotations

import re
from pathlib import Path

from faradaic.datafiles.readers.text import read_bytes
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import HARTREE_EV

_VASP = re.compile(rb"E-fermi\s*:\s*(-?[0-9.]+)")
_ENDS = {
    b" vasp.": b"General timing and accounting",
    b"PROGRAM STARTED AT": b"PROGRAM ENDED AT",
}
"""What a whole output of VASP or CP2K ends with, by what its head holds."""
_CP2K = re.compile(rb"Fermi [Ee]nergy(?:\s*\[a\.?u\.?\])?:?\s*(-?[0-9.]+)")
_CP2K_EV = re.compile(rb"Fermi [Ee]nergy\s*\[\s*eV\s*\]\s*:?\s*(-?[0-9.]+)")


def read_fermi_level_eV(path: Path) -> float:
    """The last one in the file.

    Raises `InputError` (E857) where there is none, (E851) where the program had not ended: its last
    level may be of a step before self-consistency, or of another snapshot than the potential.
    """
    data = read_bytes(path)
    for head, end in _ENDS.items():
        if head in data[:4096] and end not in data:
            raise refusal(
                "E851",
                f"{path} is cut off: the program had not ended when it was written",
                "let the run end, or copy the file again; the level of a step that is "
                "known to be converged can be given with --fermi-ev",
            )
    for pattern, scale in ((_VASP, 1.0), (_CP2K_EV, 1.0), (_CP2K, HARTREE_EV)):
        found = pattern.findall(data)
        if found:
            return float(found[-1]) * scale
    raise refusal(
        "E857",
        f"{path} names no Fermi level",
        "give OUTCAR of VASP or the output of CP2K with smearing, or --fermi-ev",
    )
