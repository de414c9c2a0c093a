"""A probed current: interruptions by charge, and what of a rise is ohmic."""

import pytest

from faradaic.diagnoses.diagnosis import Cause, Diagnosis
from faradaic.diagnoses.ohmic_probe import OhmicCourse, OhmicProbe, probe_of
from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.runner.bench_file import load_bench
from rigs.diagnosed_runs import TROUBLESHOOTING, rehearse

PROBED = TROUBLESHOOTING.replace("until: 2.5 F/mol", "until: 0.8 F/mol, probe: 0.1 F/mol")


def compiled(text, bench="simulated"):
    return compile_protocol(validate_protocol(load_document(text, "p.yaml")), load_bench(bench))


def test_a_probe_is_an_interrupted_current_at_equal_charges():
    step = compiled(PROBED).steps[1]
    assert step.kind == "current_interrupt"
    assert step.every_s * 0.010 == pytest.approx(0.1 * 9.6485, rel=1e-4)
    assert step.width_s == 0.1
    assert "probed every" in step.label
    plain = compiled(PROBED.replace(", probe: 0.1 F/mol", "")).steps[1]
    assert step.until == plain.until
    assert step.cell_voltage_limit_V == plain.cell_voltage_limit_V


@pytest.mark.parametrize(
    ("probe", "bench", "code"),
    [
        ("probe: 0.1 F/mol", "simulated-rigol", "E401"),
        ("probe: 0.001 F/mol", "simulated", "E305"),
        ("probe: 0.9 F/mol", "simulated", "E305"),  # of 0.8 F/mol
        ("probe: {every: 0.1 F/mol, width: 1 us}", "simulated", "E409"),
    ],
)
def test_what_cannot_be_probed_is_refused(probe, bench, code):
    with pytest.raises(InputError) as caught:
        compiled(PROBED.replace("probe: 0.1 F/mol", probe), bench)
    codes = {one.code for one in caught.value.diagnostics}
    assert code in codes


def test_a_bad_contact_is_told_from_a_stirrer_by_its_ohms(tmp_path):
    run = rehearse(PROBED, ["contact:start=0.35F/mol"], 1, tmp_path)
    assert len([e for e in run.events if e.kind == "interrupt"]) == 8
    told = [e.fields for e in run.events if e.kind == "diagnosis"]
    last = told[-1]
    assert last["causes"][0]["name"] == "contact"
    assert last["causes"][0]["confidence"] > 0.9
    assert last["numbers"]["ohmic_share_1"] == pytest.approx(1.0, abs=0.1)
    assert "of it is ohmic" in last["text"]
    assert last["charge_C"] <= 0.55 * 9.6485


def test_a_probed_cell_that_is_well_is_told_nothing(tmp_path):
    run = rehearse(PROBED, ["noise:factor=8"], 2, tmp_path)
    assert run.outcome == "COMPLETED"
    assert not [e for e in run.events if e.kind == "diagnosis"]


def a_step(*causes):
    named = tuple(Cause(name, share) for name, share in causes)
    return Diagnosis("D08", 0.0, 0.0, 5.0, 5.0, "a step", named)


@pytest.mark.parametrize(
    ("ohm", "first"), [(100.0, "stirrer"), (150.0, "contact"), (None, None), (130.0, None)]
)
def test_a_share_weighs_causes_again(ohm, first):
    course = OhmicCourse()
    told = [a_step(("stirrer", 0.5), ("contact", 0.45))]
    assert course.take(OhmicProbe(4.0, 100.0, 4.0, 0.01), []) is None
    if ohm is None:  # the rise is too small to be divided
        assert course.take(OhmicProbe(6.0, 150.0, 4.015, 0.01), told) is None
        return
    again = course.take(OhmicProbe(6.0, ohm, 4.5, 0.01), told)
    if first is None:  # 60 % of 0.5 V: nothing surer than before
        assert again is None or again.cause == "contact"
        return
    assert again.cause == first
    assert again.revised
    assert course.take(OhmicProbe(7.0, ohm, 4.5, 0.01), told) is None  # once


def test_a_trace_without_points_on_either_side_tells_nothing():
    trace = {"time_s": [-0.02, -0.01], "cell_voltage_V": [4.0, 4.0], "current_A": [0.01, 0.01]}
    assert probe_of(trace, 1.0) is None
    whole = {
        "time_s": [-0.02, -0.01, 0.001, 0.01],
        "cell_voltage_V": [-4.0, -4.0, -3.0, -2.8],
        "current_A": [-0.01, -0.01, 0.0, 0.0],
        "dead_time_s": 0.002,
    }
    probe = probe_of(whole, 1.0)
    assert probe.ohm == pytest.approx(120.0)
    assert probe.voltage_V == pytest.approx(4.0)
