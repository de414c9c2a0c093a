"""The study file as typed data: which data files there are and under what conditions they arose.

Values are SI floats whose attribute names carry the unit; the YAML key is the name without it. A
condition may stand for the whole study, for a sample or for one file: the nearest one counts.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from faradaic.documents.models import Model, NotEmpty, Number, PositiveNumber, Text, scalar_as
from faradaic.quantities.constants import ATMOSPHERE_PA, HOUR_S, STANDARD_TEMPERATURE_K
from faradaic.quantities.fields import (
    Amount,
    Area,
    ArealLoading,
    Fraction,
    Mass,
    MolarMass,
    NonNegative,
    Positive,
    Pressure,
    Resistance,
    Temperature,
    Time,
    Volume,
)

Share = Annotated[Fraction, NonNegative]
PositiveTime = Annotated[Time, Positive]


class FlowMeter(Model):
    """The state for which a flow meter counts standard volumes (its manual says which)."""

    temperature_K: Temperature
    pressure_Pa: Annotated[Pressure, Positive] = ATMOSPHERE_PA
    calibrated_for: Annotated[Text, Field(examples=["CO2"])] | None = None
    """Gas that a thermal meter was calibrated for: it shows others by their factors. Without it
    the meter is taken to count moles of any gas."""
    humidity: Share = 0.0
    """Relative, of the gas in the meter, at the temperature of the measurement."""


class MeasurementConditions(Model):
    """What the numbers of a file do not tell by themselves. Nothing is guessed."""

    area_m2: Annotated[Area, Positive] | None = None
    area_basis: Literal["geometric", "facing", "ECSA"] = "geometric"
    area_uncertainty: Share | None = None
    reference: Annotated[Text, Field(examples=["Hg/HgO (1 M KOH)"])] | None = None
    """Electrode that the potentials of the file were measured against."""
    scale: Literal["RHE", "SHE", "Fc", "measured"] = "RHE"
    """Scale of the results; `measured` leaves the potentials as they are in the file."""
    pH: Annotated[Number, Field(ge=-2, le=16, examples=[6.8])] | None = None
    pH_uncertainty: Annotated[Number, Field(ge=0, le=2)] = 0.0
    temperature_K: Temperature = STANDARD_TEMPERATURE_K
    resistance_ohm: Annotated[Resistance, NonNegative] | None = None
    """Between working and reference electrode; without it potentials stay uncorrected."""
    resistance_uncertainty_ohm: Annotated[Resistance, NonNegative] = 0.0
    compensated: Share | None = None
    """How much of the resistance the instrument had compensated already."""
    positive_current: Literal["anodic", "cathodic"] | None = None
    current_uncertainty: Share = 0.0
    electrolyte: Text | None = None
    feed: Annotated[Text, Field(examples=["CO2"])] | None = None
    """What the products are made from; it decides the electrons per molecule."""
    meter: FlowMeter | None = None
    flow: Literal["outlet", "inlet"] | None = None
    """Where the flow in the product table was measured."""
    flow_uncertainty: Share | None = None
    flow_repeatability: Share | None = None


class DataFile(Model):
    """A data file, beside the study file or at an absolute path."""

    file: Text
    columns: dict[str, Text] = Field(default_factory=dict)
    """Header of a column by what it is, where it is not found by itself."""
    sheet: Text | None = None
    """Of a workbook."""
    dates: Literal["dd/mm/yy", "mm/dd/yy", "yy/mm/dd"] | None = None
    """The order of the numbers of its dates, where the file leaves it open."""
    times: Literal["hh:mm", "mm:ss"] | None = None
    """What the two numbers of its times are."""
    numbers: Literal["1.000,5", "1,000.5"] | None = None
    """By an example: which mark parts thousands, and which is the decimal one."""
    conditions: MeasurementConditions = MeasurementConditions()


File = Annotated[DataFile, scalar_as("file")]
"""A data file, which may be written as its name alone."""


class MeasuredSweep(DataFile):
    """A linear sweep or a voltammogram."""

    gas: Text | None = None


SweepFile = Annotated[MeasuredSweep, scalar_as("file")]


class ProductColumn(Model):
    """How one product is read from a table."""

    column: Text | None = None
    """Header; by default the one that begins with the product's name."""
    calibration: Text | None = None
    """A table of standards, mole fraction and area; the column then holds peak areas."""
    uncertainty: Share | None = None
    """Of a reported concentration, common to all injections."""
    repeatability: Share | None = None
    """Of a reported concentration, from injection to injection."""
    detection_limit: Annotated[Text, Field(examples=["10 ppm", "0.1 mM"])] | None = None
    """Three standard deviations of the baseline, which scatter every value, however small."""


