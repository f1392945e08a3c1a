"""Recorded change events: topics that every sink reads, and what must be in MongoDB afterwards.

A phase (load, updates, ...) is written to Postgres once, captured by Debezium, and its records are copied, bytes and headers as they are,
into topics of their own: `bench-<phase>.public.<table>`. So all sinks read the same records, and a phase ends where its topics do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from cdc_consumer.envelope import Change, Key, decode
from cdc_consumer.readmodel.routes import topic_of

TABLES: Final = ("users", "items", "tags", "item_tags")
KEYS: Final[Mapping[str, tuple[str, ...]]] = {"users": ("id",), "items": ("id",), "tags": ("id",), "item_tags": ("item_id", "tag_id")}

State: TypeAlias = dict[str, dict[Key, Any]]
"""By table and key what a row holds: the name of a user or tag, (title, owner) of an item, True for a link. Deleted rows are not in it."""

Place: TypeAlias = tuple[str, int]  # table and partition


@dataclass
class Tape:
    """The records of one phase. `state` is the content of all tables after it."""

    prefix: str
    state: State
    records: int = 0
    last: dict[Place, Key] = field(default_factory=dict)  # the key of the last record of each partition
    touched: list[tuple[str, Key]] = field(default_factory=list)  # rows of other tables whose documents change too

    def probes(self) -> list[tuple[str, Key]]:
        """Table and key of the rows that are shown as they must be when everything is."""
        return [*((table, key) for (table, _), key in self.last.items()), *self.touched]

    def topics(self) -> list[str]:
        """The topics that hold it."""
        return [topic_of(self.prefix, table) for table in TABLES]

    def take(self, table: str, partition: int, record: Any) -> None:
        """Count a record in: `record` as `envelope.Record` describes it."""
        change = decode(record)
        if change is None:
            return
        self.records += 1
        self.last[table, partition] = change.key
        rows = self.state[table]
        if change.after is None:
            rows.pop(change.key, None)
        else:
            rows[change.key] = held(change)


def held(change: Change) -> Any:
    """What is compared of a row that is there; see State."""
    row: Mapping[str, Any] = change.after or {}
    if change.table == "items":
        return row["title"], row["owner_id"]
    return True if change.table == "item_tags" else row["name"]


def empty() -> State:
    """No rows."""
    return {table: {} for table in TABLES}


def copied(state: State) -> State:
    """The same rows, apart from later changes."""
    return {table: dict(rows) for table, rows in state.items()}
