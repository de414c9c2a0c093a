"""The socket at which a run listens for its user, from anywhere on the machine.

One thread, which does nothing but put requests into `Controls` and say what came of them: it never
touches the bench, and the engine never waits for it. A request is one line of JSON, and so is each
answer: `{"taken": true}` at once, then what came of it with the state of the run. Where the system
has Unix sockets it says who calls, and only the user and root are heard; elsewhere the socket is on
the loopback interface, and whoever has read the token from the user's own folder is.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import selectors
import shutil
import socket
import struct
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from faradaic.diagnostics import Diagnostic, warning
from faradaic.protocols.plan import StepPlan
from faradaic.records.folder import json_bytes
from faradaic.runner.live_runs import LINE_MAX_BYTES, POINTER_NAME, LiveRun
from faradaic.runner.modification import Modification
from faradaic.runner.progress import RunProgress
from faradaic.runner.requests import Asked, Controls, Note, Request
from faradaic.runner.shared_folders import own_runs, user_name

CALLERS_MAX = 16
HEARD_WITHIN_S = 2.0
"""So long a caller may take for its line."""
ACTED_WITHIN_S = 60.0
"""So long a caller is kept until the engine has acted."""
LOOK_S = 0.01
"""How often it is looked whether the engine has acted, while somebody waits for that."""
NOTE_MAX = 2000
UNIX_SOCKETS = hasattr(socket, "AF_UNIX")
UNIX_PATH_MAX = 100
"""Bytes; systems allow 104 or 108."""
_ASKS = {r.name.lower(): r for r in Request if r is not Request.NONE}
_WORDS = {Request.OFF: "output off"}


class Controlled(Protocol):
    """What is told of what is controlled: a `Plan`, or a plate of them."""

    @property
    def bench(self) -> str: ...
    @property
    def steps(self) -> tuple[StepPlan, ...]: ...


@dataclass(eq=False)
class _Caller:
    channel: socket.socket
    until_s: float
    by: dict[str, Any]
    """User and process, as far as the system says."""
    came: bytearray = field(default_factory=bytearray)
    asked: Asked | None = None


class ControlChannel:
    """What others may ask of one run, and what they are told of it."""

    def __init__(
        self,
        plan: Controlled,
        controls: Controls,
        observe: Callable[[RunProgress], None] | None = None,
    ) -> None:
        self._plan = plan
        self._controls = controls
        self._observe = observe
        self._progress: RunProgress | None = None
        self._told_s = time.monotonic()
        self._selector = selectors.DefaultSelector()
        self._callers: list[_Caller] = []
        self.warnings: tuple[Diagnostic, ...] = ()
        """Why nobody can control the run from elsewhere, where that is so."""

    def observe(self, progress: RunProgress) -> None:
        """Where the run is, as the engine tells it: kept for who asks, and passed on."""
        self._progress, self._told_s = progress, time.monotonic()
        if self._observe is not None:
            self._observe(progress)

    @contextmanager
    def listening(self, folder: Path, *, address: str, simulated: bool) -> Iterator[None]:
        """Listen for the length of a run; a run that cannot be listened to goes on without."""
        with contextlib.ExitStack() as stack:
            try:
                self._open(stack, folder, address, simulated)
            except OSError as error:
                self.warnings = (
                    warning(
                        "E718",
                        f"nobody can control this run from another terminal: {error}",
                        "Ctrl+C, SIGTERM and `faradaic off` work all the same",
                    ),
                )
            yield

    def _open(
        self, stack: contextlib.ExitStack, folder: Path, address: str, simulated: bool
    ) -> None:
        home = own_runs()
        listener, at, token = _listen(stack, home, folder.name)
        wake, woken = socket.socketpair()
        for channel in (listener, wake, woken):
            stack.callback(channel.close)
        self._run = LiveRun(
            name=folder.name,
            folder=str(folder),
            bench=self._plan.bench,
            address=address,
            simulated=simulated,
            pid=os.getpid(),
            since_utc=datetime.now(UTC).isoformat(timespec="seconds"),
            at=at,
            token=token,
        )
        file = self._run.write()
        stack.callback(file.unlink, missing_ok=True)
        pointer = folder / POINTER_NAME
        stack.callback(pointer.unlink, missing_ok=True)
        pointer.write_bytes(json_bytes({"file": str(file)}))
        thread = threading.Thread(
            target=self._serve, args=(listener, woken), name="control", daemon=True
        )
        thread.start()
        stack.callback(thread.join, HEARD_WITHIN_S)
        stack.callback(wake.send, b"x")

    # The thread -----------------------------------------------------------------------------

    def _serve(self, listener: socket.socket, woken: socket.socket) -> None:
        with self._selector as selector:
            selector.register(listener, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            over = False
            while not over:
                waiting = any(caller.asked for caller in self._callers)
                patience_s = LOOK_S if waiting else HEARD_WITHIN_S if self._callers else None
                for key, _ in selector.select(patience_s):
                    if key.fileobj is woken:
                        over = True
                    elif key.fileobj is listener:
                        self._accept(listener)
                    elif key.data in self._callers:  # it may have left in this round
                        self._hear(key.data)
                self._answer_acted(over=over)
                for caller in [c for c in self._callers if c.until_s < time.monotonic()]:
                    self._answer(caller, {"ok": False, "text": "it was not acted on in time"})
            for caller in list(self._callers):
                self._leave(caller)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            channel, _ = listener.accept()
            channel.setblocking(False)
            by = _who_calls(channel)
            silent = [caller for caller in self._callers if caller.asked is None]
            full = len(self._callers) >= CALLERS_MAX
            if by is None or (full and not silent):
                channel.close()
                return
            if full:
                self._leave(silent[0])
            caller = _Caller(channel, time.monotonic() + HEARD_WITHIN_S, by)
            self._callers.append(caller)
            self._selector.register(channel, selectors.EVENT_READ, caller)

    def _hear(self, caller: _Caller) -> None:
        """Take what a caller sends; act on its line once that is whole."""
        try:
            came = caller.channel.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            came = b""
        if not came:
            self._leave(caller)
            return
        if caller.asked is not None:
            return  # one line is all that is heard
        caller.came += came
        line, ended, _ = bytes(caller.came).partition(b"\n")
        if not ended:
            if len(line) > LINE_MAX_BYTES:
                self._answer(caller, {"ok": False, "text": "that line is too long"})
            return
        try:
            message = json.loads(line)
            if not isinstance(message, dict):
                raise TypeError("not an object")
            answer = self._take(caller, message)
        except Exception as error:  # noqa: BLE001 - whatever a caller sends, the next is heard
            words = str(error).splitlines()[0][:200] if str(error) else ""
            answer = {"ok": False, "text": f"that request is not understood: {words}"}
        if answer is not None:
            self._answer(caller, answer)

    def _take(self, caller: _Caller, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """Put a request; its answer, or None where that comes once the engine has acted."""
        token = str(message.get("token", "")).encode()
        if not hmac.compare_digest(token, self._run.token.encode()):
            return {"ok": False, "text": "the caller is not this run's user"}
        told = message.get("by")
        told = told if isinstance(told, dict) else {}
        by = {"user": user_name(), "pid": told.get("pid"), "program": "a program", **caller.by}
        by["program"] = str(told.get("program", "a program"))[:80]
        ask = message.get("ask")
        if ask == "state":
            return {"ok": True, "state": self.state()}
        if ask == "note":
            text = str(message["text"]).strip()[:NOTE_MAX]
            if not text:
                return {"ok": False, "text": "the note is empty"}
            self._controls.note(Note(text, by))
            return {"ok": True, "text": "noted", "state": self.state()}
        who = f"{by['user']} ({by['program']}, process {by['pid']})"
        if ask == "answer":
            asked = message.get("question")
            refused = self._controls.answer(
                str(message["choice"])[:NOTE_MAX], who, None if asked is None else str(asked)
            )
            return {"ok": not refused, "text": refused or "answered", "state": self.state()}
        request = _ASKS.get(str(ask))
        if request is None:
            return {"ok": False, "text": f"a run is not asked for {str(ask)[:40]!r}"}
        word = _WORDS.get(request, request.name.lower())
        asked = Asked(request, f"{word}, asked for by {who}", by)
        if request is Request.MODIFY:
            asked.modification = Modification.from_message(message)
        standing = self._controls.put(asked)
        if standing is not asked and request in (Request.MODIFY, Request.SKIP):
            return {"ok": False, "text": f"the same was just {standing.reason}"}
        caller.asked = standing
        caller.until_s = time.monotonic() + ACTED_WITHIN_S
        self._send(caller, {"taken": True})
        return None

    def _answer_acted(self, *, over: bool) -> None:
        """Tell those who wait what came of their requests, and all of them when the run is over."""
        for caller in list(self._callers):
            asked = caller.asked
            if asked is None or not (over or asked.done.is_set()):
                continue
            ends = asked.request >= Request.STOP
            output = self._controls.output if ends and asked.output is None else asked.output
            done = asked.done.is_set() or ends
            text = asked.refused or (asked.reason if done else "the run ended before it acted")
            answer = {"ok": done and not asked.refused, "text": text, "state": self.state()}
            if output is not None:
                answer["output"] = {"on": output.on, "evidence": output.evidence}
            self._answer(caller, answer)

    def _answer(self, caller: _Caller, answer: Mapping[str, Any]) -> None:
        self._send(caller, answer)
        self._leave(caller)

    def _send(self, caller: _Caller, answer: Mapping[str, Any]) -> None:
        """An answer is far shorter than what a socket keeps for who does not read yet."""
        with contextlib.suppress(OSError):
            caller.channel.send(
                json.dumps(answer, ensure_ascii=False, default=str).encode() + b"\n"
            )

    def _leave(self, caller: _Caller) -> None:
        self._callers.remove(caller)
        self._selector.unregister(caller.channel)
        caller.channel.close()

    def state(self) -> dict[str, Any]:
        """Where the run is, SI."""
        told, steps = self._progress, self._plan.steps
        state: dict[str, Any] = {
            "run": self._run.name,
            "folder": self._run.folder,
            "bench": self._run.bench,
            "simulated": self._run.simulated,
            "pid": self._run.pid,
            "since_utc": self._run.since_utc,
            "modified": list(self._controls.modified),
        }
        if (question := self._controls.question) is not None:
            state["question"] = {"text": question.text, "choices": list(question.choices)}
        if told is not None:
            state |= {f.name: getattr(told, f.name) for f in fields(told)}
            state |= {
                "state": told.state.value,
                "ends_utc": told.ends_utc.isoformat(timespec="seconds"),
                "step_id": steps[told.step].id,
                "steps": len(steps),
                "age_s": time.monotonic() - self._told_s,
            }
        return state


def _listen(stack: contextlib.ExitStack, home: Path, name: str) -> tuple[socket.socket, str, str]:
    """A listening socket, where it is, and what a caller must know."""
    if not UNIX_SOCKETS:
        listener = socket.create_server(("127.0.0.1", 0), backlog=CALLERS_MAX)
        listener.setblocking(False)
        return listener, f"127.0.0.1:{listener.getsockname()[1]}", secrets.token_urlsafe(32)
    path = home / f"{os.getpid()}-{name[:40]}.sock"
    if len(os.fsencode(path)) > UNIX_PATH_MAX:
        folder = tempfile.mkdtemp(prefix="faradaic-", dir="/tmp")  # for its owner only
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        path = Path(folder) / "run.sock"
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(CALLERS_MAX)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    stack.callback(path.unlink, missing_ok=True)
    return listener, str(path), ""


def _who_calls(channel: socket.socket) -> dict[str, Any] | None:
    """User and process of a caller, as the system tells them; None for one who is not heard."""
    if channel.family == socket.AF_INET:
        return {}  # its token says that it is the user
    pid, uid = _peer(channel)
    if uid not in (os.geteuid(), 0):
        return None
    by: dict[str, Any] = {} if pid is None else {"pid": pid}
    if uid != os.geteuid():
        by["user"] = "root"
    return by


def _peer(channel: socket.socket) -> tuple[int | None, int]:
    """Process (where the system tells it) and user id at the other end. Raises `OSError`."""
    if sys.platform == "darwin":
        # SOL_LOCAL, LOCAL_PEERCRED: struct xucred begins with its version and the user id
        _, uid = struct.unpack_from("=II", channel.getsockopt(0, 1, 76))
        return None, uid
    credentials = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, uid, _ = struct.unpack("3i", credentials)
    return pid, uid
