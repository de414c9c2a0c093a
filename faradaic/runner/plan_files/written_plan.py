"""The forms that a plan can be written in, and the one way to write any of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from faradaic.diagnostics import did_you_mean, refusal
from faradaic.protocols.plan import Plan
from faradaic.runner.bench_file import Bench
from faradaic.runner.plan_files import ec_lab, script_files, tomato, unicycler

FORMS: Mapping[str, str] = {
    "ec-lab": "BioLogic EC-Lab settings, .mps",
    "methodscript": "MethodSCRIPT of PalmSens instruments, a folder of .mscr",
    "unicycler": "aurora-unicycler, .json",
    "tomato": "tomato payload 0.2, .json",
}


@dataclass(frozen=True, slots=True)
class WrittenPlan:
    """What was written."""

    form: str
    files: tuple[Path, ...]
    lost: tuple[str, ...]
    """What of the plan is not in them, a sentence each; the files say it too."""


def write_plan(plan: Plan, bench: Bench, form: str, out: Path | None = None) -> WrittenPlan:
    """Write a plan as a file of another program; `out` must not exist.

    Raises `InputError`: E791 for a form that is not known, E423 for a plan that it cannot hold,
    E702 where `out` exists or its folder does not.
    """
    if form not in FORMS:
        raise refusal("E791", f"a plan has no form `{form}`", did_you_mean(form, FORMS))
    suffix = {"ec-lab": ec_lab.SUFFIX, "methodscript": "_methodscript"}.get(form, f".{form}.json")
    path = out or Path(f"{plan.name}{suffix}")
    if path.exists():
        raise refusal("E702", f"{path} exists already", "give the name of a new file with `--out`")
    if not path.absolute().parent.is_dir():
        raise refusal("E702", f"there is no folder {path.absolute().parent}", "make it first")
    if form == "methodscript":
        files, lost = script_files.write(plan, path, bench.source.model)
    else:
        files, lost = {"ec-lab": ec_lab, "unicycler": unicycler, "tomato": tomato}[form].write(
            plan, path
        )
    return WrittenPlan(form, tuple(files), tuple(dict.fromkeys(lost)))
