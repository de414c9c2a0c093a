"""What happened, in words: the events of a journal as a person reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_STATES = {
    "COMPILED": "planned",
    "PREFLIGHT": "bench opened",
    "ARMED": "ready to begin",
    "RUNNING": "running",
    "PAUSED(open_circuit)": "paused with the output off",
    "PAUSED(hold_potential)": "paused with the voltage held",
    "PAUSED(keep_current)": "paused with the current kept on",
    "FINISHING": "ending",
}


def person(by: object) -> str:
    """Who asked for something, as an event tells it: a word, or user, program and process."""
    if not isinstance(by, Mapping):
        return str(by or "")
    return f"{by.get('user')}, {by.get('program')}, process {by.get('pid')}"


def clock_words(fields: Mapping[str, Any]) -> str:
    """What was done to the clock, or how long the computer slept."""
    words = []
    if stepped_s := fields.get("stepped_s"):
        slept = ", or the computer slept for so long" if fields.get("may_be_sleep") else ""
        words.append(f"the clock of the computer was set by {stepped_s:+.1f} s{slept}")
    if suspended_s := fields.get("suspended_s"):
        words.append(f"the computer slept for {suspended_s:.1f} s, and nobody watched")
    return "; ".join(words)


def device_words(fields: Mapping[str, Any]) -> str:
    """What a device around the cell was told, did, or did not."""
    name, what = str(fields.get("device", "")), str(fields.get("what", ""))
    match what:
        case "connected":
            return f"{name} answers: {fields.get('manufacturer')} {fields.get('model')}"
        case "rest":
            known = {True: "at rest, read back", False: "NOT KNOWN TO BE AT REST"}
            word = known.get(fields.get("at_rest"), "told to rest")  # type: ignore[arg-type]
            return f"{name} {word}: {fields.get('evidence')}"
        case "trouble":
            return f"{name} does not answer as it should: {fields.get('why')}"
        case "dosed":
            volume_m3 = fields.get("volume_m3")
            known_mL = "an unknown volume" if volume_m3 is None else f"{volume_m3 * 1e6:.4g} mL"
            return f"{name} has delivered {known_mL} of {fields.get('component')}"
        case "answers again" | "triggered":
            return f"{name} {what}"
    return f"{name} is told: {fields.get('text') or what}"


def diagnosis_words(fields: Mapping[str, Any]) -> str:
    """What was diagnosed, what to look at and what to do."""
    head = f"{fields.get('id')}: {fields.get('text')}"
    if fields.get("note"):
        return head
    return f"{head}. Look at: {fields.get('look')}. Do: {fields.get('do')}."


def countermeasure_words(fields: Mapping[str, Any]) -> str:
    """What was done by itself about a diagnosis, and what came of it."""
    text, measure = fields.get("text"), fields.get("measure")
    match str(fields.get("what")):
        case "begins":
            return f"countermeasure {fields.get('number')}: {text} ({fields.get('why')})"
        case "over":
            ways = fields.get("charge_anodic_C"), fields.get("charge_cathodic_C")
            passed = ""
            if ways[0] is not None and ways[1] is not None:
                passed = f"; {ways[0]:.3g} C anodic, {ways[1]:.3g} C cathodic"
            return f"countermeasure over: {text}{passed}"
        case "effect":
            return f"what the countermeasure came to: {text}"
        case "given_up":
            return f"the countermeasure `{measure}` is given up: {text}"
        case "refused":
            return f"the countermeasure `{measure}` was not taken: {text}"
    return f"countermeasures: {text}"


def event_words(kind: str, fields: Mapping[str, Any]) -> str:
    """One event in a sentence; empty for what only machines read."""

    def get(key: str) -> str:
        return str(fields.get(key, "") or "").replace("_", " ")

    def text(key: str) -> str:
        return str(fields.get(key, "") or "")

    match kind:
        case "step_start":
            return f"step {text('step')} begins: {text('label') or get('kind')}"
        case "step_stop":
            return f"step {text('step')} ends: {text('text') or get('reason')}"
        case "state":
            to = text("to")
            return f"{_STATES.get(to, to.lower())}: {text('reason')}"
        case "mark" if fields.get("what") == "output_on_intent":
            return f"output on: {get('mode')}".removesuffix(": ")
        case "mark" if fields.get("what") == "output_off":
            off = {False: "output off, read back", True: "OUTPUT STILL ON"}
            word = off.get(fields.get("on"), "OUTPUT NOT READ BACK AS OFF")  # type: ignore[arg-type]
            return f"{word}: {text('evidence')}".removesuffix(": ")
        case "mark" if fields.get("what") == "diagnoses_ended":
            return f"nothing more is diagnosed, by a defect of the program: {text('why')}"
        case "limit":
            value = fields.get("value")
            at = f"at {value:.4g}, " if isinstance(value, int | float) else ""
            return f"limit crossed: {text('text')} ({at}set by {text('set_by')})"
        case "interruption":
            return f"interrupted for {text('away_s')[:5]} s, output off, read back: {text('why')}"
        case "note":
            by = person(fields.get("by"))
            return f"{text('text')} ({by})" if by else text("text")
        case "device":
            return device_words(fields)
        case "modify":
            why = f", because: {text('why')}" if fields.get("why") else ""
            return f"modified: {text('what')}{why} ({person(fields.get('by'))})"
        case "diagnosis":
            return diagnosis_words(fields)
        case "countermeasure":
            return countermeasure_words(fields)
        case "against_rehearsal":
            return text("text")
        case "clock" if "stepped_s" in fields or "suspended_s" in fields:
            return clock_words(fields)
        case "impedance" | "pulse" | "interrupt":
            return ""  # a record of a series, which is drawn
        case "run_start" | "columns" | "clock" | "sample" | "run_stop" | "part" | "charge_bounds":
            return ""
        case _:
            told = (f"{key.replace('_', ' ')} {value}" for key, value in fields.items())
            return f"{kind.replace('_', ' ')}: {', '.join(told)}"
