"""Emulated instruments for clients that nobody here wrote; what is not installed is skipped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from faradaic.simulators.emulated_bench import EMULATORS
from faradaic.simulators.server import EmulatorServer
from faradaic.testing import DummyCell

OHM = 10.0
ENDS = {"read_termination": "\n", "write_termination": "\n"}
"""Of lines, as PyVISA is told."""


@contextmanager
def served(key: str, ohm: float = OHM) -> Iterator[int]:
    """A model on a resistor, behind a port."""
    with EmulatorServer(EMULATORS.load(key)(DummyCell(ohm), 1)) as server:
        yield server.port


def the(module: str, name: str) -> Any:
    """A class of a peer, or the test is skipped."""
    return getattr(pytest.importorskip(module), name)


@contextmanager
def pymeasure(key: str, module: str, name: str, ohm: float = OHM) -> Iterator[Any]:
    """A driver of PyMeasure on an emulated model."""
    driver = the(f"pymeasure.instruments.{module}", name)
    with served(key, ohm) as port:
        made = driver(socket(port), visa_library="@py", **ENDS)
        yield made
        made.adapter.close()


def socket(port: int) -> str:
    """The VISA address of a port of this machine."""
    return f"TCPIP::127.0.0.1::{port}::SOCKET"
