"""Makes studies.md: the CO2 study, the spinel screening and the published barriers, by command.

    python docs/gallery/studies.py

Needs the extra `computational`. The curve of the constrained run takes a quarter of an hour by
itself and is not made here; the page says how.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
EXAMPLES = FOLDER.parents[1] / "examples"


def run(*arguments: str | Path) -> None:
    """One command of a person, in this interpreter's environment."""
    subprocess.run([sys.executable, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def co2_study(folder: Path) -> str:
    """Figure 4 of Ye et al. from rehearsed files."""
    run(EXAMPLES / "co2_study" / "rehearse.py", folder / "co2")
    run("-m", "faradaic", "analyze", folder / "co2" / "study.yaml")
    figures = folder / "co2" / "study-results" / "figures"
    shutil.copy(figures / "study.png", FOLDER / "co2_study.png")
    shutil.copy(figures / "absorption.png", FOLDER / "co2_absorption.png")
    return """## A CO₂ study, from files to figure 4

    python examples/co2_study/rehearse.py co2
    faradaic analyze co2/study.yaml

SIMULATED, with illustrative parameters for the two clusters: the files of a laboratory are
rehearsed (sweeps in N₂ and CO₂, chromatograph, flow meter, sixteen hours at −0.38 V) and analysed
as any other.

![CO₂ study](co2_study.png)

![Absorption](co2_absorption.png)"""


def screening(folder: Path) -> str:
    """The 381 spinels beside the paper."""
    run("-m", "faradaic", "screen", "spinels", "--stored", "--out", folder / "spinels")
    for name in ("descriptors", "cations", "competing_phases", "sensitivity"):
        shutil.copy(folder / "spinels" / f"{name}.png", FOLDER / f"spinels_{name}.png")
    with (folder / "spinels" / "beside_the_paper.csv").open(encoding="utf-8") as stream:
        rows = [
            "| {quantity} | {series} | {published} | {here} | {agrees} | {remark} |".format(**row)
            for row in csv.DictReader(stream)
        ]
    table = "\n".join(
        [
            "| quantity | series | paper | here | agrees | remark |",
            "|---|---|---|---|---|---|",
            *rows,
        ]
    )
    return f"""## 381 high-entropy spinels

    faradaic screen spinels --stored --out spinels

Energies by CHGNet 0.3.0, relaxed by `faradaic screen relax` and shipped. The paper used density
functional theory and the Materials Project's phases: correlations are robust against that, counts
are not, and the report says why.

{table}

![Descriptors](spinels_descriptors.png)

![Cations](spinels_cations.png)

![Competing phases](spinels_competing_phases.png)

![Leaving out one family of phases](spinels_sensitivity.png)"""


def barriers(folder: Path) -> str:
    """The published barriers of the two clusters."""
    run("-m", "faradaic", "interface", "scheme", "--out", folder / "scheme")
    for name in ("CO2RR", "leaching"):
        shutil.copy(folder / "scheme" / f"{name}.png", FOLDER / f"barriers_{name}.png")
    return """## Barriers of Ag25 and Au25

    faradaic interface scheme --out scheme

Heights as published; the shapes are schematic, dashed where no reaction energy is given. *COOH
formation limits Ag25 and *CO formation Au25, the latter by a margin within what single pulls may be
off; the command says so, and that the two clusters stand at different potentials.

![CO₂ reduction](barriers_CO2RR.png)

![Ligand leaching](barriers_leaching.png)

## A constrained run for real

    faradaic constrained run examples/constrained_run/thiolate_water.yaml --out proton_transfer

CH₃S⁻ + 3 H₂O → CH₃SH + OH⁻, GFN2-xTB, thirteen windows of 1 ps and a pull in each direction; 13 min
on a busy machine. The curve rises to 0.91 ± 0.02 eV without a maximum, so no barrier is given, and
the pulls differ by 0.32 eV: what a single pull would have hidden.

![Proton transfer](proton_transfer.png)"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = [
            "# Studies",
            "Made by `python docs/gallery/studies.py` with the commands that stand beside each.",
            *(make(folder) for make in (co2_study, screening, barriers)),
        ]
    (FOLDER / "studies.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
