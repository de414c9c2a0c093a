"""The protocol that the answers make."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from faradaic.protocols.schema.electrodes import Form
from faradaic.protocols.step_kinds.alternating_polarity import AlternatingPolarity
from faradaic.protocols.step_kinds.open_circuit import OpenCircuit
from faradaic.protocols.step_kinds.sample import TakeSample
from faradaic.protocols.wizard import offers
from faradaic.protocols.wizard import written_answers as written
from faradaic.protocols.wizard.gas_fed_answers import (
    GAS_SAMPLE,
    WATER,
    gas_fed_cathode,
    gas_fed_cell,
    gas_fed_reaction,
    gas_of,
)
from faradaic.protocols.wizard.situation import MOST_ROUNDS, Situation
from faradaic.protocols.wizard.yaml_tree import Line, Lines, Node, Said

_REST = "60 s"
_ASKED = "is the substrate consumed (TLC, GC)?"
_CELL_TYPES = {
    ("undivided", "batch"): "undivided",
    ("undivided", "flow"): "undivided_flow",
    ("divided", "flow"): "divided_flow",
    ("h_cell", "batch"): "h_cell",
}
_OTHER = {"anode": "cathode", "cathode": "anode", "anolyte": "catholyte", "catholyte": "anolyte"}


def protocol_of(given: Situation) -> Lines:
    """The protocol of the answers to all questions that apply."""
    limits = {key: Said(text, "limits") for key, text in written.limits(given["limits"]).items()}
    return Lines(
        {
            "faradaic": Said("1", number=True),
            "title": Said(given["title"], "title"),
            "cell": _cell(given),
            **_solutions(given),
            "electrodes": _electrodes(given),
            "reaction": _reaction(given),
            "environment": _environment(given),
            "steps": _steps(given),
            **({"limits": Line(limits)} if limits else {}),
        }
    )


def _cell(given: Situation) -> Node:
    if offers.gas_fed(given):
        return gas_fed_cell(given)
    kind = _CELL_TYPES.get((given["cell"], given["operation"] or "batch"))
    if kind is None:
        kind = "divided_frit" if given["separator"] == "frit" else "divided_membrane"
    channel = written.channel(given["channel"]) if given["channel"] else {}
    gap = Said(channel["height"], "channel") if channel else Said(given["gap"], "gap")
    cell = Lines({"type": Said(kind, "cell"), "gap": gap})
    if given["closure"]:
        cell["closure"] = Said(given["closure"], "closure")
    if given["separator"]:
        cell["separator"] = Line({"kind": Said(given["separator"], "separator")})
    if not channel:
        return Line(cell)
    rate = Said(offers.flow_rate(given), "flow_rate")
    residence = "" if rate.text == given["flow_rate"] else f"{given['flow_rate']} of residence"
    flow = Lines({"mode": Said(given["flow_mode"], "flow_mode")}, "flow_rate", residence)
    if given["other_rate"]:
        side = offers.side(given)
        flow |= {side: rate, _OTHER[side]: Said(given["other_rate"], "other_rate")}
    else:
        flow["rate"] = rate
    flow["channel"] = Line({key: Said(text, "channel") for key, text in channel.items()})
    if given["reservoir"]:
        flow["reservoir_volume"] = Said(given["reservoir"], "reservoir")
    cell["flow"] = flow
    return cell


def _solutions(given: Situation) -> dict[str, Node]:
    gas_fed = offers.gas_fed(given)
    first = _catholyte(given) if gas_fed else _with_substrate(given)
    if given["cell"] == "undivided":
        return {"solution": first}
    side = offers.side(given)
    components = {
        **_portions(given, "other_reagent", "other_role", "other_identity"),
        **_portion(given, "other_electrolyte", "electrolyte"),
        **_solvents(given["other_solvent"] or WATER, given["other_volume"], "other_solvent"),
    }
    volume = Said(given["other_volume"], "other_volume")
    other = Lines({"volume": volume, "components": Lines(components)})
    both = {side: first, _OTHER[side]: other}
    gas: dict[str, Node] = {"gas": gas_of(given)} if gas_fed else {}
    return {"compartments": Lines(gas | {name: both[name] for name in ("anolyte", "catholyte")})}


def _catholyte(given: Situation) -> Lines:
    """The solution behind a gas-diffusion cathode."""
    components = {
        **_portion(given, "electrolyte", "electrolyte"),
        **_solvents(WATER, given["volume"], "volume"),
    }
    volume = Said(given["volume"], "volume")
    return Lines({"volume": volume, **_acidity(given), "components": Lines(components)})


def _with_substrate(given: Situation) -> Lines:
    key = written.key_of(given["substrate"])
    how, quantity = written.quantity_of(given["amount"])
    amount, role = Said(quantity, "amount"), Said("substrate")
    components = {
        **_named(given["substrate"], "substrate", how, amount, role, given["identity"], "identity"),
        **_portions(given, "reagent", "reagent_role", "reagent_identity"),
        **_portion(given, "mediator", "mediator", "mediator_identity"),
        **_portion(given, "electrolyte", "electrolyte"),
        **_solvents(given["solvent"], given["volume"], "solvent"),
    }
    if given["mediator_potential"]:
        mediator = components[written.key_of(written.portion(given["mediator"]).name)]
        mediator["potential"] = Said(given["mediator_potential"], "mediator_potential")
    return Lines(
        {
            "volume": Said(given["volume"], "volume"),
            "limiting": Said(key, "substrate"),
            **_acidity(given),
            "components": Lines(components),
        }
    )


def _acidity(given: Situation) -> dict[str, Node]:
    return {"pH": Said(given["pH"], "pH", number=True)} if given["pH"] else {}


def _named(
    name: str, asked: str, how: str, quantity: Said, role: Said, identity: str, asked_identity: str
) -> dict[str, Line]:
    """A component: its name where the key isn't it, what it is, how much, what for."""
    key, line, remark = written.key_of(name), {}, ""
    if key != name:
        line["name"] = Said(name, asked)
    found = written.identity(identity) if identity else None
    if found and found.smiles:
        line["smiles"] = Said(found.smiles, asked_identity)
    line[how] = quantity
    if found:
        line["molar_mass"] = Said(found.molar_mass, asked_identity)
        remark = found.formula
    line["role"] = role
    return {key: Line(line, asked, remark)}


