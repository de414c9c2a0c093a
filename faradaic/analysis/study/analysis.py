"""From a study file to its outcome."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from faradaic.analysis.study.loading import load_study
from faradaic.analysis.study.outcome import StudyOutcome
from faradaic.analysis.study.schema import Co2Study, VoltammogramStudy


def analyze_study(path: Path, assume: Sequence[str] = ()) -> StudyOutcome:
    """Compute a study; `assume` are conditions that its file does not give, as `pH=14`.

    Raises `InputError` for whatever in the file or its data cannot be used.
    """
    loaded = load_study(path, assume)
    study = loaded.study
    outcome = StudyOutcome(study.title, study.kind, loaded.document.sha256, study.note or "")
    outcome.assumptions.extend(loaded.assumptions)
    if isinstance(study, Co2Study):
        from faradaic.analysis.study.co2 import analyze_co2

        analyze_co2(study, loaded, outcome)
    elif isinstance(study, VoltammogramStudy):
        from faradaic.analysis.study.voltammogram import analyze_voltammogram

        analyze_voltammogram(study, loaded, outcome)
    else:
        from faradaic.analysis.study.preparative import analyze_preparative

        analyze_preparative(study, loaded, outcome)
    return outcome
