"""What `devices` shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from faradaic.cli.output import print_diagnostics
from faradaic.diagnostics import Diagnostic, did_you_mean, refusal
from faradaic.instruments.auxiliary_traits import AUXILIARIES, TRAITS
from faradaic.instruments.known_firmware import firmware_remark
from faradaic.instruments.traits import DRIVERS
from faradaic.instruments.transports.held import held_by
from faradaic.protocols import wording

if TYPE_CHECKING:
    from faradaic.instruments.identification import Found
    from faradaic.runner.device_lines import DeviceState
    from faradaic.runner.host import InlineHost

DEVICES_S = 8.0
"""How long the devices of a bench may take to answer first."""


def describe_drivers() -> list[dict[str, Any]]:
    """The installed drivers, as data."""
    from faradaic.runner.bench_options import option_lines

    rows = []
    broken: list[Diagnostic] = []
    for name, driver in DRIVERS.each(broken=broken):
        can = driver.capabilities
        more = {"modes": sorted(can.modes), "options": option_lines(driver)}
        rows.append({"driver": name, **asdict(can), **more})
    print_diagnostics(broken)
    return rows


def describe_devices() -> list[dict[str, Any]]:
    """The installed drivers of devices around the cell, as data."""
    from faradaic.runner.bench_options import option_lines

    rows = []
    broken: list[Diagnostic] = []
    for name, driver in AUXILIARIES.each(broken=broken):
        can = driver.capabilities
        rows.append(
            {
                "device": name,
                **asdict(can),
                "traits": [trait.words for trait in can.traits],
                "reports": [TRAITS[trait].quantity for trait in can.traits],
                "serial": driver.serial,
                "options": option_lines(driver),
            }
        )
    print_diagnostics(broken)
    return rows


def describe_models(names: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Drivers of sources and of devices around the cell; those that are named, else all.

    Raises `InputError` (E505) for a name that no driver has.
    """
    found = {"drivers": describe_drivers(), "devices": describe_devices()}
    if not names:
        return found
    known = {row["driver"] for row in found["drivers"]} | {
        row["device"] for row in found["devices"]
    }
    for name in names:
        if name not in known:
            raise refusal("E505", f"there is no driver `{name}`", did_you_mean(name, sorted(known)))
    return {
        what: [row for row in rows if row.get("driver", row.get("device")) in names]
        for what, rows in found.items()
    }


def scan_ports(addresses: Sequence[str], *, ask: bool) -> list[dict[str, Any]]:
    """Where instruments may be and who has them; with `ask` who answers there.

    Only the `addresses` where some are named.
    """
    from faradaic.runner import connected_ports

    ports = connected_ports.scan(addresses)
    if addresses:
        wanted = set(map(held_by, addresses))
        ports = [port for port in ports if held_by(port.address) in wanted]
    told = []
    for port in ports:
        row = {**asdict(port), "asked": ask}
        if ask:
            probed = connected_ports.probe(port)
            row["trouble"] = [one.as_dict() for one in probed.trouble]
            row["heard"] = probed.heard
            row["answers"] = _answer(probed.found) if probed.found else None
        told.append(row)
    return told


def _answer(found: Found) -> dict[str, Any]:
    """Who answered, and what is known of the model."""
    drivers = {}
    for name in found.drivers:
        registry = DRIVERS if name in DRIVERS.names() else AUXILIARIES
        can = registry.load(name).capabilities
        remark = firmware_remark(name, found.identity)
        drivers[name] = {
            "tier": can.tier,
            "on_host_death": can.on_host_death,
            "remark": None if remark is None else remark.as_dict(),
        }
    return {
        "family": found.family,
        **asdict(found.identity),
        "serial_settings": found.serial,
        "drivers": drivers,
    }


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
            states = _first_states(host, list(bench.devices))
        finally:
            host.close()
    return {
        "bench": bench_name,
        **asdict(identity),
        "simulated": identity.simulated,
        "output_on": output.on,
        "evidence": output.evidence,
        "devices": {name: state._asdict() for name, state in states.items()},
    }


def _first_states(host: InlineHost, names: Sequence[str]) -> Mapping[str, DeviceState]:
    """What each device says first, or why it doesn't; they have some seconds."""
    clock = host.clock
    end_s = clock.monotonic_s() + DEVICES_S
    while True:
        states = host.device_states()
        known = [n for n in names if n in states and (states[n].trouble or states[n].read_s)]
        if len(known) == len(names) or clock.monotonic_s() >= end_s:
            return states
        clock.sleep_until(clock.monotonic_s() + 0.1)


