"""The indexes of the read collections, as plain data: the worker creates them, the API's queries rely on them.

Each serves a query of the API; docs/ADR-004.md says which, docs/EVIDENCE.md shows the plans. The default index on `_id`
serves single documents and the unfiltered lists. Every index slows the initial load: add one with its query, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Keys: TypeAlias = tuple[tuple[str, int | str], ...]
Options: TypeAlias = Mapping[str, Any]

# `_id` comes last: a list is in the order of `_id`, so a page is read straight off the index without a sort.
INDEXES: Mapping[str, tuple[tuple[Keys, Options], ...]] = {
    "items_read": (
        ((("owner.id", 1), ("_id", 1)), {"name": "by_owner"}),
        ((("tags.name", 1), ("_id", 1)), {"name": "by_tag"}),
        ((("status", 1), ("_id", 1)), {"name": "by_status"}),
        ((("price", 1), ("_id", 1)), {"name": "by_price"}),
        (
            (("title", "text"),),
            # No stemming and no stop words: titles are in any language. Titles only: indexing descriptions too made
            # the load three times slower. No document has a field of the override's name.
            {"name": "by_title_words", "default_language": "none", "language_override": "_text_language"},
        ),
    ),
}
