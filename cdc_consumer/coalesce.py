"""A chunk of changes of one table, reduced to one state per row. Pure.

Only the newest state of a row is written, but every image of every change is kept: a child that moved from one parent to
another within the chunk has to refresh both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from cdc_consumer.envelope import Change, Key, Row
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
    images: list[tuple[Key, Row]] = field(default_factory=list)  # (key, before or after image)
    truncated: Version | None = None


def coalesce(table: str, changes: Iterable[Change]) -> Chunk:
    """Reduce changes of one table, in the order of their offsets, to a `Chunk`."""
    chunk = Chunk(table)
    rows, seen = chunk.rows, chunk.images.append
    for change in changes:
        key, before, after = change.key, change.before, change.after
        if change.op == "t":
            chunk.truncated = max(change.version, chunk.truncated or change.version)
            continue
        if before is not None:
            seen((key, before))
        if after is not None:
            seen((key, after))
        elif before is None:
            seen((key, {}))
        known = rows.get(key)
        if known is None:
            rows[key] = _first(change)
        elif change.version >= known.version:
            _replace(known, change)
        else:
            known.read = False
            if change.op in "ud" and change.before is None:
                known.blind = True
    return chunk


def _first(change: Change) -> RowState:
    new = change.op in "cr"
    columns, missing = _columns(change, None)
    blind = not new and change.before is None
    return RowState(change.key, change.version, columns, missing, new, blind, change.op == "r" and columns is not None)


def _replace(known: RowState, change: Change) -> None:
    known.columns, known.missing = _columns(change, known.columns)
    known.version, known.read = change.version, False
    if change.before is None and change.op not in "cr":
        known.blind = True


def _columns(change: Change, known: Row | None) -> tuple[Row | None, frozenset[str]]:
    """The columns after a change, None when it deletes the row, and which of them nothing in the chunk tells."""
    after = change.after
    if after is None or not (missing := unavailable(after)):
        return after, NONE
    columns = dict(after)
    for earlier in (change.before, known):
        if missing and earlier:
            found = missing & (earlier.keys() - unavailable(earlier))
            columns.update({name: earlier[name] for name in found})
            missing -= found
    return columns, missing
