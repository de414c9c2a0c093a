"""Plans that were exported, read back by the programs that they are for.

aurora-unicycler (its models and what it makes of them), dgbowl-schemas (tomato's payloads, and
their updates to newer versions) and the grammar of MethodSCRIPT in pypalmsens. Each where it is
installed.
"""

from __future__ import annotations

import json
import sys
import types
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.runner.bench_file import load_bench
from faradaic.runner.plan_files.written_plan import WrittenPlan, write_plan

pytestmark = pytest.mark.witness

CASES = [
    ("shono-methoxylation", "simulated"),
    ("kolbe-dimethyl-decanedioate", "simulated"),
    ("thiophene-reduction-alternating", "simulated-emstat4-hr"),
    ("oxazole-cell-voltage", "simulated"),
]


def written(name: str, bench: str, form: str, out: Path) -> WrittenPlan:
    loaded = load_bench(bench)
    return write_plan(compile_protocol(load_protocol(f"library:{name}"), loaded), loaded, form, out)


def charge_C(steps: list[tuple[float, float]]) -> float:
    return sum(abs(current_A) * time_s for current_A, time_s in steps)


@pytest.mark.parametrize(("name", "bench"), CASES[:3])
def test_aurora_unicycler_reads_it_and_passes_the_same_charge(
    name: str, bench: str, tmp_path: Path
) -> None:
    unicycler = pytest.importorskip("aurora_unicycler")
    path = tmp_path / "x.json"
    written(name, bench, "unicycler", path)
    protocol = unicycler.CyclingProtocol.from_dict(json.loads(path.read_text("utf-8")))
    passed, block = 0.0, 0.0
    for step in protocol.method:
        if step.step == "tag":
            passed, block = passed + block, 0.0
        elif step.step == "constant_current":
            block += abs(step.current_mA) * 1e-3 * step.until_time_s
        elif step.step == "loop":
            passed, block = passed + block * step.cycle_count, 0.0
    plan = compile_protocol(load_protocol(f"library:{name}"), load_bench(bench))
    aimed_C = sum(one.expected_charge_C or 0.0 for one in plan.steps if one.is_reached)
    assert passed + block == pytest.approx(aimed_C, rel=1e-4)
    settings = protocol.to_biologic_mps(sample_name="x", range_V=(-25.0, 25.0))
    assert "Modulo Bat" in settings


@pytest.mark.parametrize(("name", "bench"), CASES[:3])
def test_tomato_reads_it_and_brings_it_up_to_date(name: str, bench: str, tmp_path: Path) -> None:
    tomato = pytest.importorskip("dgbowl_schemas.tomato")
    path = tmp_path / "x.json"
    done = written(name, bench, "tomato", path)
    payload = tomato.to_payload(**json.loads(path.read_text("utf-8")))
    assert payload.version == "0.2"
    if any("loops are those of tomato 0.2" in one for one in done.lost):
        assert [task.technique for task in payload.method].count("loop") == 1
        return
    for _ in range(10):
        if not hasattr(payload, "update"):
            break
        payload = payload.update()
    assert payload.version >= "2.0"
    names = [task.technique_name for task in payload.method]
    assert names[0] == "open_circuit_voltage"
    assert "constant_current" in names


@pytest.fixture(scope="module")
def grammar() -> object:
    """The check of a script in pypalmsens, without the rest of it, which needs .NET."""
    pytest.importorskip("antlr4")
    sdk = find_spec("pypalmsens")
    if sdk is None or sdk.origin is None:
        pytest.skip("pypalmsens is not installed")
    folder = Path(sdk.origin).parent / "_methodscript"
    package = types.ModuleType("palmsens_grammar")
    package.__path__ = [str(folder)]
    sys.modules["palmsens_grammar"] = package
    return import_module("palmsens_grammar.validate").validate


@pytest.mark.parametrize("bench", ["simulated-emstat4-hr", "simulated-nexus"])
@pytest.mark.parametrize(
    "name",
    [
        "thiophene-reduction-alternating",
        "adiponitrile-pulsed",
        "wacker-benzoquinone-potential",
        "co2-electrolysis-ag25",
    ],
)
def test_palmsens_own_grammar_takes_every_script(
    name: str, bench: str, grammar: object, tmp_path: Path
) -> None:
    done = written(name, bench, "methodscript", tmp_path / "x")
    assert done.files
    for file in done.files:
        grammar(file.read_text("utf-8"))  # type: ignore[operator]
    with pytest.raises(SyntaxError):
        grammar("meas_loop_nothing a b c\n")  # type: ignore[operator]


def test_ec_lab_rows_are_those_that_aurora_unicycler_knows_too(tmp_path: Path) -> None:
    """Both write 20 characters a column, the same header and the same words for what they share."""
    unicycler = pytest.importorskip("aurora_unicycler")
    written("shono-methoxylation", "simulated", "ec-lab", tmp_path / "x.mps")
    ours = (tmp_path / "x.mps").read_bytes().decode("latin-1").replace("\r\n", "\n")
    protocol = unicycler.CyclingProtocol.from_dict(
        {
            "record": {"time_s": 1},
            "method": [{"step": "constant_current", "current_mA": 5, "until_time_s": 60}],
        }
    )
    theirs = protocol.to_biologic_mps(sample_name="x")
    for line in ("EC-LAB SETTING FILE", "Safety Limits :", "\tDo not start on E overload"):
        assert line in ours.split("\n")
        assert line in theirs.split("\n")
    for row in ("I Range", "E range min (V)", "E range max (V)", "Bandwidth"):
        for text in (ours, theirs):
            line = next(one for one in text.split("\n") if one.startswith(row))
            assert line[19] == " "
            assert line[20] != " "
