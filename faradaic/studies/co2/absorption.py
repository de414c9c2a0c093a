"""The absorption spectrum of a sample and its bands."""

from __future__ import annotations

from faradaic.analysis.optical import absorption_bands, band_results
from faradaic.studies.inputs import Files
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.schema import Sample


def analyze_absorption(sample: Sample, files: Files, outcome: StudyOutcome) -> None:
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
    outcome.tabulate(
        "absorption",
        sample.name,
        {
            "wavelength (nm)": 1e9 * spectrum.wavelength_m,
            "absorbance": spectrum.absorbance,
            "baseline": spectrum.baseline,
        },
    )
    outcome.tabulate(
        "bands",
        sample.name,
        {
            "wavelength (nm)": [1e9 * band.wavelength_m for band in spectrum.bands],
            "u (nm)": [1e9 * band.uncertainty_m for band in spectrum.bands],
            "height": [band.height for band in spectrum.bands],
            "width (nm)": [
                None if band.width_m is None else 1e9 * band.width_m for band in spectrum.bands
            ],
        },
    )
