"""Every key of the schema changes something in the plan, or is one that is kept for the record."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faradaic.diagnostics import InputError
from faradaic.documents.document import load_document
from faradaic.protocols.protocol_model import protocol_model
from faradaic.protocols.step_kind import step_kinds
from rigs.whole_protocols import WHOLE, WITH_DEVICES

SCHEMA = protocol_model().model_json_schema()
MODELS = {name: d for name, d in SCHEMA["$defs"].items() if "properties" in d} | {
    "Protocol": SCHEMA if "properties" in SCHEMA else SCHEMA["$defs"]["Protocol"]
}
DOCS = Path(__file__).parents[2] / "docs" / "keys_for_the_record.md"
IDLE = {step_kinds()[kind].__name__ for kind in step_kinds() if not step_kinds()[kind].runs()}
"""Kinds that are refused with all their keys (E402)."""
IDLE |= {"Level", "CurrentSpan", "VoltageSpan"}
AGAINST = (
    *("ConstantPotential", "CyclicVoltammetry", "LinearSweep", "Impedance", "Pulsed", "Ramp"),
    *("SquareWaveVoltammetry", "DifferentialPulseVoltammetry"),
)
"""Kinds with a potential against an electrode."""
BY_NAME = {
    "Electrode.ppi": 80,
    "ElectrodeCurrentDensity.electrode": "cathode",
    "LevelDensity.electrode": "counter",
    "ConnectedReference.couple": "SCE",
    "ConnectedReference.filling": "saturated KCl",
    "Analysis.product": "side",
    "Product.substrate": "acid",
    "Cell.type": "h_cell",
    "Solution.limiting": "acid",
    "Dose.component": "acid",
    "Component.smiles": "CCCCN",
    "Component.potential_kind": "peak",
    "Protocol.waivers": {"Q06": "another reason"},
    "ConstantCellVoltage.interval": "7 s",
    "CyclicVoltammetry.from": "0.1 V",
    "LinearSweep.from": "0.1 V",
    "EarlierRun.journal": "2f" * 32,
    "EarlierRun.began": "2026-11-21T07:00:13Z",
    "EarlierRun.ended": "2026-11-21T08:00:13Z",
    "SquareWaveVoltammetry.from": "0.1 V",
    "DifferentialPulseVoltammetry.from": "0.1 V",
    "Set.wait": False,
    "Interlock.relay": "closed",
    **{f"{kind}.vs": "SHE" for kind in AGAINST},
}
"""Values that mean something where only few do."""
SAYS_ITSELF = {"Protocol.faradaic", "Step"}
"""The version of the schema has one value; a step is its kind."""

REFUSED = {
    "CurrentInterrupt.rate",
    "Interlock.device",
    "Set.device",
    "ConstantPotential.ir_compensation",
    "EndState.output",
    "SetGas.off",
    "TemperatureCeiling.value",
}
"""Keys whose other values are refused, not ignored: no bench takes them yet, or another key has to
change with them."""


def record_keys() -> set[str]:
    """The keys whose schema says that they are kept for the record."""
    return {
        f"{model}.{key}"
        for model, schema in MODELS.items()
        for key, told in schema["properties"].items()
        if "kept for the record" in json.dumps(told).lower()
    }


def options(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in (schema, *schema.get("anyOf", ())):
        yield one
        for part in ("oneOf", "allOf", "anyOf"):
            yield from one.get(part, ())


def chosen(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What stands below keys that a protocol chooses itself."""
    more = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    return [one for one in more if isinstance(one, dict)]


def referred(schema: dict[str, Any]) -> set[str]:
    """Models that a value may be, or hold."""
    found = set()
    for one in options(schema):
        for inner in (one, one.get("items"), *chosen(one)):
            if isinstance(inner, dict):
                names = (o.get("$ref", "").rpartition("/")[2] for o in options(inner))
                found |= {name for name in names if name in MODELS}
    return found


