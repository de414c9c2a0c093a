"""The protocol as typed data: pydantic models of everything a protocol can say.

Values are SI floats whose attribute names carry the unit; the YAML key is the name without it
(`gap_m` is written `gap: 10 mm`).
"""

from faradaic.protocols.schema.cell import Cell, CellType, Flow, Separator, Vessel
from faradaic.protocols.schema.controls import (
    ConstantCellVoltage,
    ConstantCurrent,
    ConstantPotential,
    OpenCircuit,
)
from faradaic.protocols.schema.electrodes import (
    AreaBasis,
    Areas,
    ConnectedReference,
    Electrode,
    Electrodes,
    Form,
    Role,
)
from faradaic.protocols.schema.end_conditions import Until
from faradaic.protocols.schema.environment import (
    EndState,
    Environment,
    Limits,
    Sampling,
    Stirring,
    TemperatureControl,
)
from faradaic.protocols.schema.field_types import Comparison
from faradaic.protocols.schema.protocol import Protocol, Source
from faradaic.protocols.schema.reaction import Electrons, Gas, Product, Reaction
from faradaic.protocols.schema.solution import (
    Compartments,
    Component,
    ComponentRole,
    GasFeed,
    Solution,
)
from faradaic.protocols.schema.steps import Repeat, Step
from faradaic.protocols.schema.techniques import CyclicVoltammetry, LinearSweep

__all__ = [
    "AreaBasis",
    "Areas",
    "Cell",
    "CellType",
    "Comparison",
    "Compartments",
    "Component",
    "ComponentRole",
    "ConnectedReference",
    "ConstantCellVoltage",
    "ConstantCurrent",
    "ConstantPotential",
    "CyclicVoltammetry",
    "Electrode",
    "Electrodes",
    "Electrons",
    "EndState",
    "Environment",
    "Flow",
    "Form",
    "Gas",
    "GasFeed",
    "Limits",
    "LinearSweep",
    "OpenCircuit",
    "Product",
    "Protocol",
    "Reaction",
    "Repeat",
    "Role",
    "Sampling",
    "Separator",
    "Solution",
    "Source",
    "Step",
    "Stirring",
    "TemperatureControl",
    "Until",
    "Vessel",
]
