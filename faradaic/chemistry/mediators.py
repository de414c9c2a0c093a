"""How fast the active form of a mediator turns a substrate over."""

from __future__ import annotations

from faradaic.chemistry.tables import rows

_UNKNOWN = "unknown"


def mediator_rate(couple_id: str) -> tuple[float, str]:
    """Rate constant with a typical substrate, m³/mol/s, and the sentence that says whence.

    That of the last row, a guess, for a mediator that the table does not have.
    """
    known = {row["mediator"]: row for row in rows("mediator_rates")}
    row = known.get(couple_id, known[_UNKNOWN])
    rate = float(row["rate_L_per_mol_s"])
    what = "not known, taken as" if couple_id not in known else "taken as"
    text = f"rate constant of {couple_id} with the substrate {what} {rate:g} L/mol/s"
    return rate * 1e-3, f"{text} ({row['source']}); `mediator_rate` states it"
