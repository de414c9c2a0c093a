"""The entry point: builds the command, runs it, and turns every error into words and a code.

Nothing heavy is imported here: each command imports what it uses when it is called.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import io
import os
import sys
import warnings

import typer

from faradaic import __version__
from faradaic.cli import (
    analyze_commands,
    bench_commands,
    calibrate_command,
    compare_command,
    control_commands,
    diagnose_commands,
    dynamics_commands,
    explain_command,
    export_commands,
    interface_commands,
    protocol_commands,
    read_commands,
    record_commands,
    recover_command,
    run_commands,
    screen_commands,
    simulate_commands,
    structure_commands,
)
from faradaic.cli.output import print_error, say
from faradaic.diagnostics import (
    Diagnostic,
    DiagnosticWarning,
    FaradaicError,
    InputError,
    StorageError,
)

READER_LEFT = 141
"""Of a command whose output nobody reads any more, as of other programs that SIGPIPE ends."""

app = typer.Typer(
    name="faradaic",
    help="Electrolysis from a written protocol, through a rehearsal, to the bench and the paper.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 finished, 2 bad protocol or input, 3 device or connection, 4 stopped by "
    "a limit or by a model of the cell that cannot be, 5 stopped by the user, 6 data could not be "
    "stored, 7 recovered or "
    "unknown end, 141 nobody reads its output any more.",
)

for commands in (
    run_commands,
    control_commands,
    protocol_commands,
    explain_command,
    record_commands,
    calibrate_command,
    compare_command,
    recover_command,
    analyze_commands,
    diagnose_commands,
    read_commands,
    export_commands,
    bench_commands,
):
    app.add_typer(commands.app)
for name, group in (
    ("simulate", simulate_commands),
    ("screen", screen_commands),
    ("interface", interface_commands),
    ("constrained", dynamics_commands),
    ("structure", structure_commands),
):
    app.add_typer(group.app, name=name)


def _version(show: bool) -> None:
    if show:
        say(f"faradaic {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Options of the command as a whole."""


def main() -> None:
    """Run the command; exits with the codes of the epilog.

    With FARADAIC_PRIVATE=1 in the environment nobody but the user may look at what it writes.
    """
    if os.environ.get("FARADAIC_PRIVATE", "0") not in ("", "0"):
        os.umask(0o077)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look reads every package
    gc.set_threshold(50_000)  # what is imported stays: looking for garbage among it takes long
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show "µ" gets "?"
    warnings.showwarning = lambda told, kind, *place: (
        say(str(told), err=True, end="\n\n")
        if kind is DiagnosticWarning
        else say(warnings.formatwarning(told, kind, *place[:2]), err=True, end="")
    )
    try:
        code = _exit_code()
        sys.stdout.flush()
    except OSError as error:  # stdout is full, or its reader has left
        _forget_stdout()
        code = READER_LEFT
        if not isinstance(error, BrokenPipeError):
            code = StorageError.exit_code
            say(f"the output could not be written: {error.strerror}", err=True)
    sys.exit(code)


def _exit_code() -> int:
    """What the command returns; every error has become words by then."""
    try:
        _asked_for(sys.argv[1] if sys.argv[1:] else "")()
    except SystemExit as end:
        # the command line library ends with 1 where somebody left a prompt or a pipe, and with
        # 130 on Ctrl+C
        if isinstance(end.__context__, BrokenPipeError):
            return READER_LEFT
        return {None: 0, 1: 5, 130: 5}.get(end.code, end.code)  # type: ignore[return-value, arg-type]
    except FaradaicError as error:
        print_error(error.diagnostics)
        return error.exit_code
    except KeyboardInterrupt:
        say("stopped", err=True)
        return 5
    except OSError as error:
        if error.filename is None or os.environ.get("FARADAIC_TRACEBACK"):  # None is stdout
            raise
        message = f"{error.filename} cannot be used: {error.strerror or error}"
        print_error((Diagnostic("E742", message, help="check its kind and who may use it"),))
        return InputError.exit_code
    except Exception as error:
        if os.environ.get("FARADAIC_TRACEBACK"):
            raise
        print_error((_internal(error),))
    return 7


def _asked_for(word: str) -> typer.Typer:
    """The program with the one command or group of that name; with all where there is none.

    To build all takes longer than many a command.
    """
    one = copy.copy(app)
    for group in app.registered_groups:
        if group.name == word:
            one.registered_groups = [group]
            return one
        unnamed = None if group.name else group.typer_instance
        for command in unnamed.registered_commands if unnamed else ():
            function = getattr(command.callback, "__name__", "").replace("_", "-")
            if word == (command.name or function):
                one.registered_groups, one.registered_commands = [], [command]
                return one
    return app


def _internal(error: Exception) -> Diagnostic:
    return Diagnostic(
        "E700",
        f"an error inside the program: {type(error).__name__}: {error}",
        help="this is a defect; set FARADAIC_TRACEBACK=1, run it again and report what it prints",
    )


def _forget_stdout() -> None:
    """Nothing more goes to a stdout that is broken, not even when the interpreter ends."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
