"""Documents and rows of a run in the form in which the API shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from pymongo.database import Database

from chaos.checker.model import Place

COLLECTIONS = {"users": "users_read", "items": "items_read"}

SHOWN = dict.fromkeys(("_deleted", "name", "email", "title", "description", "status", "price", "owner", "tags.name"), 1)

_USERS = "SELECT id, name, email FROM users WHERE name LIKE %s"
_ITEMS = """
SELECT i.id, i.title, i.description, i.price, i.status, u.id, u.name, u.email,
       (SELECT coalesce(array_agg(t.name ORDER BY t.name), '{}') FROM item_tags x JOIN tags t ON t.id = x.tag_id WHERE x.item_id = i.id)
FROM items i JOIN users u ON u.id = i.owner_id WHERE i.title LIKE %s
"""


def as_api(table: str, raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """A document as MongoDB has it in the API's form; None for a tombstone."""
    if raw.get("_deleted"):
        return None
    if table == "users":
        return {"name": raw.get("name"), "email": raw.get("email")}
    owner, price = raw.get("owner") or {}, raw.get("price")
    return {
        **{name: raw.get(name) for name in ("title", "description", "status")},
        "price": None if price is None else f"{price:.2f}",
        "owner": {name: owner.get(name) for name in ("id", "name", "email")},
        "tags": [tag["name"] for tag in raw.get("tags") or () if "name" in tag],
    }


def of_mongo(db: Database[dict[str, Any]], table: str, keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Live documents with these keys. Raises PyMongoError."""
    found = db[COLLECTIONS[table]].find({"_id": {"$in": list(keys)}}, SHOWN)
    return {raw["_id"]: shown for raw in found if (shown := as_api(table, raw)) is not None}


def all_of_mongo(db: Database[dict[str, Any]], run: str) -> dict[Place, dict[str, Any]]:
    """Every live document of a run. Raises PyMongoError."""
    found: dict[Place, dict[str, Any]] = {}
    for table, column in (("users", "name"), ("items", "title")):
        for raw in db[COLLECTIONS[table]].find({column: {"$regex": f"^{run} "}}):
            shown = as_api(table, raw)
            if shown is not None:
                found[table, raw["_id"]] = shown
    return found


def all_of_postgres(dsn: str, run: str) -> dict[Place, dict[str, Any]]:
    """Every row of a run, items with their owner and tags. Raises psycopg.Error."""
    with psycopg.connect(dsn, connect_timeout=5, options="-c statement_timeout=30s", application_name="chaos") as connection:
        users = connection.execute(_USERS, [f"{run} %"]).fetchall()
        items = connection.execute(_ITEMS, [f"{run} %"]).fetchall()
    found: dict[Place, dict[str, Any]] = {("users", key): {"name": name, "email": email} for key, name, email in users}
    for key, title, description, price, status, owner, name, email, tags in items:
        found["items", key] = {
            "title": title,
            "description": description,
            "price": f"{price:.2f}",
            "status": status,
            "tags": list(tags),
            "owner": {"id": owner, "name": name, "email": email},
        }
    return found
