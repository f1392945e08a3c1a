"""Opaque cursors: the position of the last row of a page, and a hash of the list it belongs to.

Not signed: whoever forges one reads a list from another place, which the list's parameters allow anyway.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from api.problems import CursorMismatch, MalformedCursor

VERSION = 1
MAX_LENGTH = 1024  # the longest name of a tag, every character of it escaped, fits


def list_hash(name: str, filters: Mapping[str, Any]) -> str:
    """Identifies a list: its name and its filters, in any order, those that are None left out."""
    given = sorted((key, str(value)) for key, value in filters.items() if value is not None)
    return hashlib.sha256(json.dumps([name, given]).encode()).hexdigest()[:12]


def encode(position: list[int | str], of: str) -> str:
    """The cursor behind a position (the sort keys of a page's last row) in the list with this hash."""
    raw = json.dumps([VERSION, of, position], ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(cursor: str, of: str) -> list[int | str]:
    """The position. Raises MalformedCursor, or CursorMismatch when the cursor belongs to another list."""
    unreadable = MalformedCursor("The cursor cannot be read.")
    if len(cursor) > MAX_LENGTH:
        raise unreadable
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        version, belongs_to, position = json.loads(raw)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise unreadable from None
    if version != VERSION or not isinstance(position, list) or not all(type(part) in (int, str) for part in position):
        raise unreadable
    if belongs_to != of:
        raise CursorMismatch("The cursor was made with other filters.")
    return position
