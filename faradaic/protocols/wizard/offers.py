"""What follows from the answers so far and from the bench: defaults, choices, bounds, remarks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from math import ceil

from faradaic.chemistry.couples import Reactant, couples_of
from faradaic.chemistry.electrode_areas import POROUS
from faradaic.chemistry.reference_electrodes import reference_electrodes
from faradaic.chemistry.sacrificial_metals import sacrificial_metal
from faradaic.chemistry.solvents import solvent_named
from faradaic.chemistry.tables import rows
from faradaic.diagnostics import FaradaicError
from faradaic.protocols.bench import BenchProfile
from faradaic.protocols.crosscheck import CHARGE_ERROR_REFUSED
from faradaic.protocols.schema.electrodes import Form
from faradaic.protocols.step_kind import StepKind, step_kinds
from faradaic.protocols.step_kinds.alternating_polarity import AlternatingPolarity
from faradaic.protocols.step_kinds.constant_current import ConstantCurrent
from faradaic.protocols.step_kinds.cyclic_voltammetry import CyclicVoltammetry
from faradaic.protocols.step_kinds.linear_sweep import LinearSweep
from faradaic.protocols.wizard import written_answers as written
from faradaic.protocols.wizard.situation import Situation
from faradaic.quantities import Dimension, format_duration, format_quantity, parse, parse_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL

DENSITY = "current density"
VOLTAMMOGRAM = CyclicVoltammetry.front_panel
SWEEP = LinearSweep.front_panel
GAS_FED = "carbon_dioxide_gas"
"""The answer that stands for a gas-diffusion cathode."""
_OFFERED_AT_GAS_A = 0.1
_OFFERED_A, _OFFERED_V = 5e-3, 10.0
_DAY_S = 8 * 3600.0
_CELLS = ("undivided", "divided", "h_cell")
_SACRIFICIAL = ("Mg", "Zn", "Al")
"""Metals that are there to be consumed wherever they are the anode of a reduction."""
_MORE_THAN_THEORY = 1.25
_MOSTLY = 0.5


# What the bench can do.


def techniques(bench: BenchProfile | None) -> Mapping[str, type[StepKind]]:
    """What can be held or swept on a bench, in the words of a front panel, and what does it."""
    if bench is None:
        return {}
    found: dict[str, type[StepKind]] = {}
    # the current first, whatever was imported first
    for _, kind in sorted(
        step_kinds().items(), key=lambda one: (one[1] is not ConstantCurrent, one[0])
    ):
        if not kind.front_panel or not _able(bench, kind):
            continue
        if "vs" in kind.model_fields and not bench.source.reference_electrode:
            continue
        found[kind.front_panel] = kind
        if kind is ConstantCurrent:
            found[DENSITY] = kind
    return found


def alternates(bench: BenchProfile | None) -> bool:
    """Whether the polarity can be alternated on a bench."""
    if bench is None or not bench.source.bipolar:
        return False
    behind = bench.source.dead_time_s and "constant_current" in bench.source.modes
    return bool(behind) or _able(bench, AlternatingPolarity)


def _able(bench: BenchProfile, kind: type[StepKind]) -> bool:
    return kind.runs() and (not kind.needs_source or kind.mode in bench.source.modes)


def bench_words(bench: BenchProfile) -> str:
    """What a bench is, in one line."""
    source = bench.source
    held = ", ".join(techniques(bench))
    return (
        f"{source.manufacturer} {source.model}, {format_quantity(source.compliance_V, 'V')},"
        f" {_in_mA(source.current_max_A)}; it offers {held}"
    )


def listed_benches(situation: Situation) -> str:
    """The benches with what they are, one a line."""
    lines = [""]
    for name in situation.benches.names():
        with suppress(FaradaicError):
            lines.append(f"  {name}: {bench_words(situation.benches.load(name))}")
    return "\n".join(lines) + "\n  or the path of a bench file"


def _most_A(situation: Situation) -> float:
    bench = situation.bench
    return min(bench.source.current_max_A, bench.limits.current_A or 1e9) if bench else 1e9


def _most_V(situation: Situation) -> float:
    bench = situation.bench
    return min(bench.source.compliance_V, bench.limits.cell_voltage_V or 1e9) if bench else 1e9


def at_most(situation: Situation, dimension: Dimension) -> str:
    """How far the bench goes, in words; empty before it is named."""
    if situation.bench is None:
        return ""
    if dimension is Dimension.CURRENT:
        return f"at most {_in_mA(_most_A(situation))}"
    return f"at most {_most_V(situation):g} V" if dimension is Dimension.VOLTAGE else ""


def _in_mA(current_A: float) -> str:
    return f"{current_A:g} A" if current_A >= 1 else f"{current_A * 1e3:g} mA"


# Properties of answers.


def holds_current(situation: Situation) -> bool:
    """Whether a stage holds a current."""
    return situation["technique"] in ("current", DENSITY)


def is_mass(amount: str) -> bool:
    """Whether an amount is weighed."""
    with suppress(FaradaicError, ValueError):
        return written.above_zero(amount, Dimension.MASS)[1] is Dimension.MASS
    return False


def weighed_mol(situation: Situation, identity: written.Identity) -> float | None:
    """Moles of the substrate, where it is weighed."""
    if not is_mass(situation["amount"]):
        return None
    molar_mass = parse(identity.molar_mass, Dimension.MOLAR_MASS)
    return parse(situation["amount"], Dimension.MASS) / molar_mass


def form_at(situation: Situation) -> Form:
    """The form of the electrode that a question is about."""
    return form_of(situation, situation.key.partition("_")[0])


def form_of(situation: Situation, role: str) -> Form:
    """The form of an electrode: of a cathode that is fed with gas none is asked."""
    return Form(situation[f"{role}_form"] or Form.GDE)


def gas_fed(situation: Situation) -> bool:
    """Whether the cathode is a gas-diffusion electrode."""
    return situation["reaction"] == GAS_FED


def cells(situation: Situation) -> Sequence[str]:
    """The cells that there are for what reacts."""
    return ("gas_diffusion", "zero_gap") if gas_fed(situation) else _CELLS


def _weighed(situation: Situation) -> bool:
    answer = situation[situation.key]
    return bool(answer) and written.portion(answer).how == "mass"


def _several_areas(situation: Situation) -> bool:
    electrode = situation[situation.key]
    if not electrode:
        return False
    form = form_of(situation, electrode)
    return not form.flat and "area" not in written.size(situation[f"{electrode}_size"], form)


def never_asked(situation: Situation, points: Sequence[str]) -> str:
    """The first charge at which nobody is asked, since the stage has ended; empty if none."""
    found = written.end(situation["end"], held_current=holds_current(situation))
    kinds = (Dimension.CHARGE_PER_AMOUNT, Dimension.CHARGE)
    if found.signal != "charge":
        return ""
    last = parse_quantity(found.value, *kinds)
    asked = ((text, parse_quantity(text, *kinds)) for text in points)
    late = (text for text, one in asked if one.dimension == last.dimension)
    return next((t for t in late if parse_quantity(t, *kinds).value >= last.value), "")


def _open(situation: Situation) -> bool:
    if holds_current(situation) or not situation["end"]:
        return False
    if situation["flow_mode"] == "single_pass":
        return False
    return written.end(situation["end"], held_current=False).open


def _mostly_water(situation: Situation) -> bool:
    parts = written.mixture(situation["solvent"])
    found = ((solvent_named(name), share) for name, share in parts)
    return sum(share for solvent, share in found if solvent and solvent.id == "H2O") > _MOSTLY


PROPERTIES: Mapping[str, Callable[[Situation], bool]] = {
    "weighed": _weighed,
    "aqueous": lambda s: gas_fed(s) or _mostly_water(s),
    "dissolving": lambda s: sacrificial_metal(s[s.key]) is not None,
    "of several areas": _several_areas,
    "alternating": lambda s: (
        s[s.key] in ("current", "cell voltage")
        and alternates(s.bench)
        and not written.is_rate(s["current"])
    ),
    "open": _open,
}
"""What the conditions of the questions ask of an answer."""


# Defaults.


def working(situation: Situation) -> str:
    """Where the substrate reacts; of a paired electrolysis, where it reacts first."""
    return "anode" if situation["reaction"] == "oxidation" else "cathode"


def side(situation: Situation) -> str:
    """The compartment with the substrate."""
    return situation["side"] or {"anode": "anolyte", "cathode": "catholyte"}[working(situation)]


def _size(situation: Situation) -> str:
    form = form_at(situation)
    if situation.key == "cathode_size" and situation["cathode_form"] == situation["anode_form"]:
        return situation["anode_size"]
    if form is Form.DISC:
        return "3 mm"
    if form.round:
        return "6 mm x 15 mm" if form is Form.ROD else "1 mm x 20 mm"
    face = "10 mm x 15 mm"
    if situation["channel"]:
        channel = written.channel(situation["channel"])
        face = f"{channel['width']} x {channel['length']}"
    return f"{face} x 3 mm" if form.value in POROUS else face


def flow_rate(situation: Situation) -> str:
    """The flow rate, where a residence time was given that of the channel's volume."""
    text, dimension = written.above_zero(
        situation["flow_rate"], Dimension.VOLUME_FLOW, Dimension.TIME
    )
    if dimension is Dimension.VOLUME_FLOW:
        return text
    held_m3 = 1.0
    for length in written.channel(situation["channel"]).values():
        held_m3 *= parse(length, Dimension.LENGTH)
    rate = held_m3 / parse(text, Dimension.TIME)
    return f"{rate * 6e7:.4g} mL/min"


