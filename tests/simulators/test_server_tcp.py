"""An emulator on a TCP port, for clients that nobody here wrote."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from faradaic.diagnostics import InputError
from faradaic.instruments.transports.tcp import TcpTransport
from faradaic.simulators.server import EmulatorServer, emulator_for


class Flood:
    """Answers every byte it gets with a kilobyte, and counts how often it was asked."""

    model = "flood"

    def __init__(self) -> None:
        self.owed = 0
        self.received = 0
        self.sent = 0

    def receive(self, data: bytes, now_s: float) -> None:
        self.owed += len(data)
        self.received += len(data)

    def transmit(self, now_s: float) -> bytes:
        if not self.owed:
            return b""
        self.owed -= 1
        self.sent += 1024
        return b"y" * 1024

    def next_event_s(self) -> float | None:
        return 0.0 if self.owed else None


def keithley() -> EmulatorServer:
    return EmulatorServer(emulator_for("keithley-2450", cell={}, seed=1))


def connect(server: EmulatorServer) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=30.0)
    client.settimeout(30.0)
    return client


def ask(client: socket.socket, question: bytes) -> bytes:
    client.sendall(question)
    answer = b""
    while not answer.endswith(b"\n"):
        piece = client.recv(4096)
        assert piece, "the server hung up"
        answer += piece
    return answer


def test_a_plain_socket_is_answered_however_the_message_is_split():
    with keithley() as server, connect(server) as client:
        for piece in (b"*I", b"DN", b"?"):
            client.sendall(piece)
            time.sleep(0.01)
        assert b"MODEL 2450" in ask(client, b"\n")


def test_our_own_transport_measures_the_dummy_resistor_through_it():
    with keithley() as server:
        transport = TcpTransport("127.0.0.1", server.port)
        transport.write(
            b"*RST\n:SOUR:FUNC CURR\n:SOUR:CURR:RANG 0.001\n:SOUR:CURR:VLIM 10\n"
            b':SENS:FUNC "VOLT"\n:SOUR:CURR 0.001\n:OUTP ON\n:READ?\n'
        )
        assert float(transport.read_until(b"\n", 5.0)) == pytest.approx(1.0, rel=1e-3)
        transport.close()


def test_clients_follow_each_other_and_the_instrument_keeps_its_state():
    with keithley() as server:
        with connect(server) as client:
            ask(client, b":SOUR:FUNC CURR\n:SOUR:CURR:VLIM 7.5\n*OPC?\n")
        for _ in range(3):
            with connect(server) as client:
                assert float(ask(client, b":SOUR:CURR:VLIM?\n")) == pytest.approx(7.5)


def test_a_second_client_waits_until_the_first_has_left():
    with keithley() as server:
        first, second = connect(server), connect(server)
        ask(first, b"*IDN?\n")
        second.sendall(b"*IDN?\n")
        second.settimeout(0.2)
        with pytest.raises(TimeoutError):
            second.recv(100)
        first.close()
        second.settimeout(30.0)
        assert b"2450" in second.recv(100)
        second.close()


def test_a_client_that_breaks_off_harms_nobody():
    with keithley() as server:
        rude = connect(server)
        rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        rude.sendall(b"*IDN?\n")
        rude.close()  # a reset instead of a goodbye
        with connect(server) as client:
            assert b"2450" in ask(client, b"*IDN?\n")


def test_a_client_that_never_reads_fills_no_memory():
    flood = Flood()
    with EmulatorServer(flood) as server, connect(server) as client:
        client.setblocking(False)
        written = 0
        end_s = time.monotonic() + 1.0
        while time.monotonic() < end_s and written < 50_000_000:
            try:
                written += client.send(b"?" * 65536)
            except BlockingIOError:
                time.sleep(0.01)
        # A megabyte or so sits in the system's socket buffers, at most 64 KiB in the server.
        assert flood.received < written
        sent = flood.sent
        time.sleep(0.2)
        assert flood.sent == sent


def test_stopping_hangs_up_and_frees_the_port():
    server = keithley()
    with server:
        with connect(server) as client:
            ask(client, b"*IDN?\n")
            server.stop()
            server.wait()
            assert client.recv(100) == b""
    again = EmulatorServer(emulator_for("keithley-2450", cell={}, seed=1), port=server.port)
    assert again.port == server.port
    with again:
        pass


def test_it_listens_to_this_machine_only():
    with keithley() as server:
        assert server.address == f"tcp://127.0.0.1:{server.port}"
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.2", server.port), timeout=0.5).close()


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(InputError, match="not a TCP port"):
        EmulatorServer(Flood(), port)


def test_a_port_that_is_taken_is_told_with_what_to_do():
    with keithley() as server, pytest.raises(InputError) as caught:
        EmulatorServer(Flood(), server.port)
    assert caught.value.diagnostics[0].code == "E533"
    assert "port 0" in caught.value.diagnostics[0].help


def test_a_fault_in_the_emulator_reaches_whoever_started_the_server():
    class Broken(Flood):
        def receive(self, data: bytes, now_s: float) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        with EmulatorServer(Broken()) as server, connect(server) as client:
            client.sendall(b"?")
            assert client.recv(1) == b""


@pytest.mark.skipif(os.name == "nt", reason="sends SIGINT to another process")
def test_ctrl_c_ends_a_server_in_the_foreground_cleanly():
    program = (
        "from faradaic.simulators.server import EmulatorServer, emulator_for\n"
        "server = EmulatorServer(emulator_for('keithley-2450', cell={}, seed=1))\n"
        "print(server.port, flush=True)\n"
        "server.run()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with socket.create_connection(("127.0.0.1", port), timeout=30.0) as client:
        client.settimeout(30.0)
        assert b"2450" in ask(client, b"*IDN?\n")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30.0)
    assert process.returncode == 0
    assert errors == ""


def test_a_new_emulator_answers_what_needs_its_compiled_kernels_without_compiling():
    from faradaic.simulators.preparative import preparative_kernel as kernel

    emulator = emulator_for("keithley-2450", cell={}, seed=1)
    compiled = len(kernel.advance.signatures)
    emulator.receive(b"*RST\n:SOUR:CURR 1e-3\n:OUTP ON\n:READ?\n", 0.0)
    assert emulator.transmit(10.0)
    assert compiled == len(kernel.advance.signatures) > 0


@pytest.mark.parametrize("model", ["emstat4-hr", "nexus", "emstat-pico"])
@pytest.mark.parametrize(
    "script",
    [
        "wait 10M",
        "var i\nstore_var i 0i ja\nloop i < 1i\nendloop",
        "set_int 10M\nawait_int",
        "set_pgstat_mode 3\nset_e 0\ncell_on\nvar f\nvar r\nvar j\n"
        "meas_loop_eis f r j 10m 1u 1u 1 0\nendloop",
        "set_pgstat_mode 3\nset_e 0\ncell_on\nvar f\nvar r\nvar j\n"
        "meas_loop_eis f r j 10m 100k 1u 99 0\nendloop",
    ],
)
def test_an_abort_is_heard_whatever_the_script_does(model, script):
    with EmulatorServer(emulator_for(model, cell={}, seed=1)) as server, connect(server) as client:
        client.settimeout(60.0)
        client.sendall(f"e\n{script}\n\n".encode())
        time.sleep(0.3)
        client.sendall(b"Z\n")
        answer = b""
        while not answer.endswith(b"\n\n"):
            answer += client.recv(4096)
        assert b"Z\n" in answer
        assert b"!" not in answer
        assert ask(client, b"v\n").startswith(b"v")
