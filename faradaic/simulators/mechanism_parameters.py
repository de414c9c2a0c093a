"""The numbers of a mechanism: transport, kinetics and starting composition, checked once.

Both voltammetric engines read these. A number given for several species or steps holds for all of
them; a mapping or a sequence gives each its own. What is missing, unknown or impossible is refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from numbers import Real
from typing import Any

from faradaic.quantities.constants import (
    FARADAY_C_PER_MOL,
    GAS_CONSTANT_J_PER_MOL_K,
    STANDARD_TEMPERATURE_K,
)
from faradaic.simulators.arguments import checked_number, refused
from faradaic.simulators.mechanism import ChemicalStep, Direction, ElectrodeStep, Mechanism

RateConstant = float | tuple[float, float]


@dataclass(frozen=True, slots=True)
class MechanismParameters:
    """Validated numbers, in the order of the mechanism's steps and species.

    Built by `mechanism_parameters`, which explains each.
    """

    mechanism: Mechanism
    concentrations_mol_per_m3: tuple[float, ...]
    """Of the dissolved species: in the bulk, and everywhere at the start."""
    diffusion_m2_per_s: tuple[float, ...]
    E0_V: tuple[float, ...]
    k0: tuple[float, ...]
    alpha: tuple[float, ...]
    reorganisation_eV: tuple[float | None, ...]
    """Of each electrode step; None for Butler-Volmer kinetics."""
    forward: tuple[float, ...]
    backward: tuple[float, ...]
    """Rate constants of the chemical steps; the backward one is zero for `->`."""
    coverages: tuple[float, ...]
    """Of the adsorbed species at the start, as fractions of the sites."""
    interactions: tuple[float, ...]
    site_density_mol_per_m2: float
    temperature_K: float

    @property
    def f_per_V(self) -> float:
        """F/RT."""
        return FARADAY_C_PER_MOL / (GAS_CONSTANT_J_PER_MOL_K * self.temperature_K)

    def reactions(self) -> Iterator[tuple[tuple[str, ...], tuple[str, ...], float]]:
        """Reactants, products and rate constant of the chemical steps, each way they run."""
        steps = self.mechanism.chemical_steps
        for step, forward, backward in zip(steps, self.forward, self.backward, strict=True):
            yield step.reactants, step.products, forward
            if step.reversible:
                yield step.products, step.reactants, backward


def mechanism_parameters(
    mechanism: Mechanism,
    *,
    concentrations_mol_per_m3: Mapping[str, float],
    diffusion_m2_per_s: float | Mapping[str, float],
    E0_V: float | Sequence[float],
    k0: float | Sequence[float],
    alpha: float | Sequence[float] = 0.5,
    rate_constants: RateConstant | Sequence[RateConstant] = (),
    reorganisation_eV: float | Sequence[float | None] | None = None,
    coverages: Mapping[str, float] | None = None,
    interactions: Mapping[str, float] | None = None,
    site_density_mol_per_m2: float | None = None,
    temperature_K: float = STANDARD_TEMPERATURE_K,
) -> MechanismParameters:
    """Check the numbers of a mechanism. Raises `InputError` (E542), naming the value.

    `concentrations_mol_per_m3` and `coverages` (fractions of the sites) name what is there at the
    start; a species not named is absent. `E0_V` is the formal potential of each electrode step;
    `k0` its standard rate constant: m/s between dissolved species, 1/s between adsorbed ones, and
    m/s when one of the two is adsorbed, the coverage then counting as θ times 1 mol/L. An infinite
    `k0` is the Nernst limit. `alpha` belongs to the reduction. With a `reorganisation_eV` a step
    follows Marcus-Hush-Chidsey instead of Butler-Volmer.

    `rate_constants`: one number per step `->`, a pair (forward, backward) per step `=`, in the
    units of `ChemicalStep.rate_constant_units`. `interactions` are Frumkin constants g of adsorbed
    species, whose activity is θ exp(g θ): g > 0 repels, and the isotherm of A = A* is
    β c = θ/(1 - θ) exp(g θ).
    """
    dissolved, adsorbed = mechanism.dissolved, mechanism.adsorbed
    steps = mechanism.electrode_steps
    labels = [f"{s.oxidised} + {s.electrons} e / {s.reduced}" for s in steps]
    kelvin = checked_number(temperature_K, "temperature_K", "298.15", above=0.0)
    concentrations = _amounts(concentrations_mol_per_m3, dissolved, "concentrations_mol_per_m3")
    fractions = _amounts(coverages or {}, adsorbed, "coverages")
    if sum(fractions) > 1.0:
        raise refused("coverages", f"add up to {sum(fractions):g}", "fractions up to 1 in all")
    if not any(concentrations) and not any(fractions):
        raise refused(
            "concentrations_mol_per_m3",
            "are all zero",
            f"one above zero, such as 1 mol/m^3 of {(dissolved + adsorbed)[0]}",
        )
    if isinstance(diffusion_m2_per_s, Mapping):
        _require_known(diffusion_m2_per_s, dissolved, "diffusion_m2_per_s")
        diffusion_of = diffusion_m2_per_s
    else:
        diffusion_of = dict.fromkeys(dissolved, diffusion_m2_per_s)
    for name in dissolved:
        if name not in diffusion_of:
            raise refused("diffusion_m2_per_s", f"misses `{name}`", f"add {name!r}: 1e-9")
    reorganisation = _reorganisation(reorganisation_eV, labels)
    k0s = _per_step(k0, "k0", labels, "1e-4", least=0.0, infinite=True)
    for label, step, constant, energy in zip(labels, steps, k0s, reorganisation, strict=True):
        if math.isinf(constant) and (step.direction is not Direction.BOTH or energy is not None):
            allowed = "a finite k0; the Nernst limit belongs to `=` with Butler-Volmer kinetics"
            raise refused("k0", f"of {label} is infinite", allowed)
        if energy is not None and step.electrons != 1:
            allowed = f"{step.electrons} steps of one electron each"
            raise refused("reorganisation_eV", f"is given for {label}", allowed)
    _require_independent(steps, k0s, labels)
    forward, backward = _rate_constants(rate_constants, mechanism.chemical_steps)
    if adsorbed and site_density_mol_per_m2 is None:
        raise refused("site_density_mol_per_m2", "is missing", "site_density_mol_per_m2=1e-6")
    if isinstance(E0_V, Real) and len(steps) > 1:
        raise refused("E0_V", "is one number", f"one formal potential per step: {labels}")
    frumkin = interactions or {}
    _require_known(frumkin, adsorbed, "interactions")
    return MechanismParameters(
        mechanism=mechanism,
        concentrations_mol_per_m3=concentrations,
        diffusion_m2_per_s=tuple(
            checked_number(diffusion_of[name], f"diffusion_m2_per_s of {name}", "1e-9", above=0.0)
            for name in dissolved
        ),
        E0_V=_per_step(E0_V, "E0_V", labels, "0.4"),
        k0=k0s,
        alpha=_per_step(alpha, "alpha", labels, "0.5", above=0.0, below=1.0),
        reorganisation_eV=reorganisation,
        forward=forward,
        backward=backward,
        coverages=fractions,
        interactions=tuple(
            checked_number(frumkin.get(name, 0.0), f"interactions of {name}", "0.5")
            for name in adsorbed
        ),
        site_density_mol_per_m2=(
            checked_number(site_density_mol_per_m2, "site_density_mol_per_m2", "1e-6", above=0.0)
            if adsorbed
            else 0.0
        ),
        temperature_K=kelvin,
    )


def _require_independent(
    steps: Sequence[ElectrodeStep], k0s: Sequence[float], labels: Sequence[str]
) -> None:
    """Refuse equilibria that follow from other equilibria: their shares of the current do not."""
    joined: dict[str, frozenset[str]] = {}
    for step, constant, label in zip(steps, k0s, labels, strict=True):
        if math.isinf(constant):
            one = joined.get(step.oxidised, frozenset({step.oxidised}))
            other = joined.get(step.reduced, frozenset({step.reduced}))
            if one == other:
                wrong = f"of {label} is infinite, like those of steps that lead the same way"
                raise refused("k0", wrong, "a finite k0 for it, or leave the step out")
            joined.update(dict.fromkeys(one | other, one | other))


def _amounts(given: Mapping[str, float], names: Iterable[str], what: str) -> tuple[float, ...]:
    names = tuple(names)
    _require_known(given, names, what)
    return tuple(
        checked_number(given.get(name, 0.0), f"{what} of {name}", "1.0", least=0.0)
        for name in names
    )


def _require_known(given: object, names: Sequence[str], what: str) -> None:
    if not isinstance(given, Mapping):
        raise refused(what, f"is {given!r}", f"{{species: number}}: {', '.join(names) or 'none'}")
    for name in given:
        if name not in names:
            close = get_close_matches(name, names, n=1)
            hint = f"`{close[0]}`? " if close else ""
            known = ", ".join(names) or "none"
            raise refused(what, f"name the unknown species `{name}`", f"{hint}known: {known}")


def _per_step(
    given: object, what: str, labels: Sequence[str], example: str, **bounds: Any
) -> tuple[float, ...]:
    return tuple(
        checked_number(value, f"{what} of {label}", example, **bounds)
        for value, label in zip(_one_each(given, what, labels), labels, strict=True)
    )


def _reorganisation(given: object, labels: Sequence[str]) -> tuple[float | None, ...]:
    what = "reorganisation_eV"
    return tuple(
        None
        if value is None
        else checked_number(value, f"{what} of {label}", "0.8", above=0.0, below=3.0)
        for value, label in zip(_one_each(given, what, labels), labels, strict=True)
    )


def _one_each(given: object, what: str, labels: Sequence[str]) -> list[object]:
    values = _listed(given, len(labels))
    if len(values) != len(labels):
        allowed = f"one for each electrode step: {', '.join(labels)}"
        raise refused(what, f"has {len(values)} values", allowed)
    return values


def _listed(given: object, count: int) -> list[object]:
    if isinstance(given, Iterable) and not isinstance(given, str):
        return list(given)
    return [given] * count


def _rate_constants(
    given: object, steps: Sequence[ChemicalStep]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    pair = isinstance(given, tuple) and len(steps) == 1 and len(given) == 2
    values = [given] if pair else _listed(given, 1)
    if len(values) != len(steps):
        allowed = f"one for each of the {len(steps)} chemical steps, in their order"
        raise refused("rate_constants", f"has {len(values)} entries", allowed)
    forward, backward = [], []
    for value, step in zip(values, steps, strict=True):
        arrow = "=" if step.reversible else "->"
        label = f"{' + '.join(step.reactants)} {arrow} {' + '.join(step.products)}"
        what = f"rate constant of {label}"
        units = step.rate_constant_units()
        numbers = _listed(value, 1)
        if len(numbers) != (2 if step.reversible else 1):
            allowed = (
                f"a pair (forward in {units[0]}, backward in {units[1]})"
                if step.reversible
                else f"one number in {units[0]}; write `=` in the mechanism for both ways"
            )
            raise refused(f"rate_constants: {what}", f"has {len(numbers)} numbers", allowed)
        forward.append(
            checked_number(
                numbers[0], f"rate_constants: forward {what}", f"1.0 ({units[0]})", least=0.0
            )
        )
        backward.append(
            checked_number(
                numbers[1], f"rate_constants: backward {what}", f"1.0 ({units[1]})", least=0.0
            )
            if step.reversible
            else 0.0
        )
    return tuple(forward), tuple(backward)
