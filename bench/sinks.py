"""The subjects of a benchmark: each can be started on some topics into some database, and stopped again."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from bench.peers import PEERS, Peer
from bench.place import Place, program
from bench.tape import TABLES, Tape, topic
from bench.views import Joined, Rows, View
from connectors.client import Connect
from connectors.errors import CommandError, ConnectBusyError, ConnectorMissingError
from stack.environment import select
from stack.settings import HOST, ROOT

START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 30.0


class Sink(Protocol):
    """What is measured."""

    name: str
    title: str
    view: View

    def warm(self) -> None:
        """Make everything ready that stays between runs."""

    def start(self, tape: Tape, database: str, label: str) -> str:
        """Begin to read these topics; answers the consumer group, which is a new one for each label."""

    def stop(self) -> None:
        """End. Harmless when nothing runs."""

    def pid(self) -> int:
        """The process that does the work."""

    def state(self) -> str:
        """RUNNING, or what else it says of itself."""

    def next_phase(self, before: Tape, after: Tape, database: Any) -> None:
        """Make the documents of one phase those that the next one finds."""


@dataclass
class Worker:
    """The worker of this project, a process of its own for each run."""

    place: Place
    name: str
    title: str
    view: View
    env: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def warm(self) -> None:
        """Nothing stays between runs."""

    def start(self, tape: Tape, database: str, label: str) -> str:
        """See Sink."""
        env = self.place.stack.env
        own = {"CDC_GROUP": label, "CDC_TOPIC_PREFIX": tape.prefix, "CDC_MONGO_DB": database, "CDC_WORKER": label, "CDC_METRICS_PORT": "0"}
        setpriv = shutil.which("setpriv")
        tied = (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()
        log = self.place.stack.paths.log / f"{self.name}.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                (*tied, sys.executable, "-m", "cdc_consumer", "worker"),
                env={**os.environ, **select(env, "CDC_"), **own, **self.env},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        return label

    def stop(self) -> None:
        """See Sink."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP_SECONDS)

    def pid(self) -> int:
        """See Sink."""
        return self._process.pid if self._process else 0

    def state(self) -> str:
        """See Sink."""
        return "RUNNING" if self._process and self._process.poll() is None else "DEAD"

    def next_phase(self, before: Tape, after: Tape, database: Any) -> None:
        """Its collections are named after tables and documents."""


@dataclass
class Connector:
    """A peer in a Connect worker of its own, which stays between runs as it would in production."""

    place: Place
    peer: Peer
    _client: Connect | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.name, self.title, self.view = self.peer.name, self.peer.title, Rows(self.peer)

    def warm(self) -> None:
        """Start the Connect worker and wait until it answers."""
        self.place.start(program(self.peer))
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect("none").status()
            except ConnectorMissingError as error:
                if "none" in str(error):  # Connect's own answer; before it is ready it knows no path at all
                    return
            except CommandError:
                pass
            if time.monotonic() > end:
                raise TimeoutError(f"{self.title}: its Connect worker does not answer after {START_SECONDS:.0f} s")
            time.sleep(0.3)

    def _connect(self, name: str) -> Connect:
        return Connect(f"http://{HOST}:{self.place.port(self.peer)}", name, timeout=30.0)

    def start(self, tape: Tape, database: str, label: str) -> str:
        """See Sink."""
        self._client = self._connect(label)
        self._client.put_config(self.peer.config(tape.topics(), self.place.stack.env["CDC_MONGO_URI"], database))
        return f"connect-{label}"

    def stop(self) -> None:
        """See Sink."""
        client, self._client = self._client, None
        if client is None:
            return
        for _ in range(20):
            try:
                client.delete()
            except ConnectorMissingError:
                return
            except ConnectBusyError:
                time.sleep(0.5)

    def restart(self) -> None:
        """What an operator does with a FAILED task."""
        if self._client:
            self._client.restart(only_failed=True)

    def pid(self) -> int:
        """See Sink."""
        return self.place.pid(program(self.peer))

    def state(self) -> str:
        """See Sink."""
        if self._client is None:
            return "DEAD"
        with contextlib.suppress(ConnectorMissingError, ConnectBusyError):
            found = self._client.status()
            return "RUNNING" if found.running else f"FAILED: {found.trace[:300]}" if found.failed else "STARTING"
        return "STARTING"

    def next_phase(self, before: Tape, after: Tape, database: Any) -> None:
        """Its collections are named after topics, so they are renamed with them."""
        names = set(database.list_collection_names())
        for table in TABLES:
            old, new = (self.peer.collection(topic(tape.prefix, table)) for tape in (before, after))
            if old in names:
                database[old].rename(new)


def sinks(place: Place) -> dict[str, Sink]:
    """All subjects by name."""
    ours: list[Sink] = [
        Worker(place, "mirror", "worker, mirrors only", Rows(), {"CDC_MIRRORS_ONLY": "True", "CDC_DOCUMENTS": "bench.documents:PLAIN"}),
        Worker(place, "joined", "worker, joined documents", Joined(), {"CDC_DOCUMENTS": "bench.documents:PLAIN"}),
        Worker(
            place,
            "indexed",
            "worker, joined, with the API's indexes",
            Joined("users_read", "items_read"),
            {"CDC_DOCUMENTS": "cdc_consumer.readmodel.documents:FOR_CLIENTS"},
        ),
    ]
    peers: list[Sink] = [Connector(place, peer) for peer in PEERS]
    return {sink.name: sink for sink in (*ours, *peers)}
