"""The commands that read what happened take a table of any instrument, and refuse what is none."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from rigs.commands import Command

TABLE = "time (s),current (mA),cell voltage (V)\n" + "".join(
    f"{t},5.0,{3.2 + 1e-4 * t:.4f}\n" for t in range(0, 601, 10)
)


@pytest.fixture
def table(faradaic: Command) -> Path:
    """5 mA for 600 s while the voltage rises from 3.20 to 3.26 V, of nobody knows which sign."""
    path = faradaic.folder / "cp.csv"
    path.write_text(TABLE)
    return path


def test_a_table_is_analysed_like_a_run(faradaic: Command, table: Path) -> None:
    given = ("--product", "0.012 mmol", "--electrons", "2", "--assume", "sign=anodic")
    told = faradaic("analyze", table.name, *given, "--json").json
    results = told["results"]
    assert results["charge_gross"]["value"] == pytest.approx(3.0)
    assert results["energy"]["value"] == pytest.approx(9.69)
    assert results["faradaic_efficiency"]["value"] == pytest.approx(0.7719, abs=1e-4)
    assert (told["sign"], told["reference"], told["area_m2"]) == ("anodic", None, None)
    words = faradaic("analyze", table.name).out
    assert 'the amount of the limiting component is unknown: give --limiting "0.2 mmol"' in words
    assert "does not tell which current is anodic" in words


def test_grams_of_a_product_need_its_molar_mass_beside_any_file(
    faradaic: Command, table: Path
) -> None:
    refused = faradaic("analyze", table.name, "--product", "2 mg")
    assert refused.code == 2
    assert "--molar-mass" in refused.err
    typed = ("--product", "2 mg", "--molar-mass", "168.2 g/mol", "--electrons", "2")
    efficiency = faradaic("analyze", table.name, *typed, "--json").json["results"][
        "faradaic_efficiency"
    ]
    moles = 2e-3 / 168.2
    assert efficiency["value"] == pytest.approx(2.0 * 96485.332 * moles / 3.0, rel=1e-6)
    faradaic("report", table.name, *typed[:4], "--json")


def test_a_study_of_a_table_gives_the_same_numbers(faradaic: Command, table: Path) -> None:
    (faradaic.folder / "study.yaml").write_text(
        "faradaic_study: 1\nkind: preparative\ntitle: Table\n"
        f"run: {{file: {table.name}, columns: {{potential: cell voltage}}}}\n"
        "conditions: {positive_current: cathodic, reference: SCE}\nlimiting: 0.024 mmol\n"
        "outcome: {product: 0.012 mmol, electrons: 2}\n"
    )
    told = faradaic("analyze", "study.yaml", "--json").json
    found = {row["key"]: row["value"] for row in told["results"]}
    assert found["faradaic_efficiency"] == pytest.approx(0.7719, abs=1e-4)
    assert found["product_yield"] == pytest.approx(0.5)
    assert found["mean_current"] == pytest.approx(-5e-3)  # cathodic, as the study says
    assert found["potential_mean"] == pytest.approx(3.23)  # as it is mapped


def test_a_table_has_a_report_that_says_what_is_unknown(faradaic: Command, table: Path) -> None:
    page = Path(faradaic.folder, faradaic("report", table.name).out.strip())
    assert page.name == "cp.report.html"
    text = page.read_text()
    assert "3.000 C" in text
    assert "does not tell which current is anodic" in text
    assert "As planned" not in text


@pytest.mark.parametrize("command", ["analyze", "report", "show", "export"])
def test_what_is_no_measurement_is_refused(faradaic: Command, command: str) -> None:
    (faradaic.folder / "README.md").write_text("# Notes\n\nStirred, then filtered.\n")
    (faradaic.folder / "empty.d").mkdir()
    for target in ("README.md", "empty.d"):
        done = faradaic(command, target)
        assert done.code == 2, done.err
        assert target in done.err
        assert "help:" in done.err
    assert sorted(p.name for p in faradaic.folder.iterdir()) == ["README.md", "empty.d"]


def test_a_table_without_a_current_is_refused(faradaic: Command) -> None:
    (faradaic.folder / "ocp.csv").write_text("time (s),potential (V)\n0,0.1\n1,0.1\n2,0.1\n")
    for command in ("analyze", "report"):
        done = faradaic(command, "ocp.csv")
        assert done.code == 2
        assert "holds no current" in done.err


@pytest.mark.long
def test_a_table_is_reported_and_exported_with_what_it_does_not_tell(faradaic: Command) -> None:
    (faradaic.folder / "j.csv").write_text("time (s),j (mA/cm2)\n0,5\n60,5\n120,5\n")
    assert '--assume area="1 cm^2"' in faradaic("report", "j.csv").err
    page = faradaic("report", "j.csv", "--assume", "area=2 cm^2").out.strip()
    assert "1.200 C" in Path(faradaic.folder, page).read_text()
    (faradaic.folder / "x.csv").write_text("time (s),x\n0,5\n60,5\n120,5\n")
    told = faradaic("report", "x.csv")
    assert (told.code, "--map" in told.err) == (2, True)
    assert faradaic("report", "x.csv", "--map", "current=x, mA").code == 0
    stated = ("--map", "current=x, mA", "--out", "y.csv")
    done = faradaic("export", "x.csv", "--to", "csv", *stated, "--json")
    assert "sign of current_A" in done.json["written_as_unknown"]


def test_a_workbook_gives_the_table_with_time_and_current_or_asks(faradaic: Command) -> None:
    book = openpyxl.Workbook()
    spectrum = book.active
    assert spectrum is not None
    spectrum.title = "EIS"
    for row in (("freq (Hz)", "Zre (Ohm)"), (1, 100), (10, 99)):
        spectrum.append(row)
    rows = [("time (s)", "current (mA)"), *((t, 5) for t in range(0, 101, 10))]
    peaks = [("Component", "Area"), *(("CO", 12.0) for _ in rows)]
    sheet = book.create_sheet("Raw")
    for left, right in zip(peaks, rows, strict=False):
        sheet.append((*left, None, *right))
    book.save(faradaic.folder / "book.xlsx")
    told = faradaic("analyze", "book.xlsx", "--json").json
    assert told["results"]["charge_gross"]["value"] == pytest.approx(0.5)
    assert "--sheet 'Raw!D:E'" in faradaic("read", "book.xlsx").err
    assert faradaic("read", "book.xlsx", "--sheet", "Raw!D:E", "--json").json["rows"] == 11
    more = book.create_sheet("Again")
    for row in rows:
        more.append(row)
    second = book.create_sheet("Once more")
    for row in rows[:6]:
        second.append(row)
    book.save(faradaic.folder / "book.xlsx")
    asked = faradaic("report", "book.xlsx")
    assert (asked.code, "--sheet 'Raw!D:E'" in asked.err) == (2, True)
    assert "'Again', 'Once more'" in asked.err
    (faradaic.folder / "study.yaml").write_text(
        "faradaic_study: 1\nkind: preparative\ntitle: Table\n"
        "run: {file: book.xlsx, sheet: Once more}\noutcome: {electrons: 2}\n"
    )
    results = faradaic("analyze", "study.yaml", "--json").json["results"]
    assert 0.2 in [pytest.approx(row["value"]) for row in results if row["unit"] == "C"]
    refused = faradaic("analyze", "study.yaml", "--sheet", "Again")
    assert (refused.code, "--sheet" in refused.err) == (2, True)
