"""What a step kind is, and which there are.

All that protocols know of a kind stands in its file in `faradaic.protocols.step_kinds`: what may be
written, the step of the plan, how the one becomes the other and in which words, what the bench
must be able to do, and what contradicts it. To add a kind, add its file:

    class HoverPlan(StepPlan):
        kind: Literal["hover"] = "hover"
        height_m: float

    @step_kind("hover")
    class Hover(MeasuredStep):
        height_m: Length

        def planned(self, context: Compilation, place: Place) -> StepPlan: ...

A kind that passes through the source is run by the segment of its name, or of the `mode` that it
names (`faradaic.instruments.segments`); drivers run a new segment when they say how.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import model_validator

from faradaic.diagnostics import Diagnostic
from faradaic.documents.models import problem
from faradaic.documents.validation import dotted
from faradaic.protocols import crosscheck
from faradaic.protocols.compilation import Compilation, Path, Place, Unresolvable
from faradaic.protocols.discovery import import_modules, import_one
from faradaic.protocols.endings import conditions, ending
from faradaic.protocols.plan import Condition, StepPlan
from faradaic.protocols.schema import Caps, Protocol, StepModel
from faradaic.protocols.schema.end_conditions import Conditions
from faradaic.protocols.schema.field_types import PositiveTime
from faradaic.protocols.schema.pauses import OnPause
from faradaic.protocols.single_pass import all_passed
from faradaic.quantities import format_duration

INTERVAL_S = 1.0
"""Time between readings if the protocol doesn't say."""

Kind = TypeVar("Kind", bound="type[StepKind]")


