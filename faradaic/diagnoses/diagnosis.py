"""A diagnosis: what is seen, in numbers, what it probably comes from, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from faradaic.diagnoses.diagnosis_catalogue import cause_of


@dataclass(frozen=True, slots=True)
class Cause:
    """One probable cause: its name in the catalogue, and how sure it is."""

    name: str
    confidence: float
    """From 0 to 1: its share among the causes that were weighed, never a frequency at benches."""

    @property
    def words(self) -> str:
        """Get what it is, as a person would say it."""
        return cause_of(self.name).what

    def as_dict(self) -> dict[str, Any]:
        """Name, words, confidence, and what to look at and do, for a journal."""
        told = cause_of(self.name)
        return {
            "name": self.name,
            "what": told.what,
            "confidence": round(self.confidence, 3),
            "look": told.look,
            "do": told.do,
        }


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One finding on the readings up to `time_s`."""

    id: str
    """Of the catalogue: D01 to D23."""
    time_s: float
    """When it was made."""
    since_s: float
    """Since when what it tells of is seen."""
    charge_C: float
    """Gross, when it was made."""
    since_C: float
    evidence: str
    """What is seen, with numbers, as a sentence without a full stop."""
    causes: tuple[Cause, ...]
    """The most probable first."""
    numbers: Mapping[str, float] = field(default_factory=dict)
    """SI, each with its unit in its name."""
    note: bool = False
    """Something that belongs to the chemistry or tells of the meter, nothing to act on."""
    revised: bool = False
    """It takes the place of the one with its id that went before."""
    lost_C: float = 0.0
    """Gross charge that passed beside the electrolysis (through a short)."""

    @property
    def cause(self) -> str:
        """Get the name of the most probable cause."""
        return self.causes[0].name

    @property
    def look(self) -> str:
        """Get what to look at."""
        return cause_of(self.cause).look

    @property
    def do(self) -> str:
        """Get what to do."""
        return cause_of(self.cause).do

    @property
    def sentence(self) -> str:
        """Get evidence and causes in one line."""
        first, *others = self.causes
        text = f"{self.evidence}: {probably(first.confidence)} {first.words}"
        named = [one for one in others if one.confidence >= 0.05]
        if named:
            rest = ", ".join(f"{one.words} ({one.confidence:.0%})" for one in named)
            text += f" ({first.confidence:.0%}); else {rest}"
        return text

    @property
    def brief(self) -> str:
        """Get the id and the first cause, for one line of a terminal."""
        return f"{self.id} {probably(self.causes[0].confidence)} {self.causes[0].words}"

    def as_dict(self) -> dict[str, Any]:
        """What a journal keeps."""
        return {
            "id": self.id,
            "time_s": self.time_s,
            "since_s": self.since_s,
            "charge_C": self.charge_C,
            "since_C": self.since_C,
            "text": self.sentence,
            "evidence": self.evidence,
            "causes": [one.as_dict() for one in self.causes],
            "look": self.look,
            "do": self.do,
            "numbers": dict(self.numbers),
            "note": self.note,
            "revised": self.revised,
            "lost_C": self.lost_C,
        }


def probably(confidence: float) -> str:
    """How sure, in a word."""
    if confidence >= 0.8:
        return "very probably"
    return "probably" if confidence >= 0.5 else "possibly"


def weighed(likelihoods: Mapping[str, float], most: float = 0.95) -> tuple[Cause, ...]:
    """Causes in order, their likelihoods made shares of one; none is surer than `most`."""
    total = sum(likelihoods.values())
    shares = sorted(((v / total, k) for k, v in likelihoods.items()), reverse=True)
    return tuple(Cause(name, min(share, most)) for share, name in shares if share >= 0.02)
