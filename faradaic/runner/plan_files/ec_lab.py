"""BioLogic EC-Lab settings (.mps): open circuit, chronopotentiometry, chronoamperometry.

Source of the layout: settings files that EC-Lab 11.50 wrote for an SP-150 and an SP-300, in public
repositories: names of the rows, columns of 20 characters, CRLF, latin-1, decimal points; `pass` and
0 stand for no limit. `EM`, `dQM`, `Imax` and `Imin` end a sequence, `nc cycles` counts how often it
goes back. Not tried in EC-Lab.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from faradaic.protocols.plan import Plan, Signal
from faradaic.runner.plan_files.portable_steps import (
    PortablePlan,
    PortableStep,
    cannot,
    header_lines,
    largest,
    portable,
)

SUFFIX = ".mps"
NAME = "BioLogic EC-Lab"
COLUMN = 20
RANGES_A = (
    (1e-5, "10 µA"),
    (1e-4, "100 µA"),
    (1e-3, "1 mA"),
    (1e-2, "10 mA"),
    (1e-1, "100 mA"),
    (1.0, "1 A"),
)
"""Ranges by their words; what is larger needs a booster."""
WIDEST_V = 10.0
"""Of the control range of Ewe."""
C_PER_MAH = 3.6


def write(plan: Plan, path: Path) -> tuple[list[Path], list[str]]:
    """Write the settings file; the paths written, and what is not in them. Raises `InputError`."""
    made = portable(plan, NAME)
    techniques = list(_techniques(made))
    lost = [*made.lost, *_lost(made)]
    header = [
        "EC-LAB SETTING FILE",
        "",
        f"Number of linked techniques : {len(techniques)}",
        "",
        f"Filename : {path.name}",
        "",
        "Electrode connection : standard",
        "Potential control : Ewe",
        f"Ewe ctrl range : min = -{WIDEST_V:.2f} V, max = {WIDEST_V:.2f} V",
        "Safety Limits :",
        *_safety(plan),
        "\tDo not start on E overload",
        *(f"Comments : {line}" for line in header_lines(made, lost)),
        "Cycle Definition : Charge/Discharge alternance",
        "Turn to OCV between techniques",
    ]
    lines = list(header)
    for number, technique in enumerate(techniques, start=1):
        lines += ["", f"Technique : {number}", *technique]
    with path.open("xb") as file:
        file.write("".join(f"{line}\r\n" for line in lines).encode("latin-1", "replace"))
    return [path], lost


def _safety(plan: Plan) -> Iterator[str]:
    voltage_V, current_A = (largest(plan, s) for s in (Signal.CELL_VOLTAGE_V, Signal.CURRENT_A))
    if voltage_V is not None and voltage_V <= WIDEST_V:
        yield f"\tEwe min = -{voltage_V:.5f} V"
        yield f"\tEwe max = {voltage_V:.5f} V"
    if current_A is not None:
        yield f"\t|I| = {current_A * 1e3:.5f} mA"
        yield "\tfor t > 100 ms"


def _lost(plan: PortablePlan) -> Iterator[str]:
    yield "the device, its cable and its channel are not named: choose them before it is loaded"
    if any(one.voltage_limit_V for one in plan.steps):
        yield (
            "EM and the safety limits are of Ewe: the cell voltage only where the reference lead is"
            " on the counter electrode"
        )
    for one in plan.steps:
        if one.voltage_limit_V is not None and one.voltage_limit_V > WIDEST_V:
            yield f"step {one.id}: Ewe ends at 10 V, not at {one.voltage_limit_V:.4g} V"
        if one.regulates == "voltage":
            yield (
                f"step {one.id} holds Ewe vs Ref: the cell voltage only where the reference lead is"
                " on the counter electrode"
            )
        if one.current_limit_A is not None:
            yield f"step {one.id} ends, rather than limits, at {one.current_limit_A * 1e3:.4g} mA"
        if one.rounds > 1 and one.charge_C is None:
            yield f"step {one.id} is {one.rounds} whole periods, not a charge or a time"


def _techniques(plan: PortablePlan) -> Iterator[list[str]]:
    for step in plan.steps:
        match step.regulates:
            case "off":
                yield _open_circuit(step)
            case "current":
                yield _current(step)
            case _:
                yield _potential(step)


def _open_circuit(step: PortableStep) -> list[str]:
    return [
        "Open Circuit Voltage",
        _row("tR (h:m:s)", [_clock(step.levels[0].duration_s)]),
        _row("dER/dt (mV/h)", ["0.000"]),
        _row("record", ["Ewe"]),
        _row("dER (mV)", ["0.000"]),
        _row("dtR (s)", [f"{step.interval_s:.4f}"]),
        _row("E range min (V)", [f"-{WIDEST_V:.3f}"]),
        _row("E range max (V)", [f"{WIDEST_V:.3f}"]),
    ]


def _current(step: PortableStep) -> list[str]:
    columns = len(step.levels)
    values = [one.value for one in step.levels]
    limit_V = min(step.voltage_limit_V or WIDEST_V, WIDEST_V)
    ends = [f"{-limit_V if value < 0 else limit_V:.3f}" if value else "pass" for value in values]
    charge = [] if step.charge_C is None else [f"{step.charge_C / C_PER_MAH:.6f}"]
    return [
        "Chronopotentiometry",
        _row("Ns", map(str, range(columns))),
        _row("Is", [f"{value * 1e3:.6f}" for value in values]),
        _row("unit Is", ["mA"] * columns),
        _row("vs.", ["<None>"] * columns),
        _row("ts (h:m:s)", [_clock(one.duration_s) for one in step.levels]),
        _row("EM (V)", ends),
        _row("dQM", charge or ["0.000"] * columns),
        _row("unit dQM", ["mA.h"] * columns),
        _row("record", ["Ewe"] * columns),
        _row("dEs (mV)", ["0.000"] * columns),
        _row("dts (s)", [f"{step.interval_s:.4f}"] * columns),
        _row("E range min (V)", [f"-{WIDEST_V:.3f}"] * columns),
        _row("E range max (V)", [f"{WIDEST_V:.3f}"] * columns),
        _row("I Range", [_range(max(map(abs, values)), step)] * columns),
        *_loop(step),
    ]


def _potential(step: PortableStep) -> list[str]:
    if any(one.regulates == "off" for one in step.levels):
        raise cannot(
            NAME,
            f"step {step.id} opens the cell between potentials",
            "give the level between them a potential",
        )
    columns = len(step.levels)
    limit_mA = None if step.current_limit_A is None else step.current_limit_A * 1e3
    most, least = ("pass", "pass") if limit_mA is None else (f"{limit_mA:.6f}", f"-{limit_mA:.6f}")
    charge = "0.000" if step.charge_C is None else f"{step.charge_C / C_PER_MAH:.6f}"
    return [
        "Chronoamperometry / Chronocoulometry",
        _row("Ns", map(str, range(columns))),
        _row("Ei (V)", [f"{one.value:.4f}" for one in step.levels]),
        _row("vs.", ["Ref"] * columns),
        _row("ti (h:m:s)", [_clock(one.duration_s) for one in step.levels]),
        _row("Imax", [most] * columns),
        _row("unit Imax", ["mA"] * columns),
        _row("Imin", [least] * columns),
        _row("unit Imin", ["mA"] * columns),
        _row("dQM", [charge] * columns),
        _row("unit dQM", ["mA.h"] * columns),
        _row("record", ["I"] * columns),
        _row("dI", ["0.000"] * columns),
        _row("unit dI", ["mA"] * columns),
        _row("dQ", ["0.000"] * columns),
        _row("unit dQ", ["mA.h"] * columns),
        _row("dt (s)", [f"{step.interval_s:.4f}"] * columns),
        _row("dta (s)", [f"{step.interval_s:.4f}"] * columns),
        _row("E range min (V)", [f"-{WIDEST_V:.3f}"] * columns),
        _row("E range max (V)", [f"{WIDEST_V:.3f}"] * columns),
        _row("I Range", ["Auto"] * columns),
        *_loop(step),
    ]


def _loop(step: PortableStep) -> list[str]:
    """Bandwidth, and back to the first sequence from the last, as often as the rounds need."""
    columns = len(step.levels)
    return [
        _row("Bandwidth", ["5"] * columns),
        _row("goto Ns'", ["0"] * columns),
        _row("nc cycles", ["0"] * (columns - 1) + [str(step.rounds - 1)]),
    ]


def _range(current_A: float, step: PortableStep) -> str:
    for most_A, words in RANGES_A:
        if current_A <= most_A * (1 + 1e-9):
            return words
    raise cannot(
        NAME,
        f"step {step.id} needs {current_A:.3g} A, and the largest range without a booster is 1 A",
        "export it for another source",
    )


def _row(name: str, values: Sequence[str] | Iterator[str]) -> str:
    return f"{name:<{COLUMN}}" + "".join(f"{value:<{COLUMN}}" for value in values)


def _clock(seconds: float) -> str:
    tenths = round(seconds * 1e4)
    hours, rest = divmod(tenths, 36_000_000)
    minutes, left = divmod(rest, 600_000)
    return f"{hours}:{minutes:02d}:{left / 1e4:07.4f}"
