"""A stage for planted bugs: clients write through the real API and Connect; a worker of its own group fills a database of its own.

What the checker sees is that database. The stack's own worker goes on beside it and is not touched.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]  # its stubs forget it

from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.readmodel.routes import captured_tables, topic_of
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

DRAIN_SECONDS, QUIET_SECONDS = 90.0, 4.0


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
        self._begin_at_the_end()
        self.session = Session(self.backend, Nothing(), self.options)
        begin(self.session)

    def _begin_at_the_end(self) -> None:
        """What the stack has seen before is none of this scene's business: its rows are all new."""
        env = self.backend.env
        admin = AdminClient({"bootstrap.servers": env["CDC_BROKER"]})
        found = admin.list_topics(timeout=10).topics
        names = [topic_of(env["CDC_TOPIC_PREFIX"], table) for table in captured_tables(DOCUMENTS)]
        places = [TopicPartition(name, number) for name in names for number in found[name].partitions]
        ends = admin.list_offsets({place: OffsetSpec.latest() for place in places})
        to = [TopicPartition(place.topic, place.partition, future.result(20).offset) for place, future in ends.items()]
        (done,) = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(self.name, to)]).values()
        done.result(20)

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
        """Write no more, wait until the worker has acknowledged every record and all is quiet or the time is over, and judge.

        A worker that is merely late is no worker that loses something: what it has not read yet is not held against it.
        """
        self.session.load.stop()
        self._read_everything()
        self.session.converge()
        # Documents of before are not in this database, so verify, which compares all of them, is not asked.
        final = gather(self.session)
        assert final is not None
        claims = Claims(has_fault=False, alerts_known=False)
        # Documents of before are not in this database, so verify, which compares all of them, is not asked.
        return judge_run(self.session.book.history, replace(final, divergent=0), self.session.tokens, claims)

    def written(self, count: int) -> None:
        """Returns when so many writes more were acknowledged."""
        before = self._acknowledged()
        until(self._acknowledged, lambda now: now >= before + count)

    def caught_up(self) -> None:
        """Returns when what was acknowledged until now can be read."""
        last = max(write.version for write in self.session.book.history.writes)
        until(lambda: min(self.session.watcher.waiting, default=last + 1), lambda oldest: oldest > last)

    def _read_everything(self) -> None:
        """Returns when no record has waited for a while; the records of the last writes may take a moment to come."""
        end, quiet = time.monotonic() + DRAIN_SECONDS, 0.0
        while quiet < QUIET_SECONDS:
            left = self.session.sampler.records.value
            assert time.monotonic() < end, f"{left} records still wait in Kafka after {DRAIN_SECONDS:.0f} s"
            quiet = quiet + 0.2 if left == 0 else 0.0
            time.sleep(0.2)

    def _acknowledged(self) -> int:
        return sum(write.outcome == "ok" for write in self.session.book.history.writes)
