"""Phase purity: which phases a measured powder pattern holds.

Positions say what may be there, intensities how much (`pattern_fit`): a check, no refinement of
structures.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from faradaic.computational.diffraction import Pattern, Reflections
from faradaic.computational.pattern_fit import FittedPhase, PatternFit, fit_pattern
from faradaic.diagnostics import Diagnostic, InputError, refusal, warning

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_NOISE_FACTOR = 6.0
_SMALLEST_PEAK = 0.005
_TOLERANCE_DEG = 0.2
_SCALES = np.linspace(0.96, 1.04, 801)
_WEAKEST_LINE = 0.3
_STRONG_LINE = 30.0
_SEEN_SHARE = 0.4
"""Part of a peak's height that the phases must bring there for it to be theirs."""
_SHARED = 0.2
"""Part of a peak's fitted height from which a phase is named with it."""
_ONE_SIDED_95 = 1.645
_WITHIN_ERROR = 0.06
"""Of the phase's strongest line: a coinciding line below it may be the phase's own."""


@dataclass(frozen=True, slots=True)
class DiffractionPeak:
    """A peak of a measured pattern."""

    two_theta_deg: float
    height: float
    """Above the background, in per cent of the highest peak."""
    assigned: str = ""
    """"311" of the phase that was looked for, "CaO 200" of another; "" where nothing fits."""


@dataclass(frozen=True, slots=True)
class PhaseAmount:
    """Mass fraction of a phase; crystals only, glass is not seen."""

    name: str
    fraction: float
    error: float
    """One standard deviation by the fit; the structure of the phase is taken as known to 6 % of
    each line."""

    @property
    def upper_bound(self) -> float:
        """With 95 % confidence there is not more."""
        return self.fraction + _ONE_SIDED_95 * self.error


@dataclass(frozen=True, slots=True)
class PhasePurity:
    """What a measured pattern says about one phase."""

    phase: str
    peaks: tuple[DiffractionPeak, ...]
    lattice_scale: float
    """Measured by calculated lattice parameter, the same for all axes."""
    matched_share: float
    """Part of the summed peak height that the phase explains by its structure."""
    foreign: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Angles of extra peaks by the phase that explains them; "" holds those that nothing fits."""
    detection_limit: float = 0.0
    """Height in per cent of the highest peak below which nothing was looked for."""
    absent: tuple[str, ...] = ()
    """Strong lines of the phase that were not seen."""
    findings: tuple[Diagnostic, ...] = ()
    amounts: tuple[PhaseAmount, ...] = ()
    """Of the phase and of what was found with it, in parts of the mass of the crystals."""
    hidden: tuple[PhaseAmount, ...] = ()
    """Of each offered phase that was not found: how much could be there."""
    alike: tuple[str, ...] = ()
    """Offered phases that have every line of the phase at its place: not to be told from it."""
    zero_deg: float = 0.0
    """Measured by true angle."""
    emission: str = ""
    """"Kα1 and Kα2", or "one line"."""
    texture_axis: str = ""
    """Normal of the planes that prefer to lie flat; "" without preferred orientation."""
    texture: float = 1.0
    """March's parameter."""

    @property
    def pure(self) -> bool:
        """Nothing else found by position or by intensity, and no strong line missing."""
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
    """What a pattern holds beside a phase, by the intensities of all lines and by extra peaks.

    The lattice of the phase may differ by 4 % from the calculated one, those of `others` by 1.5 %,
    the same for all axes. A foreign phase is named when the pattern cannot be had without it from
    the structure of the phase, with or without a preferred orientation; of the others it is said
    how much could hide. Raises `InputError` (E901) without peaks, (E907) where the strongest line
    of the phase lies outside of the pattern.
    """
    peaks, limit = find_peaks(pattern)
    angles = np.array([peak.two_theta_deg for peak in peaks])
    heights = np.array([peak.height for peak in peaks])
    if not len(peaks):
        raise InputError.of(f"{pattern.source} shows no peak above its noise", code="E901")
    start = _fit_scale(phase, angles, heights, _SCALES)
    _refuse_short(pattern, phase, start)
    fit = fit_pattern(pattern, phase, list(others), start)
    parts = [part for part in (fit.phase, *fit.others) if part.area > 0]
    names, owners = _names(pattern, fit, parts, angles, heights)
    # Without a peak of its own and within what the structure may err by, a part proves nothing.
    doubtful = [
        part
        for part in fit.others
        if part not in owners and part.area < _WITHIN_ERROR * fit.phase.area
    ]
    parts = [part for part in parts if part not in doubtful]
    names, owners = _names(pattern, fit, parts, angles, heights)
    foreign: dict[str, tuple[float, ...]] = {}
    for part in parts:
        if part is fit.phase:
            continue
        own = tuple(float(a) for a, who in zip(angles, owners, strict=True) if who is part)
        shared = (
            float(a)
            for a, name in zip(angles, names, strict=True)
            if f"{part.lines.name} " in f"{name} "
        )
        foreign[part.lines.name] = own or tuple(shared)
    unknown = tuple(float(a) for a, name in zip(angles, names, strict=True) if not name)
    if unknown:
        foreign[""] = unknown
    # `mass` is NaN for lines that came without a structure.
    total = sum(part.mass for part in parts)
    result = PhasePurity(
        phase.name,
        tuple(
            DiffractionPeak(peak.two_theta_deg, peak.height, name)
            for peak, name in zip(peaks, names, strict=True)
        ),
        fit.phase.lattice_scale,
        _own_share(pattern, fit, angles, heights, names),
        foreign,
        limit,
        _absent(pattern, fit, angles),
        amounts=tuple(_amount(part, total) for part in parts),
        hidden=tuple(_amount(part, total + part.mass) for part in (*doubtful, *fit.bounds)),
        alike=fit.alike,
        zero_deg=fit.shape.zero_deg,
        emission="Kα1 and Kα2" if len(fit.shape.emission) > 1 else "one line",
        texture_axis="".join(map(str, fit.texture_axis or ())),
        texture=fit.texture,
    )
    return replace(result, findings=tuple(_findings(pattern, result)))


