"""Writes README.md of the gallery: pictures, achieved errors, timings.

The comparison with other programs is not made here: `peers.md` is what benchmarks/voltammetry.py
printed where they are installed.
"""

from __future__ import annotations

import platform

from drawing import FOLDER
from golden import rows, timings

PICTURES = (
    (
        "working_curves",
        "Cyclic voltammograms against published working curves",
        "One electron, 298.15 K, started at +300 mV. The reversible wave and the peak "
        "separation of a quasi-reversible couple (turned 141 mV beyond E½) against the tables "
        "of Nicholson and Shain (Anal. Chem. 1964, 36, 706) and Nicholson (1965, 37, 1351). "
        "Semi-integral engine.",
    ),
    (
        "following_reaction",
        "A reaction that follows the electron transfer",
        "The product B reacts on. Its return peak shrinks with kτ, τ being the time from E½ "
        "to the turn; the ratio is measured from the extrapolated forward wave. Semi-integral "
        "engine.",
    ),
    (
        "concentration_profiles",
        "Concentration profiles",
        "Before an electrode at which A is reduced from time zero on, while B turns into C "
        "with 0.2 s⁻¹. Finite-difference engine; circles are the closed form for A.",
    ),
    (
        "impedance",
        "Impedance",
        "A couple at a 3 mm disc with its double layer and 100 Ω. Lines are the closed form "
        "of the Randles circuit with semi-infinite diffusion; points come from a 2 mV sine "
        "imposed on the semi-integral engine in time.",
    ),
    (
        "four_hours",
        "Four hours at constant current",
        "[four_hours.yaml](four_hours.yaml), rehearsed on the simulated bench: plan, driver, "
        "SCPI bytes, emulator, cell. When the limiting current has fallen to 20 mA the "
        "solvent takes over and the voltage steps up. Circles: X = 1 − β exp[−(m − 1 + β)/β], "
        "β = i/i_lim at the start, m = charge over the theoretical charge.",
    ),
    (
        "passivating_run",
        "The same four hours when something goes wrong",
        "`faradaic run docs/gallery/four_hours.yaml --fault NAME:...`; the dashed line is the "
        "run without a fault. [All faults](../faults.md).",
    ),
    (
        "alternating_polarity",
        "Alternating polarity",
        "At each reversal the double layers are recharged before any reaction runs. On a "
        "felt, with a hundred times the double layer of the plate, fast alternation passes "
        "charge and makes nothing.",
    ),
    (
        "alternation_remedies",
        "A film that reversals take off, and ten hertz on a potentiostat",
        "Left: [four_hours.yaml](four_hours.yaml) and [four_hours_reversed.yaml]"
        "(four_hours_reversed.yaml), each with `--fault film:start=0.2F/mol,rate=8V/F,undone=95%`: "
        "a film that grows in one direction and comes off in the other. Right: "
        "[kolbe_ten_hertz.yaml](kolbe_ten_hertz.yaml) on the simulated EmStat4 HR, one reading of "
        "each direction a second; the last half-period ends early, at its charge.",
    ),
    (
        "sixteen_hours_of_co2",
        "Sixteen hours of CO₂ electrolysis",
        "Two gas-diffusion electrodes with illustrative parameters: flooding, and salt that a "
        "flush washes away every four hours. Efficiencies as a gas chromatograph with its own "
        "errors finds them at the outlet; they need not add up to 100 %.",
    ),
)


def write_page() -> None:
    """README.md in the gallery's folder; computes every number on it."""
    parts = [
        "# Gallery",
        "What the simulated bench gives. Every picture and number here is SIMULATED and made by "
        "`python docs/gallery/make.py`; open symbols are published values or closed forms.",
    ]
    for name, title, text in PICTURES:
        parts += [f"## {title}", text, f"![{title}]({name}.png)"]
    parts += ["## Golden results", "Computed when this page was made; the tests hold more of them."]
    table = ["| result | engine | error | allowed | source |", "|---|---|---|---|---|"]
    table += [f"| {r.what} | {r.engine} | {r.error} | {r.tolerance} | {r.source} |" for r in rows()]
    parts.append("\n".join(table))
    parts += [
        "## Speed",
        f"Median wall times here ({platform.machine()}, two cores, Python "
        f"{platform.python_version()}), compilation left out.",
    ]
    table = ["| what | time |", "|---|---|"]
    table += [f"| {t.what} | {duration(t.seconds)} |" for t in timings()]
    parts.append("\n".join(table))
    parts += [
        "The same reversible voltammogram in other programs, all in one run of "
        "`uv run --group peers python benchmarks/voltammetry.py` (its table is kept in "
        "[peers.md](peers.md)):",
        (FOLDER / "peers.md").read_text(encoding="utf-8").strip(),
    ]
    (FOLDER / "README.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def duration(seconds: float) -> str:
    """Three digits in the unit that fits."""
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
