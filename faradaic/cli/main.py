"""The entry point: builds the command, runs it, and turns every error into words and a code.

Nothing heavy is imported here: each command imports what it uses when it is called.
"""

from __future__ import annotations

import os
import sys

import typer

from faradaic import __version__
from faradaic.cli import bench_commands, protocol_commands, record_commands, run_commands
from faradaic.cli.output import print_error
from faradaic.diagnostics import Diagnostic, FaradaicError

app = typer.Typer(
    name="faradaic",
    help="Electrolysis from a written protocol, through a rehearsal, to the bench and the paper.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 finished, 2 bad protocol or input, 3 device or connection, 4 stopped by "
    "a limit, 5 stopped by the user, 6 data could not be stored, 7 recovered or unknown end.",
)

for commands in (run_commands, protocol_commands, record_commands, bench_commands):
    commands.register(app)


def _version(show: bool) -> None:
    if show:
        typer.echo(f"faradaic {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Options of the command as a whole."""


def main() -> None:
    """Run the command; exits with the codes of the epilog."""
    try:
        app()
    except FaradaicError as error:
        print_error(error.diagnostics)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        sys.exit(5)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        if os.environ.get("FARADAIC_TRACEBACK"):
            raise
        what = f"{type(error).__name__}: {error}"
        print_error(
            (
                Diagnostic(
                    "E700",
                    f"an error inside the program: {what}",
                    help="this is a defect; set FARADAIC_TRACEBACK=1, run it again and report what "
                    "it prints",
                ),
            )
        )
        sys.exit(1)


if __name__ == "__main__":
    main()
