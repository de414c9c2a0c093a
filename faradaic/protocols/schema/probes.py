"""Short interruptions of a held current that tell the ohmic drop from the rest."""

from __future__ import annotations

from typing import Annotated

from faradaic.documents.models import Model, scalar_as
from faradaic.protocols.schema.field_types import ChargeTarget, PositiveTime


class ProbeEvery(Model):
    """How often the current of a step is interrupted, and for how long."""

    every: ChargeTarget
    """Gross charge between two interruptions."""
    width_s: PositiveTime | None = None
    """For how long no current flows; what the source does at the shortest if not given."""


Probe = Annotated[ProbeEvery, scalar_as("every", "0.1 F/mol")]
