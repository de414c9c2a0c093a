"""Intensities of a powder pattern against structures: how much of each phase it holds.

Positions and widths are fitted with the height of every line free; then the heights are set beside
those of the structures, with a background, one Debye-Waller factor and a preferred orientation. A
line of the phase may differ from its structure by a few per cent (cations spread otherwise than
assumed), which limits what can be said of phases whose lines coincide with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from faradaic.computational.diffraction import TEXTURE_AXES, Pattern, Reflections
from faradaic.computational.line_profiles import (
    LineShape,
    background_columns,
    march_dollase,
    profiles,
)
from faradaic.computational.shape_fit import fit_shape, solve_normal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_STRUCTURE_ERROR = 0.06
"""Standard deviation of a line's intensity from that of its structure: cations that are spread
otherwise, and where oxygen lies, move spinel lines by this much."""
_WEAK_LINE = 20.0
_SHAPE_ERROR = 0.02
"""Of a point on a line, because no line has exactly the shape that was assumed."""
_NEEDED_GAIN = 25.0
"""Fall of chi squared (per degree of freedom) that a phase needs to be named: five deviations."""
_NEEDED_TEXTURE_GAIN = 16.0
_LATTICE_SCALES = np.linspace(0.985, 1.015, 31)
_WIDENINGS = (1.0, 2.0)
_MOST_PHASES = 5
_WEAKEST_LINE = 0.05
_MISFIT_SHARE = 0.3
"""Of the mean chi squared that counts as noise: what the model lacks looks like a phase."""
_WEAKEST_SECOND = 2.0
_SAME = 0.85
"""Part of the phase's intensity at the lines of another from which the two are one pattern."""


@dataclass(frozen=True, slots=True, eq=False)
class FittedPhase:
    """One phase in a pattern."""

    lines: Reflections
    lattice_scale: float
    area: float
    """Of its strongest line, counts times degrees; 0 for a phase that is only bounded."""
    area_error: float
    """One standard deviation, misfit and structure included."""
    counts: Floats
    """What it adds at each point of the pattern."""

    @property
    def mass(self) -> float:
        """In parts that are the same for all phases of a pattern."""
        return self.area / 100 * self.lines.mass_per_intensity

    @property
    def mass_error(self) -> float:
        """One standard deviation of `mass`."""
        return self.area_error / 100 * self.lines.mass_per_intensity


@dataclass(frozen=True, slots=True, eq=False)
class PatternFit:
    """A pattern taken apart."""

    shape: LineShape
    phase: FittedPhase
    others: tuple[FittedPhase, ...]
    """Phases that the intensities ask for."""
    bounds: tuple[FittedPhase, ...]
    """Offered phases that they don't ask for; `area_error` says what could hide."""
    alike: tuple[str, ...]
    """Offered phases that have every line of the phase at its place: not to be told from it."""
    background: Floats
    texture_axis: tuple[int, int, int] | None
    texture: float
    """March's parameter: 1 without a preferred orientation, below 1 for plates that lie flat."""
    chi_squared: float
    """Per degree of freedom."""


@dataclass(frozen=True, slots=True)
class _Texture:
    axis: int = 0
    march: float = 1.0
    debye_waller_A2: float = 0.5


def fit_pattern(
    pattern: Pattern, phase: Reflections, others: Sequence[Reflections], start_scale: float
) -> PatternFit:
    """Fit a phase from about its lattice scale, and name what else the intensities ask for."""
    angle, counts = pattern.two_theta_deg, pattern.counts
    weight = _weights(counts)
    phase = _inside(phase, angle, start_scale)
    shape, scale = fit_shape(angle, counts, weight, phase, start_scale)
    model = _Model(angle, counts, weight, phase, shape, scale)
    offered = [lines for lines in others if len(lines.d_A)]
    fits = [_with_phases(model, offered, _Texture())]
    textured = model.best_texture(_Texture(), [])
    if textured.march != 1.0:
        fits.append(_with_phases(model, offered, textured))
    found, texture = min(fits, key=lambda fit: model.misfit(fit[1], fit[0]) + 9 * len(fit[0]))
    return model.result(found, texture, offered)


