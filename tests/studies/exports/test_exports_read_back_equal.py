"""What is exported reads back as it was: every number, unit, sign, reference and header."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers import read
from faradaic.diagnostics import InputError
from faradaic.studies.exports import export, gather
from rigs.made_files import BESIDE, MADE, SPECTRA
from rigs.vendor_files import DATA, needs_vendor_files

FILES = ("biologic/Pt_poly_cv_CUT.mpt", "gamry/LSV.DTA", "zahner/geis-100ma.ism", "chi/CV-1T.txt")


def assert_equal(one: Dataset, other: Dataset) -> None:
    for mine, theirs in (
        (one.columns, other.columns),
        *zip(one.further.values(), other.further.values(), strict=True),
    ):
        assert list(mine) == list(theirs)
        for name, column in mine.items():
            np.testing.assert_array_equal(column.values, theirs[name].values, err_msg=name)
            for known in ("unit", "sign", "reference", "raw_name"):
                assert getattr(column, known) == getattr(theirs[name], known), (name, known)
    for known in ("technique", "instrument", "start", "area_m2", "ohmic_drop", "metadata"):
        assert getattr(one, known) == getattr(other, known), known


def test_a_package_reads_back_equal_with_its_calibrated_column(dataset, tmp_path):
    export(dataset, "frictionless", tmp_path / "package")
    assert_equal(dataset, read(tmp_path / "package" / "datapackage.json"))
    assert_equal(dataset, read(tmp_path / "package" / "data-SIMULATED.csv"))


def test_calibrating_what_was_read_back_shifts_the_measured_potential_once(dataset, tmp_path):
    export(dataset, "frictionless", tmp_path / "package")
    back = read(tmp_path / "package" / "datapackage.json")
    assert back.columns["potential_V"].reference == "SCE"
    assert back.columns["potential_RHE_V"].reference == "RHE"
    np.testing.assert_array_equal(back["potential_V"], dataset["potential_V"])


def test_what_is_not_known_is_written_as_unknown_and_stays_so(unknown, tmp_path):
    export(unknown, "frictionless", tmp_path / "package")
    text = (tmp_path / "package" / "datapackage.json").read_text()
    fields = {f["name"]: f for f in json.loads(text)["resources"][0]["schema"]["fields"]}
    assert fields["current_A"]["positive_current"] == "unknown"
    assert fields["potential_V"]["reference"] == "unknown"
    assert "reference" not in fields["time_s"]
    assert json.loads(text)["faradaic"]["simulated"] is None
    assert_equal(unknown, read(tmp_path / "package" / "datapackage.json"))
    assert gather(unknown).unknown() == ["reference of potential_V", "sign of current_A"]


def assert_reads_back(path, folder):
    original = read(path)
    export(path, "frictionless", folder)
    back = read(folder / "datapackage.json")
    assert_equal(replace(original, metadata={}), replace(back, metadata={}))


@needs_vendor_files
@pytest.mark.parametrize("file", FILES)
def test_a_vendor_file_reads_back_equal(file, tmp_path):
    assert_reads_back(DATA / file, tmp_path / "package")


@pytest.mark.parametrize(("kind", "made"), [*MADE.items(), *SPECTRA.items()])
def test_a_made_file_of_every_format_reads_back_equal(kind, made, tmp_path):
    if kind == "labview":
        pytest.importorskip("nptdms")
    (tmp_path / "file").write_bytes(made())
    for name, content in BESIDE.get(kind, {}).items():
        (tmp_path / name).write_bytes(content)
    assert_reads_back(tmp_path / "file", tmp_path / "package")


def test_a_descriptor_follows_the_data_package_standard(dataset, tmp_path):
    # required and typed properties of datapackage.org, version 2.0 (2024)
    export(dataset, "frictionless", tmp_path / "package")
    package = json.loads((tmp_path / "package" / "datapackage.json").read_text())
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    names = [resource["name"] for resource in package["resources"]]
    assert len(set(names)) == len(names) == 2
    for resource in package["resources"]:
        path = tmp_path / "package" / resource["path"]
        assert resource["type"] == "table"
        assert resource["bytes"] == path.stat().st_size
        (row,) = resource["dialect"]["headerRows"]
        head = path.read_text().splitlines()[row - 1]
        assert next(csv.reader([head])) == [f["name"] for f in resource["schema"]["fields"]]
        assert {f["type"] for f in resource["schema"]["fields"]} == {"number"}
        assert all(not line.startswith("#") for line in path.read_text().splitlines()[row - 1 :])


def test_frictionless_itself_finds_nothing_wrong(dataset, tmp_path):
    frictionless = pytest.importorskip("frictionless")
    export(dataset, "frictionless", tmp_path / "package")
    report = frictionless.validate(str(tmp_path / "package" / "datapackage.json"))
    assert report.valid, report.flatten(["message"])


def test_a_table_changed_after_the_export_is_told(dataset, tmp_path):
    export(dataset, "frictionless", tmp_path / "package")
    table = tmp_path / "package" / "data-SIMULATED.csv"
    table.write_text(table.read_text().replace("0.002", "0.003"))
    back = read(tmp_path / "package" / "datapackage.json")
    assert back["current_A"][3] == 0.003
    assert "SHA-256 differs" in " ".join(w.message for w in back.warnings)


def test_a_descriptor_cannot_reach_outside_of_its_folder(unknown, tmp_path):
    export(unknown, "frictionless", tmp_path / "package")
    descriptor = tmp_path / "package" / "datapackage.json"
    for path in ("../secret.csv", "/etc/secret.csv", "https://example.org/secret.csv"):
        package = json.loads(descriptor.read_text())
        package["resources"][0]["path"] = path
        descriptor.write_text(json.dumps(package))
        with pytest.raises(InputError, match="outside of its folder"):
            read(descriptor)


ECHEMDB = {
    "resources": [
        {
            "name": "made_2026_figure_1",
            "path": "made.csv",
            "format": "csv",
            "schema": {
                "fields": [
                    {"name": "t", "type": "number", "unit": "s"},
                    {"name": "E", "type": "number", "unit": "mV", "reference": "RHE"},
                    {"name": "j", "type": "number", "unit": "uA / cm2"},
                ]
            },
            "metadata": {
                "echemdb": {
                    "system": {
                        "electrodes": [
                            {
                                "name": "WE",
                                "geometricElectrolyteContactArea": {"value": 0.2, "unit": "cm2"},
                            }
                        ]
                    },
                    "figureDescription": {
                        "measurementType": "CV",
                        "scanRate": {"value": 50.0, "unit": "mV / s"},
                    },
                }
            },
        }
    ]
}


@pytest.fixture
def literature(tmp_path):
    (tmp_path / "made.json").write_text(json.dumps(ECHEMDB))
    (tmp_path / "made.csv").write_text("t,E,j\n0,-200,1.5\n0.02,-199,\n")
    return tmp_path


@pytest.mark.parametrize("name", ["made.json", "made.csv"])
def test_a_literature_curve_of_echemdb_comes_in_si(literature, name):
    curve = read(literature / name)
    assert curve.format == "echemdb"
    assert list(curve.columns) == ["time_s", "potential_V", "current_density_A_per_m2"]
    np.testing.assert_allclose(curve["potential_V"], [-0.2, -0.199])
    np.testing.assert_allclose(curve["current_density_A_per_m2"], [0.015, np.nan])
    assert curve.columns["potential_V"].reference == "RHE"
    assert curve.columns["current_density_A_per_m2"].sign is None
    assert "E751" in {w.code for w in curve.warnings}
    assert curve.technique == "CV"
    assert curve.area_m2 == pytest.approx(2e-5)
    assert curve.metadata["figureDescription.scanRate.value"] == "50.0"


def test_a_table_beside_some_other_json_is_an_ordinary_table(literature):
    (literature / "made.json").write_text('{"resources": [{"path": "another.csv"}]}')
    assert read(literature / "made.csv").format != "echemdb"


def test_damaged_packages_are_diagnosed_with_their_file(literature):
    whole = (literature / "made.json").read_bytes()
    for cut in range(20, len(whole), 37):
        (literature / "made.json").write_bytes(whole[:cut])
        with pytest.raises(InputError):
            read(literature / "made.json")
    (literature / "made.json").write_bytes(whole)
    (literature / "made.csv").write_text("t,U\n0,1\n")
    with pytest.raises(InputError, match=r"made\.csv is damaged.*the descriptor has"):
        read(literature / "made.json")
    (literature / "made.csv").unlink()
    with pytest.raises(InputError, match="E742"):
        read(literature / "made.json")


def test_the_descriptor_of_a_run_folder_gives_the_run(preparative_run):
    from faradaic.records.derive import derive

    derive(preparative_run)
    by_name, by_folder = (read(preparative_run / "datapackage.json"), read(preparative_run))
    assert list(by_name.columns) == list(by_folder.columns)
    assert by_name.columns["current_A"].sign == "anodic"


def test_a_csv_file_reads_back_with_its_numbers(dataset, tmp_path):
    text = export(dataset, "csv", tmp_path / "x.csv").read_text()
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert comments[0] == "# SIMULATED: no real cell was involved"
    assert "# column current_A - unit A - raw_name I/mA - positive_current anodic" in comments
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    rows = list(csv.DictReader(io.StringIO(body)))
    assert [float(row["current_A"]) for row in rows] == list(dataset["current_A"])
    assert rows[2]["potential_V"] == ""  # missing is empty, never 0


def test_a_sign_that_is_cathodic_survives(unknown, tmp_path):
    column = Column(np.arange(4.0), "A", "i", "cathodic")
    export(replace(unknown, columns={"current_A": column}), "frictionless", tmp_path / "p")
    assert read(tmp_path / "p" / "datapackage.json").columns["current_A"].sign == "cathodic"
