"""A screening as a file, from its cations to its report.

    faradaic_screening: 1
    title: Spinels of three mobile ions
    prototype: spinel
    fixed: [Mg2+, Zn2+, Ca2+]
    pool: [Mg2+, Zn2+, Al3+, Ga3+, Sn4+, Sb5+]
    distinct: 4
    anion: O2-
    limit: 1473 K
    potential: {name: chgnet}
    spin: {Fe3+: high}

`fixed` are the cations on the site that is not shared, one series for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from faradaic.computational import SCREENING
from faradaic.computational.interatomic_potentials import PotentialChoice
from faradaic.computational.screening.competing import competing_structures
from faradaic.computational.screening.compositions import SiteTemplate
from faradaic.computational.screening.descriptors import PAPER, descriptor_values
from faradaic.computational.screening.entries import EnergyEntry
from faradaic.computational.screening.entry_import import read_energies
from faradaic.computational.screening.hull import Hull
from faradaic.computational.screening.ions import (
    Ion,
    parse_ion,
    parse_ions,
    redox_inactive_cations,
)
from faradaic.computational.screening.paper_comparison import Compared, compare_with_paper
from faradaic.computational.screening.phase_diagram import CompositionSeries, judge
from faradaic.computational.screening.published import published_spinels
from faradaic.computational.screening.stability_temperature import SOLID_STATE_LIMIT_K
from faradaic.computational.screening.starting_structure import StartingStructure
from faradaic.computational.screening.structures import targets
from faradaic.computational.screening.summary import ScreeningSummary, summarize
from faradaic.diagnostics import Diagnostic, InputError, Severity, refusal
from faradaic.documents.kinds import read_document
from faradaic.documents.models import Count, Flag, Model, NotEmpty, Text
from faradaic.documents.validation import validate_document
from faradaic.quantities.fields import Temperature

STORED = Path(__file__).parents[1] / "data" / "spinel_energies.csv"
"""Energies of the paper's 381 compositions and their competing phases, computed by this package."""


class ScreeningStudy(Model):
    """What is screened and how."""

    faradaic_screening: Literal[1] = 1
    title: Text = "High-entropy spinels of Mg, Zn and Ca"
    prototype: Text = "spinel"
    fixed: tuple[Text, ...] = ("Mg2+", "Zn2+", "Ca2+")
    """Cations on the site that is not shared; empty for a prototype without one, as rocksalt."""
    pool: Annotated[tuple[Text, ...], NotEmpty()] | None = None
    """Cations on the shared site; None is the fourteen of the paper."""
    distinct: Count = 4
    anion: Text = "O2-"
    sites: tuple[int, int, int] = (1, 2, 4)
    """Sites A (fixed), M (shared) and X (anion) in a formula unit."""
    spin: dict[Text, Literal["high", "low"]] = Field(default_factory=dict)
    """Spin state by ion, where Shannon has two radii: {Fe3+: high}."""
    descriptors: Annotated[tuple[Text, ...], NotEmpty()] = PAPER
    """Properties whose mean and standard deviation over the shared site are correlated."""
    limit_K: Temperature = SOLID_STATE_LIMIT_K
    potential: PotentialChoice = PotentialChoice(name="chgnet")
    energies: tuple[Text, ...] = ()
    """Files of energies; without any they are computed."""
    allow_mixed_methods: Flag = False

    def templates(self) -> tuple[SiteTemplate, ...]:
        """One template for each fixed cation. Raises `InputError` (E80x)."""
        pool = parse_ions(self.pool) if self.pool is not None else redox_inactive_cations()
        anion = parse_ion(self.anion)
        fixed: tuple[Ion | None, ...] = parse_ions(self.fixed) or (None,)
        return tuple(
            SiteTemplate(self.prototype, ion, pool, self.distinct, anion, self.sites)
            for ion in fixed
        )

    def described(self, cations: Mapping[str, Sequence[str]]) -> dict[str, dict[str, float]]:
        """The descriptors of compositions by the elements on their shared site.

        Raises `InputError`: E806, E812 to E814 for an ion or a property without a value.
        """
        spin = {parse_ion(ion): state for ion, state in self.spin.items()}
        return descriptor_values(cations, self.templates()[0].pool, self.descriptors, spin=spin)


@dataclass(frozen=True, slots=True)
class ScreeningResult:
    """What a study came to, and the files it wrote."""

    summary: ScreeningSummary
    compared: tuple[Compared, ...]
    findings: tuple[Diagnostic, ...]
    report: Path
    files: tuple[Path, ...]


def load_screening(source: Path | str | None = None) -> ScreeningStudy:
    """A study from its file, or the paper's without one. Raises `InputError` with the line."""
    if source is None:
        return ScreeningStudy()
    return validate_document(read_document(source, SCREENING), ScreeningStudy)


