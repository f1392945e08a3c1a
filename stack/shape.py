"""How many of each store a stack has. What data were made with, they keep: copies do not appear or vanish by themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from stack import brokers
from stack.errors import StackError
from stack.layout import layout
from stack.settings import Settings, load

_KAFKA_DISK = "kafka*/meta.properties"
_MONGO_DISK = "mongo*/WiredTiger"


def sized(found: Settings, *, brokers: int | None = None, mongo_nodes: int | None = None, proxies: int | None = None) -> Settings:
    """The settings with these numbers; None keeps what is remembered. Raises StackError for one that cannot be, or not with this data."""
    found = _chosen(found, "BROKERS", "brokers", brokers, _KAFKA_DISK)
    found = _chosen(found, "MONGO_NODES", "mongo_nodes", mongo_nodes, _MONGO_DISK)
    return _routed(found, found.state.proxies if proxies is None else proxies)


def _routed(found: Settings, proxies: int) -> Settings:
    """Routes come and go with a start."""
    if proxies not in {0, 1}:
        raise StackError(f"PROXIES={proxies}: 0 or 1 is possible")
    if proxies and (found.state.brokers > 1 or found.state.mongo_nodes > 1):
        raise StackError(
            "PROXIES=1 is for one broker and one MongoDB: each route leads to one place",
            advice="Leave out BROKERS and MONGO_NODES, with data of their own: make up PROXIES=1 STACK_DIR=...",
        )
    return replace(found, state=replace(found.state, proxies=proxies))


def _chosen(found: Settings, word: str, name: str, wanted: int | None, disk: str) -> Settings:
    had = int(getattr(load({"STACK_DIR": str(found.directory)}).state, name))
    if wanted is None or wanted == had:
        return found
    if wanted not in brokers.SIZES:
        raise StackError(f"{word}={wanted}: {' or '.join(map(str, brokers.SIZES))} is possible")
    if _holds(layout(found.directory).data, disk):
        raise StackError(
            f"the data in {found.directory} were made with {word}={had}, and cannot be had with {word}={wanted}",
            advice=f"Delete them first: make reset, then make up {word}={wanted}   (or choose another place: STACK_DIR=...)",
        )
    changed: dict[str, Any] = {name: wanted}
    return replace(found, state=replace(found.state, **changed))


def _holds(data: Path, disk: str) -> bool:
    return any(True for _ in data.glob(disk))
