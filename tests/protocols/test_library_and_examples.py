"""The shipped protocols: complete, sourced, honest about what they assume, equal to examples/."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.library import library_file, library_names
from faradaic.protocols.load import load_protocol, validate_protocol
from faradaic.runner.bench_file import load_bench
from faradaic.runner.operator import DefaultOperator
from faradaic.runner.requests import Controls
from faradaic.runner.session import run_plan
from faradaic.runner.states import RunState

EXAMPLES = Path(__file__).parents[2] / "examples"
IN_EXAMPLES = (
    "arylbenzothiophene-paired",
    "benzothiophene-dioxide",
    "co2-electrolysis-ag25",
    "co2-electrolysis-au25",
    "sulfonyl-benzothiophene",
)
BENCH = {
    "adiponitrile-hydrodimerisation": "simulated",
    "adiponitrile-pulsed": "simulated-emstat4-hr",
    "alkene-isomerisation-zinc": "simulated",
    "allylic-oxidation-nhpi": "simulated",
    "arene-phosphorylation-flow": "simulated",
    "arene-pyridination-h-cell": "simulated",
    "arylbenzothiophene-paired": "simulated",
    "benzothiophene-dioxide": "simulated",
    "birch-naphthalene-magnesium": "simulated",
    "co2-electrolysis-ag25": "simulated-emstat4-hr",
    "co2-electrolysis-au25": "simulated-emstat4-hr",
    "co2-to-co-h-cell-silver": "simulated-emstat4-hr",
    "hmf-oxidation-act": "simulated-emstat4-hr",
    "hmf-paired-reduction-oxidation": "simulated-emstat4-hr",
    "kolbe-dimethyl-decanedioate": "simulated",
    "manganese-diazidation": "simulated-emstat4-hr",
    "nickel-cross-electrophile-zinc": "simulated",
    "non-kolbe-methoxylation": "simulated",
    "oxazole-cell-voltage": "simulated-emstat4-hr",
    "phenol-arene-coupling-bdd": "simulated",
    "shono-methoxylation": "simulated",
    "styrene-dicarboxylation-magnesium": "simulated",
    "sulfonyl-benzothiophene": "simulated",
    "thiophene-reduction-alternating": "simulated-nexus",
    "wacker-benzoquinone-potential": "simulated-emstat4-hr",
    "water-electrolysis-koh-nickel": "simulated-emstat4-hr",
}

SHORTENED = {
    "co2-electrolysis-ag25": ("duration: 2 h}", "duration: 12 min}"),
    "co2-electrolysis-au25": ("duration: 2 h}", "duration: 12 min}"),
    "adiponitrile-pulsed": ("until: 65 min", "until: 6 min"),
    "thiophene-reduction-alternating": ("until: 10 F/mol}", "until: 1 F/mol}"),
}
"""Of rapid levels, of which an hour takes a minute, and of a day at one potential: a tenth."""


def test_the_library_holds_what_it_promises() -> None:
    assert library_names() == sorted(BENCH)


@pytest.mark.parametrize("name", IN_EXAMPLES)
def test_an_example_is_the_library_protocol_to_the_letter(name: str) -> None:
    example = EXAMPLES / f"{name.replace('-', '_')}.yaml"
    assert example.read_bytes() == library_file(name).read_bytes()


@pytest.mark.parametrize("name", BENCH)
def test_a_library_protocol_compiles_names_its_source_and_its_assumptions(name: str, bench) -> None:
    loaded = load_protocol(f"library:{name}")
    plan = compile_protocol(loaded, bench(BENCH[name]))
    assert plan.name == name
    assert plan.source["citation"]
    # The journal of the paired electrolysis gave no DOI that could be found.
    assert ("doi" in plan.source) == (name != "arylbenzothiophene-paired")
    assert plan.source["fidelity"] == "adapted"
    assert len(loaded.protocol.assumptions) >= 8
    assert plan.electrons
    assert any(product.get("target") for product in plan.reaction["products"].values())
    for key in ("anode", "cathode"):
        assert loaded.protocol.reaction.half_reactions is not None
        assert getattr(loaded.protocol.reaction.half_reactions, key)


def parts_named(node: Any, path: list[str]) -> list[Any]:
    """What a path means in a document: `*` is every part, and a step's kind may be left out."""
    if not path or not isinstance(node, dict | list):
        return [node]
    if path[0] == "*":
        inside = list(node.values())
        return [found for part in inside for found in parts_named(part, path[1:])]
    if isinstance(node, list):
        return parts_named(node[int(path[0])], path[1:]) if path[0].isdigit() else [node]
    if path[0] not in node and len(node) == 1:
        return parts_named(next(iter(node.values())), path)
    return parts_named(node[path[0]], path[1:]) if path[0] in node else []


