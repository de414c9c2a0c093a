"""Pictures of electrolyses: rehearsed through driver, wire and emulator, or run on the cell."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from drawing import BLUE, FOLDER, GREEN, ORANGE, PURPLE, VERMILLION, label, panels, save

from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.quantities.constants import FARADAY_C_PER_MOL
from faradaic.records.run import Run, load_run
from faradaic.runner.bench_file import load_bench
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan
from faradaic.simulators.contracts import Control
from faradaic.simulators.preparative.preparative_cell import HeldControl, PreparativeCell
from faradaic.simulators.rehearsed_co2_study import rehearse_co2_study

PROTOCOL = FOLDER / "four_hours.yaml"


@cache
def plan(protocol: Path = PROTOCOL, bench: str = "simulated") -> Any:
    return compile_protocol(load_protocol(str(protocol)), load_bench(bench))


@cache
def rehearsed(*faults: str, protocol: Path = PROTOCOL, bench: str = "simulated") -> Run:
    """A protocol on a simulated bench, the four hours if not given, with faults."""
    with tempfile.TemporaryDirectory() as folder:
        done = run_plan(
            plan(protocol, bench),
            load_bench(bench),
            protocol_text=protocol.read_text(encoding="utf-8"),
            runs_dir=Path(folder),
            seed=0,
            speed=None,
            operator=DefaultOperator(),
            controls=Controls(),
            faults=faults,
        )
        return load_run(done.folder)


def per_mole(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Charge in F/mol and cell voltage, of the readings with current."""
    columns = run.columns
    on = columns["current_A"] > 1e-3
    moles = FARADAY_C_PER_MOL * float(run.limiting_amount_mol or np.nan)
    return columns["charge_gross_C"][on] / moles, columns["cell_voltage_V"][on]


def four_hours() -> None:
    figure, ((left, right),) = panels(2, height=3.5)
    x, voltage_V = per_mole(rehearsed())
    left.plot(x, voltage_V)
    label(left, "charge / (F/mol)", "cell voltage / V", "20 mA, read through a Keithley 2450")
    cell = PreparativeCell(plan().cell)
    current_A, amount = 0.02, float(plan().limiting_amount_mol)
    trace = cell.run([HeldControl(Control.CURRENT, current_A, 14476.0)], 4.0)
    index = trace.species.index("substrate")
    left_mol = trace.amount_mol[:, :, index].sum(axis=1)
    charge = current_A * trace.time_s / (FARADAY_C_PER_MOL * amount)
    conversion = 1.0 - left_mol / amount
    limit_A = mass_transfer_limit_A(plan().cell.model_dump())
    beta, m = current_A / limit_A, charge / 2.0
    closed = np.where(m < 1 - beta, m, 1 - beta * np.exp(-(m - 1 + beta) / beta))
    right.plot(charge, 100 * conversion, label="simulated")
    right.plot(charge[::260], 100 * closed[::260], "o", mfc="none", mec="black", ms=4.5,
               label="closed form")  # fmt: skip
    right.plot(charge, 50 * charge, color="#999999", lw=0.8, ls=":", label="Faraday, 2 F/mol")
    right.set_ylim(0, 105)
    right.legend(loc="lower right")
    label(right, "charge / (F/mol)", "conversion / %", f"i / i$_{{lim}}$ = {beta:.2f} at the start")
    for axes in (left, right):
        axes.axvline(2 * (1 - beta), color=VERMILLION, lw=0.9, ls="--")
    left.text(2 * (1 - beta) - 0.04, np.percentile(voltage_V, 97), "limiting current\nis reached",
              ha="right", va="top", color=VERMILLION, fontsize=9)  # fmt: skip
    save(figure, "four_hours")


def mass_transfer_limit_A(cell: dict[str, Any]) -> float:
    """z F k_m A c at the start, of the reaction that consumes the substrate."""
    working, reaction = cell["electrodes"]["working"], wanted_reaction(cell)
    concentration = cell["species"]["substrate"]["concentration_mol_per_m3"]
    return float(
        reaction["electrons"]
        * FARADAY_C_PER_MOL
        * reaction["mass_transfer_m_per_s"]
        * working["area_m2"]
        * concentration
    )


def wanted_reaction(cell: dict[str, Any]) -> dict[str, Any]:
    """The reaction at the working electrode that consumes the substrate."""
    reactions = cell["electrodes"]["working"]["reactions"]
    (reaction,) = (r for r in reactions if r["substrate"] == "substrate")
    return dict(reaction)


FAULTS = (
    ("film:start=0.5F/mol,rate=8V/F", "a film grows from 0.5 F/mol on", VERMILLION),
    ("stir_stop:start=0.8F/mol", "stirring stops at 0.8 F/mol", GREEN),
    ("fibre:start=0.3F/mol,every=8min,lasting=40s,resistance=30Ohm", "a loose fibre", PURPLE),
    ("substrate:factor=60%", "60 % of the substrate", ORANGE),
)


def passivating() -> None:
    figure, axes = panels(2, 2, height=2.7, sharex=True)
    x0, y0 = per_mole(rehearsed())
    for ax, (fault, name, colour) in zip(axes.flat, FAULTS, strict=True):
        run = rehearsed(fault)
        x, y = per_mole(run)
        ax.plot(x[::6], y[::6], color=colour, lw=1.3)
        ax.plot(x0[::6], y0[::6], color="black", lw=0.9, ls="--")
        label(ax, "", "", f"{name}: {run.outcome}")
    for ax in axes[1]:
        ax.set_xlabel("charge / (F/mol)")
    for ax in axes[:, 0]:
        ax.set_ylabel("cell voltage / V")
    save(figure, "passivating_run")


