"""What a step does by itself about a film, and what it never does."""

import pytest

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.records.derive import derive
from faradaic.records.event_words import event_words
from faradaic.records.run import load_run
from faradaic.runner.bench_file import load_bench
from faradaic.studies.run.methods_paragraph import si_paragraph
from rigs.diagnosed_runs import TROUBLESHOOTING, rehearse

FILM = "film:start=0.5F/mol,rate=5V/F"
REVERSE = "{reverse: {time: 20 s, every: 2 min, at_most: 40}}"


def countered(*attempts: str, more: str = "", until: str = "2.5 F/mol") -> str:
    told = f"{more}countermeasures: {{attempts: [{', '.join(attempts)}]}}"
    return TROUBLESHOOTING.replace("until: 2.5 F/mol}", f"until: {until}, {told}}}")


def measures(run, what):
    kind = "countermeasure"
    return [e.fields for e in run.events if e.kind == kind and e.fields["what"] == what]


def compiled(text, bench="simulated"):
    return compile_protocol(validate_protocol(load_document(text, "p.yaml")), load_bench(bench))


def test_a_film_that_is_countered_reaches_its_charge(tmp_path):
    fault = f"{FILM},undone=400%"
    plain = rehearse(TROUBLESHOOTING, [fault], 1, tmp_path)
    assert plain.outcome == "TRIPPED"
    run = rehearse(countered(REVERSE), [fault], 1, tmp_path)
    assert run.outcome == "COMPLETED"
    begun, over, effects = (measures(run, what) for what in ("begins", "over", "effect"))
    assert len(begun) == len(over) == 16
    assert begun[0]["why"].startswith("D02")
    assert over[0]["charge_cathodic_C"] == pytest.approx(0.2, rel=0.02)
    assert over[0]["charge_anodic_C"] == 0.0
    assert all(one["after_V"] < one["before_V"] for one in effects)
    summary = derive(run.folder)
    assert summary["charge_C"] == pytest.approx(2.5 * 9.6485, rel=1e-3)
    assert summary["charge_cathodic_C"] == pytest.approx(16 * 0.2, rel=0.02)
    assert len(summary["countermeasures"]) == len(begun) + len(over) + len(effects)
    said = si_paragraph(load_run(run.folder))
    assert "20 s of the reverse current every 2 min, 40 times at most (taken 16 times)" in said
    words = [event_words(e.kind, e.fields) for e in run.events if e.kind == "countermeasure"]
    assert words[0].startswith("countermeasure 1: 20 s of the reverse current every 2 min")
    assert "0.2 C cathodic" in words[1]
    assert " V before, " in words[2]


def test_measures_follow_each_other_and_end(tmp_path):
    """A film that nothing takes off."""
    rest = "{rest: {time: 10 s, every: 1 min, at_most: 9}}"
    attempts = ("{lower: 30 %}", rest, "{stir: 1000 rpm}", "{pause: wipe the anode}")
    run = rehearse(countered(*attempts, more="caps: {time: 3 h}, "), [FILM], 1, tmp_path)
    assert run.outcome == "TRIPPED"  # at its own limit, 10 V
    assert "10 V, the step's cell-voltage limit" in run.stop_reason
    order = list(dict.fromkeys(one["measure"] for one in measures(run, "begins")))
    assert order == ["lower", "rest", "stir", "pause"]
    assert len([one for one in measures(run, "begins") if one["measure"] == "rest"]) == 3
    (given_up,) = measures(run, "given_up")
    assert given_up["measure"] == "rest"
    (ended,) = measures(run, "ended")
    assert ended["text"] == "every countermeasure has been tried"
    said = " ".join(event_words(e.kind, e.fields) for e in run.events)
    assert "Please see to it that the stirring is set to 1000 rpm" in said
    assert "paused with the output off: wipe the anode" in said
    current = run.columns["current_A"]
    assert current[-10:].mean() == pytest.approx(0.007, rel=0.01)


def test_a_lowered_current_keeps_the_cap_of_its_step(tmp_path):
    run = rehearse(countered("{lower: 60 %}"), [FILM], 1, tmp_path)
    (refused,) = measures(run, "refused")
    assert "not lowered: what is left would take" in refused["text"]
    assert run.columns["current_A"][-5:].mean() == pytest.approx(0.010, rel=0.01)


def test_a_countermeasure_may_not_cross_a_limit(tmp_path):
    """The limits watch while the current is reversed, as ever."""
    reverse = "{reverse: {time: 20 s, every: 2 min, at_most: 40}}"
    faults = [f"{FILM}", "open_lead:start=0.571F/mol"]
    run = rehearse(countered(reverse), faults, 1, tmp_path)
    assert run.outcome == "TRIPPED"
    assert len(measures(run, "begins")) == 1


def test_nothing_is_countered_after_a_short(tmp_path):
    faults = ["short:start=0.3F/mol,duration=3min", "film:start=0.8F/mol,rate=5V/F"]
    run = rehearse(countered(REVERSE), faults, 1, tmp_path)
    told = {e.fields["id"] for e in run.events if e.kind == "diagnosis"}
    assert {"D04", "D02"} <= told
    assert not measures(run, "begins")
    (ended,) = measures(run, "ended")
    assert "after D04" in ended["text"]


def test_without_a_diagnosis_nothing_happens(tmp_path):
    run = rehearse(countered(REVERSE, until="1 F/mol"), ["noise:factor=8"], 1, tmp_path)
    assert run.outcome == "COMPLETED"
    assert not [e for e in run.events if e.kind == "countermeasure"]


SACRIFICIAL = countered(REVERSE).replace(
    "anode:   {material: graphite,", "anode: {sacrificial: {metal: Zn, electrons: 2}, material: Zn,"
)


@pytest.mark.parametrize(
    ("text", "bench", "code"),
    [
        (countered(REVERSE), "simulated-rigol", "E408"),
        (SACRIFICIAL, "simulated", "E306"),
        (countered("{lower: 130 %}"), "simulated", "E305"),
        (countered("{reverse: {time: 20 s, every: 30 s, at_most: 3}}"), "simulated", "E305"),
        (countered("{lower: 30 %, pause: look}"), "simulated", "E306"),
    ],
)
def test_what_cannot_be_is_refused(text, bench, code):
    with pytest.raises(InputError) as caught:
        compiled(text, bench)
    assert code in {one.code for one in caught.value.diagnostics}
