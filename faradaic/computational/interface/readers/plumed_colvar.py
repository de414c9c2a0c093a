"""PLUMED's COLVAR of a harmonic restraint, standing (RESTRAINT) or moving (MOVINGRESTRAINT).

The file names its columns (`#! FIELDS time d1 …`) but not its units; PLUMED's own are ps, nm and
kJ/mol (PLUMED manual, UNITS). The force κ (centre − ξ) of the restraint stands for the multiplier.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from faradaic.computational.interface.readers.numbers import cut_off, floats
from faradaic.computational.interface.readers.plumed_input import Restraint
from faradaic.computational.interface.trajectories import ConstraintWindow, Floats
from faradaic.datafiles.readers.text import read_bytes
from faradaic.diagnostics import InputError, refusal
from faradaic.quantities.constants import BOHR_A, FARADAY_C_PER_MOL, HARTREE_EV

LENGTHS_A = {"nm": 10.0, "A": 1.0, "Bohr": BOHR_A}
ENERGIES_EV = {
    "kj/mol": 1e3 / FARADAY_C_PER_MOL,
    "kcal/mol": 4184.0 / FARADAY_C_PER_MOL,
    "eV": 1.0,
    "Ha": HARTREE_EV,
}
TIMES_FS = {"ps": 1e3, "fs": 1.0, "ns": 1e6}
_FIELDS = re.compile(rb"^#! FIELDS ([^\n]*)\n", re.MULTILINE)
_COMMENT = re.compile(rb"^#[^\n]*\n", re.MULTILINE)


def read_colvar(path: Path) -> dict[str, Floats]:
    """The columns by their names in FIELDS, in the units of the run.

    Of a restart only a repeated header with the same columns is taken. Raises `InputError` (E853)
    for a file without a header, (E851) for one that is cut off.
    """
    data = read_bytes(path)
    headers = [match[1].split() for match in _FIELDS.finditer(data)]
    if not headers:
        raise InputError.of(
            f"{path} has no '#! FIELDS' line: it is no COLVAR of PLUMED",
            help="give the FILE= of PLUMED's PRINT",
            code="E853",
        )
    if any(header != headers[0] for header in headers):
        raise InputError.of(
            f"{path} changes its columns in the middle", help="split it at '#! FIELDS'", code="E852"
        )
    names = [name.decode() for name in headers[0]]
    if not data.endswith(b"\n"):
        raise cut_off(path, data.rfind(b"\n") + 1, "the last line has no end")
    numbers = floats(path, _COMMENT.sub(b"", data), 0, "a row")
    if numbers.size % len(names):
        raise cut_off(path, data[:-1].rfind(b"\n") + 1, f"a row without its {len(names)} numbers")
    table = numbers.reshape(-1, len(names))
    return {name: table[:, k] for k, name in enumerate(names)}


def read_plumed_window(
    path: Path, restraint: Restraint, temperature_K: float | None
) -> ConstraintWindow:
    """The window of a restraint.

    Of a MOVINGRESTRAINT centre and kappa stand in the file as `<bias>.<coordinate>_cntr` and
    `_kappa`. Raises `InputError` (E852) for a column or unit that is not there, a kappa or centre
    that is neither given nor in the file, and a temperature that is not known.
    """
    if temperature_K is None:
        raise refusal("E852", f"the temperature of {path} is not known", "give --temperature")
    table, coordinate = read_colvar(path), restraint.coordinate
    scale = {}
    for name, known in (("LENGTH", LENGTHS_A), ("ENERGY", ENERGIES_EV), ("TIME", TIMES_FS)):
        unit = restraint.units[name]
        if unit not in known:
            raise _unknown(path, f"unit of {name.lower()} {unit!r}", ", ".join(known))
        scale[name] = known[unit]
    for name in ("time", coordinate):
        if name not in table:
            raise _unknown(path, f"column {name!r}", ", ".join(table))
    xi = table[coordinate]
    series: dict[str, Floats] = {}
    for name, given in (("cntr", restraint.centre), ("kappa", restraint.kappa)):
        column = table.get(f"{restraint.label}.{coordinate}_{name}")
        if given is not None:
            column = np.full(xi.size, given)
        if column is None:
            raise _unknown(
                path, f"{name} of the restraint", f"print {restraint.label}.* or give the number"
            )
        series[name] = column
    steps = np.diff(table["time"])
    if not steps.size or steps.min() <= 0 or np.ptp(steps) > 1e-3 * steps.mean():
        raise _unknown(path, "even time step", "rows at equal intervals, restarts without overlap")
    factor = scale["ENERGY"] / scale["LENGTH"]
    return ConstraintWindow(
        xi_A=xi * scale["LENGTH"],
        multiplier_eV_A=series["kappa"] * (series["cntr"] - xi) * factor,
        inverse_sqrt_metric=None,
        metric_correction_eV_A=None,
        time_step_fs=float(steps.mean()) * scale["TIME"],
        temperature_K=temperature_K,
        source=str(path),
        target_A=series["cntr"] * scale["LENGTH"],
        kind="restraint",
    )


def _unknown(path: Path, what: str, choices: str) -> InputError:
    return refusal("E852", f"{path} has no {what}", f"possible: {choices}")