def alternating() -> None:
    figure, ((left, right),) = panels(2, height=3.4)
    description = plan().cell.model_dump()
    period_s = 20.0
    programme = [HeldControl(Control.CURRENT, 0.02 * (-1) ** n, period_s / 2) for n in range(2 * 6)]
    felt = {
        side: {**electrode, "double_layer_F": 100 * electrode["double_layer_F"]}
        for side, electrode in description["electrodes"].items()
    }
    for cell, name, colour in (
        (description, "plate", BLUE),
        ({**description, "electrodes": felt}, "felt, 100 × the double layer", VERMILLION),
    ):
        trace = PreparativeCell.from_mapping(cell).run(programme, 0.02)
        late = trace.time_s > 2 * period_s
        left.plot(trace.time_s[late] - 2 * period_s, trace.cell_voltage_V[late], color=colour,
                  label=name)  # fmt: skip
    left.set_ylim(-4.2, 6.2)
    left.legend(loc="upper right")
    label(left, "time / s", "cell voltage / V", "±20 mA, 20 s period")
    periods = np.geomspace(0.2, 60, 14)
    for factor, name, colour in ((1.0, "plate", BLUE), (100.0, "felt", VERMILLION)):
        share = [100 * faradaic_share(description, factor, float(p)) for p in periods]
        right.semilogx(periods, share, "o-", ms=3.5, color=colour, label=name)
    right.set_ylim(0, 105)
    right.legend(loc="lower right")
    label(right, "period / s", "faradaic share of the charge / %", "the rest charges double layers")
    save(figure, "alternating_polarity")


REVERSED = PROTOCOL.with_name("four_hours_reversed.yaml")
RAPID = PROTOCOL.with_name("kolbe_ten_hertz.yaml")
FILM = "film:start=0.2F/mol,rate=8V/F,undone=95%"


def remedied() -> None:
    """A film that reversals take off, and a rapid alternation as its journal has it."""
    figure, ((left, right),) = panels(2, height=3.2)
    for run, name, colour in (
        (rehearsed(FILM), "one direction", VERMILLION),
        (rehearsed(FILM, protocol=REVERSED), "reversed every 2 min", BLUE),
    ):
        columns = run.columns
        moles = FARADAY_C_PER_MOL * float(run.limiting_amount_mol or np.nan)
        forward = columns["current_A"] > 1e-3
        x, y = columns["charge_gross_C"][forward] / moles, columns["cell_voltage_V"][forward]
        left.plot(x[::6], y[::6], color=colour, lw=1.2, label=f"{name}: {run.outcome}")
    left.axhline(20.0, color="black", lw=0.7, ls="--")
    left.legend(loc="upper left", bbox_to_anchor=(0.0, 0.93), fontsize=7)
    label(left, "charge / (F/mol)", "cell voltage, forward / V", "a film, ±20 mA")
    series = rehearsed(protocol=RAPID, bench="simulated-emstat4-hr").time_series()
    for number, name, colour in ((0, "forward", BLUE), (1, "back", VERMILLION)):
        of_level = series.level == number
        minutes = series.time_s[of_level] / 60
        right.plot(minutes, series.cell_voltage_V[of_level], color=colour, lw=1.2, label=name)
    right.legend(loc="center right")
    label(right, "time / min", "cell voltage / V", "±10 mA, reversed every 50 ms")
    save(figure, "alternation_remedies")


def faradaic_share(description: dict[str, Any], factor: float, period_s: float) -> float:
    """Charge of reactions at the working electrode over all charge, in ten periods."""
    electrodes = {
        side: {**electrode, "double_layer_F": factor * electrode["double_layer_F"]}
        for side, electrode in description["electrodes"].items()
    }
    cell = PreparativeCell.from_mapping({**description, "electrodes": electrodes})
    half = [HeldControl(Control.CURRENT, 0.02 * sign, period_s / 2) for sign in (1, -1)]
    cell.run(half * 5, period_s / 400)
    before = cell.ledger()
    cell.run(half * 10, period_s / 400)
    after = cell.ledger()
    passed_C = after.gross_charge_C - before.gross_charge_C
    reacted_C = sum(
        abs(b.charge_C - a.charge_C)
        for a, b in zip(before.reactions, after.reactions, strict=True)
        if a.electrode == "working"
    )
    return reacted_C / passed_C


def sixteen_hours() -> None:
    figure, ((left, right),) = panels(2, height=3.4)
    for name, colour in (("ag25", BLUE), ("au25", ORANGE)):
        study = rehearse_co2_study(name, seed=1)
        run = study.long_run
        hours = run.trace.time_s / 3600
        density = 0.1 * run.trace.current_A / study.area_m2
        shown = slice(None, None, max(1, len(hours) // 1500))
        left.plot(hours[shown], density[shown], color=colour, label=study.catalyst.capitalize())
        sampled = np.linspace(0, hours[-1], len(run.fe_co) + 1)[1:]
        right.plot(
            sampled, 100 * run.fe_co, "o", ms=3, color=colour, label=f"{name.capitalize()}: CO"
        )
        right.plot(sampled, 100 * run.fe_h2, "s", ms=2.5, mfc="none", color=colour,
                   label=f"{name.capitalize()}: H$_2$")  # fmt: skip
    left.legend(loc="best")
    right.legend(ncols=2, loc="center", columnspacing=0.8, handletextpad=0.2)
    right.set_ylim(-3, 110)
    for axes in (left, right):
        axes.set(xlim=(0, 16), xticks=[0, 4, 8, 12, 16])
    label(left, "time / h", "j / (mA/cm²)", "−0.38 V vs RHE, illustrative parameters")
    label(right, "time / h", "Faradaic efficiency / %", "gas chromatograph and outlet flow")
    save(figure, "sixteen_hours_of_co2")
