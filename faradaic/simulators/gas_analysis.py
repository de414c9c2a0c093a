"""What is measured at the outlet of a gas-fed cell: a flow meter and a gas chromatograph.

Between cell and chromatograph lies a line: gas arrives late and smeared. Instruments have a
calibration error of their own, the same in every reading of a run, and a repeatability; both are
seeded. What a meter or a chromatograph cannot tell is missing (`nan`), not zero.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from faradaic.chemistry.gases import NORMAL, ReferenceState, read_over_dry
from faradaic.chemistry.water import water_vapour_pressure_Pa
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import (
    ATMOSPHERE_PA,
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)
from faradaic.simulators.arguments import checked_number, refused
from faradaic.simulators.gas_diffusion.gas_stream import (
    SPECIES,
    GasStream,
)

Array = npt.NDArray[np.float64]

LIMIT_SIGMAS, CRITICAL_SIGMAS = 3.0, 1.645
"""Detection limit and critical level, in standard deviations of the baseline."""


@dataclass(frozen=True, slots=True)
class GasLine:
    """Tubing and traps between the cell and an analyser."""

    plug_volume_m3: float = 10e-6
    """Passed in order, as in a narrow tube."""
    mixed_volume_m3: float = 20e-6
    """Well mixed, as a bottle or a cold trap; 0 for none."""
    temperature_K: float = STANDARD_TEMPERATURE_K
    pressure_Pa: float = ATMOSPHERE_PA

    def __post_init__(self) -> None:
        for name in ("plug_volume_m3", "mixed_volume_m3"):
            checked_number(getattr(self, name), name, least=0.0, code="E563")
        for name in ("temperature_K", "pressure_Pa"):
            checked_number(getattr(self, name), name, above=0.0, code="E563")

    def carry(self, time_s: Array, stream: GasStream) -> dict[str, Array]:
        """Mole fractions at the end of the line, by species, at the same times.

        The stream is taken as constant from each time back to the one before. Until the gas of
        the first time has come through, fractions are those of the first stream. Order and
        mixing are counted in moles, so a flow that changes is followed exactly.
        """
        total = np.asarray(stream.total_mol_per_s, dtype=np.float64) + 0.0 * time_s
        if not (total > 0).all():
            raise refusal(
                "E563", "no gas flows through the line", "the outlet needs a flow above 0"
            )
        per_volume = self.pressure_Pa / (GAS_CONSTANT_J_PER_MOL_K * self.temperature_K)
        steps = np.diff(time_s, prepend=time_s[0])
        passed = np.cumsum(total * steps)
        entered = passed - self.plug_volume_m3 * per_volume
        arrived = {}
        for species in SPECIES:
            fraction = np.asarray(getattr(stream, species), dtype=np.float64) / total
            arrived[species] = np.interp(entered, passed, fraction)
        if self.mixed_volume_m3 > 0:
            from faradaic.simulators.gas_diffusion.mixing import relax

            keep = np.exp(-np.diff(passed, prepend=0.0) / (self.mixed_volume_m3 * per_volume))
            arrived = {species: relax(entering, keep) for species, entering in arrived.items()}
        return arrived


@dataclass(frozen=True, slots=True)
class SimulatedFlowMeter:
    """A thermal mass-flow meter at the outlet, where the gas is moist."""

    standard: ReferenceState = NORMAL
    """The state that its sccm refer to; makers differ (0 or 25 degC, 1 atm)."""
    calibrated_for: str | None = "CO2"
    """It shows other gases by their factors; None for a meter that counts moles."""
    saturated_at_K: float | None = STANDARD_TEMPERATURE_K
    """Temperature at which the gas took up its water; None behind a dryer."""
    pressure_Pa: float = ATMOSPHERE_PA
    calibration_error: float = 0.01
    """Standard deviation of its one factor, relative."""
    noise: float = 0.002
    """Standard deviation of a reading, relative."""
    range_sccm: float = 100.0

    def __post_init__(self) -> None:
        for name in ("calibration_error", "noise"):
            checked_number(getattr(self, name), name, least=0.0, code="E563")
        for name in ("pressure_Pa", "range_sccm", "saturated_at_K"):
            if getattr(self, name) is not None or name != "saturated_at_K":
                checked_number(getattr(self, name), name, above=0.0, code="E563")

    def shows(self, fractions: Mapping[str, Any]) -> Any:
        """What it shows over the dry flow of a gas of these dry mole fractions."""
        water = 0.0
        if self.saturated_at_K is not None:
            water = water_vapour_pressure_Pa(self.saturated_at_K) / self.pressure_Pa
        return read_over_dry(fractions, self.calibrated_for, water)

    def read(self, stream: GasStream, seed: int, record: int = 0) -> Array:
        """Readings of dry flows in sccm of its own standard; `nan` beyond its range.

        The seed makes the meter, seed and number of the record its noise.
        """
        dry = np.asarray(stream.total_mol_per_s, dtype=np.float64)
        fractions = {species: getattr(stream, species) / dry for species in SPECIES}
        flow = dry * self.shows(fractions) / self.standard.sccm_mol_per_s
        factor = 1.0 + self.calibration_error * np.random.default_rng([seed, 1]).standard_normal()
        random = np.random.default_rng([seed, 2, record])
        read = flow * factor * (1.0 + self.noise * random.standard_normal(flow.shape))
        return np.where((flow >= 0) & (read <= self.range_sccm), read, math.nan)


@dataclass(frozen=True, slots=True)
class GasChromatograph:
    """An automatic gas chromatograph on the outlet line, behind a cold trap: its gas is dry.

    Its detection limit is that of three standard deviations of its baseline, as found in the area
    of a peak. Whether a peak is found, its height decides, against 1.645 standard deviations
    (Currie, Anal. Chem. 1968, 40, 586): half of those of 55 % of the limit, 91 % of those at it,
    and one in twenty where nothing is. The errors of height and area are taken as independent.
    """

    period_s: float = 1200.0
    first_injection_s: float = 1200.0
    """After the start of the record."""
    detection_limit_ppm: Mapping[str, float] = field(
        default_factory=lambda: {"CO": 10.0, "H2": 20.0, "CO2": 100.0, "N2": 100.0, "Ar": 100.0}
    )
    """By species; a species that is not here is not seen (argon as the carrier gas, for one)."""
    calibration_error: float = 0.02
    """Standard deviation of each species' one factor, relative."""
    repeatability: float = 0.01
    """Standard deviation of a single injection, relative."""

    def __post_init__(self) -> None:
        checked_number(self.period_s, "period_s", above=0.0, code="E563")
        for name in ("first_injection_s", "calibration_error", "repeatability"):
            checked_number(getattr(self, name), name, least=0.0, code="E563")
        limits: object = self.detection_limit_ppm
        if not isinstance(limits, Mapping):
            raise refused("detection_limit_ppm", f"is {limits!r}", '{"CO": 10.0, ...}', "E563")
        for species, limit_ppm in self.detection_limit_ppm.items():
            name = f"detection_limit_ppm of {species}"
            checked_number(limit_ppm, name, least=0.0, code="E563")
        unknown = set(self.detection_limit_ppm) - set(SPECIES)
        if unknown:
            raise refusal(
                "E563",
                f"no gas here is called {', '.join(sorted(unknown))}",
                f"known: {', '.join(SPECIES)}",
            )

    def injections_s(self, time_s: Array) -> Array:
        """The times of its injections within a record."""
        first = time_s[0] + self.first_injection_s
        return np.arange(first, time_s[-1] + 1e-9 * self.period_s, self.period_s)

    def inject(
        self, fractions: Mapping[str, npt.ArrayLike], seed: int, record: int = 0
    ) -> dict[str, Array]:
        """Results in ppm of each species it sees, one for each sample; `nan` without a peak.

        The seed makes the calibration, seed and number of the record the scatter.
        """
        calibration = np.random.default_rng([seed, 3])
        random = np.random.default_rng([seed, 4, record])
        found = {}
        for species in SPECIES:
            factor = 1.0 + self.calibration_error * calibration.standard_normal()
            limit = self.detection_limit_ppm.get(species)
            true = 1e6 * np.asarray(fractions[species], dtype=np.float64)
            scatter, area, height = random.standard_normal((3, *true.shape))
            if limit is None:
                continue
            sigma = limit / LIMIT_SIGMAS
            result = true * factor * (1.0 + self.repeatability * scatter) + sigma * area
            seen = (true + sigma * height > CRITICAL_SIGMAS * sigma) & (result > 0)
            found[species] = np.where(seen, result, math.nan)
        return found


