"""Steps as written: one mapping of one key per step, the key being the kind.

Which kinds there are isn't known here: each has a file in `faradaic.protocols.step_kinds`, and
`faradaic.protocols.protocol_model` completes these models with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import model_validator

from faradaic.documents.models import Count, Model, NotEmpty, Text, problem
from faradaic.protocols.schema.end_conditions import Conditions
from faradaic.protocols.schema.field_types import Recorded

if TYPE_CHECKING:
    from faradaic.protocols.schema.solution import Component


class StepModel(Model):
    """What every step may say."""

    label: Text | None = None
    notes: Recorded[Text | None] = None

    def doses(self, components: Mapping[str, Component]) -> Iterator[tuple[str, float | None]]:
        """What it adds: component and moles, None where the protocol doesn't tell."""
        yield from ()

    def held_A(
        self, areas_m2: Mapping[str, Mapping[str, float]], limiting_mol: float | None
    ) -> float | None:
        """The largest current that is held, A; None where none is, or nothing tells it.

        `areas_m2` are those of the electrodes by name and basis.
        """
        return None


class Step(Model):
    """One step: a mapping with one key, its kind."""

    @model_validator(mode="after")
    def _one_kind(self) -> Step:
        given = self._given()
        if len(given) != 1:
            named = ", ".join(f"`{kind}`" for kind in given) or "nothing"
            raise problem(
                f"a step is one thing, but this one names {named}",
                help="begin each step with its own dash: `- open_circuit: {duration: 60 s}`",
            )
        return self

    def _given(self) -> list[str]:
        return [name for name in type(self).model_fields if getattr(self, name) is not None]

    @property
    def kind(self) -> str:
        """The key of the step: `constant_current`, ..."""
        return self._given()[0]

    @property
    def body(self) -> StepModel:
        """What stands under the key."""
        body = getattr(self, self.kind)
        assert isinstance(body, StepModel)
        return body


class Repeat(StepModel):
    """Steps done over and over."""

    label: Recorded[Text | None] = None
    count: Count | None = None
    """How many rounds, at most; what `until` needs if not given."""
    until: Conditions | None = None
    """What ends it within a round: charge and time count from its beginning."""
    steps: Annotated[tuple[Step, ...], NotEmpty()]

    @model_validator(mode="after")
    def _ends(self) -> Repeat:
        if self.count is None and self.until is None:
            raise problem(
                "nothing ends this repeat",
                code="E302",
                help="add `count: 10`, or `until: 3 F/mol`",
            )
        return self

    def held_A(
        self, areas_m2: Mapping[str, Mapping[str, float]], limiting_mol: float | None
    ) -> float | None:
        """The largest of its steps."""
        return largest_held_A(self.steps, areas_m2, limiting_mol)

    def doses(self, components: Mapping[str, Component]) -> Iterator[tuple[str, float | None]]:
        """What its steps add in all rounds."""
        for step in self.steps:
            for name, moles in step.body.doses(components):
                yield name, None if moles is None or not self.count else self.count * moles


def largest_held_A(
    steps: Iterable[Step],
    areas_m2: Mapping[str, Mapping[str, float]],
    limiting_mol: float | None,
) -> float | None:
    """The largest current that any of the steps holds, A; None where none is told."""
    held = (step.body.held_A(areas_m2, limiting_mol) for step in steps)
    return max((one for one in held if one is not None), default=None)


def kinds_of(steps: Iterable[Step]) -> Iterator[str]:
    """The kinds of steps, with those that are repeated."""
    for step in steps:
        yield step.kind
        if isinstance(step.body, Repeat):
            yield from kinds_of(step.body.steps)
