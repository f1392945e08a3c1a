"""One document by itself: is it what some state of its rows looks like, and which?

The read model is eventually consistent, and a document joins rows of several tables, which arrive on different ways. So an item may show
its new title with its old tags. What it can never show: columns of one row that come from different writes; the owner's id of one version
of the row with the title of another; an owner's name that was never that owner's; a tag that the item never had.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chaos.checker.findings import Kind
from chaos.checker.model import Model
from chaos.history.records import Op, Outcome
from chaos.tokens import Tokens, Torn


@dataclass(frozen=True)
class Shown:
    """What a document shows: versions of its row and of its owner's, None for what this run did not write, and what is wrong with it."""

    version: int | None
    owner: int | None
    owner_version: int | None
    wrong: tuple[tuple[Kind, str], ...]


def shown(model: Model, tokens: Tokens, table: str, key: int, document: Mapping[str, Any]) -> Shown:
    """Look at a document of `table` with this key."""
    wrong: list[tuple[Kind, str]] = []
    read = tokens.read_user(document) if table == "users" else tokens.read_item(document)
    version = None if isinstance(read, Torn) else read
    if isinstance(read, Torn):
        wrong.append((Kind.TORN, read.what))
    elif version is not None:
        wrong += _origin(model, table, key, version)
    if table == "users":
        return Shown(version, None, None, tuple(wrong))
    owner = document.get("owner") or {}
    of_owner = tokens.read_user(owner) if owner.get("name") is not None else None
    owner_version = None if isinstance(of_owner, Torn) else of_owner
    if isinstance(of_owner, Torn):
        wrong.append((Kind.TORN, f"owner {of_owner.what}"))
    elif owner_version is not None:
        wrong += _origin(model, "users", int(owner["id"]), owner_version)
    write = model.write(table, key, version) if version is not None else None
    if write is not None and write.owner is not None and owner.get("id") != write.owner:
        wrong.append((Kind.TORN, f"version {version} belongs to owner {write.owner}, shown is owner {owner.get('id')}"))
    wrong += _tags(model, table, key, list(document.get("tags") or ()))
    return Shown(version, owner.get("id"), owner_version, tuple(wrong))


def _origin(model: Model, table: str, key: int, version: int) -> Iterator[tuple[Kind, str]]:
    write = model.write(table, key, version)
    if write is None or write.op is Op.DELETE:
        yield Kind.PHANTOM, f"version {version} was never written to {table} {key}"
    elif write.outcome is Outcome.FAIL:
        yield Kind.REFUSED, f"version {version} was refused ({write.detail}) and is shown"


def _tags(model: Model, table: str, key: int, tags: list[str]) -> Iterator[tuple[Kind, str]]:
    if len(set(tags)) < len(tags):
        yield Kind.DUPLICATED, f"a tag stands twice: {tags}"
    known = model.keys.get((table, key))
    if known and (foreign := set(tags) - known.tags()):
        yield Kind.PHANTOM, f"never had the tags {sorted(foreign)}"