@dataclass(frozen=True, slots=True)
class GasRecord:
    """A table of injections, with the flow read at the same moment; arrays of one length."""

    time_s: Array
    ppm: Mapping[str, Array]
    outlet_sccm: Array
    """As the meter at the cell's outlet reads it, before any internal standard."""
    meter: SimulatedFlowMeter
    internal_standard_mol_per_s: float = 0.0
    """Argon added between the cell and the chromatograph; 0 for none."""

    def flow_mol_per_s(self) -> Array:
        """The dry flow that is sampled: by its internal standard, else by the meter.

        The meter's reading is corrected by what it shows of such a gas: CO, hydrogen and nitrogen
        as the chromatograph found them, the rest CO2.
        """
        if self.internal_standard_mol_per_s > 0:
            return self.internal_standard_mol_per_s / (1e-6 * self.ppm["Ar"])
        found = {s: 1e-6 * np.nan_to_num(self.ppm.get(s, np.zeros(1))) for s in ("CO", "H2", "N2")}
        rest = 1.0 - sum(found.values())
        reading = self.outlet_sccm * self.meter.standard.sccm_mol_per_s
        flow: Array = reading / self.meter.shows(found | {"CO2": rest})
        return flow

    def partial_current_A(
        self, species: str, electrons: int, flow_mol_per_s: npt.ArrayLike | None = None
    ) -> Array:
        """z F x ṅ: the current that went into a product, magnitude.

        The flow is that of `flow_mol_per_s()` unless one is given; the inlet's, given here, is
        the usual mistake and overstates every product.
        """
        flow = self.flow_mol_per_s() if flow_mol_per_s is None else np.asarray(flow_mol_per_s)
        return electrons * FARADAY_C_PER_MOL * 1e-6 * self.ppm[species] * flow


