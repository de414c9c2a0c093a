"""Lines among the rows of a table that are none: remarks behind a mark, sums below."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np

from faradaic.datafiles.readers.headers import table_rows, warning
from faradaic.diagnostics import Diagnostic

_MARK = rb'[ \t]*"?(?:#(?![^\W\d]+[!/?])|//|(?:%+|!+|\*+SEMICOLON)[ \t]*[A-Za-z\x80-\xff])'
_MARKS = {
    separator: _MARK.replace(b"SEMICOLON", b"" if separator == ";" else b"|;+")
    for separator in (";", "")
}
_REMARK = {
    separator: re.compile(rb"^" + mark + rb".*(?:\n|\Z)", re.MULTILINE)
    for separator, mark in _MARKS.items()
}
_STARTS = {separator: re.compile(rb"(?:^|\n)" + mark) for separator, mark in _MARKS.items()}
_WORDY = re.compile(
    rb'^[ \t]*"?(?=[A-Za-z\x80-\xff])([^\t;,|\n]{2,30})[\t;,|].*(?:\n|\Z)', re.MULTILINE
)
_STARTS_WORDY = re.compile(rb'(?:^|\n)[ \t]*"?[A-Za-z\x80-\xff]{2}')
_MOST_SHOWN, _LONGEST = 12, 200
_NEW_LINE = ord("\n")
_BEGINS = np.array(
    [chr(sign).isalpha() or sign >= 128 or chr(sign) in "#%/!*;" for sign in range(256)]
)
"""Whether a sign begins a word or remark."""
_BEFORE = np.array([chr(sign) in " \"\t'" for sign in range(256)])
"""Whether one such sign may stand before it."""


def without_remarks(
    rows: bytes, path: Path, separator: str, first_is_a_word: bool
) -> tuple[bytes, dict[str, str], list[Diagnostic]]:
    """The rows alone, the remarks as `remarks` of the metadata, and what is told of them.

    A sum or mean below the rows is left out where the first column holds numbers or times: it
    would count as one of them. A semicolon makes a remark where it does not part the cells.
    """
    told: list[Diagnostic] = []
    remarks: list[str] = []
    if first_is_a_word:
        return rows, {}, told
    if not begins_wordy(rows):
        return rows, {}, told
    of = ";" if separator == ";" else ""
    if _STARTS[of].search(rows):
        remarks = [line.decode(errors="replace").strip() for line in _REMARK[of].findall(rows)]
        rows = _REMARK[of].sub(b"", rows)
        many = f"{len(remarks)} lines" if len(remarks) > 1 else "a line"
        what = f"{path}: {many} among the rows, taken for remarks: {remarks[0]!r:.80}"
        told.append(warning("E757", what))
    if _STARTS_WORDY.search(rows):
        sums = [match for match in _WORDY.finditer(rows) if _is_summary(match[1])]
        if sums:
            words = ", ".join(dict.fromkeys(match[1].decode(errors="replace") for match in sums))
            rows = b"".join(
                rows[begin:end]
                for begin, end in zip(
                    (0, *(match.end() for match in sums)),
                    (*(match.start() for match in sums), len(rows)),
                    strict=True,
                )
            )
            what = f"{path}: a line that begins with {words:.60} is no row and is left out"
            told.append(warning("E757", what))
    shown = {"remarks": "\n".join(one[:_LONGEST] for one in remarks[:_MOST_SHOWN])}
    return rows, shown if remarks else {}, told


def begins_wordy(rows: bytes) -> bool:
    """Whether a line begins with anything but a number, an empty cell or a quotation of these."""
    signs = np.frombuffer(rows, np.uint8)
    starts = np.append(0, np.flatnonzero(signs == _NEW_LINE) + 1)
    first = signs.take(starts, mode="clip") if rows else signs
    after = signs.take(starts[: first.size][_BEFORE[first]] + 1, mode="clip") if rows else signs
    return bool(_BEGINS[first].any() or _BEGINS[after].any())


def _is_summary(word: bytes) -> bool:
    return word.decode(errors="replace").strip(' ":=').casefold() in _summaries()


@cache
def _summaries() -> frozenset[str]:
    return frozenset(row["word"] for row in table_rows("summary_words"))
