"""How many circuits are found by themselves: eight cells, drawn elements, 1 % of noise.

    python benchmarks/circuits.py [SEEDS]

Prints a row a circuit, and those that were taken for it instead; 25 seeds are 200 spectra and take
six minutes.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from analysis.impedance.test_circuit_search import CELLS, spectrum
from faradaic.analysis.impedance.circuit_search import find_circuit


def main(seeds: int) -> None:
    """Print the table."""
    right = 0
    for circuit in CELLS:
        found = Counter(find_circuit(spectrum(circuit, seed)).best.text for seed in range(seeds))
        right += found[circuit]
        others = ", ".join(f"{text} {n}" for text, n in found.items() if text != circuit)
        print(f"{circuit:<22} {found[circuit]:>3} of {seeds}  {others}")
    print(f"{right} of {seeds * len(CELLS)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
