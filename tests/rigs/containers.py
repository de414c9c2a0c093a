"""Small files of kinds that hold tables in parts: workbooks, LabVIEW's segments."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence

Rows = Sequence[Sequence[object]]
TABLE: Rows = [["time (s)", "I (A)"], *([i, 0.5 * i] for i in range(20))]


def zipped(members: dict[str, bytes | str]) -> bytes:
    """An archive whose first part is as it is, as OpenDocument asks of its own."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(members.items()):
            archive.writestr(name, content, zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED)
    return stream.getvalue()


def open_document(rows: Rows = TABLE, further: str = "") -> bytes:
    """A workbook of OpenDocument (.ods); `further` stands behind its rows."""
    cells = "".join(f"<table:table-row>{''.join(map(_open_cell, row))}</table:table-row>"
                    for row in rows)  # fmt: skip
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    space = "urn:oasis:names:tc:opendocument:xmlns"
    spaces = " ".join(f'xmlns:{name}="{space}:{name}:1.0"' for name in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
        f'<table:table table:name="Run">{cells}{further}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="x"/>'
    return zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def _open_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    about = f'float" office:value="{value!r}"' if isinstance(value, float | int) else 'string"'
    text = f"<text:p>{value}</text:p>"
    return f'<table:table-cell office:value-type="{about}>{text}</table:table-cell>'


def record(kind: int, content: bytes = b"") -> bytes:
    """A record of a binary workbook (MS-XLSB 2.1.4)."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, tail = len(content), b""
    while size > 127:
        tail, size = tail + bytes([size & 0x7F | 0x80]), size >> 7
    return head + tail + bytes([size]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def binary_workbook(rows: Rows = TABLE, further: bytes = b"") -> bytes:
    """A workbook in records (.xlsb), each cell with its column as Excel writes it."""
    corners = struct.pack("<4I", 0, len(rows) - 1, 0, len(rows[0]) - 1)
    sheet = record(129) + record(148, corners) + record(145)
    for number, row in enumerate(rows):
        sheet += record(0, struct.pack("<IIHBBI", number, 0, 300, 0, 0, 0))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            if isinstance(value, str):
                sheet += record(6, place + _wide(value))
            elif isinstance(value, float | int):
                sheet += record(5, place + struct.pack("<d", value))
    sheet += further + record(146) + record(130)
    bundle = record(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Run"))
    book = record(131) + record(143) + bundle + record(144) + record(132)
    main = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relation = '<Relationships xmlns="{0}/relationships"><Relationship Id="rId1" Type="{1}/{2}" Target="{3}"/></Relationships>'  # noqa: E501
    kind = "application/vnd.ms-excel"
    return zipped({
        "[Content_Types].xml": f'<Types xmlns="{main}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="bin" ContentType="{kind}.sheet.binary.macroEnabled.main"/></Types>',
        "_rels/.rels": relation.format(main, office, "officeDocument", "xl/workbook.bin"),
        "xl/workbook.bin": book,
        "xl/_rels/workbook.bin.rels": relation.format(main, office, "worksheet",
                                                      "worksheets/sheet1.bin"),
        "xl/worksheets/sheet1.bin": sheet,
    })  # fmt: skip


def labview(**channels: Sequence[float]) -> bytes:
    """A .tdms file of one segment; its first channel is a waveform of 0.5 s, and all are in mA.

    Layout: National Instruments, "TDMS File Format Internal Structure", as npTDMS 1.10 reads it.
    """

    def text(written: str) -> bytes:
        return struct.pack("<I", len(written.encode())) + written.encode()

    about = text("unit_string") + struct.pack("<I", 0x20) + text("mA")
    interval = text("wf_increment") + struct.pack("<Id", 10, 0.5)
    none = struct.pack("<I", 0xFFFFFFFF)
    objects = [text("/") + none + struct.pack("<I", 0), text("/'run'") + none + bytes(4)]
    raw = b""
    for name, numbers in channels.items():
        index = struct.pack("<IIIQ", 20, 10, 1, len(numbers))
        first = not raw
        objects.append(
            text(f"/'run'/'{name}'")
            + index
            + struct.pack("<I", 1 + first)
            + about
            + (interval if first else b"")
        )
        raw += struct.pack(f"<{len(numbers)}d", *numbers)
    head = struct.pack("<I", len(objects)) + b"".join(objects)
    lead = b"TDSm" + struct.pack("<IIQQ", 0x0E, 4713, len(head) + len(raw), len(head))
    return lead + head + raw
