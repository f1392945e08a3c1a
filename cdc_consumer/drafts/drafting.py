"""From changes to the writes that show them before they are confirmed. Pure.

- a new root row makes the whole document, of what is `known`; rows that link to it and come later make it again;
- a changed root row that stays with the same owner changes the fields of its document and leaves what is embedded as it is.

Everything else waits for its document to be materialised: what shows in documents of other rows, deletes, snapshot rows, rows of which the
source left out values, and what comes while a chunk with the same document is at work, whose transaction it would only hold up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bson import ObjectId

from cdc_consumer.drafts.known import Known, Missing
from cdc_consumer.drafts.marks import ADDED_MS, FIELD, Mark, mark
from cdc_consumer.drafts.marks import MOST as MARKS
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
Chunk = Any  # hashable; names what is applied together
Place = tuple[str, Key]  # a collection and the key of a document's root row
Statement = dict[str, Any]  # of MongoDB's update command


@dataclass(slots=True)
class Draft:
    """A document that this worker has made of a root row, the row's mark since it was drafted first, and the revisions it gave it."""

    document: Document
    row: Row
    version: Version
    chunk: Chunk  # that the row came in
    mark: Mark
    revisions: list[ObjectId]


@dataclass(slots=True)
class Taken:
    """What chunks lead to. A chunk is told by the name that the caller gives it."""

    writes: dict[str, list[Statement]] = field(default_factory=lambda: defaultdict(list))  # by collection
    missing: Missing = field(default_factory=set)  # rows that nothing is known of
    incomplete: list[Place] = field(default_factory=list)  # documents that wait for those
    whole: set[Chunk] = field(default_factory=set)  # chunks that drafts show now, all of them


