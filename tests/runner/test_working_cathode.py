"""A cathode on the working lead: its cell is driven as one, and its voltage is that of any cell.

A held cell voltage stood the wrong way round: 4 V oxidised at the electrode that is to reduce.
"""

from __future__ import annotations

import pytest

from faradaic.documents.document import load_document
from faradaic.protocols.compile import compile_protocol
from faradaic.protocols.load import validate_protocol
from faradaic.runner.bench_file import load_bench
from rigs.protocols import HEAD

WORKING = HEAD.replace("  anode: {", "  counter: {role: anode, ").replace(
    "  cathode: {", "  working: {role: cathode, "
)
REFERENCE = WORKING.replace(
    "reaction:", "  reference: {couple: Ag/Ag+, filling: 10 mM AgNO3 in MeCN}\nreaction:"
)
VOLTAGE = "  - constant_cell_voltage: {cell_voltage: 3.5 V, current_limit: 20 mA, until: 20 s}\n"
CURRENT = "  - constant_current: {current: 2 mA, cell_voltage_limit: 8 V, until: 20 s}\n"
POTENTIAL = (
    "  - constant_potential: {potential: -1.8 V, vs: reference, current_limit: 9 mA, until: 9 s}\n"
)


@pytest.mark.parametrize("bench", ["simulated", "simulated-nexus"])
def test_a_held_voltage_reduces_at_a_working_cathode(rehearse, bench: str) -> None:
    rehearsal = rehearse("steps:\n" + VOLTAGE, bench, head=WORKING)
    result = rehearsal.run()
    assert result.charge_net_C == pytest.approx(-result.charge_gross_C)
    assert result.charge_gross_C > 1e-3
    # The same electrodes, named by their roles alone: the current is the same the other way.
    forward = rehearse("steps:\n" + VOLTAGE, bench).run()
    assert result.charge_gross_C == pytest.approx(forward.charge_gross_C, rel=0.01)


@pytest.mark.parametrize(
    "step",
    [
        "pulsed: {on: {cell_voltage: 3.5 V, time: 2 s}, off: {open_circuit: true, time: 1 s},"
        " current_limit: 20 mA, until: 9 s}",
        "ramp: {cell_voltage: {from: 1 V, to: 3.5 V}, duration: 9 s, current_limit: 20 mA}",
        "alternating_polarity: {cell_voltage: 3.5 V, half_period: 3 s, duty: 80 %,"
        " current_limit: 20 mA, until: 12 s}",
    ],
)
def test_voltages_that_change_reduce_at_a_working_cathode(rehearse, step: str) -> None:
    result = rehearse(f"steps:\n  - {step}\n", "simulated-nexus", head=WORKING).run()
    assert result.charge_gross_C > 1e-3
    assert result.charge_net_C < -0.5 * result.charge_gross_C


def test_a_held_current_has_the_voltage_of_the_cell_beside_a_reference(rehearse) -> None:
    # The lead of a PalmSens reference stands on the counter electrode: the potential against the
    # reference was recorded as cell voltage, 1.5 V too low.
    alone = rehearse("steps:\n" + CURRENT, "simulated-nexus", head=WORKING)
    beside = rehearse("steps:\n" + CURRENT, "simulated-nexus", head=REFERENCE)
    last_V = [one.run() and one.journal.samples[-1][3] for one in (alone, beside)]
    assert last_V[1] == pytest.approx(last_V[0], abs=0.01)


@pytest.mark.parametrize(
    ("steps", "severity"),
    [(CURRENT, "info"), (CURRENT + POTENTIAL, "warning"), (POTENTIAL, None)],
)
def test_where_the_reference_lead_has_to_be_is_said(steps: str, severity: str | None) -> None:
    loaded = validate_protocol(load_document(REFERENCE + "steps:\n" + steps, "test.yaml"))
    for bench in ("simulated-nexus", "simulated-emstat4-hr"):
        found = compile_protocol(loaded, load_bench(bench)).findings
        told = [one["severity"] for one in found if one["code"] == "R07"]
        assert told == ([severity] if severity else [])
