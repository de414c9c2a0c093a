"""Ask, estimate, tell: a search over the factors of a plate by somebody else's optimiser.

    python examples/plate/random_search.py

No cell is touched. The simulated cell stands in for the measurement: what is told is its conversion
less a price for time. With a real plate `plate_text` writes the file that `faradaic run` takes, and
`tell_rows` reads what came of it. SIMULATED, and it rests on guesses.
"""

from __future__ import annotations

from pathlib import Path

from scipy.optimize import minimize_scalar

from faradaic.runner.factor_space import FactorSpace
from faradaic.simulators.ideal_bench import IdealBench

PER_HOUR = 0.02
"""What an hour on a channel is worth, in conversion."""


def worth(space: FactorSpace, candidate: dict[str, object]) -> float:
    """Conversion less the price of the time that it takes."""
    expected = space.estimate(candidate)
    assert expected.conversion is not None
    return expected.conversion - PER_HOUR * expected.duration_s / 3600.0


def main() -> None:
    """Print what a random search and scipy's scalar minimiser find."""
    space = FactorSpace.of(Path(__file__).with_name("plate.yaml"), host=IdealBench)
    print("SIMULATED")
    for candidate in space.ask(6, seed=1, between_levels=True):
        space.tell(candidate, worth(space, candidate))
        print(f"  {candidate}: {space.observations[-1].value:.3f}")
    bounds = space.bounds["current"]

    def loss(current: float) -> float:
        candidate = {"current": current, "charge": "2.5 F/mol"}
        if not space.is_feasible(candidate):
            return 1.0
        value = worth(space, candidate)
        space.tell(candidate, value)
        return -value

    between = bounds.low, bounds.high
    minimize_scalar(loss, bounds=between, method="bounded", options={"maxiter": 8})
    best = space.best
    assert best is not None
    print(f"best: {space.written(best.candidate)}: {best.value:.3f}")
    print(space.plate_text([best.candidate], "The best of the search"))


if __name__ == "__main__":
    main()
