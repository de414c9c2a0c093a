"""From a plate to one checked plan for each well: what is wrong is told with the wells it is in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from faradaic.diagnostics import Diagnostic, InputError, Location
from faradaic.documents.document import Document, KeyPath, load_document
from faradaic.documents.validation import reading_order
from faradaic.protocols.bench import BenchProfile
from faradaic.protocols.compile import compile_protocol, slug
from faradaic.protocols.load import LoadedProtocol, validate_protocol
from faradaic.protocols.plan import Plan
from faradaic.protocols.plates.factor_keys import path_of, value_at, written
from faradaic.protocols.plates.load_plate import LoadedPlate, as_yaml
from faradaic.protocols.plates.plate_controls import controlled
from faradaic.protocols.plates.shared_settings import contradictions
from faradaic.protocols.plates.wells import Change, Treatment, laid_out, shown

_NAMED = 4
"""Wells that a finding names before it counts them."""


@dataclass(frozen=True, slots=True)
class PlannedWell:
    """One well, ready to be run."""

    name: str
    row: int
    """From 0."""
    column: int
    """From 1."""
    factors: Mapping[str, str]
    """What each factor is in it, as written; missing where its protocol has no such key."""
    control: str
    """What the control is called; empty for the others."""
    replicate: int
    plan: Plan
    text: str
    """Its protocol."""


@dataclass(frozen=True, slots=True)
class PlatePlan:
    """A plate for one bench."""

    title: str
    name: str
    text: str
    """The plate as written."""
    sha256: str
    rows: int
    columns: int
    channels: int
    """At most so many wells at once."""
    stops_on_failure: bool
    wells: tuple[PlannedWell, ...]
    """In the order in which they begin."""
    findings: tuple[Diagnostic, ...]
    """Warnings and notes, each once with the wells that it is about."""

    @property
    def factors(self) -> tuple[str, ...]:
        """Get the names of what is varied."""
        return tuple(dict.fromkeys(name for well in self.wells for name in well.factors))


def compile_plate(loaded: LoadedPlate, bench: BenchProfile, channels: int) -> PlatePlan:
    """Plan and check every well for a bench with so many channels.

    Raises `InputError` with all that is wrong, each with the wells that it is in: E45x for the
    plate, and whatever a protocol is refused for.
    """
    plate, document = loaded.plate, loaded.document
    if plate.channels is not None and plate.channels > channels:
        name = bench.name.removesuffix("/1")
        has = "one channel" if channels == 1 else f"{channels} channels"
        raise InputError(
            Diagnostic(
                "E455",
                f"the plate asks for {plate.channels} channels, and bench `{name}` has {has}",
                help=f"write `channels: {channels}`, or leave it out: wells wait for a free one",
                location=document.locate(["channels"]),
            )
        )
    layout = laid_out(plate, document)
    made = [_Made(loaded, treatment, bench) for treatment in layout.treatments]
    names = [
        [well.name for well in layout.wells if well.treatment == number]
        for number in range(len(made))
    ]
    problems = _gathered((one.problems, wells) for one, wells in zip(made, names, strict=True))
    if problems:
        raise InputError(*problems)
    wells = tuple(
        _planned(well.name, well.replicate, made[well.treatment]) for well in layout.wells
    )
    first = [(at[0], one.loaded) for one, at in zip(made, names, strict=True) if at]
    first.sort(key=lambda at: [well.name for well in layout.wells].index(at[0]))
    against = list(contradictions(plate.shared, [(n, p) for n, p in first if p is not None]))
    if against:
        raise InputError(*against)
    found = _gathered(
        (one.plan.diagnostics, at) for one, at in zip(made, names, strict=True) if one.plan
    )
    return PlatePlan(
        plate.title,
        plate.name or slug(plate.title),
        document.text,
        document.sha256,
        layout.rows,
        layout.columns,
        min(channels, plate.channels or channels, len(wells)),
        plate.on_failure == "stop",
        wells,
        tuple(found),
    )


class _Made:
    """A treatment as a protocol and its plan, or why it is none."""

    def __init__(self, loaded: LoadedPlate, treatment: Treatment, bench: BenchProfile) -> None:
        self.treatment = treatment
        self.problems: list[Diagnostic] = []
        self.loaded: LoadedProtocol | None = None
        self.plan: Plan | None = None
        self.unvaried: dict[str, str] = {}
        """Factors that are not set in it, as the protocol has them."""
        base = loaded.protocols[treatment.listed or 0]
        try:
            document = varied(base, treatment.changes, loaded.document)
            if treatment.control is not None:
                at = loaded.document.locate(["controls", treatment.number])
                document = _control(treatment, document, bench, at)
            for name in loaded.plate.factors:
                with suppress(InputError):  # a control without current has no such step
                    path = path_of(loaded.plate.key_of(name), document.data)
                    if (value := value_at(document.data, path)) is not None:
                        self.unvaried[name] = shown(value)
            self.loaded = validate_protocol(document)
            self.plan = compile_protocol(self.loaded, bench)
        except InputError as error:
            self.problems += error.diagnostics


def _control(
    treatment: Treatment, document: Document, bench: BenchProfile, place: Location
) -> Document:
    """The document of a control, made of the protocol that it is a control of."""
    assert treatment.control is not None
    whole = validate_protocol(document)
    try:
        data = controlled(treatment.control, document.data, whole, compile_protocol(whole, bench))
    except InputError as error:
        raise InputError(*(d.at(place) for d in error.diagnostics)) from None
    made = load_document(as_yaml(data), document.name)
    return made.standing_at(lambda path, key: document.locate(path, key=key))


def varied(base: Document, changes: Sequence[Change], plate: Document) -> Document:
    """A protocol with some keys changed; where these stand is told in the plate.

    Raises `InputError` (E452) for a key that is none.
    """
    if not changes:
        return base
    paths: dict[KeyPath, Change] = {}
    for change in changes:
        try:
            path = path_of(change.key, base.data)
            clash = next((p for p in paths if p == path), None)
            if clash is not None:
                raise InputError.of(
                    f"`{change.key}` is set twice, also as `{paths[clash].factor}`", code="E452"
                )
            paths[path] = change
            written(base.data, [(path, change.value)])
        except InputError as error:
            at = change.written
            place = plate.locate(at if change.key == change.factor else at[:2], key=True)
            if at[0] == "factors":
                place = plate.locate(at[:2], key=True)
            raise InputError(*(d.at(place) for d in error.diagnostics)) from None
    data = written(base.data, [(path, change.value) for path, change in paths.items()])
    made = load_document(as_yaml(data), base.name)

    def locate(path: KeyPath, key: bool) -> Any:
        for at, change in paths.items():
            if path[: len(at)] == at:
                return plate.locate((*change.written, *path[len(at) :]))
        return base.locate(path, key=key)

    return made.standing_at(locate)


def _planned(name: str, replicate: int, made: _Made) -> PlannedWell:
    assert made.loaded is not None
    assert made.plan is not None
    treatment = made.treatment
    factors = dict(made.unvaried)
    factors |= {change.factor: shown(change.value) for change in treatment.changes}
    if treatment.listed is not None:
        factors = {"protocol": made.plan.title, **factors}
    return PlannedWell(
        name,
        ord(name[0]) - ord("A"),
        int(name[1:]),
        factors,
        treatment.control.label if treatment.control is not None else "",
        replicate,
        made.plan.model_copy(update={"name": name.lower()}),
        made.loaded.document.text,
    )


def _gathered(found: Iterable[tuple[Sequence[Diagnostic], Sequence[str]]]) -> list[Diagnostic]:
    """Each finding once, with the wells that it is about."""
    wells: dict[tuple[Any, ...], list[str]] = {}
    known: dict[tuple[Any, ...], Diagnostic] = {}
    total = 0
    for diagnostics, names in found:
        total += len(names)
        for one in diagnostics:
            same = (one.code, one.message, one.location, one.path)
            known.setdefault(same, one)
            wells.setdefault(same, []).extend(n for n in names if n not in wells.get(same, ()))
    gathered = [
        replace(one, message=f"{_in_words(wells[same], total)}: {one.message}")
        for same, one in known.items()
    ]
    return sorted(gathered, key=reading_order)


def _in_words(names: Sequence[str], total: int) -> str:
    names = sorted(names, key=lambda name: (name[0], int(name[1:])))
    if len(names) == total:
        return "all wells" if total > 1 else f"well {names[0]}"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"well{'s' * (len(names) > 1)} {', '.join(names[:_NAMED])}{more}"
