"""A document that a colleague sent is data: it can't have Python run."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import faradaic
from faradaic.cli.run_commands import _listed_faults
from faradaic.computational.interatomic_potentials import Potential, PotentialChoice
from faradaic.computational.interface.constrained_study import load_constrained_run
from faradaic.computational.screening.screening_study import load_screening
from faradaic.datafiles.mapping_file import load_mapping
from faradaic.diagnostics import FaradaicError
from faradaic.documents.document import load_document
from faradaic.documents.kinds import KINDS
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.protocols.plates.load_plate import load_plate
from faradaic.runner.bench_file import load_bench
from faradaic.studies.loading import load_study
from rigs.commands import Command

SCREENING = """faradaic_screening: 1
title: Sent by a colleague
prototype: spinel
fixed: [Mg2+]
pool: [Mg2+, Zn2+, Al3+, Sn4+, Sb5+]
distinct: 4
anion: O2-
limit: 1473 K
potential: {name: "os:system", options: {command: "touch ./RAN"}}
"""
CONSTRAINED = """faradaic_constrained_run: 1
title: Sent by a colleague
potential: {name: "os:system", options: {command: "touch ./RAN"}}
"""


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (SCREENING, ("screen", "relax")),
        (SCREENING, ("screen", "spinels")),
        (CONSTRAINED, ("constrained", "run")),
    ],
)
def test_a_document_names_no_python(faradaic: Command, text: str, command: tuple[str, ...]) -> None:
    (faradaic.folder / "sent.yaml").write_text(text)
    done = faradaic(*command, "sent.yaml")
    assert done.code == 2
    assert "error[E830]" in done.err
    assert "--potential os:system" in done.err
    assert not (faradaic.folder / "RAN").exists()


def test_a_person_may_name_python() -> None:
    written = PotentialChoice(name="emt", options={"asap_cutoff": True})
    typed = written.typed("my.calculators:Best")
    assert (typed.name, typed.options) == ("my.calculators:Best", {"asap_cutoff": True})
    assert written.typed(None) is written


def _protocol(path: Path) -> None:
    compile_protocol(load_protocol(path), load_bench())


def _bench(path: Path) -> None:
    bench = load_bench(str(path))
    assert bench.source
    assert bench.simulated is not None


def _screening(path: Path) -> None:
    choice = load_screening(path).potential
    Potential(choice.name, choice.options)


LOADERS = {
    "protocol": _protocol,
    "plate": load_plate,
    "bench": _bench,
    "faults": _listed_faults,
    "study": load_study,
    "screening": _screening,
    "constrained_run": load_constrained_run,
    "mapping": load_mapping,
}
"""What the commands do with a document before anything runs."""
EXAMPLES = Path(__file__).parents[2] / "examples"
PACKAGE = Path(faradaic.__file__).parent
SEEDS = {
    "protocol": [
        EXAMPLES / "benzothiophene_dioxide.yaml",
        EXAMPLES / "sulfonyl_benzothiophene.yaml",
    ],
    "plate": [EXAMPLES / "plate/plate.yaml"],
    "bench": [PACKAGE / "runner/benches/simulated.yaml"],
    "faults": ["faradaic_faults: 1\nfaults: [{film: {rate: 0.3 V/F}}, {open_lead: {}}]\n"],
    "study": sorted((PACKAGE / "studies/templates").glob("*.yaml")),
    "screening": [SCREENING.replace("os:system", "emt")],
    "constrained_run": [EXAMPLES / "constrained_run/thiolate_water.yaml"],
    "mapping": [
        "faradaic_mapping: 1\ncolumns: {I: {quantity: current, unit: mA, sign: cathodic}}\n"
    ],
}


def _leaves(node: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    inner = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in inner:
        yield from _leaves(value, (*path, key))
    if isinstance(node, str):
        yield path


def _with(node: Any, path: tuple[str | int, ...], value: str) -> Any:
    copied = deepcopy(node)
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return copied


class _Watch:
    """Notes that somebody wants to import what a document names."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def find_spec(self, name: str, *_: object) -> None:
        if "canary" in name:
            self.asked.append(name)


@pytest.mark.long
@pytest.mark.parametrize("kind", SEEDS)
def test_no_text_in_a_document_is_taken_for_python(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = _Watch()
    monkeypatch.setattr(sys, "meta_path", [watch, *sys.meta_path])
    monkeypatch.setattr(os, "system", watch.asked.append)
    monkeypatch.setattr(subprocess, "Popen", lambda *called, **_: watch.asked.append(str(called)))
    for beside in ("constrained_run", "plate"):
        shutil.copytree(EXAMPLES / beside, tmp_path, dirs_exist_ok=True)
    file = tmp_path / "sent.yaml"
    tried = 0
    for seed in SEEDS[kind]:
        text = seed if isinstance(seed, str) else seed.read_text(encoding="utf-8")
        file.write_text(text, encoding="utf-8")
        LOADERS[kind](file)
        data = load_document(text).data
        for path, words in product(_leaves(data), ("canary:run", "canary.run", "os:system")):
            file.write_text(json.dumps(_with(data, path, words)), encoding="utf-8")
            with contextlib.suppress(FaradaicError):
                LOADERS[kind](file)
            assert not watch.asked, f"{kind}: {path} names {watch.asked}"
            tried += 1
    assert tried


def test_every_kind_of_document_is_tried() -> None:
    assert set(SEEDS) == {name for name, kind in KINDS.each() if kind.recognises is None}
