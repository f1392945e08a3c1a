"""A chunk of changes of one table, reduced to one state per row. Pure.

Only the newest state of a row is written, but every image of every change is kept: a child that moved from one parent to
another within the chunk has to refresh both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from cdc_consumer.envelope import Change, Key, Row
from cdc_consumer.image import read
from cdc_consumer.toast import NONE, unavailable
from cdc_consumer.version import Version


@dataclass(slots=True)
class RowState:
    """The newest state of one row within a chunk."""

    key: Key
    version: Version
    columns: Row | None  # None: deleted
    missing: frozenset[str]  # columns that the source did not send
    fresh: bool  # first seen in this chunk as an insert or a snapshot row: probably not in the mirror yet
    blind: bool  # an update or delete without before image: what it replaces must be read from the mirror
    read: bool = False  # all that the chunk says of it is one snapshot row, which may say nothing new


@dataclass(slots=True)
class Chunk:
    """What a chunk of records says about one table."""

    table: str
    rows: dict[Key, RowState] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    truncated: Version | None = None

    @property
    def images(self) -> Iterator[tuple[Key, Row]]:
        """Key and image of every change: what was before it and what is after, or nothing when neither is known."""
        for change in self.changes:
            if change.before is not None:
                yield change.key, change.before
            if change.after is not None:
                yield change.key, change.after
            elif change.before is None:
                yield change.key, {}


def coalesce(table: str, changes: Iterable[Change]) -> Chunk:
    """Reduce changes of one table, in the order of their offsets, to a `Chunk`. Raises Poison for a needed image that cannot be read."""
    chunk, by_key = Chunk(table), dict[Key, list[Change]]()
    for change in changes:
        if change.op == "t":
            chunk.truncated = max(change.version, chunk.truncated or change.version)
            continue
        chunk.changes.append(change)
        by_key.setdefault(change.key, []).append(change)
    chunk.rows = {key: _state(key, of_key) for key, of_key in by_key.items()}
    return chunk


def _state(key: Key, changes: Sequence[Change]) -> RowState:
    first = newest = changes[0]
    version, blind = first.version, False
    for change in changes:
        if (its := change.version) >= version:
            newest, version = change, its
        if change.before is None and change.op in "ud":
            blind = True
    columns = None if newest.after is None else read(newest.after)
    missing = unavailable(columns) if columns else NONE
    if missing:
        columns, missing = _filled(changes)
    said_once = len(changes) == 1 and newest.op == "r" and columns is not None
    return RowState(key, version, columns, missing, first.op in "cr", blind, said_once)


def _filled(changes: Sequence[Change]) -> tuple[Row | None, frozenset[str]]:
    """The columns after the newest change, with those that it leaves out from what came before it; which of them nothing tells."""
    columns: Row | None = None
    missing, newest = NONE, changes[0].version
    for change in changes:
        if change.version >= newest:
            newest = change.version
            columns, missing = _columns(change, columns)
    return columns, missing


def _columns(change: Change, known: Row | None) -> tuple[Row | None, frozenset[str]]:
    after = None if change.after is None else read(change.after)
    if after is None or not (missing := unavailable(after)):
        return after, NONE
    columns = dict(after)
    for earlier in (change.before, known):
        if missing and earlier:
            found = missing & (earlier.keys() - unavailable(earlier))
            columns.update({name: earlier[name] for name in found})
            missing -= found
    return columns, missing
