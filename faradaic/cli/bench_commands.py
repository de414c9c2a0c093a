"""devices, emulate: commands about instruments."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.output import Json, tell
from faradaic.cli.plugin_help import listing
from faradaic.cli.protocol_commands import BenchOption
from faradaic.diagnostics import refusal

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
    page: Annotated[
        bool, typer.Option("--page", help="A page (Markdown) on each of the models.")
    ] = False,
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

    if page:
        from faradaic.cli.driver_page import all_drivers, driver_page

        pages = {name: driver_page(name) for name in models or all_drivers()}
        tell(json, pages.values(), pages=pages)
        return
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
    model: Annotated[
        str | None,
        typer.Argument(help="One of the models below; without one, all of --bench at once."),
    ] = None,
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
    accepts: Annotated[
        bool, typer.Option("--accepts", help="Tell what it understands, and serve nothing.")
    ] = False,
    speed: Annotated[
        float, typer.Option(min=0.001, max=1000, help="Its seconds in a second of yours.")
    ] = 1.0,
    json: Json = False,
) -> None:
    """Serve a simulated instrument over TCP, for any client that speaks its language.

    One client at a time; with --pty that is who opens the serial device. Without a model all
    instruments of --bench are served at once, around one cell; a real bench's as well.
    """
    from faradaic.cli.emulated_view import Asked, serve_bench, serve_model, tell_accepted

    if accepts:
        if model is None:
            raise refusal("E704", "`--accepts` is of one model", "faradaic emulate MODEL --accepts")
        tell_accepted(model, json=json)
        return
    asked = Asked(protocol, bench, fault or (), seed, speed, pty, json)
    with suppress(KeyboardInterrupt):
        if model is None:
            serve_bench(asked)
        else:
            serve_model(model, port, asked)
