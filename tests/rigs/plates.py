"""A plate with its protocol beside it, and its plan on the simulated bench."""

from __future__ import annotations

from pathlib import Path

from faradaic.protocols.plates.compile_plate import PlatePlan, compile_plate
from faradaic.protocols.plates.load_plate import LoadedPlate
from faradaic.protocols.plates.protocol_or_plate import read_protocol_or_plate
from faradaic.runner.bench_file import load_bench
from rigs.protocols import HEAD

WELL = f"""{HEAD}environment: {{stirring: 600 rpm}}
steps:
  - constant_current: {{current: 2 mA, cell_voltage_limit: 8 V, until: 2 F/mol}}
  - open_circuit: 30 s
"""
PLATE = """\
faradaic_plate: 1
title: A plate
protocol: well.yaml
factors:
  current:
    key: steps.constant_current.current
    values: [1 mA, 2 mA, 4 mA]
  steps[0].constant_current.until: [1 F/mol, 2 F/mol]
"""


def planned(folder: Path, plate: str, well: str = WELL, channels: int = 16) -> PlatePlan:
    """The plan of a plate with its protocol beside it."""
    (folder / "well.yaml").write_text(well, encoding="utf-8")
    (folder / "plate.yaml").write_text(plate, encoding="utf-8")
    loaded = read_protocol_or_plate(str(folder / "plate.yaml"))
    assert isinstance(loaded, LoadedPlate)
    return compile_plate(loaded, load_bench(), channels)
