"""NetCDF-4 after the Climate and Forecast conventions (CF-1.11), which xarray reads.

The main table is the root group, further tables and the results are groups of their own, so that
`xarray.open_datatree` gets all of them and `xarray.open_dataset` the table.
"""

from __future__ import annotations

import contextlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.diagnostics import StorageError
from faradaic.optional_libraries import optional_library
from faradaic.records.frames import finite
from faradaic.studies.exports.contents import UNKNOWN, Contents, Table, describe
from faradaic.studies.exports.formats import Options

SUFFIX = ".nc"
_UDUNITS = {"Ohm": "ohm", "Ohm m^2": "ohm m^2", "deg": "degree"}
"""What UDUNITS calls units that are called otherwise here."""
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("/|()[]{}<>#\"' ", "_"))


def write(contents: Contents, path: Path, options: Options) -> Path:
    """Write the file. Raises `InputError` (E809) without netCDF4 and xarray, `StorageError`."""
    optional_library("netCDF4")
    xarray = optional_library("xarray")
    tables = list(contents.tables.items())
    groups: list[tuple[str | None, Any]] = [(None, xarray.Dataset())]
    if tables:
        groups = [(None, _dataset(tables[0][1], contents.start))]
        groups += [(_identifier(name), _dataset(table, None)) for name, table in tables[1:]]
    if contents.results:
        groups.append(("results", _results(contents)))
    groups[0][1].attrs |= _attributes(contents, options)
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        for i, (group, dataset) in enumerate(groups):
            _append(dataset, part, group, first=i == 0)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise StorageError.of(
            f"{path} cannot be written: {error.strerror or error}", code="E602"
        ) from error
    return path


def _append(dataset: Any, path: Path, group: str | None, *, first: bool) -> None:
    encoding = {
        name: {"zlib": True, "complevel": 4, "_FillValue": float("nan")}
        for name, variable in dataset.variables.items()
        if variable.dtype.kind == "f"
    }
    dataset.to_netcdf(
        path,
        mode="w" if first else "a",
        group=group,
        format="NETCDF4",
        engine="netcdf4",
        encoding=encoding,
    )


def _dataset(table: Table, start: datetime | None) -> Any:
    import xarray

    variables: dict[str, Any] = {}
    for name, column in table.items():
        known = describe(name, column)
        attributes = {"long_name": name.replace("_", " "), **known, "units": _units(column.unit)}
        del attributes["unit"]
        if not attributes["units"]:
            del attributes["units"]
            attributes["unit_in_file"] = column.unit or UNKNOWN
        variables[_identifier(name)] = ("row", column.values, attributes)
    if start and start.tzinfo and "time_s" in variables:
        variables["uts"] = (
            "row",
            variables["time_s"][1] + start.timestamp(),
            {
                "standard_name": "time",
                "long_name": "time of day",
                "units": "seconds since 1970-01-01T00:00:00Z",
                "calendar": "standard",
            },
        )
    dataset = xarray.Dataset(variables)
    return dataset.set_coords([name for name in ("time_s", "uts") if name in variables])


def _results(contents: Contents) -> Any:
    import numpy as np
    import xarray

    def numbers(key: str) -> Any:
        return np.array(
            [np.nan if r.get(key) is None else float(r[key]) for r in contents.results], float
        )

    def texts(key: str) -> Any:
        return np.array([str(r.get(key) or "") for r in contents.results], dtype=object)

    error = {"long_name": "standard uncertainty, in the unit of the value"}
    return xarray.Dataset(
        {
            "value": ("result", numbers("value"), {"ancillary_variables": "random systematic"}),
            "random": ("result", numbers("random"), error),
            "systematic": ("result", numbers("systematic"), error),
            "unit": ("result", texts("unit")),
            "method": ("result", texts("method")),
            "basis": ("result", texts("basis")),
            "flags": (
                "result",
                np.array(["; ".join(r.get("flags") or ()) for r in contents.results], dtype=object),
            ),
            "why_missing": ("result", texts("reason")),
        },
        coords={"name": ("result", texts("name"))},
    )


def _attributes(contents: Contents, options: Options) -> dict[str, Any]:
    known = {
        key: value
        if isinstance(value, float | int | str) and not isinstance(value, bool)
        else json.dumps(value)
        for key, value in finite(contents.description()).items()
        if value not in (None, [], "")
    }
    title = f"{contents.status} - {contents.title}" if contents.simulated else contents.title
    return {
        "Conventions": "CF-1.11",
        "title": title,
        **({"creator_name": options.author.name} if options.author else {}),
        **known,
        "source": f"{known.get('source', contents.title)}, written by faradaic {__version__}",
        "original_metadata": json.dumps(dict(contents.metadata), ensure_ascii=False),
    }


def _units(unit: str) -> str:
    """The unit as UDUNITS writes it; "" for one that is not known here."""
    from faradaic.datafiles.readers.headers import scale_of

    if unit in _UDUNITS:
        return _UDUNITS[unit]
    scale = scale_of(unit) if unit else None
    return unit if scale and scale.unit == unit else ""


def _identifier(name: str) -> str:
    return name.translate(_NOT_IN_NAMES)