def _pass_s(situation: Situation) -> float | None:
    if situation["flow_mode"] != "single_pass":
        return None
    rate = parse(flow_rate(situation), Dimension.VOLUME_FLOW)
    return parse(situation["volume"], Dimension.VOLUME) / rate


def _theory(situation: Situation) -> float:
    return float(situation["electrons"] or 2)


def _current(situation: Situation) -> str:
    """What passes a little more than the charge of the theory in one pass, or in a working day."""
    if gas_fed(situation):
        return _in_mA(min(_OFFERED_AT_GAS_A, 0.6 * _most_A(situation)))
    moles = _moles(situation) or 0.0
    charge_C = _MORE_THAN_THEORY * _theory(situation) * moles * FARADAY_C_PER_MOL
    pass_s = _pass_s(situation)
    offered_A = charge_C / pass_s if pass_s and moles else max(_OFFERED_A, charge_C / _DAY_S)
    offered_A = max(min(offered_A, 0.6 * _most_A(situation)), _least_A(situation))
    return _in_mA(float(f"{offered_A:.2g}"))


def _least_A(situation: Situation) -> float:
    """What the source of the bench holds well enough to be planned, with something to spare."""
    if situation.bench is None:
        return 0.0
    source = situation.bench.source
    smallest_A = source.current_range_A(0.0) or 0.0
    error = CHARGE_ERROR_REFUSED - source.current_accuracy
    return 1.2 * source.current_resolution * smallest_A / error


