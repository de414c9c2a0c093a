"""What other programs wrote: data sets, the readers of vendors' files, joining."""

from pathlib import Path

from faradaic.documents.kinds import DocumentKind


def _is_data_file(path: Path) -> bool:
    from faradaic.datafiles.readers import recognised

    return path.is_file() and recognised(path)


MAPPING = DocumentKind(
    "mapping", "a mapping of columns", "faradaic read FILE --map {}", frozenset({"columns"})
)
DATA_FILE = DocumentKind("data_file", "a data file", "faradaic read {}", recognises=_is_data_file)
