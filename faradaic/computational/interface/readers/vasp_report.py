"""VASP's REPORT of a constrained run, and what INCAR says of step and temperature.

Per step and constraint REPORT holds `cc> kind value target deviation` and, with LBLUEOUT,
`b_m> λ |z|^-1/2 GkT |z|^-1/2(λ+GkT)` (VASP wiki, "Blue moon ensemble calculations"). Units are eV
and Å, the sign is that of `ConstraintWindow`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from faradaic.computational.interface.readers.numbers import cut_off, floats
from faradaic.computational.interface.trajectories import ConstraintWindow, Floats
from faradaic.datafiles.readers.text import read_bytes
from faradaic.diagnostics import Diagnostic, refusal, warning

_COORDINATE = re.compile(rb"cc>[ \t]*\S+([^\n]*)\n")
_BLUE_MOON = re.compile(rb"b_m>([^\n]*)\n")
_STEP = re.compile(rb"MD step No\.")
_OF_A_STEP = (_COORDINATE, _BLUE_MOON)
_TEMPERATURE = re.compile(rb"(?:t_b|tmprt)>[ \t]*([0-9.]+)")
_IDENTITY_TOLERANCE = 2e-5
_INCAR = re.compile(r"^\s*(POTIM|TEBEG)\s*=\s*([0-9.eEdD+-]+)", re.MULTILINE | re.IGNORECASE)


def read_report(
    paths: Path | Sequence[Path],
    *,
    time_step_fs: float | None = None,
    temperature_K: float | None = None,
    constraint: int = 0,
) -> ConstraintWindow:
    """One constraint of a REPORT, or of the REPORTs of a run and its restarts, in their order.

    Without `time_step_fs` POTIM is read from the INCAR beside the file; without `temperature_K`
    the thermostat's from REPORT, else TEBEG. A last step that was cut off is left out and named
    (a finding, E851). Raises `InputError` (E851) for a file that is damaged elsewhere, (E852) for
    what is neither given nor found, (E853) for a REPORT without `b_m>` lines.
    """
    files = [paths] if isinstance(paths, Path) else list(paths)
    parts = [_read_one(path, constraint) for path in files]
    findings = [finding for part in parts for finding in part[3]]
    xi, blue = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    settings = _incar(files[0].parent / "INCAR")
    found_K = parts[0][2] if parts[0][2] is not None else settings.get("TEBEG")
    return ConstraintWindow(
        xi_A=xi[:, 0],
        target_A=xi[:, 1],
        multiplier_eV_A=blue[:, 0],
        inverse_sqrt_metric=blue[:, 1],
        metric_correction_eV_A=blue[:, 2],
        time_step_fs=_known(files[0], "time step", "POTIM", time_step_fs, settings.get("POTIM")),
        temperature_K=_known(files[0], "temperature", "TEBEG", temperature_K, found_K),
        source=", ".join(str(path) for path in files),
        findings=tuple(findings),
    )


def _read_one(path: Path, constraint: int) -> tuple[Floats, Floats, float | None, list[Diagnostic]]:
    """(value and target (n, 2), blue moon columns (n, 4), thermostat, findings) of one file."""
    data, findings = _whole_steps(path, read_bytes(path))
    if b"b_m>" not in data:
        raise refusal(
            "E853",
            f"{path} holds no b_m> lines: it is no REPORT with blue-moon output",
            "set LBLUEOUT = .TRUE. in INCAR and a coordinate of status 0 in ICONST",
        )
    steps = len(_STEP.findall(data))
    rows = _BLUE_MOON.findall(data)
    coordinates = _COORDINATE.findall(data)
    last = data.rfind(b"MD step No.")
    count = len(rows) // steps if steps else 0
    if not count or len(rows) != count * steps or len(coordinates) % steps:
        raise cut_off(
            path, last, f"{steps} steps, {len(coordinates)} cc> and {len(rows)} b_m> lines"
        )
    if not 0 <= constraint < count:
        raise refusal(
            "E852",
            f"{path} holds {count} constraints per step, number {constraint} is asked for",
            f"choose 0 to {count - 1}",
        )
    per_step = len(coordinates) // steps
    if per_step != count:
        raise cut_off(path, last, f"{per_step} cc> but {count} b_m> lines per step")
    first = data.index(b"b_m>")
    blue = _table(path, rows[constraint::count], 4, first, "a b_m> line")
    place = data.index(b"cc>")
    xi = _table(path, coordinates[constraint::count], 3, place, "a cc> line")
    thermostat = _TEMPERATURE.search(data)
    findings += _identity(path, blue)
    return xi, blue, float(thermostat[1]) if thermostat else None, findings


def _whole_steps(path: Path, data: bytes) -> tuple[bytes, list[Diagnostic]]:
    """The file without a last step that a job's end cut off, and what was left out."""
    begins = [match.start() for match in _STEP.finditer(data)]
    lines = data[: data.rfind(b"\n") + 1]
    if len(begins) < 2:
        if len(lines) < len(data):
            raise cut_off(path, len(lines), "the last line has no end")
        return data, []
    first, last = data[begins[0] : begins[1]], lines[begins[-1] :]
    count = len(begins)
    if any(len(kind.findall(last)) < len(kind.findall(first)) for kind in _OF_A_STEP):
        count -= 1
        lines = data[: begins[-1]]
    elif len(lines) == len(data):
        return data, []
    finding = warning(
        "E851",
        f"{path} was cut off while it was written, at byte {len(data)}: its {count} whole "
        "steps are used",
        "a restart of the run goes on from there; give both files in one folder",
        {"offset_B": float(len(lines)), "whole_steps": float(count)},
    )
    return lines, [finding]


def _table(path: Path, rows: list[bytes], columns: int, offset: int, what: str) -> Floats:
    numbers = floats(path, b"\n".join(rows), offset, what)
    if numbers.size != columns * len(rows):
        short = next(k for k, row in enumerate(rows) if len(row.split()) != columns)
        place = read_bytes(path).find(rows[short])
        raise cut_off(path, place, f"{what} without its {columns} numbers")
    return numbers.reshape(len(rows), columns)


def _identity(path: Path, blue: Floats) -> list[Diagnostic]:
    """The last column must be the product of the others, within the six digits printed."""
    product = blue[:, 1] * (blue[:, 0] + blue[:, 2])
    scale = np.abs(blue[:, 1] * blue[:, 0]) + np.abs(blue[:, 3]) + 1e-12
    off = np.flatnonzero(np.abs(product - blue[:, 3]) > _IDENTITY_TOLERANCE * scale)
    if not off.size:
        return []
    finding = warning(
        "E854",
        f"{path}: at step {off[0] + 1} and {off.size - 1} more the last b_m> column is not "
        "|z|^-1/2 (λ + GkT)",
        help="several constraints that share atoms: the columns then belong to all of them "
        "together; constrain one combination (S in ICONST) instead",
    )
    return [finding]


def _incar(path: Path) -> dict[str, float]:
    if not path.is_file():
        return {}
    lines = (re.split(r"[#!]", line)[0] for line in read_bytes(path).decode("latin-1").splitlines())
    return {
        name.upper(): float(value.upper().replace("D", "E"))
        for name, value in _INCAR.findall("\n".join(lines))
    }


def _known(path: Path, what: str, tag: str, given: float | None, found: float | None) -> float:
    if given is not None:
        return given
    if found is not None:
        return found
    option = "--time-step-fs" if tag == "POTIM" else "--temperature"
    raise refusal(
        "E852",
        f"the {what} of {path} is not known",
        f"put the INCAR with {tag} beside it or give {option}",
    )
