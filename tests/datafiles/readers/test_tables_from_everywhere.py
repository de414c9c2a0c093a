"""One table in the separators, encodings and words of other countries and programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.datafiles.dataset import Dataset
from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError

ROWS = [(0.5 * i, 0.1 + 0.01 * i, -1.25 * i) for i in range(12)]


def text(
    names: str = "time (s);E (V);I (mA)", separator: str = ";", mark: str = ".", end: str = "\n"
) -> str:
    """The names, parted by semicolons, over the rows."""
    lines = [separator.join(f"{value:.2f}".replace(".", mark) for value in row) for row in ROWS]
    return end.join([names.replace(";", separator), *lines]) + end


def check(folder: Path, content: bytes, potential: str = "potential_V") -> Dataset:
    (folder / "table.txt").write_bytes(content)
    data = read(folder / "table.txt")
    for name, i, factor in (("time_s", 0, 1.0), (potential, 1, 1.0), ("current_A", 2, 1e-3)):
        assert data[name] == pytest.approx([row[i] * factor for row in ROWS])
    return data


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(("separator", "mark"), [
    ("\t", "."), ("\t", ","), (";", "."), (";", ","), (",", "."), ("|", "."), ("|", ","),
    ("  ", "."), ("  ", ","),
])  # fmt: skip
def test_separators_and_ends_of_lines(tmp_path: Path, separator: str, mark: str, end: str) -> None:
    check(tmp_path, text(separator=separator, mark=mark, end=end).encode())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_decimal_commas_in_quotation_marks(tmp_path: Path, separator: str) -> None:
    rows = "".join(separator.join(f'"{v:.2f}"'.replace(".", ",") for v in row) + "\n"
                   for row in ROWS)  # fmt: skip
    names = separator.join(("time (s)", "E (V)", "I (mA)"))
    check(tmp_path, f"{names}\n{rows}".encode())


def test_a_quoted_number_that_may_be_a_thousand_is_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('time (s),I (mA)\n1,"1,500"\n2,"2,500"\n')
    with pytest.raises(InputError, match=r"E789.*1.500 or 1500"):
        read(tmp_path / "a.csv")


@pytest.mark.parametrize("encoding", [
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252",
])  # fmt: skip
def test_encodings(tmp_path: Path, encoding: str) -> None:
    check(tmp_path, text("Zeit (s);Potential (V);Stromstärke (mA)", mark=",").encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
@pytest.mark.parametrize("names", [
    "時間(s);電位(V);電流(mA)", "時間（s）;電位（V）;電流（mA）",
    "時間［ｓ］;電位［Ｖ］;電流［ｍＡ］",
])  # fmt: skip
def test_japanese(tmp_path: Path, names: str, encoding: str) -> None:
    check(tmp_path, text(names, "\t").encode(encoding))


@pytest.mark.parametrize(("names", "encoding"), [
    ("时间(s);电位(V);电流(mA)", "gb18030"), ("시간(s);전위(V);전류(mA)", "cp949"),
    ("Время (с);Потенциал (В);Ток (мА)", "cp1251"),
    ("Temps (s);Potentiel (V);Intensité (mA)", "latin-1"),
    ("Zeit/s;Potenzial/V;Strom/mA", "ascii"), ("Zeit in s;Potential in V;Strom in mA", "ascii"),
    ("Tiempo (s);Potencial (V);Corriente (mA)", "ascii"),
    ("Tempo (s);Potenziale (V);Corrente (mA)", "ascii"),
    ("Time {s};Potential <V>;Current [mA]", "ascii"), ("Time(s);Vf(V vs. Ref);Im(mA)", "ascii"),
])  # fmt: skip
def test_words_of_others(tmp_path: Path, names: str, encoding: str) -> None:
    check(tmp_path, text(names, "\t").encode(encoding))


@pytest.mark.parametrize("names", [
    "Freq (Hz);Z (Real);Z (Imag)", "Frequency/Hz;Z'/Ω;neg. Z''/Ω",
    "Frecuencia (Hz);Z' (Ohm);-Z'' (Ohm)",
    "Frequenz (Hz);Realteil (Ohm);Imaginärteil (Ohm)", "周波数 [Hz];実部 [Ω];虚部 [Ω]",
    "Frequency (Hz);Rs (Ohm);Xs (Ohm)", "Frequency (Hz);Resistance (Ohm);Reactance (Ohm)",
])  # fmt: skip
def test_words_of_spectra(tmp_path: Path, names: str) -> None:
    lines = [names.replace(";", "\t"), "1000\t1.5\t-0.25", "100\t2.5\t-0.75"]
    (tmp_path / "a.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = read(tmp_path / "a.txt")
    sign = -1.0 if "neg." in names or "-Z" in names else 1.0
    assert data["frequency_Hz"].tolist() == [1000, 100]
    assert data["impedance_real_Ohm"].tolist() == [1.5, 2.5]
    assert data["impedance_imaginary_Ohm"].tolist() == [-0.25 * sign, -0.75 * sign]


def test_a_resistance_beside_a_frequency_is_no_impedance(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(
        "time (s)\tfrequency (Hz)\tresistance (Ohm)\n1\t2\t3\n2\t3\t4\n"
    )
    assert "impedance_real_Ohm" not in read(tmp_path / "a.txt").columns
