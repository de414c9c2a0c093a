"""The MethodSCRIPT interpreter: language, arithmetic, and errors with their place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faradaic.methodscript_packages import decode_package
from faradaic.simulators.palmsens.emulator import emstat4_hr, emstat_pico
from faradaic.simulators.palmsens.faults import ScriptFault
from faradaic.simulators.palmsens.script_lines import parse_line
from faradaic.simulators.preparative.preparative_cell import PreparativeCell


def run(script: str, pico: bool = False) -> list[str]:
    """The output of a script, without echo and end."""
    make = emstat_pico if pico else emstat4_hr
    emulator = make(PreparativeCell.from_mapping({}), 1)
    emulator.receive(f"e\n{script.strip()}\n\n".encode(), 0.0)
    output = emulator.transmit(0.0)
    for _ in range(10_000):
        event_s = emulator.next_event_s()
        if event_s is None:
            break
        output += emulator.transmit(event_s)
    return [line for line in output.decode().split("\n") if line and line != "e"]


def shown(setup: str, expression: str = "x") -> str:
    """What a variable holds after some lines."""
    return run(f'{setup}\nsend_string f"{{{expression}}}"')[-1].removeprefix("T")


@pytest.mark.parametrize(
    ("line", "result"),
    [
        ("add_var x 3i", "10"),
        ("sub_var x 9i", "-2"),
        ("mul_var x -2i", "-14"),
        ("div_var x 2i", "3"),
        ("div_var x -2i", "-3"),
        ("mod_var x 4i", "3"),
        ("pow_var x 2i", "49"),
        ("bit_and_var x 0b11", "3"),
        ("bit_or_var x 0x8", "15"),
        ("bit_xor_var x 1i", "6"),
        ("bit_lsl_var x 2i", "28"),
        ("bit_lsr_var x 1i", "3"),
        ("bit_inv_var x", "-8"),
        ("int_to_float x\ndiv_var x 2", "3.5"),
        ("int_to_float x\nmul_var x 500m\nfloat_to_int x", "3"),
        ("copy_var x y\nadd_var y 1i\ncopy_var y x", "8"),
        ("alter_vartype x ba", "7"),
    ],
)
def test_arithmetic(line: str, result: str) -> None:
    assert shown(f"var x\nvar y\nstore_var x 7i ja\n{line}") == result


def test_floats_and_logarithms() -> None:
    assert shown("var x\nstore_var x 1k ja\nlog_var x 10") == "3"
    assert float(shown("var x\nstore_var x 2 ja\npow_var x 500m")) == pytest.approx(2**0.5, 1e-6)


@given(st.integers(-(10**4), 10**4), st.integers(-(10**4), 10**4))
def test_the_instrument_adds_as_we_do(a: int, b: int) -> None:
    assert shown(f"var x\nstore_var x {a}i ja\nadd_var x {b}i") == str(a + b) or abs(a + b) >= 10**7


def test_loops_conditions_and_arrays() -> None:
    lines = run("""
        var n
        var odd
        array squares 5i
        store_var n 0i ja
        loop n < 5i
            copy_var n squares[n]
            mul_var squares[n] n
            copy_var n odd
            mod_var odd 2i
            if odd == 1i
                send_string f"{n} odd {squares[n]}"
            elseif n == 4i
                breakloop
            else
                send_string f"{n} even {squares[n]}"
            endif
            add_var n 1i
        endloop
        send_string f"left at {n}"
    """)
    assert lines == ["L", "T0 even 0", "T1 odd 1", "T2 even 4", "T3 odd 9", "+", "Tleft at 4"]


def test_strings_and_output_modes() -> None:
    lines = run(
        'str s\nstore_str s "kept"\nsend_string s\nset_script_output 0\nsend_string "muted"\n'
        'set_script_output 1\nsend_string "a # is no comment"'
    )
    assert lines == ["Tkept", "Ta # is no comment"]


def test_waiting_and_timers_take_their_time() -> None:
    lines = run(
        "var t\ntimer_start\nwait 1500m\ntimer_get t\npck_start\npck_add t\npck_end\n"
        'wait 1\ntimer_get t\nsend_string f"{t}"'
    )
    assert lines == ["Peb816E360u", "T2.5"]  # 1.5 s = 0x816E360 - 2^27 microseconds


def test_pins_are_kept() -> None:
    assert shown("var x\nset_gpio_cfg 0b111 1\nset_gpio 5i\nget_gpio x") == "5"


def test_abort_skips_to_on_finished() -> None:
    lines = run('send_string "a"\nabort\nsend_string "b"\non_finished:\nsend_string "c"\ncell_off')
    assert lines == ["Ta", "Tc"]


# Codes: palmsens-sdk 39c885db, comm_registry. The column is the one after the offending word, as in
# the published "Line 1, Col 16" for `invalid_command`.
@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("nonsense", "e!4001: Line 1, Col 9"),
        ("cell_off\n  nonsense 1", "e!4001: Line 2, Col 11"),
        ("meas_loop_eis_dual", "e!001B: Line 1, Col 19"),
        ("var x\nstore_var x 1.5 ja", "e!4004: Line 2, Col 14"),
        ("var x\nstore_var x 1q ja", "e!4039: Line 2, Col 15"),
        ("var x\nstore_var x 1 zz", "e!4209: Line 2, Col 17"),
        ("var x\nvar x", "e!4026: Line 2, Col 6"),
        ("var Xyz", "e!402B: Line 1, Col 8"),
        ("wait x", "e!420B: Line 1, Col 7"),
        ("wait 1 2", "e!420A: Line 1, Col 9"),
        ("wait", "e!4004: Line 1, Col 5"),
        ("array a 3i\nadd_var a 1i", "e!420E: Line 2, Col 10"),
        ("if 1 > 2", "e!4018: Line 1"),
        ("endif", "e!400E: Line 1, Col 6"),
        ("breakloop", "e!400E: Line 1, Col 10"),
        ('send_string f"{x"', "e!4210: Line 1"),
        ("cell_on nonsense(1)", "e!4008: Line 1, Col 17"),
        (
            "var e\nvar i\nmeas_loop_ca e i 1 1 1\nmeas_loop_ca e i 1 1 1\nendloop\nendloop",
            "e!400B: Line 4, Col 13",
        ),
        ("var e\nmeas_loop_ocp e 1 1\nset_e 1\nendloop", "e!4032: Line 3, Col 6"),
        ("var e\nmeas_loop_ocp e 1 1\nwait 1\nendloop", "e!401A: Line 3, Col 5"),
        (
            "var e\nvar i\nmeas_loop_ca e i 1 1 1 add_meas(0 ba i)\nendloop",
            "e!005B: Line 3",
        ),
    ],
)
def test_a_wrong_script_is_refused_before_it_runs_with_its_place(script: str, error: str) -> None:
    (line,) = run(script)
    assert line.startswith(error)


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("var x\nadd_var x 1i", "!4207: Line 2"),
        ("var x\nif x & 1i\nendif", "!4041: Line 2"),
        ("array a 2i\nstore_var a[2i] 1 ja", "!400F: Line 2"),
        ("var x\nstore_var x 1i ja\ndiv_var x 0i", "!0028: Line 3"),
        ("var x\nstore_var x 1E ja\npow_var x 100", "!4037: Line 3"),
        ("var x\nlog_var x 10", "!0010: Line 2"),
        ("pck_end", "!401B: Line 1"),
        ("var x\npck_add x", "!401B: Line 2"),
        ("set_script_output 9i", "!403C: Line 1"),
        ("wait -1", "!4200: Line 1"),
        ("cell_on", "!0023: Line 1"),
        ("set_pgstat_mode 5", "!0021: Line 1"),
        ("set_pgstat_mode 3\nset_e 6100m", "!4205: Line 2"),
        ("set_pgstat_mode 3\nset_i 1m", "!0023: Line 2"),
        ("set_pgstat_mode 6\nset_i 201m", "!4205: Line 2"),
        ("set_pgstat_mode 6\nset_range db 1m\nset_i 5m", "!4205: Line 3"),
        ("set_pgstat_mode 3\nset_range_minmax da -7 0", "!4205: Line 2"),
        ("var e\nvar i\nset_pgstat_mode 3\nmeas_loop_ca e i 1 1 9\nendloop", "!4027: Line 4"),
        (
            "var e\nvar i\nset_pgstat_mode 3\ncell_on\nmeas_loop_ca e i 1 9 1\nendloop",
            "!4029: Line 5",
        ),
        (
            "var e\nvar i\nset_pgstat_mode 3\ncell_on\nmeas_loop_lsv e i 0 1 0 1\nendloop",
            "!001C: Line 5",
        ),
    ],
)
def test_a_runtime_error_names_its_line(script: str, error: str) -> None:
    assert run(script)[-1] == error


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("set_pgstat_mode 6", "!0021"),
        ("set_i 1m", "!001B"),
        ("var e\nvar i\nmeas_loop_cp e i 1m 1 9\nendloop", "!001B"),
        ("set_pgstat_mode 2\nset_e -1300m", "!4205"),
    ],
)
def test_a_pico_refuses_what_it_cannot_do(script: str, code: str) -> None:
    assert code in run(script, pico=True)[-1]


def test_the_error_of_a_nested_block_names_the_inner_line() -> None:
    script = "var x\nvar n\nstore_var n 0i ja\nloop n < 9i\nif n == 3i\ndiv_var x 0\nendif\n"
    assert run(script + "add_var n 1i\nendloop")[-1] == "!0028: Line 6"


@given(st.text(max_size=60))
def test_a_line_is_a_statement_or_a_fault_with_its_place(text: str) -> None:
    fault = None
    try:
        parse_line(text.replace("\n", ""), 7)
    except ScriptFault as raised:
        fault = raised
    assert fault is None or (fault.line == 7 and fault.column is not None)


# Forms of scripts of the maker: MethodSCRIPT_Examples bd1a44a, MSExample007, 017, 018, 024, 025,
# 028, 031 and MSLoopExample005 to 007.
@pytest.mark.parametrize(
    ("script", "result"),
    [
        ("var n\nstore_var n 5i ja\narray a n\nstore_var a[4i] 7i ja", "a[4i]"),
        ("var i\nstore_var i 0i ja\nvar x\nif i < 9\nstore_var x 7i ja\nendif", "x"),
        ("var x\nstore_var x 3i ja\nloop x < 7\nadd_var x 1i\nendloop", "x"),
        ("array a 2i\nstore_var a[0i] 6 ja\nstore_var a[1i] 8 ja\nvar x\nmean a x", "x"),
        (
            "array a 2i\nstore_var a[1i] 1 ja\narray b 2i\nstore_var b[0i] 7 ja\n"
            "store_var b[1i] 9 ja\nvar s\nvar x\nlinear_fit a b s x",
            "x",
        ),
        ("beep 24 70 200m\nvar x\ntimer_get x\nmul_var x 35", "x"),
        ("set_int 1\nwait 200m\nawait_int\nawait_int\nvar x\ntimer_get x\nadd_var x 5", "x"),
        ("set_pgstat_chan 0\nvar p\nmeas 100m p ab\nstore_var p 7 ja", "p"),
        ('notify_led 5\nfile_open "/a.dmeas" 1\nfile_close\nvar x\nstore_var x 7i ja', "x"),
        ("set_pgstat_mode 3\nset_pot_range -1 1\nset_cr 1m\nvar x\nstore_var x 7 ja", "x"),
    ],
)
def test_what_scripts_of_the_maker_write_runs(script: str, result: str) -> None:
    assert shown(script, result) == "7"


def test_a_logarithm_without_a_base_is_natural() -> None:
    assert float(shown("var x\nstore_var x 10 ja\nlog_var x")) == pytest.approx(2.302585)


def test_a_pico_turns_its_other_channel_off_and_others_have_none() -> None:
    other = "set_pgstat_chan 1\nset_pgstat_mode 0\nset_pgstat_chan 0\nset_pgstat_mode 3\ncell_on"
    assert run(other, pico=True) == []
    assert "!002F" in run(other)[-1]
    assert "!0023" in run("set_pgstat_mode 0\nvar p\nmeas 100m p ab")[-1]


@pytest.mark.parametrize(
    ("loop", "current_A"),
    [
        # The reference sees 500 Ohm of the dummy cell: 2 x 25 mV, 25 mV, and -0.5 to 0.5 V over it.
        ("meas_loop_swv p c f r -500m 500m 100m 25m 10", 100e-6),
        ("meas_loop_dpv p c -500m 500m 100m 25m 20m 1", 50e-6),
        ("meas_loop_npv p c -500m 500m 100m 20m 1", None),
    ],
)
def test_pulses_on_a_resistor(loop: str, current_A: float | None) -> None:
    emulator = emstat4_hr(PreparativeCell.from_mapping({}), 1)
    script = (
        "var p\nvar c\nvar f\nvar r\nset_pgstat_mode 3\nset_range ba 1m\nset_e -500m\ncell_on\n"
        f"{loop}\npck_start\npck_add p\npck_add c\npck_end\nendloop\ncell_off"
    )
    emulator.receive(f"e\n{script}\n\n".encode(), 0.0)
    output = b""
    while (event_s := emulator.next_event_s()) is not None:
        output += emulator.transmit(event_s)
    packages = [line for line in output.decode().split("\n") if line.startswith("P")]
    rows = [[field.value for field in decode_package(line)] for line in packages]
    assert [row[0] for row in rows] == pytest.approx([-0.5 + 0.1 * k for k in range(11)], abs=1e-6)
    for potential_V, measured_A in rows:
        expected_A = potential_V / 500 if current_A is None else current_A
        assert measured_A == pytest.approx(expected_A, rel=0.02, abs=2e-6)
