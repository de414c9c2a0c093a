"""From a protocol to the plan for one bench: every set-point in SI, every step of every repeat.

Pure: the same protocol and bench give the same plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from pydantic import BaseModel

from faradaic.chemistry.cell_description import CellDescription
from faradaic.chemistry.reference_electrodes import possible_electrodes
from faradaic.diagnostics import Severity
from faradaic.protocols import wording
from faradaic.protocols.bench import BenchProfile
from faradaic.protocols.ceilings import plan_limits
from faradaic.protocols.cell_of_protocol import describe_cell
from faradaic.protocols.checks import run_checks
from faradaic.protocols.compilation import Compilation, Path, Unresolvable
from faradaic.protocols.device_plans import as_fed, device_plans, interlocks, surroundings
from faradaic.protocols.estimates import estimate
from faradaic.protocols.load import LoadedProtocol
from faradaic.protocols.plan import INTERRUPTION_S, Assumption, ElectrodePlan, Plan, StepPlan
from faradaic.protocols.repeats import unrolled
from faradaic.protocols.resolved import ResolvedProtocol, resolve_protocol
from faradaic.protocols.schema import AreaBasis, Protocol
from faradaic.protocols.stoichiometry import product_balances, reaction_of_plan

MAX_STEPS = 10_000
"""Steps that a plan may have, repeats unrolled."""


def compile_protocol(loaded: LoadedProtocol, bench: BenchProfile) -> Plan:
    """Resolve a protocol for a bench.

    Raises InputError with every error found: E4xx where the protocol and the bench disagree, C01
    and C02 where a set-point lacks what it refers to. Warnings and notes are in `plan.findings`,
    waived where the protocol gives a reason.
    """
    protocol = loaded.protocol
    resolved = resolve_protocol(protocol)
    context = Compilation(resolved, loaded.document, bench)
    context.assumptions += [
        Assumption(field=a.field, value=a.value, reason=a.reason) for a in protocol.assumptions
    ]
    steps = _steps(context)
    limits = plan_limits(context, steps)
    around, demanded = device_plans(context), interlocks(context)
    electrodes = tuple(_electrodes(context))
    _assume_balances(context)
    _report_unused(context)
    context.raise_errors()
    away = protocol.limits.interruption
    plan = Plan(
        title=protocol.title,
        name=protocol.name or slug(protocol.title),
        source=_stated(protocol.source),
        continues=tuple(map(_stated, protocol.continues)),
        protocol_sha256=loaded.document.sha256,
        bench_sha256=bench.sha256,
        bench=bench.name,
        limiting=protocol.limiting[1] if protocol.limiting else None,
        limiting_amount_mol=resolved.limiting_mol,
        electrons=_theoretical(protocol),
        steps=steps,
        limits=limits,
        devices=around,
        interlocks=demanded,
        surroundings=surroundings(context),
        interruption_s=INTERRUPTION_S if away is None else away.value_s,
        electrodes=electrodes,
        working_area_m2=next(
            one.areas_m2.get(one.area_basis)
            for one in electrodes
            if one.name == protocol.electrodes.working_name
        ),
        reference=_reference(context),
        end_state=_stated(protocol.end_state),
        assumptions=tuple(context.assumptions),
        waivers=dict(protocol.waivers),
        estimates=estimate(resolved, steps, bench),
        cell=as_fed(
            _wired(describe_cell(resolved, _largest_current_A(resolved, steps)), steps, bench),
            steps,
        ),
        reaction=reaction_of_plan(protocol),
        procedure=wording.procedure(protocol),
    )
    checked = run_checks(plan, resolved, bench, loaded.document.locate)
    context.diagnostics += checked
    context.raise_errors()
    context.report_idle_waivers()
    findings = tuple(finding.as_dict() for finding in context.findings())
    return plan.model_copy(update={"findings": findings})


def _wired(
    cell: CellDescription, steps: Sequence[StepPlan], bench: BenchProfile
) -> CellDescription:
    """The cell as its leads have to be connected for these steps: check R07 says so.

    Where current passes and no step regulates a potential, the reference lead of a potentiostat is
    on the counter electrode.
    """
    passing = [step for step in steps if step.passes_current]
    regulated = any(step.potentiostatic for step in passing)
    if regulated or not passing or not bench.source.reference_electrode:
        return cell
    return cell.model_copy(update={"reference": None})


def slug(title: str) -> str:
    """A short name for folders from a title: lower case, digits and hyphens, at most 64."""
    words = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return words[:64].strip("-") or "protocol"


def _stated(part: BaseModel | None) -> dict[str, Any]:
    """What a part of the protocol says, as plain data."""
    return {} if part is None else part.model_dump(mode="json", exclude_none=True)


def _theoretical(protocol: Protocol) -> float | None:
    electrons = protocol.reaction.counted_electrons
    return None if electrons is None else electrons.theoretical


def _steps(context: Compilation) -> tuple[StepPlan, ...]:
    """All steps of the plan; those that cannot be resolved have been reported and are left out."""
    found = context.steps
    for body, place, scopes in unrolled(context, context.protocol.steps):
        if len(found) == MAX_STEPS:
            context.report(
                "E414",
                f"the repeats unroll to more than {MAX_STEPS} steps",
                place.path[:2],
                help="lower `count`, or split the protocol",
            )
            break
        with suppress(Unresolvable):
            step = body.compiled(context, place)
            for scope in scopes:
                step = scope.planned(context, step)
            before_C = found[-1].expected_total_C if found else context.earlier_C
            total_C = None
            if before_C is not None and step.expected_charge_C is not None:
                total_C = before_C + step.expected_charge_C
            found.append(step.model_copy(update={"expected_total_C": total_C}))
    return tuple(found)


def _largest_current_A(resolved: ResolvedProtocol, steps: Sequence[StepPlan]) -> float | None:
    """The largest that is held, else what the limiting component can carry; None if unknown."""
    held = [abs(step.held_current_A) for step in steps if step.held_current_A is not None]
    limit = resolved.limiting_currents_A()
    return max(held, default=None if isinstance(limit, str) else limit[1])


def _electrodes(context: Compilation) -> Iterator[ElectrodePlan]:
    for resolved in context.resolved.electrodes:
        name, electrode = resolved.name, resolved.written
        if resolved.depth_assumed and resolved.depth_m is not None and electrode.area is None:
            depth = f"{resolved.depth_m * 1e3:.3g} mm"
            context.assume(("electrodes", name, "immersed"), depth, resolved.depth_assumed)
        basis = electrode.default_basis
        if basis is None:
            basis = AreaBasis.FACING
            context.assume(
                ("electrodes", name, "area_basis"),
                "facing",
                f"not stated; densities on a {electrode.form} are quoted for one face",
            )
        yield ElectrodePlan(
            name=name,
            role=(electrode.role or name),
            description=wording.electrode(electrode),
            areas_m2=dict(resolved.areas_m2),
            area_basis=basis.value,
        )


def _assume_balances(context: Compilation) -> None:
    for name, balance in product_balances(context.protocol).items():
        for key, reason in balance.assumed.items():
            value = getattr(balance, key)
            words = f"{value:g}" if isinstance(value, float) else str(value)
            context.assume(("reaction", "products", name, key), words, f"not stated; {reason}")


def _reference(context: Compilation) -> dict[str, Any]:
    connected = context.protocol.electrodes.reference
    if connected is None:
        return {}
    held = context.protocol.environment.temperature
    zero_V, found = connected.potential_V, possible_electrodes(connected.name)
    name = found[0].name if len(found) == 1 else connected.name
    return {
        "name": name if zero_V is None else f"{name}, {zero_V * 1e3:g} mV vs SHE",
        "pH": context.resolved.working.compartment.medium.stated_pH,
        "temperature_K": None if held is None else held.setpoint_K,
        "scales": list(dict.fromkeys(context.scales)),
    }


def _report_unused(context: Compilation) -> None:
    """What the protocol says and this version doesn't act on."""
    protocol = context.protocol
    if protocol.end_state.output != "off":
        context.report(
            "E402",
            "this version leaves the output off at the end, whatever the outcome",
            ("end_state", "output"),
            help="write `output: off`",
        )
    for electrode in context.resolved.electrodes:
        makes_gas = any(line.gas is not None for line in electrode.forward.reactions)
        if electrode.written.overpotential_V is not None and not makes_gas:
            context.report(
                "E306",
                f"nothing uses the `overpotential` of the {electrode.name}: it makes no gas of the"
                " medium",
                ("electrodes", electrode.name, "overpotential"),
                help="leave it out; `potential` of a component says where that one reacts",
            )
    unused: list[tuple[Path, str, str]] = []
    if protocol.aliquots:
        context.report(
            "E416",
            "the aliquots will not be asked for: the engine doesn't do that by itself",
            ("aliquots",),
            severity=Severity.WARNING,
            help="ask with an `operator` condition (`ask_at: [...]`) or a `sample` step",
        )
    sampling = protocol.sampling
    changes = (sampling.voltage_change_V, sampling.current_change_A, sampling.charge)
    if any(value is not None for value in changes):
        what = "only `sampling.interval` is acted on: every reading is kept"
        unused.append((("sampling",), what, "give `interval`"))
    if protocol.diagnostics.overrides or protocol.diagnostics.profile != "default":
        what = "run-time diagnostics are not part of this version"
        unused.append((("diagnostics",), what, "limits and conditions are watched all the same"))
    for path, message, remedy in unused:
        context.report("E416", message, path, severity=Severity.INFO, help=remedy)
