"""Battery Data Format 1.3: a CSV table with fixed labels, and a metadata file beside it.

Labels and sign after the ontology of the Battery Data Alliance (Linux Foundation Energy): positive
current flows into the test object. A current of unknown sign is written as it stands and said so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.datafiles.dataset import Column
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.records.folder import json_bytes, write_file
from faradaic.studies.exports.contents import UNKNOWN, Contents, describe
from faradaic.studies.exports.formats import Options
from faradaic.studies.exports.tables import csv_bytes, main_table

SUFFIX = ".bdf.csv"
_VOLTAGES = ("cell_voltage_V", "working_minus_counter_V", "voltage_V", "potential_V")
"""What becomes the voltage, the first that is there."""
_FURTHER = (("cycle", "Cycle Count / 1"), ("step", "Step Count / 1"), ("temperature_K", ""))


def write(contents: Contents, path: Path, options: Options) -> Path:
    """Write the table and `<path>.metadata.json`; returns the table's path.

    Raises `InputError` (E792) where time, current or voltage is missing, which BDF requires.
    """
    table = main_table(contents, "BDF")
    voltage = next((name for name in _VOLTAGES if name in table), None)
    absent = [name for name in ("time_s", "current_A") if name not in table]
    if absent or voltage is None:
        raise refusal(
            "E792",
            f"{contents.title} has no {' and no '.join(absent or ['voltage'])}, which BDF requires",
            "export it with --to frictionless, which holds any columns",
        )
    current = table["current_A"]
    flip = -1.0 if current.sign == "cathodic" else 1.0
    columns = {
        "Test Time / s": table["time_s"].values,
        "Current / A": flip * current.values,
        "Voltage / V": table[voltage].values,
    }
    if contents.start and contents.start.tzinfo:
        columns["Unix Time / s"] = table["time_s"].values + contents.start.timestamp()
    for name, label in _FURTHER:
        if name in table:
            values = table[name].values
            columns[label or "Temperature T1 / degC"] = values if label else values - CELSIUS_ZERO_K
    write_file(path, csv_bytes(columns))
    sidecar = path.with_name(f"{path.name.removesuffix('.csv')}.metadata.json")
    write_file(sidecar, json_bytes(_metadata(contents, path, voltage, table[voltage], current)))
    return path


def _metadata(
    contents: Contents, path: Path, voltage: str, column: Column, current: Column
) -> dict[str, Any]:
    reference = describe(voltage, column).get("reference")
    what = "across the terminals of the cell"
    if reference:
        what = f"working electrode against a reference electrode ({reference}), not the terminals"
    sign = f"{UNKNOWN}: the source does not tell it; written as it stands"
    if current.sign:
        sign = "anodic at the working electrode positive"
    if current.sign == "cathodic":
        sign += "; turned round, the source has cathodic positive"
    return {
        **contents.description(),
        "title": contents.title,
        "data": path.name,
        "data_format": "Battery Data Format 1.3",
        "voltage": f"{voltage}: {what}",
        "sign_of_current": sign,
        "sign_in_bdf": "positive flows into the test object: as here where the working electrode "
        "is its positive terminal",
        "written_by": f"faradaic {__version__}",
    }
