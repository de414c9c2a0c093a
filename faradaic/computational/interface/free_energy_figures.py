"""Figures of free energies: curves with their errors, pulls with their hysteresis, barriers.

A barrier that is known only as a number is drawn as a curve of arbitrary shape up to its height and
says so; its final state is drawn only where the reaction energy is known.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from faradaic.computational.interface.blue_moon import Convergence, MeanForce
from faradaic.computational.interface.bonds import BondLength
from faradaic.computational.interface.profile import Barrier, FreeEnergyProfile
from faradaic.computational.interface.scheme import ElementaryStep
from faradaic.computational.interface.slow_growth import SlowGrowth
from faradaic.diagnostics import refusal
from faradaic.records.folder import csv_bytes, write_file
from faradaic.reporting.figures import (
    BLUE,
    COLUMN_MM,
    GREEN,
    ORANGE,
    PAGE_MM,
    PURPLE,
    VERMILLION,
    as_files,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BREAK = 0.7
"""Where a curve without a final state breaks off, on the way from 0 (initial) to 1 (final)."""
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE)
KINDS = ("svg", "pdf", "png")


def save(
    figure: Figure,
    stem: Path,
    header: Sequence[str] = (),
    rows: Iterable[Iterable[object]] = (),
) -> list[Path]:
    """Write `stem`.svg, .pdf and .png, and the rows behind them as .csv; returns their paths."""
    contents = {"csv": csv_bytes(header, rows)} if header else {}
    contents |= as_files(figure, *KINDS)
    written = [stem.with_name(f"{stem.name}.{kind}") for kind in contents]
    for path, data in zip(written, contents.values(), strict=True):
        write_file(path, data)
    return written


@styled()
def profile_figure(
    profile: FreeEnergyProfile, barrier: Barrier, pulls: SlowGrowth | None = None, title: str = ""
) -> Figure:
    """F(ξ) with its error above, beside the work of pulls; the gradients with theirs below."""
    figure, axes = _figure(COLUMN_MM, 90.0, 2, 1, sharex=True, height_ratios=(2, 1))
    top, bottom = axes[0, 0], axes[1, 0]
    xi = np.linspace(profile.xi_A[0], profile.xi_A[-1], 301)
    curve = np.array([profile.weights(x) @ profile.gradient_eV_A for x in xi])
    spread = np.array([profile.difference(profile.xi_A[0], x)[1] for x in xi])
    top.fill_between(xi, curve - spread, curve + spread, color=COLOURS[0], alpha=0.25, lw=0)
    top.plot(xi, curve, color=COLOURS[0])
    top.plot(profile.xi_A, profile.free_energy_eV, "o", ms=2.5, color=COLOURS[0])
    if pulls is not None:
        _pulls(top, pulls)
        top.legend(loc="best")
    if barrier.barrier.value is not None and barrier.transition_A is not None:
        height = float(profile.weights(barrier.transition_A) @ profile.gradient_eV_A)
        top.annotate(
            f"ΔF‡ = {barrier.barrier.value:.2f} ± {barrier.barrier.random or 0.0:.2f} eV",
            (barrier.transition_A, height),
            (0, 4),
            textcoords="offset points",
            ha="center",
        )
        top.margins(y=0.15)
    else:
        top.text(0.03, 0.95, "no barrier: see findings", transform=top.transAxes, va="top")
    bottom.axhline(0.0, color="black", lw=0.4)
    bottom.errorbar(
        profile.xi_A,
        profile.gradient_eV_A,
        profile.gradient_error_eV_A,
        fmt="o-",
        ms=2.5,
        lw=0.6,
        capsize=1.5,
        color=COLOURS[1],
    )
    top.set_ylabel("F / eV")
    bottom.set_ylabel("dF/dξ / eV Å⁻¹")
    bottom.set_xlabel("ξ / Å")
    top.set_title(title, loc="left", fontsize=7)
    return figure


@styled()
def convergence_figure(forces: Sequence[MeanForce], courses: Sequence[Convergence]) -> Figure:
    """How far dF/dξ of each window was from its final value, against the time that was used."""
    import matplotlib as mpl
    from matplotlib.colors import Normalize

    figure, axes = _figure(COLUMN_MM, 65.0, 1, 1)
    axis = axes[0, 0]
    ends = [force.xi_A for force in forces]
    colour = mpl.cm.ScalarMappable(Normalize(min(ends), max(ends)), "viridis")
    for force, course in zip(forces, courses, strict=True):
        off = course.gradient_eV_A - force.gradient_eV_A
        shade = colour.to_rgba(np.array([force.xi_A]))[0]
        time_ps = course.time_fs / 1000
        axis.errorbar(
            time_ps, off, course.error_eV_A, color=shade, marker="o", ms=2.0, elinewidth=0.5
        )
    axis.axhline(0.0, color="0.5", lw=0.5, ls=":")
    axis.set_xlabel("time used / ps")
    axis.set_ylabel("dF/dξ − final / eV Å⁻¹")
    figure.colorbar(colour, ax=axis, label="ξ / Å")
    return figure


@styled()
def bond_figure(
    bonds: Sequence[BondLength], frame_fs: float | None = None, limit_A: float | None = None
) -> Figure:
    """Each distance during a run, against time, or against frames where their distance in time is
    not known; the dotted line is the limit beyond which a bond counts as broken.
    """
    figure, axes = _figure(COLUMN_MM, 60.0, 1, 1)
    axis = axes[0, 0]
    for k, bond in enumerate(bonds):
        frames = np.arange(len(bond.length_A), dtype=float)
        at = frames + 1 if frame_fs is None else frames * frame_fs / 1000
        line = ("-", "--", ":")[k // len(COLOURS) % 3]
        axis.plot(at, bond.length_A, line, lw=0.6, color=COLOURS[k % len(COLOURS)], label=bond.name)
    if limit_A is not None:
        axis.axhline(limit_A, color="0.5", lw=0.5, ls=":")
    axis.set_xlabel("frame" if frame_fs is None else "time / ps")
    axis.set_ylabel("bond length / Å")
    figure.legend(loc="outside upper center", ncols=min(4, len(bonds)))
    return figure


def write_bonds(
    bonds: Sequence[BondLength],
    folder: Path,
    frame_fs: float | None = None,
    limit_A: float | None = None,
) -> list[Path]:
    """Write bonds.csv and the figure (SVG, PDF, PNG) of the distances; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = zip(itertools.count(1), *(bond.length_A for bond in bonds), strict=False)
    header = ("frame", *(f"{bond.name}_A" for bond in bonds))
    return save(bond_figure(bonds, frame_fs, limit_A), folder / "bonds", header, rows)


