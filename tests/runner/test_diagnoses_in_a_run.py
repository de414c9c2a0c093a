"""Faults of a rehearsal end in the right words, in the journal, the summary and the last line."""

import json

import pytest

from faradaic.diagnoses.listener import Listener
from faradaic.records.derive import derive
from faradaic.records.event_words import event_words
from faradaic.records.run import load_run
from rigs.diagnosed_runs import TROUBLESHOOTING, rehearse

EIGHT = {
    "film:start=0.5F/mol,rate=5V/F": ("D02", "film"),
    "open_lead": ("D05", "open_lead"),
    "electrolyte:factor=2%": ("D03", "salt"),
    "activation:resistance=400 Ohm": ("D12", "skin"),
    "anode_exhausted": ("D13", "anode"),
    "evaporation:rate=20 mL/h": ("D09", "evaporation"),
    "leak:rate=15 mL/h": ("D09", "leak"),
    "precipitation:time=10 min": ("D10", "precipitation"),
}
SPOKEN = {
    "stir_stop:start=0.5F/mol": ("D08", "stirrer"),
    "short:start=0.5F/mol": ("D04", "short"),
    "overheat:power=2 W": ("D11", "overheating"),
    "stuck:start=0.5F/mol": ("D20", "frozen"),
    "area:start=0.5F/mol,factor=20%": ("D08", "area"),
}


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_eight_causes_end_in_eight_different_words(seed, tmp_path):
    told = {}
    for fault, right in EIGHT.items():
        run = rehearse(TROUBLESHOOTING, [fault], seed, tmp_path)
        last = [event for event in run.events if event.kind == "diagnosis"][-1]
        causes = last.fields["causes"]
        assert (last.fields["id"], causes[0]["name"]) == right, fault
        assert last.fields["look"]
        assert last.fields["do"]
        told[fault] = causes[0]["what"]
        if run.outcome == "TRIPPED":
            assert last.fields["text"] in run.stop_reason
    assert len(set(told.values())) == 8


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("fault", SPOKEN)
def test_what_was_silent_is_told_while_it_runs(fault, seed, tmp_path):
    run = rehearse(TROUBLESHOOTING, [fault], seed, tmp_path)
    events = [event for event in run.events if event.kind == "diagnosis"]
    name, cause = SPOKEN[fault]
    found = [e for e in events if e.fields["id"] == name]
    assert found, [e.fields["text"] for e in events]
    assert found[0].fields["causes"][0]["name"] == cause
    start_C = 0.5 * 9.6485 if "start" in fault else 0.0
    within = 0.25 if "overheat" in fault else 0.2  # a cell that warms up has a time of its own
    assert start_C <= found[0].fields["charge_C"] <= start_C + within * 9.6485


def test_a_healthy_cell_is_told_nothing(tmp_path):
    for seed in (1, 2):
        run = rehearse(TROUBLESHOOTING, ["noise:factor=8", "bubbles:coverage=5%"], seed, tmp_path)
        events = [e for e in run.events if e.kind == "diagnosis" and not e.fields["note"]]
        assert not events, [e.fields["text"] for e in events]


def test_the_trip_names_the_limit_and_since_when(tmp_path):
    run = rehearse(TROUBLESHOOTING, ["film:start=0.5F/mol,rate=5V/F"], 1, tmp_path)
    assert "10 V, the step's cell-voltage limit, since 1.43 F/mol" in run.stop_reason


def test_what_passed_through_a_short_is_no_electrolysis(tmp_path):
    run = rehearse(TROUBLESHOOTING, ["short:start=1 F/mol"], 1, tmp_path)
    summary = derive(run.folder)
    short_C = 1.5 * 9.6485
    assert summary["charge_beside_C"] == pytest.approx(short_C, rel=0.01)
    assert summary["share_of_planned"] == pytest.approx(0.4, abs=0.01)
    assert "passed through a short" in summary["stop_reason"]
    told = [one for one in summary["diagnoses"] if one["id"] == "D04"]
    assert len(told) == 1
    assert json.dumps(summary["diagnoses"])


def test_a_pause_is_no_step(tmp_path):
    """A cell that rests and goes on has neighbours on either side only."""
    text = TROUBLESHOOTING.replace(
        "until: 2.5 F/mol",
        "until: 0.6 F/mol}\n  - open_circuit: 5 min\n"
        "  - constant_current: {current: 5 mA, cell_voltage_limit: 10 V, until: 0.6 F/mol",
    )
    run = rehearse(text, [], 3, tmp_path)
    assert run.outcome == "COMPLETED"
    assert not [e for e in run.events if e.kind == "diagnosis"]


def test_show_says_what_to_look_at_and_do(tmp_path):
    run = rehearse(TROUBLESHOOTING, ["open_lead:start=0.3F/mol"], 1, tmp_path)
    (event,) = [e for e in run.events if e.kind == "diagnosis"]
    words = event_words(event.kind, event.fields)
    assert words.startswith("D05: 10 V, the step's cell-voltage limit, since 0.3")
    assert "Look at: clips" in words
    assert "Do: fasten the lead" in words
    assert load_run(run.folder).outcome == "TRIPPED"


@pytest.mark.parametrize("breaks", ["take", "reached", "lost_C"])
def test_a_detector_that_breaks_ends_no_run(breaks, monkeypatch, tmp_path):
    def broken(*_, **__):
        raise ZeroDivisionError("of a detector")

    monkeypatch.setattr(Listener, breaks, broken)
    fault = "film:start=0.2F/mol,rate=20V/F" if breaks == "reached" else "noise:factor=2"
    run = rehearse(TROUBLESHOOTING, [fault], 1, tmp_path)
    assert run.outcome == ("TRIPPED" if breaks == "reached" else "COMPLETED")
    (told,) = [e for e in run.events if e.fields.get("what") == "diagnoses_ended"]
    assert "of a detector" in told.fields["why"]
    assert "nothing more is diagnosed" in event_words("mark", told.fields)
