"""From changes to the writes that show them before they are confirmed. Pure.

- a new root row makes the whole document, of what is `known`; rows that link to it and come later make it again;
- a changed root row that stays with the same owner changes the fields of its document and leaves what is embedded as it is.

Everything else waits for its document to be materialised: what shows in documents of other rows, deletes, snapshot rows, rows of which the
source left out values.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bson import ObjectId

from cdc_consumer.drafts.known import Known, Missing
from cdc_consumer.envelope import Change, Key, Row
from cdc_consumer.image import read
from cdc_consumer.readmodel.build import values
from cdc_consumer.readmodel.declare import Document, Many, One, walk
from cdc_consumer.readmodel.routes import Column, Route, routes
from cdc_consumer.rows import RESERVED, mongo_id
from cdc_consumer.toast import unavailable
from cdc_consumer.version import Version
from cdc_consumer.written import current

MOST: Final = 20  # revisions of a draft that are remembered
Place = tuple[str, Key]  # a collection and the key of a document's root row
Statement = dict[str, Any]  # of MongoDB's update command


@dataclass(slots=True)
class Draft:
    """A document that this worker has made of a root row, and the revisions it gave it."""

    document: Document
    row: Row
    chunk: int  # that the row came in
    revisions: list[ObjectId] = field(default_factory=list)
    applied: bool = False  # the chunk is at work: the document may show more by now than this worker has drafted


@dataclass(slots=True)
class Taken:
    """What chunks lead to. A chunk is told by a number that the caller gives it."""

    writes: dict[str, list[Statement]] = field(default_factory=lambda: defaultdict(list))  # by collection
    missing: Missing = field(default_factory=set)  # rows that nothing is known of
    incomplete: list[Place] = field(default_factory=list)  # documents that wait for those
    whole: set[int] = field(default_factory=set)  # chunks that drafts show now, all of them
    new: bool = False  # whether a new row is among them that others may link to


class Drafts:
    """Drafts of these documents."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._able = {document.collection for document in documents if document.early and _can_be_drafted(document)}
        self.tables: Final = frozenset[str]().union(*(document.tables() for document in documents if document.collection in self._able))
        self._routes = routes(documents)
        self._drafts: dict[Place, Draft] = {}  # of root rows that are not applied yet
        self._open: dict[int, list[Place | None]] = {}  # what drafts do not show yet of chunks that wait; None for what none will
        self.known: Final = Known(document for document in documents if document.collection in self._able)

    def take(self, chunks: Mapping[int, Sequence[Change]], now: float) -> Taken:
        """Learn from chunks, of each partition in the order of its offsets, and draft what they show in. `now` is monotonic.

        What it raises for values that cannot be shown is to be followed by `forget`.
        """
        taken, again = Taken(), dict[Place, None]()
        for chunk, changes in chunks.items():
            self._open[chunk] = [place for change in changes for place in self._change(change, chunk, taken, now)]
            again.update((place, None) for place in self._open[chunk] if place)
        for chunk, places in list(self._open.items()):  # of those that came before, too: a link may come before what it belongs to
            self._open[chunk] = [place for place in places if place not in self._drafts]
            if not self._open[chunk]:
                taken.whole.add(chunk)
                del self._open[chunk]
        for place in again:
            self.write(place, taken, now)
        return taken

    def awaits(self, chunk: int) -> bool:
        """Whether drafts would show all of the chunk if what it belongs to came."""
        places = self._open.get(chunk, [])
        return bool(places) and None not in places

    def begin(self, chunk: int) -> None:
        """The chunk is being applied."""
        self._open.pop(chunk, None)
        for draft in self._drafts.values():
            draft.applied |= draft.chunk == chunk

    def end(self, chunk: int) -> None:
        """It is applied, or was dropped."""
        for place in [place for place, draft in self._drafts.items() if draft.chunk == chunk]:
            del self._drafts[place]

    def forget(self) -> None:
        """Forget what was drafted; what is known stays."""
        self._open.clear()
        self._drafts.clear()

    def _change(self, change: Change, chunk: int, taken: Taken, now: float) -> Iterator[Place | None]:
        """For each document that shows this change and is not written yet: its place, None if no draft will show the change."""
        if change.op == "t":
            self.known.forget(change.table)
            yield None
            return
        self.known.learn(change, now)
        for route in self._routes.get(change.table, ()):
            if route.document.collection not in self._able:
                yield None
            elif route.hops:
                yield _linked(route, change)
            elif statement := self._root(route.document, change, chunk):
                taken.writes[route.document.collection].append(statement)
            else:
                place = route.document.collection, change.key
                drafted = place in self._drafts
                taken.new |= drafted and change.op == "c" and bool(route.document.embeds)
                yield place if drafted else None

    def write(self, place: Place, taken: Taken, now: float) -> None:
        """Add the write of a document that is made as a whole, if all it shows is known."""
        draft = self._drafts.get(place)
        if draft is None:
            return
        missing = Missing()
        related = self.known.related(draft.document.embeds, [draft.row], now, missing)
        if missing:
            taken.missing |= missing
            taken.incomplete.append(place)
            return
        built = current(draft.document, draft.row, related)
        states: list[Row] = [{"_v": {"$lt": draft.row["_v"]}}]
        if draft.revisions:
            states.append({"_rev": {"$in": draft.revisions}})
        draft.revisions = [*draft.revisions[-MOST:], built["_rev"]]
        taken.writes[place[0]].append({"q": {"_id": built["_id"], "$or": states}, "u": built, "upsert": True})

    def _root(self, document: Document, change: Change, chunk: int) -> Statement | None:
        """The write of a changed root row; or its draft, which is written when all that comes with it is known."""
        place = document.collection, change.key
        draft = self._drafts.pop(place, None)  # of an older row
        if change.op not in ("c", "u") or change.after is None:
            return None
        after = read(change.after)
        if not RESERVED.isdisjoint(after) or unavailable(after):
            return None
        if change.op == "c" or (draft and not draft.applied):
            row = {"_id": mongo_id(change.key), "_v": change.version.to_bson(), **after}
            self._drafts[place] = Draft(document, row, chunk, draft.revisions if draft else [])
            return None
        owners = [embed.key for embed in document.embeds.values() if isinstance(embed, One)]
        if change.before is None or any(change.before.get(key) != after.get(key) for key in owners):
            return None
        return _changed(document, change.key, after, change.version)


def _linked(route: Route, change: Change) -> Place | None:
    """The document that a new row is part of, if the row itself tells."""
    match route.hops:
        case (Column(table, column),) if table == change.table and change.op == "c" and change.after is not None:
            return route.document.collection, change.after.get(column)
    return None


def _changed(document: Document, key: Key, after: Mapping[str, Any], version: Version) -> Statement:
    _id, _v = mongo_id(key), version.to_bson()
    older = {"_id": _id, "_v": {"$lt": _v}, "_deleted": None, "schema_version": document.schema_version}
    return {"q": older, "u": {"$set": {**values(document.fields, after), "_rev": ObjectId(), "_v": _v}}}


def _can_be_drafted(document: Document) -> bool:
    """Not if rows of its embeds have lists of their own: of those only what came lately would be known."""
    below = (deep for embed in document.embeds.values() for deep in walk(embed.embeds))
    return not any(isinstance(embed, Many) for embed in below)
