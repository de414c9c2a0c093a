"""The absorption spectrum of a sample and its bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from faradaic.analysis.optical import absorption_bands, band_results
from faradaic.diagnostics import InputError
from faradaic.studies.inputs import DataTable, Files
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import BandRows, SpectrumRows
from faradaic.studies.schema import CatalystSample

_LARGEST_TRANSMITTANCE = 1.2
"""With the drift of a baseline."""


def analyze_absorption(sample: CatalystSample, files: Files, outcome: StudyOutcome) -> None:
    """Bands of the spectrum, and the table of the figure."""
    if sample.absorption is None:
        return
    table = files.open(sample.absorption, f"{sample.name}: absorption", sample.conditions)
    spectrum = absorption_bands(_wavelength_m(table), _absorbance(table))
    for number, result in enumerate(band_results(spectrum), 1):
        outcome.add(sample.name, "absorption", result, f"band {number}")
    if not spectrum.bands:
        outcome.remarks.append(f"{sample.name}: no absorption band stands out of the noise")
    spectrum_rows = SpectrumRows(spectrum.wavelength_m, spectrum.absorbance, spectrum.baseline)
    outcome.tabulate(sample.name, spectrum_rows)
    outcome.tabulate(
        sample.name,
        BandRows(
            np.array([band.wavelength_m for band in spectrum.bands]),
            np.array([band.uncertainty_m for band in spectrum.bands]),
            np.array([band.height for band in spectrum.bands]),
            np.array([np.nan if b.width_m is None else b.width_m for b in spectrum.bands]),
        ),
    )


def _wavelength_m(table: DataTable) -> NDArray[np.float64]:
    """In vacuum, as a table of wavenumbers has it too."""
    if table.has("wavelength") or not table.has("wavenumber"):
        return table.take("wavelength", "m")
    return 1.0 / table.take("wavenumber", "m^-1")


def _absorbance(table: DataTable) -> NDArray[np.float64]:
    """Decadic; of a transmittance, also where that column was named the absorbance.

    Raises `InputError` (E783) for a transmittance that is not between 0 and 1.
    """
    what = "absorbance"
    if not table.has(what) and table.has("transmittance"):
        what = "transmittance"
    values = table.take(what, "1", unit_needed=False)
    column = table.column(what)
    if column is not table.data.columns.get("transmittance"):
        return values
    if not ((values > 0.0) & (values <= _LARGEST_TRANSMITTANCE)).all():
        raise InputError.of(
            f"{column.raw_name!r} of {table.name} goes from {values.min():g} to {values.max():g}: "
            "no transmittance whose logarithm could be taken",
            help="write the unit into its header, `transmittance (%)`, or leave out the rows where "
            "no light comes through",
            code="E783",
        )
    return -np.log10(values)
