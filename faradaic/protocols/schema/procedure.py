"""Work-up, purification and analysis, in the enumerations of the Open Reaction Database.

The names are those of ord-schema's `ReactionWorkup`, `Analysis` and `ProductMeasurement`
(https://github.com/open-reaction-database/ord-schema, proto/reaction.proto), verbatim, so that a
protocol can be exported without translation.
"""

from __future__ import annotations

from typing import Literal

from faradaic.documents.models import Flag, Identifier, Model, Text
from faradaic.protocols.schema.field_types import PositiveTime
from faradaic.quantities.fields import Temperature, Volume

WorkupType = Literal[
    "CUSTOM",
    "ADDITION",
    "ALIQUOT",
    "TEMPERATURE",
    "CONCENTRATION",
    "EXTRACTION",
    "FILTRATION",
    "WASH",
    "DRY_IN_VACUUM",
    "DRY_WITH_MATERIAL",
    "FLASH_CHROMATOGRAPHY",
    "OTHER_CHROMATOGRAPHY",
    "SCAVENGING",
    "WAIT",
    "STIRRING",
    "PH_ADJUST",
    "DISSOLUTION",
    "DISTILLATION",
]
AnalysisType = Literal[
    "CUSTOM",
    "LC",
    "GC",
    "IR",
    "NMR_1H",
    "NMR_13C",
    "NMR_OTHER",
    "MP",
    "UV",
    "TLC",
    "MS",
    "HRMS",
    "MSMS",
    "WEIGHT",
    "LCMS",
    "GCMS",
    "ELSD",
    "CD",
    "SFC",
    "EPR",
    "XRD",
    "RAMAN",
    "ED",
]
MeasurementType = Literal[
    "CUSTOM",
    "IDENTITY",
    "YIELD",
    "SELECTIVITY",
    "PURITY",
    "AREA",
    "COUNTS",
    "INTENSITY",
    "AMOUNT",
]


class Workup(Model):
    """One operation of the work-up or the purification."""

    type: WorkupType
    details: Text | None = None
    duration_s: PositiveTime | None = None
    temperature_K: Temperature | None = None
    volume_m3: Volume | None = None


class Analysis(Model):
    """One analysis, and what it measures of which product."""

    type: AnalysisType
    details: Text | None = None
    measures: tuple[MeasurementType, ...] = ()
    product: Identifier | None = None
    isolated: Flag | None = None
