"""JSON of a json or jsonb column, parsed without loss. Pure."""

from __future__ import annotations

import json
from typing import Any, Final

from cdc_consumer.readmodel import numbers

DEEPEST: Final = 90  # levels; MongoDB takes 100 of a document, and the column lies some below its top


def loads(text: str) -> Any:
    """The value, every number exact.

    Raises ValueError for what a document cannot hold: a number beyond Decimal128, a name that stands twice in one object (`json` keeps
    both, `jsonb` the last), more than DEEPEST levels. Kind TEXT holds any of them. Raises TypeError when it is not a string.
    """
    if type(text) is not str:
        raise TypeError
    try:
        found = json.loads(text, parse_float=numbers.real, parse_int=numbers.integer, object_pairs_hook=_object)
        if text.count("[") + text.count("{") > DEEPEST:  # seldom, and otherwise it cannot be deep
            _measure(found, DEEPEST)
    except RecursionError as error:
        raise ValueError(f"JSON of more than {DEEPEST} levels; declare the column as TEXT") from error
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a JSON object holds a name twice; declare the column as TEXT")
    return found


def _measure(value: Any, left: int) -> None:
    if isinstance(value, dict | list):
        if not left:
            raise RecursionError
        for part in value.values() if isinstance(value, dict) else value:
            _measure(part, left - 1)
