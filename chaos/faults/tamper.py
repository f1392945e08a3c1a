"""Somebody writes into MongoDB behind the pipeline's back: no log knows of it, only a comparison with SQL can find it."""

from __future__ import annotations

import time
from typing import Any

from pymongo import MongoClient

from chaos.faults.base import Room
from stack.errors import StackError

_EMAIL = "tampered@chaos.example.org"
_TITLE = "tampered with by chaos"
_OWNED = "SELECT i.id FROM items i JOIN users u ON u.id = i.owner_id WHERE u.email = %s"
_SECONDS = 30.0


class Tamper:
    """Changes the document of an item of the fault's own."""

    def describe(self) -> str:
        """See Fault."""
        return "change one document in MongoDB behind the pipeline's back"

    def _collection(self, client: MongoClient[dict[str, Any]], room: Room) -> Any:
        return client[room.backend.env["CDC_MONGO_DB"]]["items_read"]

    def _client(self, room: Room) -> MongoClient[dict[str, Any]]:
        return MongoClient(room.backend.env["CDC_MONGO_URI"], timeoutMS=5000, serverSelectionTimeoutMS=5000, appname="chaos")

    def inject(self, room: Room) -> None:
        """See Fault. The document has to be there first."""
        room.sql("INSERT INTO users (name, email) VALUES ('tampered', %s) ON CONFLICT (email) DO NOTHING", _EMAIL)
        room.sql("INSERT INTO items (owner_id, title, price) SELECT id, 'as it was', 1 FROM users WHERE email = %s", _EMAIL)
        key = max(row[0] for row in room.sql(_OWNED, _EMAIL))
        end = time.monotonic() + _SECONDS
        with self._client(room) as client:
            while not self._collection(client, room).update_one({"_id": key}, {"$set": {"title": _TITLE}}).matched_count:
                if time.monotonic() > end:
                    raise StackError(f"item {key} does not come to MongoDB", advice="Is the pipeline on time? make status")
                time.sleep(0.2)

    def effect(self, room: Room) -> str:
        """See Fault."""
        with self._client(room) as client:
            count = self._collection(client, room).count_documents({"title": _TITLE})
        return f"{count} document differs from SQL" if count else ""

    def heal(self, room: Room) -> None:
        """See Fault. A row that changes is built anew."""
        room.sql("UPDATE items SET title = 'as it was' WHERE owner_id = (SELECT id FROM users WHERE email = %s)", _EMAIL)