def _portion(given: Situation, asked: str, role: str, asked_identity: str = "") -> dict[str, Line]:
    if not given[asked]:
        return {}
    found = written.portion(given[asked])
    quantity = Said(found.quantity, asked, number=found.how == "equiv")
    identity = given[asked_identity] if asked_identity else ""
    return _named(found.name, asked, found.how, quantity, Said(role), identity, asked_identity)


def _portions(
    given: Situation, asked: str, asked_role: str, asked_identity: str
) -> dict[str, Line]:
    found: dict[str, Line] = {}
    for suffix in _rounds(given, asked):
        role = given[asked_role + suffix]
        found |= _portion(given, asked + suffix, role, asked_identity + suffix)
    return found


def _rounds(given: Situation, gate: str) -> Iterator[str]:
    """What the keys of each round end in."""
    suffixes = ["", *(f"_{number}" for number in range(2, MOST_ROUNDS + 1))]
    return takewhile(lambda suffix: bool(given[gate + suffix]), suffixes)


def _solvents(mixture: str, volume: str, asked: str) -> dict[str, Line]:
    parts = written.mixture(mixture)
    found: dict[str, Line] = {}
    volumes = written.volumes(volume, [share for _, share in parts])
    for (name, _), part in zip(parts, volumes, strict=True):
        found |= _named(name, asked, "volume", Said(part, asked), Said("solvent"), "", "")
    return found


def _names(given: Situation) -> dict[str, str]:
    """The names of anode and cathode: those of the leads where the cathode is the working one."""
    if given["working"] == "cathode" or offers.gas_fed(given):
        return {"cathode": "working", "anode": "counter"}
    return {"anode": "anode", "cathode": "cathode"}


def _electrodes(given: Situation) -> Lines:
    found = Lines({})
    for role, name in _names(given).items():
        if role == "cathode" and offers.gas_fed(given):
            found[name] = gas_fed_cathode(given)
            continue
        form = Form(given[f"{role}_form"])
        line: dict[str, Node] = {} if name == role else {"role": Said(role, "working")}
        line["material"] = Said(given[f"{role}_material"], f"{role}_material")
        line["form"] = Said(form.value, f"{role}_form")
        for key, text in written.size(given[f"{role}_size"], form).items():
            said = Said(text, f"{role}_size")
            if key == "area":
                basis = "envelope" if form.round and form is not Form.DISC else "facing"
                line["area"] = Line({basis: said})
                if not form.flat:
                    line["area_basis"] = Said(basis)
            else:
                line["length" if key == "immersed" and given["flow_mode"] else key] = said
        if role == "anode" and given["sacrificial"] == "yes":
            electrons = Said(given["sacrificial_electrons"], "sacrificial_electrons", number=True)
            metal = Said(given["anode_material"], "anode_material")
            line["sacrificial"] = Line({"metal": metal, "electrons": electrons})
        found[name] = Line(line, f"{role}_size")
    if given["reference"]:
        couple, filling = written.couple_and_filling(given["reference"])
        reference = {"couple": Said(couple, "reference")}
        if filling:
            reference["filling"] = Said(filling, "reference")
        found["reference"] = Line(reference, "reference")
    return found


