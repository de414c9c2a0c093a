"""The JSON Schema of protocols, draft 7, for editors (`faradaic schema`).

pydantic writes draft 2020-12; the YAML language server reads draft 7, where definitions stand
under `definitions`, and tuples of fixed length are `items` with `additionalItems`.
"""

from __future__ import annotations

from typing import Any

from faradaic.protocols.protocol_model import protocol_model

DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def protocol_json_schema() -> dict[str, Any]:
    """A draft-7 schema that accepts what the protocol's models accept, as far as types can say."""
    schema = _draft_7(protocol_model().model_json_schema())
    assert isinstance(schema, dict)
    return {"$schema": DRAFT_7, **schema}


def _draft_7(node: Any) -> Any:
    if isinstance(node, list):
        return [_draft_7(item) for item in node]
    if not isinstance(node, dict):
        return node
    converted = {_KEYWORDS.get(key, key): _draft_7(value) for key, value in node.items()}
    if isinstance(node.get("prefixItems"), list):
        converted["additionalItems"] = False
    if "patternProperties" in node:
        converted.setdefault("additionalProperties", False)
    reference = converted.get("$ref")
    if isinstance(reference, str):
        reference = reference.replace("#/$defs/", "#/definitions/")
        rest = {key: value for key, value in converted.items() if key != "$ref"}
        # In draft 7 nothing beside a $ref counts.
        return {"allOf": [{"$ref": reference}], **rest} if rest else {"$ref": reference}
    return converted


_KEYWORDS = {"$defs": "definitions", "prefixItems": "items"}
