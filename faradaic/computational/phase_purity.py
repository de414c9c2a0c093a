"""Phase purity: which phases a measured powder pattern holds.

Positions decide, intensities only weigh: a check, not a refinement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from faradaic.computational.diffraction import Pattern, Reflections
from faradaic.diagnostics import Diagnostic, InputError, refusal, warning

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_NOISE_FACTOR = 6.0
_SMALLEST_PEAK = 0.005
_TOLERANCE_DEG = 0.2
_SCALES = np.linspace(0.96, 1.04, 801)
_PHASE_SCALES = np.linspace(0.985, 1.015, 121)
_WEAKEST_LINE = 0.3
_STRONG_LINE = 30.0
_KA1_KA2_A = {
    "Cu": (1.5405929, 1.5444274),
    "Co": (1.7889960, 1.7928350),
    "Mo": (0.7093172, 0.7136070),
}
"""Wavelengths of the two lines that an anode gives without a monochromator (Cu, Co: Hölzer et al.,
Phys. Rev. A 56 (1997) 4554; Mo: Deslattes et al., Rev. Mod. Phys. 75 (2003) 35; recalled)."""
_PARTNER_DEG = 0.08
_PARTNER_SHARE = (0.3, 0.75)
"""Heights of a partner in parts of its line's: Kα2 has half of the intensity of Kα1."""


@dataclass(frozen=True, slots=True)
class DiffractionPeak:
    """A peak of a measured pattern."""

    two_theta_deg: float
    height: float
    """Above the background, in per cent of the highest peak."""
    assigned: str = ""
    """"311" of the phase that was looked for, "CaO 200" of another; "" where nothing fits."""


@dataclass(frozen=True, slots=True)
class PhasePurity:
    """What a measured pattern says about one phase."""

    phase: str
    peaks: tuple[DiffractionPeak, ...]
    lattice_scale: float
    """Measured by calculated lattice parameter, the same for all axes."""
    matched_share: float
    """Part of the summed peak height that the phase explains."""
    foreign: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Angles of extra peaks by the phase that explains them; "" holds those that nothing fits."""
    detection_limit: float = 0.0
    """Height in per cent of the highest peak below which nothing was looked for."""
    absent: tuple[str, ...] = ()
    """Strong lines of the phase that were not seen."""
    findings: tuple[Diagnostic, ...] = ()

    @property
    def pure(self) -> bool:
        """No extra peak above the detection limit, and no strong line of the phase missing."""
        return not self.foreign and not self.absent


def find_peaks(pattern: Pattern) -> tuple[list[DiffractionPeak], float]:
    """(peaks, detection limit in per cent of the highest).

    The limit is six times the noise, which is the median absolute difference of neighbouring
    points, but at least 0.5 %.
    """
    from scipy.ndimage import percentile_filter, uniform_filter1d
    from scipy.signal import find_peaks as find

    angle, counts = pattern.two_theta_deg, pattern.counts
    step_deg = float(np.median(np.diff(angle)))
    width = max(5, round(2.0 / step_deg))
    background = uniform_filter1d(percentile_filter(counts, 25, size=width), width)
    net = counts - background
    noise = float(np.median(np.abs(np.diff(counts)))) / (0.6745 * np.sqrt(2))
    highest = float(net.max())
    if highest <= _NOISE_FACTOR * noise:
        raise refusal(
            "E901",
            f"{pattern.source} shows no peak above its noise",
            "measure longer, or check that the second column is the intensity",
        )
    smoothed = uniform_filter1d(net, max(1, round(0.06 / step_deg)))
    threshold = max(_NOISE_FACTOR * noise, _SMALLEST_PEAK * highest)
    places, _ = find(
        smoothed, prominence=threshold, distance=max(1, round(_TOLERANCE_DEG / step_deg))
    )
    peaks = [DiffractionPeak(float(angle[i]), 100 * float(smoothed[i]) / highest) for i in places]
    return peaks, 100 * threshold / highest


def check_purity(
    pattern: Pattern, phase: Reflections, others: Iterable[Reflections] = ()
) -> PhasePurity:
    """Assign the peaks of a pattern to a phase, and what is left to other phases.

    The lattice of the phase may differ by 4 % from the calculated one, those of `others` by 1.5 %,
    the same for all axes. A foreign phase is named when its strongest line that the phase does not
    cover is there; of several, the one that explains the most is named first.
    """
    peaks, limit = find_peaks(pattern)
    angles = np.array([peak.two_theta_deg for peak in peaks])
    heights = np.array([peak.height for peak in peaks])
    if not len(peaks):
        raise InputError.of(f"{pattern.source} shows no peak above its noise", code="E901")
    lowest, highest = float(pattern.two_theta_deg[0]), float(pattern.two_theta_deg[-1])
    scale = _fit_scale(phase, angles, heights, _SCALES)
    names = [""] * len(peaks)
    lines = _scaled(phase, scale)
    _assign(names, angles, lines, phase.indices, phase.intensity > _WEAKEST_LINE)
    _assign_partners(names, angles, heights, phase.wavelength_A)
    own = np.array([bool(name) for name in names])
    foreign: dict[str, tuple[float, ...]] = {}
    candidates = list(others)
    while not all(names):
        best = _best_phase(candidates, angles, heights, np.array([not n for n in names]))
        if best is None:
            break
        other, other_scale = best
        before = list(names)
        labels = tuple(f"{other.name} {index}" for index in other.indices)
        _assign(names, angles, _scaled(other, other_scale), labels, other.intensity > limit / 10)
        foreign[other.name] = tuple(
            float(a) for a, old, new in zip(angles, before, names, strict=True) if new != old
        )
        candidates = [candidate for candidate in candidates if candidate is not other]
    if not all(names):
        foreign[""] = tuple(float(a) for a, name in zip(angles, names, strict=True) if not name)
    inside = (lines > lowest) & (lines < highest) & (phase.intensity > _STRONG_LINE)
    absent = tuple(
        f"{phase.indices[i]} at {lines[i]:.2f}°"
        for i in np.flatnonzero(inside)
        if np.abs(angles - lines[i]).min() > 2 * _TOLERANCE_DEG
    )
    result = PhasePurity(
        phase.name,
        tuple(
            DiffractionPeak(peak.two_theta_deg, peak.height, name)
            for peak, name in zip(peaks, names, strict=True)
        ),
        scale,
        float(heights[own].sum() / heights.sum()),
        foreign,
        limit,
        absent,
    )
    return replace(result, findings=tuple(_findings(pattern, result)))


def _scaled(phase: Reflections, scale: float) -> Floats:
    """Line positions with all lattice parameters multiplied; NaN where a line has no angle."""
    sine = phase.wavelength_A / (2 * phase.d_A * scale)
    with np.errstate(invalid="ignore"):
        positions: Floats = 2 * np.degrees(np.arcsin(sine))
    return positions


def _fit_scale(phase: Reflections, angles: Floats, heights: Floats, scales: Floats) -> float:
    """The lattice scale with the most peak height near lines, refined on the peaks it matches."""
    used = phase.intensity > _WEAKEST_LINE
    weight = np.sqrt(phase.intensity[used])

    def score(scale: float) -> float:
        apart = np.abs(angles[:, None] - _scaled(phase, scale)[used][None, :])
        close = np.exp(-0.5 * (apart / (_TOLERANCE_DEG / 2)) ** 2) * weight
        return float((np.sqrt(heights) * np.nan_to_num(close).max(axis=1)).sum())

    best = float(max(scales, key=score))
    lines = _scaled(phase, best)
    ratios = []
    for angle in angles:
        nearest = int(np.nanargmin(np.where(used, np.abs(lines - angle), np.inf)))
        if abs(lines[nearest] - angle) < _TOLERANCE_DEG:
            spacing_A = phase.wavelength_A / (2 * np.sin(np.radians(angle / 2)))
            ratios.append(spacing_A / phase.d_A[nearest])
    return float(np.median(ratios)) if ratios else best


def _assign(
    names: list[str], angles: Floats, lines: Floats, labels: Sequence[str], used: NDArray[np.bool_]
) -> None:
    """Name the peaks without a name that lie near a line."""
    if not used.any():
        return
    for number, angle in enumerate(angles):
        apart = np.where(used, np.abs(lines - angle), np.inf)
        nearest = int(np.nanargmin(apart))
        if not names[number] and apart[nearest] < _TOLERANCE_DEG:
            names[number] = labels[nearest]


def _assign_partners(
    names: list[str], angles: Floats, heights: Floats, wavelength_A: float
) -> None:
    """Name the peaks that are the Kα2 of a named line, where the wavelength is an anode's mean."""
    for first_A, second_A in _KA1_KA2_A.values():
        if abs(wavelength_A / ((2 * first_A + second_A) / 3) - 1) < 2e-4:
            break
    else:
        return
    sine = np.sin(np.radians(angles / 2)) * second_A / first_A
    with np.errstate(invalid="ignore"):
        partners = 2 * np.degrees(np.arcsin(sine))
    for number, angle in enumerate(angles):
        share = heights[number] / heights
        fits = (np.abs(partners - angle) < _PARTNER_DEG) & (_PARTNER_SHARE[0] < share)
        fits &= (share < _PARTNER_SHARE[1]) & np.array([bool(name) for name in names])
        if not names[number] and fits.any():
            names[number] = f"{names[int(np.argmax(fits))]} Kα2"


