"""What this worker has lately seen of the rows that documents show beside their root. Pure.

Nothing depends on what it knows of a row being right: what a draft shows of it is corrected when the document is confirmed. But a document
waits for what has a mark, so only what a streamed record says, which somebody will apply, has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cdc_consumer.drafts.marks import Mark, by
from cdc_consumer.envelope import Change, Key, Row
from cdc_consumer.image import read
from cdc_consumer.readmodel.build import MirrorRow, Related
from cdc_consumer.readmodel.declare import Document, Embed, Many, One, walk
from cdc_consumer.rows import mongo_id, text_of
from cdc_consumer.version import Version

BELIEVED: Final = 10.0  # seconds; another worker may have changed the row since
MOST: Final = 2000  # rows of a table, parents that have children, and children of one
LONGEST: Final = 4000  # characters of text in a row that is kept
Missing = set[tuple[str, Key]]


@dataclass(slots=True)
class Child:
    """A row that leads to a child of another row, or led to it."""

    version: Version
    mark: Mark | None  # if it came with a streamed change
    gone: bool


@dataclass(slots=True)
class Fact:
    """A row, and since when (monotonic) it is known to be so; a mark if it came with a change, and may not be mirrored yet."""

    at: float
    row: MirrorRow
    version: Version
    mark: Mark | None


class Known:
    """The newest rows of the tables that are embedded, and whose children they are."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._columns: dict[str, set[str]] = {}  # of each table what documents show of it
        self._leads: dict[str, list[tuple[str, str]]] = {}  # of each table (column of the parent, column of the child or "" for the key)
        self._rows: dict[str, dict[Key, Fact]] = {}
        self._children: dict[tuple[str, str, str], dict[Key, dict[Key, Child]]] = {}
        for embed in (embed for document in documents for embed in walk(document.embeds)):
            below = (one.key for one in embed.embeds.values() if isinstance(one, One))
            self._columns.setdefault(embed.table, set()).update(embed.fields, below)
            if isinstance(embed, Many):
                table, parent, child = _lead(embed)
                self._leads.setdefault(table, []).append((parent, child))

    def learn(self, change: Change, now: float, mark: Mark) -> None:
        """Note what a change says, which `mark` would tell of; `now` is monotonic. What comes again says nothing newer."""
        gone = change.after is None
        # A snapshot row may say nothing new, and is not written then to the documents that show it: nobody may wait for that.
        shown = None if change.op == "r" else mark
        for parent, child in self._leads.get(change.table, ()):
            image = change.before if gone else change.after
            if image and (above := image.get(parent)) is not None:
                family = self._children.setdefault((change.table, parent, child), {})
                children = family.pop(above, {})  # and back at the end: the newest stay longest
                member = image.get(child) if child else change.key
                if member not in children or children[member].version < change.version:
                    children[member] = Child(change.version, shown, gone)
                    _shorten(children)
                family[above] = children
                _shorten(family)
        if change.table in self._columns:
            row = {"_deleted": True} if change.after is None else read(change.after)
            before = self._rows.get(change.table, {}).get(change.key)
            if before is None or before.version <= change.version:
                self._keep(change.table, change.key, Fact(now, self._shown(change.table, change.key, row), change.version, shown))

    def add(self, table: str, key: Key, row: MirrorRow, now: float) -> None:
        """Note a row as it is mirrored now, whatever was seen: that may have been parked since, and discarded."""
        self._keep(table, key, Fact(now, self._shown(table, key, row), Version.from_bson(row["_v"]), None))

    def _shown(self, table: str, key: Key, row: Row) -> MirrorRow:
        """What documents show of a row."""
        return {"_id": mongo_id(key), **{name: row[name] for name in self._columns[table] | {"_deleted"} if name in row}}

    def _keep(self, table: str, key: Key, fact: Fact) -> None:
        rows = self._rows.setdefault(table, {})
        rows.pop(key, None)
        if text_of(fact.row) <= LONGEST:
            rows[key] = fact
            _shorten(rows)

    def forget(self, table: str) -> None:
        """The table was emptied."""
        self._rows.pop(table, None)
        for place in [place for place in self._children if place[0] == table]:
            del self._children[place]

    def related(self, embeds: Mapping[str, Embed], parents: Sequence[MirrorRow], now: float, missing: Missing) -> dict[str, Related]:
        """What is known for a level of embeds. Rows that are not known go into `missing`."""
        found = {}
        for name, embed in embeds.items():
            children: dict[Key, list[Key]] = {}
            if isinstance(embed, One):
                keys = {row[embed.key] for row in parents if row.get(embed.key) is not None}
            else:
                family = self._children.get(_lead(embed), {})
                children = {row["_id"]: [key for key, child in family.get(row["_id"], {}).items() if not child.gone] for row in parents}
                keys = {key for some in children.values() for key in some}
            rows = {key: row for key in keys if (row := self._row(embed.table, key, now)) is not None}
            missing.update((embed.table, key) for key in keys - rows.keys())
            live = [row for row in rows.values() if not row.get("_deleted")]
            found[name] = Related(rows, children, self.related(embed.embeds, live, now, missing))
        return found

    def marks(self, document: Document, row: MirrorRow, root: Mark) -> list[Mark]:
        """What is to be mirrored before a document of what is known here is written without it; its root row has the mark `root`.

        Links first. Nothing of rows further away than those next to the root: there would have to be more than one that leads to them.
        """
        links, rows = list[Mark](), list[Mark]()
        for embed in document.embeds.values():
            if isinstance(embed, One):
                rows += self._mark(embed.table, row.get(embed.key), root)
                continue
            for key, child in self._children.get(_lead(embed), {}).get(row["_id"], {}).items():
                if child.mark:
                    links.append(child.mark)
                    if embed.through and not child.gone:
                        rows += self._mark(embed.table, key, child.mark)
        return links + rows

    def _mark(self, table: str, key: Key, other: Mark) -> Iterator[Mark]:
        fact = self._rows.get(table, {}).get(key)
        if fact and fact.mark:
            yield by(fact.mark, other)

    def _row(self, table: str, key: Key, now: float) -> MirrorRow | None:
        fact = self._rows.get(table, {}).get(key)
        return fact.row if fact and now - fact.at < BELIEVED else None


def _lead(embed: Many) -> tuple[str, str, str]:
    """The table that leads from a child to its parent, its column of the parent and that of the child ("": its key)."""
    return (embed.through.table, embed.through.parent, embed.through.child) if embed.through else (embed.table, str(embed.foreign), "")


def _shorten(newest_last: dict[Any, Any]) -> None:
    if len(newest_last) > MOST:
        del newest_last[next(iter(newest_last))]
