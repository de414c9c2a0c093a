"""A Keithley 2460 source-measure unit: the 2450 of up to 7 A, at the end of a wire, on a cell.

Its commands are those of the 2450. Ranges: 2461-901-01, page 8-166 (1 uA to 7 A, 0.2 V to 100 V);
which voltage goes with which current is recalled, see `smu2460_emulator.csv` for the rest.
"""

from __future__ import annotations

from faradaic.simulators.contracts import CellModel, Emulator
from faradaic.simulators.keithley.smu2450_emulator import Smu2450
from faradaic.simulators.keithley.smu_model import MODEL_2450, SmuModel
from faradaic.simulators.scpi.settings import read_table

_OWN = {setting.key: setting for setting in read_table(__package__, "smu2460_emulator.csv")}
MODEL_2460 = SmuModel(
    tuple(_OWN.get(setting.key, setting) for setting in MODEL_2450.table),
    regions=((7.35, 7.35), (10.5, 5.25), (21.0, 4.2), (105.0, 1.05)),
)


class Smu2460(Smu2450):
    """The 2460's state machine behind its SCPI face."""

    model = "keithley-2460"
    identification = "KEITHLEY INSTRUMENTS,MODEL 2460,SIM00002,1.7.12b"
    kind = MODEL_2460


def keithley_2460(cell: CellModel, seed: int) -> Emulator:
    """A Model 2460 wired to a cell: HI on the working electrode, LO on the counter electrode."""
    return Smu2460(cell, seed)
