"""Several systems side by side: what limits each, what competes, when ligands leave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.computational.interface.free_energy_figures import barrier_figure, path_figure, save
from faradaic.computational.interface.leaching import PROCESS, Leaching, leaching
from faradaic.computational.interface.scheme import (
    ElementaryStep,
    RateControl,
    Selectivity,
    potential_findings,
    rate_control,
    select,
    selectivity,
)
from faradaic.diagnostics import Diagnostic

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class SystemsComparison:
    """The processes of all systems of a table."""

    controls: tuple[RateControl, ...]
    selectivities: tuple[Selectivity, ...]
    leachings: tuple[Leaching, ...]
    findings: tuple[Diagnostic, ...]

    def lines(self) -> Iterator[str]:
        """What was found, for a person."""
        for control in self.controls:
            step = control.limiting
            margin = "" if control.margin_eV is None else f", {control.margin_eV:.2f} eV margin"
            share = max(control.control)
            yield (
                f"{step.system} {step.process} at {step.U_RHE_V:+.2f} V: {step.name} is rate-"
                f"determining, {step.barrier_eV:.2f} eV{margin}, rate control {share:.3f}"
            )
            if control.energetic_span.value is not None:
                yield f"  energetic span {control.energetic_span.value:.2f} eV"
        for one in self.selectivities:
            a, b = one.wanted.limiting, one.competing.limiting
            yield (
                f"{a.system}: {b.process} is {'harder' if one.difference_eV > 0 else 'easier'} "
                f"than {a.process} by {abs(one.difference_eV):.2f} eV, its rate 10^"
                f"{-one.rate_ratio_log10:.1f} of the other"
            )
        for leach in self.leachings:
            course = ", ".join(
                f"{barrier:.2f} eV at {u:+.2f} V ({outcome or 'outcome not given'})"
                for u, barrier, outcome in zip(
                    leach.potentials_V, leach.barriers_eV, leach.outcomes, strict=True
                )
            )
            yield f"{leach.system} ligand leaching: {course}"
            low, high = leach.bracket_V
            if low is not None and high is not None:
                yield f"  leaves between {low:+.2f} V and {high:+.2f} V vs RHE, as reported"
            threshold = leach.threshold
            if threshold.value is None:
                yield f"  no threshold: {threshold.reason}"
            else:
                yield f"  threshold {threshold.value:+.2f} V {threshold.basis}"
        for u, barriers in self.leaching_at_one_potential().items():
            yield f"ligand leaching at {u:+.2f} V: " + ", ".join(
                f"{system} {barrier:.2f} eV" for system, barrier in barriers.items()
            )

    def leaching_at_one_potential(self) -> dict[float, dict[str, float]]:
        """Barriers (eV) of all systems at each potential that lies within the range of all."""
        if len(self.leachings) < 2:
            return {}
        low = max(one.potentials_V[-1] for one in self.leachings)
        high = min(one.potentials_V[0] for one in self.leachings)
        potentials = {u for one in self.leachings for u in one.potentials_V if low <= u <= high}
        return {
            u: {one.system: one.barrier_at_eV(u) for one in self.leachings}
            for u in sorted(potentials, reverse=True)
        }

    def as_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping, without the findings."""
        return {
            "rate_control": [
                {
                    "system": one.limiting.system,
                    "process": one.limiting.process,
                    "U_RHE_V": one.limiting.U_RHE_V,
                    "rate_determining": one.limiting.name,
                    "margin_eV": one.margin_eV,
                    "log10_turnover_Hz": one.log10_turnover_Hz,
                    "energetic_span": one.energetic_span.as_dict(),
                    "control": dict(zip([s.name for s in one.steps], one.control, strict=True)),
                }
                for one in self.controls
            ],
            "selectivity": [
                {
                    "system": one.wanted.limiting.system,
                    "wanted": one.wanted.limiting.process,
                    "competing": one.competing.limiting.process,
                    "difference_eV": one.difference_eV,
                    "log10_rate_ratio": one.rate_ratio_log10,
                }
                for one in self.selectivities
            ],
            "leaching": [
                {
                    "system": one.system,
                    "potentials_V": one.potentials_V,
                    "barriers_eV": one.barriers_eV,
                    "outcomes": one.outcomes,
                    "bracket_V": one.bracket_V,
                    "threshold": one.threshold.as_dict(),
                }
                for one in self.leachings
            ],
            "leaching_at_one_potential": [
                {"U_RHE_V": u, "barriers_eV": barriers}
                for u, barriers in self.leaching_at_one_potential().items()
            ],
        }


