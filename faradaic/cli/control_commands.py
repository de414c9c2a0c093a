"""pause, resume, skip, stop, off, note, answer, modify: a run told from another terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from faradaic.cli.output import Json, print_briefly, tell

if TYPE_CHECKING:
    from faradaic.diagnostics import Diagnostic
    from faradaic.runner.live_runs import LiveRun

app = typer.Typer()

LiveRunArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        help="A run under way: its name or a beginning, what it is called behind its date, or its"
        " folder. Not needed where only one is under way.",
        show_default=False,
    ),
]
ACTS_WITHIN_S = 15.0
"""A run acts after its next reading, a second at most, and one command to the instrument."""


@app.command()
def pause(run: LiveRunArgument = None, json: Json = False) -> None:
    """Pause a run: its output goes off until resume, skip or stop (a day at most).

    Where its protocol says so (`on_pause`), the output stays on; that is then said.
    """
    _ask(run, "pause", "paused", json)


@app.command()
def resume(run: LiveRunArgument = None, json: Json = False) -> None:
    """Go on with a run that is paused, or that waits for its operator."""
    _ask(run, "resume", "resumed", json)


@app.command()
def skip(run: LiveRunArgument = None, json: Json = False) -> None:
    """End the running step of a run and go on with the next; the record says so."""
    _ask(run, "skip", "taken to its next step", json)


@app.command()
def stop(run: LiveRunArgument = None, json: Json = False) -> None:
    """Stop a run: output off first, then its journal and report are closed.

    Where a run does not answer: faradaic off.
    """
    _ask(run, "stop", "stopped", json)


@app.command()
def off(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="The bench of this run only, whether it is under way, stuck or dead.",
            show_default=False,
        ),
    ] = None,
    bench: Annotated[
        str | None, typer.Option("--bench", help="This bench only, by name or bench file.")
    ] = None,
    address: Annotated[
        str | None, typer.Option(help="What stands at this address, tcp://192.0.2.7:5025.")
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Also the benches of yours that nobody holds.")
    ] = False,
    json: Json = False,
) -> None:
    """Turn outputs off and read them back, also under a run that is stuck; pumps and heaters after.

    Without arguments: every run under way and every bench that is held on this machine, else every
    bench that you keep. Needs no protocol and asks nothing. What was read back is printed; one that
    could not be read back as off makes the exit code 3.
    """
    from dataclasses import asdict

    from faradaic.diagnostics import refusal
    from faradaic.runner import devices_to_rest, outputs_off

    named = [one for one in (run, bench, address, all_ or None) if one is not None]
    if len(named) > 1:
        raise refusal("E719", "one thing at a time", "a RUN, --bench, --address or --all")
    if run is not None:
        places = outputs_off.places_of_run(run)
    elif bench is not None:
        places = outputs_off.places_of_bench(bench)
    elif address is not None:
        places = [outputs_off.place_of_address(address)]
    else:
        places = [] if all_ else outputs_off.places_in_use()
        places = places or outputs_off.known_places()
    if not places:
        from faradaic.runner.bench_file import bench_folder

        raise refusal(
            "E709",
            "nothing was switched off: no run is under way, no bench is held, and you keep none",
            f"faradaic off --bench NAME-OR-FILE; benches kept in {bench_folder()} are "
            "switched off without being named",
        )
    devices = [
        *devices_to_rest.devices_held({place.bench for place in places}),
        *(outputs_off.devices_of_bench(bench) if bench is not None else ()),
    ]
    results = outputs_off.switch_off(places)
    lines = [
        f"{one.bench}: {output_words(one.on)}: {one.evidence} ({'; '.join(one.done)})"
        for one in results
    ]
    rested = devices_to_rest.put_to_rest(list({one.address: one for one in devices}.values()))
    word = {True: "at rest, read back", False: "NOT AT REST", None: "NOT KNOWN TO BE AT REST"}
    lines += [f"{one.bench}, {one.device}: {word[one.at_rest]}: {one.evidence}" for one in rested]
    tell(
        json,
        lines,
        benches=[asdict(one) for one in results],
        devices=[asdict(one) for one in rested],
    )
    if any(result.on is not False for result in results) or not all(o.at_rest for o in rested):
        raise typer.Exit(3)


@app.command()
def note(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[RUN] TEXT",
            help="A run, not needed where only one is under way, and what to write.",
        ),
    ],
    json: Json = False,
) -> None:
    """Write something into a run's journal: "turned yellow"."""
    from faradaic.diagnostics import InputError
    from faradaic.runner.live_runs import find_live_run

    run, text = (words[0] if len(words) > 1 else None), words[1:] or words
    try:
        live = find_live_run(run)
    except InputError as error:
        meant_a_run = run is None or any(mark in run for mark in "/\\.0123456789")
        if meant_a_run or error.diagnostics[0].code != "E715":
            raise
        live, text = find_live_run(None), words  # a text of several words without quotes
    _send(live, {"ask": "note", "text": " ".join(text)}, "noted", json)


