"""What a chemist writes of a plate."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from faradaic.documents.models import Count, Model, NotEmpty, ShortForm, Text, problem, scalar_as
from faradaic.protocols.schema.protocol import Name

MOST_WELLS = 384
"""Of the largest plate of the standard (ANSI/SLAS 4-2004: 6 to 1536 wells) that is run here."""

ROWS = "ABCDEFGHIJKLMNOP"

WellName = Annotated[str, Field(strict=True, pattern=r"^[A-P][1-9][0-9]?$", examples=["A1"])]
Mapping = dict[str, Any]


_VALUES = {"type": ["array", "string"], "examples": ["[1 mA, 2 mA]"]}


def _as_values(value: Any) -> Any:
    """`[1 mA, 2 mA]` are the values of a factor called by its key; a text is a key."""
    if isinstance(value, list):
        return {"values": value}
    return {"key": value} if isinstance(value, str) else value


class Factor(Model):
    """A key of the protocol that is varied, and what it is set to."""

    key: Text | None = None
    """Where in the protocol, `steps[1].constant_current.current`; the factor's name if not
    given."""
    values: Annotated[tuple[Any, ...], NotEmpty()] | None = None
    """All of them with those of the other factors; without, `wells` say what stands where."""


def _as_control(value: Any) -> Any:
    if isinstance(value, str):
        if value == "no current":
            return {"name": value, "current": "none"}
        without = re.fullmatch(r"no ([A-Za-z0-9_.()+-]+)", value)
        return {"name": value, "without": without[1]} if without else {"name": value}
    return value


class Control(Model):
    """A well that shows what happens without something: current, a component."""

    name: Text | None = None
    current: Literal["none"] | None = None
    """`none`: open circuit for as long as the protocol takes."""
    without: Text | None = None
    """A component that is left out; the charge in coulombs stays that of the other wells."""
    set: Mapping = Field(default_factory=dict)
    """Keys of the protocol, as of factors, and what they are set to."""
    replicates: Count = 1

    @model_validator(mode="after")
    def _leaves_something_out(self) -> Control:
        if self.current is None and self.without is None and not self.set:
            raise problem(
                f"the control `{self.name or ''}` leaves nothing out and sets nothing",
                code="E302",
                help="write `no current`, `no COMPONENT`, or {name: dark, set: {KEY: VALUE}}",
            )
        return self

    @property
    def label(self) -> str:
        """Get what it is called."""
        if self.name:
            return self.name
        parts = ["no current"] if self.current else []
        parts += [f"no {self.without}"] if self.without else []
        return ", ".join(parts + [f"{key} = {value}" for key, value in self.set.items()])


class Seed(Model):
    """Which of all random orders."""

    seed: Annotated[int, Field(strict=True, ge=0, examples=[1])]


class Grid(Model):
    """Rows A, B, ... and columns 1, 2, ... of the plate."""

    rows: Annotated[int, Field(strict=True, ge=1, le=16)]
    columns: Annotated[int, Field(strict=True, ge=1, le=24)]


STANDARD = {1: (1, 1), 6: (2, 3), 12: (3, 4), 24: (4, 6), 48: (6, 8), 96: (8, 12), 384: (16, 24)}
"""Rows and columns by the number of wells (ANSI/SLAS 4-2004 and the makers of 6 to 48)."""


def _as_grid(value: Any) -> Any:
    if isinstance(value, int) and value in STANDARD:
        rows, columns = STANDARD[value]
        return {"rows": rows, "columns": columns}
    written = re.fullmatch(r"(\d+) ?[x×] ?(\d+)", value) if isinstance(value, str) else None
    return {"rows": int(written[1]), "columns": int(written[2])} if written else value


class ListedRun(Model):
    """One run of a list."""

    protocol: str | Mapping
    """A path beside the list, or the protocol itself."""
    set: Mapping = Field(default_factory=dict)
    """Keys of it and what they are set to."""
    replicates: Count = 1


Shared = Literal["stirring", "temperature"]


class Plate(Model):
    """A plate, or a list of runs, as written."""

    faradaic_plate: Literal[1]
    title: Text
    name: Name | None = None
    """Short name for the folder; made from the title if not given."""
    protocol: str | Mapping | None = None
    """A path beside the plate, `library:NAME`, or the protocol itself."""
    factors: dict[Text, Annotated[Factor, ShortForm(_as_values, _VALUES)]] = Field(
        default_factory=dict
    )
    wells: Annotated[dict[WellName, Mapping], NotEmpty()] | None = None
    """What stands where: by well, values of factors."""
    fill: Count | None = None
    """`wells: 24`: so many are filled, each protocol as often as the others."""
    replicates: Count = 1
    controls: tuple[Annotated[Control, ShortForm(_as_control, {"type": "string"})], ...] = ()
    runs: Annotated[tuple[Annotated[ListedRun, scalar_as("protocol")], ...] | None, NotEmpty()] = (
        None
    )
    layout: Annotated[Grid, ShortForm(_as_grid, {"type": ["integer", "string"]})] | None = None
    """`24`, or `4 x 6`; the smallest plate that holds all wells if not given."""
    randomise: Annotated[Seed, scalar_as("seed", 7)] | None = None
    """Which protocol stands where is drawn by chance, the same for the same seed."""
    channels: Annotated[int, Field(strict=True, ge=1)] | None = None
    """Of the bench, at most so many at once; all that it has if not given."""
    shared: tuple[Shared, ...] = ("stirring", "temperature")
    """What all wells have in common; `[]` where each well has its own."""
    on_failure: Literal["go on", "stop"] = "go on"
    """What the other wells do when one of them fails or trips."""

    @model_validator(mode="after")
    def _says_what_to_run(self) -> Plate:
        if (self.protocol is None) == (self.runs is None):
            raise problem(
                "`protocol` and `runs` are both given"
                if self.runs is not None
                else "a plate needs a `protocol`, or a list of `runs`",
                code="E306" if self.runs is not None else "E302",
                help="keep one: `protocol: FILE.yaml` with factors, or `runs: [FILE.yaml, ...]`",
                path=["runs"] if self.runs is not None else [],
            )
        if self.runs is not None:
            for key in ("factors", "wells", "controls"):
                if getattr(self, key):
                    raise problem(
                        f"`{key}` belong to one protocol, not to a list of runs",
                        help="leave it out, or write `set: {KEY: VALUE}` with a run",
                        path=[key],
                    )
        for name, factor in self.factors.items():
            if (factor.values is None) != (self.wells is not None):
                raise problem(
                    f"the factor `{name}` has no values"
                    if self.wells is None
                    else f"the factor `{name}` has values, and `wells` say them too",
                    code="E302" if self.wells is None else "E306",
                    help=f"write `{name}: [VALUE, VALUE]`"
                    if self.wells is None
                    else f"write `{name}: {factor.key or 'KEY'}`, or leave `wells` out",
                    path=["factors", name],
                )
        return self

    def key_of(self, factor: str) -> str:
        """The key of the protocol that a factor varies."""
        entry = self.factors.get(factor)
        return (entry.key if entry is not None else None) or factor
