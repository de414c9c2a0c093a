"""A document that a colleague sent is data: it can't have Python run."""

import pytest

from faradaic.computational.interatomic_potentials import PotentialChoice
from tests.cli.conftest import Command

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
