"""devices, emulate: commands about instruments."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.output import Json, tell
from faradaic.cli.plugin_help import listing
from faradaic.cli.protocol_commands import BenchOption

if TYPE_CHECKING:
    from faradaic.plugins import Plugins
    from faradaic.simulators.emulated_bench import EmulatorFactory

app = typer.Typer()


@app.command()
def devices(
    models: Annotated[
        list[str] | None,
        typer.Argument(metavar="[MODEL]...", help="Drivers to be told of; all if none is named."),
    ] = None,
    scan: Annotated[
        bool, typer.Option("--scan", help="Ports and USB instruments alone, and who has them.")
    ] = False,
    probe: Annotated[
        bool,
        typer.Option("--probe", help="Ask at each of them who it is; nothing is set or switched."),
    ] = False,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", help="An address to look at, with --probe this one alone; repeat."),
    ] = None,
    bench: Annotated[
        str | None, typer.Option("--bench", help="Connect to this bench and say who answers.")
    ] = None,
    json: Json = False,
) -> None:
    """List the drivers with what they can do, what is connected, and who has it.

    Writes nothing to any port without --probe or --bench.
    """
    from faradaic.cli import device_view

    found: dict[str, Any] = {}
    if bench is not None:
        found["bench"] = [device_view.probe(bench)]
    else:
        if not (scan or probe or at):
            found |= device_view.describe_models(models or ())
        found["held"] = device_view.held_benches()
        if not models:
            found["ports"] = device_view.scan_ports(at or (), ask=probe)
    tell(json, device_view.device_lines(found), **found)


def _emulators() -> Plugins[EmulatorFactory]:
    from faradaic.simulators.emulated_bench import EMULATORS

    return EMULATORS


@app.command(cls=listing("Models", _emulators))
def emulate(
    model: Annotated[str, typer.Argument(help="One of the models below.")],
    port: Annotated[int, typer.Option(help="TCP port on 127.0.0.1; 0 takes a free one.")] = 0,
    protocol: Annotated[
        str | None, typer.Option(help="Put the cell of this protocol behind the instrument.")
    ] = None,
    bench: BenchOption = "simulated",
    fault: Annotated[
        list[str] | None,
        typer.Option(help="What goes wrong, as in `faradaic run`; once for each fault."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the noise.")] = 0,
    pty: Annotated[
        bool, typer.Option("--pty", help="As a serial device too, whose path is told.")
    ] = False,
    json: Json = False,
) -> None:
    """Serve a simulated instrument over TCP, for any client that speaks its language.

    One client at a time; with --pty that is who opens the serial device.
    """
    from faradaic.cli.protocol_commands import compiled
    from faradaic.protocols.load import load_protocol
    from faradaic.simulators.faults import FaultPlan
    from faradaic.simulators.server import EmulatorServer, emulator_for

    plan = compiled(load_protocol(protocol), bench)[0] if protocol else None
    faults = FaultPlan.read(
        fault or (), limiting_amount_mol=plan.limiting_amount_mol if plan else None, seed=seed
    )
    emulator = emulator_for(model, cell=plan.cell if plan else {}, seed=seed, faults=faults)
    with suppress(KeyboardInterrupt), ExitStack() as stack:
        server = stack.enter_context(EmulatorServer(emulator, port=port))
        where, device = f"127.0.0.1:{server.port}", None
        if pty:
            from faradaic.simulators.pseudo_terminal import PseudoTerminal

            where = device = stack.enter_context(PseudoTerminal(server.port)).path
        line = f"SIMULATED {model} listens on {where}; Ctrl+C ends it"
        tell(json, [line], model=model, host="127.0.0.1", port=server.port, device=device)
        import sys

        sys.stdout.flush()
        server.wait()
