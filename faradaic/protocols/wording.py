"""Values and parts of a protocol in the words of a procedure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pydantic import BaseModel

from faradaic.protocols.schema import Cell, Component, Electrode, Flow, Protocol
from faradaic.protocols.schema.field_types import FOR_THE_RECORD
from faradaic.protocols.schema.solution import GasFeed
from faradaic.quantities import convert, format_duration, format_quantity
from faradaic.quantities.constants import FARADAY_C_PER_MOL


def brief_current(current_A: float, digits: int = 3) -> str:
    """A current in a sentence: "5 mA", "1.25 A"."""
    if abs(current_A) < 0.9995:
        return f"{current_A * 1e3:.{digits}g} mA"
    return f"{current_A:.{digits}g} A"


def current(value_A: float) -> str:
    """A current in the unit that suits it: "5.00 mA"."""
    if value_A == 0:
        return "0 A"
    return _scaled(value_A, ("A", 1.0), ("mA", 1e-3), ("µA", 1e-6), ("nA", 1e-9), ("pA", 0.0))


def voltage(value_V: float) -> str:
    """A voltage or potential: "20 V", "-0.38 V"."""
    return f"{value_V:.4g} V"


def frequency(value_Hz: float) -> str:
    """A frequency in the unit that suits it: "100 kHz"."""
    return _scaled(value_Hz, ("MHz", 1e6), ("kHz", 1e3), ("Hz", 1.0), ("mHz", 1e-3), ("µHz", 0.0))


def charge(value_C: float, limiting_mol: float | None) -> str:
    """A charge, per limiting component too if there is one: "4.50 F/mol (86.8 C)"."""
    plain = _scaled(value_C, ("C", 1.0), ("mC", 0.0))
    if limiting_mol is None:
        return plain
    return f"{value_C / FARADAY_C_PER_MOL / limiting_mol:.2f} F/mol ({plain})"


def amount(value_mol: float) -> str:
    """An amount of substance: "0.200 mmol"."""
    return _scaled(value_mol, ("mol", 0.1), ("mmol", 1e-4), ("µmol", 0.0))


def volume(value_m3: float) -> str:
    """A volume: "10.0 mL"."""
    return _scaled(value_m3, ("L", 1e-3), ("mL", 1e-7), ("µL", 0.0))


def flow(value_m3_per_s: float) -> str:
    """A volume flow: "0.200 mL/min"."""
    return format_quantity(value_m3_per_s, "mL/min")


def temperature(value_K: float) -> str:
    """A temperature: "25 degC"."""
    return f"{round(convert(value_K, 'degC'), 6) + 0.0:.4g} degC"


duration = format_duration


def _scaled(value: float, *units: tuple[str, float]) -> str:
    unit = next(unit for unit, least in units if abs(value) >= least)
    return format_quantity(value, unit)


def _mm(value_m: float) -> str:
    return f"{value_m * 1e3:.4g}"


def cell(cell: Cell) -> str:
    """The cell in one phrase: "undivided cell (vial, 20.0 mL), electrode gap 10 mm, vented"."""
    text = cell.type.words
    if cell.vessel is not None:
        size = volume(cell.vessel.volume_m3) if cell.vessel.volume_m3 else None
        inside = ", ".join(part for part in (cell.vessel.kind, size) if part)
        text += f" ({inside})" if inside else ""
    if cell.separator is not None:
        text += f", {cell.separator.product or cell.separator.kind.upper()}"
    if cell.gap_m is not None:
        text += f", electrode gap {_mm(cell.gap_m)} mm"
    if cell.flow is not None:
        text += f", {_flow_words(cell.flow)}"
    if cell.closure is not None:
        text += f", {cell.closure.replace('_', ', ')}"
    return text


def _flow_words(pumped: Flow) -> str:
    """How it is pumped: "single pass at 0.200 mL/min"."""
    streams = [("", pumped.rate_m3_per_s), ("anolyte ", pumped.anolyte_m3_per_s)]
    streams.append(("catholyte ", pumped.catholyte_m3_per_s))
    rates = [f"{name}{flow(rate)}" for name, rate in streams if rate is not None]
    text = pumped.mode.replace("_", " ") + (f" at {' and '.join(rates)}" if rates else "")
    if pumped.backpressure_Pa is not None:
        text += f" against {format_quantity(pumped.backpressure_Pa, 'bar')}"
    return text


def electrode(electrode: Electrode) -> str:
    """An electrode in one phrase: "graphite felt, 10 x 20 x 3 mm, immersed 18 mm"."""
    text = (
        f"{electrode.material} {electrode.form.value.replace('rvc', 'RVC').replace('gde', 'GDE')}"
    )
    if electrode.coating is not None:
        text += f" coated with {electrode.coating.catalyst}"
    diameter = None if electrode.diameter_m is None else f"{_mm(electrode.diameter_m)} mm diameter"
    sides = [electrode.width_m, electrode.length_m, electrode.thickness_m]
    known = " x ".join(_mm(side) for side in sides if side is not None)
    for part in (diameter, f"{known} mm" if known else None):
        text += f", {part}" if part else ""
    if electrode.immersed_m is not None:
        text += f", immersed {_mm(electrode.immersed_m)} mm"
    return text


def component(name: str, component: Component, moles: float | None) -> str:
    """A component with its quantity: "alkyne (0.600 mmol, 3.0 equiv)"."""
    given = []
    if component.volume_m3 is not None:
        given.append(volume(component.volume_m3))
    if component.mass_kg is not None:
        given.append(_scaled(component.mass_kg, ("g", 1e-3), ("mg", 0.0)))
    if component.concentration_mol_per_m3 is not None:
        given.append(format_quantity(component.concentration_mol_per_m3, "mol/L"))
    elif moles is not None:
        given.append(amount(moles))
    if component.equiv is not None:
        given.append(f"{component.equiv:g} equiv")
    return f"{component.name or name} ({', '.join(given)})"


def procedure(protocol: Protocol) -> dict[str, object]:
    """The procedure as the report and a paper's SI tell it: phrases, and SI where they compute."""
    environment = protocol.environment
    stirring, held = environment.stirring, environment.temperature
    components = [
        {
            "id": name,
            "name": part.name or name,
            "role": part.role.value,
            "compartment": place,
            "text": component(name, part, protocol.amounts_mol(place)[name]),
            "amount_mol": protocol.amounts_mol(place)[name],
            "equiv": part.equiv,
        }
        for place, solution in protocol.solutions.items()
        for name, part in solution.components.items()
    ]
    words: dict[str, object] = {
        "cell": cell(protocol.cell),
        "electrodes": {n: electrode(e) for n, e in protocol.electrodes.pair.items()},
        "volume_m3": {place: s.volume_m3 for place, s in protocol.solutions.items()},
        "components": components,
        "atmosphere": environment.atmosphere,
        "temperature": temperature(held.setpoint_K) if held else None,
        "stirring": f"{stirring.rate_per_s * 60:.0f} rpm"
        if stirring and stirring.rate_per_s
        else (stirring.kind if stirring else None),
    }
    if protocol.electrodes.reference is not None:
        words["reference_electrode"] = protocol.electrodes.reference.name
    for key in ("workup", "purification", "analysis"):
        words[key] = [
            {"details": None, **step.model_dump(mode="json", exclude_none=True)}
            for step in getattr(protocol, key)
        ]
    fed = {place: s.gas for place, s in protocol.solutions.items() if s.gas is not None}
    if protocol.compartments is not None and protocol.compartments.gas is not None:
        fed["gas"] = protocol.compartments.gas.gas
    words["gas"] = {place: _gas_words(gas) for place, gas in fed.items()}
    words["record"] = dict(recorded(protocol))
    return words


