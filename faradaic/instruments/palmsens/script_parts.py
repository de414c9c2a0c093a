"""What scripts are made of: ranges and front end, packages, stops, and the frame around them."""

from __future__ import annotations

from faradaic.diagnostics import DeviceError
from faradaic.instruments.palmsens.device_models import DeviceModel
from faradaic.instruments.palmsens.literals import literal
from faradaic.instruments.readings import EndReason

LINE_MAX = 128
"""Longest line that every instrument accepts."""

BANDWIDTH_PER_RATE = 5.850535
"""Recommended bandwidth over sampling rate (palmsens-sdk, battery cycling template)."""

FINEST_SHARE = 1e-3
"""Of the current expected, the least that a finer range is taken for: an engineering guess.

An instrument that chooses its range goes up by one at a point: from the finest to that of a peak
it would be overloaded for several points.
"""


def potentiostat(
    model: DeviceModel,
    potentials_V: tuple[float, ...],
    current_limit_A: float,
    interval_s: float,
    expected_A: float | None = None,
) -> list[str]:
    """Up to the limit; begun at the current expected, and down to `FINEST_SHARE` of it."""
    lowest_V, highest_V = model.potential_limits_V[model.pgstat_mode]
    for potential_V in potentials_V:
        if not lowest_V <= potential_V <= highest_V:
            raise DeviceError.of(
                f"a potential of {potential_V:g} V was asked of the {model.name}",
                help=f"give a potential between {lowest_V:g} V and {highest_V:g} V",
                code="E512",
            )
    window = f"{literal(min(potentials_V))} {literal(max(potentials_V))}"
    widest_A = min(current_limit_A, model.current_max_A)
    first_A = min(widest_A, expected_A or widest_A)
    finest_A = max(FINEST_SHARE * (expected_A or 0.0), min(model.current_ranges_A.values()))
    finest_A = min(finest_A, first_A)
    return [
        *front_end(model.pgstat_mode, interval_s),
        f"set_range_minmax da {window}",
        f"set_range ba {literal(first_A)}",
        f"set_autoranging ba {literal(finest_A)} {literal(widest_A)}",
        f"set_e {literal(potentials_V[0])}",
    ]


def front_end(mode: int, interval_s: float) -> list[str]:
    """The channel, the mode of the potentiostat and the bandwidth for points at an interval."""
    bandwidth_Hz = BANDWIDTH_PER_RATE / interval_s
    return [
        "set_pgstat_chan 0",
        f"set_pgstat_mode {mode}",
        f"set_max_bandwidth {literal(float(f'{bandwidth_Hz:.4g}'))}",
    ]


def potential_range(largest_V: float) -> list[str]:
    """The range on which the voltage is measured, fixed."""
    span = literal(largest_V)
    return [f"set_range ab {span}", f"set_autoranging ab {span} {span}"]


def package(*names: str) -> list[str]:
    """Everything twice, since a package has no check sum: see `package_readings.halved`."""
    return ["pck_start", *(f"pck_add {name}" for name in (*names, *names)), "pck_end"]


def stop_if(condition: str, reason: EndReason) -> list[str]:
    """Leave the measurement, and say why."""
    return [f"if {condition}", f'send_string "{reason.value}"', "breakloop", "endif"]


def current_stop(limit_A: float, model: DeviceModel) -> list[str]:
    """Stops at ±limit, unless the instrument cannot reach it anyway."""
    if limit_A > model.current_max_A:
        return []
    return [
        *stop_if(f"i >= {literal(limit_A)}", EndReason.CURRENT_LIMIT),
        *stop_if(f"i <= {literal(-limit_A)}", EndReason.CURRENT_LIMIT),
    ]


def text(*lines: str) -> str:
    """A script whose last block is its measurement; the cell goes off however that ends."""
    for line in lines:
        if len(line) > LINE_MAX:
            raise DeviceError.of(
                f"the script line `{line[:40]}…` is too long",
                help="give rounder values",
                code="E512",
            )
    return "".join(f"{line}\n" for line in (*lines, "endloop", "on_finished:", "cell_off"))
