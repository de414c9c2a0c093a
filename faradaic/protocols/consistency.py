"""Rules that span several parts of a protocol: names that refer to nothing, and contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from faradaic.diagnostics import Diagnostic, did_you_mean
from faradaic.documents.document import Document
from faradaic.documents.validation import dotted
from faradaic.protocols.schema import Protocol, Repeat, Step
from faradaic.protocols.schema.controls import ConstantCurrent, OpenCircuit
from faradaic.protocols.schema.operations import Dose

StepPath = tuple[str | int, ...]


def inconsistencies(protocol: Protocol, document: Document) -> Iterator[Diagnostic]:
    """Every contradiction in a protocol whose parts are valid by themselves (E306, E307)."""
    for rule in (_limiting, _equivalents, _step_references, _rests, _products, _vessel):
        for found, path, about_key in rule(protocol):
            place = document.locate(path, key=about_key)
            yield Diagnostic(
                found.code, found.message, help=found.help, location=place, path=dotted(path)
            )


_Found = Iterator[tuple[Diagnostic, Sequence[str | int], bool]]


def walk_steps(protocol: Protocol) -> Iterator[tuple[StepPath, Step]]:
    """Every step as written, those inside repeats after their repeat, with its path."""

    def below(steps: Sequence[Step], path: StepPath) -> Iterator[tuple[StepPath, Step]]:
        for index, step in enumerate(steps):
            here = (*path, index)
            yield here, step
            if isinstance(step.body, Repeat):
                yield from below(step.body.steps, (*here, "repeat", "steps"))

    return below(protocol.steps, ("steps",))


def solution_path(protocol: Protocol, place: str) -> tuple[str, ...]:
    """Where the solution of a compartment stands in the document."""
    return ("solution",) if protocol.solution is not None else ("compartments", place)


def _limiting(protocol: Protocol) -> _Found:
    named = [place for place, s in protocol.solutions.items() if s.limiting is not None]
    for place in named:
        solution = protocol.solutions[place]
        path = (*solution_path(protocol, place), "limiting")
        if solution.limiting not in solution.components:
            yield (
                Diagnostic(
                    "E307",
                    f"`limiting` names {solution.limiting!r}, which is not among the components",
                    help=did_you_mean(solution.limiting, solution.components),
                ),
                path,
                False,
            )
        elif solution.components[str(solution.limiting)].equiv is not None:
            yield (
                Diagnostic(
                    "E306",
                    "the limiting component is given in equivalents of itself",
                    help="give its `amount`, as in `amount: 0.2 mmol`",
                ),
                (*path[:-1], "components", str(solution.limiting), "equiv"),
                False,
            )
    if len(named) > 1:
        yield (
            Diagnostic(
                "E306",
                "two compartments name a limiting component, and F/mol can refer to one only",
                help="remove one `limiting`",
            ),
            (*solution_path(protocol, named[1]), "limiting"),
            True,
        )


def _equivalents(protocol: Protocol) -> _Found:
    if protocol.limiting is not None:
        return
    for place, solution in protocol.solutions.items():
        if solution.limiting is not None:
            continue
        for name, component in solution.components.items():
            if component.equiv is not None:
                yield (
                    Diagnostic(
                        "E307",
                        f"`{name}` is given in equivalents, but no component is named as limiting",
                        help="add `limiting: NAME` under the solution, NAME being a component"
                        " with an `amount`",
                    ),
                    (*solution_path(protocol, place), "components", name, "equiv"),
                    False,
                )


def _step_references(protocol: Protocol) -> _Found:
    electrodes = list(protocol.electrodes.pair)
    components = [name for s in protocol.solutions.values() for name in s.components]
    for path, step in walk_steps(protocol):
        body, here = step.body, (*path, step.kind)
        density = body.current_density if isinstance(body, ConstantCurrent) else None
        if density is not None and density.electrode not in electrodes:
            yield (
                Diagnostic(
                    "E307",
                    f"there is no electrode named {density.electrode!r}",
                    help=did_you_mean(density.electrode, electrodes),
                ),
                (*here, "current_density", "electrode"),
                False,
            )
        if isinstance(body, Dose) and body.component not in components:
            yield (
                Diagnostic(
                    "E307",
                    f"{body.component!r} is not among the components",
                    help=did_you_mean(body.component, components),
                ),
                (*here, "component"),
                False,
            )


def _rests(protocol: Protocol) -> _Found:
    for path, step in walk_steps(protocol):
        if isinstance(step.body, OpenCircuit):
            for index, until in enumerate(step.body.until or ()):
                if until.signal in ("charge", "current"):
                    yield (
                        Diagnostic(
                            "E306",
                            f"no current flows at open circuit, so the {until.signal} never gets"
                            " there",
                            help="end the rest by `duration`, or watch `cell_voltage`",
                        ),
                        (*path, "open_circuit", "until", index),
                        False,
                    )


def _products(protocol: Protocol) -> _Found:
    products = protocol.reaction.products
    targets = [name for name, product in products.items() if product.target]
    if len(targets) > 1:
        yield (
            Diagnostic(
                "E306",
                f"{' and '.join(targets)} are all marked as the target",
                help="keep `target: true` on one product",
            ),
            ("reaction", "products", targets[1], "target"),
            True,
        )
    for index, analysis in enumerate(protocol.analysis):
        if analysis.product is not None and analysis.product not in products:
            yield (
                Diagnostic(
                    "E307",
                    f"{analysis.product!r} is not among the products of the reaction",
                    help=did_you_mean(analysis.product, products)
                    if products
                    else f"add `products: {{{analysis.product}: {{target: true}}}}` under"
                    " `reaction`",
                ),
                ("analysis", index, "product"),
                False,
            )


def _vessel(protocol: Protocol) -> _Found:
    """The solution fits its vessel, and the electrodes their gap."""
    vessel, solution = protocol.cell.vessel, protocol.solution
    if vessel is None or protocol.cell.type.flow:
        return
    if vessel.volume_m3 is not None and solution is not None:
        held_mL, poured_mL = vessel.volume_m3 * 1e6, solution.volume_m3 * 1e6
        if poured_mL > held_mL * (1 + 1e-9):
            yield (
                Diagnostic(
                    "E307",
                    f"{poured_mL:.4g} mL of solution do not fit a vessel of {held_mL:.4g} mL",
                    help="check the units of both volumes",
                ),
                ("solution", "volume"),
                False,
            )
    width_m, gap_m = vessel.inner_diameter_m, protocol.cell.gap_m
    if width_m is not None and gap_m is not None and gap_m > width_m:
        yield (
            Diagnostic(
                "E307",
                f"a gap of {gap_m * 1e3:.4g} mm does not fit a vessel {width_m * 1e3:.4g} mm wide",
                help="check the units of both lengths",
            ),
            ("cell", "gap"),
            False,
        )