def _weights(counts: Floats) -> Floats:
    """One by the standard deviation of each point: counting noise as the points scatter."""
    from scipy.ndimage import percentile_filter, uniform_filter1d

    smooth = np.maximum(uniform_filter1d(counts, 5), 1e-9 * np.abs(counts).max() + 1e-30)
    typical = float(np.median(np.abs(np.diff(counts)))) / (0.6745 * np.sqrt(2))
    variance = max(typical, 1e-4 * float(np.ptp(counts))) ** 2 * np.maximum(
        smooth / float(np.median(smooth)), 0.2
    )
    net = smooth - percentile_filter(smooth, 20, size=max(5, len(counts) // 30))
    weight: Floats = 1 / np.sqrt(variance + (_SHAPE_ERROR * net) ** 2)
    return weight


def _inside(phase: Reflections, angle: Floats, scale: float) -> Reflections:
    """The lines that lie within a pattern and are not negligible."""
    sine = phase.wavelength_A / (2 * phase.d_A * scale)
    at = 2 * np.degrees(np.arcsin(np.clip(sine, 0, 1)))
    kept = (sine < 1) & (at > angle[0] - 1) & (at < angle[-1] + 1)
    kept &= phase.intensity > _WEAKEST_LINE
    indices = tuple(name for name, keep in zip(phase.indices, kept, strict=True) if keep)
    return replace(
        phase,
        two_theta_deg=phase.two_theta_deg[kept],
        intensity=phase.intensity[kept],
        d_A=phase.d_A[kept],
        indices=indices,
        cosines=phase.cosines[:, kept],
    )


def _loose(expected: Floats) -> Floats:
    """What the structure's error is a part of: amplitudes err alike, so weak lines err by more."""
    weak: Floats = np.sqrt(expected * np.maximum(expected, _WEAK_LINE))
    return weak


@dataclass(frozen=True, slots=True, eq=False)
class _Column:
    """What one unit of a second phase (strongest line of area 100) adds at each point."""

    lines: Reflections
    scale: float
    widening: float
    counts: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Bank:
    """A second phase at each lattice scale and width, by the deviation of each point."""

    choices: list[tuple[float, float]]
    """(lattice scale, widening) of each column."""
    weighted: Floats
    overlap: Floats
    """With background and lines of the phase."""
    square: Floats


class _Model:
    """The linear part of the fit: background, phase, deviations of its lines, second phases."""

    def __init__(
        self,
        angle: Floats,
        counts: Floats,
        weight: Floats,
        phase: Reflections,
        shape: LineShape,
        scale: float,
    ) -> None:
        self.angle, self.counts, self.weight = angle, counts, weight
        self.phase, self.shape, self.scale = phase, shape, scale
        self.lines = profiles(angle, phase.d_A * scale, shape)
        self.background = background_columns(angle)
        self.fixed = np.hstack([self.background, self.lines]) * weight[:, None]
        self.normal = self.fixed.T @ self.fixed
        self.right = self.fixed.T @ (weight * counts)
        self.square = float(((weight * counts) ** 2).sum())
        self.banks: dict[int, _Bank] = {}
        free = solve_normal(self.normal, self.right)
        left = np.median(np.abs(weight * counts - self.fixed @ free)) / 0.6745
        self.inflation = max(1.0, float(left) ** 2)
        """Chi squared per point where every line is free, 1 where noise is all that is left."""
        self.free = free[self.background.shape[1] :]

    def expected(self, texture: _Texture) -> Floats:
        """Intensity of each line of the phase by its structure, texture and thermal motion."""
        share = march_dollase(self.phase.cosines[texture.axis], texture.march)
        fade = np.exp(-texture.debye_waller_A2 / (2 * (self.phase.d_A * self.scale) ** 2))
        value: Floats = self.phase.intensity * share * fade
        return value

    def solve(
        self, texture: _Texture, found: Sequence[_Column]
    ) -> tuple[float, Floats, Floats, Floats]:
        """(chi squared, solution, its covariance, what turns it into columns).

        Unknowns: background, scale of the phase, deviations of its lines, second phases.
        """
        ground, lines, more = self.background.shape[1], self.lines.shape[1], len(found)
        expected = self.expected(texture)
        extra = np.array([column.counts * self.weight for column in found])
        extra = extra.reshape(more, len(self.angle))
        cross = extra @ self.fixed
        own = np.block([[self.normal, cross.T], [cross, extra @ extra.T]])
        right = np.concatenate([self.right, extra @ (self.weight * self.counts)])
        turn = np.zeros((ground + lines + more, ground + 1 + lines + more))
        turn[:ground, :ground] = np.eye(ground)
        turn[ground : ground + lines, ground] = expected
        turn[ground : ground + lines, ground + 1 : ground + 1 + lines] = np.diag(_loose(expected))
        turn[ground + lines :, ground + 1 + lines :] = np.eye(more)
        normal, target = turn.T @ own @ turn, turn.T @ right
        deviations = slice(ground + 1, ground + 1 + lines)
        amount = self._amount(texture)
        prior = np.zeros(len(target))
        for _ in range(3):
            prior[deviations] = 1 / (_STRUCTURE_ERROR * max(amount, 1e-12)) ** 2
            solution = _nonnegative(normal + np.diag(prior), target, (ground, ground + 1 + lines))
            amount = max(float(solution[ground]), 0.02 * self._amount(texture))
        full = normal + np.diag(prior)
        chi = self.square - 2 * float(solution @ target) + float(solution @ full @ solution)
        size = np.sqrt(np.diag(full))
        covariance = np.linalg.pinv(full / np.outer(size, size), rcond=1e-12)
        return chi, solution, covariance / np.outer(size, size), turn

    def _amount(self, texture: _Texture) -> float:
        """The scale of the phase where every line had only what the free heights leave it."""
        expected = self.expected(texture)
        strong = expected > 0.1 * expected.max()
        return float(max(np.median(self.free[strong] / expected[strong]), 1e-9))

    def misfit(self, texture: _Texture, found: Sequence[_Column]) -> float:
        """Chi squared, in parts of what a point has on average once every line is free."""
        return self.solve(texture, found)[0] / self.inflation

    def best_texture(self, start: _Texture, found: Sequence[_Column]) -> _Texture:
        """The preferred orientation and thermal motion that fit best; none without need."""
        from scipy.optimize import minimize

        plain = self._thermal(start, found)
        best, least = plain, self.misfit(plain, found) - _NEEDED_TEXTURE_GAIN
        if not self.phase.cosines.size:
            return plain
        for axis in range(len(TEXTURE_AXES)):
            fit = minimize(
                lambda x, axis=axis: self.misfit(_Texture(axis, np.exp(x[0]), x[1]), found),
                [0.0, plain.debye_waller_A2],
                bounds=[(-1.2, 1.2), (0.0, 4.0)],
                method="L-BFGS-B",
                options={"maxiter": 15},
            )
            if fit.fun < least:
                least = float(fit.fun)
                best = _Texture(axis, float(np.exp(fit.x[0])), float(fit.x[1]))
        return best

    def _thermal(self, start: _Texture, found: Sequence[_Column]) -> _Texture:
        from scipy.optimize import minimize_scalar

        fit = minimize_scalar(
            lambda b: self.misfit(_Texture(0, 1.0, b), found),
            bounds=(0.0, 4.0),
            method="bounded",
            options={"maxiter": 12},
        )
        return replace(start, axis=0, march=1.0, debye_waller_A2=float(fit.x))

    def bank(self, other: Reflections) -> _Bank:
        """A second phase at all lattice scales, as wide as the phase and wider; made once."""
        known = self.banks.get(id(other))
        if known is None:
            choices = [(float(scale), wide) for wide in _WIDENINGS for scale in _LATTICE_SCALES]
            columns = [self.column(other, *choice).counts for choice in choices]
            weighted = np.array(columns) * self.weight
            known = _Bank(
                choices,
                weighted,
                weighted @ self.fixed,
                (weighted**2).sum(axis=1),
            )
            self.banks[id(other)] = known
        return known

    def column(self, other: Reflections, scale: float, widening: float) -> _Column:
        """A second phase at a lattice scale, so much wider than the phase."""
        used = other.intensity > _WEAKEST_SECOND
        d_A = other.d_A[used] * scale
        intensity = other.intensity[used] * np.exp(-0.5 / (2 * d_A**2))
        counts = profiles(self.angle, d_A, self.shape, widening) @ intensity
        return _Column(other, scale, widening, counts)

    def covered_by(self, column: _Column) -> bool:
        """A second phase with every line of the phase at the same place can't be told from it."""
        wavelength_A = self.shape.emission[0][0]
        own = self.shape.positions_deg(self.phase.d_A * self.scale, wavelength_A)
        strong = column.lines.intensity > _WEAKEST_SECOND
        its = self.shape.positions_deg(column.lines.d_A[strong] * column.scale, wavelength_A)
        apart = np.nan_to_num(np.abs(own[:, None] - its[None, :]), nan=np.inf).min(axis=1)
        near = apart < self.shape.fwhm_deg(own)
        return float(self.phase.intensity[near].sum()) > _SAME * float(self.phase.intensity.sum())

    def refined(self, column: _Column, found: Sequence[_Column], texture: _Texture) -> _Column:
        """The second phase with its lattice scale and width fitted between those of the bank."""
        from scipy.optimize import minimize

        def column_of(x: Floats) -> _Column:
            return self.column(column.lines, column.scale + 1e-3 * float(x[0]), float(x[1]))

        fit = minimize(
            lambda x: self.misfit(texture, [*found, column_of(x)]),
            [0.0, column.widening],
            bounds=[(-1.5, 1.5), (0.6, 4.0)],
            method="Nelder-Mead",
            options={"maxfev": 40, "xatol": 0.01, "fatol": 0.5},
        )
        return column_of(fit.x)

    def result(
        self, found: Sequence[_Column], texture: _Texture, offered: Sequence[Reflections]
    ) -> PatternFit:
        """What the fit comes to."""
        chi, solution, covariance, _ = self.solve(texture, found)
        ground, lines = self.background.shape[1], self.lines.shape[1]
        wide = np.sqrt(self.inflation)
        errors = wide * np.sqrt(np.maximum(np.diag(covariance), 0.0))
        expected = self.expected(texture)
        deviations = solution[ground + 1 : ground + 1 + lines]
        heights = expected * solution[ground] + _loose(expected) * deviations
        own = FittedPhase(
            self.phase,
            self.scale,
            100 * float(solution[ground]),
            100 * float(errors[ground]),
            self.lines @ np.maximum(heights, 0.0),
        )
        first = ground + 1 + lines
        others = tuple(
            FittedPhase(
                column.lines,
                column.scale,
                100 * float(solution[first + i]),
                100 * float(errors[first + i]),
                column.counts * float(solution[first + i]),
            )
            for i, column in enumerate(found)
        )
        named = {column.lines.name for column in found}
        bounds, alike = [], list[str]()
        for other in offered:
            if other.name in named:
                continue
            if self.covered_by(self.most_gain(other, found, texture)[1]):
                alike.append(other.name)
                continue
            column = self.most_hidden(other, found, texture)
            _, with_it, spread, _ = self.solve(texture, [*found, column])
            bounds.append(
                FittedPhase(
                    other,
                    column.scale,
                    100 * max(0.0, float(with_it[-1])),
                    100 * wide * float(np.sqrt(max(spread[-1, -1], 0.0))),
                    np.zeros(0),
                )
            )
        freedom = len(self.angle) - len(solution)
        return PatternFit(
            self.shape,
            own,
            others,
            tuple(bounds),
            tuple(alike),
            self.background @ solution[:ground],
            TEXTURE_AXES[texture.axis] if texture.march != 1.0 else None,
            texture.march,
            chi / freedom,
        )

    def most_gain(
        self, other: Reflections, found: Sequence[_Column], texture: _Texture
    ) -> tuple[float, _Column]:
        """(fall of chi squared, column) of a phase at its best lattice scale and width."""
        pull, own, bank = self._pull(other, found, texture)
        gain = np.maximum(pull, 0.0) ** 2 / own
        best = int(np.argmax(gain))
        column = _Column(other, *bank.choices[best], bank.weighted[best] / self.weight)
        chi = self.solve(texture, found)[0] / len(self.angle)
        return float(gain[best]) / max(self.inflation, _MISFIT_SHARE * chi), column

    def most_hidden(
        self, other: Reflections, found: Sequence[_Column], texture: _Texture
    ) -> _Column:
        """A phase at the lattice scale and width where the most of it could be there."""
        pull, own, bank = self._pull(other, found, texture)
        most = np.maximum(pull, 0.0) / own + 1.645 * np.sqrt(self.inflation / own)
        worst = int(np.argmax(most))
        return _Column(other, *bank.choices[worst], bank.weighted[worst] / self.weight)

    def _pull(
        self, other: Reflections, found: Sequence[_Column], texture: _Texture
    ) -> tuple[Floats, Floats, _Bank]:
        """(slope, curvature) of half of chi squared in the amount of each column of a bank."""
        _, solution, covariance, turn = self.solve(texture, found)
        extra = np.array([column.counts * self.weight for column in found])
        extra = extra.reshape(len(found), len(self.angle))
        left = self.weight * self.counts - (turn @ solution) @ np.vstack([self.fixed.T, extra])
        bank = self.bank(other)
        overlap = np.hstack([bank.overlap, bank.weighted @ extra.T]) @ turn
        own = bank.square - np.einsum("ij,jk,ik->i", overlap, covariance, overlap)
        return bank.weighted @ left, np.maximum(own, 1e-9 * bank.square + 1e-300), bank


def _with_phases(
    model: _Model, offered: Sequence[Reflections], texture: _Texture
) -> tuple[list[_Column], _Texture]:
    """(second phases, texture): phases are added one by one while the intensities ask for them."""
    found: list[_Column] = []
    for _ in range(_MOST_PHASES):
        named = {column.lines.name for column in found}
        tried = [
            model.most_gain(lines, found, texture) for lines in offered if lines.name not in named
        ]
        if not tried:
            break
        tried = [one for one in tried if not model.covered_by(one[1])]
        gain, column = max(tried, key=lambda one: one[0], default=(0.0, None))
        if column is None or gain < _NEEDED_GAIN:
            break
        found.append(model.refined(column, found, texture))
        texture = model.best_texture(texture, found)
    return found, texture


def _nonnegative(normal: Floats, target: Floats, first: tuple[int, int]) -> Floats:
    """Solve, with the scale of the phase (`first[0]`) and second phases (from `first[1]`) ≥ 0."""
    held: set[int] = set()
    kept = np.arange(len(target))
    for _ in range(12):
        kept = np.array([i for i in range(len(target)) if i not in held])
        part = solve_normal(normal[np.ix_(kept, kept)], target[kept])
        below = {
            int(kept[i])
            for i, value in enumerate(part)
            if value < 0 and (kept[i] == first[0] or kept[i] >= first[1])
        }
        if not below:
            break
        held |= below
    solution = np.zeros(len(target))
    solution[kept] = part
    return solution
