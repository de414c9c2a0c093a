"""A CO2 electrolysis study on two metal clusters, rehearsed: six panels and the files behind them.

    python examples/co2_study.py [folder]

SIMULATED, with illustrative parameters: the figure shows what such a study would look like and
that its analysis works; it says nothing about the clusters. The panels follow Fig. 4 of Ye et al.,
Chem. Commun. 2025, 61, 2790.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

from faradaic.simulators.study import Study, rehearse_co2_study

COLOURS = {"ag25": "#5b6b7d", "au25": "#c08a1e"}
NAMES = {"ag25": "Ag$_{25}$", "au25": "Au$_{25}$"}
GREEN = "#2f6f5e"


def main(folder: Path) -> Path:
    """Rehearse both studies, write their tables and draw the figure; its path."""
    studies = [rehearse_co2_study(name, seed=7) for name in ("ag25", "au25")]
    for study in studies:
        study.write(folder / f"co2-study-{study.catalyst}")
    plt.rcParams.update(
        {
            "font.size": 9,
            "axes.spines.top": False,
            "axes.titlesize": 9,
            "axes.titlelocation": "left",
            "legend.frameon": False,
            "legend.fontsize": 8,
            "savefig.dpi": 96,
        }
    )
    figure, axes = plt.subplots(2, 3, figsize=(11.5, 6.8), layout="constrained")
    sweeps(axes[0, 0], studies)
    efficiency(axes[0, 1], studies)
    partial_current(axes[0, 2], studies)
    turnover(axes[1, 0], studies)
    for panel, study in zip(axes[1, 1:], studies, strict=True):
        stability(panel, study)
    for letter, panel in zip("abcdef", axes.flat, strict=True):
        panel.set_title(f"{letter}   {panel.get_title('left')}")
    figure.suptitle(
        "SIMULATED, parameters illustrative: CO$_2$ to CO in a gas-fed flow cell, 1 M KOH, 1 cm²",
        fontsize=10,
        x=0.01,
        ha="left",
    )
    path = folder / "co2_study.png"
    figure.savefig(path)
    plt.close(figure)
    return path


def sweeps(panel: plt.Axes, studies: list[Study]) -> None:
    """Current density in N2 (dashed) and CO2 (full)."""
    for study in studies:
        for sweep in study.sweeps:
            panel.plot(
                sweep.potential_V_vs_RHE,
                sweep.current_A / study.area_m2 / 10,
                color=COLOURS[study.catalyst],
                linestyle="--" if sweep.gas == "N2" else "-",
                label=f"{NAMES[study.catalyst]}, {sweep.gas.replace('2', '$_2$')}",
            )
    panel.spines.right.set_visible(False)
    panel.legend(loc="lower right")
    panel.set(
        title="Linear sweeps, 10 mV/s",
        xlabel="E (V vs RHE), not iR corrected",
        ylabel="j (mA cm$^{-2}$)",
        xlim=(-0.8, 0.2),
    )


def efficiency(panel: plt.Axes, studies: list[Study]) -> None:
    """Faradaic efficiencies as bars: CO full, H2 pale on top; they need not add up to 100 %."""
    order = sorted(
        range(len(studies[0].holds)), key=lambda i: studies[0].holds[i].potential_V_vs_RHE
    )
    places = np.arange(len(order))
    for offset, study in zip((-0.2, 0.2), studies, strict=True):
        co = np.array([100 * study.holds[i].fe_co for i in order])
        h2 = np.array([100 * study.holds[i].fe_h2 for i in order])
        colour, name = COLOURS[study.catalyst], NAMES[study.catalyst]
        panel.bar(places + offset, co, 0.36, color=colour, label=f"{name}, CO")
        panel.bar(places + offset, h2, 0.36, bottom=co, color=colour, alpha=0.3, label="H$_2$")
    panel.axhline(100, color="black", linewidth=0.6)
    panel.spines.right.set_visible(False)
    panel.set(
        title="Products, by gas chromatography and outlet flow",
        xlabel="E (V vs RHE)",
        ylabel="Faradaic efficiency (%)",
        ylim=(0, 130),
        yticks=range(0, 101, 20),
    )
    potentials = [studies[0].holds[i].potential_V_vs_RHE for i in order]
    panel.set_xticks(places, [f"{potential:.2f}".replace("-", "−") for potential in potentials])
    panel.legend(loc="upper left", ncols=4, columnspacing=0.9, handlelength=1.2)


def partial_current(panel: plt.Axes, studies: list[Study]) -> None:
    """Partial current density of CO."""
    for study in studies:
        potentials = [hold.potential_V_vs_RHE for hold in study.holds]
        density = np.array(study.partial_current_density_A_per_m2()) / 10
        panel.plot(
            potentials, density, "o-", color=COLOURS[study.catalyst], label=NAMES[study.catalyst]
        )
    panel.spines.right.set_visible(False)
    panel.legend(loc="lower right")
    panel.set(
        title="Partial current of CO", xlabel="E (V vs RHE)", ylabel="$j_{CO}$ (mA cm$^{-2}$)"
    )


def turnover(panel: plt.Axes, studies: list[Study]) -> None:
    """Turnover frequency, every cluster on the electrode counted."""
    for study in studies:
        potentials = [hold.potential_V_vs_RHE for hold in study.holds]
        panel.semilogy(
            potentials,
            study.turnover_frequency_per_s(),
            "o-",
            color=COLOURS[study.catalyst],
            label=NAMES[study.catalyst],
        )
    panel.spines.right.set_visible(False)
    panel.legend(loc="upper right")
    panel.set(
        title="Turnover, all clusters counted (1 mg cm$^{-2}$)",
        xlabel="E (V vs RHE)",
        ylabel="TOF (CO per cluster and second)",
    )


def stability(panel: plt.Axes, study: Study) -> None:
    """Current density (line) and efficiency of CO (points) over the long run."""
    run, colour = study.long_run, COLOURS[study.catalyst]
    density = run.trace.current_A / study.area_m2 / 10
    panel.plot(run.trace.time_s[30:] / 3600, density[30:], color=colour)
    kept = 100 * np.mean(run.current_A[-3:]) / np.mean(run.current_A[:3])
    potential = f"{run.potential_V_vs_RHE:.2f}".replace("-", "−")
    panel.set(
        title=f"{NAMES[study.catalyst]} at {potential} V vs RHE: {kept:.0f} % of j kept",
        xlabel="Time (h)",
        ylabel="j (mA cm$^{-2}$), line",
        xlim=(0, 16),
        xticks=range(0, 17, 4),
        ylim=(-25, 0),
    )
    right = panel.twinx()
    right.plot(
        run.record.time_s / 3600,
        100 * run.fe_co,
        "o",
        color=GREEN,
        markerfacecolor="white",
        markersize=4,
    )
    right.set_ylabel("FE$_{CO}$ (%), points", color=GREEN)
    right.set_ylim(0, 105)
    right.spines.top.set_visible(False)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("runs/gallery")
    target.mkdir(parents=True, exist_ok=True)
    print(main(target))