@styled()
def slow_growth_figure(cycle: SlowGrowth, title: str = "") -> Figure:
    """The forward and the backward work, and the mean between them."""
    figure, axes = _figure(COLUMN_MM, 65.0, 1, 1)
    axis = axes[0, 0]
    _pulls(axis, cycle)
    if cycle.hysteresis_eV is None:
        axis.text(0.97, 0.05, "one direction only: work, not free energy", ha="right",
                  transform=axis.transAxes)  # fmt: skip
    else:
        axis.fill_between(cycle.xi_A, cycle.backward_eV, cycle.forward_eV, color="#EEEEEE", lw=0)
        label = f"mean (hysteresis {cycle.hysteresis_eV:.2f} eV)"
        axis.plot(cycle.xi_A, cycle.free_energy_eV, color="black", label=label)
    axis.legend(loc="best")
    axis.margins(y=0.12)
    axis.set_xlabel("ξ / Å")
    axis.set_ylabel("W, F / eV")
    axis.set_title(title, loc="left", fontsize=7)
    return figure


@styled()
def barrier_figure(panels: Sequence[tuple[str, Sequence[tuple[str, ElementaryStep]]]]) -> Figure:
    """One panel per elementary step; in it a curve per (label, step), heights as given."""
    columns = 3 if len(panels) == 3 else min(2, len(panels))
    rows = -(-len(panels) // columns)
    width_mm = PAGE_MM if columns > 1 else COLUMN_MM
    figure, axes = _figure(width_mm, 48.0 * rows + 6, rows, columns, sharey=True)
    highest = max(step.barrier_eV for _, curves in panels for _, step in curves)
    lowest = min(step.reaction_energy_eV or 0.0 for _, curves in panels for _, step in curves)
    colours: dict[str, str] = {}
    for letter, axis, (title, curves) in zip("abcdefghijkl", axes.flat, panels, strict=False):
        for label, step in curves:
            colour = colours.setdefault(label, COLOURS[len(colours) % len(COLOURS)])
            _hump(axis, step, colour, f"{label}, {step.U_RHE_V:+.2f} V: {step.barrier_eV:.2f} eV")
        axis.set_title(f"{letter}  {title}", loc="left", fontsize=7.5)
        axis.set_xticks([0.0, 0.5, 1.0], ["initial", "transition", "final"])
        axis.set_xlim(-0.1, 1.1)
        axis.set_ylim(lowest - 0.08 * highest, 1.45 * highest)
        axis.legend(loc="upper right", fontsize=6, borderpad=0.2)
    for axis in axes[:, 0]:
        axis.set_ylabel("ΔG / eV")
    for axis in axes.flat[len(panels) :]:
        axis.remove()
    note = "heights as given, shape schematic, dashed where no reaction energy is given; V vs RHE"
    figure.supxlabel(note, fontsize=5.5, color="#606060")
    return figure


@styled()
def path_figure(paths: Sequence[tuple[str, Sequence[ElementaryStep]]]) -> Figure:
    """The whole way of each (label, steps in order): levels of the states, transition states.

    Every step needs its reaction energy. Raises `InputError` (E864) where one has none.
    """
    figure, axes = _figure(PAGE_MM, 75.0, 1, 1)
    axis = axes[0, 0]
    for colour, (label, steps) in zip(COLOURS, paths, strict=False):
        level = 0.0
        for k, step in enumerate(steps):
            if step.reaction_energy_eV is None:
                raise refusal(
                    "E864",
                    f"{step.system} {step.name} has no reaction energy",
                    "fill the column reaction_energy_eV",
                )
            top, end = level + step.barrier_eV, level + step.reaction_energy_eV
            axis.plot([k - 0.15, k + 0.15], [level, level], color=colour, lw=1.5,
                      label=f"{label}, {step.U_RHE_V:+.2f} V" if k == 0 else None)  # fmt: skip
            axis.plot([k + 0.4, k + 0.6], [top, top], color=colour, lw=1.5)
            axis.plot([k + 0.15, k + 0.4], [level, top], color=colour, lw=0.5, ls=":")
            axis.plot([k + 0.6, k + 0.85], [top, end], color=colour, lw=0.5, ls=":")
            axis.text(
                k + 0.5,
                top,
                f"{step.barrier_eV:.2f}",
                color=colour,
                ha="center",
                va="bottom",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3},
            )
            level = end
        axis.plot([len(steps) - 0.15, len(steps) + 0.15], [level, level], color=colour, lw=1.5)
    longest = max((steps for _, steps in paths), key=len)
    axis.set_xticks([k + 0.5 for k in range(len(longest))], [step.name for step in longest])
    axis.tick_params(axis="x", length=0)
    axis.margins(y=0.15)
    axis.set_ylabel("G / eV")
    axis.legend(loc="best")
    return figure


def _pulls(axis: Axes, cycle: SlowGrowth) -> None:
    for curve, label, colour in (
        (cycle.forward_eV, "forward", COLOURS[1]),
        (cycle.backward_eV, "backward", COLOURS[2]),
    ):
        if np.isfinite(curve[0]):
            axis.plot(cycle.xi_A, curve, lw=0.8, color=colour, label=f"pull {label}")


def _hump(axis: Axes, step: ElementaryStep, colour: str, label: str) -> None:
    final = step.reaction_energy_eV
    rise, fall = np.linspace(0.0, 0.5, 101), np.linspace(0.5, _BREAK if final is None else 1.0, 101)
    axis.plot(rise, step.barrier_eV * np.sin(np.pi * rise) ** 2, color=colour, label=label)
    end = 0.0 if final is None else final
    down = end + (step.barrier_eV - end) * np.sin(np.pi * fall) ** 2
    axis.plot(fall, down, color=colour, ls="--" if final is None else "-", lw=0.8)


def _figure(
    width_mm: float, height_mm: float, rows: int, columns: int, **shared: Any
) -> tuple[Figure, Any]:
    figure = new_figure(width_mm, height_mm)
    return figure, figure.subplots(rows, columns, squeeze=False, **shared)
