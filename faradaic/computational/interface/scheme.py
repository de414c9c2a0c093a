"""A reaction scheme from barriers: which step limits, by how much, and against what it competes.

Rates are those of transition-state theory, k = kT/h exp(−ΔG‡/kT).
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from faradaic.computational.interface.trajectories import Floats
from faradaic.datafiles.readers.text import decode, read_bytes
from faradaic.diagnostics import Diagnostic, InputError, Location, refusal, warning
from faradaic.quantities.constants import BOLTZMANN_EV_PER_K, BOLTZMANN_PER_PLANCK_HZ_PER_K
from faradaic.results import Result, missing

PUBLISHED = Path(__file__).parent / "tables" / "ag25_au25.csv"
"""Barriers of Ag25 and Au25 as published, with the sentence each comes from."""
EQUAL_WITHIN_V = 0.05
"""Barriers count as taken at one potential up to here."""
UNSTATED_ERROR_EV = 0.1
"""What two barriers without errors must differ by; pulls of 1 to 2 ps err by 0.1 to 0.2 eV."""
_SPAN_METHOD = "Kozuch & Shaik 2011"
_NEEDED = ("cluster", "process", "order", "step", "barrier_eV", "U_RHE_V")


@dataclass(frozen=True, slots=True)
class ElementaryStep:
    """One elementary step with its barrier at one potential."""

    system: str
    process: str
    order: int
    name: str
    barrier_eV: float
    U_RHE_V: float
    reaction_energy_eV: float | None = None
    barrier_error_eV: float | None = None
    outcome: str = ""
    """Of a leaching step: `leaves`, `half` (one bond broken) or `stays`."""
    quote: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class RateControl:
    """What limits one process of one system."""

    steps: tuple[ElementaryStep, ...]
    limiting: ElementaryStep
    """The step with the highest degree of rate control."""
    control: tuple[float, ...]
    """Degree of rate control of each step (Campbell 1994); they add up to 1."""
    margin_eV: float | None
    """Highest barrier minus the next; None for a single step."""
    energetic_span: Result
    """Of Kozuch & Shaik (2011); needs all reaction energies."""
    log10_turnover_Hz: float
    temperature_K: float
    findings: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True)
class Selectivity:
    """The wanted process against the competing one."""

    wanted: RateControl
    competing: RateControl
    difference_eV: float
    """Highest barrier of the competing process minus that of the wanted; positive is good."""
    rate_ratio_log10: float
    findings: tuple[Diagnostic, ...] = ()


def read_steps(path: Path = PUBLISHED) -> tuple[ElementaryStep, ...]:
    """The steps of a CSV file: cluster, process, order, step, barrier_eV, U_RHE_V and, where known,
    reaction_energy_eV, barrier_error_eV, outcome, quote, source.

    Raises `InputError` (E864) naming the line and column that cannot be used.
    """
    lines = decode(read_bytes(path)).splitlines()
    reader = csv.DictReader(lines)
    absent = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
    if absent:
        raise refusal(
            "E864",
            f"{path} has no column {', '.join(absent)}",
            "the first line names the columns: " + ",".join(_NEEDED),
        )
    return tuple(_step(path, row, reader.line_num, lines) for row in reader)


def select(
    steps: Sequence[ElementaryStep], system: str, process: str, U_RHE_V: float | None = None
) -> tuple[ElementaryStep, ...]:
    """The steps of one process in their order. Raises `InputError` (E864) where there are none."""
    chosen = [
        step
        for step in steps
        if (step.system, step.process) == (system, process)
        and (U_RHE_V is None or abs(step.U_RHE_V - U_RHE_V) <= EQUAL_WITHIN_V)
    ]
    if not chosen:
        there = sorted({f"{step.system} {step.process}" for step in steps})
        raise refusal(
            "E864",
            f"no steps of {system} {process}" + ("" if U_RHE_V is None else f" at {U_RHE_V:g} V"),
            "there is " + ", ".join(there),
        )
    return tuple(sorted(chosen, key=lambda step: step.order))


def rate_control(steps: Sequence[ElementaryStep], temperature_K: float = 300.0) -> RateControl:
    """What limits a cycle of steps taken one after the other.

    With all reaction energies it is the steady state of the cycle (Kozuch & Shaik 2011); without,
    every step counts as irreversible and the times 1/k add up. Raises `InputError` (E864) for steps
    out of order or at different potentials, (E859) for a temperature that is not positive.
    """
    steps = tuple(sorted(steps, key=lambda step: step.order))
    if not 0.0 < temperature_K < math.inf:
        raise refusal("E859", f"a temperature of {temperature_K:g} K", "give kelvin above 0")
    orders = [step.order for step in steps]
    if not steps or orders != list(range(1, len(steps) + 1)):
        raise refusal(
            "E864",
            f"the steps are numbered {orders}, not 1 to {len(steps)}",
            "one row per step of one process at one potential",
        )
    from scipy.special import logsumexp

    kT = BOLTZMANN_EV_PER_K * temperature_K
    attempt = BOLTZMANN_PER_PLANCK_HZ_PER_K * temperature_K
    barriers = np.array([step.barrier_eV for step in steps])
    energies = [step.reaction_energy_eV for step in steps]
    findings = list(potential_findings(steps))
    if any(energy is None for energy in energies):
        span = missing(
            "energetic_span",
            "eV",
            _SPAN_METHOD,
            "reaction energies are not known for every step",
        )
        scaled = barriers / kT
        turnover = math.log(attempt) - logsumexp(scaled)
        control = np.exp(scaled - logsumexp(scaled))
    else:
        known = np.array([energy for energy in energies if energy is not None])
        name = f"{steps[0].system} {steps[0].process}"
        span, turnover, control = _cycle(name, barriers, known, kT, attempt)
    limiting = steps[int(np.argmax(control))]
    margin = None
    if len(steps) > 1:
        second, first = sorted(steps, key=lambda step: step.barrier_eV)[-2:]
        margin = first.barrier_eV - second.barrier_eV
        findings += _close(first, second, margin)
    return RateControl(
        steps,
        limiting,
        tuple(float(share) for share in control),
        margin,
        span,
        turnover / math.log(10.0),
        temperature_K,
        tuple(findings),
    )


def selectivity(wanted: RateControl, competing: RateControl) -> Selectivity:
    """Which of two processes is easier, by their highest barriers and by their turnovers."""
    difference = max(s.barrier_eV for s in competing.steps) - max(
        s.barrier_eV for s in wanted.steps
    )
    return Selectivity(
        wanted,
        competing,
        difference,
        wanted.log10_turnover_Hz - competing.log10_turnover_Hz,
        potential_findings([*wanted.steps, *competing.steps]),
    )


def potential_findings(steps: Sequence[ElementaryStep]) -> tuple[Diagnostic, ...]:
    """A finding (E860) where barriers are put side by side that belong to different potentials."""
    potentials = [step.U_RHE_V for step in steps]
    apart = max(potentials) - min(potentials)
    if apart <= EQUAL_WITHIN_V:
        return ()
    places = dict.fromkeys(f"{step.system} at {step.U_RHE_V:+.2f} V" for step in steps)
    return (
        warning(
            "E860",
            f"barriers at unequal potentials are compared: {', '.join(places)} vs RHE",
            help=f"a step that moves one electron shifts by up to {apart:.2f} eV over this "
            "distance; bring both to one potential (faradaic interface constant-potential)",
            numbers={"apart_V": apart},
        ),
    )


def _cycle(
    name: str, barriers: Floats, energies: Floats, kT: float, attempt: float
) -> tuple[Result, float, Floats]:
    """(energetic span, ln of the turnover in Hz, degrees of rate control) of a cycle."""
    from scipy.special import logsumexp

    intermediates = np.concatenate([[0.0], np.cumsum(energies)[:-1]])
    transitions = intermediates + barriers
    total = float(energies.sum())
    n = barriers.size
    after = np.arange(n)[:, None] >= np.arange(n)[None, :]  # transition i behind intermediate j
    spans = transitions[:, None] - intermediates[None, :] + np.where(after, 0.0, total)
    span = float(spans.max())
    if total >= 0.0:
        raise refusal(
            "E864",
            f"{name}: the cycle goes uphill by {total:.2f} eV, it does not turn over",
            "check the signs of the reaction energies and the potential",
        )
    log_sum = logsumexp(spans.ravel() / kT)
    turnover = math.log(attempt) + math.log(-math.expm1(total / kT)) - log_sum
    control = np.exp(spans / kT - log_sum).sum(axis=1)
    return Result("energetic_span", span, "eV", _SPAN_METHOD), turnover, control


def _close(first: ElementaryStep, second: ElementaryStep, margin: float) -> list[Diagnostic]:
    errors = [step.barrier_error_eV for step in (first, second)]
    known = [error for error in errors if error is not None]
    needed = 2.0 * math.hypot(*known) if len(known) == 2 else UNSTATED_ERROR_EV
    if margin > needed + 1e-9:
        return []
    why = "twice their error" if len(known) == 2 else "what pulls without stated errors may be off"
    return [
        warning(
            "E862",
            f"{first.system}: {first.name} lies only {margin:.2f} eV above {second.name}; "
            f"{needed:.2f} eV is {why}",
            help="the order of the two is not established: pull both ways, or run windows with "
            "errors",
            numbers={"margin_eV": margin},
        )
    ]


def _step(
    path: Path, row: dict[str, str | None], line: int, lines: Sequence[str]
) -> ElementaryStep:
    def words(name: str) -> str:
        return (row.get(name) or "").strip()

    def number(name: str, at_least: float = -math.inf) -> float:
        try:
            value = float(words(name))
        except ValueError:
            value = math.nan
        if math.isfinite(value) and value >= at_least:
            return value
        raise InputError(
            Diagnostic(
                "E864",
                f"{name} is {words(name)!r}",
                help=f"give {name} as a number with a decimal point"
                + (f", not below {at_least:g}" if math.isfinite(at_least) else ""),
                location=Location(str(path), line, 1, lines[line - 1]),
            )
        )

    def optional(name: str) -> float | None:
        return number(name) if words(name) else None

    number("barrier_eV", at_least=max(0.0, optional("reaction_energy_eV") or 0.0))
    return ElementaryStep(
        words("cluster"),
        words("process"),
        int(number("order")),
        words("step"),
        number("barrier_eV"),
        number("U_RHE_V"),
        optional("reaction_energy_eV"),
        optional("barrier_error_eV"),
        words("outcome"),
        words("quote"),
        words("source"),
    )