class StepKind(StepModel):
    """One kind of step, as written; what it states of itself beside its fields stands here."""

    kind: ClassVar[str] = ""
    """Its key in a protocol."""
    mode: ClassVar[str] = ""
    """The mode of a source that runs it, where it isn't called like the kind."""
    other_modes: ClassVar[tuple[str, ...]] = ()
    """The modes that other ways of writing it need; `needed_mode` says which."""
    short_form: ClassVar[str] = ""
    """The field that a text or a number standing for the whole step is the value of."""
    needs_source: ClassVar[bool] = True
    """Whether the source does it: False for what the operator or the engine does."""
    front_panel: ClassVar[str] = ""
    """What it holds or sweeps, in the word of a front panel; the wizard offers it by this word."""

    def planned(self, context: Compilation, place: Place) -> StepPlan:
        """The step of the plan; reports why there is none, and raises Unresolvable.

        A kind without this method is read and validated, and refused as one that doesn't run yet.
        """
        raise NotImplementedError

    def needed_mode(self) -> str:
        """The mode of a source that runs it as it is written."""
        return self.mode

    def mode_behind_a_bridge(self) -> str:
        """The mode that a source needs where a relay reverses it, the cell open meanwhile; empty
        where the step cannot bear that."""
        return self.needed_mode()

    def reverses(self) -> bool:
        """Whether it needs a source that reverses its polarity."""
        return False

    def bears_gap(self) -> bool | None:
        """Whether a relay may open the cell where it reverses; None where nothing does."""
        return bool(self.mode_behind_a_bridge()) if self.reverses() else None

    def contradictions(self, protocol: Protocol) -> Iterator[tuple[Diagnostic, Path]]:
        """What cannot be in this protocol, each with its path below the step (E306, E307)."""
        yield from ()

    def nominal_duration_s(self) -> float | None:
        """How long it takes as written; None where conditions of the run decide it."""
        return None

    def converts_at(self) -> tuple[float, str] | None:
        """Potential and its scale at which it is to convert the substrate; None where it says
        nothing of it."""
        return None

    def left_after(
        self, elapsed_s: float, gross_C: float | None
    ) -> Mapping[str, str | Mapping[str, str]] | None:
        """What else than its times and charges is to be written when it goes on after a time with
        current, and a charge (None where that does not tell the time: a relay opened the cell):
        keys and values, or those of a key; None where nothing is left."""
        return {}

    @classmethod
    def runs(cls) -> bool:
        """Whether this version runs it."""
        return cls.planned is not StepKind.planned

    def compiled(self, context: Compilation, place: Place) -> StepPlan:
        """The step of the plan for a bench that can run it; reports why not, raises Unresolvable.

        E402 for a kind that doesn't run yet, E401 and E408 for what the source doesn't do.
        """
        source = context.bench.source
        one_way = self.reverses() and not source.bipolar
        if one_way:
            context.report(
                "E408",
                f"the {source.model} cannot reverse the polarity",
                place.path,
                help="take a bench whose source is bipolar, or a constant polarity; or put a"
                " relay into its leads (`role: polarity_bridge`)",
            )
        mode = self.needed_mode()
        if self.reverses() and source.dead_time_s:
            mode = self.mode_behind_a_bridge()
        if not mode:
            context.report(
                "E408",
                f"the {source.model} is reversed by a relay, and the cell is open for"
                f" {source.dead_time_s:g} s then: `{self.kind}` of both directions bears no such"
                " gap",
                place.path,
                help="write `alternating_polarity`, or take a bench whose source is bipolar",
            )
            raise Unresolvable
        if not self.runs():
            able = sorted(["repeat", *(name for name, kind in step_kinds().items() if kind.runs())])
            context.report(
                "E402",
                f"`{self.kind}` is understood, but this version cannot run it",
                place.path,
                help=f"steps that run: {_listed(able)}",
            )
            raise Unresolvable
        if self.needs_source and mode not in source.modes:
            others = [f"`--bench {name}`" for name in context.bench.others_with(mode)]
            context.report(
                "E401",
                f"the {source.manufacturer} {source.model} on bench `{context.bench.name}` has no"
                f" {mode.replace('_', '-')} mode",
                place.path,
                help=f"it runs {_listed(_written_as(source.modes))}; take"
                f" {' or '.join(others) or 'a bench whose source has it'}",
            )
            raise Unresolvable
        if one_way:
            raise Unresolvable
        step = self.planned(context, place)
        crosscheck.check_length(context, step, place.path)
        return step

    def heading(self, context: Compilation, place: Place, label: str) -> dict[str, Any]:
        """What every step of the plan begins with: id, path, line, label."""
        return {
            "id": place.id,
            "path": dotted(place.path),
            "line": context.line(place.path),
            "label": self.label or label,
        }


_STEPS_OF_MODE = {"levels": "pulsed", "staircase": "ramp"}
"""How modes are written in a protocol whose names are those of no step."""


def _written_as(modes: Collection[str]) -> list[str]:
    return sorted(_STEPS_OF_MODE.get(mode, mode) for mode in modes)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


_PACKAGE = "faradaic.protocols.step_kinds"
"""Each of its files has the name of the kind in it."""
_kinds: dict[str, type[StepKind]] = {}


def step_kind(name: str) -> Callable[[Kind], Kind]:
    """Register a step kind under its key in a protocol."""

    def register(kind: Kind) -> Kind:
        if name in _kinds:
            raise ValueError(f"two step kinds are called {name}")
        kind.kind, kind.mode = name, kind.__dict__.get("mode") or name
        _kinds[name] = kind
        return kind

    return register


def step_kinds() -> Mapping[str, type[StepKind]]:
    """All step kinds by key: those of the package, and what else has been registered."""
    import_modules(_PACKAGE)
    return _kinds


def kinds_called(names: Iterable[str]) -> tuple[type[StepKind], ...] | None:
    """Those kinds alone, without reading the files of others; None where one is not known."""
    for name in names:
        if name not in _kinds and not import_one(_PACKAGE, name):
            return None
    return tuple(_kinds[name] for name in sorted(names))


