"""Rich text (.rtf), as the DryCal program of MesaLabs saves its logs: its table as one of text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import delimited
from faradaic.datafiles.readers.headers import warning

_TOKEN = re.compile(
    r"\\([a-zA-Z]+)(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.S
)
_SHOWN = {"cell": "\t", "tab": "\t", "row": "\n", "par": "\n", "line": " ", "emdash": "-",
          "endash": "-"}  # fmt: skip
_HIDDEN = {"fonttbl", "colortbl", "stylesheet", "info", "header", "footer", "pict", "listtable",
           "listoverridetable", "rsidtbl", "themedata", "datastore", "latentstyles"}  # fmt: skip
"""Groups whose text is none of the document's (Rich Text Format Specification 1.9.1)."""


def sniff(head: bytes, path: Path) -> bool:
    """The first bytes name the format."""
    return head.startswith(b"{\\rtf")


def parse(data: bytes, path: Path) -> Dataset:
    """The table among the lines. Raises `InputError` when there is none."""
    text, left_open = plain_text(data.decode("cp1252", errors="replace"))
    lines = (line.strip("\t ") for line in text.split("\n"))
    table = delimited.parse("".join(line + "\n" for line in lines if line).encode(), path)
    if not left_open:
        return table
    what = f"{path} ends within {left_open} groups: rows may be lost at its end"
    return replace(table, warnings=(*table.warnings, warning("E744", what, "export it again")))


def plain_text(text: str) -> tuple[str, int]:
    """What a reader of the document sees, cells of tables apart by tabs; and the groups that do
    not end.
    """
    shown: list[str] = []
    hidden: list[bool] = [False]
    within_table = False
    for match in _TOKEN.finditer(text):
        word, number, code, symbol, brace, plain = match.groups()
        if brace == "{":
            hidden.append(hidden[-1])
        elif brace == "}":
            if len(hidden) > 1:
                hidden.pop()
        elif symbol == "*" or word in _HIDDEN:
            hidden[-1] = True
        elif hidden[-1]:
            continue
        elif word in ("intbl", "pard"):
            within_table = word == "intbl"
        elif word == "par" and within_table:  # a cell of several lines
            shown.append(" ")
        elif word == "u" and number:
            shown.append(chr(int(number) % 65536))
        elif code:
            shown.append(bytes([int(code, 16)]).decode("cp1252", errors="replace"))
        elif symbol:
            shown.append({"~": " ", "_": "-"}.get(symbol, symbol if symbol in "\\{}" else ""))
        else:
            shown.append(plain or _SHOWN.get(word or "", ""))
    return "".join(shown), len(hidden) - 1
