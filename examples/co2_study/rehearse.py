"""Writes the data of a CO2 study on two clusters, as a laboratory would have them on its disk.

    python examples/co2_study/rehearse.py [FOLDER]
    faradaic analyze FOLDER/study.yaml

SIMULATED, with illustrative parameters: the study shows what the analysis makes of such files and
says nothing about the clusters. The absorption bands stand where Ye et al. (Chem. Commun. 2025,
61, 2790) report those of the real ones.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from faradaic.simulators.gas_diffusion.gas_diffusion_cell import rhe_V_vs_SHE
from faradaic.simulators.rehearsed_co2_study import (
    HG_HGO_V_VS_SHE,
    HYDROXIDE_MOL_PER_M3,
    rehearse_co2_study,
)

HEAD = "# SIMULATED, parameters illustrative"
RHE_V = rhe_V_vs_SHE(HYDROXIDE_MOL_PER_M3) - HG_HGO_V_VS_SHE
"""The reversible hydrogen electrode against the reference electrode of the cell."""
RESISTANCES_OHM = (5.0, 4.7, 5.4)
"""Of three electrodes, each of which is measured once."""
BANDS_NM = {"ag25": (390.0, 490.0, 675.0), "au25": (400.0, 450.0, 670.0)}
WIDTHS_NM, HEIGHTS = (22.0, 24.0, 45.0), (0.16, 0.12, 0.10)


def main(folder: Path) -> Path:
    """Rehearse both catalysts and write their files; returns the folder."""
    for catalyst in ("ag25", "au25"):
        write_catalyst(catalyst, folder / catalyst)
    study = Path(__file__).with_name("study.yaml")
    if folder.resolve() != study.parent:
        shutil.copy(study, folder)
    return folder


def write_catalyst(catalyst: str, folder: Path) -> None:
    """Sweeps and the long run on the first electrode, the row of potentials on all three."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, resistance_ohm in enumerate(RESISTANCES_OHM, 1):
        first = number == 1
        study = rehearse_co2_study(
            catalyst,
            seed=6 + number,
            cell={"resistance_ohm": resistance_ohm},
            long_s=57600.0 if first else 1500.0,
        )
        holds = study.holds
        write(
            folder / f"electrolyses-{number}.csv",
            {
                "potential (V)": [hold.potential_V_vs_RHE + RHE_V for hold in holds],
                "current (mA)": [1e3 * hold.current_A for hold in holds],
                "CO (ppm)": [hold.record.ppm["CO"][0] for hold in holds],
                "H2 (ppm)": [hold.record.ppm["H2"][0] for hold in holds],
                "outlet flow (sccm)": [hold.record.outlet_sccm[0] for hold in holds],
            },
        )
        if not first:
            continue
        for sweep in study.sweeps:
            write(
                folder / f"sweep-{sweep.gas}.csv",
                {
                    "potential (V)": sweep.potential_V_vs_RHE + RHE_V,
                    "current (mA)": 1e3 * sweep.current_A,
                },
            )
        trace, gas = study.long_run.trace, study.long_run.record
        write(
            folder / "stability.csv",
            {
                "time (s)": trace.time_s,
                "potential (V)": trace.potential_V,
                "current (mA)": 1e3 * trace.current_A,
            },
        )
        write(
            folder / "stability-gas.csv",
            {
                "time (s)": gas.time_s,
                "CO (ppm)": gas.ppm["CO"],
                "H2 (ppm)": gas.ppm["H2"],
                "outlet flow (sccm)": gas.outlet_sccm,
            },
        )
    write(folder / "absorption.csv", spectrum(catalyst))


def spectrum(catalyst: str) -> dict[str, ArrayLike]:
    """Gaussian bands on the steep absorption of a cluster, with the noise of a spectrometer."""
    wavelength_nm = np.arange(320.0, 901.0)
    absorbance = 1.1 * np.exp(-(wavelength_nm - 320.0) / 90.0) + 0.01
    for centre_nm, width_nm, height in zip(BANDS_NM[catalyst], WIDTHS_NM, HEIGHTS, strict=True):
        absorbance += height * np.exp(-0.5 * ((wavelength_nm - centre_nm) / width_nm) ** 2)
    absorbance += 3e-4 * np.random.default_rng(25).standard_normal(len(wavelength_nm))
    return {"wavelength (nm)": wavelength_nm, "absorbance": absorbance}


def write(path: Path, columns: Mapping[str, ArrayLike]) -> None:
    """A table; what the instrument did not find is an empty field."""
    lines = [HEAD, ",".join(columns)]
    rows = zip(*(np.asarray(values, float) for values in columns.values()), strict=True)
    lines += [",".join("" if np.isnan(value) else f"{value:.9g}" for value in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    print(main(Path(sys.argv[1] if len(sys.argv) > 1 else "co2-study")))
