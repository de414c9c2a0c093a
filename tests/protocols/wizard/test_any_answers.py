"""Whatever is answered, what is written checks and plans on the bench that was named."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from faradaic.cli.wizard_view import KnownBenches
from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.protocols.wizard.interview import Finished, Interview
from faradaic.protocols.wizard.question import NOTHING
from faradaic.runner.bench_file import load_bench

NAMES = ["4-methylanisole", "2a", "benzyl alcohol", "N-Boc-pyrrolidine", "1", "true", "a: b #c"]
PORTIONS = ["3 equiv", "10 mol%", "50 mg", "0.2 mmol", "0.1 M", "0.5 mL"]
LENGTHS = ["1 mm", "10 mm", "2 cm"]
PLAUSIBLE = {
    "title": st.text(min_size=1, max_size=30),
    "substrate": st.sampled_from(NAMES),
    "amount": st.sampled_from(["0.2 mmol", "36 mg", "0.05 M", "1 g", "5mmol"]),
    "identity": st.sampled_from(["C9H8O4", "COc1ccccc1", "150 g/mol", "smiles CCO"]),
    "electrons": st.sampled_from(["1", "2", "4", "1.5", NOTHING]),
    "reagent": st.builds("{} {}".format, st.sampled_from(NAMES), st.sampled_from(PORTIONS)),
    "volume": st.sampled_from(["3 mL", "10 mL", "0.25 L"]),
    "solvent": st.sampled_from(["MeCN", "MeCN/H2O 9:1", "HFIP + MeNO2 9.4:0.6", "brine", "H2O"]),
    "electrolyte": st.sampled_from(
        ["Bu4NBF4 0.1 M", "LiClO4 0.5 mmol", "Et4NOTs 2 equiv", NOTHING]
    ),
    "mediator": st.sampled_from(["TEMPO 10 mol%", "NHPI 0.2 equiv", "X 0.01 M", NOTHING]),
    "mediator_potential": st.sampled_from(["0.7 V vs SCE", "0.2 V vs Fc+/0", NOTHING]),
    "material": st.sampled_from(["graphite", "Pt", "Mg", "Zn", "Al", "BDD", "Ni", "{x}"]),
    "size": st.sampled_from(
        ["3 mm", "6 x 15 mm", "10 x 15 mm", "10 x 15 x 3 mm", "2 cm^2", "1 cm x 20 mm"]
    ),
    "channel": st.sampled_from(["10 x 50 x 0.5 mm", "2 x 200 x 0.25 mm"]),
    "flow_rate": st.sampled_from(["0.2 mL/min", "90 s", "5 mL/min"]),
    "reservoir": st.sampled_from(["50 mL", "1 L", NOTHING]),
    "temperature": st.sampled_from(["25 degC", "-20 degC", "60 °C", "0 degC"]),
    "stirring": st.sampled_from(["600 rpm", NOTHING]),
    "current": st.sampled_from(["0.5 F/mol/h", "10 µA", "1 mA", "5 mA", "100 mA", "2 A", "30 A"]),
    "density": st.sampled_from(["0.1 mA/cm^2", "5 mA/cm^2", "2 A/cm^2"]),
    "reference": st.sampled_from(
        ["Ag/AgCl (3 M KCl)", "SCE", "Ag/Ag+ (0.01 M AgNO3 in MeCN)", "W"]
    ),
    "potential": st.sampled_from(["1.2 V", "-1.5 V", "0.8 V vs Fc+/0", "1 V vs RHE", "20 V"]),
    "cell_voltage": st.sampled_from(["2 V", "4 V", "30 V"]),
    "cell_voltage_limit": st.sampled_from(["1 V", "10 V", "60 V"]),
    "current_limit": st.sampled_from(["1 mA", "50 mA", "5 A"]),
    "turns": st.sampled_from(
        ["0 V, 1 V, -0.5 V", "0 V, 0.5 V, 0 V vs Fc+/0", "0 V, 1 V", "0 V, 9 V, 1 V"]
    ),
    "scan_rate": st.sampled_from(["100 mV/s", "1 V/s", "100 V/s"]),
    "cycles": st.sampled_from(["1", "3", "0"]),
    "tlc": st.sampled_from(["2 F/mol", "1 F/mol, 2 F/mol", "40 C", "5 %", NOTHING]),
    "half_period": st.sampled_from(["0.1 s", "10 s", "5 min"]),
    "end": st.sampled_from(
        ["2.5 F/mol", "50 C", "3 h", "total 3 F/mol", "5 %", "<= 0.5 mA", "1 F/mol", "1 ms", "10 a"]
    ),
    "latest": st.sampled_from(["8 h", "24 h", "3 d"]),
    "limits": st.sampled_from(["60 mA, 8 h", "12 V", "300 C", "30 d", "1 s", NOTHING]),
    "gap": st.sampled_from(LENGTHS),
}
FALLBACKS = 3
"""Tries before the default is taken: it is offered, so it has to do."""


def interviewed(data: st.DataObject) -> Finished:
    """Answer at random until there is a protocol."""
    interview = Interview(KnownBenches())
    tries: dict[str, int] = {}
    for _ in range(400):
        standing = interview.standing()
        if standing is None:
            with suppress(InputError):
                return interview.finished()
            assert interview.standing() is not None, "nothing is asked again"
            continue
        asked = standing.asked
        tries[asked.key] = tries.get(asked.key, 0) + 1
        typed = ""
        if tries[asked.key] <= FALLBACKS:
            typed = data.draw(_answers(asked), label=asked.key)
        elif tries[asked.key] > 2 * FALLBACKS:
            interview.back()
            tries[asked.key] = 0
            continue
        try:
            interview.answer(typed)
        except InputError as error:
            (told, *_) = error.diagnostics
            assert told.code
            assert told.help
    raise AssertionError("the questions do not end")


def _answers(asked: object) -> st.SearchStrategy[str]:
    question, situation = asked.question, asked.situation  # type: ignore[attr-defined]
    if question.usable.choices is not None:
        return st.sampled_from(question.usable.choices(situation))
    if question.key == "bench":
        return st.sampled_from(situation.benches.names())
    key = question.key.removeprefix("other_").removeprefix("anode_").removeprefix("cathode_")
    known = PLAUSIBLE.get(key, st.just(""))
    return st.one_of(st.just(""), known)


@pytest.mark.long
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_is_written_plans_whatever_was_answered(data: st.DataObject) -> None:
    _plans(interviewed(data))


def _plans(finished: Finished) -> None:
    loaded = validate_protocol(load_document(finished.text, "new.yaml"))
    assert f"bench {finished.bench}" in " ".join(finished.text.split("\nfaradaic")[0].split())
    plan = compile_protocol(loaded, load_bench(finished.bench))
    assert plan.steps == finished.plan.steps
