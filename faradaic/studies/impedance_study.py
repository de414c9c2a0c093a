"""Impedance spectra: whether they can be, the ohmic resistance, and the circuit they carry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from faradaic.analysis.impedance.circuit_search import (
    CircuitSearch,
    common_circuit,
    find_circuit,
)
from faradaic.analysis.impedance.fitting import fit_circuit
from faradaic.analysis.impedance.kramers_kronig import KramersKronig, kramers_kronig
from faradaic.analysis.impedance.relaxation_times import METHOD, relaxation_times
from faradaic.analysis.impedance.spectrum import ImpedanceSpectrum
from faradaic.analysis.uncompensated_resistance import uncompensated_resistance
from faradaic.diagnostics import InputError
from faradaic.documents.models import Text
from faradaic.reporting.figures import BLUE
from faradaic.reporting.panels import Curve, Panel, sample_colour
from faradaic.results import Result
from faradaic.studies.conditions import in_words, placed
from faradaic.studies.inputs import DataTable, Files, Floats
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.rows import Rows, Shown, Texts
from faradaic.studies.schema import File, Study
from faradaic.studies.study_kinds import TEMPLATES, StudyKind

TOPIC = "impedance"
MOST_SPECTRA = 100
"""A file with more is fitted no further; it says so."""

TRIED = 3
"""Of many spectra, on so many all the circuits are tried."""

DESCRIBES = 0.03
"""Root mean square residual, relative to |Z|, and twice what the Kramers-Kronig test leaves: a fit
above both misses what the spectrum shows."""

FREQUENCY = Shown("f", "Hz")
REAL = Shown("Z'", "Ohm")
NEGATIVE_IMAGINARY = Shown("-Z''", "Ohm")
RELAXATION = Shown("τ", "s")
GAMMA = Shown("γ(ln τ)", "Ohm")


class ImpedanceStudy(Study):
    """One or more spectra of one file."""

    kind: Literal["impedance"]
    spectrum: File
    circuit: Annotated[Text, Field(examples=["R0+(R1|Q1)"])] | None = None
    """The one to fit; by default the common ones are tried and the evidence for each is told."""


@dataclass(frozen=True, slots=True, eq=False)
class ImpedanceRows(Rows):
    """One spectrum and the fitted circuit at its frequencies."""

    topic = "spectrum"
    frequency_Hz: Annotated[Floats, FREQUENCY]
    real_ohm: Annotated[Floats, REAL]
    negative_imaginary_ohm: Annotated[Floats, NEGATIVE_IMAGINARY]
    fitted_real_ohm: Annotated[Floats, Shown("Z' fitted", "Ohm")]
    fitted_negative_imaginary_ohm: Annotated[Floats, Shown("-Z'' fitted", "Ohm")]
    real_residual: Annotated[Floats | None, Shown("residual Z' (Kramers-Kronig)", "%")] = None
    imaginary_residual: Annotated[Floats | None, Shown("residual Z'' (Kramers-Kronig)", "%")] = None


@dataclass(frozen=True, slots=True, eq=False)
class CandidateRows(Rows):
    """The circuits that were tried on a spectrum."""

    topic = "circuits"
    circuit: Annotated[Texts, Shown("circuit")]
    parameters: Annotated[Floats, Shown("parameters")]
    residual: Annotated[Floats, Shown("root mean square residual", "%")]
    criterion: Annotated[Floats, Shown("criterion above the best")]
    weight: Annotated[Floats, Shown("share of the evidence", "%")]
    undetermined: Annotated[Texts, Shown("not determined")]


@dataclass(frozen=True, slots=True, eq=False)
class RelaxationRows(Rows):
    """The distribution of relaxation times."""

    topic = "relaxation times"
    tau_s: Annotated[Floats, RELAXATION]
    gamma_ohm: Annotated[Floats, GAMMA]


def analyze_impedance(study: ImpedanceStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    """Kramers-Kronig residual, R_u, and the circuit of every spectrum in the file."""
    table = Files(loaded, outcome).open(study.spectrum, TOPIC)
    spectra = spectra_of(table)
    if len(spectra) > MOST_SPECTRA:
        outcome.remarks.append(
            f"{table.name} holds {len(spectra)} spectra: the first {MOST_SPECTRA} are analysed"
        )
    spectra = spectra[:MOST_SPECTRA]
    names = [f"spectrum {k}" for k in range(1, len(spectra) + 1)] if len(spectra) > 1 else [TOPIC]
    circuit = study.circuit
    flags: tuple[str, ...] = ()
    if circuit is None:
        circuit, flags = _found(names, spectra, outcome)
    for name, spectrum in zip(names, spectra, strict=True):
        points = {"points": f"{len(spectrum.frequency_Hz)}"}
        outcome.conditions[name] = dict(in_words(table.conditions)) | points
        _one(name, spectrum, circuit, flags, outcome)


def spectra_of(table: DataTable) -> list[ImpedanceSpectrum]:
    """The spectra of a table, one after the other where it holds several.

    A new one begins where the frequency turns back, or the file counts another cycle. Rows without
    an impedance are left out. Raises `InputError` (E783, E765).
    """
    f = table.take("frequency", "Hz")
    real, imaginary = table.take("impedance real", "Ohm"), table.take("impedance imaginary", "Ohm")
    known = np.isfinite(f) & np.isfinite(real) & np.isfinite(imaginary) & (f > 0.0)
    f, real, imaginary = f[known], real[known], imaginary[known]
    if f.size < 2:
        raise InputError.of(
            f"{table.name} holds {f.size} points of impedance",
            help="give a file with a spectrum; `faradaic read FILE` says what it is",
            code="E786",
        )
    way = np.sign(np.median(np.sign(np.diff(f)))) or -1.0
    back = np.flatnonzero(way * np.diff(f) < -0.5 * f[1:]) + 1
    if table.has("cycle"):
        cycles = table.take("cycle", "1", unit_needed=False)[known]
        back = np.union1d(back, np.flatnonzero(np.diff(cycles) != 0.0) + 1)
    pieces = np.split(np.arange(f.size), back)
    return [ImpedanceSpectrum.of(f[p], real[p], imaginary[p]) for p in pieces if p.size >= 3]


def _found(
    names: Sequence[str], spectra: Sequence[ImpedanceSpectrum], outcome: StudyOutcome
) -> tuple[str, tuple[str, ...]]:
    """The circuit with the most evidence over some of the spectra; what to say of it.

    Raises `InputError` where no common circuit can be fitted.
    """
    some = sorted({round(k * (len(spectra) - 1) / (TRIED - 1)) for k in range(TRIED)})
    searches = [find_circuit(spectra[k]) for k in some]
    text = common_circuit(searches)
    for k, search in zip(some, searches, strict=True):
        _tabulate(names[k], search, outcome)
    tried = len(searches[0].candidates)
    of = f" of {len(some)} of the {len(spectra)} spectra together" if len(spectra) > 1 else ""
    outcome.remarks.append(
        f"{text} has the most evidence{of} among {tried} common circuits, which makes it no"
        " mechanism: `circuit:` names another"
    )
    best = [search.best for search in searches]
    if any(one.undetermined for one in best):
        return text, ("no common circuit is determined by these data",)
    rivals = dict.fromkeys(
        one.text for search in searches for one in (search.best, *search.rivals) if one.text != text
    )
    if rivals:
        return text, (f"these data hardly tell the circuit from {', '.join(rivals)}",)
    return text, ()


def _one(
    name: str,
    spectrum: ImpedanceSpectrum,
    circuit: str,
    flags: tuple[str, ...],
    outcome: StudyOutcome,
) -> None:
    tested: KramersKronig | None = None
    try:
        tested = kramers_kronig(spectrum)
        outcome.add(name, TOPIC, _residual(tested))
        outcome.add(name, TOPIC, uncompensated_resistance(spectrum))
    except InputError as error:
        outcome.remarks.append(f"{name}: {error.diagnostics[0].message}")
    fit = fit_circuit(spectrum, circuit)
    off = fit.rms_residual
    if off > max(DESCRIBES, 2.0 * (0.0 if tested is None else tested.rms_residual)):
        flags = (*flags, f"the circuit does not describe the spectrum: {off:.1%} off on average")
    for result in fit.results():
        outcome.add(name, TOPIC, replace(result, flags=(*result.flags, *flags)), circuit)
    _relaxations(name, spectrum, outcome)
    z = spectrum.impedance_ohm
    fitted = fit.impedance_ohm(spectrum.frequency_Hz)
    outcome.tabulate(
        name,
        ImpedanceRows(
            spectrum.frequency_Hz,
            z.real,
            -z.imag,
            fitted.real,
            -fitted.imag,
            None if tested is None else tested.real_residual,
            None if tested is None else tested.imaginary_residual,
        ),
    )


def _relaxations(name: str, spectrum: ImpedanceSpectrum, outcome: StudyOutcome) -> None:
    """The distribution of relaxation times, and the time constant and area of its peaks."""
    try:
        found = relaxation_times(spectrum)
    except InputError as error:
        outcome.remarks.append(f"{name}: {error.diagnostics[0].message}")
        return
    outcome.tabulate(name, RelaxationRows(found.tau_s, found.gamma_ohm))
    outcome.add(
        name,
        TOPIC,
        Result(
            "relaxation_times_residual",
            found.rms_residual,
            "1",
            METHOD,
            f"smoothed by {found.strength:.0e}; {found.left_over_ohm:.3g} Ohm in smaller peaks",
            flags=found.flags,
        ),
    )
    for number, peak in enumerate(found.peaks, 1):
        for result in (peak.time_constant, peak.resistance):
            flags = (*result.flags, *found.flags)
            outcome.add(name, TOPIC, replace(result, flags=flags), f"peak {number}")


def _residual(tested: KramersKronig) -> Result:
    return Result(
        "kramers_kronig_residual",
        tested.rms_residual,
        "1",
        "linear Kramers-Kronig test, root mean square relative to |Z|",
        f"{tested.elements} RC elements, mu = {tested.mu:.2f}; consistent up to {tested.limit:.0%}",
        flags=tested.flags,
    )


def _tabulate(name: str, search: CircuitSearch, outcome: StudyOutcome) -> None:
    outcome.tabulate(
        name,
        CandidateRows(
            tuple(one.text for one in search.candidates),
            np.array([float(len(one.fit.parameters)) for one in search.candidates]),
            np.array([one.fit.rms_residual for one in search.candidates]),
            np.array([one.criterion - search.best.criterion for one in search.candidates]),
            np.array(search.weights()),
            tuple(", ".join(one.undetermined) for one in search.candidates),
        ),
    )


def impedance_panels(outcome: StudyOutcome) -> list[Panel]:
    """Nyquist and Bode plots of all spectra."""
    nyquist: list[Curve] = []
    size: list[Curve] = []
    phase: list[Curve] = []
    tables = outcome.of(ImpedanceRows)
    for number, table in enumerate(tables):
        rows, colour = table.rows, sample_colour(number) if len(tables) > 1 else BLUE
        label = table.sample if len(tables) > 1 else "measured"
        nyquist.append(
            Curve(
                label, number, rows.real_ohm, rows.negative_imaginary_ohm, None, colour, "markers"
            )
        )
        for curves, of in ((size, _modulus_ohm), (phase, _phase_deg)):
            y = of(rows.real_ohm, rows.negative_imaginary_ohm)
            curves.append(Curve(label, number, rows.frequency_Hz, y, None, colour, "markers"))
        fitted, minus = rows.fitted_real_ohm, rows.fitted_negative_imaginary_ohm
        label = f"{label}, fitted" if len(tables) > 1 else "fitted"
        nyquist.append(Curve(label, number, fitted, minus, None, "black", "line"))
        for curves, of in ((size, _modulus_ohm), (phase, _phase_deg)):
            y = of(fitted, minus)
            curves.append(Curve(label, number, rows.frequency_Hz, y, None, "black", "line"))
    times = []
    for number, relaxed in enumerate(outcome.of(RelaxationRows)):
        colour = sample_colour(number) if len(tables) > 1 else BLUE
        times.append(
            Curve(relaxed.sample, number, relaxed.rows.tau_s, relaxed.rows.gamma_ohm, None, colour,
                  "line")
        )  # fmt: skip
    f = FREQUENCY.label()
    return [
        Panel("nyquist", "Nyquist", REAL.label(), NEGATIVE_IMAGINARY.label(), nyquist, equal=True),
        Panel("modulus", "Bode: modulus", f, "|Z| / Ohm", size, log_x=True, log_y=True),
        Panel("phase", "Bode: phase", f, "-phase / degrees", phase, log_x=True),
        Panel(
            "relaxation_times",
            "relaxation times",
            RELAXATION.label(),
            GAMMA.label(),
            times,
            log_x=True,
        ),
    ]


def _modulus_ohm(real_ohm: Floats, negative_imaginary_ohm: Floats) -> Floats:
    return np.hypot(real_ohm, negative_imaginary_ohm)


def _phase_deg(real_ohm: Floats, negative_imaginary_ohm: Floats) -> Floats:
    return np.asarray(np.degrees(np.arctan2(negative_imaginary_ohm, real_ohm)))


def _analyze(study: ImpedanceStudy, loaded: StudyFile, outcome: StudyOutcome) -> None:
    with placed(loaded.document, "spectrum"):
        analyze_impedance(study, loaded, outcome)


IMPEDANCE = StudyKind(
    ImpedanceStudy,
    _analyze,
    lambda outcome: {"impedance": impedance_panels(outcome)},
    TEMPLATES / "impedance.yaml",
)
