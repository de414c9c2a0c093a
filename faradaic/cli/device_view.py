"""What `devices` shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from faradaic.cli.output import print_diagnostics
from faradaic.diagnostics import Diagnostic
from faradaic.instruments.traits import DRIVERS
from faradaic.quantities import format_quantity


def describe_drivers() -> list[dict[str, Any]]:
    """The installed drivers, as data."""
    rows = []
    broken: list[Diagnostic] = []
    for name, driver in DRIVERS.each(broken=broken):
        can = driver.capabilities
        rows.append({"driver": name, **asdict(can), "modes": sorted(can.modes)})
    print_diagnostics(broken)
    return rows


def scan_ports() -> list[dict[str, Any]]:
    """Serial ports that the system knows; nothing is written to them."""
    from serial.tools.list_ports import comports

    return [
        {
            "address": f"serial://{port.device}",
            "description": port.description,
            "vid": port.vid,
            "pid": port.pid,
            "serial": port.serial_number,
        }
        for port in comports()
    ]


def probe(bench_name: str) -> dict[str, Any]:
    """Connect to a bench, which leaves its output off, and say who answers.

    Raises `DeviceError` (E522) where a run holds it: connecting would turn its output off.
    """
    from faradaic.runner.bench_file import load_bench
    from faradaic.runner.bench_lock import lock_on
    from faradaic.runner.host import InlineHost

    bench = load_bench(bench_name)
    host = InlineHost(bench, cell=None, seed=0, speed=None)
    with lock_on(bench):
        try:
            identity, output = host.open(), host.output_off()
        finally:
            host.close()
    return {
        "bench": bench_name,
        **asdict(identity),
        "simulated": identity.simulated,
        "output_on": output.on,
        "evidence": output.evidence,
    }


def held_benches() -> list[dict[str, Any]]:
    """Who holds a bench on this machine."""
    from faradaic.runner.bench_lock import holders

    return [{**asdict(holder), "text": holder.words} for holder in holders()]


def device_lines(found: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """The lists, for a person."""
    for row in found.get("drivers", []):
        yield (
            f"{row['driver']}: {row['manufacturer']} {row['model']}, up to "
            f"{format_quantity(row['current_max_A'], 'mA')} and "
            f"{format_quantity(row['compliance_V'], 'V')}; verified: {row['tier']}"
        )
        yield f"    runs {', '.join(row['modes'])}"
        yield f"    if the PC or the cable dies: {row['on_host_death']}"
        outlives_s = row["outlives_s"]
        most = "until it is turned off" if outlives_s is None else f"{outlives_s:g} s at most"
        yield f"    a constant set-point outlives the PC: {most}"
    for row in found.get("held", []):
        yield f"{row['bench']} ({row['held']}) is held by {row['text']}"
    for port in found.get("ports", []):
        yield f"{port['address']}: {port['description']}"
    if "ports" in found and not found["ports"]:
        yield "no serial port was found"
    for row in found.get("bench", []):
        off = "output off, read back" if row["output_on"] is False else "OUTPUT NOT READ BACK OFF"
        word = "SIMULATED " if row["simulated"] else ""
        yield (
            f"{row['bench']}: {word}{row['manufacturer']} {row['model']}, serial {row['serial']}, "
            f"firmware {row['firmware']}; {off} ({row['evidence']})"
        )
