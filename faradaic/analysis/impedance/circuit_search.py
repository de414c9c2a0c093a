"""Which circuit a spectrum carries: common cells, each fitted, with the evidence for each.

The evidence is Schwarz's criterion, n ln(S/n) + k ln n (Schwarz 1978), which asks more of a further
element than Akaike's the more points there are; a circuit with an element that the data do not
determine carries no weight, however well it fits. That one fits best makes it no mechanism.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from faradaic.analysis.impedance.fitting import CircuitFit, fit_circuit
from faradaic.analysis.impedance.spectrum import ImpedanceSpectrum
from faradaic.diagnostics import InputError

COMMON_CELLS: Final = (
    "R0+C1",
    "R0+Q1",
    "R0+(R1|C1)",
    "R0+(R1|Q1)",
    "R0+(C1|(R1+W1))",
    "R0+(Q1|(R1+W1))",
    "R0+(C1|(R1+T1))",
    "R0+(R1|C1)+(R2|C2)",
    "R0+(R1|Q1)+(R2|C2)",
    "R0+(R1|Q1)+(R2|Q2)",
)
"""Blocking, charge transfer, diffusion without and with an end, and two processes in series."""

RIVAL = 6.0
"""Difference of the criterion below which two circuits are told apart weakly (Kass & Raftery 1995:
2 to 6 is positive evidence, above it is strong)."""
_INDUCTIVE = 0.03
"""Z''/|Z| at the highest two frequencies from which the leads' inductance belongs to every circuit;
where it is above zero at all, to the best one, to be tried."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One circuit that was tried."""

    fit: CircuitFit
    criterion: float
    """Of Schwarz; smaller is better, among fits to one spectrum."""
    undetermined: tuple[str, ...]
    """Parameters whose error exceeds half of their value, or that stand at their limit; but for the
    ohmic resistance, which may be far below all that was measured."""

    @property
    def text(self) -> str:
        """Get the circuit as it is written."""
        return self.fit.circuit.text


@dataclass(frozen=True, slots=True, eq=False)
class CircuitSearch:
    """All candidates, the best first."""

    candidates: tuple[Candidate, ...]
    not_fitted: tuple[str, ...]
    """Circuits with more parameters than the data can carry."""

    @property
    def best(self) -> Candidate:
        """Get the circuit with the most evidence."""
        return self.candidates[0]

    @property
    def rivals(self) -> tuple[Candidate, ...]:
        """Get the others that the data hardly tell from it."""
        limit = self.best.criterion + RIVAL
        return tuple(c for c in self.candidates[1:] if c.criterion < limit and not c.undetermined)

    def weights(self) -> tuple[float, ...]:
        """Share of the evidence of each candidate, in their order; 0 for one not determined."""
        shares = [
            0.0 if c.undetermined else math.exp(0.5 * (self.best.criterion - c.criterion))
            for c in self.candidates
        ]
        total = sum(shares) or 1.0
        return tuple(share / total for share in shares)


def find_circuit(
    spectrum: ImpedanceSpectrum, circuits: Sequence[str] = COMMON_CELLS
) -> CircuitSearch:
    """Fit every circuit and order them by the evidence for each.

    Where the spectrum is inductive at its highest frequencies the leads' inductance, `L0`, stands
    before each circuit. Raises `InputError` where not one of them can be fitted.
    """
    top = spectrum.impedance_ohm[:2]
    rises = float(np.mean(top.imag / np.abs(top)))
    found: list[Candidate] = []
    left: list[str] = []
    refused: InputError | None = None
    for text in circuits:
        text = f"L0+{text}" if rises > _INDUCTIVE and "L" not in text else text
        try:
            found.append(_candidate(fit_circuit(spectrum, text), spectrum))
        except InputError as error:
            left.append(text)
            refused = error
    if not found:
        assert refused is not None
        raise refused
    found.sort(key=_order)
    if 0.0 < rises <= _INDUCTIVE and "L" not in found[0].text:
        with suppress(InputError):
            found.append(_candidate(fit_circuit(spectrum, f"L0+{found[0].text}"), spectrum))
        found.sort(key=_order)
    return CircuitSearch(tuple(found), tuple(left))


def common_circuit(searches: Sequence[CircuitSearch]) -> str:
    """The circuit with the most evidence over several spectra of one cell, taken together."""
    totals: dict[str, list[tuple[bool, float]]] = {}
    for search in searches:
        for one in search.candidates:
            totals.setdefault(one.text, []).append(_order(one))
    tried_on_all = {text: found for text, found in totals.items() if len(found) == len(searches)}
    return min(
        tried_on_all or totals,
        key=lambda text: (
            sum(loose for loose, _ in totals[text]),
            sum(criterion for _, criterion in totals[text]),
        ),
    )


def _order(one: Candidate) -> tuple[bool, float]:
    return bool(one.undetermined), one.criterion


def _candidate(fit: CircuitFit, spectrum: ImpedanceSpectrum) -> Candidate:
    n, k = 2 * spectrum.frequency_Hz.size, len(fit.parameters) + 1
    square = max(float(np.sum(np.abs(fit.residual) ** 2)), n * np.finfo(float).eps ** 2)
    loose = tuple(one.name for one in fit.results() if one.flags and one.name != "R0")
    return Candidate(fit, n * math.log(square / n) + k * math.log(n), loose)