class Stability(DataFile):
    """Hours at one set-point: the trace, and the injections of the same time."""

    gas: File | None = None
    """Injections during that time: time, flow and one column per product."""
    dead_volume_m3: Annotated[Volume, NonNegative] | None = None
    """Between the cell and the sample loop."""
    sampled_s: PositiveTime = 60.0
    """How much time an injection averages over."""
    clock_offset_s: Time = 0.0
    """Clock of the chromatograph minus that of the current."""
    break_in_s: Annotated[Time, NonNegative] = 0.0
    window_s: PositiveTime = HOUR_S
    """Of the means at beginning and end that the retention compares."""


class Liquids(DataFile):
    """Aliquots of one compartment: gross charge up to each, a concentration of each product."""

    at: Text = ""
    """Which electrolysis, where there are several; compartments of one are added up."""
    compartment: Text = "electrolyte"
    volume_m3: Annotated[Volume, Positive]
    """Of the compartment before the first aliquot."""
    aliquot_m3: Annotated[Volume, NonNegative] | None = None
    """Of each aliquot."""
    replenished: bool = False
    """Whether fresh solution took the place of each aliquot."""
    products: Annotated[dict[str, ProductColumn], NotEmpty()]


class CatalystLoading(Model):
    """What is counted as a site."""

    cluster: Text = Field(examples=["Ag25(SPhMe2)18-"])
    """A name of the table of clusters, or a formula such as `[Ag25(SC8H9)18]-`."""
    metal: Text | None = None
    counter_ion: Text | None = None
    loading_kg_per_m2: Annotated[ArealLoading, Positive]
    loading_uncertainty: Share | None = None
    weighed: Literal["salt", "cluster"]
    per: Literal["cluster", "metal atom"] = "cluster"


class CatalystSample(Model):
    """One catalyst and its files."""

    name: Text
    catalyst: CatalystLoading | None = None
    conditions: MeasurementConditions = MeasurementConditions()
    absorption: File | None = None
    """A UV-vis spectrum."""
    sweeps: tuple[MeasuredSweep, ...] = ()
    electrolyses: tuple[File, ...] = ()
    """Tables of injections at a row of potentials, one for each electrode: potential, mean current,
    flow and one column per product."""
    liquids: tuple[Liquids, ...] = ()
    stability: Stability | None = None


class Study(Model):
    """What the files of all kinds of study have."""

    faradaic_study: Literal[1]
    kind: str
    title: Text
    note: Text | None = None
    conditions: MeasurementConditions = MeasurementConditions()


class Co2Study(Study):
    """A comparison of catalysts for CO2 reduction."""

    kind: Literal["co2"]
    products: dict[str, ProductColumn] = Field(default_factory=dict, examples=["{CO: {}, H2: {}}"])
    """What the chromatograph measures, in all tables of injections."""
    samples: Annotated[tuple[CatalystSample, ...], NotEmpty()]


class VoltammogramStudy(Study):
    """One voltammogram of an instrument."""

    kind: Literal["voltammogram"]
    voltammogram: SweepFile
    cycle: Annotated[int, Field(strict=True, ge=1)] | None = None
    """Which cycle, where the file has several; by default the last."""


class WorkUp(Model):
    """What the work-up of a preparative run found."""

    product_mol: Annotated[Amount, NonNegative] | None = None
    product_uncertainty_mol: Annotated[Amount, NonNegative] | None = None
    isolated_kg: Annotated[Mass, Positive] | None = None
    molar_mass_kg_per_mol: Annotated[MolarMass, Positive] | None = None
    substrate_left_mol: Annotated[Amount, NonNegative] | None = None
    electrons: PositiveNumber | None = None


class PreparativeStudy(Study):
    """One preparative electrolysis and what was found in it."""

    kind: Literal["preparative"]
    run: File
    """A run folder, a journal, or a data file of any instrument with time and current."""
    limiting_mol: Annotated[Amount, Positive] | None = None
    """Of the limiting component at the start; a run of ours knows it from its protocol."""
    outcome: WorkUp