class Drafts:
    """Drafts of these documents."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._able = {document.collection for document in documents if document.early and _can_be_drafted(document)}
        self.tables: Final = frozenset[str]().union(*(document.tables() for document in documents if document.collection in self._able))
        self._routes = routes(documents)
        self._drafts: dict[Place, Draft] = {}  # of root rows that are not applied yet
        self._open: dict[Chunk, list[Place | None]] = {}  # where drafts do not show yet what waits in a chunk; None for what none will
        self._places: dict[Chunk, list[Place]] = {}  # the documents of each chunk that is not ended
        self._at_work = Counter[Place]()  # documents of chunks that have begun
        self._begun: set[Chunk] = set()
        self.known: Final = Known(document for document in documents if document.collection in self._able)

    def take(self, chunks: Mapping[Chunk, Sequence[Change]], now: float, at: int) -> Taken:
        """Learn from chunks, of each partition in the order of its offsets, and draft what they show in.

        `now` is monotonic, `at` the same moment in ms since 1970. What it raises for values that cannot be shown is to be followed by
        `forget`.
        """
        taken, again = Taken(), dict[Place, None]()
        for chunk, changes in chunks.items():
            self._places[chunk] = []
            self._open[chunk] = []
            for change in changes:
                self._change(change, chunk, taken, now, at)
            again.update((place, None) for place in self._places[chunk])
        for chunk, places in list(self._open.items()):  # of those that came before, too: a link may come before what it belongs to
            self._open[chunk] = [place for place in places if place not in self._drafts or place in self._at_work]
            if not self._open[chunk]:
                taken.whole.add(chunk)
                del self._open[chunk]
        for place in again:
            if place in self._drafts and place not in self._at_work:
                self.write(place, taken, now)
        return taken

    def awaits(self, chunk: Chunk) -> bool:
        """Whether drafts would show all of the chunk if what it belongs to came."""
        places = self._open.get(chunk, [])
        return bool(places) and None not in places

    def begin(self, chunk: Chunk) -> None:
        """The chunk is being applied: others may show its documents from now on, and more of them than this worker knows."""
        self._open.pop(chunk, None)
        self._begun.add(chunk)
        self._at_work.update(self._places.get(chunk, ()))

    def end(self, chunk: Chunk) -> None:
        """It is applied, or was dropped."""
        places = self._places.pop(chunk, [])
        for place in places:
            if (draft := self._drafts.get(place)) and draft.chunk == chunk:
                del self._drafts[place]
        if chunk in self._begun:
            self._begun.discard(chunk)
            for place in places:
                self._at_work[place] -= 1
                if not self._at_work[place]:
                    del self._at_work[place]

    def forget(self) -> None:
        """Forget what was drafted; what is known stays."""
        self._open.clear()
        self._drafts.clear()

    def _change(self, change: Change, chunk: Chunk, taken: Taken, now: float, at: int) -> None:
        if change.op == "t":
            self.known.forget(change.table)
            self._open[chunk].append(None)
            return
        shown, open_ = mark(change, at), self._open[chunk]
        self.known.learn(change, now, shown)
        for route in self._routes.get(change.table, ()):
            place = place_of(route, change) if route.document.collection in self._able else None
            if place is None:
                open_.append(None)
                continue
            self._places[chunk].append(place)
            if place in self._at_work:
                open_.append(None)
            elif route.hops:
                open_.append(place)
            elif statement := self._root(route.document, change, chunk, shown):
                taken.writes[route.document.collection].append(statement)
            elif place not in self._drafts:
                open_.append(None)

    def write(self, place: Place, taken: Taken, now: float) -> None:
        """Add the write of a document that is made as a whole, if all it shows is known."""
        draft = self._drafts.get(place)
        if draft is None:  # it is applied by now
            taken.incomplete.append(place)
            return
        missing = Missing()
        related = self.known.related(draft.document.embeds, [draft.row], now, missing)
        if missing:
            taken.missing |= missing
            taken.incomplete.append(place)
            return
        marks = [draft.mark, *self.known.marks(draft.document, draft.row, draft.mark)]
        built = current(draft.document, draft.row, related) | {FIELD: marks[:MARKS]}
        older = {"_v": {"$lt": draft.row["_v"]}}
        replaced = {"$or": [older, {"_rev": {"$in": draft.revisions}}]} if draft.revisions else older
        draft.revisions = [*draft.revisions[-MOST:], built["_rev"]]
        taken.writes[place[0]].append({"q": {"_id": built["_id"], **replaced}, "u": built, "upsert": True})

    def _root(self, document: Document, change: Change, chunk: Chunk, shown: Mark) -> Statement | None:
        """The write of a changed root row; or its draft, which is written when all that comes with it is known."""
        place = document.collection, change.key
        if (draft := self._drafts.get(place)) and draft.version >= change.version:
            return None  # a record that comes again, and what is shown is newer
        self._drafts.pop(place, None)
        if change.op not in ("c", "u") or change.after is None:
            return None
        after = read(change.after)
        if not RESERVED.isdisjoint(after) or unavailable(after):
            return None
        if change.op == "c" or draft:
            row = {"_id": mongo_id(change.key), "_v": change.version.to_bson(), **after}
            since, revisions = (draft.mark["at"], draft.revisions) if draft else (shown["at"], [])
            self._drafts[place] = Draft(document, row, change.version, chunk, shown | {"at": since}, revisions)
            return None
        if change.before is None or any(change.before.get(key) != after.get(key) for _, key in _owners(document)):
            return None
        return _changed(document, change.key, after, change.version, shown)


def place_of(route: Route, change: Change) -> Place | None:
    """The document that shows a row, if it could be drafted: the row itself tells which it is."""
    match route.hops:
        case ():
            return route.document.collection, change.key
        case (Column(table, column),) if table == change.table and change.op == "c" and change.after is not None:
            return route.document.collection, change.after.get(column)
    return None


def _owners(document: Document) -> Iterator[tuple[str, str]]:
    """The names of the rows that a root row points to, and the columns that do."""
    return ((name, embed.key) for name, embed in document.embeds.items() if isinstance(embed, One))


def _changed(document: Document, key: Key, after: Mapping[str, Any], version: Version, shown: Mark) -> Statement:
    _id, _v = mongo_id(key), version.to_bson()
    older = {"_id": _id, "_v": {"$lt": _v}, "_deleted": None, "schema_version": document.schema_version}
    older[f"{FIELD}.0.at"] = {"$not": {"$lte": shown["at"] - ADDED_MS}}
    for name, column in _owners(document):  # as before this change; but the one that brought that may not be shown
        older[name if after.get(column) is None else f"{name}.id"] = after.get(column)
    fields = {**values(document.fields, after), "_rev": ObjectId(), "_v": _v}
    return {"q": older, "u": {"$set": fields, "$push": {FIELD: {"$each": [shown], "$slice": MARKS}}}}


def _can_be_drafted(document: Document) -> bool:
    """Not if rows of its embeds have lists of their own: of those only what came lately would be known."""
    below = (deep for embed in document.embeds.values() for deep in walk(embed.embeds))
    return not any(isinstance(embed, Many) for embed in below)
