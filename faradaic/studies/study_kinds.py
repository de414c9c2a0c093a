"""The kinds of study there are: how one is written, computed and drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from faradaic.plugins import Plugins

if TYPE_CHECKING:
    from faradaic.studies.outcome import StudyOutcome
    from faradaic.studies.schema import Study

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class StudyKind:
    """What an entry point of `faradaic.study_kinds` names."""

    model: type[Study]
    """Of its file; `kind` in it is the name of the entry point."""
    analyze: Callable[[Any, Any, StudyOutcome], None]
    """Adds to an outcome what follows from a study of the model and the `StudyFile` around it."""
    figures: Callable[[StudyOutcome], dict[str, list[Any]]]
    """The panels of each figure, by the name of its file."""
    template: Path
    """A commented file to fill in."""


STUDY_KINDS: Plugins[StudyKind] = Plugins(
    "faradaic.study_kinds",
    "kind of study",
    "E780",
    {"model": type, "analyze": Callable, "figures": Callable, "template": Path},
)
