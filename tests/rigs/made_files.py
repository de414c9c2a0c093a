"""Small files of every format, made here from the structure that each maker's files have.

No byte is a maker's: the layouts are those that the readers name their sources for, the numbers
are ours. `SPECTRA` hold one and the same impedance, that of `RESISTANCES_OHM` and `CAPACITANCE_F`.
"""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import openpyxl

from rigs.containers import binary_workbook, labview, open_document

FIXTURES = Path(__file__).parent.parent / "fixtures"
RESISTANCES_OHM = (12.0, 40.0)
"""In series, and beside the capacitor."""
CAPACITANCE_F = 1e-4
FREQUENCY_HZ = np.geomspace(1e4, 1.0, 25)
IMPEDANCE_OHM = RESISTANCES_OHM[0] + 1.0 / (
    1.0 / RESISTANCES_OHM[1] + 2j * np.pi * FREQUENCY_HZ * CAPACITANCE_F
)


def mpr_module(name: str, content: bytes, version: int, *, new: bool = True) -> bytes:
    """A module of EC-Lab's binary files, as 11.50 writes it or as an older one does."""
    head = b"MODULE" + name.ljust(10).encode() + name.ljust(25).encode()
    head += (
        struct.pack("<III", 0xFFFFFFFF, len(content), 0) if new else struct.pack("<I", len(content))
    )
    return head + struct.pack("<I", version) + b"10/09/24" + content


def mpr(
    ids: tuple[int, ...],
    layout: str,
    rows: Iterable[tuple[float, ...]],
    *,
    new: bool = True,
    technique: int | None = None,
    after: bytes = b"",
) -> bytes:
    """EC-Lab's binary file, in the layout of 11.50 or of an older one.

    The module of data stands behind one of settings where there is a technique, and before `after`.
    """
    rows = list(rows)
    head = struct.pack("<IH" if new else "<IB", len(rows), len(ids)) + struct.pack(
        f"<{len(ids)}H", *ids
    )
    body = (head.ljust(1006, b"\0") + b"\1" if new else head.ljust(405, b"\0")) + b"".join(
        struct.pack(layout, *row) for row in rows
    )
    content = b"BIO-LOGIC MODULAR FILE\x1a".ljust(48) + b"\0" * 4
    if technique is not None:
        content += mpr_module("VMP Set", bytes([technique]).ljust(1000, b"\0"), 10, new=new)
    return content + mpr_module("VMP data", body, 11 if new else 2, new=new) + after


ZAHNER = b"\x00\x00\xff\xff\xff\xfe"


def zahner_integer(number: int) -> bytes:
    return number.to_bytes(6, "big", signed=True)


def zahner_text(content: str) -> bytes:
    return struct.pack(">h", len(content)) + content.swapcase().encode("ascii")


def zahner() -> bytes:
    table = struct.pack(">60d", *range(60))
    texts = ("MEA", "", "25C", "JUL,02.2025", "13:01:58 - 13:12:01", "ca 1,7V")
    head = ZAHNER + zahner_integer(14) + zahner_integer(19)
    return head + table + b"".join(map(zahner_text, texts))


def palmsens(**columns: tuple[str, Iterable[float]]) -> bytes:
    """A session of one measurement; each column with its PalmSens unit."""
    values = [
        {
            "Description": name,
            "Unit": {"Type": f"PalmSens.Units.{unit}"},
            "DataValues": [{"V": value, "C": 3, "S": 0} for value in numbers],
        }
        for name, (unit, numbers) in columns.items()
    ]
    session = {
        "Type": "PalmSens.DataFiles.SessionFile",
        "Measurements": [{"Title": "CA", "TimeStamp": 638, "DataSet": {"Values": values}}],
    }
    return b"\xff\xfe" + json.dumps(session).encode("utf-16-le")


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["time (s)", "I (A)"])
    for i in range(20):
        sheet.append([i, 0.5 * i])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rows(pattern: str) -> str:
    return "".join(pattern.format(i, 0.25 * i, -0.5 * i) for i in range(20))


