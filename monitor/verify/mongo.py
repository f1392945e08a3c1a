"""One document type as MongoDB has it now. Everything is read with majority read concern: what is there to stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

from bson.codec_options import DatetimeConversion
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from cdc_consumer.readmodel.codec import CODEC
from cdc_consumer.readmodel.declare import Document
from monitor.verify.canonical import State, from_mongo
from monitor.verify.keys import Key, KeyType

Mongo: TypeAlias = Database[dict[str, Any]]

SELECTION_MS = 5_000
LIVE = {"_deleted": {"$ne": True}}


def connect(uri: str) -> MongoClient[dict[str, Any]]:
    """A client whose every wait is bounded."""
    return MongoClient(uri, serverSelectionTimeoutMS=SELECTION_MS, connectTimeoutMS=5_000, socketTimeoutMS=60_000, appname="verify")


class MongoSide:
    """Documents of one collection. Raises PyMongoError."""

    def __init__(self, db: Mongo, document: Document, key: KeyType) -> None:
        # A date outside Python's years is a difference to report, not an error.
        options = CODEC.with_options(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
        self._collection = db.get_collection(document.collection, codec_options=options, read_concern=ReadConcern("majority"))
        self._read = from_mongo(document)
        self._key = key

    def count(self) -> int:
        """Live documents."""
        return self._collection.count_documents(LIVE)

    def between(self, after: Key | None, upto: Key | None) -> Iterator[tuple[Key, State]]:
        """Live documents with after < _id <= upto, of the key's own type; None leaves that end open."""
        bounds: dict[str, Any] = {"$type": self._key.bson}
        bounds |= {} if after is None else {"$gt": after}
        bounds |= {} if upto is None else {"$lte": upto}
        return self._live({"_id": bounds})

    def strangers(self) -> Iterator[tuple[Any, State]]:
        """Live documents whose _id is of another type than the key, so that no range holds them."""
        return self._live({"_id": {"$not": {"$type": self._key.bson}}})

    def documents(self, keys: Iterable[Any]) -> dict[Any, State]:
        """Live documents by _id."""
        return dict(self._live({"_id": {"$in": list(keys)}}))

    def _live(self, query: dict[str, Any]) -> Iterator[tuple[Any, State]]:
        with self._collection.find(query | LIVE, batch_size=1_000) as cursor:
            for raw in cursor:
                yield raw["_id"], self._read(raw)
