"""NetCDF, BDF, .eln, ORD and Excel as the programs of others read them; SIMULATED in all."""

from __future__ import annotations

import csv
import hashlib
import json
import sys
import zipfile
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pytest
from typer.testing import CliRunner

from faradaic.cli.main import app
from faradaic.datafiles.dataset import Column, Dataset
from faradaic.diagnostics import InputError, StorageError
from faradaic.studies.exports import EXPORTS, Person, export, gather
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import PotentialAxis, ProductRows, Uncertain

CHEMIST = Person("A. Chemist", "chemist@example.org", "0000-0002-1825-0097")


def test_xarray_opens_the_netcdf_file_with_units_and_time_of_day(dataset, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    path = export(dataset, "netcdf", tmp_path / "x.nc")
    with xarray.open_dataset(path) as found:
        assert found.attrs["Conventions"] == "CF-1.11"
        assert found.attrs["simulated"] == "true"
        assert "SIMULATED" in found.attrs["title"]
        np.testing.assert_array_equal(found.current_A.values, dataset["current_A"])
        assert found.current_A.attrs["units"] == "A"
        assert found.current_A.attrs["positive_current"] == "anodic"
        assert found.potential_V.attrs["reference"] == "SCE"
        assert found["odd_name,_quoted"].attrs["unit_in_file"] == "bananas"
        assert str(found.uts.values[0]).startswith("2026-11-21T07:00:12")
        assert found.time_s.values.dtype == float  # seconds, not a time of day
        assert json.loads(found.attrs["original_metadata"])["Comment"] == "=1+1; 5 µL"
    with xarray.open_dataset(path, group="OCV") as further:
        assert further.time_s.shape == (3,)


def test_results_of_a_run_are_a_group_of_the_netcdf_file(preparative_run, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    path = export(preparative_run, "netcdf", tmp_path / "x.nc")
    with xarray.open_dataset(path, group="results") as results:
        at = list(results.name.values).index("delivered charge, gross")
        assert results.value.values[at] == pytest.approx(5.0)
        assert results.unit.values[at] == "C"


def test_without_netcdf4_there_is_a_line_that_says_what_to_install(dataset, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "netCDF4", None)
    with pytest.raises(InputError, match=r'pip install "faradaic\[export\]"'):
        export(dataset, "netcdf", tmp_path / "x.nc")


def rows_of(path):
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_bdf_has_its_labels_in_the_first_row_and_its_sign_beside(preparative_run, tmp_path):
    # labels of the ontology of the Battery Data Alliance, 1.3
    path = export(preparative_run, "bdf", tmp_path / "x.bdf.csv")
    first = rows_of(path)[-1]
    assert list(first)[:3] == ["Test Time / s", "Current / A", "Voltage / V"]
    assert float(first["Current / A"]) == 5e-3
    assert float(first["Voltage / V"]) == 8.0
    # 2026-11-21T07:00:12 UTC and 1010 s
    assert float(first["Unix Time / s"]) == pytest.approx(1795244412 + 1010)
    beside = json.loads((tmp_path / "x.bdf.metadata.json").read_text())
    assert beside["simulated"] is True
    assert beside["data_format"] == "Battery Data Format 1.3"
    assert beside["sign_of_current"].startswith("anodic")


def test_bdf_turns_cathodic_currents_round_and_leaves_unknown_ones(unknown, tmp_path):
    export(unknown, "bdf", tmp_path / "u.bdf.csv")
    beside = json.loads((tmp_path / "u.bdf.metadata.json").read_text())
    assert beside["sign_of_current"].startswith("unknown")
    assert "reference electrode (unknown)" in beside["voltage"]
    turned = dict(unknown.columns) | {"current_A": Column(np.arange(4.0), "A", sign="cathodic")}
    path = export(replace(unknown, columns=turned), "bdf", tmp_path / "c.bdf.csv")
    assert [float(row["Current / A"]) for row in rows_of(path)] == [0, -1, -2, -3]


def test_bdf_is_refused_where_its_columns_are_missing(tmp_path):
    spectrum = Dataset({"frequency_Hz": Column(np.arange(3.0), "Hz")})
    with pytest.raises(InputError, match="no time_s and no current_A"):
        export(spectrum, "bdf", tmp_path / "x.bdf.csv")


def test_an_eln_archive_is_one_folder_whose_files_are_what_it_says(preparative_run, tmp_path):
    # TheELNFileFormat: one root folder, ro-crate-metadata.json, size as text, SHA-256
    path = export(preparative_run, "eln", tmp_path / "x.eln", author=CHEMIST)
    with zipfile.ZipFile(path) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {"x"}
        graph = json.loads(archive.read("x/ro-crate-metadata.json"))["@graph"]
        nodes = {node["@id"]: node for node in graph}
        assert len(nodes) == len(graph)
        files = [node for node in graph if node["@type"] == "File"]
        assert len(files) == len(archive.namelist()) - 1
        for node in files:
            data = archive.read(f"x/{node['@id'].removeprefix('./')}")
            assert node["contentSize"] == str(len(data))
            assert node["sha256"] == hashlib.sha256(data).hexdigest()
    assert nodes["ro-crate-metadata.json"]["conformsTo"]["@id"] == "https://w3id.org/ro/crate/1.1"
    (experiment,) = nodes["./"]["hasPart"]
    about = nodes[experiment["@id"]]
    assert "SIMULATED" in about["description"]
    assert {part["@id"] for part in about["hasPart"]} == {node["@id"] for node in files}
    measured = [nodes[one["@id"]] for one in about["variableMeasured"]]
    charge = next(m for m in measured if m["name"] == "delivered charge, gross")
    assert (charge["value"], charge["unitText"]) == (pytest.approx(5.0), "C")
    assert nodes[about["author"]["@id"]]["name"] == "A. Chemist"


def test_an_eln_archive_invents_no_author(unknown, tmp_path):
    with zipfile.ZipFile(export(unknown, "eln", tmp_path / "x.eln")) as archive:
        assert b"author" not in archive.read("x/ro-crate-metadata.json")


def test_a_preparative_run_becomes_a_valid_reaction(preparative_run, tmp_path):
    pytest.importorskip("ord_schema")
    from google.protobuf import text_format
    from ord_schema import validations
    from ord_schema.proto import reaction_pb2

    path = export(
        preparative_run,
        "ord",
        tmp_path / "x.pbtxt",
        author=CHEMIST,
        product_mol=1e-5,
        substrate_left_mol=1.8e-4,
    )
    reaction = text_format.Parse(path.read_text(), reaction_pb2.Reaction())
    assert validations.validate_message(reaction, raise_on_error=False).errors == []
    cell = reaction.conditions.electrochemistry
    assert cell.type == cell.CONSTANT_CURRENT
    assert (cell.current.value, cell.current.units) == (5.0, cell.current.MILLIAMPERE)
    assert (cell.anode_material, cell.cathode_material) == ("graphite felt", "Pt foil")
    assert cell.cell.type == cell.cell.UNDIVIDED_CELL
    assert cell.electrode_separation.value == pytest.approx(10.0)
    assert len(cell.measurements) == 100
    assert "SIMULATED" in cell.details
    assert "SIMULATED" in reaction.notes.procedure_details
    assert reaction.provenance.reaction_metadata["simulated"].string_value == "true"
    amounts = {key: one.components[0].amount for key, one in reaction.inputs.items()}
    assert amounts["hydrazide"].moles.value == pytest.approx(0.2)
    assert reaction.inputs["hydrazide"].components[0].is_limiting
    assert amounts["HFIP"].volume.value == pytest.approx(9.4)
    assert amounts["salt"].mass.value == pytest.approx(50.0)
    assert amounts["spice"].unmeasured.details == "amount not recorded"
    (outcome,) = reaction.outcomes
    # 0.02 of 0.2 mmol converted, 0.01 mmol found: 10 % and 5 %; 4·1e-5·F/5 C = 77.2 %
    assert outcome.conversion.value == pytest.approx(10.0)
    target = next(one for one in outcome.products if one.is_desired_product)
    assert [m.percentage.value for m in target.measurements] == pytest.approx(
        [5.0, 77.188], rel=1e-4
    )
    assert [w.type for w in reaction.workups] == [
        reaction_pb2.ReactionWorkup.CONCENTRATION,
        reaction_pb2.ReactionWorkup.CUSTOM,
    ]


def test_a_reduction_is_written_as_magnitudes_which_are_all_the_database_holds(
    closed_form_run, plan, tmp_path
):
    pytest.importorskip("ord_schema")
    steps = [{"id": "2", "kind": "constant_current", "label": "-5.00 mA", "current_A": -5e-3}]
    run = closed_form_run(
        plan=plan | {"steps": steps},
        current=lambda t: -5e-3,
        voltage=lambda t: -8.0,
        net=lambda t: -5e-3 * t,
    )
    path = export(run, "ord", tmp_path / "x.json", author=CHEMIST)
    cell = json.loads(path.read_text())["conditions"]["electrochemistry"]
    assert cell["current"] == {"value": 5.0, "units": "MILLIAMPERE"}
    assert {one["current"]["value"] for one in cell["measurements"]} == {5.0}
    assert {one["voltage"]["value"] for one in cell["measurements"]} == {8.0}  # anode less cathode
    assert "Currents are magnitudes" in cell["details"]


def test_without_a_product_amount_there_is_no_yield(measured_run, tmp_path):
    pytest.importorskip("ord_schema")
    path = export(measured_run, "ord", tmp_path / "x.json", author=CHEMIST)
    reaction = json.loads(path.read_text())
    assert "conversion" not in reaction["outcomes"][0]
    assert all("measurements" not in one for one in reaction["outcomes"][0]["products"])
    assert reaction["provenance"]["reaction_metadata"]["simulated"]["string_value"] == "false"
    assert "SIMULATED:" not in path.read_text()


def test_a_reaction_names_who_made_it_and_needs_a_plan(preparative_run, unknown, tmp_path):
    pytest.importorskip("ord_schema")
    with pytest.raises(InputError, match="--author"):
        export(preparative_run, "ord", tmp_path / "x.pbtxt")
    with pytest.raises(InputError, match="no preparative run"):
        export(unknown, "ord", tmp_path / "x.pbtxt", author=CHEMIST)


def test_excel_holds_numbers_as_numbers_and_text_as_text(dataset, tmp_path):
    from openpyxl import load_workbook

    book = load_workbook(export(dataset, "excel", tmp_path / "x.xlsx"))
    assert book.sheetnames == ["About", "Data", "Table 1"]
    assert book["About"]["A1"].value == "SIMULATED: no real cell was involved"
    data = book["Data"]
    assert [cell.value for cell in data[2]] == list(dataset.columns)
    assert [cell.value for cell in data[3]] == ["s", "1", "V", "V", "A", "bananas"]
    assert [cell.value for cell in data[4]][2:5] == ["vs SCE", "vs RHE", "positive: anodic"]
    assert data["B5"].value == 1
    assert data["C7"].value is None
    comment = next(row for row in book["About"].rows if row[0].value == "header: Comment")[1]
    assert (comment.value, comment.data_type) == ("=1+1; 5 µL", "s")


def test_a_table_too_long_for_excel_is_refused(tmp_path, monkeypatch):
    from faradaic.studies.exports import excel_workbook as workbook

    monkeypatch.setattr(workbook, "MOST_ROWS", 10)
    long = Dataset({"time_s": Column(np.arange(11.0), "s")})
    with pytest.raises(InputError, match="11 rows"):
        export(long, "excel", tmp_path / "x.xlsx")


def test_a_folder_of_a_study_is_exported_with_its_results(tmp_path):
    result = {"name": "FE", "value": 0.9, "unit": "1", "method": "z·F·n/Q"}
    study = {
        "title": "Two catalysts",
        "simulated": True,
        "results": [{"sample": "A", "topic": "gas", **result}],
    }
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "results.json").write_text(json.dumps(study))
    contents = gather(folder)
    assert contents.simulated is True
    assert contents.name == "Two-catalysts-SIMULATED"
    assert [(one["value"], one["where"]) for one in contents.results] == [(0.9, "A, gas")]
    export(folder, "eln", tmp_path / "x.eln")
    export(folder, "excel", tmp_path / "x.xlsx")
    export(folder, "frictionless", tmp_path / "package")
    with pytest.raises(InputError, match="no table"):
        export(folder, "csv", tmp_path / "x.csv")


def test_the_tables_of_a_study_go_with_its_results(tmp_path):
    result = {"name": "FE", "value": 0.9, "unit": "1", "method": "z·F·n/Q"}
    (tmp_path / "tables").mkdir()
    nan = float("nan")
    rows = ProductRows(
        PotentialAxis("RHE", corrected=True),
        None,
        applied_V=np.array([-0.9, -0.9, -1.0]),
        potential_V=np.array([-0.5, -0.5, -0.6]),
        product=("CO", "H2", "CO"),
        electrodes=np.ones(3),
        injections=np.ones(3),
        efficiency=Uncertain(np.full(3, nan), np.full(3, nan)),
        density_A_per_m2=Uncertain(np.array([-70.0, nan, -90.0]), np.full(3, nan)),
        turnover_per_s=None,
    )
    outcome = StudyOutcome("A", "co2", "")
    outcome.tabulate("A", rows)
    (tmp_path / "tables" / "products-A.csv").write_text(outcome.tables[0].csv("SIMULATED"))
    described = {"products-A": rows.described()}
    (tmp_path / "results.json").write_text(
        json.dumps({"simulated": True, "results": [result], "tables": described})
    )
    tables = gather(tmp_path).tables
    assert list(tables) == ["products-A CO", "products-A H2"]
    _, E, *_, j, _ = tables["products-A CO"].values()
    assert (E.values.tolist(), E.unit, E.reference) == ([-0.5, -0.6], "V", "RHE")
    assert (j.values.tolist(), j.unit, j.sign) == ([-7.0, -9.0], "mA/cm^2", "anodic")
    export(tmp_path, "frictionless", tmp_path / "package")
    descriptor = json.loads((tmp_path / "package" / "datapackage.json").read_text())
    assert [one["title"] for one in descriptor["resources"][:2]] == list(tables)
    if find_spec("netCDF4"):
        export(tmp_path, "netcdf", tmp_path / "x.nc")
    export(tmp_path, "excel", tmp_path / "x.xlsx")
    with pytest.raises(InputError, match="a study with 2 tables"):
        export(tmp_path, "csv", tmp_path / "x.csv")


def test_what_cannot_be_exported_says_what_to_give(tmp_path, unknown):
    with pytest.raises(InputError, match="E790"):
        gather(tmp_path)
    with pytest.raises(InputError, match="installed: bdf, csv, eln"):
        export(unknown, "xls", tmp_path / "x")
    (tmp_path / "x.csv").write_text("mine")
    with pytest.raises(InputError, match="--overwrite"):
        export(unknown, "csv", tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "mine"


def test_the_command_writes_a_run_and_says_that_it_is_simulated(preparative_run, tmp_path):
    out = tmp_path / "out.csv"
    run = CliRunner().invoke(
        app,
        [
            "export",
            preparative_run.name,
            "--runs",
            str(preparative_run.parent),
            "--to",
            "csv",
            "--out",
            str(out),
            "--json",
        ],
    )
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout)["simulated"] is True
    assert out.read_text().startswith("# SIMULATED")


@pytest.mark.parametrize("form", ["frictionless", "netcdf", "csv", "eln"])
def test_a_place_that_cannot_be_written_is_a_storage_error(form, dataset, tmp_path):
    if form == "netcdf":
        pytest.importorskip("netCDF4")
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="E602"):
        export(dataset, form, tmp_path / "file" / "x")


@pytest.mark.parametrize("form", sorted(set(EXPORTS.names()) - {"ord", "netcdf"}))
def test_every_form_carries_the_mark_of_simulated_data_in_its_name(
    form, dataset, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert "SIMULATED" in export(dataset, form).name
