"""The absorption spectrum of a sample and its bands."""

from __future__ import annotations

import numpy as np

from faradaic.analysis.optical import absorption_bands, band_results
from faradaic.studies.inputs import Files
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import BandRows, SpectrumRows
from faradaic.studies.schema import CatalystSample


def analyze_absorption(sample: CatalystSample, files: Files, outcome: StudyOutcome) -> None:
    """Bands of the spectrum, and the table of the figure."""
    if sample.absorption is None:
        return
    table = files.open(sample.absorption, f"{sample.name}: absorption", sample.conditions)
    spectrum = absorption_bands(
        table.take("wavelength", "m"), table.take("absorbance", "1", unit_needed=False)
    )
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
