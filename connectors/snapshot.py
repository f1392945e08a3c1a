"""An incremental snapshot by signal: tables are read again, a chunk at a time, while capture goes on (DBLog; Debezium's documentation).

1. The position of the WAL is taken, then the signal is written: what the snapshot reads, and what is streamed meanwhile, is newer.
2. Debezium reads; its notifications tell how far it is. A restart of the connector in between resumes it.
3. Connect's stored offsets have passed the end of it: Kafka has acknowledged every row that was read.
4. The workers have applied them; what is older was not there to be read any more, and is removed (`cdc_consumer.sweep`).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connectors.client import Connect
from connectors.epoch import epoch_of
from connectors.errors import CommandError, ConnectorFailedError, ConnectorMissingError, SourceMismatchError
from connectors.notifications import OVER, Notifications
from connectors.source import Source
from connectors.wait import Deadline, describe, failure, status_or_none, when_idle

SIGNAL_TABLE: Final = "cdc_signal"
LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True)
class Taken:
    """An incremental snapshot that Kafka holds completely."""

    tables: tuple[str, ...]
    epoch: int
    lsn: int
    """Position of the WAL before it began: rows below (epoch, lsn) were not there any more."""


def signal_data(tables: Sequence[str], where: str | None) -> str:
    """The signal's payload. `where` is a SQL predicate on the one table given. Pure."""
    data: dict[str, Any] = {"type": "incremental", "data-collections": [f"public.{table}" for table in tables]}
    if where:
        data["additional-conditions"] = [{"data-collection": f"public.{tables[0]}", "filter": where}]
    return json.dumps(data)


def check_tables(asked: Sequence[str], captured: Sequence[str], where: str | None) -> tuple[str, ...]:
    """The tables to read: those asked for, or all. Raises SourceMismatchError for one that is not captured. Pure."""
    if unknown := sorted(set(asked) - set(captured)):
        raise SourceMismatchError(f"Not captured: {', '.join(unknown)}.", f"Captured are {', '.join(captured)}.")
    if where and len(asked) != 1:
        raise SourceMismatchError("--where is a condition on the columns of one table.", "Give exactly one --table with it.")
    return tuple(dict.fromkeys(asked)) or tuple(captured)


@dataclass(frozen=True)
class Reader:
    """Takes incremental snapshots. Raises the errors of `connectors.errors`."""

    connect: Connect
    source: Source
    notifications: Notifications
    deadline: Deadline
    say: Callable[[str], None]

    def take(self, tables: Sequence[str], where: str | None) -> Taken:
        """Let Debezium read the tables, and return when Kafka holds every row."""
        config = when_idle(self.connect.config, self.deadline)
        if config is None:
            raise ConnectorMissingError("There is no connector.", "Make it with `python -m connectors register`.")
        status = status_or_none(self.connect, self.deadline)
        if status is None or not status.running:
            raise ConnectorFailedError(f"The connector does not capture: {describe(status)}.", "See `python -m connectors status`.")
        if SIGNAL_TABLE not in self.source.published():
            raise SourceMismatchError(f"The publication does not hold {SIGNAL_TABLE}.", "Run the migrations: `make migrate`.")
        name, lsn = f"snapshot-{uuid.uuid4().hex[:12]}", self.source.wal_position()
        self.source.signal(name, "execute-snapshot", signal_data(tables, where))
        try:
            self._follow(name)
            self._acknowledged(self.source.wal_position())
        finally:
            self.source.forget_signal(name)
        return Taken(tuple(tables), epoch_of(config), lsn)

    def _follow(self, name: str) -> None:
        """Until the snapshot has ended; ConnectorFailedError when it ended badly."""
        begun = False
        while True:
            found = self.notifications.next(LOOK_SECONDS)
            if found is None or found.of != name:
                self._still_possible(begun)
                continue
            begun = True
            if found.failed:
                raise ConnectorFailedError(f"The snapshot could not read {found.failed}.", "Its reason is in `make logs S=connect`.")
            self.say(found.describe())
            if found.kind == "COMPLETED":
                return
            if found.kind in OVER:
                raise ConnectorFailedError(f"The snapshot was {found.kind.lower()}.", "Its reason is in `make logs S=connect`.")

    def _still_possible(self, begun: bool) -> None:
        status = status_or_none(self.connect, self.deadline)
        if status and status.failed:
            raise failure(self.connect.name, status)
        if self.deadline.passed():
            raise CommandError(
                f"The snapshot has {'not ended' if begun else 'not begun'} after {self.deadline.seconds:g} s. "
                "It goes on in the connector, but what was deleted is not removed.",
                "See `python -m connectors status` and `make logs S=connect`; then run this again.",
            )
        if not begun:
            self.deadline.pause("the connector to read the signal: it streams first what comes before it")

    def _acknowledged(self, position: int) -> None:
        """Until Connect has stored an offset at or after a position, with no snapshot under way in it."""
        while not any(_past(offset, position) for offset in when_idle(self.connect.offsets, self.deadline)):
            if self.deadline.passed():
                raise CommandError("Connect has not recorded the end of the snapshot in time.", "Run this again.")
            self.deadline.pause("Kafka to acknowledge every row of the snapshot")


def _past(offset: Mapping[str, Any], position: int) -> bool:
    under_way = any(key.startswith("incremental_snapshot") for key in offset)
    return not under_way and int(offset.get("lsn_proc") or offset.get("lsn") or 0) >= position
