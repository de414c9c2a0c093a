"""The house as a newcomer finds it: short files, and no two that import each other in a circle.

The contracts in pyproject.toml hold what may import what, and circles between the rooms and files
of one folder; a folder's own `__init__.py` is no sibling of its files and is held here.
"""

from graphlib import TopologicalSorter
from pathlib import Path

import grimp

PACKAGE = Path(__file__).parent.parent / "faradaic"


def test_no_file_is_longer_than_500_lines():
    lines = {path: len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py")}
    assert lines
    assert not {str(path): count for path, count in lines.items() if count > 500}


def test_no_files_import_each_other_in_a_circle():
    graph = grimp.build_graph("faradaic", exclude_type_checking_imports=False, cache_dir=None)
    imports = {m: graph.find_modules_directly_imported_by(m) for m in graph.modules}
    assert imports
    TopologicalSorter(imports).prepare()  # names the files of a circle
