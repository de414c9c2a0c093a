"""The molar flow of gas that a chromatograph samples, and how it was come by.

Three ways, named in the basis: the flow measured at the outlet, an internal standard, or the flow
of the inlet in its place, which overstates products wherever the cell consumes gas.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from faradaic.analysis.calibration import Measured
from faradaic.chemistry.gases import ReferenceState
from faradaic.chemistry.water import water_vapour_pressure_Pa
from faradaic.diagnostics import refusal
from faradaic.quantities.constants import (
    CELSIUS_ZERO_K,
    GAS_CONSTANT_J_PER_MOL_K,
)

_wrong = partial(refusal, "E734")

Floats = NDArray[np.float64]

INLET_ASSUMED = "inlet flow taken for the outlet's: consumed CO2 makes every product too large"


@dataclass(frozen=True, slots=True)
class GasFlow:
    """Total molar flow of the gas that was analysed."""

    mol_per_s: Measured
    basis: str
    """How it was come by; stands in every result that used it."""


def measured_outlet(
    flow_sccm: ArrayLike,
    reference: ReferenceState | None,
    *,
    reads: ArrayLike = 1.0,
    read_as: str = "",
    random_relative: float | None = None,
    systematic_relative: float | None = None,
) -> GasFlow:
    """The dry outlet flow of a mass-flow meter, shape (n,) or one number for all.

    `reads` is what the meter shows for each part of dry gas (`chemistry.gases.read_over_dry`),
    `read_as` the words for it. Without the meter's reference state there is no molar flow: raises
    `InputError` (E734).
    """
    flow = _mol_per_s(flow_sccm, reference) / np.asarray(reads, dtype=np.float64)
    flow = _checked(flow, "outlet flow")
    relative = {"random_relative": random_relative, "systematic_relative": systematic_relative}
    basis = "; ".join(p for p in (f"outlet flow measured, sccm at {reference}", read_as) if p)
    return GasFlow(Measured.of(flow, **relative), basis)


def measured_outlet_volume(
    flow_m3_per_s: ArrayLike,
    *,
    temperature_K: float,
    pressure_Pa: float,
    relative_humidity: float | None,
    random_relative: float | None = None,
    systematic_relative: float | None = None,
) -> GasFlow:
    """The dry outlet flow of a bubble or piston meter at its own temperature and pressure.

    ṅ = (p − φ·p_w(T))·V̇/(R·T); φ is 1 over water, 0 for dried gas. Raises `InputError` (E734).
    """
    if relative_humidity is None or not 0.0 <= relative_humidity <= 1.0:
        raise _wrong(
            f"a relative humidity of {relative_humidity} leaves the water in the gas unknown",
            "give 0 to 1: `relative_humidity=1.0` for a bubble meter, 0.0 behind a dryer",
        )
    dry_Pa = pressure_Pa - relative_humidity * water_vapour_pressure_Pa(temperature_K)
    flow = np.asarray(flow_m3_per_s, dtype=np.float64) * dry_Pa
    flow = _checked(flow / (GAS_CONSTANT_J_PER_MOL_K * temperature_K), "outlet flow")
    relative = {"random_relative": random_relative, "systematic_relative": systematic_relative}
    basis = (
        f"outlet flow measured by volume at {temperature_K - CELSIUS_ZERO_K:g} °C,"
        f" {pressure_Pa:g} Pa and {100 * relative_humidity:g} % humidity, dry"
    )
    return GasFlow(Measured.of(flow, **relative), basis)


def internal_standard(
    standard_mol_per_s: float,
    fraction: Measured,
    *,
    systematic_relative: float | None = None,
    name: str = "internal standard",
) -> GasFlow:
    """The sampled flow from a gas added at a known rate: ṅ = ṅ_standard/x_standard.

    `fraction` is the standard's mole fraction in the sample, dry; `systematic_relative` is of the
    flow of the standard. The standard must be neither fed otherwise nor consumed.
    """
    x = fraction.values
    if not standard_mol_per_s > 0 or (x <= 0).any() or (x >= 1).any():
        raise _wrong(
            f"a standard of {standard_mol_per_s:g} mol/s at fractions {x.min():g} to {x.max():g}",
            "its flow must be above 0 and its mole fraction between 0 and 1",
        )
    flow = standard_mol_per_s / x
    common = [] if fraction.systematic is None else [fraction.systematic / x]
    if systematic_relative is not None:
        common.append(np.full_like(x, systematic_relative))
    measured = Measured(
        flow,
        None if fraction.random is None else flow * fraction.random / x,
        flow * np.sqrt(sum(part**2 for part in common)) if common else None,
        fraction.flags,
    )
    return GasFlow(measured, f"outlet flow from the internal standard ({name})")


def inlet_as_outlet(
    flow_sccm: ArrayLike,
    reference: ReferenceState | None,
    *,
    random_relative: float | None = None,
    systematic_relative: float | None = None,
) -> GasFlow:
    """The inlet's flow in place of the outlet's; flagged, for the error is not known.

    In alkaline CO2 electrolysis as much CO2 is lost as carbonate as is reduced, and the result is
    too high by the ratio of inlet to outlet.
    """
    flow = _checked(_mol_per_s(flow_sccm, reference), "inlet flow")
    relative = {"random_relative": random_relative, "systematic_relative": systematic_relative}
    measured = Measured.of(flow, **relative)
    flagged = Measured(measured.values, measured.random, measured.systematic, (INLET_ASSUMED,))
    return GasFlow(flagged, f"inlet flow assumed at the outlet, sccm at {reference}")


def _mol_per_s(flow_sccm: ArrayLike, reference: ReferenceState | None) -> Floats:
    if reference is None:
        raise _wrong(
            "the reference state of the flow meter is missing: 0 °C or 25 °C changes all by 9 %",
            "look it up in the meter's manual and give `ReferenceState(273.15)` for 0 °C and"
            " 1 atm or `ReferenceState(298.15)` for 25 °C",
        )
    return np.asarray(flow_sccm, dtype=np.float64) * reference.sccm_mol_per_s


def _checked(flow: Floats, what: str) -> Floats:
    if (flow <= 0).any():
        raise _wrong(f"the {what} is {np.nanmin(flow):g} mol/s somewhere", "give flows above 0")
    return flow
