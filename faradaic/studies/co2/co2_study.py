"""A study of CO2 reduction: every sample by its absorption, sweeps, products and stability."""

from __future__ import annotations

from faradaic.diagnostics import Diagnostic, InputError
from faradaic.quantities import format_quantity
from faradaic.studies.co2.absorption import analyze_absorption
from faradaic.studies.co2.co2_panels import absorption_panel, co2_panels
from faradaic.studies.co2.products import analyze_products
from faradaic.studies.co2.sampled_liquids import analyze_liquids
from faradaic.studies.co2.stability import analyze_stability
from faradaic.studies.conditions import in_words, nearest, placed
from faradaic.studies.inputs import Files
from faradaic.studies.loading import StudyFile
from faradaic.studies.outcome import StudyOutcome
from faradaic.studies.schema import Co2Study
from faradaic.studies.study_kinds import TEMPLATES, StudyKind
from faradaic.studies.sweeps import analyze_sweeps


def _analyze(study: Co2Study, loaded: StudyFile, outcome: StudyOutcome) -> None:
    """Compute everything that the files of the samples allow."""
    files = Files(loaded, outcome)
    names = [sample.name for sample in study.samples]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise InputError(
                Diagnostic(
                    "E785",
                    f"two samples are called {name!r}",
                    help="give each sample a name of its own",
                    location=loaded.document.locate(["samples", number, "name"]),
                )
            )
    for number, sample in enumerate(study.samples):
        outcome.conditions[sample.name] = dict(
            in_words(nearest(sample.conditions, study.conditions))
        )
        if sample.catalyst is not None:
            loading = format_quantity(sample.catalyst.loading_kg_per_m2, "mg/cm^2")
            outcome.conditions[sample.name]["catalyst"] = (
                f"{sample.catalyst.cluster}, {loading.replace('^2', '²')} weighed as"
                f" {sample.catalyst.weighed}, turnover per {sample.catalyst.per}"
            )
        with placed(loaded.document, "samples", number, "absorption"):
            analyze_absorption(sample, files, outcome)
        with placed(loaded.document, "samples", number, "sweeps"):
            analyze_sweeps(sample, files, outcome)
        with placed(loaded.document, "samples", number, "electrolyses"):
            analyze_products(sample, study.products, files, outcome)
        with placed(loaded.document, "samples", number, "liquids"):
            analyze_liquids(sample, files, outcome)
        with placed(loaded.document, "samples", number, "stability"):
            analyze_stability(sample, study.products, files, outcome)


CO2 = StudyKind(
    Co2Study,
    _analyze,
    lambda outcome: {"study": co2_panels(outcome), "absorption": [absorption_panel(outcome)]},
    TEMPLATES / "co2.yaml",
)