def _reaction(given: Situation) -> Node:
    if offers.gas_fed(given):
        return gas_fed_reaction()
    reaction = Line({"kind": Said(given["reaction"], "reaction")}, "reaction")
    if given["electrons"]:
        reaction["electrons"] = Said(given["electrons"], "electrons", number=True)
        reaction.remark = "electrons per molecule of substrate"
    else:
        reaction.remark = "electrons per molecule of substrate: not known yet"
    return reaction


def _environment(given: Situation) -> Lines:
    found = Lines({"temperature": Said(given["temperature"], "temperature")})
    if offers.gas_fed(given):
        return found
    if given["stirring"]:
        found["stirring"] = Said(given["stirring"], "stirring")
    elif not given["flow_mode"]:
        found["stirring"] = Line({"kind": Said("none", "stirring")})
    found["atmosphere"] = Said(given["atmosphere"], "atmosphere")
    return found


def _steps(given: Situation) -> list[Node]:
    rest = Lines({OpenCircuit.kind: Said(_REST)})
    found: list[Node] = [rest]
    for suffix in _rounds(given, "technique"):
        found.append(_step(given, suffix))
        if given["gas_sample" + suffix] == "yes":
            found.append(Lines({TakeSample.kind: Line({"method": Said(GAS_SAMPLE)})}))
    return [*found, rest]


def _step(given: Situation, suffix: str) -> Lines:
    def said(key: str) -> Said:
        return Said(given[key + suffix], key + suffix)

    technique = given["technique" + suffix]
    kind = offers.techniques(given.bench)[technique]
    if given["alternate" + suffix] == "yes":
        kind = AlternatingPolarity
    body = Lines({}, ("scan_rate" if given["scan_rate" + suffix] else "end") + suffix)
    if technique == offers.DENSITY:
        role = given["density_on" + suffix]
        electrode = Said(_names(given)[role], "density_on" + suffix)
        density = {"value": said("density"), "electrode": electrode}
        if given["density_area" + suffix]:
            density["area_basis"] = said("density_area")
        body["current_density"] = Line(density, "density" + suffix)
    elif technique == "potential":
        potential, scale = written.against(given["potential" + suffix])
        body["potential"] = Said(potential, "potential" + suffix)
        body["vs"] = Said(scale, "potential" + suffix)
    elif technique == offers.SWEEP:
        ends, scale = written.sweep(given["sweep" + suffix])
        for key, text in zip(("from", "to"), ends, strict=True):
            body[key] = Said(text, "sweep" + suffix)
        body["vs"] = Said(scale, "sweep" + suffix)
        body["rate"] = said("scan_rate")
    elif technique == offers.VOLTAMMOGRAM:
        turns, scale = written.turns(given["turns" + suffix])
        for key, text in zip(("from", "vertex1", "vertex2"), turns, strict=True):
            body[key] = Said(text, "turns" + suffix)
        body["vs"] = Said(scale, "turns" + suffix)
        body["rate"] = said("scan_rate")
        body["cycles"] = Said(given["cycles" + suffix], "cycles" + suffix, number=True)
    else:
        key = technique.replace(" ", "_")
        is_rate = key == "current" and written.is_rate(given["current" + suffix])
        body["rate" if is_rate else key] = said(key)
    for key in ("half_period", "cell_voltage_limit", "current_limit"):
        if given[key + suffix]:
            body[key] = said(key)
    if given["end" + suffix]:
        body["until"] = _until(given, suffix)
    return Lines({kind.kind: body})


def _until(given: Situation, suffix: str) -> Node:
    held = given["technique" + suffix] in ("current", offers.DENSITY)
    found = written.end(given["end" + suffix], held_current=held)
    ends: list[Node] = [Line({found.signal: Said(found.value, "end" + suffix)})]
    if given["tlc" + suffix]:
        points = [Said(point, "tlc" + suffix) for point in written.points(given["tlc" + suffix])]
        ends.append(Line({"operator": Said(_ASKED), "ask_at": points}))
    if given["latest" + suffix]:
        ends.append(Line({"time": Said(given["latest" + suffix], "latest" + suffix)}))
    elif found.signal in ("charge", "time") and len(ends) == 1:
        return Said(found.value, "end" + suffix)
    return ends
