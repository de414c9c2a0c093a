"""Seeds that break no promise, and that would if an output were not turned off."""

from __future__ import annotations

import itertools

import pytest

from faradaic.instruments.keithley.smu2450 import Keithley2450
from faradaic.instruments.palmsens import script_parts
from faradaic.instruments.palmsens.driver import MethodScriptDriver
from faradaic.instruments.readings import OutputState
from faradaic.runner.engine import Engine
from simulation.scenarios import drawn
from simulation.test_offs_behind_others import taken_out
from simulation.trials import shrunk, tried

SEEDS = 2000
QUICK = 60
AT_ONCE = 200
FOUND_WITHIN = 20


def broken_by(seeds: range) -> dict[int, tuple[str, ...]]:
    trials = ((seed, tried(drawn(seed)).broken) for seed in seeds)
    return {seed: broken for seed, broken in trials if broken}


def test_no_seed_breaks_a_promise():
    assert not broken_by(range(QUICK))


@pytest.mark.long
@pytest.mark.parametrize("first", range(0, SEEDS, AT_ONCE))
def test_no_seed_of_many_breaks_a_promise(first):
    assert not broken_by(range(first, first + AT_ONCE))


def test_equal_seeds_are_equal_runs():
    for seed in range(10):
        assert tried(drawn(seed)) == tried(drawn(seed))


def _nothing(*_: object, **__: object) -> None:
    return None


def _said_to_be_off(*_: object, **__: object) -> OutputState:
    return OutputState(False, "taken out")


def _without_cell_off(*lines: str) -> str:
    return _TEXT(*lines).replace("on_finished:\ncell_off\n", "on_finished:\n")


_TEXT = script_parts.text

OFF = 'OutputState(False, "taken out")'

TAKEN_OUT = {
    "the end of a segment of the 2450": (Keithley2450, "_require_off", _nothing),
    "the off of the 2450": (Keithley2450, "output_off", _said_to_be_off),
    "the command of the 2450": (
        *(Keithley2450, "_tell_off"),
        taken_out(Keithley2450, "_tell_off", "self._channel.write(self.TOLD_OFF)", "pass"),
    ),
    "the off of a PalmSens": (MethodScriptDriver, "output_off", _said_to_be_off),
    "the end of a script": (script_parts, "text", _without_cell_off),
    "the off behind every stream": (
        *(Engine, "_stream"),
        taken_out(Engine, "_stream", "self._leave_output_off(off_s)", "pass"),
    ),
    "the engine's own": (
        *(Engine, "_leave_output_off"),
        taken_out(Engine, "_leave_output_off", "self._host.output_off()", OFF),
    ),
    "the last of a run": (
        *(Engine, "_finish"),
        taken_out(Engine, "_finish", "self._host.output_off(OFF_WITHIN_S)", OFF),
    ),
}
"""Each call that turns an output off, one at a time; `test_offs_behind_others` has those that
another one stands before."""


@pytest.mark.parametrize("what", TAKEN_OUT)
def test_an_off_that_is_taken_out_is_found(monkeypatch, what):
    owner, name, instead = TAKEN_OUT[what]
    monkeypatch.setattr(owner, name, instead)
    found = next((s for s in range(FOUND_WITHIN) if tried(drawn(s)).broken), None)
    assert found is not None


def test_a_seed_that_breaks_a_promise_is_shrunk_to_what_it_takes(monkeypatch):
    monkeypatch.setattr(Keithley2450, "_require_off", _nothing)
    broken = next(s for s in itertools.count() if tried(drawn(s)).broken)
    smaller, left_out = shrunk(drawn(broken))
    assert len(smaller.mishaps) + len(left_out) == len(drawn(broken).mishaps)
    assert tried(smaller).broken
