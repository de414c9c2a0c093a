"""A fault is an experiment on a bench that is not there: a real bench refuses all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.runner.bench_file import load_bench
from faradaic.runner.host import InlineHost


def test_a_real_bench_takes_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "bench.yaml"
    source = "{driver: keithley-2450, address: 'serial:///dev/ttyACM0'}"
    file.write_text(f"faradaic_bench: 1\nname: real\nsource: {source}\n")
    bench = load_bench(str(file))
    assert not bench.simulated
    with pytest.raises(InputError, match="E558"):
        InlineHost(bench, cell=None, seed=1, speed=None, faults=["stir_stop"])