MADE: dict[str, Callable[[], bytes]] = {
    "mpt": lambda: (
        "EC-Lab ASCII FILE\r\nNb header lines : 5\r\n\r\nCP\r\ntime/s\tEwe/V\tI/mA\r\n"
        + rows("{}\t{}\t{}\r\n")
    ).encode(),
    "dfr": lambda: (
        "VERSION8.0\r\n 20\r\n 1\r\n"
        + rows(" {0}.5\r\n {1}\r\n 0.5\r\n 0.1\r\n 0.01\r\n {0}.0\r\n" + " 0.0\r\n" * 3)
    ).encode(),
    "i2b": lambda: ("some text\r\n\r\n20\r\n" + rows("{0}.5 {1} {2}\r\n")).encode(),
    "versastat": lambda: (
        "<Application>\r\nName=VersaStudio\r\n</Application>\r\n<Segment1>\r\nType=2\r\n"
        "Definition=Segment #, Point #, E(V), I(A), Elapsed Time(s), Frequency(Hz), Z Real, Z Imag"
        ", 0\r\n" + rows("1,{0},{1},{2},{0},0,0,0,0\r\n") + "</Segment1>\r\n"
    ).encode(),
    "maccor": lambda: (
        "Date of Test:\t05/01/2024\r\nRec#\tCyc#\tStep\tTestTime\tAmps\tVolts\tState\r\n"
        + rows("{0}\t1\t1\t0d 00:00:{0:02d}.00\t{1}\t3.5\tD\r\n")
    ).encode(),
    "dta": lambda: (
        "EXPLAIN\r\nTAG\tCV\r\nCURVE\tTABLE\t20\r\n\tPt\tVf\tIm\r\n\t#\tV\tA\r\n"
        + rows("\t{}\t{}\t{}\r\n")
    ).encode(),
    "chi": lambda: (
        "June 13, 2024   13:13:28\r\nCyclic Voltammetry\r\nFile: x\r\nData Source: Experiment\r\n"
        "Instrument Model:  CHI760E\r\n\r\nScan Rate (V/s) = 0.05\r\n\r\n"
        "Time/sec, Potential/V, Current/A\r\n\r\n" + rows("{}, {}, {}\r\n")
    ).encode(),
    "nova": lambda: (
        "Time (s);WE(1).Potential (V);WE(1).Current (A)\r\n" + rows("{};{};{}\r\n")
    ).encode(),
    "methodscript": lambda: b"eM0007\r\n" + b"Pda7F85F3Fu;ba48D503Dp,10,288\r\n" * 20 + b"*\r\n",
    "ivium": lambda: (
        bytes(16)
        + b"H\0\0\0\r\nPeaks=false\r\nMethod=Impedance\r\nMconfig=0\r\nprimary_data\r\n3\r\n20\r\n"
        + rows("{} {}\t{} \r\n").encode()
    ),
    "flow": lambda: (
        "Date,Time,Mass Flow (SCCM),Gas\n"
        + "".join(f"2024-05-13,14:00:{i:02d},20.{i},CO2\n" for i in range(20))
    ).encode(),
    "chromatograph": lambda: (
        "Injection Date,Compound,RT [min],Area\n"
        + "".join(f"2024-05-13 14:{i:02d}:00,H2,1.5,{i}\n" for i in range(20))
    ).encode(),
    "utf-16": lambda: ("time (s);I (A)\n" + rows("{};{}\n")).encode("utf-16"),
    "zahner": zahner,
    "palmsens": lambda: palmsens(
        time=("Time", np.arange(20) * 0.5), current=("MicroAmpere", np.arange(20) * 0.5)
    ),
    "workbook": workbook,
    "arbin": lambda: (
        "Data_Point,Test_Time(s),Step_Index,Cycle_Index,Current(A),Voltage(V)\n"
        + rows("{0},{0}.5,1,1,{1},3.5\n")
    ).encode(),
    "neware": lambda: (
        "Cycle ID,Step ID,Record ID,Time(h:min:s.ms),Voltage(V),Current(mA),Capacity(mAh)\n"
        + rows("1,1,{0},00:00:{0:02d}.000,3.1,{1},0.5\n")
    ).encode(),
    "ocean": lambda: (
        "Data from one_Absorbance.txt Node\n\nDate: Tue Mar 04 10:00:00 CET 2025\nUser: x\n"
        "Spectrometer: USB4C\nNumber of Pixels in Spectrum: 20\n>>>>>Begin Spectral Data<<<<<\n"
        + rows("3{0:02d}.5\t{1}\n")
    ).encode(),
    "fusion": lambda: json.dumps({
        "methodName": "m",
        "runTimeStamp": "2022-06-08T14:10:58.301Z",
        "detectors": {"moduleA:tcd": {"analysis": {"peaks": [
            {"area": 5649.79, "height": 5226.5, "top": 52.16, "label": "H2", "concentration": 0.08},
            {"area": 12.25, "height": 8.5, "top": 81.5, "label": "CO", "concentration": 0.01},
        ]}}},
        "annotations": {"name": "sample 1"},
    }).encode(),
    "rich text": lambda: (
        r"{\rtf1\ansi{\fonttbl{\f0 Arial;}}DryCal Log\par \trowd\intbl Sample\cell "
        r"DryCal smL/min\cell Time\cell\row "
        + rows(r"\trowd\intbl {0}\cell {1}\cell 11:59:{0:02d} AM\cell\row ") + r"\pard }"
    ).encode(),
    "labview": lambda: labview(Current=[0.25 * i for i in range(20)], Other=range(20)),
    "lvm": lambda: (
        "LabVIEW Measurement\t\nSeparator\tTab\nDecimal_Separator\t,\nX_Columns\tOne\n"
        "Time_Pref\tRelative\nDate\t2024/01/05\nTime\t14:30:00,5\n***End_of_Header***\t\n\t\n"
        "Channels\t1\t\nSamples\t20\t\nDate\t2024/01/05\t\nTime\t14:30:00,5\t\n"
        "Y_Unit_Label\tmA\t\nX_Dimension\tTime\t\nX0\t0,0E+0\t\nDelta_X\t1,0\t\n"
        "***End_of_Header***\t\t\nX_Value\tCurrent\tComment\n" + rows("{0},5\t{0},25\n")
    ).encode(),
    "pstrace": lambda: (
        "Date and time:,2024-01-05 14:30:00\nNotes:\n,\nChronoamperometry: CA i vs t,\n"
        "Date and time measurement:,2024-01-05 14:30:00\ns,µA\n" + rows("{0},{1:.2f}\n")
    ).encode("utf-16"),
    "everyday": lambda: (
        "# a log\nZeit;t (s);U;I (mA);Q (C);T (°C)\n"
        + rows("2024-01-05 14:30:{0:02d};{0},5;1.0{0:02d},5 V;{0},5;1.000;1,5D-{0:02d}\n")[:-1]
        + "\n# a remark\n2024-01-05 14:31:00;99,5;OVLD;---;2.000;1,5E+01\nMittelwert;;;1,5;;\n"
    ).encode(),
    "old workbook": lambda: (FIXTURES / "workbooks" / "xlwt.xls").read_bytes(),
    "binary workbook": binary_workbook,
    "open document": open_document,
    "echemdb": lambda: json.dumps({"resources": [{
        "name": "table",
        "path": "table.csv",
        "schema": {"fields": [
            {"name": "t", "unit": "s"},
            {"name": "E", "unit": "V", "reference": "RHE"},
            {"name": "j", "unit": "mA / cm2"},
        ]},
    }]}).encode(),
}  # fmt: skip

