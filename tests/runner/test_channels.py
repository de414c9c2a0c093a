"""A bench with channels gives each channel as a bench of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from faradaic.diagnostics import InputError
from faradaic.runner.bench_file import load_bench


def bench(folder: Path, address: str, channels: str, more: str = "") -> str:
    path = folder / "rack.yaml"
    path.write_text(
        f'faradaic_bench: 1\nname: rack\nsource: {{driver: keithley-2450, address: "{address}"}}\n'
        f"channels: {channels}\nlimits: {{current: 20 mA}}\n{more}",
        encoding="utf-8",
    )
    return str(path)


@pytest.mark.parametrize(
    ("address", "channels", "third"),
    [
        ("tcp://192.0.2.7:50{channel:02d}", "16", "tcp://192.0.2.7:5003"),
        ("tcp://192.0.2.7:{channel}", "5001-5016", "tcp://192.0.2.7:5003"),
        ("tcp://192.0.2.{channel}:5025", "{first: 7, count: 4}", "tcp://192.0.2.9:5025"),
        ("tcp://192.0.2.1:1", "[tcp://a:1, tcp://b:1, tcp://c:1]", "tcp://c:1"),
    ],
)
def test_each_channel_has_an_address_and_the_limits_of_the_bench(
    address: str, channels: str, third: str, tmp_path: Path
) -> None:
    path = bench(tmp_path, address, channels)
    one = load_bench(path).channel(3)
    assert one.address == third
    assert one.limits.current_A == pytest.approx(0.02)
    assert one.channels == 1
    again = load_bench(f"{path}/3")
    assert (again.name, again.sha256) == ("rack/3", one.sha256)


def test_channels_that_have_one_address_are_refused(tmp_path: Path) -> None:
    path = bench(tmp_path, "tcp://192.0.2.7:5025", "4")
    with pytest.raises(InputError) as caught:
        load_bench(path)
    (one,) = caught.value.diagnostics
    assert one.code == "E426"
    assert one.location is not None
    assert one.location.line == 4


@pytest.mark.parametrize("channels", ["0", "[tcp://a:1, tcp://a:1]", "16-1", "many"])
def test_what_names_no_channels_is_refused(channels: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load_bench(bench(tmp_path, "tcp://192.0.2.7:{channel}", channels))


def test_a_channel_that_is_not_there_is_refused() -> None:
    assert load_bench("simulated-16").channels == 16
    with pytest.raises(InputError) as caught:
        load_bench("simulated-16/17")
    assert "simulated-16/1 to simulated-16/16" in caught.value.diagnostics[0].help
