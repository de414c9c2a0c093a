"""Energies come in from our own files and from those of others, or the file and line are named."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from faradaic.computational.screening.entries import (
    EnergyEntry,
    read_entries,
    reduced_formula,
    write_entries,
)
from faradaic.computational.screening.entry_import import (
    materials_project_entries,
    read_energies,
    write_csv,
)
from faradaic.diagnostics import InputError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

SPINEL = EnergyEntry(
    "Mg2(ZnMgSbIn)O8", {"Mg": 3, "Zn": 1, "In": 1, "Sb": 1, "O": 8}, -83.25, "CHGNet 0.3.0",
    "target", "spinel", "spinel", True, 0.021, "made for this test", "ab12",
)  # fmt: skip
OXIDE = replace(
    SPINEL, name="MgO", composition={"Mg": 4, "O": 4}, energy_eV=-50.5, role="competitor",
    converged=False, max_force_eV_A=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "formula"),
    [
        ({"O": 8, "Al": 4, "Mg": 2}, "MgAl2O4"),
        ({"Ti": 1, "O": 4, "Zn": 2}, "Zn2TiO4"),
        ({"O": 3, "Sn": 1, "Ca": 1}, "CaSnO3"),
        ({"Fe": 2, "O": 6, "La": 2}, "LaFeO3"),
        ({"S": 8, "Cr": 4, "Cd": 2}, "CdCr2S4"),
        ({"Cl": 1, "Na": 1}, "NaCl"),
        ({"Lu": 2, "O": 3}, "Lu2O3"),
    ],
)
def test_a_formula_is_the_same_however_its_atoms_were_listed(cell, formula):
    assert reduced_formula(cell) == formula
    assert reduced_formula(dict(reversed(cell.items()))) == formula


def test_entries_come_back_as_they_were_written(tmp_path):
    write_entries([SPINEL, OXIDE], tmp_path / "a.jsonl")
    assert read_entries(tmp_path / "a.jsonl").entries == (SPINEL, OXIDE)
    write_csv([SPINEL, OXIDE], tmp_path / "a.csv")
    assert read_energies(tmp_path / "a.csv").entries == (SPINEL, OXIDE)


def test_a_line_torn_by_a_killed_writer_is_left_out_with_a_finding(tmp_path):
    path = tmp_path / "a.jsonl"
    write_entries([SPINEL, OXIDE], path)
    path.write_text(path.read_text()[:-40])
    read = read_entries(path)
    assert read.entries == (SPINEL,)
    assert "line 2 ends in the middle" in read.findings[0].message
    path.write_text(path.read_text() + "\n" + json.dumps({}) + "\n")
    with pytest.raises(InputError, match="line 2 is no energy entry: it is not JSON"):
        read_entries(path)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"composition": {"Mx": 1}}, "'Mx' is not an element"),
        ({"composition": {"Mg": 0.5}}, "the atoms of its cell are"),
        ({"composition": {}}, "the atoms of its cell are"),
        ({"energy_eV": float("nan")}, "its energy is nan"),
        ({"energy_eV": "-3"}, "its energy is '-3'"),
        ({"role": "rival"}, "its role is 'rival'"),
        ({"method": " "}, "does not say by which method"),
    ],
)
def test_an_entry_that_means_nothing_is_refused(change, why):
    with pytest.raises(InputError, match=why):
        replace(SPINEL, **change)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("name,composition,energy_eV\nMgO,MgO,-12\n", "no column method, role"),
        ("name,composition,energy_eV,method,role\nMgO,MgO,,A,competitor\n", "energy_eV is empty"),
        ("name,composition,energy_eV,method,role\nMgO,MgO,x,A,competitor\n", "line 2: could not"),
        ("name,composition,energy_eV,method,role\nMgO,MqO,-1,A,competitor\n", "line 2: 'MqO'"),
        (
            "name,composition,energy_eV,method,role,converged\nMgO,MgO,-1,A,competitor,maybe\n",
            "converged is 'maybe'",
        ),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(tmp_path, text, why):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=why):
        read_energies(tmp_path / "a.csv")


def test_computed_entries_of_pymatgen_keep_functional_and_corrections(tmp_path):
    computed = pytest.importorskip("pymatgen.entries.computed_entries")
    plain = computed.ComputedEntry("Mg4O4", -48.0, parameters={"run_type": "GGA"}, entry_id="x-1")
    corrected = computed.ComputedEntry(
        "Al4O6", -70.0, correction=-4.1, parameters={"run_type": "GGA"}
    )
    nameless = computed.ComputedEntry("MgO", -12.0)
    path = tmp_path / "entries.json"
    path.write_text(json.dumps([plain.as_dict(), corrected.as_dict()], default=str))
    first, second = read_energies(path).entries
    assert (first.name, first.composition) == ("MgO x-1", {"Mg": 4, "O": 4})
    assert (first.energy_eV, first.method, first.role) == (-48.0, "GGA", "competitor")
    # A corrected energy and a bare one are not of one method.
    assert (second.energy_eV, second.method) == (pytest.approx(-74.1), "GGA, corrected")
    path.write_text(json.dumps([nameless.as_dict()], default=str))
    with pytest.raises(InputError, match=r"entry 1 is no ComputedEntry.*functional"):
        read_energies(path)
    assert read_energies(path, method="PBE").entries[0].method == "PBE"
    path.write_text("[{]")
    with pytest.raises(InputError, match="not JSON"):
        read_energies(path)


def vasprun(steps: int = 2, end: str = "</modeling>\n") -> str:
    """The parts of a vasprun.xml that say what was computed: MgO, by PBE at 520 eV."""

    def structure(name: str) -> str:
        vectors = "".join(f"<v>{v}</v>" for v in ("0 2.1 2.1", "2.1 0 2.1", "2.1 2.1 0"))
        name = f' name="{name}"' if name else ""
        return (
            f'<structure{name}><crystal><varray name="basis">{vectors}</varray>'
            f'<varray name="rec_basis">{vectors}</varray></crystal>'
            '<varray name="positions"><v>0 0 0</v><v>0.5 0.5 0.5</v></varray></structure>'
        )

    energies = "".join(f'<i name="{name}">-11.9</i>' for name in ("e_0_energy", "e_fr_energy"))
    scf = f"<scstep><energy>{energies}</energy></scstep>"
    step = (
        f"<calculation>{scf}{scf}{structure('')}"
        '<varray name="forces"><v>0 0 0.03</v><v>0 0.04 0.03</v></varray>'
        '<varray name="stress"><v>1 0 0</v><v>0 1 0</v><v>0 0 1</v></varray>'
        '<energy><i name="e_fr_energy">-11.95</i><i name="e_0_energy">-11.95</i></energy>'
        "</calculation>"
    )
    numbers = {"EDIFF": 1e-5, "EDIFFG": -0.02, "ENMAX": 520.0, "AEXX": 0.0, "HFSCREEN": 0.0}
    whole = {"NELM": 60, "NSW": 2, "IBRION": 2, "ISPIN": 1}
    settings = '<i type="string" name="GGA">PE</i>'
    settings += "".join(f'<i name="{name}">{value}</i>' for name, value in numbers.items())
    settings += "".join(f'<i type="int" name="{name}">{n}</i>' for name, n in whole.items())
    settings += "".join(f'<i type="logical" name="{n}">F</i>' for n in ("LHFCALC", "LDAU"))
    return (
        '<?xml version="1.0"?>\n<modeling><generator><i name="program" type="string">vasp</i>'
        '<i name="version" type="string">6.4.2</i></generator>'
        f"<incar>{settings}</incar>"
        '<kpoints><generation param="Gamma"><v type="int" name="divisions">2 2 2</v>'
        '<v name="usershift">0 0 0</v></generation><varray name="kpointlist"><v>0 0 0</v></varray>'
        '<varray name="weights"><v>1</v></varray></kpoints>'
        f'<parameters><separator name="electronic">{settings}</separator></parameters>'
        '<atominfo><atoms>2</atoms><types>2</types><array name="atoms"><set>'
        "<rc><c>Mg</c><c>1</c></rc><rc><c>O</c><c>2</c></rc></set></array>"
        '<array name="atomtypes"><set><rc><c>1</c><c>Mg</c><c>24.3</c><c>2</c>'
        "<c>PAW_PBE Mg 13Apr2007</c></rc><rc><c>1</c><c>O</c><c>16</c><c>6</c>"
        "<c>PAW_PBE O 08Apr2002</c></rc></set></array></atominfo>"
        + structure("initialpos")
        + step * steps
        + (structure("finalpos") + end if end else "")
    )


def test_a_vasp_run_gives_its_energy_functional_and_forces(tmp_path):
    pytest.importorskip("pymatgen.io.vasp.outputs")
    path = tmp_path / "vasprun.xml"
    path.write_text(vasprun(steps=1))
    read = read_energies(path, role="target")
    (entry,) = read.entries
    assert entry.composition == {"Mg": 1, "O": 1}
    assert (entry.energy_eV, entry.role) == (-11.95, "target")
    assert entry.method == "VASP PBE, cutoff 520 eV"
    assert entry.max_force_eV_A == pytest.approx(0.05)
    assert entry.converged
    assert read.findings == ()


def test_a_vasp_run_that_used_up_its_steps_is_marked_and_a_torn_file_refused(tmp_path):
    pytest.importorskip("pymatgen.io.vasp.outputs")
    path = tmp_path / "vasprun.xml"
    path.write_text(vasprun(steps=2))
    read = read_energies(path)
    assert not read.entries[0].converged
    assert f"{path} did not converge" in read.findings[0].message
    path.write_text(vasprun(end=""))
    with pytest.raises(InputError, match=r"vasprun\.xml holds no energies: it is damaged"):
        read_energies(path)


def test_files_of_no_known_kind_and_missing_ones_are_named(tmp_path):
    with pytest.raises(InputError, match="there is no such file"):
        read_energies(tmp_path / "none.csv")
    (tmp_path / "a.dat").write_text("")
    with pytest.raises(InputError, match=r"a file \.dat is not known"):
        read_energies(tmp_path / "a.dat")


def test_without_a_key_the_materials_project_is_not_asked(monkeypatch, tmp_path):
    matproj = pytest.importorskip("pymatgen.ext.matproj")
    monkeypatch.setattr(matproj, "SETTINGS", {})
    monkeypatch.delenv("MP_API_KEY", raising=False)
    with pytest.raises(InputError, match="wants a personal key") as caught:
        materials_project_entries(["Mg", "O"])
    assert "MP_API_KEY" in caught.value.diagnostics[0].help
