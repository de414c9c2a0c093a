"""The house as a newcomer finds it: short files, and no two that import each other in a circle.

The contracts in pyproject.toml hold what may import what, and circles between the rooms and files
of one folder; a folder's own `__init__.py` is no sibling of its files and is held here.
"""

import re
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "faradaic"


def test_no_file_is_longer_than_500_lines():
    ours = [
        path
        for room in ("faradaic", "tests", "benchmarks")
        for path in ROOT.glob(f"{room}/**/*.py")
    ]
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in ours}
    assert PACKAGE / "plugins.py" in lines
    assert not {str(path): count for path, count in lines.items() if count > 500}


def test_no_file_name_stands_twice():
    """Files of one name would hold two things; what holds a thing is named by its field's word."""
    names = Counter(path.name for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    assert names
    assert not {name for name, count in names.items() if count > 1}


def test_no_files_import_each_other_in_a_circle():
    graph = grimp.build_graph("faradaic", exclude_type_checking_imports=False, cache_dir=None)
    imports = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules}
    assert imports
    TopologicalSorter(imports).prepare()  # names the files of a circle


OPENS_ITS_OWN = {
    *(f"computational/screening/{name}.py" for name in ("competing", "ions", "prototypes")),
    *(f"computational/screening/{name}.py" for name in ("published", "radii", "stored_structures")),
    "computational/screening/screening_report.py",
    *("computational/interface/charges.py", "computational/interface/cp2k.py"),
    *("runner/bench_file.py", "simulators/faults/fault_catalogue.py"),
    "runner/connected_ports.py",
    "simulators/kernel_cache.py",
    *("studies/run/electrolysis_report.py", "studies/templates/__init__.py", "testing/__init__.py"),
}
"""Files that open what ships with the package, what they wrote a moment before, or what the system
tells of itself."""
OPENS = re.compile(r'\.read_(?:text|bytes)\(|\.open\((?:"r|encoding)|(?<![.\w])(?<!def )open\(')
SHIPPED = re.compile(r"files\(|__file__|with_name\(|with_suffix\(|joinpath\(")


def test_files_of_others_are_opened_in_one_place():
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for line in path.read_text().splitlines()
        if OPENS.search(line) and not SHIPPED.search(line)
    }
    assert found
    assert found <= OPENS_ITS_OWN


def test_text_reaches_the_terminal_in_one_place():
    printing = re.compile(r"typer\.(?:echo|secho)\(|(?<![.\w])print\(|sys\.std(?:out|err)\.write\(")
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if printing.search(path.read_text())
    }
    assert "cli/output.py" in found
    allowed = ("cli/output.py", "cli/progress_view.py", "cli/screen_view.py")
    assert found <= {*allowed, "computational/screening/shipped_data.py"}
