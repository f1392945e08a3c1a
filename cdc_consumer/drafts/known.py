"""What this worker has lately seen of the rows that documents show beside their root. Pure.

Nothing depends on it being right: what a draft shows of another row is corrected when the document is confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from cdc_consumer.envelope import Change, Key, Row
from cdc_consumer.image import read
from cdc_consumer.readmodel.build import MirrorRow, Related
from cdc_consumer.readmodel.declare import Document, Embed, Many, One, walk
from cdc_consumer.rows import mongo_id, text_of

BELIEVED: Final = 10.0  # seconds; another worker may have changed the row since
MOST: Final = 2000  # rows of a table, parents that have children, and children of one
LONGEST: Final = 4000  # characters of text in a row that is kept
Missing = set[tuple[str, Key]]


class Known:
    """The newest rows of the tables that are embedded, and whose children they are."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._columns: dict[str, set[str]] = {}  # of each table what documents show of it
        self._leads: dict[str, list[tuple[str, str]]] = {}  # of each table (column of the parent, column of the child or "" for the key)
        self._rows: dict[str, dict[Key, tuple[float, MirrorRow]]] = {}
        self._children: dict[tuple[str, str, str], dict[Key, dict[Key, None]]] = {}
        for embed in (embed for document in documents for embed in walk(document.embeds)):
            below = (one.key for one in embed.embeds.values() if isinstance(one, One))
            self._columns.setdefault(embed.table, set()).update(embed.fields, below)
            if isinstance(embed, Many):
                table, parent, child = _lead(embed)
                self._leads.setdefault(table, []).append((parent, child))

    def learn(self, change: Change, now: float) -> None:
        """Note what a change says; `now` is monotonic."""
        gone = change.after is None
        for parent, child in self._leads.get(change.table, ()):
            image = change.before if gone else change.after
            if image and (above := image.get(parent)) is not None:
                family = self._children.setdefault((change.table, parent, child), {})
                children = family.pop(above, {})  # and back at the end: the newest stay longest
                member = image.get(child) if child else change.key
                if gone:
                    children.pop(member, None)
                else:
                    children[member] = None
                    _shorten(children)
                family[above] = children
                _shorten(family)
        if change.table in self._columns:
            self.add(change.table, change.key, {"_deleted": True} if change.after is None else read(change.after), now)

    def add(self, table: str, key: Key, row: Row, now: float) -> None:
        """Note a row as it is now."""
        rows = self._rows.setdefault(table, {})
        rows.pop(key, None)
        columns = self._columns[table] | {"_deleted"}
        if text_of(kept := {name: row[name] for name in columns if name in row}) <= LONGEST:
            rows[key] = now, {"_id": mongo_id(key), **kept}
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
                children = {row["_id"]: list(family.get(row["_id"], ())) for row in parents}
                keys = {key for some in children.values() for key in some}
            rows = {key: row for key in keys if (row := self._row(embed.table, key, now)) is not None}
            missing.update((embed.table, key) for key in keys - rows.keys())
            live = [row for row in rows.values() if not row.get("_deleted")]
            found[name] = Related(rows, children, self.related(embed.embeds, live, now, missing))
        return found

    def _row(self, table: str, key: Key, now: float) -> MirrorRow | None:
        at, row = self._rows.get(table, {}).get(key, (0.0, None))
        return row if row is not None and now - at < BELIEVED else None


def _lead(embed: Many) -> tuple[str, str, str]:
    """The table that leads from a child to its parent, its column of the parent and that of the child ("": its key)."""
    return (embed.through.table, embed.through.parent, embed.through.child) if embed.through else (embed.table, str(embed.foreign), "")


def _shorten(newest_last: dict[Any, Any]) -> None:
    if len(newest_last) > MOST:
        del newest_last[next(iter(newest_last))]
