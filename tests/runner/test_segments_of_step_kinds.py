"""Every step kind that goes through a source has its segment, and drivers declare no other."""

from __future__ import annotations

from dataclasses import fields

from faradaic.instruments.traits import DRIVERS
from faradaic.protocols.plan import step_plan
from faradaic.protocols.step_kind import step_kinds
from faradaic.runner.translate import SEGMENTS

LEFT = {"duration_s", "charge_limit_C", "interval_s", "elapsed_s"}
"""What a segment has from what is left of a step, not from the step."""


def test_every_kind_that_runs_through_a_source_has_a_segment() -> None:
    kinds = (kind for kind in step_kinds().values() if kind.runs() and kind.needs_source)
    modes = {mode for kind in kinds for mode in (kind.mode, *kind.other_modes)}
    assert modes == SEGMENTS.keys()


def test_a_segment_asks_for_nothing_that_its_step_does_not_hold() -> None:
    for name, kind in step_kinds().items():
        if kind.runs() and kind.needs_source:
            held = step_plan(name).model_fields.keys()
            asked = {field.name for field in fields(SEGMENTS[kind.mode])}
            assert asked - LEFT <= held, name


def test_drivers_declare_modes_that_have_a_segment() -> None:
    for name in DRIVERS.names():
        assert DRIVERS.load(name).capabilities.modes <= SEGMENTS.keys(), name
