"""A ledger loses nothing that was stored, and computes again only what was torn."""

import json
import os
from pathlib import Path

import pytest

from faradaic.diagnostics import InputError, StorageError
from faradaic.workloads.ledger import Ledger, Record, Shard, task_key


def record(number: int, result: dict[str, int] | None = None, reason: str = "") -> Record:
    return Record(task_key({"number": number}, "square", {}), str(number), result, reason)


def test_a_key_changes_with_input_method_and_parameters_and_not_with_the_order_of_names() -> None:
    key = task_key({"a": 1, "b": 2.5}, "CHGNet 0.3.0", {"max_steps": 400})

    assert key == task_key({"b": 2.5, "a": 1}, "CHGNet 0.3.0", {"max_steps": 400})
    assert key != task_key({"a": 1, "b": 2.50001}, "CHGNet 0.3.0", {"max_steps": 400})
    assert key != task_key({"a": 1, "b": 2.5}, "CHGNet 0.3.1", {"max_steps": 400})
    assert key != task_key({"a": 1, "b": 2.5}, "CHGNet 0.3.0", {"max_steps": 401})


def test_a_key_is_the_same_on_every_machine() -> None:
    # printf '{"content":{"a":1},"method":"m","parameters":{}}' | sha256sum
    expected = "07c5ae366ef37ce19eebe2fc574835e1726f3cb4eaa6b4a657b75a3f0b12d43f"
    assert task_key({"a": 1}, "m", {}) == expected


def test_a_key_of_what_is_not_a_number_is_refused() -> None:
    with pytest.raises(ValueError):
        task_key({"a": float("nan")}, "m", {})


def test_shards_of_several_workers_are_one_ledger(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    for worker in range(3):
        shard = Shard(ledger.shards)
        for number in range(worker * 10, worker * 10 + 12):  # two are computed by both neighbours
            shard.append(record(number, {"square": number**2}))
        shard.close()

    records = list(ledger.records())

    assert sorted(int(r.label) for r in records) == list(range(32))
    assert all(r.result == {"square": int(r.label) ** 2} for r in records)


def test_an_append_ends_with_the_sync_of_what_it_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, int]] = []
    write, sync = os.write, os.fsync

    def written(descriptor: int, data: bytes) -> int:
        calls.append(("write", descriptor))
        return write(descriptor, data[:7])  # a disk may take less than it is given

    def synced(descriptor: int) -> None:
        calls.append(("sync", descriptor))
        sync(descriptor)

    monkeypatch.setattr(os, "write", written)
    monkeypatch.setattr(os, "fsync", synced)
    shard = Shard(Ledger(tmp_path).shards)
    for number in range(3):
        calls.clear()
        shard.append(record(number, {"square": number**2}))
        assert [what for what, _ in calls[:-1]] == ["write"] * (len(calls) - 1)
        assert calls[-1][0] == "sync"
        assert len({descriptor for _, descriptor in calls}) == 1
    shard.close()


def test_a_torn_last_line_costs_one_task_and_is_told(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    shard = Shard(ledger.shards)
    for number in range(5):
        shard.append(record(number, {"square": number**2}))
    shard.close()
    whole = shard.path.read_bytes()
    start_of_last = whole[:-1].rindex(b"\n") + 1

    for length in range(start_of_last, len(whole)):  # wherever the disk stopped
        shard.path.write_bytes(whole[:length])
        keys = ledger.keys()
        if length == len(whole) - 1:  # all but the line's end: nothing is lost
            assert (len(keys.done), keys.findings) == (5, [])
        elif length == start_of_last:
            assert (len(keys.done), keys.findings) == (4, [])
        else:
            assert len(keys.done) == 4
            assert f"{shard.path}, line 5" in keys.findings[0].message


@pytest.mark.parametrize("line", [b"{}", b"[1]", b"17", b"\xff\xfe", b'{"key": "k", "no": 1}'])
def test_a_line_that_is_no_record_is_named_and_left_out(tmp_path: Path, line: bytes) -> None:
    ledger = Ledger(tmp_path)
    shard = Shard(ledger.shards)
    shard.append(record(1, {"square": 1}))
    shard.close()
    shard.path.write_bytes(line + b"\n" + shard.path.read_bytes())

    keys = ledger.keys()

    assert len(keys.done) == 1
    assert [finding.code for finding in keys.findings] == ["E894"]


def test_a_result_outweighs_a_failure_whichever_came_first(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    shard = Shard(ledger.shards)
    shard.append(record(1, reason="disk full"))
    shard.append(record(1, {"square": 1}))
    shard.append(record(2, {"square": 4}))
    shard.append(record(2, reason="worker lost"))
    shard.append(record(3, reason="once"))
    shard.append(record(3, reason="twice"))
    shard.close()

    keys = ledger.keys()

    assert len(keys.done) == 2
    assert keys.failed == {record(3).key}
    assert {r.label: r.reason for r in ledger.records()} == {"1": "", "2": "", "3": "twice"}


def test_a_record_is_on_the_disk_when_append_returns(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    shard = Shard(ledger.shards)
    shard.append(record(7, {"square": 49}))

    (line,) = shard.path.read_text().splitlines()

    assert json.loads(line)["result"] == {"square": 49}


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    with Ledger(tmp_path).sole_run():
        with pytest.raises(InputError, match="another process is computing"):
            with Ledger(tmp_path).sole_run():
                pass


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file cannot hold results"):
        Ledger(tmp_path / "file")
