"""A page on one driver, made of what the driver itself says; Markdown."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from faradaic.diagnostics import did_you_mean, refusal
from faradaic.instruments.auxiliary_traits import AUXILIARIES, TRAITS, AuxiliaryCapabilities
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.identification import questions, rows
from faradaic.instruments.traits import DRIVERS
from faradaic.protocols import wording

TWO_LEADS = """\
    source +  ------------  anode      ]
                                       ]  cell
    source -  ------------  cathode    ]"""
THREE_LEADS = """\
    WE (and its sense)  ----------  working electrode    ]
    RE                  ----------  reference electrode  ]  cell
    CE                  ----------  counter electrode    ]
    (two electrodes: RE and CE together on the counter electrode)"""


def all_drivers() -> list[str]:
    """The names of all drivers, of sources first."""
    return [*DRIVERS.names(), *AUXILIARIES.names()]


def driver_page(name: str) -> str:
    """What is to be known of a driver before it is used. Raises `InputError` (E505)."""
    if name not in all_drivers():
        raise refusal("E505", f"there is no driver `{name}`", did_you_mean(name, all_drivers()))
    driver: Any = (DRIVERS if name in DRIVERS.names() else AUXILIARIES).load(name)
    can = driver.capabilities
    about = _of_source(can) if isinstance(can, Capabilities) else _of_device(can)
    lines = [f"# {name}: {can.manufacturer} {can.model}", "", *_told(driver), ""]
    lines += ["| | |", "|---|---|", *(f"| {what} | {said} |" for what, said in about)]
    lines += [f"| {what} | {said} |" for what, said in _of_connection(name, driver)]
    if isinstance(can, Capabilities):
        wiring = THREE_LEADS if can.reference_electrode else TWO_LEADS
        lines += ["", "Leads:", "", wiring]
    return "\n".join(lines) + "\n"


def _told(driver: Any) -> list[str]:
    """What its file and its class say: the protocol, its sources, what nobody has verified."""
    module = inspect.getmodule(driver)
    said = [inspect.cleandoc(driver.__doc__ or "")]
    if module is not None and module.__doc__:
        said.append(inspect.cleandoc(module.__doc__))
    return "\n\n".join(dict.fromkeys(filter(None, said))).split("\n")


def _of_source(can: Capabilities) -> Iterator[tuple[str, str]]:
    yield "verified", str(can.tier)
    yield (
        "gives at most",
        f"{wording.current(can.current_max_A)}, {wording.voltage(can.compliance_V)}",
    )
    yield "ranges", ", ".join(map(wording.current, can.current_ranges_A))
    step = can.current_resolution * can.current_ranges_A[0]
    yield (
        "smallest step",
        f"{wording.current(step)}; gain within {100 * can.current_accuracy:.2g} %",
    )
    if can.current_min_A:
        yield "holds no less than", wording.current(can.current_min_A)
    yield "runs", ", ".join(sorted(can.modes))
    yield "reverses its polarity", "yes" if can.bipolar else "no"
    yield "reference electrode", "yes" if can.reference_electrode else "no"
    yield "reads at best every", wording.short_time(can.interval_min_s)
    for what, time_s in (
        ("shortest level", can.level_min_s),
        ("shortest interruption", can.interrupt_min_s),
        ("reversal takes", can.reversal_s),
    ):
        if not math.isnan(time_s):
            yield what, wording.short_time(time_s)
    yield "voltage limit kept by", "the instrument" if can.native_voltage_limit else "the program"
    yield "charge counted by", "the instrument too" if can.native_charge_stop else "the program"
    yield "leads while off", str(can.off_state)
    yield "at rest", "the cell is read" if can.rests_measured else "nothing of the cell is read"
    if not math.isnan(can.output_capacitance_F):
        yield "capacitor across the leads", f"{can.output_capacitance_F * 1e6:.3g} µF"
    yield "outputs", str(can.channels)
    outlives_s = can.outlives_s
    most = "until it is turned off" if outlives_s is None else f"{outlives_s:g} s at most"
    yield "a set-point outlives the PC", most
    yield "if the PC or the cable dies", can.on_host_death


def _of_device(can: AuxiliaryCapabilities) -> Iterator[tuple[str, str]]:
    yield "verified", str(can.tier)
    yield "is a", ", ".join(trait.words for trait in can.traits)
    yield "reports", ", ".join(TRAITS[trait].quantity for trait in can.traits)
    yield "read every", wording.short_time(can.period_s)
    yield "if the program, PC or cable dies", can.on_host_death


def _of_connection(name: str, driver: Any) -> Iterator[tuple[str, str]]:
    """How it is reached and asked, and which firmware is known."""
    from faradaic.runner.bench_options import option_lines

    yield "options in a bench file", ", ".join(option_lines(driver)) or "none"
    if serial := getattr(driver, "serial", ""):
        yield "serial settings", f"`{serial}`"
    for question in questions():
        if name in {one for _, one in question.drivers} and question.serial == serial:
            yield "asked who it is by", f"`{b' '.join(question.sent)!r}`"
            break
    for row in rows("known_firmware.csv"):
        if name in row["drivers"].split():
            yield "firmware known", f"{row['words']} ({row['source']})"
    bench = files("faradaic.runner") / "benches"
    shipped = [
        one.name.removesuffix(".yaml")
        for one in sorted(bench.iterdir(), key=lambda one: one.name)
        if f"driver: {name}," in bench.joinpath(one.name).read_text(encoding="utf-8")
    ]
    yield "rehearsed on", ", ".join(shipped) or f"a bench with `emulated://{name}`"
