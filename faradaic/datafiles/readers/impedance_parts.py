"""A spectrum given by modulus and phase has a real and an imaginary part too."""

from __future__ import annotations

from dataclasses import replace

from faradaic.datafiles.dataset import Column, Dataset

_POLAR = ("impedance_modulus_Ohm", "impedance_phase_deg")
_PARTS = ("impedance_real_Ohm", "impedance_imaginary_Ohm")


def with_parts(dataset: Dataset) -> Dataset:
    """The data set with both parts, where only modulus and phase (of Z, as it stands) are there."""
    names = dataset.columns.keys()
    if not names >= set(_POLAR) or names & set(_PARTS):
        return dataset
    import numpy as np

    modulus_Ohm, phase_deg = (dataset.columns[name].values for name in _POLAR)
    z_Ohm = modulus_Ohm * np.exp(1j * np.radians(phase_deg))
    made = {
        name: Column(values, "Ohm", "|Z|, phase")
        for name, values in zip(_PARTS, (z_Ohm.real, z_Ohm.imag), strict=True)
    }
    return replace(dataset, columns={**dataset.columns, **made})
