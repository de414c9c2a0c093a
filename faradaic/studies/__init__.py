"""Studies: a YAML file names data files and their conditions, and all numbers and figures follow.

`analyze_study` computes; `write_study` writes the folder of figures, tables, workbook and report.
"""

from faradaic.documents.kinds import DocumentKind

STUDY = DocumentKind(
    "study",
    "a study",
    "faradaic analyze {}",
    frozenset({"kind", "conditions", "samples", "voltammogram", "run", "outcome"}),
)
STUDY_RESULTS = DocumentKind(
    "study_results",
    "the folder of a study's results",
    "faradaic export {}",
    recognises=lambda path: (path / "results.json").is_file() and (path / "tables").is_dir(),
)