def _refuse_short(pattern: Pattern, phase: Reflections, scale: float) -> None:
    """A pattern without the strongest line of the phase bears no verdict."""
    lowest, highest = float(pattern.two_theta_deg[0]), float(pattern.two_theta_deg[-1])
    strongest = int(np.argmax(phase.intensity)) if len(phase.intensity) else -1
    at = float(_scaled(phase, scale)[strongest]) if strongest >= 0 else np.nan
    if not lowest < at < highest:
        raise refusal(
            "E907",
            f"{pattern.source} goes from {lowest:g}° to {highest:g}° and misses the strongest line"
            f" of {phase.name}" + ("" if np.isnan(at) else f" at {at:.1f}°"),
            "measure further, or say the --wavelength and --lattice that belong to the pattern",
        )


def _amount(part: FittedPhase, total: float) -> PhaseAmount:
    return PhaseAmount(part.lines.name, part.mass / total, part.mass_error / total)


def _at(pattern: Pattern, counts: Floats, angles: Floats) -> Floats:
    """The highest of a curve within the tolerance of each angle."""
    near = np.abs(pattern.two_theta_deg[None, :] - angles[:, None]) < _TOLERANCE_DEG / 2
    highest: Floats = np.where(near, counts[None, :], -np.inf).max(axis=1)
    return highest


def _scale_of_heights(pattern: Pattern, fit: PatternFit, angles: Floats, heights: Floats) -> float:
    """Counts by per cent of the highest peak."""
    net = _at(pattern, pattern.counts - fit.background, angles)
    return float(np.median(net / heights))