def compare_systems(
    steps: Sequence[ElementaryStep],
    *,
    wanted: str = "CO2RR",
    competing: str = "HER",
    temperature_K: float = 300.0,
    waiting_s: float = 1.0,
) -> SystemsComparison:
    """Rate control of every cycle at every potential, selectivity, and leaching of each system.

    Systems whose steps stand at unequal potentials are compared under a finding (E860).
    """
    systems = list(dict.fromkeys(step.system for step in steps))
    controls: list[RateControl] = []
    selectivities = []
    findings: list[Diagnostic] = []
    for process in dict.fromkeys(step.process for step in steps if step.process != PROCESS):
        chosen = [step for step in steps if step.process == process]
        for system in dict.fromkeys(step.system for step in chosen):
            for U_RHE_V in dict.fromkeys(s.U_RHE_V for s in chosen if s.system == system):
                control = rate_control(select(chosen, system, process, U_RHE_V), temperature_K)
                controls.append(control)
                findings += control.findings
    for process in (wanted, competing):
        side_by_side = [step for step in steps if step.process == process]
        if side_by_side:
            findings += potential_findings(side_by_side)
    for one in (control for control in controls if control.limiting.process == wanted):
        for other in controls:
            same = other.limiting.system == one.limiting.system
            if same and other.limiting.process == competing:
                found = selectivity(one, other)
                selectivities.append(found)
                findings += found.findings
    leachings = [
        leaching(steps, system, temperature_K=temperature_K, waiting_s=waiting_s)
        for system in systems
        if any((step.system, step.process) == (system, PROCESS) for step in steps)
    ]
    unique = {finding.message: finding for finding in findings}
    return SystemsComparison(
        tuple(controls), tuple(selectivities), tuple(leachings), tuple(unique.values())
    )


def step_figure(steps: Sequence[ElementaryStep], process: str) -> Figure:
    """One panel per elementary step, one curve per system (figure 3 of Ye et al. 2025).

    Of leaching one panel per system and step, one curve per potential (figures 1b, 1c and 2c).
    """
    leaches = process == PROCESS
    panels: dict[str, list[tuple[str, ElementaryStep]]] = {}
    for step in sorted(
        (step for step in steps if step.process == process),
        key=lambda s: (
            (s.system, s.order, "", -s.U_RHE_V) if leaches else ("", s.order, s.system, 0)
        ),
    ):
        title = f"{step.system}: {step.name}" if leaches else step.name
        panels.setdefault(title, []).append((step.outcome if leaches else step.system, step))
    return barrier_figure(list(panels.items()))


def write_figures(steps: Sequence[ElementaryStep], folder: Path) -> list[Path]:
    """Figures of leaching, of each process step by step and, where all reaction energies are known,
    of its whole way; SVG, PDF and PNG. Returns their paths.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for process in dict.fromkeys(step.process for step in steps):
        stem = folder / "".join(c if c.isalnum() else "_" for c in process)
        written += save(step_figure(steps, process), stem)
        if process == PROCESS:
            continue
        chosen = sorted((s for s in steps if s.process == process), key=lambda step: step.order)
        if all(step.reaction_energy_eV is not None for step in chosen):
            ways: dict[tuple[str, float], list[ElementaryStep]] = {}
            for step in chosen:
                ways.setdefault((step.system, step.U_RHE_V), []).append(step)
            paths = [(system, way) for (system, _), way in ways.items()]
            written += save(path_figure(paths), stem.with_name(f"{stem.name}_path"))
    return written
