"""Values that the source did not send: TOASTed, left unchanged by an update, in a table without REPLICA IDENTITY FULL. Pure.

Debezium puts a placeholder in their place (`unavailable.value.placeholder` in connectors/postgres.json), in a form that fits the column.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping
from typing import Any, Final

# U+0000 is in no Postgres text, so that nobody's text is taken for it.
UNAVAILABLE: Final = "cdc\0unavailable"
_BYTES: Final = UNAVAILABLE.encode()
_UNAVAILABLE_TEXTS: Final = frozenset({UNAVAILABLE, base64.b64encode(_BYTES).decode()})  # text, json, numeric; bytea
_UNAVAILABLE_LISTS: Final = (
    [UNAVAILABLE],  # text[], varchar[], jsonb[]
    list(_BYTES),  # integer[], bigint[]
    [str(uuid.UUID(bytes=hashlib.md5(_BYTES, usedforsecurity=False).digest(), version=3))],  # uuid[]  # as Java makes it
)

NONE: Final[frozenset[str]] = frozenset()


def unavailable(row: Mapping[str, Any]) -> frozenset[str]:
    """The columns whose value the source did not send."""
    try:
        if _UNAVAILABLE_TEXTS.isdisjoint(row.values()):  # nearly every row, and a tenth of the time
            return NONE
    except TypeError:
        pass  # an array or an object is among them, which no set holds
    found = [
        name
        for name, value in row.items()
        if (type(value) is str and value in _UNAVAILABLE_TEXTS) or (type(value) is list and value in _UNAVAILABLE_LISTS)
    ]
    return frozenset(found)
