"""Studies: a YAML file names data files and their conditions, and all numbers and figures follow.

`analyze_study` computes; `write_study` writes the folder of figures, tables, workbook and report.
"""

from pathlib import Path

from faradaic.documents.kinds import DocumentKind


def _is_results(path: Path) -> bool:
    """Whether it is such a folder, or the file of numbers in it."""
    folder = path.parent if path.name == "results.json" else path
    return (folder / "results.json").is_file() and (folder / "tables").is_dir()


STUDY = DocumentKind(
    "study",
    "a study",
    "faradaic analyze {}",
    frozenset({"kind", "conditions", "samples", "voltammogram", "run", "outcome"}),
)
STUDY_RESULTS = DocumentKind(
    "study_results",
    "the results of a study",
    "faradaic export {}",
    recognises=_is_results,
)