def _voltage_limit(situation: Situation) -> str:
    """A quarter more than what is expected of the cell, where that is much."""
    if situation.before:
        return situation.before
    enough_V = ceil(1.25 * (situation.expected_V or 0.0))
    return f"{min(max(_OFFERED_V, enough_V), _most_V(situation)):g} V"


def _largest_A(situation: Situation) -> str:
    usual_A = 2 * _OFFERED_AT_GAS_A if gas_fed(situation) else 0.05
    return situation.before or _in_mA(min(usual_A, _most_A(situation)))


def _moles(situation: Situation) -> float | None:
    amount = parse_quantity(
        situation["amount"], Dimension.AMOUNT, Dimension.MASS, Dimension.CONCENTRATION
    )
    if amount.dimension is Dimension.MASS:
        return weighed_mol(situation, written.identity(situation["identity"]))
    if amount.dimension is Dimension.CONCENTRATION:
        return amount.value * parse(situation["volume"], Dimension.VOLUME)
    return amount.value


def _end(situation: Situation) -> str:
    if gas_fed(situation):
        return "1 h"
    if pass_s := _pass_s(situation):
        return format_duration(pass_s)
    if situation.round:
        return "1 F/mol"
    return f"{_MORE_THAN_THEORY * _theory(situation):g} F/mol"


