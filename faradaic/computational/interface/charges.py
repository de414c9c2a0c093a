"""Bader charges: read from ACF.dat, or computed from a charge density by an installed program.

The division of space is left to programs that are maintained for it: `bader` (Henkelman, Arnaldsson
and Jonsson, Comput. Mater. Sci. 36, 354, 2006) or `baderkit`. Which one was used, with its version,
stands in the result.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from faradaic.computational.interface.trajectories import Floats
from faradaic.datafiles.readers.text import decode, read_bytes
from faradaic.diagnostics import Diagnostic, InputError, refusal, warning

_BALANCE_ELECTRONS = 0.01
_TIMEOUT_S = 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class BaderCharges:
    """Electrons in the Bader volume of each atom."""

    electrons: Floats
    """(atoms,); valence electrons where the density is one of pseudopotentials."""
    volume_A3: Floats
    """(atoms,)."""
    vacuum_electrons: float
    total_electrons: float
    program: str
    """What divided the density."""
    source: str
    findings: tuple[Diagnostic, ...] = ()

    def net_charges(self, symbols: Sequence[str], valence: Mapping[str, float]) -> Floats:
        """Valence electrons of the pseudopotentials minus Bader electrons, in e: (atoms,).

        Raises `InputError` (E887) for another number of atoms or an element without valence.
        """
        if len(symbols) != len(self.electrons):
            raise refusal(
                "E887",
                f"{self.source} has {len(self.electrons)} atoms, the structure has {len(symbols)}",
                "give the structure of the same calculation",
            )
        absent = sorted(set(symbols) - set(valence))
        if absent:
            raise refusal(
                "E887",
                f"the valence of {', '.join(absent)} is not known",
                "give what the pseudopotential has (ZVAL in POTCAR), for example "
                f"--valence {absent[0]}=6",
            )
        return np.array([valence[symbol] for symbol in symbols]) - self.electrons


def read_acf(path: Path, program: str = "bader (by its ACF.dat)") -> BaderCharges:
    """Read ACF.dat; raises `InputError` (E885) with the line for a file that is cut or damaged."""
    lines = decode(read_bytes(path)).splitlines()
    rules = [number for number, line in enumerate(lines) if line.strip().startswith("----")]
    if not lines or "CHARGE" not in lines[0] or not rules:
        raise _damaged(path, 1, "does not begin like an ACF.dat")
    if len(rules) < 2:
        raise _damaged(path, len(lines), "ends before the line under the atoms")
    rows: list[list[float]] = []
    for number in range(rules[0] + 1, rules[1]):
        try:
            row = [float(word) for word in lines[number].split()]
        except ValueError:
            row = []
        if len(row) != 7 or row[0] != len(rows) + 1 or not np.isfinite(row).all():
            raise _damaged(path, number + 1, f"is not atom {len(rows) + 1} with seven numbers")
        rows.append(row)
    if not rows:
        raise _damaged(path, rules[1] + 1, "comes without any atom before it")
    footer = "\n".join(lines[rules[1] :])
    sums = {}
    for name in ("VACUUM CHARGE", "NUMBER OF ELECTRONS"):
        found = re.search(rf"{name}:\s*([-+]?\d+\.\d+(?:[Ee][-+]?\d+)?)\s*$", footer, re.MULTILINE)
        if not found:
            raise _damaged(path, len(lines), f"ends before {name}")
        sums[name] = float(found[1])
    table = np.array(rows)
    return _balanced(
        table[:, 4], table[:, 6], sums["VACUUM CHARGE"], sums["NUMBER OF ELECTRONS"], program, path
    )


def compute_bader(density: Path) -> BaderCharges:
    """Divide a charge density (CHGCAR; cube for bader) by `bader`, or else by `baderkit`.

    Raises `InputError`: E885 for a file that is absent, E886 where neither is installed or the
    program fails.
    """
    if not density.is_file():
        raise refusal("E885", f"there is no file {density}", "check its name")
    for name, compute in (("bader", _by_bader), ("baderkit", _by_baderkit)):
        executable = shutil.which(name)
        if executable is not None:
            with tempfile.TemporaryDirectory() as folder:
                return compute(executable, density.resolve(), Path(folder))
    raise refusal(
        "E886",
        "neither bader nor baderkit is installed, and nothing else divides a charge density",
        "type `pipx install baderkit` (its pinned dependencies need an environment of "
        "their own), or put the bader program of the Henkelman group on the PATH; or give an "
        "ACF.dat",
    )


def _by_bader(executable: str, density: Path, folder: Path) -> BaderCharges:
    said = _run([executable, str(density)], folder)
    version = re.search(r"[Vv]ersion\s+([\d.]+)", said)
    charges = read_acf(folder / "ACF.dat", f"bader {version[1] if version else ''}".strip())
    return _balanced(
        charges.electrons, charges.volume_A3, charges.vacuum_electrons, charges.total_electrons,
        charges.program, density,
    )  # fmt: skip


def _by_baderkit(executable: str, density: Path, folder: Path) -> BaderCharges:
    _run([executable, "bader", str(density)], folder)
    try:
        content = json.loads((folder / "bader.json").read_text(encoding="utf-8"))
        method, atoms = content["method_kwargs"], content["atom_results"]
        vacuum = float(content["base_summary_props"]["vacuum_charge"])
        electrons = np.array(atoms["atom_charges"], dtype=float)
        volumes = np.array(atoms["atom_volumes"], dtype=float)
    except (OSError, ValueError, KeyError) as error:
        raise refusal(
            "E886",
            f"baderkit wrote no bader.json that can be read: {error!r}",
            "its format of 0.10 is known here",
        ) from None
    program = f"baderkit {method['version']}, method {method['method']}"
    return _balanced(electrons, volumes, vacuum, float(electrons.sum()) + vacuum, program, density)


def _run(command: list[str], folder: Path) -> str:
    name = Path(command[0]).name
    try:
        done = subprocess.run(  # the program writes where it runs
            command, cwd=folder, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise refusal(
            "E886", f"{name} did not run: {error}", f"try it by hand: {name} FILE"
        ) from None
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise refusal(
            "E886",
            f"{name} failed (code {done.returncode}): {''.join(last)}",
            "is the file a charge density (CHGCAR)? try it by hand",
        )
    return done.stdout


def _balanced(
    electrons: Floats, volume_A3: Floats, vacuum: float, total: float, program: str, path: Path
) -> BaderCharges:
    off = float(electrons.sum()) + vacuum - total
    findings: tuple[Diagnostic, ...] = ()
    if abs(off) > _BALANCE_ELECTRONS:
        findings = (
            warning(
                "E888",
                f"{path}: atoms and vacuum have {off:+.3f} electrons more than the total of "
                f"{total:.3f}",
                help="atoms are missing from the file, or it was edited; run bader again",
                numbers={"excess_electrons": off},
            ),
        )
    return BaderCharges(electrons, volume_A3, vacuum, total, program, str(path), findings)


def _damaged(path: Path, line: int, what: str) -> InputError:
    return refusal(
        "E885",
        f"{path}, line {line}: {what}",
        "give the whole ACF.dat as bader wrote it, or the charge density itself",
    )
