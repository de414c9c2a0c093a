"""The JSON Schema that editors get: draft 7, accepting what the models accept."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from faradaic.documents.document import load_document
from faradaic.protocols.json_schema import protocol_json_schema
from faradaic.protocols.library import library_file, library_names

SCHEMA = protocol_json_schema()
EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
WRONG = Path(__file__).parent / "wrong"


def accepts(path: Path) -> bool:
    return Draft7Validator(SCHEMA).is_valid(load_document(path).data)


def test_the_schema_is_valid_draft_7() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    text = str(SCHEMA)
    assert "$defs" not in text
    assert "prefixItems" not in text


def test_every_reference_leads_somewhere() -> None:
    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    named = {f"#/definitions/{name}" for name in SCHEMA["definitions"]}
    assert references(SCHEMA) <= named


@pytest.mark.parametrize(
    "path", [*EXAMPLES, *map(library_file, library_names())], ids=lambda path: path.name
)
def test_it_accepts_the_examples_and_the_library(path: Path) -> None:
    errors = [
        error.message for error in Draft7Validator(SCHEMA).iter_errors(load_document(path).data)
    ]
    assert errors == []


@pytest.mark.parametrize(
    "name",
    [
        "unknown_section",
        "unknown_electrode_key",
        "unknown_step_kind",
        "unknown_step_key",
        "title_missing",
        "form_missing",
        "form_unknown",
        "cell_type_unknown",
        "then_unknown",
        "version_unknown",
        "current_without_unit",
        "current_as_a_list",
        "current_empty",
        "steps_empty",
        "steps_as_mapping",
        "step_as_text",
        "repeat_nothing",
        "electrons_as_text",
        "electrons_zero",
        "ph_out_of_range",
        "workup_in_small_letters",
        "waiver_of_no_finding",
        "condition_without_side",
        "doi_malformed",
    ],
)
def test_it_refuses_what_types_can_tell(name: str) -> None:
    assert not accepts(WRONG / f"{name}.yaml")


def test_every_section_has_an_explanation_for_the_editor() -> None:
    silent = [name for name, part in SCHEMA["definitions"].items() if not part.get("description")]
    assert silent == []
