"""What is known of a step before its first reading: set-points, limits, and ranges of a plan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Expected:
    """None, or empty, where nobody knows. SI; ranges are (low, high)."""

    set_A: float | None = None
    """The held current, signed; None where a voltage or potential is held."""
    set_V: float | None = None
    """The held cell voltage or potential, signed."""
    limit_V: float | None = None
    limit_A: float | None = None
    amount_C: float | None = None
    """The charge of 1 F/mol."""
    electrons: float | None = None
    voltage_V: tuple[float, float] | None = None
    typical_V: float | None = None
    """Within `voltage_V`, where it is most likely."""
    exchanged_V: float | None = None
    """By how much exchanged leads raise the cell voltage."""
    resistance_ohm: tuple[float, float] | None = None
    limiting_A: tuple[float, float] | None = None
    typical_limiting_A: float | None = None
    depletion_C: float | None = None
    """At which charge the substrate is expected to run short at the held current."""
    metal: str = ""
    """Of a sacrificial anode."""
    metal_C: float | None = None
    """The charge that it lasts."""
    dry_share: float | None = None
    """The share of the volume that is lost when the electrodes are dry."""
    heating_V: float = 0.0
    """By how much the cell's own heat may lower its voltage."""
    per_kelvin_V: float = 5e-3
    """By how much a kelvin lowers it, at most."""
    in_turn: bool = False
    """Levels in turn: one level's readings do not compare with another's."""

    @property
    def held(self) -> bool:
        """Get whether a current is held."""
        return self.set_A is not None

    def of_charge(self, charge_C: float) -> str:
        """A charge as people say it."""
        if self.amount_C:
            return f"{charge_C / self.amount_C:.3g} F/mol"
        return f"{charge_C:.3g} C"
