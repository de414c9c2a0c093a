"""Kernels are compiled once, and also where nothing can be written: read-only installations,
users without a home.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core import caching

from faradaic.diagnostics import DiagnosticWarning
from faradaic.simulators import kernel_cache


def test_a_kernel_that_cannot_be_kept_is_compiled_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(caching.CacheImpl, "_locator_classes", [])
    kernel_cache._tell.cache_clear()

    def cube(value: float) -> float:
        return value**3

    with pytest.warns(DiagnosticWarning, match="NUMBA_CACHE_DIR"):
        kept = kernel_cache.njit(cache=True)(cube)
    assert kept(3.0) == 27.0


KERNEL = """
from faradaic.simulators.kernel_cache import njit

@njit(cache=True)
def total(count):
    found = 0.0
    for i in range(count):
        found += i**0.5
    return found
"""
COMPILES = """
import sys
from kernel import total
print("ready", flush=True)
sys.stdin.readline()
print(total(4), sum(total.stats.cache_misses.values()), flush=True)
"""


def test_of_two_programs_that_start_together_one_compiles(tmp_path: Path) -> None:
    (tmp_path / "kernel.py").write_text(KERNEL)
    both = [
        subprocess.Popen(
            [sys.executable, "-c", COMPILES],
            cwd=tmp_path,
            env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path / "kept")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for program in both:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in both:
        assert program.stdin is not None
        program.stdin.write("begin\n")
        program.stdin.flush()
    said = [program.communicate()[0].split() for program in both]
    assert {float(told[0]) for told in said} == {1.0 + 2.0**0.5 + 3.0**0.5}
    assert sorted(told[1] for told in said) == ["0", "1"]