def _gas_words(gas: GasFeed) -> str:
    """How a gas is fed: "N2, 5.00 sccm, sparge"."""
    flow = [] if gas.flow_mol_per_s is None else [format_quantity(gas.flow_mol_per_s, "sccm")]
    return ", ".join([gas.species, *flow, gas.mode.replace("_", " ")])


def recorded(part: BaseModel, path: str = "") -> Iterator[tuple[str, object]]:
    """Everything that is kept for the record, by its place in the protocol."""
    for name, field in type(part).model_fields.items():
        here = f"{path}.{field.alias or name}".removeprefix(".")
        value = getattr(part, name)
        if FOR_THE_RECORD in field.metadata:
            if name in part.model_fields_set and value is not None:
                yield here, part.model_dump(mode="json", include={name})[name]
        elif isinstance(value, BaseModel):
            yield from recorded(value, here)
        elif isinstance(value, tuple | dict):
            each = value.items() if isinstance(value, dict) else enumerate(value)
            for key, one in each:
                if isinstance(one, BaseModel):
                    yield from recorded(one, f"{here}.{key}")


def to_three_digits(value: float, *, up: bool) -> float:
    """A positive bound as it can be typed: three digits, never beyond it."""
    place = 10.0 ** (math.floor(math.log10(value)) - 2)
    whole = value / place
    nearest = round(whole)
    if abs(whole - nearest) > 1e-9 * whole:
        nearest = math.ceil(whole) if up else math.floor(whole)
    return nearest * place


def short_time(seconds: float) -> str:
    """A time that may be below a second: "50 ms", "30 s"."""
    return duration(seconds) if seconds >= 1.0 else f"{seconds * 1e3:.4g} ms"
