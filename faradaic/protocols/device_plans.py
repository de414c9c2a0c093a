"""The devices of a bench in a plan: their columns, what stays on at the end, interlocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from faradaic.chemistry.cell_description import CellDescription
from faradaic.diagnostics import InputError, Severity
from faradaic.protocols import wording
from faradaic.protocols.compilation import Compilation
from faradaic.protocols.device_steps import SetPlan
from faradaic.protocols.interlock_plans import in_words, planned_interlock
from faradaic.protocols.plan import DevicePlan, Interlock, StepPlan

KEPT = {
    "gas": "gas_flow_mol_per_s",
    "stirring": "stirring_rpm",
    "temperature": "temperature_K",
}
"""Keys of `end_state` that may keep a device on, with what it sets."""


def device_plans(context: Compilation) -> tuple[DevicePlan, ...]:
    """The devices of the bench, with a column for each thing that one reports.

    A column has the name of its quantity where one device alone reports it, and the name of the
    device before the unit elsewhere.
    """
    devices = context.bench.devices
    reported = {
        name: [ability.quantity for ability in device.abilities if ability.reports]
        for name, device in devices.items()
    }
    count = Counter(quantity for quantities in reported.values() for quantity in quantities)
    end = context.protocol.end_state
    keep = tuple(quantity for key, quantity in KEPT.items() if getattr(end, key) == "keep")
    return tuple(
        DevicePlan(
            name=name,
            model=device.model,
            columns={
                quantity if count[quantity] == 1 else _column(quantity, name): quantity
                for quantity in dict.fromkeys(reported[name])
            },
            keep=tuple(q for q in keep if any(a.quantity == q for a in device.abilities)),
        )
        for name, device in devices.items()
    )


def interlocks(context: Compilation) -> tuple[Interlock, ...]:
    """Those of the bench and those of the protocol, and its limit of the temperature."""
    found: list[Interlock] = [*context.bench.interlocks]
    for number, written in enumerate(context.protocol.interlocks):
        try:
            found.append(planned_interlock(written, context.bench.devices, "the protocol"))
        except InputError as error:
            for told in error.diagnostics:
                context.report(told.code, told.message, ("interlocks", number), help=told.help)
    highest = context.protocol.limits.temperature
    of_bench = len(context.bench.interlocks)
    _report_contradicted(context, [(one, n - of_bench) for n, one in enumerate(found)])
    if highest is not None:
        able = [
            name
            for name, device in context.bench.devices.items()
            if any(a.quantity == "temperature_K" and a.reports for a in device.abilities)
        ]
        words = wording.temperature(highest.value_K)
        if not able:
            context.report(
                "E415",
                f"the limit of {words} isn't watched: nothing on this bench measures the"
                " temperature",
                ("limits", "temperature"),
                severity=Severity.WARNING,
                help="watch it by hand, or remove the limit",
            )
        for name in able:
            period_s = context.bench.devices[name].period_s
            found.append(
                Interlock(
                    device=name,
                    quantity="temperature_K",
                    at_most=highest.value_K,
                    stale_s=3.0 * period_s + 1.0,
                    text=f"{name}: temperature <= {words}",
                    set_by="the protocol (`limits`)",
                )
            )
    return tuple(found)


def _report_contradicted(context: Compilation, written: Sequence[tuple[Interlock, int]]) -> None:
    """An interlock that what the protocol itself sets would trip (E437).

    Each with its number in the protocol, below 0 for those of the bench.
    """
    started = surroundings(context)
    if context.protocol.environment.temperature is not None:
        control = context.protocol.environment.temperature.control
        if control in (None, "none", "ambient"):
            started.pop("temperature_K", None)  # nothing holds it
    for one, number in written:
        where, value = "of `environment`", started.get(one.quantity)
        for step in context.steps:
            for setting in step.settings if isinstance(step, SetPlan) else ():
                if (setting.device, setting.quantity) == (one.device, one.quantity):
                    where, value = f"of step {step.id}", setting.value
            low = value is not None and one.at_least is not None and value < one.at_least
            high = value is not None and one.at_most is not None and value > one.at_most
            if value is None or not step.passes_current or not (low or high):
                continue
            bound = one.at_least if low else one.at_most
            assert bound is not None
            context.report(
                "E437",
                f"the interlock demands {one.text}, and the set-point {where} is"
                f" {in_words(one.quantity, value)}: it would trip",
                ("interlocks", number) if number >= 0 else ("steps",),
                help=f"set {in_words(one.quantity, bound)} or {'more' if low else 'less'}, or"
                " change the interlock",
                numbers={"value": value, "bound": bound},
            )
            break


def as_fed(cell: CellDescription, steps: Sequence[StepPlan]) -> CellDescription:
    """A cell whose gas a device sets: it changes when that does, not by the clock."""
    gas = "gas_flow_mol_per_s"
    sets = [one for step in steps if isinstance(step, SetPlan) for one in step.settings]
    if cell.model != "gas_diffusion" or all(one.quantity != gas for one in sets):
        return cell
    told = tuple(one for one in cell.assumptions if one.of != "feed_changes")
    return cell.model_copy(update={"feed_changes": (), "assumptions": told})


def surroundings(context: Compilation) -> dict[str, float]:
    """What is said of the cell's surroundings, where the bench has devices that could change it."""
    if not context.bench.devices:
        return {}
    environment = context.protocol.environment
    stirring, held = environment.stirring, environment.temperature
    told = {
        "stirring_rpm": None
        if stirring is None or stirring.rate_per_s is None
        else 60.0 * stirring.rate_per_s,
        "temperature_K": None if held is None else held.setpoint_K,
        "pH": context.resolved.working.compartment.medium.stated_pH,
    }
    return {key: float(value) for key, value in told.items() if value is not None}


def _column(quantity: str, device: str) -> str:
    """`temperature_K` of `probe` is `temperature_probe_K`."""
    stem, unit = _STEMS.get(quantity, (quantity, ""))
    name = device.replace("-", "_").replace(".", "_")
    return f"{stem}_{name}_{unit}".rstrip("_")


_STEMS = {
    "stirring_rpm": ("stirring", "rpm"),
    "temperature_K": ("temperature", "K"),
    "gas_flow_mol_per_s": ("gas_flow", "mol_per_s"),
    "pump_flow_m3_per_s": ("pump_flow", "m3_per_s"),
    "relay_closed": ("relay_closed", ""),
}