@pytest.mark.parametrize("name", BENCH)
def test_the_assumptions_point_at_parts_that_exist(name: str) -> None:
    loaded = load_protocol(f"library:{name}")
    for assumption in loaded.protocol.assumptions:
        path = re.findall(r"[^.\[\]]+", assumption.field)
        assert parts_named(loaded.document.data, path), assumption.field
        if path[0] == "steps":
            kind = loaded.protocol.steps[int(path[1])].kind
            assert kind not in ("open_circuit", "set", "sample"), assumption


def test_the_paired_electrolysis_as_published_lacks_the_area_of_its_density(bench) -> None:
    with pytest.raises(InputError) as refused:
        compile_protocol(
            load_protocol(EXAMPLES / "arylbenzothiophene_as_published.yaml"), bench("simulated")
        )
    (finding,) = refused.value.diagnostics
    assert finding.code == "C02"
    assert finding.path == "electrodes.cathode"
    assert "`width` and `immersed` are not given" in finding.message
    assert "width: 15 mm, immersed: 10 mm" in finding.help


def test_its_dimensions_are_all_that_it_lacks(bench, tmp_path: Path) -> None:
    text = (EXAMPLES / "arylbenzothiophene_as_published.yaml").read_text(encoding="utf-8")
    completed = tmp_path / "completed.yaml"
    completed.write_text(
        text.replace("form: plate}", "form: plate, width: 15 mm, immersed: 9 mm}"), encoding="utf-8"
    )
    plan = compile_protocol(load_protocol(completed), bench("simulated"))
    assert plan.steps[1].current_A == pytest.approx(5.4e-3)


def test_the_first_procedure_is_questioned_on_a_six_volt_instrument(bench) -> None:
    loaded = load_protocol("library:benzothiophene-dioxide")
    plan = compile_protocol(loaded, bench("simulated-emstat4-hr"))
    questioned = {f["code"]: f["message"] for f in plan.findings if f["severity"] == "warning"}
    assert "20 V" in questioned["E407"]
    assert "6 V" in questioned["E407"]
    assert "V01" in questioned


def test_a_potentiostat_is_refused_for_constant_current(bench) -> None:
    loaded = load_protocol("library:benzothiophene-dioxide")
    with pytest.raises(InputError, match=r"EmStat Pico.*no constant-current mode"):
        compile_protocol(loaded, bench("simulated-emstat-pico"))


@pytest.mark.long
@pytest.mark.parametrize("name", BENCH)
def test_a_library_protocol_is_rehearsed_to_its_end(name: str, tmp_path: Path) -> None:
    bench = load_bench(BENCH[name])
    text = library_file(name).read_text(encoding="utf-8")
    written, shorter = SHORTENED.get(name, ("", ""))
    assert written in text
    text = text.replace(written, shorter) if written else text
    plan = compile_protocol(validate_protocol(load_document(text, name)), bench)
    done = run_plan(
        plan,
        bench,
        protocol_text=text,
        runs_dir=tmp_path,
        seed=0,
        speed=None,
        operator=DefaultOperator(),
        controls=Controls(),
    )
    assert done.result.outcome is RunState.COMPLETED, done.result.stop_reason
    if all(step.kind in ("constant_current", "open_circuit") for step in plan.steps):
        # whatever the model of the cell, a held current passes the charge of the plan
        assert done.result.charge_gross_C == pytest.approx(plan.estimates.charge_C, rel=3e-3)


def test_a_plan_says_how_far_the_voltage_rises_where_the_substrate_runs_short() -> None:
    # 10 mA against the limiting current of the plan: from a conversion of 1 - I/I_lim on
    plan = compile_protocol(load_protocol("library:sulfonyl-benzothiophene"), load_bench())
    (note,) = (n for n in plan.estimates.notes if "runs short" in n)
    assert note.startswith("cell voltage: 1.0 V more")
    low_A, high_A = plan.estimates.limiting_current_A or (0.0, 0.0)
    onset = float(re.search(r"conversion of (\d+)%", note)[1]) / 100  # type: ignore[index]
    assert 1 - 10e-3 / low_A <= onset <= 1 - 10e-3 / high_A
    water = compile_protocol(load_protocol("library:water-electrolysis-koh-nickel"), load_bench())
    assert not any("runs short" in n for n in water.estimates.notes)
