"""What a pump delivers into the world around the cell, whatever its words."""

from __future__ import annotations

from faradaic.simulators.surroundings import Surroundings


class Delivery:
    """A pump that runs at a rate, without end or up to a volume."""

    def __init__(self, surroundings: Surroundings, place: str) -> None:
        """`place`: what the protocol's dose is told under."""
        self._around = surroundings
        self._place = place
        self.rate_m3_per_s = 0.0
        self.target_m3 = 0.0
        """0 for a flow without end."""
        self.running = self.stalled = self.reached = False
        self.total_m3 = 0.0
        """Delivered since it was switched on."""
        self._phase_m3 = 0.0
        self._moved_s = 0.0

    def start(self, now_s: float) -> None:
        """Run from now on, its target counted anew."""
        self.running, self.stalled, self.reached = True, False, False
        self._phase_m3, self._moved_s = 0.0, now_s

    def stop(self) -> None:
        """Stand."""
        self.running = self.reached = self.stalled = False

    def advance(self, now_s: float) -> None:
        """Deliver up to now."""
        if self.running and now_s > self._moved_s:
            if self._around.troubled("pump_stall"):
                self.running, self.stalled = False, True
            else:
                self._deliver(now_s - self._moved_s)
        self._moved_s = max(now_s, self._moved_s)

    def _deliver(self, passed_s: float) -> None:
        moved_m3 = self.rate_m3_per_s * passed_s
        if self.target_m3:
            moved_m3 = min(moved_m3, self.target_m3 - self._phase_m3)
        self.total_m3 += moved_m3
        self._phase_m3 += moved_m3
        if moved_m3:
            self._around.infused.append((self._place, moved_m3))
        if self.target_m3 and self._phase_m3 >= self.target_m3 * (1 - 1e-9):
            self.running, self.reached = False, True