def held_benches() -> list[dict[str, Any]]:
    """Who holds a bench on this machine."""
    from faradaic.runner.bench_lock import holders

    return [{**asdict(holder), "text": holder.words} for holder in holders()]


def device_lines(found: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """The lists, for a person."""
    for row in found.get("drivers", []):
        yield (
            f"{row['driver']}: {row['manufacturer']} {row['model']}, up to "
            f"{wording.current(row['current_max_A'])} and "
            f"{wording.voltage(row['compliance_V'])}; verified: {row['tier']}"
        )
        yield f"    runs {', '.join(row['modes'])}"
        if row["options"]:
            yield f"    options {', '.join(row['options'])}"
        yield f"    if the PC or the cable dies: {row['on_host_death']}"
        outlives_s = row["outlives_s"]
        most = "until it is turned off" if outlives_s is None else f"{outlives_s:g} s at most"
        yield f"    a constant set-point outlives the PC: {most}"
    for row in found.get("devices", []):
        yield (
            f"{row['device']}: {row['manufacturer']} {row['model']}: {', '.join(row['traits'])};"
            f" verified: {row['tier']}"
        )
        yield f"    reports {', '.join(row['reports'])}, every {row['period_s']:g} s"
        yield f"    options {', '.join(row['options']) or 'none'}; serial {row['serial']}"
        yield f"    if the program, PC or cable dies: {row['on_host_death']}"
    for row in found.get("held", []):
        yield f"{row['bench']} ({row['held']}) is held by {row['text']}"
    for port in found.get("ports", []):
        yield from _port_lines(port)
    if "ports" in found and not found["ports"]:
        yield "no serial port and no USB instrument was found; --at ADDRESS looks at another place"
    for row in found.get("bench", []):
        off = "output off, read back" if row["output_on"] is False else "OUTPUT NOT READ BACK OFF"
        word = "SIMULATED " if row["simulated"] else ""
        yield (
            f"{row['bench']}: {word}{row['manufacturer']} {row['model']}, serial {row['serial']}, "
            f"firmware {row['firmware']}; {off} ({row['evidence']})"
        )
        for name, state in row["devices"].items():
            reads = ", ".join(
                f"{quantity} {value:.6g}" for quantity, value in state["values"].items()
            )
            yield f"    {name}: {state['trouble'] or reads or 'answers, and reports nothing'}"


def _port_lines(port: Mapping[str, Any]) -> Iterator[str]:
    """One place: what the system calls it, what its numbers mean, who has it, who answers."""
    numbers = "" if port["vid"] is None else f"; USB {port['vid']:04X}:{port['pid']:04X}"
    serial = f", serial {port['serial']}" if port["serial"] else ""
    yield f"{port['address']}: {port['description']}{numbers}{serial}"
    if port["name"]:
        yield f"    these numbers have: {port['name']}"
    if port["held"]:
        yield f"    held by {port['held']}"
    if not port["asked"]:
        return
    for told in port["trouble"]:
        yield f"    {told['code']} {told['message']}"
        yield f"        = help: {told['help']}"
    if (answer := port["answers"]) is None:
        if not port["trouble"]:
            heard = f"; `{port['heard']}` came, which no driver knows" if port["heard"] else ""
            yield (
                "    nobody answers that is known here (off, another language or other settings of"
                f" the line){heard}"
            )
        return
    settings = f" with {answer['serial_settings']}" if answer["serial_settings"] else ""
    yield (
        f"    answers: {answer['manufacturer']} {answer['model']}, serial"
        f" {answer['serial'] or 'not told'}, firmware {answer['firmware'] or 'not told'}{settings}"
    )
    for name, known in answer["drivers"].items():
        yield f"    driver: {name}; verified: {known['tier']}"
        if known["remark"]:
            yield f"    {known['remark']['code']} {known['remark']['message']}"
            yield f"        = help: {known['remark']['help']}"
        yield f"    if the PC or the cable dies: {known['on_host_death']}"
    if not answer["drivers"]:
        yield "    no driver here is for it; a supply with SCPI is a profile (docs/sources.md)"
