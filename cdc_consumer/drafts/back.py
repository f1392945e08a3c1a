"""What drafts have shown of records that will not be applied is taken back: the documents are written from what is mirrored."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence

import bson
from pymongo.asynchronous.client_session import AsyncClientSession

from cdc_consumer.drafts.drafting import place_of
from cdc_consumer.drafts.marks import FIELD, Mark
from cdc_consumer.envelope import Change, Key, Row
from cdc_consumer.fan_out import FanOut
from cdc_consumer.materialise import MOST, UNIT, Chosen, Materialiser
from cdc_consumer.mongo import Client, Database
from cdc_consumer.poison import Poison
from cdc_consumer.readmodel.codec import PLAIN
from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.routes import Route, routes
from cdc_consumer.rows import mongo_id, row_key
from cdc_consumer.version import Version

Ids = dict[Key, Version | None]  # keys of root rows, and the version from which on no draft of them may come


class TakingBack:
    """Takes drafts back in one database."""

    def __init__(self, client: Client, db: Database, documents: Iterable[Document], fan_out: FanOut, tombstone_ttl: dt.timedelta) -> None:
        self._client, self._db, self._fan_out, self._ttl = client, db, fan_out, tombstone_ttl
        self._documents = {document.collection: document for document in documents}
        self._routes: Mapping[str, tuple[Route, ...]] = routes(self._documents.values())

    async def parked(self, changes: Sequence[Change]) -> None:
        """Write the documents of changes that are parked. A draft of them that is still under way changes nothing any more.

        Also that a document was left out for one of these changes to be applied (`held`) is made good by this.
        """
        found: dict[str, Ids] = defaultdict(dict)
        images: dict[str, list[tuple[Key, Row]]] = defaultdict(list)
        for change in changes:
            if _encodes(change.key):
                images[change.table] += [(change.key, _plain(image)) for image in (change.before, change.after, {}) if image is not None]
            for route in self._routes.get(change.table, ()):
                try:
                    place = place_of(route, change)
                except Exception:  # noqa: BLE001, S112 - what cannot be read was not drafted
                    continue
                if place:
                    before = found[place[0]].get(place[1])
                    version = before if route.hops else max(change.version, before or change.version)
                    found[place[0]][place[1]] = version
        async with self._client.start_session(causal_consistency=True) as session:
            for table, some in images.items():
                for collection, (_, keys) in (await self._fan_out.touched(table, some, session)).items():
                    for key in await self._drafts(collection, keys, session):
                        found[collection].setdefault(key, None)
            for collection, ids in found.items():
                await self._write(self._documents[collection], ids, session)

    async def swept(self, table: str, floor: Version, spare: Container[Key], session: AsyncClientSession) -> None:
        """Write what drafts show of rows of a table that are older than its floor: their records may be lost."""
        for document in self._documents.values():
            if document.root == table:
                old = {FIELD: {"$exists": True}, "_v": {"$lt": floor.to_bson()}}
                found = await self._db[document.collection].find(old, {"_id": 1}, session=session).to_list()
                ids: Ids = {key: floor for one in found if (key := row_key(one["_id"])) not in spare}
                await self._write(document, ids, session)
            elif table in document.tables():
                await self._unmark(document, {"t": table, "v": {"$lt": floor.to_bson()}}, session)

    async def discarded(self, changes: Sequence[Change]) -> None:
        """Nothing waits for these changes any more. Looks through whole collections."""
        keys: dict[str, list[object]] = defaultdict(list)
        for change in changes:
            if _encodes(change.key):
                keys[change.table].append(mongo_id(change.key))
        async with self._client.start_session(causal_consistency=True) as session:
            for table, some in keys.items():
                for document in self._documents.values():
                    if table != document.root and table in document.tables():
                        await self._unmark(document, {"t": table, "k": {"$in": some}}, session)

    async def _unmark(self, document: Document, mark: Mark, session: AsyncClientSession) -> None:
        """Write what drafts show of other rows than their root; those whose root row is not mirrored yet only no longer wait for them."""
        drafts = self._db[document.collection]
        found = await drafts.find({FIELD: {"$elemMatch": mark}}, {"_id": 1}, session=session).to_list()
        await drafts.update_many({FIELD: {"$elemMatch": mark}}, {"$pull": {FIELD: mark}}, session=session)
        await self._write(document, {row_key(one["_id"]): None for one in found}, session)

    async def _drafts(self, collection: str, keys: Sequence[Key], session: AsyncClientSession) -> list[Key]:
        """Those of these documents that are drafts."""
        found: list[Key] = []
        for i in range(0, len(keys), MOST):
            asked = {"_id": {"$in": [mongo_id(key) for key in keys[i : i + MOST]]}, FIELD: {"$exists": True}}
            drafts = self._db.get_collection(collection, codec_options=PLAIN).find(asked, {"_id": 1}, session=session)
            found += [row_key(one["_id"]) for one in await drafts.to_list()]
        return found

    async def _write(self, document: Document, ids: Ids, session: AsyncClientSession) -> None:
        chosen = Chosen(least={key: version for key, version in ids.items() if version})

        async def choose(*_: object) -> Chosen:
            return chosen

        materialiser, keys = Materialiser(self._db, self._ttl, choose), list(ids)
        for i in range(0, len(keys), UNIT):
            await materialiser.unit(document, keys[i : i + UNIT], session)


def _encodes(*values: object) -> bool:
    try:
        bson.encode({"": values})
    except Exception:  # noqa: BLE001 - a key that MongoDB does not take: no document has it
        return False
    return True


def _plain(image: Row) -> Row:
    """What may be a key: nobody has looked at the image yet. Of one that cannot be read nothing was drafted."""
    try:
        return {name: value for name, value in image.items() if not isinstance(value, dict | list) and _encodes(value)}
    except Poison:
        return {}
