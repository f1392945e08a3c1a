"""Where each sink puts a row, and whether a document there is what it must be. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bench.peers import Peer, peer_id
from bench.tape import KEYS, TABLES, State
from cdc_consumer.envelope import Key
from cdc_consumer.readmodel.routes import topic_of
from cdc_consumer.rows import mongo_id

Document = Mapping[str, Any]
Content = dict[str, dict[Any, Any]]
"""By collection and `_id` (hashable) what is compared of a document."""


class View(Protocol):
    """How a sink lays out its documents."""

    def place(self, prefix: str, table: str, key: Key) -> tuple[str, Any] | None:
        """Collection and `_id` of the document that shows a row; None when nothing is to be looked for."""

    def shows(self, found: Document | None, table: str, key: Key, state: State) -> bool:
        """Whether the document, if there is one, is up to date with this row."""

    def wanted(self, prefix: str, state: State) -> Content:
        """Everything that must be there, and nothing else."""

    def content(self, collection: str, found: Document) -> Any:
        """What is compared of a document; None when it counts as deleted."""


def frozen(_id: Any) -> Any:
    """An `_id` that can be looked up."""
    return tuple(_id.items()) if isinstance(_id, Mapping) else _id


def _plain(row: Document, table: str) -> Any:
    if table == "items":
        return row.get("title"), row.get("owner_id")
    return True if table == "item_tags" else row.get("name")


def _table(collection: str) -> str:
    return next(table for table in sorted(TABLES, key=len, reverse=True) if collection.endswith(table))


@dataclass(frozen=True)
class Rows:
    """One document a row: of a peer, or the worker's mirrors."""

    peer: Peer | None = None

    def place(self, prefix: str, table: str, key: Key) -> tuple[str, Any]:
        """See View."""
        if self.peer:
            return self.peer.collection(topic_of(prefix, table)), peer_id(key, KEYS[table])
        return f"mirror_{table}", mongo_id(key)

    def shows(self, found: Document | None, table: str, key: Key, state: State) -> bool:
        """See View."""
        gone = found is None or bool(found.get("_deleted"))
        if key not in state[table]:
            return gone
        return not gone and _plain(found or {}, table) == state[table][key]

    def wanted(self, prefix: str, state: State) -> Content:
        """See View."""
        found: Content = {}
        for table, rows in state.items():
            for key, value in rows.items():
                collection, _id = self.place(prefix, table, key)
                found.setdefault(collection, {})[frozen(_id)] = value
        return found

    def content(self, collection: str, found: Document) -> Any:
        """See View."""
        return None if found.get("_deleted") else _plain(found, _table(collection))


@dataclass(frozen=True)
class Joined:
    """The worker's documents: users, and items with their owner and tags."""

    users: str = "users_joined"
    items: str = "items_joined"

    def place(self, prefix: str, table: str, key: Key) -> tuple[str, Any] | None:  # noqa: ARG002
        """See View."""
        if table == "item_tags":
            return self.items, dict(key)["item_id"]
        return {"users": (self.users, key), "items": (self.items, key)}.get(table)

    def shows(self, found: Document | None, table: str, key: Key, state: State) -> bool:
        """See View."""
        item = dict(key)["item_id"] if table == "item_tags" else key
        rows = state["users" if table == "users" else "items"]
        gone = found is None or bool(found.get("_deleted"))
        if item not in rows:
            return gone
        if gone or found is None:
            return False
        if table == "users":
            return bool(found["name"] == rows[key])
        title, owner = rows[item]
        if found["title"] != title or found["owner"] != {"id": owner, "name": state["users"][owner], "email": found["owner"].get("email")}:
            return False
        return table == "items" or _has_tag(found, dict(key)["tag_id"], state) == (key in state["item_tags"])

    def wanted(self, prefix: str, state: State) -> Content:  # noqa: ARG002
        """See View."""
        tags: dict[Any, list[Any]] = {}
        for key in state["item_tags"]:
            pair = dict(key)
            tags.setdefault(pair["item_id"], []).append(pair["tag_id"])
        items = {
            key: (title, owner, state["users"][owner], *((tag, state["tags"][tag]) for tag in sorted(tags.get(key, ()))))
            for key, (title, owner) in state["items"].items()
        }
        return {self.users: dict(state["users"]), self.items: items}

    def content(self, collection: str, found: Document) -> Any:
        """See View."""
        if found.get("_deleted"):
            return None
        if collection == self.users:
            return found["name"]
        owner = found["owner"]
        return (found["title"], owner["id"], owner.get("name"), *((tag["id"], tag.get("name")) for tag in found["tags"]))


def _has_tag(found: Document, tag: Any, state: State) -> bool:
    return any(one["id"] == tag and one.get("name") == state["tags"][tag] for one in found["tags"])


def differences(wanted: Content, found: Mapping[str, Iterable[Document]], view: View) -> list[str]:
    """What is missing, too much or different, the first few in words."""
    wrong = []
    for collection, rows in wanted.items():
        left = dict(rows)
        for document in found[collection]:
            key, value = frozen(document["_id"]), view.content(collection, document)
            if value is not None and left.pop(key, None) != value:
                wrong.append(f"{collection} {key}: {value} instead of {rows.get(key)}")
        wrong += [f"{collection} {key}: missing" for key in list(left)[:3]]
    return wrong
