"""Bytes lost, changed, doubled, late and from nowhere: what is accepted is what was sent."""

from __future__ import annotations

import pytest

from rigs.wire import KINDS, Tally, read_on

MODELS = ["keithley-2450", "emstat4-hr"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("model", MODELS)
def test_what_is_accepted_is_what_the_instrument_sent(model: str, kind: str) -> None:
    # 5,000 A of a 1 A source, -45 mA and a current with one other digit had been accepted.
    told = Tally()
    for seed in range(2):
        read_on(model, [kind], 0.05, seed=seed, readings=200, segments=2, tally=told)
    assert not told.wrong
    assert told.accepted > 300
    assert told.faults > 20
    assert not told.not_off


@pytest.mark.parametrize("model", MODELS)
def test_two_replies_of_a_hundred_lost_and_two_garbled_end_no_run(model: str) -> None:
    told = read_on(
        model, ["dropped", "a byte changed", "a digit changed"], 0.04, seed=1, readings=2000
    )
    assert told.ends == {"duration": 1}
    assert not told.wrong
    assert told.faults > 70
    assert told.accepted > 2000 - 10 * told.faults  # one that is lost costs a second
    assert told.refused
    assert not told.not_off
