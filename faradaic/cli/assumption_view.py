"""What a simulated cell rests on, and how sure its numbers are, in the words of every view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from faradaic.chemistry.cell_description.cell_assumptions import GUESSED, RECALLED
from faradaic.chemistry.sacrificial_metals import consumption_words
from faradaic.quantities import format_quantity


def guessed_mark(guessed: object) -> str:
    """What stands behind a number that rests on a guess."""
    return f" ({GUESSED})" if guessed else ""


def assumption_lines(assumptions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One line each, guesses first, with what they are worth in cell voltage."""
    told = list(assumptions)
    if told:
        yield "The simulated cell assumes, what moves its voltage most first:"
    for one in told:
        moves_V, state = one.get("cell_voltage_V"), one.get("state")
        mark = f"{GUESSED} {one['guess']}: " if one.get("guess") else ""
        moves = f" (up to {format_quantity(moves_V, 'V', 2)})" if moves_V else ""
        silent = not state or f"`{state}`" in one["text"]
        yield f"  {mark}{one['text']}{moves}{'' if silent else f'; state `{state}`'}"


def metal_words(metal: Mapping[str, Any]) -> str:
    """What goes of a sacrificial anode: `metal`, `taken_kg`, `there_kg`, `basis`, `state`."""
    keys = ("metal", "taken_kg", "there_kg", "basis", "state")
    words = consumption_words(*(metal[key] for key in keys))
    return words + guessed_mark(RECALLED in metal["basis"] or GUESSED in metal["source"])


def at_most(summary: Mapping[str, Any]) -> str:
    """How much it may have been, where that is a tenth more: readings were missing or had no
    current."""
    high_C = summary["charge_high_C"]
    if high_C is None or high_C <= 1.1 * summary["charge_C"]:
        return ""
    return f", not measured throughout: at most {high_C:.4g} C"


def of_planned(summary: Mapping[str, Any]) -> str:
    """Of how much that charge is, where something is missing."""
    return f" of {summary['planned_charge_C']:.4g} C planned" if summary["missing_charge"] else ""


def unknown_charge(summary: Mapping[str, Any]) -> str:
    """Why there is no charge, and what it is at most; empty where there is one, or no bound."""
    if summary["charge_C"] is not None or summary["charge_high_C"] is None:
        return ""
    most = format_quantity(summary["charge_high_C"], "C", 4)
    return f"not known: no reading has a current; at most {most}"
