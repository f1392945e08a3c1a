"""Step 2, first half: from changed rows to the ids of the documents they are part of.

The routes come from the declarations; the mirrors are read as they are after step 1, in the same causally consistent session.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from cdc_consumer.envelope import Key, Row
from cdc_consumer.mongo import Database
from cdc_consumer.readmodel.declare import Document, mirror_name
from cdc_consumer.readmodel.routes import Column, Hop, Linked, Pointing, Route
from cdc_consumer.rows import BATCH


class FanOut:
    """Finds the documents that rows touch."""

    def __init__(self, db: Database, routes: Mapping[str, tuple[Route, ...]]) -> None:
        self._db = db
        self._routes = routes

    async def touched(
        self, table: str, images: Iterable[tuple[Key, Row]], session: AsyncClientSession, same: Container[Key] = ()
    ) -> dict[str, tuple[Document, list[Any]]]:
        """For each read collection its declaration and the sorted ids of the documents that the images are part of.

        Of rows that are the `same` as before only the documents that are theirs, not those that show them.
        """
        routes = self._routes.get(table, ())
        if not routes:
            return {}
        images = list(images)
        moved = [image for image in images if image[0] not in same]
        found: dict[str, tuple[Document, set[Any]]] = {}
        for route in routes:
            ids = await self._climb(route, moved, session) if route.hops else {key for key, _ in images}
            found.setdefault(route.document.collection, (route.document, set()))[1].update(ids)
        # Sorted, so that workers that write the same documents take them in the same order and conflict less.
        return {name: (document, sorted(ids)) for name, (document, ids) in found.items()}

    async def _climb(self, route: Route, images: list[tuple[Key, Row]], session: AsyncClientSession) -> set[Any]:
        first, rest = route.hops[0], route.hops[1:]
        if isinstance(first, Column):
            keys = {value for row in map(_with_key, images) if (value := row.get(first.column)) is not None}
        else:
            keys = await self._hop(first, sorted({key for key, _ in images}), session)
        for hop in rest:
            keys = await self._hop(hop, sorted(keys), session)
        return keys

    async def _hop(self, hop: Hop, keys: Sequence[Any], session: AsyncClientSession) -> set[Any]:
        parents: set[Any] = set()
        for i in range(0, len(keys), BATCH):
            some = {"$in": list(keys[i : i + BATCH])}
            match hop:
                case Column(table, column):
                    collection, query, wanted = table, {"_id": some}, column
                case Pointing(table, column):
                    collection, query, wanted = table, {column: some}, "_id"
                case Linked(link):
                    collection, query, wanted = link.table, {link.child: some}, link.parent
            cursor = self._db[mirror_name(collection)].find(query, {wanted: 1}, session=session, batch_size=10_000)
            async for row in cursor:
                if row.get(wanted) is not None:
                    parents.add(row[wanted])
        return parents


def _with_key(image: tuple[Key, Row]) -> Row:
    key, row = image
    return dict(key) if isinstance(key, tuple) and not row else row  # what is known of a row when nothing else is
