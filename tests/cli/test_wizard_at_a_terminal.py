"""`faradaic new` as a person uses it, at a real terminal, and from a pipe."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import load_protocol
from faradaic.runner.bench_file import load_bench
from rigs.commands import Command, Outcome
from rigs.terminal import COMMAND, Terminal

SHORT = ("mixture", "sacrificial")
"""Of the cases below; the others take long."""
CASES: dict[str, dict[str, str]] = {
    "milligrams": {
        "Substrate": "4-methylanisole",
        "How much of it": "36.6 mg",
        "Its SMILES": "Cc1ccc(OC)cc1",
        "Electrons": "4",
    },
    "mixture": {
        "Another reagent": "alkyne 3 equiv",
        "It is there as": "coupling",
        "Solvent, or": "HFIP/MeNO2 9.4:0.6",
        "Supporting electrolyte": "Et4NPF6 0.2 mmol",
        "Form of the anode": "felt",
    },
    "mediated": {
        "Substrate": "benzyl alcohol",
        "Mediator": "TEMPO 10 mol%",
        "Its potential": "0.62 V vs SCE",
        "Bench": "simulated-emstat4-hr",
        "What is held constant": "potential",
        "Potential of it": "0.8 V",
        "Largest current": "20 mA",
        "It ends after": "5 %",
        "But at the latest after": "2 h",
    },
    "divided": {
        "The substrate undergoes": "reduction",
        "Cell": "divided",
        "Divided by": "aem",
        "Electrolyte of the other": "H2SO4 0.5 M",
        "Solvent of the other": "H2O",
        "Material of the anode": "Pt",
        "Bench": "simulated-nexus",
        "What is held constant": "cell voltage",
        "Cell voltage": "4 V",
        "But at the latest after": "3 h",
    },
    "sacrificial": {
        "The substrate undergoes": "reduction",
        "Material of the anode": "Zn",
        "Is the anode consumed": "yes",
        "What is held constant": "current density",
        "Current density": "4 mA/cm^2",
    },
    "two stages": {
        "A further stage": "yes",
        "What is held constant": "current",
        "It ends after": "1.5 F/mol",
    },
    "flow": {
        "How much of it": "0.05 M",
        "Volume of the solution": "20 mL",
        "Operated as": "flow",
        "Channel": "10 x 100 x 0.25 mm",
        "Flow rate": "75 s",
    },
}
WRITTEN = {
    "milligrams": "{smiles: Cc1ccc(OC)cc1, mass: 36.6 mg, molar_mass: 122.17 g/mol,",
    "mixture": "MeNO2:     {volume: 0.6 mL, role: solvent}",
    "mediated": "{equiv: 0.1, role: mediator, potential: 0.62 V vs SCE}",
    "divided": "divided_membrane, gap: 10 mm, closure: vented, separator: {kind: aem}}",
    "sacrificial": "sacrificial: {metal: Zn, electrons: 2}}",
    "two stages": "      until: 1.5 F/mol\n  - constant_current:\n",
    "flow": "    rate: 0.2 mL/min",
}


def converse(terminal: Terminal, answers: dict[str, str]) -> None:
    """Answer what is asked by its first words, once each, and press Enter for the rest."""
    left = dict(answers)
    while came := terminal.prompt():
        asked = came.splitlines()[-1]
        if asked.startswith("Write "):
            assert not left, f"never asked: {left}"
            return
        key = next((key for key in left if asked.startswith(key)), None)
        terminal.type(f"{left.pop(key) if key else ''}\n")
    raise AssertionError(terminal.said)


def run(*words: str, folder: Path, typed: str = "") -> Outcome:
    return Command(folder)(*words, typed=typed)


@pytest.mark.parametrize(
    "case", [pytest.param(c, marks=[pytest.mark.long] * (c not in SHORT)) for c in CASES]
)
def test_a_chemist_answers_and_the_protocol_plans(case: str, tmp_path: Path) -> None:
    terminal = Terminal([*COMMAND, "new", "mine.yaml"], tmp_path)
    converse(terminal, CASES[case])
    assert not (tmp_path / "mine.yaml").exists()
    terminal.type("\n")
    assert terminal.exit_code() == 0
    text = (tmp_path / "mine.yaml").read_text("utf-8")
    assert WRITTEN[case] in text
    assert len(text.splitlines()) < 60
    bench = CASES[case].get("Bench", "simulated")
    assert f"# For bench {bench}." in text
    compile_protocol(load_protocol(tmp_path / "mine.yaml"), load_bench(bench))


@pytest.mark.long
@pytest.mark.parametrize("case", ["sacrificial", "flow"])
def test_what_a_chemist_answered_is_rehearsed(case: str, tmp_path: Path) -> None:
    terminal = Terminal([*COMMAND, "new", "mine.yaml"], tmp_path)
    converse(terminal, CASES[case])
    terminal.type("\n")
    assert terminal.exit_code() == 0
    bench = CASES[case].get("Bench", "simulated")
    for command in ("check", "plan"):
        told = run(command, "mine.yaml", "--bench", bench, folder=tmp_path)
        assert told.code == 0, told.err
    done = run("run", "mine.yaml", "--bench", bench, folder=tmp_path)
    assert "COMPLETED" in done.out, done.out + done.err


def test_wrong_answers_are_explained_and_the_others_kept(tmp_path: Path) -> None:
    terminal = Terminal([*COMMAND, "new", "mine.yaml"], tmp_path)
    terminal.until("Title")
    terminal.type("A trial\n")
    terminal.until("undergoes")
    terminal.type("oxidise\n")
    came = terminal.until("not one of oxidation, reduction, paired", "undergoes")
    assert "[E710]" in came
    terminal.type("oxi\n")
    terminal.until("Substrate")
    terminal.type("?\n")
    terminal.until("4-methylanisole", "Substrate")
    terminal.type("back\n")
    terminal.until("undergoes", "[oxidation]")
    terminal.type("b\n")
    terminal.until("Title [A trial]")
    terminal.type("\n\nanisole\n1,5 mg\n")
    terminal.until("E103", "How much of it")
    terminal.type("15 mg\n")
    terminal.until("formula or molar mass")
    terminal.type("\n")
    terminal.until("15 mg are no moles without a molar mass")
    terminal.type("CCO\n")
    terminal.until("may be a formula (40.021 g/mol) or a SMILES (46.069 g/mol)")
    terminal.type("C7H8O\n")
    terminal.until("15 mg are 0.139 mmol", "Electrons per molecule")
    terminal.type("\n")
    terminal.enter_until("F/mol/h (at most 1 A)")
    terminal.type("5 A\n")
    terminal.until("E403", "F/mol/h (at most 1 A)")
    terminal.type("4 mA\n")
    terminal.enter_until("Largest cell voltage")
    terminal.type("8 V\n")
    terminal.enter_until("Write mine.yaml")
    terminal.type("current\n")
    terminal.until("F/mol/h (at most 1 A) [4 mA]")
    terminal.type("6 mA\n")
    came = terminal.until("Write mine.yaml")
    assert "anisole" in came
    assert "current: 6 mA" in came
    assert "cell_voltage_limit: 8 V" in came
    terminal.type("y\n")
    assert terminal.exit_code() == 0
    assert "title: A trial" in (tmp_path / "mine.yaml").read_text("utf-8")


@pytest.mark.parametrize(("key", "code"), [("\x03", 5), ("\x04", 5)], ids=["Ctrl+C", "Ctrl+D"])
@pytest.mark.parametrize("after", [3, 200], ids=["early", "at the end"])
def test_who_leaves_leaves_nothing(key: str, code: int, after: int, tmp_path: Path) -> None:
    terminal = Terminal([*COMMAND, "new", "mine.yaml"], tmp_path)
    for _ in range(after):
        if "Write mine.yaml" in terminal.prompt():
            break
        terminal.type("\n")
    else:
        terminal.prompt()
    terminal.pump()  # nobody is faster than the reading of a line begins
    terminal.type(key)
    assert terminal.exit_code() == code
    assert "nothing was written" in terminal.said
    assert "Traceback" not in terminal.said
    assert not list(tmp_path.iterdir())


def test_a_pipe_gives_one_answer_a_line(tmp_path: Path) -> None:
    done = run("new", "mine.yaml", "--json", folder=tmp_path, typed="From a pipe\n" + 60 * "\n")
    assert done.code == 0, done.err
    assert '"bench": "simulated"' in done.out
    assert "title: From a pipe" in (tmp_path / "mine.yaml").read_text("utf-8")


def test_a_bench_can_be_named_beforehand(tmp_path: Path) -> None:
    words = ("new", "mine.yaml", "--bench", "simulated-emstat4-lr")
    done = run(*words, folder=tmp_path, typed=60 * "\n")
    assert "next: faradaic plan mine.yaml --bench simulated-emstat4-lr" in done.out
    assert "cell_voltage_limit: 3 V" in (tmp_path / "mine.yaml").read_text("utf-8")
    done = run("new", "other.yaml", "--bench", "simulatd", folder=tmp_path)
    assert (done.code, "E421" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("typed", "code"), [("A title\n", "E704"), ("x\n" + "wrong\n" * 5, "E705")]
)
def test_a_pipe_without_the_answers_is_refused(typed: str, code: str, tmp_path: Path) -> None:
    done = run("new", "mine.yaml", folder=tmp_path, typed=typed)
    assert done.code == 2
    assert code in done.err
    assert not list(tmp_path.iterdir())