@app.command()
def answer(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN] [CHOICE]",
            help="A run, not needed where only one is under way, and one of the choices of its"
            " question, or its number; without a choice the question is shown.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Answer what a run asks its operator, also while current flows."""
    from faradaic.diagnostics import refusal
    from faradaic.runner.live_runs import speak

    live, choice = _run_and_choice(words or [])
    question = speak(live, {"ask": "state"})["state"].get("question")
    if question is None:
        raise refusal("E719", f"run {live.name} asks nothing", "`faradaic runs --live` shows it")
    asks = f"{live.name} asks: {question['text']}  [{' / '.join(question['choices'])}]"
    if not choice:
        tell(json, [asks], run=live.name, question=question)
        return
    message = {"ask": "answer", "choice": choice, "question": question["text"]}
    _send(live, message, "answered", json, what=f"{question['text']} - {choice}")


def _run_and_choice(words: list[str]) -> tuple[LiveRun, str]:
    """Which run is meant, and what is answered; empty where only its question is asked for."""
    from faradaic.diagnostics import InputError
    from faradaic.runner.live_runs import find_live_run

    if not words:
        return find_live_run(None), ""
    try:
        return find_live_run(words[0]), " ".join(words[1:])
    except InputError as error:
        if error.diagnostics[0].code != "E715" or any(c.isdigit() for c in words[0][1:]):
            raise
        return find_live_run(None), " ".join(words)


@app.command()
def modify(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[RUN] KEY=VALUE...",
            help="A run, not needed where only one is under way, and keys of the running step as"
            ' in its protocol: current=8 mA, cell_voltage_limit="6 V", until="3 F/mol",'
            " caps.time=4 h; KEY= takes a key away.",
        ),
    ],
    why: Annotated[str, typer.Option(help="Why, for the record.")],
    json: Json = False,
) -> None:
    """Change the running step of a run: checked as in a protocol, within its limits.

    The output goes off for a moment, and the rest of the step is done as changed.
    """
    from faradaic.diagnostics import refusal
    from faradaic.runner.live_runs import find_live_run, speak
    from faradaic.runner.modified_protocol import modify_step

    run, changes = _changes(words)
    live = find_live_run(run)
    state = speak(live, {"ask": "state"})["state"]
    if "step_id" not in state:
        raise refusal("E719", f"run {live.name} has not begun a step", "ask again in a moment")
    from pathlib import Path

    modification, findings = modify_step(
        Path(live.folder), state["step_id"], changes, why, state["modified"]
    )
    message = {"ask": "modify", **modification.as_message()}
    if not json:
        print_briefly(findings)
    _send(live, message, "modified", json, findings if json else None, modification.words)


def _changes(words: list[str]) -> tuple[str | None, dict[str, str]]:
    """The run, if one is named, and the changes; a value of two words may stand without quotes."""
    from faradaic.diagnostics import refusal

    run = words[0] if "=" not in words[0] else None
    changes: dict[str, str] = {}
    key = ""
    for word in words[run is not None :]:
        name, is_change, value = word.partition("=")
        if is_change and name.replace(".", "").replace("_", "").isalnum():
            key = name
            changes[key] = value.strip()
        elif key:
            changes[key] = f"{changes[key]} {word}".strip()
        else:
            break
    if not changes:
        raise refusal(
            "E719",
            "nothing to modify is named",
            'write KEY=VALUE, for example: faradaic modify current="8 mA" --why foaming',
        )
    return run, changes


def _ask(run: str | None, ask: str, done: str, json: bool) -> None:
    from faradaic.runner.live_runs import find_live_run

    _send(find_live_run(run), {"ask": ask}, done, json)


def _send(
    run: LiveRun,
    message: Mapping[str, Any],
    done: str,
    json: bool,
    findings: list[Diagnostic] | None = None,
    what: str = "",
) -> None:
    """Send a request and say what came of it; `done` is what the run then has been."""
    from faradaic.diagnostics import refusal
    from faradaic.runner.live_runs import speak

    answer = speak(run, message, ACTS_WITHIN_S)
    if not answer.get("ok"):
        raise refusal(
            "E719",
            f"run {run.name} was not {done}: {answer.get('text')}",
            "`faradaic runs --live` says where it is",
        )
    output = answer.get("output")
    words = f"{run.name}: {done}" + (f": {what}" if what else "")
    if output is not None and not what:
        words += f"; {output_words(output['on'])} ({output['evidence']})"
    if done == "paused" and output is None:
        words += "; OUTPUT STAYS ON, as its protocol says"
    tell(json, [words], findings=findings, run=run.name, did=done, **_told(answer))
    if output is not None and output["on"] is not False:
        raise typer.Exit(3)


def _told(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {key: answer[key] for key in ("output", "state") if key in answer}


def output_words(on: bool | None) -> str:
    """What an output read back after it was commanded off, in words."""
    return {False: "output off, read back", True: "OUTPUT STILL ON", None: "OUTPUT NOT KNOWN"}[on]
