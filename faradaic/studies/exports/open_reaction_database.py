"""A preparative run as a message of the Open Reaction Database (Kearnes et al. 2021).

Inputs, conditions and work-up are those of the plan, the course of the electrolysis and the
outcome those of the run. What the run does not tell is left out or marked as not recorded; the
message is checked with the validations of ord-schema before it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from faradaic import __version__
from faradaic.analysis.integration import find_intervals, weights_s
from faradaic.diagnostics import FaradaicError, refusal
from faradaic.optional_libraries import optional_library
from faradaic.quantities import Dimension, convert, parse
from faradaic.quantities.constants import CELSIUS_ZERO_K
from faradaic.records.folder import text_bytes, write_file
from faradaic.records.run import Run
from faradaic.studies.exports.contents import Contents
from faradaic.studies.exports.formats import Options
from faradaic.studies.run.electrolysis_results import ElectrolysisResults, analyze_electrolysis
from faradaic.studies.run.run_reader import devices_of

SUFFIX = ".pbtxt"
_MOST_MEASUREMENTS = 100
_ROLES = {
    "substrate": "REACTANT",
    "coupling_partner": "REACTANT",
    "reactant": "REACTANT",
    "solvent": "SOLVENT",
    "cosolvent": "SOLVENT",
    "catalyst": "CATALYST",
    "mediator": "CATALYST",
    "internal_standard": "INTERNAL_STANDARD",
}
"""The roles of a protocol; all others (electrolyte, acid, base, ...) are reagents."""
_IN_BRACKETS = re.compile(r"\(([^()]*)\)\s*$")
_GAP = re.compile(r"electrode gap ([^,]+)")


def write(contents: Contents, path: Path, options: Options) -> Path:
    """Write the message: text (.pbtxt), or JSON or binary where `path` ends with .json or .pb.

    Raises `InputError`: E809 without ord-schema, E795 for what is no preparative run or a message
    that does not pass the validations.
    """
    validations = optional_library("ord_schema.validations")
    json_format = import_module("google.protobuf.json_format")
    text_format = import_module("google.protobuf.text_format")
    message = reaction_of(contents, options)
    found = validations.validate_message(message, raise_on_error=False)
    if found.errors:
        raise refusal(
            "E795",
            f"{contents.title} makes no valid reaction: " + "; ".join(found.errors),
            "complete the protocol, or give --author, --email and --product",
        )
    if path.suffix == ".json":
        data = text_bytes(json_format.MessageToJson(message, preserving_proto_field_name=True))
    elif path.suffix == ".pb":
        data = message.SerializeToString(deterministic=True)
    else:
        data = text_bytes(text_format.MessageToString(message))
    write_file(path, data)
    return path


def reaction_of(contents: Contents, options: Options) -> Any:
    """The `ord_schema.proto.reaction_pb2.Reaction` of a run, not validated."""
    from ord_schema.proto import reaction_pb2

    run = contents.run
    if run is None or not run.plan or not (run.plan.get("procedure") or {}).get("components"):
        raise refusal(
            "E795",
            f"{contents.title} is no preparative run: there is no plan with a solution",
            "give the folder of a run; other data go into --to frictionless or eln",
        )
    if options.author is None or not options.author.name or not options.author.email:
        raise refusal(
            "E795",
            "a message of the Open Reaction Database says who made it",
            'add --author "Your Name" --email you@example.org',
        )
    procedure = run.plan["procedure"]
    results = analyze_electrolysis(
        run,
        product_amount_mol=options.product_mol,
        substrate_left_mol=options.substrate_left_mol,
    )
    reaction = reaction_pb2.Reaction()
    reaction.identifiers.add(type="REACTION_TYPE", value="electrolysis")
    _inputs(reaction, procedure["components"], run)
    _setup(reaction, procedure, run)
    _conditions(reaction.conditions, procedure)
    _electrochemistry(reaction.conditions.electrochemistry, contents, run)
    _notes(reaction, contents, run)
    for step in (*_steps(procedure, "workup"), *_steps(procedure, "purification")):
        _workup(reaction, step)
    _outcome(reaction, procedure, run, results)
    _provenance(reaction, contents, run, options)
    return reaction


def _inputs(reaction: Any, components: Sequence[Mapping[str, Any]], run: Run) -> None:
    for component in components:
        entry = reaction.inputs[str(component["id"])]
        compound = entry.components.add()
        name = str(component.get("name") or component["id"])
        compound.identifiers.add(type="NAME", value=name)
        compound.reaction_role = _role(str(component.get("role") or ""))
        if component["id"] == run.header.get("limiting"):
            compound.is_limiting = True
        _amount(compound.amount, component)


def _role(role: str) -> int:
    from ord_schema.proto import reaction_pb2

    known = reaction_pb2.ReactionRole.ReactionRoleType
    return int(known.Value(_ROLES.get(role, "REAGENT")))


def _amount(amount: Any, component: Mapping[str, Any]) -> None:
    """Moles as the plan has them, else the volume or mass as it was written."""
    mol = component.get("amount_mol")
    if mol is not None:
        amount.moles.value, amount.moles.units = convert(float(mol), "mmol"), amount.moles.MILLIMOLE
        return
    written = _IN_BRACKETS.search(str(component.get("text") or ""))
    for part in written[1].split(", ") if written else ():
        volume_m3 = _quantity(part, Dimension.VOLUME)
        mass_kg = _quantity(part, Dimension.MASS)
        if volume_m3 is not None:
            amount.volume.value, amount.volume.units = (
                convert(volume_m3, "mL"),
                amount.volume.MILLILITER,
            )
            return
        if mass_kg is not None:
            amount.mass.value, amount.mass.units = convert(mass_kg, "mg"), amount.mass.MILLIGRAM
            return
    amount.unmeasured.type = amount.unmeasured.CUSTOM
    amount.unmeasured.details = "amount not recorded"


def _setup(reaction: Any, procedure: Mapping[str, Any], run: Run) -> None:
    vessel = reaction.setup.vessel
    vessel.type = vessel.ELECTROCHEMICAL_CELL
    vessel.details = str(procedure.get("cell") or "not recorded")
    reaction.setup.automation_platform = devices_of(run.header.get("identity"))


def _conditions(conditions: Any, procedure: Mapping[str, Any]) -> None:
    temperature_K = _quantity(procedure.get("temperature"), Dimension.TEMPERATURE)
    if temperature_K is not None:
        setpoint = conditions.temperature.setpoint
        setpoint.value, setpoint.units = temperature_K - CELSIUS_ZERO_K, setpoint.CELSIUS
    stirring = procedure.get("stirring")
    if stirring:
        conditions.stirring.type = conditions.stirring.CUSTOM
        conditions.stirring.details = f"stirred at {stirring}"
        per_s = _quantity(stirring, Dimension.ROTATION_RATE)
        if per_s is not None:
            conditions.stirring.rate.rpm = round(convert(per_s, "rpm"))
    if procedure.get("atmosphere"):
        atmosphere = conditions.pressure.atmosphere
        kinds = {"air": atmosphere.AIR, "nitrogen": atmosphere.NITROGEN, "argon": atmosphere.ARGON}
        atmosphere.type = kinds.get(str(procedure["atmosphere"]).lower(), atmosphere.CUSTOM)
        atmosphere.details = str(procedure["atmosphere"])


def _electrochemistry(cell: Any, contents: Contents, run: Run) -> None:
    assert run.plan is not None
    ran = {event.fields.get("step") for event in run.steps_with_current}
    steps = [step for step in run.plan.get("steps") or () if step.get("id") in ran]
    labels = "; ".join(str(step.get("label") or step["kind"]) for step in steps)
    cell.details = f"{contents.status}. {labels}. Currents are magnitudes"
    # a step of any kind names what it holds by the same keys
    held = {(step.get("current_A"), step.get("cell_voltage_V")) for step in steps}
    current_A, voltage_V = held.pop() if len(held) == 1 else (None, None)
    if current_A is not None:
        cell.type = cell.CONSTANT_CURRENT
        cell.current.value = convert(abs(float(current_A)), "mA")
        cell.current.units = cell.current.MILLIAMPERE
    elif voltage_V is not None:
        cell.type = cell.CONSTANT_VOLTAGE
        cell.voltage.value, cell.voltage.units = abs(float(voltage_V)), cell.voltage.VOLT
    else:
        cell.type = cell.CUSTOM
    for electrode in run.plan.get("electrodes") or ():
        if electrode.get("name") in ("anode", "cathode"):
            setattr(cell, f"{electrode['name']}_material", str(electrode.get("description", "")))
    words = str((run.plan.get("procedure") or {}).get("cell") or "")
    if words.startswith(("divided", "undivided")):
        cell.cell.type = cell.cell.DIVIDED_CELL if words[0] == "d" else cell.cell.UNDIVIDED_CELL
        cell.cell.details = words
    gap = _GAP.search(words)
    gap_m = _quantity(gap[1], Dimension.LENGTH) if gap else None
    if gap_m is not None:
        separation = cell.electrode_separation
        separation.value, separation.units = convert(gap_m, "mm"), separation.MILLIMETER
    _measurements(cell, run)


def _measurements(cell: Any, run: Run) -> None:
    """At most a hundred samples while current flowed, evenly taken; the table holds all of them.

    The database knows magnitudes of currents only; a negative voltage is left out.
    """
    import numpy as np

    series = run.time_series()
    flowing = np.flatnonzero(weights_s(find_intervals(series)) > 0)
    if not flowing.size:
        return
    count = min(flowing.size, _MOST_MEASUREMENTS)
    voltage_V = series.anode_less_cathode_V
    for i in flowing[np.unique(np.linspace(0, flowing.size - 1, count).astype(int))]:
        one = cell.measurements.add()
        one.time.value, one.time.units = float(series.time_s[i]), one.time.SECOND
        one.current.value = convert(abs(float(series.current_A[i])), "mA")
        one.current.units = one.current.MILLIAMPERE
        if voltage_V[i] >= 0.0:
            one.voltage.value = float(voltage_V[i])
            one.voltage.units = one.voltage.VOLT


def _notes(reaction: Any, contents: Contents, run: Run) -> None:
    assumed = [
        f"{one.get('field')} = {one.get('value')} ({one.get('reason')})"
        for one in (run.plan or {}).get("assumptions") or ()
    ]
    parts = [f"{contents.status}. {run.title}.", f"Ended {run.outcome}: {run.stop_reason}."]
    parts += [f"SIMULATED: {name} is guessed." for name in sorted(run.guessed_columns)]
    if assumed:
        parts.append("Assumed: " + "; ".join(assumed) + ".")
    reaction.notes.procedure_details = " ".join(parts)


def _steps(procedure: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    return [step for step in procedure.get(key) or () if isinstance(step, Mapping)]


def _workup(reaction: Any, step: Mapping[str, Any]) -> None:
    from ord_schema.proto import reaction_pb2

    kinds = reaction_pb2.ReactionWorkup.ReactionWorkupType
    kind, details = str(step.get("type") or ""), str(step.get("details") or "")
    if kind in kinds.keys():  # noqa: SIM118 -- an enum wrapper, not a mapping
        reaction.workups.add(type=kind, details=details)
    else:
        reaction.workups.add(type="CUSTOM", details=f"{kind} {details}".strip() or "not recorded")


def _outcome(
    reaction: Any, procedure: Mapping[str, Any], run: Run, results: ElectrolysisResults
) -> None:
    from ord_schema.proto import reaction_pb2

    outcome = reaction.outcomes.add()
    elapsed_s = results.time_with_current.value
    if elapsed_s is not None:
        outcome.reaction_time.value = elapsed_s
        outcome.reaction_time.units = outcome.reaction_time.SECOND
    if results.conversion.value is not None:
        outcome.conversion.value = 100.0 * results.conversion.value
    kinds = reaction_pb2.Analysis.AnalysisType
    for step in _steps(procedure, "analysis"):
        kind, details = str(step.get("type") or ""), str(step.get("details") or "")
        analysis = outcome.analyses[kind or "analysis"]
        if kind in kinds.keys():  # noqa: SIM118
            analysis.type, analysis.details = kinds.Value(kind), details
        else:
            analysis.type = analysis.CUSTOM
            analysis.details = f"{kind} {details}".strip() or "not recorded"
    charge = results.charge_per_amount
    if charge.value is not None:
        electrical = outcome.analyses["electrolysis"]
        electrical.type, electrical.details = (
            electrical.CUSTOM,
            "charge, voltage and energy of the run",
        )
        for result in results:
            if result.value is not None:
                data = electrical.data[result.key]
                data.float_value = result.value
                data.description = f"{result.name}: {result.unit}; {result.method}"
    for key, product in (run.header.get("products") or {}).items():
        entry = product if isinstance(product, Mapping) else {}
        compound = outcome.products.add()
        compound.identifiers.add(type="NAME", value=str(entry.get("name") or key))
        target = bool(entry.get("target"))
        compound.is_desired_product = target
        role = "PRODUCT" if target else "BYPRODUCT"
        compound.reaction_role = reaction_pb2.ReactionRole.ReactionRoleType.Value(role)
        if target and results.product_yield.value is not None:
            found = compound.measurements.add(type="YIELD", details=results.product_yield.method)
            found.percentage.value = 100.0 * results.product_yield.value
        if target and results.faradaic_efficiency.value is not None:
            found = compound.measurements.add(
                type="CUSTOM", details=f"Faradaic efficiency, {results.faradaic_efficiency.basis}"
            )
            found.percentage.value = 100.0 * results.faradaic_efficiency.value


def _provenance(reaction: Any, contents: Contents, run: Run, options: Options) -> None:
    provenance = reaction.provenance
    if contents.start:
        provenance.experiment_start.value = contents.start.isoformat(timespec="seconds")
    doi = str(((run.plan or {}).get("source") or {}).get("doi") or "")
    created = provenance.record_created
    created.time.value = datetime.now(UTC).isoformat(timespec="seconds")
    assert options.author is not None
    created.person.name, created.person.email = options.author.name, options.author.email
    if options.author.orcid:
        created.person.orcid = options.author.orcid
    created.details = f"written by faradaic {__version__}"
    metadata = {
        "simulated": {True: "true", False: "false", None: "unknown"}[contents.simulated],
        "status": contents.status,
        "run": run.name,
        "journal_sha256": run.journal_sha256,
        "protocol_sha256": str(run.header.get("protocol_sha256") or "unknown"),
        "protocol_after_doi": doi,
    }
    for key, value in metadata.items():
        if value:
            provenance.reaction_metadata[key].string_value = value


def _quantity(text: Any, dimension: Dimension) -> float | None:
    """The SI value of written words; None where they are none of this dimension."""
    try:
        return parse(text, dimension)
    except FaradaicError:
        return None
