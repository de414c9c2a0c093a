"""The protocol as typed data: pydantic models of everything a protocol can say.

Values are SI floats whose attribute names carry the unit; the YAML key is the name without it
(`gap_m` is written `gap: 10 mm`).
"""

from faradaic.protocols.schema.cell import Cell, Flow
from faradaic.protocols.schema.electrodes import (
    AreaBasis,
    ConnectedReference,
    Electrode,
    ElectrodeCurrentDensity,
    Form,
    Role,
)
from faradaic.protocols.schema.end_conditions import Caps, Until
from faradaic.protocols.schema.field_types import Threshold
from faradaic.protocols.schema.protocol import Protocol
from faradaic.protocols.schema.reaction import Gas
from faradaic.protocols.schema.solution import Component, Solution
from faradaic.protocols.schema.steps import Repeat, Step, StepModel

__all__ = [
    "AreaBasis",
    "Caps",
    "Cell",
    "Component",
    "ConnectedReference",
    "Electrode",
    "ElectrodeCurrentDensity",
    "Flow",
    "Form",
    "Gas",
    "Protocol",
    "Repeat",
    "Role",
    "Solution",
    "Step",
    "StepModel",
    "Threshold",
    "Until",
]
