"""Interlocks: which device has to report what, settled for one bench."""

from __future__ import annotations

from collections.abc import Mapping

from faradaic.diagnostics import InputError, did_you_mean, refusal
from faradaic.protocols import wording
from faradaic.protocols.bench import DeviceProfile
from faradaic.protocols.plan import Interlock as PlannedInterlock
from faradaic.protocols.schema.interlocks import Interlock
from faradaic.quantities import format_quantity

MISSED_PERIODS = 3.0
ANSWERS_S = 1.0
"""What a device may take to answer once more."""


def planned_interlock(
    written: Interlock, devices: Mapping[str, DeviceProfile], set_by: str
) -> PlannedInterlock:
    """An interlock with the device that reports it. Raises `InputError` (E431)."""
    watched = written.watched
    if watched is None:
        name = _named(written, devices)
        return PlannedInterlock(
            device=name,
            stale_s=_stale_s(written, devices[name]),
            text=f"{name} reports",
            set_by=set_by,
            period_s=devices[name].period_s,
        )
    key, quantity, least, most = watched
    name = _reporting(written, devices, key, quantity)
    for bound in (least, most):
        if bound is not None:
            _check_range(devices[name], name, key, quantity, bound)
    sign, bound = (">=", least) if least is not None else ("<=", most)
    assert bound is not None
    return PlannedInterlock(
        device=name,
        quantity=quantity,
        at_least=least,
        at_most=most,
        stale_s=_stale_s(written, devices[name]),
        text=f"{name}: {key} {sign} {in_words(quantity, bound)}",
        set_by=set_by,
        period_s=devices[name].period_s,
    )


def in_words(quantity: str, value: float) -> str:
    """What a device sets or reports, with its unit."""
    match quantity:
        case "stirring_rpm":
            return f"{value:.0f} rpm"
        case "temperature_K":
            return wording.temperature(value)
        case "gas_flow_mol_per_s":
            return format_quantity(value, "sccm")
        case "pump_flow_m3_per_s":
            return format_quantity(value, "mL/min")
        case "dosed_m3":
            return wording.volume(value)
        case "relay_closed":
            return "closed" if value >= 0.5 else "open"
    return f"{value:.4g}"


def _stale_s(written: Interlock, device: DeviceProfile) -> float:
    if written.silent_s is None:
        return MISSED_PERIODS * device.period_s + ANSWERS_S
    if written.silent_s < device.period_s:
        raise _refused(
            f"the {device.model} is read every {device.period_s:g} s, but silence of"
            f" {written.silent_s:g} s is to trip",
            f"write at least `silent: {2.0 * device.period_s:g} s`",
        )
    return written.silent_s


def _named(written: Interlock, devices: Mapping[str, DeviceProfile]) -> str:
    name = written.device or ""
    if name not in devices:
        raise _refused(
            f"no device on this bench is called `{name}`", did_you_mean(name, list(devices))
        )
    if not any(ability.reports for ability in devices[name].abilities):
        raise _cannot(name, devices[name], "anything")
    return name


def _reporting(
    written: Interlock, devices: Mapping[str, DeviceProfile], key: str, quantity: str
) -> str:
    """The device that reports a quantity."""
    having = [
        (name, ability.reports)
        for name, device in devices.items()
        for ability in device.abilities
        if ability.quantity == quantity and written.device in (None, name)
    ]
    able = [name for name, reports in having if reports]
    if len(able) == 1:
        return able[0]
    if able:
        raise _refused(
            f"several devices report the {key}: {', '.join(able)}",
            f"say which: `device: {able[0]}`",
        )
    if having:
        raise _cannot(having[0][0], devices[having[0][0]], f"its {key}")
    if written.device is not None:
        name = _named(written, devices)
        raise _cannot(name, devices[name], f"any {key}")
    raise _refused(
        f"nothing on this bench reports the {key}",
        "add a device that does under `devices`, or remove the interlock",
    )


def _check_range(device: DeviceProfile, name: str, key: str, quantity: str, bound: float) -> None:
    """A bound beyond what can be reported would trip always, or never."""
    ability = next(one for one in device.abilities if one.quantity == quantity)
    if quantity != "relay_closed" and not 0.0 <= bound <= ability.most:
        raise _refused(
            f"{name} reports the {key} up to {in_words(quantity, ability.most)}, not"
            f" {in_words(quantity, bound)}",
            f"write at most {in_words(quantity, ability.most)}",
        )


def _cannot(name: str, device: DeviceProfile, what: str) -> InputError:
    return _refused(
        f"`{name}` ({device.model}) cannot report {what}: nothing would trip",
        "put the interlock on a device that reports it (`faradaic devices` says what each does)",
    )


def _refused(message: str, remedy: str) -> InputError:
    return refusal("E431", message, remedy)
