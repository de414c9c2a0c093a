"""A reader against what is promised of all readers."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from faradaic.datafiles.dataset import Column, Dataset
from faradaic.datafiles.readers import HEAD_BYTES, Reader
from faradaic.datafiles.readers.headers import scale_of, suffix
from faradaic.datafiles.readers.text import narrow, read_bytes
from faradaic.diagnostics import InputError

MEMORY_TIMES = 10
"""How many times its file a reader may take, of what a zip unpacks to."""
MEMORY_FREE_B = 1_000_000
"""Beside that: modules, tables of names, the parser's own buffers."""
EVERY_BYTE_B = 1_000
"""A file up to this long is cut at every byte, a longer one at as many places."""
FLIPS = 300
"""How many copies have bits turned, bytes exchanged, pieces left out or doubled."""
_STAY = ("1", "deg", "sccm")
"""Units that are no SI and stay what they are."""


def check_reader(
    reader: Reader, files: Mapping[str, bytes], *, cuts: int = EVERY_BYTE_B, flips: int = FLIPS
) -> None:
    """Try a reader on whole files of its kind, by name; raises `AssertionError`.

    It recognises each by its content and nothing that is empty; gives columns of one length, in SI
    where their unit is known and else with a warning, read-only, in memory within ten times the
    file; and of a damaged copy (`damaged_copies`) what is left, or an `InputError` that names the
    file.
    """
    assert (reader.__doc__ or "").strip(), "the first line of a reader says whose files it reads"
    with TemporaryDirectory() as folder:
        for name, whole in files.items():
            path = Path(folder) / name
            path.write_bytes(whole)
            dataset = read_with(reader, path)
            assert dataset is not None, f"{name} is not recognised by its content"
            _check_columns(name, dataset)
            peak = peak_B(partial(read_with, reader, path))
            most = MEMORY_TIMES * len(whole) + MEMORY_FREE_B
            assert peak <= most, f"{name}: {peak} bytes of memory for a file of {len(whole)}"
            for what, damaged in damaged_copies(whole, cuts=cuts, flips=flips):
                _survives(reader, path, f"{name}, {what}", damaged)
            _survives(reader, path, f"{name}, empty", b"")
            assert not reader.sniff(b"", path), f"an empty {name} is taken for a file of its own"


def read_with(reader: Reader, path: Path) -> Dataset | None:
    """What one reader makes of a file, asked as `readers.read` does; None where it is not its own.

    All columns are made. Raises what the reader raises.
    """
    data = read_bytes(path)
    data = narrow(data) if getattr(reader, "TEXT", False) else data
    if not reader.sniff(data[:HEAD_BYTES], path):
        return None
    dataset = reader.read(path) if hasattr(reader, "read") else reader.parse(data, path)
    for table in (dataset.columns, *dataset.further.values()):
        lengths = {len(column.values) for column in table.values()}
        assert len(lengths) <= 1, f"columns of {path.name} have {sorted(lengths)} rows"
    return dataset


def peak_B(read: Callable[[], object]) -> int:
    """The most memory that reading takes at a time, also where it ends in an `InputError`."""
    gc.collect()
    tracemalloc.start()
    try:
        with suppress(InputError):
            read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def damaged_copies(
    whole: bytes, *, cuts: int = EVERY_BYTE_B, flips: int = FLIPS, seed: int = 7
) -> Iterator[tuple[str, bytes]]:
    """A file as a crash, a bad stick or a bad line leaves it, and what was done to it.

    Cut at `cuts` places, or at every byte; `flips` times with a bit turned, then with some bytes
    exchanged and a piece left out or doubled. The same seed gives the same copies.
    """
    dice = random.Random(seed)
    for n in range(min(cuts, len(whole))):
        at = len(whole) * n // min(cuts, len(whole))
        yield f"cut at byte {at}", whole[:at]
    for n in range(flips if whole else 0):
        data = bytearray(whole)
        at, bit = dice.randrange(len(data)), dice.randrange(8)
        data[at] ^= 1 << bit
        what = f"bit {bit} of byte {at} turned"
        if n % 3:
            for _ in range(7):
                data[dice.randrange(len(data))] = dice.randrange(256)
            piece = slice(at, at + dice.randrange(1, 200))
            data[piece] = b"" if n % 3 == 1 else data[piece] * 2
            what = (
                f"{what}, 7 bytes exchanged, {'left out' if n % 3 == 1 else 'doubled'} from there"
            )
        yield what, bytes(data)


def _survives(reader: Reader, path: Path, what: str, content: bytes) -> None:
    path.write_bytes(content)
    try:
        read_with(reader, path)
    except InputError as error:
        if str(path) not in str(error):
            raise AssertionError(f"{what}: the refusal does not name the file") from error
    except AssertionError:
        raise
    except Exception as error:
        raise AssertionError(f"{what}: {error!r} instead of an InputError") from error


def _check_columns(name: str, dataset: Dataset) -> None:
    tables = (dataset.columns, *dataset.further.values())
    assert any(tables), f"{name} has no column"
    for table in tables:
        for header, column in table.items():
            _check_column(f"{name}, {header}", header, column, dataset)


def _check_column(what: str, header: str, column: Column, dataset: Dataset) -> None:
    assert column.values.dtype == float, f"{what}: {column.values.dtype} instead of float64"
    assert not column.values.flags.writeable, f"{what} can be written over"
    assert column.sign in (None, "anodic", "cathodic"), f"{what}: {column.sign!r} is no sign"
    told = any(w.code == "E745" and column.raw_name in w.message for w in dataset.warnings)
    if told or not column.unit:
        return  # unknown, and kept as it is
    scale = scale_of(column.unit)
    assert scale is not None, (
        f"{what}: the unit {column.unit!r} is not known, and no warning (E745)"
    )
    if column.unit not in _STAY:
        assert scale[:3] == (column.unit, 1.0, 0.0), f"{what} is in {column.unit}, not in SI"
    end = suffix(column.unit)
    assert header.endswith(end), f"{what}: a name ends with its unit, {end}"
