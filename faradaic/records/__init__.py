"""What happened: the journal, the run folder and the catalogue of runs."""

from pathlib import Path

from faradaic.documents.kinds import DocumentKind


def _is_run(path: Path) -> bool:
    from faradaic.records.folder import JOURNAL_NAME

    return (path / JOURNAL_NAME).is_file()


RUN = DocumentKind("run", "the folder of a run", "faradaic analyze {}", recognises=_is_run)
