"""Rules that span several parts of a protocol: names that refer to nothing, and contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from faradaic.chemistry.gas_diffusion_reactions import KNOWN_FEEDS
from faradaic.chemistry.salts import salts_meant
from faradaic.diagnostics import Diagnostic, did_you_mean
from faradaic.documents.document import Document
from faradaic.documents.validation import dotted
from faradaic.protocols.reactants import gives_halide
from faradaic.protocols.schema import Protocol, Repeat, Role, Step
from faradaic.protocols.schema.electrodes import Form
from faradaic.protocols.schema.solution import REACTING, ComponentRole
from faradaic.protocols.step_kind import StepKind

Path: TypeAlias = tuple[str | int, ...]
_Found: TypeAlias = Iterator[tuple[Diagnostic, Path]]


def inconsistencies(protocol: Protocol, document: Document) -> Iterator[Diagnostic]:
    """Every contradiction in a protocol whose parts are valid by themselves (E306, E307)."""
    for rule in (_limiting, _equivalents, _unused, _steps, _products, _vessel, _sacrificial, _fed):
        for found, path in rule(protocol):
            yield replace(found, location=document.locate(path), path=dotted(path))


def _limiting(protocol: Protocol) -> _Found:
    named = [place for place, s in protocol.solutions.items() if s.limiting is not None]
    for place in named:
        solution = protocol.solutions[place]
        path = protocol.solution_path(place)
        if solution.limiting not in solution.components:
            message = f"`limiting` names {solution.limiting!r}, which is not among the components"
            remedy = did_you_mean(solution.limiting, solution.components)
            yield Diagnostic("E307", message, help=remedy), (*path, "limiting")
        elif solution.components[str(solution.limiting)].equiv is not None:
            message = "the limiting component is given in equivalents of itself"
            remedy = "give its `amount`, as in `amount: 0.2 mmol`"
            here = (*path, "components", str(solution.limiting), "equiv")
            yield Diagnostic("E306", message, help=remedy), here
    if len(named) > 1:
        message = "two compartments name a limiting component, and F/mol can refer to one only"
        path = protocol.solution_path(named[1])
        yield Diagnostic("E306", message, help="remove one `limiting`"), (*path, "limiting")


def _equivalents(protocol: Protocol) -> _Found:
    if protocol.limiting is not None:
        return
    for place, solution in protocol.solutions.items():
        if solution.limiting is not None:
            continue
        for name, component in solution.components.items():
            if component.equiv is not None:
                message = f"`{name}` is given in equivalents, but no component is named as limiting"
                remedy = (
                    "add `limiting: NAME` under the solution, NAME being a component with an"
                    " `amount`"
                )
                path = (*protocol.solution_path(place), "components", name, "equiv")
                yield Diagnostic("E307", message, help=remedy), path


def _unused(protocol: Protocol) -> _Found:
    """What is known of a component that takes no part in the reactions."""
    limiting = protocol.limiting[1] if protocol.limiting else None
    for place, solution in protocol.solutions.items():
        for name, component in solution.components.items():
            role = component.role
            moves = name == limiting or role is ComponentRole.MEDIATOR
            reacts = moves or role in REACTING or role is ComponentRole.SACRIFICIAL_REDUCTANT
            if component.potential is not None and not reacts:
                salts = salts_meant(name, component.name, smiles=component.smiles)
                reacts = gives_halide(component, salts)
            for key, value, used in (
                ("potential", component.potential, reacts),
                ("diffusion_coefficient", component.diffusion_coefficient_m2_per_s, moves),
            ):
                if value is not None and not used:
                    message = (
                        f"nothing uses the `{key}` of `{name}`, which is there as {role.value}"
                    )
                    remedy = "give it to the limiting component or a mediator, or leave it out"
                    path = (*protocol.solution_path(place), "components", name, key)
                    yield Diagnostic("E306", message, help=remedy), path


def _steps(protocol: Protocol) -> _Found:
    """What the kinds of the steps say cannot be, those inside repeats included."""

    def below(steps: Sequence[Step], path: Path) -> _Found:
        for index, step in enumerate(steps):
            here = (*path, index, step.kind)
            if isinstance(step.body, StepKind):
                for found, inside in step.body.contradictions(protocol):
                    yield found, (*here, *inside)
            elif isinstance(step.body, Repeat):
                yield from below(step.body.steps, (*here, "steps"))

    return below(protocol.steps, ("steps",))


def _products(protocol: Protocol) -> _Found:
    products = protocol.reaction.products
    components = [name for s in protocol.solutions.values() for name in s.components]
    seen: dict[str | None, str] = {}
    for name, product in products.items():
        here: Path = ("reaction", "products", name)
        if product.substrate is not None and product.substrate not in components:
            message = f"{product.substrate!r} is not among the components"
            remedy = did_you_mean(product.substrate, components)
            yield Diagnostic("E307", message, help=remedy), (*here, "substrate")
        if not product.target:
            continue
        if seen and (product.at is None or product.at in seen or None in seen):
            other = seen.get(product.at) or next(iter(seen.values()))
            message = f"{other} and {name} are both marked as the target"
            remedy = "keep `target: true` on one of them, or say which electrode makes each: `at:`"
            yield Diagnostic("E306", message, help=remedy), (*here, "target")
        seen[product.at] = name
    for index, analysis in enumerate(protocol.analysis):
        if analysis.product is not None and analysis.product not in products:
            message = f"{analysis.product!r} is not among the products of the reaction"
            remedy = (
                did_you_mean(analysis.product, products)
                if products
                else f"add `products: {{{analysis.product}: {{target: true}}}}` under `reaction`"
            )
            yield Diagnostic("E307", message, help=remedy), ("analysis", index, "product")


def _vessel(protocol: Protocol) -> _Found:
    """The solution fits its vessel, and the electrodes their gap."""
    vessel, solution = protocol.cell.vessel, protocol.solution
    flow = protocol.cell.flow
    if flow is not None and flow.reservoir_volume_m3 is not None:
        held_m3 = flow.reservoir_volume_m3
        poured_m3 = max(s.volume_m3 for s in protocol.solutions.values())
        if poured_m3 > held_m3 * (1 + 1e-9):
            message = (
                f"{poured_m3 * 1e6:.4g} mL of solution do not fit a reservoir of"
                f" {held_m3 * 1e6:.4g} mL"
            )
            remedy = "check the units of both volumes"
            path = ("cell", "flow", "reservoir_volume")
            yield Diagnostic("E307", message, help=remedy), path
    if vessel is None or protocol.cell.type.flow:
        return
    if vessel.volume_m3 is not None and solution is not None:
        held_mL, poured_mL = vessel.volume_m3 * 1e6, solution.volume_m3 * 1e6
        if poured_mL > held_mL * (1 + 1e-9):
            message = f"{poured_mL:.4g} mL of solution do not fit a vessel of {held_mL:.4g} mL"
            remedy = "check the units of both volumes"
            yield Diagnostic("E307", message, help=remedy), ("solution", "volume")
    width_m, gap_m = vessel.inner_diameter_m, protocol.cell.gap_m
    if width_m is not None and gap_m is not None and gap_m > width_m:
        message = f"a gap of {gap_m * 1e3:.4g} mm does not fit a vessel {width_m * 1e3:.4g} mm wide"
        yield Diagnostic("E307", message, help="check the units of both lengths"), ("cell", "gap")


def _sacrificial(protocol: Protocol) -> _Found:
    """It is the anode that dissolves."""
    electrodes = protocol.electrodes
    name = electrodes.name_of(Role.CATHODE)
    cathode = electrodes.pair[name]
    if cathode.sacrificial is not None and cathode.role is not Role.ALTERNATING:
        message = f"the {name} is said to be sacrificial, but a cathode does not dissolve"
        remedy = "give `sacrificial` to the anode, or leave it out"
        yield Diagnostic("E306", message, help=remedy), ("electrodes", name, "sacrificial")


def _fed(protocol: Protocol) -> _Found:
    """The potential and the current of a gas-fed cathode are those of the working lead."""
    gas = protocol.compartments and protocol.compartments.gas
    electrodes = protocol.electrodes
    name = electrodes.name_of(Role.CATHODE)
    gde = electrodes.pair[name].form is Form.GDE
    if gas and gas.gas.species in KNOWN_FEEDS and gde and name != electrodes.working_name:
        other = electrodes.name_of(Role.ANODE)
        message = (
            f"the {name} is fed with {gas.gas.species}, but the {other} is on the working lead"
        )
        remedy = (
            f"write `working: {{role: cathode, ...}}` in place of `{name}:`, and `counter:"
            f" {{role: anode, ...}}` in place of `{other}:`"
        )
        yield Diagnostic("E306", message, help=remedy), ("electrodes", name)
