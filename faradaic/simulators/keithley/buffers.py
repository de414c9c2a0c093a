"""Reading buffers: what each reading keeps, and how its elements are sent.

Element names and their order: Keithley 2450 reference manual (2450-901-01 Rev. B), page 6-6.
Source status bits: the same, page 8-29.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from statistics import fmean, stdev
from typing import NamedTuple

from faradaic.simulators.scpi.status import ScpiError
from faradaic.simulators.scpi.syntax import spellings

SOURCE_PROTECTED = 4
"""Of later instruments of the series: 2461-901-01, page 8-31."""
SOURCE_LIMITED = 32
SOURCE_REMOTE_SENSE = 64
SOURCE_OUTPUT_ON = 128

LONGEST_ELEMENT_LIST = 14
DEFAULT_CAPACITY = 100_000
LARGEST_CAPACITY = 6_875_000
STYLES = spellings(["COMPact", "STANdard", "FULL", "WRITable", "FULLWRITable"])
"""What a buffer keeps of each reading; here always all."""

CLOCK_AT_POWER_ON = datetime(2000, 1, 1, tzinfo=UTC)
"""What a real-time clock shows that was never set, at time zero of the simulation."""


class BufferReading(NamedTuple):
    """One reading in a buffer."""

    time_s: float
    reading: float
    unit: str
    source: float
    source_unit: str
    source_status: int


class Buffer:
    """A circular reading buffer: when it is full, the oldest reading gives way."""

    def __init__(self, capacity: int) -> None:
        self.records: deque[BufferReading] = deque(maxlen=capacity)
        self.first_s = 0.0
        """When the first reading since the buffer was cleared was taken."""

    @property
    def capacity(self) -> int:
        """How many readings fit."""
        return self.records.maxlen or 0

    def append(self, record: BufferReading) -> None:
        """Store a reading."""
        if not self.records:
            self.first_s = record.time_s
        self.records.append(record)

    def last(self) -> BufferReading:
        """The newest reading. Raises `ScpiError` if there is none."""
        if not self.records:
            raise ScpiError(-230)
        return self.records[-1]

    def statistics(self) -> dict[str, float]:
        """Of the readings that it holds. Raises `ScpiError` if there are none."""
        readings = [record.reading for record in self.records]
        if not readings:
            raise ScpiError(-230)
        low, high = min(readings), max(readings)
        return {
            "AVERage": fmean(readings),
            "MAXimum": high,
            "MINimum": low,
            "PK2Pk": high - low,
            "STDDev": stdev(readings) if len(readings) > 1 else 0.0,
        }


def real(value: float) -> str:
    """A reading on the wire: seven digits; 9.9E37 overflow, 9.91E37 not a number."""
    if math.isnan(value):
        return "9.910000E+37"
    if math.isinf(value):
        return f"{math.copysign(9.9e37, value):.6E}"
    return f"{value:.6E}"


def stamp(time_s: float) -> datetime:
    """What the instrument's clock shows at a time of the simulation."""
    return CLOCK_AT_POWER_ON + timedelta(seconds=time_s)


_ELEMENTS: dict[str, Callable[[BufferReading, Buffer], str]] = {
    "DATE": lambda record, _: f"{stamp(record.time_s):%m/%d/%Y}",
    "FRACtional": lambda record, _: real(stamp(record.time_s).microsecond * 1e-6),
    "READing": lambda record, _: real(record.reading),
    "RELative": lambda record, buffer: real(record.time_s - buffer.first_s),
    "SEConds": lambda record, _: str(math.floor(stamp(record.time_s).timestamp())),
    "SOURce": lambda record, _: real(record.source),
    "SOURSTATus": lambda record, _: str(record.source_status),
    "SOURUNIT": lambda record, _: record.source_unit,
    "STATus": lambda _, __: "0",
    "TIME": lambda record, _: f"{stamp(record.time_s):%H:%M:%S}",
    "TSTamp": lambda record, _: f"{stamp(record.time_s):%m/%d/%Y %H:%M:%S.%f}",
    "UNIT": lambda record, _: record.unit,
}
_SPELLINGS = spellings(list(_ELEMENTS))
_BY_SHORT_FORM = {_SPELLINGS[name.upper()]: send for name, send in _ELEMENTS.items()}


@lru_cache(maxsize=64)
def elements(names: tuple[str, ...]) -> tuple[Callable[[BufferReading, Buffer], str], ...]:
    """The senders of a list of buffer elements; READing when none is named.

    Raises `ScpiError`.
    """
    found = [_SPELLINGS.get(name.upper()) for name in names or ("READ",)]
    if None in found:
        raise ScpiError(-224)
    return tuple(_BY_SHORT_FORM[name] for name in found if name is not None)


def send(record: BufferReading, buffer: Buffer, names: tuple[str, ...]) -> str:
    """The named elements of a reading, separated by commas. Raises `ScpiError`."""
    return ",".join([element(record, buffer) for element in elements(names)])