def _names(
    pattern: Pattern,
    fit: PatternFit,
    parts: Sequence[FittedPhase],
    angles: Floats,
    heights: Floats,
) -> tuple[list[str], list[FittedPhase | None]]:
    """(name, phase that brings the most) of each peak; "" and None where the phases are short."""
    counts = heights * _scale_of_heights(pattern, fit, angles, heights)
    brought = np.array([_at(pattern, part.counts, angles) for part in parts])
    brought = brought.reshape(len(parts), len(angles))
    names: list[str] = []
    owners: list[FittedPhase | None] = []
    for number, angle in enumerate(angles):
        share = brought[:, number]
        if share.sum() < _SEEN_SHARE * counts[number]:
            names.append("")
            owners.append(None)
            continue
        order = [int(i) for i in np.argsort(-share) if share[i] > _SHARED * share.sum()]
        labels = []
        for i in order:
            line = _nearest_line(fit, parts[i], float(angle))
            labels.append(line if parts[i] is fit.phase else f"{parts[i].lines.name} {line}")
        names.append(" + ".join(labels))
        owners.append(parts[order[0]])
    return names, owners


def _nearest_line(fit: PatternFit, part: FittedPhase, angle: float) -> str:
    """ "311" or "311 Kα2": the strong line of a phase that is nearest to an angle."""
    lines = part.lines
    used = np.flatnonzero(lines.intensity > _WEAKEST_LINE)
    found: list[tuple[float, str]] = []
    first = [wavelength_A for wavelength_A, _ in fit.shape.emission]
    for number, wavelength_A in enumerate(first):
        at = fit.shape.positions_deg(lines.d_A[used] * part.lattice_scale, wavelength_A)
        apart = np.where(np.isfinite(at), np.abs(at - angle), np.inf)
        nearest = int(apart.argmin())
        found.append((float(apart[nearest]), lines.indices[used[nearest]] + " Kα2" * number))
    return min(found)[1]


def _own_share(
    pattern: Pattern, fit: PatternFit, angles: Floats, heights: Floats, names: Sequence[str]
) -> float:
    """Part of the summed peak height that the structure of the phase explains."""
    own = _at(pattern, fit.phase.counts, angles) if fit.phase.area > 0 else np.zeros(len(angles))
    other = sum((_at(pattern, part.counts, angles) for part in fit.others), np.zeros(len(angles)))
    share = np.where([bool(name) for name in names], own / np.maximum(own + other, 1e-30), 0.0)
    return float((heights * share).sum() / heights.sum())


def _absent(pattern: Pattern, fit: PatternFit, angles: Floats) -> tuple[str, ...]:
    lines = fit.phase.lines
    wavelength_A = fit.shape.emission[0][0]
    at = fit.shape.positions_deg(lines.d_A * fit.phase.lattice_scale, wavelength_A)
    lowest, highest = float(pattern.two_theta_deg[0]), float(pattern.two_theta_deg[-1])
    inside = (at > lowest) & (at < highest) & (lines.intensity > _STRONG_LINE)
    return tuple(
        f"{lines.indices[i]} at {at[i]:.2f}°"
        for i in np.flatnonzero(inside)
        if np.abs(angles - at[i]).min() > 2 * _TOLERANCE_DEG
    )


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


def _findings(pattern: Pattern, result: PhasePurity) -> Iterator[Diagnostic]:
    amounts = {amount.name: amount for amount in result.amounts}
    for name, found in result.foreign.items():
        if name in amounts:
            part = amounts[name]
            own = [peak for peak in result.peaks if peak.assigned.startswith(f"{name} ")]
            said = (
                f"{len(found)} peaks are not of {result.phase} and fit {name}: "
                if own
                else f"the intensities ask for {name} beside {result.phase}, whose lines coincide: "
            )
            where = ", ".join(f"{angle:.2f}°" for angle in found[:6])
            amount = (
                ""
                if np.isnan(part.fraction)
                else f"; {100 * part.fraction:.1f} ± {100 * part.error:.1f} % of the mass"
            )
            yield warning(
                "E902",
                f"{pattern.source}: {said}{where}{amount}",
                help="look for leftovers of the starting oxides, or the sample holder",
            )
            continue
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
