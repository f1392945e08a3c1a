"""A peer as a subject: a connector in a Connect worker of its own."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Final

from bench.peers import Peer
from bench.place import Place, program
from bench.tape import TABLES, Tape
from bench.views import Rows, View
from cdc_consumer.readmodel.routes import topic_of
from connectors.client import Connect
from connectors.errors import CommandError, ConnectBusyError, ConnectorMissingError
from stack.settings import HOST

START_SECONDS: Final = 120.0


@dataclass
class Connector:
    """A peer in a Connect worker of its own, which stays between runs as it would in production."""

    place: Place
    peer: Peer
    _client: Connect | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.name: str = self.peer.name
        self.title = self.peer.title
        self.view: View = Rows(self.peer)

    def warm(self) -> None:
        """Start the Connect worker and wait until it answers."""
        self.place.start(program(self.peer))
        end, last = time.monotonic() + START_SECONDS, ""
        while True:
            try:
                self._connect("none").status()
            except ConnectorMissingError as error:
                if "none" in str(error):  # Connect's own answer; before it is ready it knows no path at all
                    return
            except CommandError as error:
                last = str(error)
            if time.monotonic() > end:
                raise TimeoutError(f"{self.title}: its Connect worker does not answer after {START_SECONDS:.0f} s: {last}")
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
        try:
            found = self._client.status()
        except (ConnectorMissingError, ConnectBusyError):
            return "STARTING"
        if found.failed:
            return f"FAILED: {found.trace[:300]}"
        return "RUNNING" if found.running else "STARTING"

    def next_phase(self, before: Tape, after: Tape, database: Any) -> None:
        """Its collections are named after topics, so they are renamed with them."""
        names = set(database.list_collection_names())
        for table in TABLES:
            old, new = (self.peer.collection(topic_of(tape.prefix, table)) for tape in (before, after))
            if old in names:
                database[old].rename(new)
