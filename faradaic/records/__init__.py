"""What happened: the journal, the run folder and the catalogue of runs."""

from pathlib import Path

from faradaic.documents.kinds import DocumentKind


def _is_run(path: Path) -> bool:
    from faradaic.records.run import is_run

    return is_run(path)


RUN = DocumentKind("run", "a run", "faradaic analyze {}", recognises=_is_run)


def _is_plate(path: Path) -> bool:
    from faradaic.records.plate_folder import is_plate

    return is_plate(path)


PLATE_RUN = DocumentKind(
    "plate_run", "the folder of a plate", "faradaic show {}", recognises=_is_plate
)
