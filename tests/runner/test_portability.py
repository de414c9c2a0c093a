"""A protocol on another bench: what is told is what the two plans and sources say."""

from __future__ import annotations

import pytest

from faradaic.protocols.load import LoadedProtocol, load_protocol
from faradaic.runner.bench_file import bench_of_text, load_bench, shipped_benches
from faradaic.runner.portability import Ported, all_benches, on_bench, port


@pytest.fixture(scope="module")
def shono() -> LoadedProtocol:
    return load_protocol("library:shono-methoxylation")


def ported(loaded: LoadedProtocol, to: str, here: str = "simulated") -> Ported:
    return port(loaded, on_bench(loaded, load_bench(here)), load_bench(to))


def changes(found: Ported) -> dict[tuple[str, str], tuple[str, str]]:
    return {(one.step, one.what): (one.here, one.there) for one in found.changes}


def test_a_coarser_source_is_told_by_range_step_and_uncertainty(shono: LoadedProtocol) -> None:
    found = ported(shono, "simulated-rigol")
    told = changes(found)
    assert found.runs
    assert told["2", "range"] == ("1.00 A", "10.0 A")
    assert told["2", "step of the current"] == ("50.0 µA", "10.0 mA")
    # 10 mA of 500 mA and 0.1 %; 50 µA of 500 mA and 0.05 %
    assert told["2", "charge uncertain by"] == ("0.06 %", "2.1 %")
    assert told["2", "compliance set to"] == ("20.45 V", "20 V")
    assert told["", "at rest"][1] == "nothing is read"
    assert [d.code for d in found.arisen if d.severity != "info"] == ["E405"]


def test_what_the_plan_refuses_is_refused_with_what_to_do(shono: LoadedProtocol) -> None:
    found = ported(shono, "simulated-emstat4-lr")
    (why,) = found.refused
    assert (found.runs, why.code) == (False, "E403")
    assert "simulated-genesys" in why.help
    assert all(not one.step for one in found.changes), "no steps were planned there"


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("simulated", "E409"),
        ("simulated-korad", "E408"),
        ("simulated-rigol", "E401"),
        ("simulated-emstat-pico", "E401"),
    ],
)
def test_a_waveform_is_refused_for_the_reason_of_the_bench(to: str, code: str) -> None:
    loaded = load_protocol("library:thiophene-reduction-alternating")
    found = ported(loaded, to, here="simulated-emstat4-hr")
    assert code in [one.code for one in found.refused]


def test_the_shortest_level_and_the_reversal_are_told_where_a_step_needs_them(
    shono: LoadedProtocol,
) -> None:
    loaded = load_protocol("library:thiophene-reduction-alternating")
    told = changes(ported(loaded, "simulated", here="simulated-emstat4-hr"))
    assert told["", "shortest level"] == ("5 ms", "250 ms")
    assert ("", "shortest level") not in changes(ported(shono, "simulated-emstat4-lr"))


def test_a_limit_that_the_other_bench_lowers_is_told_and_one_that_goes_is(
    shono: LoadedProtocol,
) -> None:
    up = ported(shono, "simulated", here="simulated-nexus")
    assert changes(up)["2", "ends at a cell voltage of"] == ("10 V", "20 V")
    assert "E407" in [one.code for one in up.gone]
    down = ported(shono, "simulated-nexus")
    assert "E407" in [one.code for one in down.arisen]


def test_ceilings_and_devices_of_a_bench_count(shono: LoadedProtocol) -> None:
    text = load_bench("simulated").text.replace(
        "name: simulated", "name: shared\nlimits: {current: 510 mA, set_by: Ana}"
    )
    shared = bench_of_text(text)
    found = port(shono, on_bench(shono, load_bench("simulated")), shared)
    assert changes(found)["", "limit of the current"][1].endswith("(set by Ana)")
    around = ported(shono, "simulated-with-devices")
    assert {what for _, what in changes(around)} >= {"device `gas`", "device `pump`"}


def test_to_itself_nothing_changes(shono: LoadedProtocol) -> None:
    found = ported(shono, "simulated")
    assert (found.changes, found.arisen, found.gone, found.runs) == ((), (), (), True)


def test_a_repeat_is_told_once() -> None:
    loaded = load_protocol("library:kolbe-dimethyl-decanedioate")
    found = ported(loaded, "simulated-rigol")
    assert len({(one.step, one.what) for one in found.changes}) == len(found.changes)


def test_every_bench_is_found() -> None:
    assert {bench.name for bench in all_benches()} >= set(shipped_benches())
