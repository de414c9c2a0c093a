"""`faradaic port`: tables for benches that are named, a list for all of them."""

from __future__ import annotations

import json

from rigs.commands import Command

SHONO = "library:shono-methoxylation"


def test_benches_are_told_one_after_the_other(faradaic: Command) -> None:
    to = ("--to", "simulated-rigol", "--to", "simulated-emstat4-lr")
    done = faradaic("port", SHONO, *to)
    assert done.code == 0, done.err
    rigol, _, emstat = done.out.partition("simulated-emstat4-lr, SIMULATED PalmSens EmStat4 LR")
    assert "simulated-rigol, SIMULATED Rigol DP811: runs" in rigol
    assert "E405" in rigol
    assert emstat.startswith(": is refused\n  E403")


def test_all_lists_those_that_run_it_and_why_the_others_do_not(faradaic: Command) -> None:
    done = faradaic("port", SHONO, "--to", "all")
    lines = done.out.splitlines()
    runs = [line for line in lines if line.startswith("runs ")]
    refused = [line for line in lines if line.startswith("refused ")]
    assert done.code == 0, done.err
    assert any("simulated-genesys" in line for line in runs)
    assert all(" E" in line for line in refused)
    assert any("simulated-emstat-pico" in line for line in refused)


def test_a_bench_that_itself_refuses_the_protocol_still_compares(faradaic: Command) -> None:
    done = faradaic("port", SHONO, "--from", "simulated-emstat-pico", "--to", "all", "--json")
    told = json.loads(done.out)
    assert (told["runs_here"], told["refused_here"][0]["code"]) == (False, "E401")
    assert any(one["runs"] for one in told["benches"])


def test_an_unknown_bench_is_named_with_what_is_near(faradaic: Command) -> None:
    done = faradaic("port", SHONO, "--to", "simulated-rigl")
    assert done.code == 2
    assert "E421" in done.err
    assert "simulated-rigol" in done.err
