"""From a study file to its outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from faradaic.diagnostics import Diagnostic, FaradaicError, InputError
from faradaic.studies.conditions import MissingCondition
from faradaic.studies.loading import StudyFile, load_study, with_condition
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.study_kinds import STUDY_KINDS


def analyze_study(path: Path, assume: Sequence[str] = ()) -> StudyOutcome:
    """Compute a study; `assume` are conditions that its file does not give, as `pH=14`.

    Raises `InputError` for whatever in the file or its data cannot be used, with all the conditions
    that are missing.
    """
    return analyze_loaded(load_study(path, assume))


def analyze_loaded(loaded: StudyFile) -> StudyOutcome:
    """Compute a study that was read; as `analyze_study`."""
    try:
        return _outcome(loaded)
    except MissingCondition as error:
        raise InputError(*error.diagnostics, *_missing_besides(loaded, error)) from None


def _missing_besides(loaded: StudyFile, first: MissingCondition) -> Iterator[Diagnostic]:
    """What else is missing: with an example for each missing condition the study is tried again.

    What comes out of examples is thrown away, and so are its errors.
    """
    missing = first
    while True:
        loaded = with_condition(loaded, missing.name, missing.example)
        try:
            _outcome(loaded)
        except MissingCondition as error:
            missing = error
            yield from error.diagnostics
        except FaradaicError as error:
            yield from (d for d in error.diagnostics if d.code == "E782")
            return
        else:
            return


def _outcome(loaded: StudyFile) -> StudyOutcome:
    study = loaded.study
    outcome = StudyOutcome(study.title, study.kind, loaded.document.sha256, study.note or "")
    outcome.assumptions.extend(loaded.assumptions)
    STUDY_KINDS.load(study.kind).analyze(study, loaded, outcome)
    return outcome