def analyse_outlet(
    time_s: Array,
    outlet: GasStream,
    *,
    seed: int,
    record: int = 0,
    line: GasLine | None = None,
    meter: SimulatedFlowMeter | None = None,
    chromatograph: GasChromatograph | None = None,
    internal_standard_mol_per_s: float = 0.0,
) -> GasRecord:
    """The record that flow meter and chromatograph make of an outlet stream over time.

    `time_s` rises; `outlet` holds arrays of its length. Records of one seed come from the same
    instruments, each with its number. Raises `InputError` if no injection falls within the
    record, or if the chromatograph does not see the argon of the internal standard.
    """
    line, meter = line or GasLine(), meter or SimulatedFlowMeter()
    chromatograph = chromatograph or GasChromatograph()
    standard = internal_standard_mol_per_s
    if standard < 0 or (standard > 0 and "Ar" not in chromatograph.detection_limit_ppm):
        raise refusal(
            "E563",
            f"an internal standard of {standard:g} mol/s of argon cannot be used",
            "give a flow of 0 or more, and a detection limit for `Ar` to the chromatograph",
        )
    at = chromatograph.injections_s(time_s)
    if at.size == 0:
        raise refusal(
            "E563",
            f"no injection falls into a record of {time_s[-1] - time_s[0]:g} s",
            f"the first comes after {chromatograph.first_injection_s:g} s: measure longer",
        )
    flows = {s: np.interp(at, time_s, getattr(outlet, s) + 0.0 * time_s) for s in SPECIES}
    metered = outlet._replace(**flows)
    sampled = outlet._replace(Ar=outlet.Ar + standard)
    arrived = line.carry(time_s, sampled)
    samples = {species: np.interp(at, time_s, values) for species, values in arrived.items()}
    return GasRecord(
        at,
        chromatograph.inject(samples, seed, record),
        meter.read(metered, seed, record),
        meter,
        standard,
    )