def starts_of(study: ScreeningStudy) -> list[StartingStructure]:
    """What is to be relaxed: the targets of a study and the phases that compete with them.

    Whatever would stop the analysis at the end is raised here, before anything is computed:
    `InputError` E80x for compositions that do not balance, E806 and E812 to E814 for descriptors
    without a value, E824 where the competing phases cannot be mixed to a target.
    """
    templates = study.templates()
    study.described({"pool": sorted({ion.element for t in templates for ion in t.pool})})
    goals = [start for template in templates for start in targets(template)]
    cations = dict.fromkeys(ion for template in templates for ion in template.pool)
    cations.update(dict.fromkeys(template.fixed for template in templates if template.fixed))
    rivals = list(competing_structures(cations, templates[0].anion))
    atoms = [Counter(site.specie.symbol for site in start.structure) for start in (*rivals, *goals)]
    hull = Hull(
        EnergyEntry(start.name, counts, 0.0, "none", "competitor")
        for start, counts in zip(rivals, atoms, strict=False)
    )
    for composition in atoms[len(rivals) :]:
        hull.decompose(composition)
    return [*goals, *rivals]


def series_of(template: SiteTemplate) -> CompositionSeries:
    """The series of a template: what all its compositions have in common."""
    on_a, on_m, on_x = (template.units * number for number in template.sites)
    fixed = {template.anion.element: on_x}
    if template.fixed:
        fixed[template.fixed.element] = fixed.get(template.fixed.element, 0) + on_a
    name = template.fixed.element if template.fixed else template.prototype
    pool = frozenset(ion.element for ion in template.pool)
    return CompositionSeries(name, fixed, on_m, template.distinct, pool)


def entries_of(study: ScreeningStudy, folder: Path) -> tuple[list[EnergyEntry], list[Diagnostic]]:
    """The energies that a study names; its file names count from `folder`."""
    entries: list[EnergyEntry] = []
    findings: list[Diagnostic] = []
    for name in study.energies:
        read = read_energies(folder / name)
        entries += read.entries
        findings += read.findings
    return entries, findings


def stored_entries() -> tuple[EnergyEntry, ...]:
    """The energies that ship with the package. Raises `InputError` (E817) when there are none."""
    if not STORED.is_file():
        raise refusal(
            "E817", f"{STORED} is not there", "install the package again, or compute them"
        )
    return read_energies(STORED).entries


def summarize_screening(study: ScreeningStudy, entries: Iterable[EnergyEntry]) -> ScreeningSummary:
    """Phase diagram and statistics of a study. Raises `InputError` where there is none."""
    templates = study.templates()
    diagram = judge(
        entries,
        [series_of(template) for template in templates],
        limit_K=study.limit_K,
        allow_mixed_methods=study.allow_mixed_methods,
    )
    pool = templates[0].pool
    descriptors = study.described({v.name: v.cations for v in diagram.verdicts})
    return summarize(diagram, descriptors, tuple(dict.fromkeys(ion.element for ion in pool)))


def analyze_screening(
    study: ScreeningStudy,
    entries: Iterable[EnergyEntry],
    folder: Path,
    findings: Iterable[Diagnostic] = (),
) -> ScreeningResult:
    """Phase diagram, statistics, figures, tables and report of a study, written to a folder.

    The published numbers stand beside ours where the study is the paper's. Raises `InputError` for
    entries that make no phase diagram and `StorageError` when nothing can be written.
    """
    from faradaic.computational.screening.diffraction_figure import (
        draw_patterns,
        pattern_table,
        synthesised_patterns,
    )
    from faradaic.computational.screening.result_tables import (
        comparison_table,
        result_tables,
        write_tables,
    )
    from faradaic.computational.screening.screening_figures import draw_screening
    from faradaic.computational.screening.screening_report import render_screening
    from faradaic.records.folder import text_bytes, write_file

    summary = summarize_screening(study, entries)
    published = published_spinels() if _is_the_papers(study) else None
    compared = compare_with_paper(summary, published) if published else []
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refusal("E818", f"{folder} cannot be made: {error}", "choose another --out") from None
    tables = [*result_tables(summary), *([comparison_table(compared)] if compared else [])]
    files = write_tables(tables, folder)
    figures = draw_screening(summary, published, folder)
    if published:
        try:
            patterns = synthesised_patterns(summary, published)
        except InputError as absent:  # the library that calculates them is optional
            patterns = []
            findings = (
                *findings,
                *(replace(d, severity=Severity.INFO) for d in absent.diagnostics),
            )
        if patterns:
            figures["diffraction"] = draw_patterns(patterns, folder)
            files += write_tables([pattern_table(patterns)], folder)
    findings = tuple(findings)
    page = render_screening(
        study.title, summary, figures, published=published, compared=compared, findings=findings
    )
    report = folder / "report.html"
    write_file(report, text_bytes(page))
    return ScreeningResult(
        summary,
        tuple(compared),
        (*summary.diagram.findings, *findings),
        report,
        (*files, *figures.values(), report),
    )


def _is_the_papers(study: ScreeningStudy) -> bool:
    """Whether a study asks what the paper asked, by whatever potential."""
    return study.templates() == ScreeningStudy().templates()