def _best_phase(
    candidates: Sequence[Reflections], angles: Floats, heights: Floats, free: NDArray[np.bool_]
) -> tuple[Reflections, float] | None:
    """The phase that explains the most of the free peaks, with its lattice scale."""
    best: tuple[float, Reflections, float] | None = None
    for phase in candidates:
        scale = _fit_scale(phase, angles[free], heights[free], _PHASE_SCALES)
        if not _PHASE_SCALES[0] <= scale <= _PHASE_SCALES[-1]:
            continue
        lines = _scaled(phase, scale)
        near = np.abs(angles[:, None] - lines[None, :]) < _TOLERANCE_DEG
        covered = near[~free].sum(axis=0) > 0
        seen = near[free].sum(axis=0) > 0
        alone = np.where(covered, 0.0, phase.intensity)
        if not len(alone) or alone.max() < _STRONG_LINE or not seen[int(alone.argmax())]:
            continue
        matched = near[np.ix_(free, phase.intensity > 1.0)].any(axis=1)
        explained = float(heights[free][matched].sum())
        missing = float(alone[~seen].sum() / alone.sum())
        value = explained * (1 - missing)
        if best is None or value > best[0]:
            best = value, phase, scale
    return None if best is None or best[0] <= 0 else best[1:]


def _findings(pattern: Pattern, result: PhasePurity) -> Iterator[Diagnostic]:
    for name, found in result.foreign.items():
        where = ", ".join(f"{angle:.2f}°" for angle in found[:6])
        who = f"fit {name}" if name else "fit none of the phases that were offered"
        yield warning(
            "E902",
            f"{pattern.source}: {len(found)} peaks are not of {result.phase} and {who}: {where}",
            help="look for leftovers of the starting oxides, the sample holder, or a phase"
            " that was not offered",
        )
    if result.absent:
        yield warning(
            "E903",
            f"{pattern.source}: strong lines of {result.phase} are absent:"
            f" {', '.join(result.absent)}",
            help="it may be another phase, or the sample has a preferred orientation",
        )
