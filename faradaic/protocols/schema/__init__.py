"""The protocol as typed data: pydantic models of everything a protocol can say.

Values are SI floats whose attribute names carry the unit; the YAML key is the name without it
(`gap_m` is written `gap: 10 mm`).
"""

from faradaic.protocols.schema.cell import Cell, CellType, Flow, Separator, Vessel
from faradaic.protocols.schema.electrodes import (
    AreaBasis,
    Areas,
    ConnectedReference,
    Electrode,
    ElectrodeCurrentDensity,
    Electrodes,
    Form,
    Role,
)
from faradaic.protocols.schema.end_conditions import Caps, Until
from faradaic.protocols.schema.environment import (
    EndState,
    Environment,
    Limits,
    Sampling,
    Stirring,
    TemperatureControl,
)
from faradaic.protocols.schema.field_types import Threshold
from faradaic.protocols.schema.protocol import ProcedureSource, Protocol
from faradaic.protocols.schema.reaction import Electrons, Gas, Product, Reaction
from faradaic.protocols.schema.solution import (
    Compartments,
    Component,
    ComponentRole,
    GasFeed,
    Solution,
)
from faradaic.protocols.schema.steps import Repeat, Step, StepModel

__all__ = [
    "AreaBasis",
    "Areas",
    "Caps",
    "Cell",
    "CellType",
    "Compartments",
    "Component",
    "ComponentRole",
    "ConnectedReference",
    "Electrode",
    "ElectrodeCurrentDensity",
    "Electrodes",
    "Electrons",
    "EndState",
    "Environment",
    "Flow",
    "Form",
    "Gas",
    "GasFeed",
    "Limits",
    "ProcedureSource",
    "Product",
    "Protocol",
    "Reaction",
    "Repeat",
    "Role",
    "Sampling",
    "Separator",
    "Solution",
    "Step",
    "StepModel",
    "Stirring",
    "TemperatureControl",
    "Threshold",
    "Until",
    "Vessel",
]
