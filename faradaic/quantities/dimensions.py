"""The dimensions a protocol can speak of, each with the SI unit that its numbers carry inside."""

from __future__ import annotations

from enum import Enum, StrEnum


class Sign(Enum):
    """Which signs a quantity of a dimension can have at all."""

    ANY = "any finite number"
    NON_NEGATIVE = "zero or more"
    POSITIVE = "greater than zero"

    def allows(self, value: float) -> bool:
        """Whether a value may stand under this rule."""
        return self is Sign.ANY or value > 0 or (self is Sign.NON_NEGATIVE and value == 0)


class Dimension(StrEnum):
    """What a quantity measures; the value is the name a person reads.

    The unit table (`units.csv`) lists what may be written for each.
    """

    si_unit: str
    """The unit of the float that parsing gives, in the grammar's own spelling ("1" for none)."""
    example: str
    """A quantity of this dimension as a chemist would write it."""
    sign: Sign
    """What `parse` accepts; `fields.Positive` and `fields.NonNegative` can narrow it further."""

    def __new__(
        cls, name: str, si_unit: str, example: str, sign: Sign = Sign.NON_NEGATIVE
    ) -> Dimension:
        self = str.__new__(cls, name)
        self._value_ = name
        self.si_unit = si_unit
        self.example = example
        self.sign = sign
        return self

    CURRENT = "current", "A", "5 mA", Sign.ANY
    CURRENT_RATE = "current per time", "A/s", "1 mA/min", Sign.ANY
    CURRENT_DENSITY = "current density", "A/m^2", "4 mA/cm^2", Sign.ANY
    CHARGE = "charge", "C", "86.8 C", Sign.ANY
    CHARGE_PER_AMOUNT = "charge per amount", "C/mol", "2.5 F/mol"
    CHARGE_RATE_PER_AMOUNT = "charge per amount and time", "C/mol/s", "0.5 F/mol/h", Sign.ANY
    TIME = "time", "s", "1 h 30 min"
    LENGTH = "length", "m", "10 mm", Sign.POSITIVE
    AREA = "area", "m^2", "2 cm^2", Sign.POSITIVE
    SPECIFIC_AREA = "area per volume", "m^-1", "200 cm^2/cm^3", Sign.POSITIVE
    VOLUME = "volume", "m^3", "10 mL", Sign.POSITIVE
    AMOUNT = "amount of substance", "mol", "0.2 mmol"
    CONCENTRATION = "concentration", "mol/m^3", "0.1 mol/L"
    VOLTAGE = "voltage", "V", "2.5 V", Sign.ANY
    SCAN_RATE = "voltage per time", "V/s", "50 mV/s", Sign.POSITIVE
    TEMPERATURE = "temperature", "K", "25 degC", Sign.POSITIVE
    TEMPERATURE_DIFFERENCE = "temperature difference", "K", "5 K", Sign.ANY
    TEMPERATURE_RATE = "temperature per time", "K/s", "2 K/min", Sign.ANY
    MASS = "mass", "kg", "25 mg"
    DENSITY = "density", "kg/m^3", "0.79 g/mL", Sign.POSITIVE
    MOLAR_MASS = "molar mass", "kg/mol", "180.2 g/mol", Sign.POSITIVE
    AREAL_LOADING = "mass per area", "kg/m^2", "1 mg/cm^2"
    VOLUME_FLOW = "volume flow", "m^3/s", "2 mL/min"
    MOLAR_FLOW = "gas flow", "mol/s", "20 sccm"
    """A gas flow as an amount per time. `sccm` and `slm` mean 0 degC and 101.325 kPa (SEMI E12);
    a volume flow of gas without its conditions is refused rather than guessed."""
    PRESSURE = "pressure", "Pa", "1 bar"
    ROTATION_RATE = "rotation rate", "s^-1", "600 rpm"
    """Turns per second, not radians."""
    VELOCITY = "velocity", "m/s", "0.01 cm/s"
    FREQUENCY = "frequency", "Hz", "10 kHz", Sign.POSITIVE
    RESISTANCE = "resistance", "Ohm", "50 Ohm"
    AREA_RESISTANCE = "resistance times area", "Ohm m^2", "2 Ohm cm^2"
    CONDUCTANCE = "conductance", "S", "2 mS"
    CONDUCTIVITY = "conductivity", "S/m", "5 mS/cm", Sign.POSITIVE
    CAPACITANCE = "capacitance", "F", "100 µF"
    AREAL_CAPACITANCE = "capacitance per area", "F/m^2", "20 µF/cm^2"
    DIFFUSION_COEFFICIENT = "diffusion coefficient", "m^2/s", "1e-5 cm^2/s"
    RATE_CONSTANT = "rate constant", "m^3/mol/s", "100 L/mol/s", Sign.POSITIVE
    """Of a reaction of second order."""
    VISCOSITY = "viscosity", "Pa s", "0.34 mPa s", Sign.POSITIVE
    POWER = "power", "W", "2 W", Sign.ANY
    ENERGY = "energy", "J", "10 kJ", Sign.ANY
    FRACTION = "fraction", "1", "5 %", Sign.ANY

    @property
    def noun(self) -> str:
        """The name with its article: "a current", "an area"."""
        return f"{'an' if self.value[0] in 'aeiou' else 'a'} {self.value}"