OFFERS: Mapping[str, Callable[[Situation], str]] = {
    "held": lambda s: "30 mL" if gas_fed(s) else "10 mL",
    "salt": lambda s: "KHCO3 1 M" if gas_fed(s) else "Bu4NBF4 0.1 M",
    "volume": lambda s: s["volume"],
    "solvent": lambda s: s["solvent"],
    "electrolyte": lambda s: s["electrolyte"] or "none",
    "anode": lambda s: {"reduction": "Mg", GAS_FED: "Pt"}.get(s["reaction"], "graphite"),
    "cathode": lambda s: "Pt" if s["reaction"] == "oxidation" else "graphite",
    "anode_size": _size,
    "cathode_size": _size,
    "cathode_form": lambda s: s["anode_form"],
    "sacrificial": lambda s: "yes" if s["anode_material"] in _SACRIFICIAL else "no",
    "metal_electrons": lambda s: (
        f"{metal.electrons:g}" if (metal := sacrificial_metal(s["anode_material"])) else ""
    ),
    "other_rate": lambda s: flow_rate(s),
    "current": lambda s: s.before or _current(s),
    "density": lambda s: s.before or "5 mA/cm^2",
    "working": working,
    "basis": lambda s: "envelope" if form_of(s, s["density_on"]).round else "facing",
    "cell_voltage": lambda s: s.before or f"{min(3.0, 0.8 * _most_V(s)):.2g} V",
    "voltage_limit": _voltage_limit,
    "current_limit": _largest_A,
    "end": _end,
    "latest": lambda s: "24 h",
}
"""Defaults that are made from other answers, by the names that the table gives them."""


# Remarks.


def components_beside(situation: Situation) -> Iterator[str]:
    """The keys of the components that are in the solution of a question, its own left out."""
    other = situation.key.startswith("other_")
    for key, answer in situation.answers.items():
        asked = re.sub(r"_\d+$", "", key).removeprefix("other_")
        if not answer or key == situation.key or key.startswith("other_") is not other:
            continue
        if asked == "substrate":
            yield written.key_of(answer)
        elif asked == "solvent":
            yield from (written.key_of(name) for name, _ in written.mixture(answer))
        elif asked in ("reagent", "mediator", "electrolyte"):
            yield written.key_of(written.portion(answer).name)


def what_is_known_of_the_mediator(name: str, situation: Situation) -> str:
    """Its potential in the tables, or that there is none."""
    solvent = solvent_named(*(part for part, _ in written.mixture(situation["solvent"])))
    direction = "oxidation" if working(situation) == "anode" else "reduction"
    found = couples_of(
        Reactant(written.key_of(name), name), direction, solvent.id if solvent else None
    )
    if not found:
        return (
            f"the tables know no {direction} of {name}: state its potential, else nothing can be"
            " computed of what it carries"
        )
    one = max(found, key=lambda couple: couple.detail)
    return f"{one.id}: about {one.potential_V_vs_SHE:.2g} V vs SHE in the tables"


def solvent_ids() -> list[str]:
    """The solvents of the table."""
    return [row["id"] for row in rows("solvents")]


def reference_names() -> list[str]:
    """The reference electrodes of the table."""
    return [electrode.name for electrode in reference_electrodes().values()]