class MeasuredStep(StepKind):
    """A step that takes readings."""

    duration_s: PositiveTime | None = None
    until: Conditions | None = None
    caps: Caps | None = None
    interval_s: PositiveTime | None = None
    """Time between readings; that of `sampling` if not given."""

    def nominal_duration_s(self) -> float | None:
        """Its duration, where no condition can end it before."""
        return None if self.until else self.duration_s

    def reading_interval_s(self, context: Compilation, path: Path) -> float:
        """Time between readings: the step's, the protocol's, or one that suits the source."""
        sampling = context.protocol.sampling.interval_s
        if self.interval_s is not None:
            path, interval_s = (*path, "interval"), self.interval_s
        elif sampling is not None:
            path, interval_s = ("sampling", "interval"), sampling
        else:
            interval_s = max(INTERVAL_S, context.bench.source.interval_min_s)
        crosscheck.check_interval(context, interval_s, path)
        return interval_s

    def course(
        self,
        context: Compilation,
        path: Path,
        *,
        current_limit_A: float,
        held_current_A: float | None = None,
        sign: int = 1,
        last: tuple[Condition, ...] = (),
    ) -> dict[str, Any]:
        """How the step ends and how often it is read: fields of its `StepPlan`.

        `held_current_A` is the magnitude of a current that is held, or its mean; `sign` turns the
        direction. `last` is a further condition, after those that are written.
        """
        sign *= context.protocol.electrodes.forward_sign
        until = conditions(context, self.until or (), path, sign, self.duration_s)
        until = (*until, *last, *all_passed(context, path))
        end = ending(context, self.caps, path, until, held_current_A, current_limit_A)
        return {**end, "interval_s": self.reading_interval_s(context, path)}


HOLD_AT_MOST_S = 3600.0
"""How long a pause keeps the output on where nobody says."""


class EnergisedStep(MeasuredStep):
    """A step that passes current until a condition ends it."""

    pause_keeps: ClassVar[str] = ""
    """What a pause can keep on: `hold_potential` or `keep_current`; empty for nothing."""

    on_pause: OnPause | None = None

    @model_validator(mode="after")
    def _ends(self) -> EnergisedStep:
        if self.until is None and self.duration_s is None:
            raise problem(
                "nothing ends this step",
                code="E302",
                help="add `until: 2.5 F/mol`, `until: [{charge: 2.5 F/mol}, ...]` or"
                " `duration: 2 h`",
            )
        return self

    def course(
        self,
        context: Compilation,
        path: Path,
        *,
        current_limit_A: float,
        held_current_A: float | None = None,
        sign: int = 1,
        last: tuple[Condition, ...] = (),
    ) -> dict[str, Any]:
        """As of every measured step, and what its pauses do."""
        course = super().course(
            context,
            path,
            current_limit_A=current_limit_A,
            held_current_A=held_current_A,
            sign=sign,
            last=last,
        )
        return course | self._pauses(context, path)

    def _pauses(self, context: Compilation, path: Path) -> dict[str, Any]:
        """What its pauses do, as it says or else the protocol does."""
        pause, here = self.on_pause, (*path, "on_pause")
        if pause is None:
            pause, here = context.protocol.on_pause, ("on_pause",)
            if pause is None or pause.output != self.pause_keeps:
                return {}
        if pause.output == "open_circuit":
            return {}
        if pause.output != self.pause_keeps:
            kept = self.pause_keeps
            context.report(
                "E306",
                f"a pause of `{self.kind}` cannot {pause.output.replace('_', ' the ')}",
                here,
                help=f"write `on_pause: {kept}`, or `on_pause: open_circuit`"
                if kept
                else "write `on_pause: open_circuit`: its output goes off",
            )
            raise Unresolvable
        at_most_s = pause.at_most_s
        if at_most_s is None:
            at_most_s = HOLD_AT_MOST_S
            context.assume((*here, "at_most"), format_duration(at_most_s), "not stated")
        return {"on_pause": pause.output, "hold_at_most_s": at_most_s}
