"""Pages on drivers and lists of what emulators accept are made of what those themselves say."""

from __future__ import annotations

import json
import re

import pytest

from faradaic.cli.driver_page import all_drivers, driver_page
from faradaic.diagnostics import InputError
from faradaic.instruments.auxiliary_traits import AUXILIARIES
from faradaic.instruments.capabilities import Capabilities
from faradaic.instruments.traits import DRIVERS
from faradaic.protocols import wording
from faradaic.simulators.accepted_words import accepted_words
from faradaic.simulators.emulated_bench import EMULATORS, NoCell, make_emulator
from rigs.commands import Command


@pytest.mark.parametrize("name", all_drivers())
def test_each_driver_has_a_page(name: str) -> None:
    registry = DRIVERS if name in DRIVERS.names() else AUXILIARIES
    can = registry.load(name).capabilities
    page = driver_page(name)
    assert page.startswith(f"# {name}: {can.manufacturer} {can.model}\n")
    assert can.on_host_death in page
    assert str(can.tier) in page
    if isinstance(can, Capabilities):
        assert f"{wording.current(can.current_max_A)}, {wording.voltage(can.compliance_V)}" in page
        assert ("RE  " in page) is can.reference_electrode
        assert all(mode in page for mode in can.modes)


@pytest.mark.parametrize("model", EMULATORS.names())
def test_each_emulator_says_what_it_accepts(model: str) -> None:
    lines = list(accepted_words(model))
    assert lines[0]


@pytest.mark.parametrize("model", ["keithley-2450", "rigol-dp832", "hmp4040", "siglent-spd3303x"])
def test_every_header_that_is_listed_is_understood(model: str) -> None:
    emulator = make_emulator(model, NoCell(), 0)
    headers = (line for line in accepted_words(model) if re.match(r"[:*][A-Z]", line))
    listed = [line.rsplit("  ", 1) for line in headers]
    assert len(listed) > 20
    for header, does in listed:
        plain = re.sub(r"\[[^\]]*\]", "", header.strip())
        for suffix in ("?" if "ask" in does else None, "" if "set" in does else None):
            if suffix is None:
                continue
            (step,) = emulator.tree.resolve(plain + suffix)
            code = getattr(step.error, "code", 0)
            assert code != -113, (plain + suffix, step.error)
    (unknown,) = emulator.tree.resolve(":NOBODY:KNOWS?")
    assert unknown.error is not None


def test_pages_and_lists_at_the_command(faradaic: Command) -> None:
    told = json.loads(faradaic("devices", "korad-ka3005p", "ika-rct", "--page", "--json").out)
    assert set(told["pages"]) == {"korad-ka3005p", "ika-rct"}
    said = faradaic("emulate", "emstat-pico", "--accepts")
    assert "meas_loop_ca" in said.out
    assert "meas_loop_cp" not in said.out
    assert faradaic("emulate", "--accepts").code == 2
    with pytest.raises(InputError, match="E505"):
        driver_page("korad")