def leaves(model: str, node: dict[str, Any], path: tuple) -> Iterator[tuple[str, tuple, dict]]:
    """(model.key, path, schema) of every key that a document could say below a place."""
    for key, schema in MODELS[model]["properties"].items():
        value, models = node.get(key), referred(schema)
        held = [(key, value)]
        if isinstance(value, list):
            held = [((key, i), one) for i, one in enumerate(value)]
        elif (
            isinstance(value, dict)
            and any(chosen(o) for o in options(schema))
            and not any(o.get("$ref") for o in options(schema))
        ):
            held = [((key, name), one) for name, one in value.items()]
        inner = [(at, one) for at, one in held if isinstance(one, dict)]
        if models and inner:
            for at, one in inner:
                best = max(models, key=lambda m: len(one.keys() & MODELS[m]["properties"].keys()))
                yield from leaves(best, one, (*path, *(at if isinstance(at, tuple) else (at,))))
        elif not models:
            yield f"{model}.{key}", (*path, key), schema


def scaled(text: Any, factor: float) -> str | None:
    match = re.fullmatch(r"\s*([<>=]*\s*)([-+]?[0-9.]+)(.*)", str(text))
    return f"{match[1]}{float(match[2]) * factor:.6g}{match[3]}" if match else None


def others(name: str, schema: dict[str, Any], old: Any) -> Iterator[Any]:
    """Values that a key could have instead."""
    if name in BY_NAME:
        yield BY_NAME[name]
    for one in options(schema):
        if reference := one.get("$ref"):
            yield from SCHEMA["$defs"][reference.rpartition("/")[2]].get("enum", ())
        yield from one.get("enum", ())
        match one.get("type"):
            case "boolean":
                yield from (True, False)
            case "integer" | "number":
                yield from (3, 1, 2, 0.5)
            case "string":
                texts = [old] if old is not None else one.get("examples", [])
                for text in texts:
                    yield text
                    yield from filter(None, (scaled(text, f) for f in (0.9, 1.1, 0.3)))
                yield "2020-01-02" if one.get("format") == "date" else "SCE"
                yield "another"
            case "array":
                yield [1.5, 5] if "prefixItems" in one else []
                yield from ([v] for v in others("", one.get("items", {}), None))


def told(plan) -> dict[str, Any]:
    """A plan without what says where things stand in the text."""

    def strip(part: Any) -> Any:
        if isinstance(part, dict):
            where = {"line", "column", "protocol_sha256"} | ({"text"} if "line" in part else set())
            return {k: strip(v) for k, v in part.items() if k not in where}
        return [strip(v) for v in part] if isinstance(part, list) else part

    return strip(plan.model_dump(mode="json"))


def count(
    document: dict[str, Any], planned, known: set[str], bench: str = "simulated-emstat4-hr"
) -> set[str]:
    """The keys that change the plan of a document, but for those that are known to."""

    def plan(one: dict[str, Any]) -> dict[str, Any]:
        return told(planned(json.dumps(one, default=str), bench))

    base, found = plan(document), set()
    for name, path, schema in leaves("Protocol", document, ()):
        if name in found | known | SAYS_ITSELF or name.partition(".")[0] in ("Step", *IDLE):
            continue
        changed = copy.deepcopy(document)
        place = changed
        for key in path[:-1]:
            place = place[key]
        old = place.get(path[-1])
        tried = 0
        for value in others(name, schema, old):
            if value == old or tried == 8:
                continue
            place[path[-1]] = value
            tried += 1
            try:
                if plan(changed) != base:
                    found.add(name)
                    break
            except InputError:
                continue
    return found


@pytest.mark.long
def test_every_key_changes_the_plan(planned) -> None:
    counted: set[str] = set(REFUSED)
    for text in WHOLE:
        counted |= count(load_document(text, "whole.yaml").data, planned, counted)
    around = load_document(WITH_DEVICES, "whole.yaml").data
    counted |= count(around, planned, counted, "simulated-with-devices")
    every = {
        f"{model}.{key}"
        for model, schema in MODELS.items()
        for key, inside in schema["properties"].items()
        if model not in ("Step", *IDLE) and not referred(inside)
    }
    left = every - counted - SAYS_ITSELF
    assert not left, " ".join(sorted(left))


def test_the_keys_for_the_record_are_documented() -> None:
    listed = set(re.findall(r"^- `([A-Za-z]+\.\w+)`", DOCS.read_text(), re.MULTILINE))
    assert listed == record_keys()
