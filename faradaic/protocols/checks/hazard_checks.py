"""H: hazards of the components, by tag or by name."""

from __future__ import annotations

from faradaic.protocols.checks import Context, Findings, Path, check, warning
from faradaic.quantities.constants import CELSIUS_ZERO_K

_DRYING = frozenset({"CONCENTRATION", "DISTILLATION", "DRY_IN_VACUUM"})
_HOT_K = CELSIUS_ZERO_K + 60


def _carrying(context: Context, tag: str, word: str, ion: str) -> list[tuple[Path, str]]:
    """Components with a hazard tag, a word in their name, or an ion."""
    found = []
    for path, name, component, compartment in context.components:
        texts = [text for text in (name, component.name) if text]
        if (
            tag in component.hazards
            or any(word in text.lower() for text in texts)
            or any(ion in (salt.cation, salt.anion) for salt in compartment.salts[name])
        ):
            found.append((path, name))
    return found


@check("H01")
def perchlorate_dried(context: Context) -> Findings:
    """Organic perchlorates may explode when dried or heated (Prudent Practices, p. 375)."""
    drying = [f"`{step.type}`" for step in context.protocol.workup if step.type in _DRYING]
    held = context.protocol.environment.temperature
    if held is not None and held.setpoint_K > _HOT_K:
        drying.append("a temperature above 60 degC")
    for path, name in _carrying(context, "perchlorate", "perchlorate", "ClO4") if drying else ():
        yield warning(
            f"{name} is a perchlorate, and the protocol has {' and '.join(dict.fromkeys(drying))}:"
            " dry organic perchlorates can explode",
            path=path,
            help="use a BF4, PF6 or OTf salt, or wash the perchlorate out before concentrating and"
            " never heat or scrape the residue; a waiver says what you do",
        )


@check("H03")
def diazonium(context: Context) -> Findings:
    """Diazonium salts decompose with nitrogen, dry ones violently (PSEP 2023, 177, 69)."""
    for path, name in _carrying(context, "diazonium_salt", "diazonium", "diazonium"):
        yield warning(
            f"{name} is a diazonium salt: it decomposes with nitrogen, the dry salt violently",
            path=path,
            help="handle less than 1 g, cold, dark, with a plastic spatula behind a shield; add it"
            " last and start at once, because it grafts onto metal cathodes at open circuit",
        )
