"""M: does the substrate reach the electrode as fast as the current consumes it?"""

from __future__ import annotations

from faradaic.chemistry.mass_transport import conversion
from faradaic.protocols.checks import Context, Findings, check, info, warning

_CLOSE = 0.9


@check("M01")
def above_the_limiting_current(context: Context) -> Findings:
    """I_lim = zF(D/delta)Ac with a film of 200 µm (Williams and Manthiram, 2019: 200 ± 7 µm).

    On the area that takes part in transport, as the plan's conversion and the simulated cell;
    from X* = 1 - I/I_lim on, current must go elsewhere. A warning from 0.9 I_lim of the
    facing side alone, since nobody knows how much of a felt or a rod works.
    """
    limits, reacting = context.resolved.limiting_currents_A(), context.resolved.reacting
    current_A = context.current_A
    if isinstance(limits, str) or reacting is None or current_A is None:
        return
    role, electrons = reacting
    electrode = context.resolved.at(role)
    active, facing = electrode.active_area_m2, electrode.areas_m2.get("facing")
    assert active is not None  # there is a limiting current
    limit_A = limits[1]
    ratio = current_A / limit_A
    onset, complete = max(0.0, 1 - ratio), conversion(1.0, ratio)
    text = (
        f"{current_A / active / 10:.3g} mA/cm² on the {context.resolved.active_area_words(role)}"
        f" against a limiting current of {limit_A / active / 10:.3g} mA/cm² at the start"
    )
    worst = ratio * active / min(facing or active, active)
    if worst > 1.01 * ratio:
        text += f" ({worst:.0%} of it if only the facing side works)"
    text += f": from a conversion of {onset:.0%} on, current goes elsewhere"
    numbers = {
        "current_A": current_A,
        "limiting_current_A": limit_A,
        "conversion_at_onset": onset,
        "conversion_at_theoretical_charge": complete,
    }
    assert context.main_step is not None
    found = warning if worst > _CLOSE else info
    yield found(
        f"{text}; {electrons:g} F/mol convert {complete:.0%}",
        path=context.main_step.path,
        help="lower the current, enlarge the electrode, stir faster, or lower the current as the"
        " substrate is consumed",
        numbers=numbers,
    )
