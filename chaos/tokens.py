"""How the version of a write is written into a row, so that whoever reads the document knows which write he sees. Pure.

Several columns that one transaction writes carry the same number. A document whose columns carry different ones is torn: it is not
what any state of its row looks like.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

STATUSES = ("draft", "active", "sold", "archived")
CENTS = 10**12  # a price has ten digits before the point and two after it


@dataclass(frozen=True)
class Torn:
    """Columns that one transaction wrote do not belong together; `what` names them with their values."""

    what: str


@dataclass(frozen=True)
class Tokens:
    """The numbers of one run; `run` is a short word that no other run has."""

    run: str

    def user(self, version: int) -> dict[str, Any]:
        """A user as this write leaves it."""
        return {"name": f"{self.run} {version}", "email": f"{self.run}.{version}@chaos.example.org"}

    def item(self, version: int, owner: int, tags: tuple[str, ...]) -> dict[str, Any]:
        """An item as this write leaves it."""
        return {
            "owner_id": owner,
            "title": f"{self.run} {version}",
            "description": f"{self.run} {version}",
            "price": f"{version % CENTS / 100:.2f}",
            "status": STATUSES[version % len(STATUSES)],
            "tags": list(tags),
        }

    def number(self, text: Any) -> int | None:
        """The version in a name or title; None if this run did not write it."""
        word, _, number = text.partition(" ") if isinstance(text, str) else ("", "", "")
        return int(number) if word == self.run and number.isdigit() else None

    def read_user(self, found: Mapping[str, Any]) -> int | Torn | None:
        """The version of a user, or of the owner inside an item; None if this run did not write it."""
        version = self.number(found.get("name"))
        if version is None:
            return None
        return (
            version if found.get("email") == self.user(version)["email"] else Torn(f"name {found['name']!r}, email {found.get('email')!r}")
        )

    def read_item(self, found: Mapping[str, Any]) -> int | Torn | None:
        """The version of an item's own columns; None if this run did not write it."""
        version = self.number(found.get("title"))
        if version is None:
            return None
        wanted = self.item(version, 0, ())
        wrong = [name for name in ("description", "price", "status") if str(found.get(name)) != wanted[name]]
        return Torn(f"title {found['title']!r}, " + ", ".join(f"{name} {found.get(name)!r}" for name in wrong)) if wrong else version