BESIDE: dict[str, dict[str, bytes]] = {
    "echemdb": {"table.csv": ("t,E,j\n" + rows("{},{},{}\n")).encode()}
}
"""Files that lie beside one of a kind."""


def spectrum(pattern: str, *, imaginary: int = 1) -> str:
    """A row for each frequency: number, frequency, real and imaginary part, modulus, phase."""
    return "".join(
        pattern.format(k, f, z.real, imaginary * z.imag, abs(z), np.angle(z, deg=True))
        for k, (f, z) in enumerate(zip(FREQUENCY_HZ, IMPEDANCE_OHM, strict=True))
    )


def zahner_spectrum() -> bytes:
    parts = (FREQUENCY_HZ, abs(IMPEDANCE_OHM), np.angle(IMPEDANCE_OHM), 86400.0 + np.arange(25))
    significance = struct.pack(">25h", *[128] * 25)
    table = np.concatenate(parts).astype(">f8").tobytes()
    return ZAHNER + zahner_integer(24) + table + significance + zahner_text("010181")


_SCRIBNER = "{1:.9E}\t1.0E-02\t0.0E+00\t{0}\t{2:.9E}\t{3:.9E}\t0.0E+00\t0\t3\r\n"
SPECTRA: dict[str, Callable[[], bytes]] = {
    "mpt": lambda: (
        "EC-Lab ASCII FILE\r\nNb header lines : 5\r\n\r\n"
        "Potentio Electrochemical Impedance Spectroscopy\r\nfreq/Hz\tRe(Z)/Ohm\t-Im(Z)/Ohm\r\n"
        + spectrum("{1:.9E}\t{2:.9E}\t{3:.9E}\r\n", imaginary=-1)
    ).encode(),
    "mpr": lambda: mpr(
        (32, 37, 38),
        "<3f",
        list(zip(FREQUENCY_HZ, IMPEDANCE_OHM.real, -IMPEDANCE_OHM.imag, strict=True)),
    ),
    "dta": lambda: (
        "EXPLAIN\r\nTAG\tEISPOT\r\nOCVCURVE\tTABLE\t2\r\n\tPt\tT\tVf\tTemp\r\n"
        "\t#\ts\tV vs. Ref.\tdeg C\r\n\t0\t0.5\t0.25\t-327.67\r\n\t1\t1.0\t0.26\t-327.67\r\n"
        "ZCURVE\tTABLE\r\n\tPt\tFreq\tZreal\tZimag\r\n\t#\tHz\tohm\tohm\r\n"
        + spectrum("\t{0}\t{1:.9E}\t{2:.9E}\t{3:.9E}\r\n")
    ).encode(),
    "chi": lambda: (
        "June 12, 2024   20:51:34\r\nA.C. Impedance\r\nFile: x\r\nData Source:  Experiment\r\n"
        "Instrument Model:  CHI760E\r\n\r\nAmplitude (V) = 0.005\r\n\r\n"
        "Freq/Hz, Z'/ohm, Z\"/ohm, Z/ohm, Phase/deg\r\n\r\n"
        + spectrum("{1:.9e}, {2:.9e}, {3:.9e}, {4:.9e}, {5:.3f}\r\n")
    ).encode(),
    "nova": lambda: (
        "Index\tFrequency (Hz)\tZ' (Ω)\t-Z'' (Ω)\tZ (Ω)\n"
        + spectrum("{0}\t{1:.9E}\t{2:.9E}\t{3:.9E}\t{4:.9E}\n", imaginary=-1)
    ).encode(),
    "z60w": lambda: (
        '"Z60W Data File: Version 1.1"\r\n' + '""\r\n' * 7 + "0,2,0,1,1,10000\r\n25\r\n"
        "\"  Freq (Hz)    Ampl     Bias   Time(Sec)   Z'(a)    Z''(b)    GD   Err   Range\"\r\n"
        + spectrum("{1:.9g},0,0,0,{2:.9g},{3:.9g},0,0,0\r\n")
    ).encode(),
    "zplot": lambda: (
        "ZPLOT2 ASCII\r\n  Measured Data, ZPlot:       3.2c\r\n  Data Points:                25\r\n"
        "  Freq(Hz)\tAmpl\tBias\tTime(Sec)\tZ'(a)\tZ''(b)\tGD\tErr\tRange\r\nEnd Comments\r\n"
        + spectrum(_SCRIBNER)
    ).encode(),
    "palmsens": lambda: palmsens(
        Frequency=("Hertz", FREQUENCY_HZ),
        ZRe=("ZRe", IMPEDANCE_OHM.real),
        ZIm=("ZIm", -IMPEDANCE_OHM.imag),
    ),
    "zahner": zahner_spectrum,
    "ivium": lambda: (
        bytes(16)
        + b"H\0\0\0\r\nPeaks=false\r\nMethod=Impedance\r\nMconfig=0\r\nprimary_data\r\n3\r\n25\r\n"
        + spectrum("{2:.9E} {3:.9E}\t{1:.9E} \r\n").encode()
    ),
}
