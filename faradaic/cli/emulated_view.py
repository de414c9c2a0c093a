"""emulate: instruments that are served, and where they listen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from faradaic.cli.output import tell


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be served, and how."""

    protocol: str | None
    bench: str
    faults: Sequence[str]
    seed: int
    speed: float
    pty: bool
    json: bool


def serve_model(model: str, port: int, asked: Asked) -> None:
    """One instrument, until Ctrl+C. Raises `InputError`."""
    from faradaic.cli.protocol_commands import compiled
    from faradaic.protocols.load import load_protocol
    from faradaic.simulators.faults import FaultPlan
    from faradaic.simulators.paced_clock import PacedClock
    from faradaic.simulators.server import EmulatorServer, emulator_for

    plan = compiled(load_protocol(asked.protocol), asked.bench)[0] if asked.protocol else None
    planned = FaultPlan.read(
        asked.faults,
        limiting_amount_mol=plan.limiting_amount_mol if plan else None,
        seed=asked.seed,
    )
    emulator = emulator_for(model, cell=plan.cell if plan else {}, seed=asked.seed, faults=planned)
    clock = None if asked.speed == 1.0 else PacedClock(asked.speed)
    with ExitStack() as stack:
        server = stack.enter_context(EmulatorServer(emulator, port=port, clock=clock))
        where, device = _where(stack, server.port, pty=asked.pty)
        line = f"SIMULATED {model} listens on {where}{_paced(asked.speed)}; Ctrl+C ends it"
        tell(asked.json, [line], model=model, host="127.0.0.1", port=server.port, device=device)
        sys.stdout.flush()
        server.wait()


def tell_accepted(model: str, *, json: bool) -> None:
    """What an emulator understands, from its own tables."""
    from faradaic.simulators.accepted_words import accepted_words

    lines = list(accepted_words(model))
    tell(json, lines, model=model, accepts=lines)


def serve_bench(asked: Asked) -> None:
    """All instruments of a bench around one cell, until Ctrl+C. Raises `InputError`."""
    from faradaic.cli.protocol_commands import compiled
    from faradaic.instruments.transports.addresses import Setting
    from faradaic.protocols.load import load_protocol
    from faradaic.runner.bench_file import load_bench
    from faradaic.runner.host import surroundings_of
    from faradaic.simulators.served_bench import ServedBench

    plan, loaded = None, load_bench(asked.bench)
    if asked.protocol is not None:
        plan, loaded, _ = compiled(load_protocol(asked.protocol), asked.bench)
    models = {"source": loaded.file.source} | dict(loaded.file.devices)
    addresses = {
        name: one.address.removeprefix("emulated://")
        if one.address.startswith("emulated://")
        else one.driver
        for name, one in models.items()
    }
    setting = Setting(
        cell=plan.cell if plan else {},
        seed=asked.seed,
        faults=tuple(asked.faults),
        limiting_amount_mol=plan.limiting_amount_mol if plan else None,
        around=surroundings_of(loaded, plan) if loaded.devices else None,
        bridge=loaded.bridge_contacts,
    )
    with ServedBench(addresses, setting, speed=asked.speed) as served, ExitStack() as stack:
        lines, rows = [], []
        for name, server in served.servers.items():
            where, device = _where(stack, server.port, pty=asked.pty)
            driver = models[name].driver
            address = f"tcp://127.0.0.1:{server.port}" if device is None else f"serial://{device}"
            lines.append(f"SIMULATED {name} ({driver}) listens on {where}: {address}")
            row = {"name": name, "driver": driver, "model": addresses[name], "device": device}
            rows.append({**row, "host": "127.0.0.1", "port": server.port, "address": address})
        lines.append(
            f"one cell and one world around it{_paced(asked.speed)}; Ctrl+C ends all of them"
        )
        tell(asked.json, lines, bench=loaded.name, speed=asked.speed, instruments=rows)
        sys.stdout.flush()
        served.wait()


def _where(stack: ExitStack, port: int, *, pty: bool) -> tuple[str, str | None]:
    """Where an instrument listens, in words, and its serial device."""
    if not pty:
        return f"127.0.0.1:{port}", None
    from faradaic.simulators.pseudo_terminal import PseudoTerminal

    device = stack.enter_context(PseudoTerminal(port)).path
    return device, device


def _paced(speed: float) -> str:
    return "" if speed == 1.0 else f", {speed:g} times as fast as time"
