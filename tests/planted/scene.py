"""A stage for planted bugs: clients write through the real API and Connect; a worker of its own group fills a database of its own.

What the checker sees is that database. The stack's own worker goes on beside it and is not touched.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from chaos.backends import Local
from chaos.checker.verdict import Claims, Verdict, judge_run
from chaos.ending import gather
from chaos.faults.base import Room
from chaos.session import Options, Session, begin
from stack import layout, passwords, settings
from stack.handle import Stack
from stack.settings import ROOT
from tests.e2e.api import until
from tests.e2e.workers import free_port, is_ready


class Nothing:
    """No fault: the worker is what is wrong."""

    def describe(self) -> str:
        return "nothing"

    def inject(self, room: Room) -> None: ...

    def effect(self, room: Room) -> str:
        return ""

    def heal(self, room: Room) -> None: ...


@dataclass(frozen=True)
class Elsewhere(Local):
    """The stack as a back end, with another group and database."""

    changed: Mapping[str, str] = field(default_factory=dict)

    @property
    def env(self) -> Mapping[str, str]:
        return {**self.stack.env, **self.changed}


@dataclass
class Scene:
    """One bug, one load."""

    place: Any
    bug: str
    options: Options = field(default_factory=lambda: Options(rate=20, read_rate=2))
    name: str = field(default_factory=lambda: f"planted_{uuid.uuid4().hex[:8]}")

    def __post_init__(self) -> None:
        found = settings.load({"STACK_DIR": str(self.place.directory)})
        stack = Stack(found, layout.layout(found.directory), passwords.load_or_create(found.directory))
        changed = {"CDC_GROUP": self.name, "CDC_MONGO_DB": self.name, "VERIFY_MONGO_DB": self.name, "CDC_SESSION_TIMEOUT": "6"}
        self.backend = Elsewhere(stack, changed=changed)
        self.session = Session(self.backend, Nothing(), self.options)
        begin(self.session)

    @contextlib.contextmanager
    def worker(self, name: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        """A worker with the bug, ready; killed at the end whatever state it is in."""
        port = free_port()
        own = {"CDC_WORKER": f"{self.name}-{name}", "CDC_METRICS_PORT": str(port), "PLANTED_BUG": self.bug, **variables}
        env = {**os.environ, **self.backend.env, **own}
        process = subprocess.Popen((sys.executable, "-m", "tests.planted.worker"), cwd=ROOT, env=env)
        try:
            until(lambda: process.poll() is not None or is_ready(port), bool)
            yield process
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)

    def verdict(self) -> Verdict:
        """Write no more, wait until all is quiet or the time is over, and judge."""
        self.session.converge()
        return judge_run(self.session.book.history, gather(self.session), self.session.tokens, Claims(has_fault=False, alerts_known=False))

    def written(self, count: int) -> None:
        """Returns when so many writes more were acknowledged."""
        before = self._acknowledged()
        until(self._acknowledged, lambda now: now >= before + count)

    def caught_up(self) -> None:
        """Returns when what was acknowledged until now can be read."""
        last = max(write.version for write in self.session.book.history.writes)
        until(lambda: min(self.session.watcher.waiting, default=last + 1), lambda oldest: oldest > last)

    def _acknowledged(self) -> int:
        return sum(write.outcome == "ok" for write in self.session.book.history.writes)
