"""The project's own schema as a world: statements, and the documents they must lead to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.worlds.world import World

KEYS = {"users": ("id",), "items": ("id",), "tags": ("id",), "item_tags": ("item_id", "tag_id")}
TIMES = {"created_at": "2026-11-22T10:00:00.000Z", "updated_at": "2026-11-22T10:00:00.000Z"}
MOMENT = dt.datetime(2026, 11, 22, 10, tzinfo=dt.UTC)


def user(id: int, name: str) -> dict[str, Any]:
    return {"id": id, "name": name, "email": f"{name}@example.org", **TIMES}


def item(id: int, owner_id: int, title: str) -> dict[str, Any]:
    return {"id": id, "owner_id": owner_id, "title": title, "description": None, "price": "9.90", "status": "active", **TIMES}


def tag(id: int, name: str) -> dict[str, Any]:
    return {"id": id, "name": name}


def link(item_id: int, tag_id: int) -> dict[str, Any]:
    return {"item_id": item_id, "tag_id": tag_id}


def expected(world: World) -> Mapping[str, dict[Any, dict[str, Any]]]:
    """The documents of the read model, computed from the rows by hand."""
    times = {"created_at": MOMENT, "updated_at": MOMENT, "schema_version": 1}
    users = {r["id"]: {"_id": r["id"], "name": r["name"], "email": r["email"], **times} for r in world.rows("users")}
    items = {}
    for r in world.rows("items"):
        owner = world.row("users", r["owner_id"])
        tags = []
        for t in sorted(k["tag_id"] for k in world.rows("item_tags") if k["item_id"] == r["id"]):
            found = world.row("tags", t)
            tags.append({"id": t, "name": found["name"]} if found else {"id": t})
        items[r["id"]] = {
            "_id": r["id"],
            "title": r["title"],
            "description": None,
            "price": Decimal("9.90"),
            "status": "active",
            "owner": {"id": owner["id"], "name": owner["name"], "email": owner["email"]} if owner else {"id": r["owner_id"]},
            "tags": tags,
            **times,
        }
    return {"users_read": users, "items_read": items, "canary_read": {}}


MAKE: dict[str, tuple[str, Callable[..., dict[str, Any]]]] = {
    "user": ("users", user),
    "item": ("items", item),
    "tag": ("tags", tag),
    "link": ("item_tags", link),
}


def run(world: World, statement: tuple[Any, ...]) -> None:
    """Perform one statement: ("user", id, name), ("item", id, owner, title), ("link", item, tag), ("drop", table, id) ..."""
    match statement:
        case ("drop", table, key):
            world.delete(table, key)
        case ("unlink", item_id, tag_id):
            world.delete("item_tags", item_id, tag_id)
        case ("truncate", table):
            world.truncate(table)
        case (what, *values):
            table, make = MAKE[what]
            world.put(table, make(*values))
