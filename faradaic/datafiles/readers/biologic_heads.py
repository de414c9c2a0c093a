"""What both of EC-Lab's formats have in common: heads of columns, and rows without a spectrum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from faradaic.datafiles.dataset import Column
from faradaic.datafiles.readers.headers import known_columns, split_header
from faradaic.quantities import to_SI

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEFAULT_AREA_M2 = to_SI(0.001, "cm^2")
"""What EC-Lab writes when nobody stated an area."""
_MISSPELT = {"<Ewe/V>": "<Ewe>/V"}
"""Names of columns as some versions of EC-Lab write them."""
_OF_A_SPECTRUM = (
    "frequency_",
    "impedance_",
    "counter_impedance_",
    "cell_impedance_",
    "admittance_",
    "potential_amplitude_",
    "current_amplitude_",
    "Phase(",
    "Re(",
    "Im(",
    "-Im(",
    "|",
)
"""Begin the names of columns that hold zeros in rows in which no spectrum is measured; the last of
those that kept their head, as one does that lost its unit."""


def split(header: str) -> tuple[str, str]:
    """Name and unit; "Phase(Z)" is a name that lost its unit, not a phase in Z."""
    header = _MISSPELT.get(header, header)
    return (header, "") if header in known_columns("biologic") else split_header(header)


def without_spectrum(columns: Mapping[str, Column]) -> dict[str, Callable[[], Column]]:
    """The columns of spectra, empty in the rows without a frequency, where there are such rows."""
    import numpy as np

    frequency = columns.get("frequency_Hz")
    if frequency is None or (frequency.values != 0.0).all():
        return {}
    measured: NDArray[np.bool_] = frequency.values != 0.0

    def masked(name: str) -> Column:
        column = columns[name]
        return replace(column, values=np.where(measured, column.values, np.nan))

    return {name: partial(masked, name) for name in columns if name.startswith(_OF_A_SPECTRUM)}
