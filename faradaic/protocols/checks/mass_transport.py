"""M: does the substrate reach the electrode as fast as the current consumes it?"""

from __future__ import annotations

from faradaic.chemistry.mass_transport import conversion
from faradaic.protocols.checks import Context, Findings, check, info, warning

_CLOSE = 0.9


@check("M01")
def above_the_limiting_current(context: Context) -> Findings:
    """I_lim = zF(D/delta)Ac with a film of 200 µm (Williams and Manthiram, 2019: 200 ± 7 µm).

    Compared on the facing area; from X* = 1 - I/I_lim on, current must go elsewhere. A warning
    from 0.9 I_lim, since the film is known within 100 to 230 µm only.
    """
    limits, reacting = context.resolved.limiting_currents_A(), context.resolved.reacting
    current_A = context.current_A
    if isinstance(limits, str) or reacting is None or current_A is None:
        return
    role, electrons = reacting
    electrode = context.resolved.at(role)
    active = electrode.active_area_m2
    facing = electrode.areas_m2.get("facing", active)
    if active is None or facing is None:
        return
    limit_A = limits[1] * facing / active
    ratio, around = current_A / limit_A, current_A / limits[1]
    onset, complete = max(0.0, 1 - ratio), conversion(1.0, ratio)
    text = (
        f"{current_A / facing / 10:.3g} mA/cm² on the facing side of the {electrode.name} against"
        f" a limiting current of {limit_A / facing / 10:.3g} mA/cm² at the start"
    )
    if around < 0.99 * ratio:
        text += f" ({around:.0%} of it if all outer faces work)"
    text += f": from a conversion of {onset:.0%} on, current goes elsewhere"
    numbers = {
        "current_A": current_A,
        "limiting_current_A": limit_A,
        "conversion_at_onset": onset,
        "conversion_at_theoretical_charge": complete,
    }
    assert context.main_step is not None
    found = warning if ratio > _CLOSE else info
    yield found(
        f"{text}; {electrons:g} F/mol convert {complete:.0%}",
        path=context.main_step.path,
        help="lower the current, enlarge the electrode, stir faster, or lower the current as the"
        " substrate is consumed",
        numbers=numbers,
    )
