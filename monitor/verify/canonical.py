"""Documents of both sides in one form that can be compared value by value. Pure.

========  ===============================================================================================
kind      compared as
========  ===============================================================================================
RAW       itself; 1 and 1.0 are one number, true is none; NaN and infinities as Postgres writes them
DECIMAL   decimal.Decimal by value: 12.5 equals 12.50, but a double or a string never equals a decimal
TIMESTAMP the moment, cut to the millisecond, which is what a BSON date holds
TEXT_TIME the moment, date, time or interval it means (`times`)
UUID      uuid.UUID
JSON      the value, numbers as in RAW, keys of an object in any order
BYTES     bytes
========  ===============================================================================================

A value that is not of its kind stays as it is, and so differs. Tombstones count as absent; `_id` and `_rev` are not
compared; `schema_version` must be the declared one. A list that came from Postgres is put into ascending order of id here.
"""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from cdc_consumer.readmodel.declare import Document, Embed, Fields
from cdc_consumer.readmodel.kinds import Kind
from monitor.verify.times import text_time

State: TypeAlias = dict[str, Any] | None
Convert: TypeAlias = Callable[[Kind, Any], Any]

AS_THEY_ARE = {str, bool, int, type(None)}


def from_postgres(document: Document, raw: Mapping[str, Any]) -> State:
    """A document as the oracle's SQL wrote it."""
    found = _object(raw, document.fields, document.embeds, _postgres_value, ordered=True)
    return found | {"schema_version": document.schema_version}


def from_mongo(document: Document, raw: Mapping[str, Any] | None) -> State:
    """A document as `readmodel.codec.CODEC` decoded it; None when there is none, or a tombstone."""
    if raw is None or raw.get("_deleted"):
        return None
    found = _object(raw, document.fields, document.embeds, _mongo_value, ordered=False)
    return {name: value for name, value in found.items() if name not in {"_id", "_rev"}}


def _object(raw: Mapping[str, Any], fields: Fields, embeds: Mapping[str, Embed], convert: Convert, *, ordered: bool) -> dict[str, Any]:
    found = {}
    for name, value in raw.items():
        if name in fields:
            found[name] = None if value is None else convert(fields[name], value)
        elif name in embeds:
            found[name] = _embedded(value, embeds[name], convert, ordered=ordered)
        else:
            found[name] = plain(value)
    return found


def _embedded(value: Any, embed: Embed, convert: Convert, *, ordered: bool) -> Any:
    if isinstance(value, dict):
        return _object(value, embed.fields, embed.embeds, convert, ordered=ordered)
    if isinstance(value, list):
        rows = [_embedded(row, embed, convert, ordered=ordered) for row in value]
        return sorted(rows, key=lambda row: row["id"]) if ordered else rows
    return plain(value)


def plain(value: Any) -> Any:
    """A value without a kind."""
    if type(value) in AS_THEY_ARE:
        return value
    if isinstance(value, int):
        return int(value)  # BSON's 64-bit integers are a type of their own
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return value


def _number(value: float) -> int | float | str:
    if value.is_integer():
        return int(value)
    if value - value == 0:
        return value
    return {float("inf"): "Infinity", float("-inf"): "-Infinity"}.get(value, "NaN")


def _decimal(value: Decimal) -> Decimal | str:
    return value if value == value else "NaN"  # noqa: PLR0124 - only NaN differs from itself


def _postgres_value(kind: Kind, value: Any) -> Any:
    try:
        return _FROM_POSTGRES[kind](value)
    except (ValueError, ArithmeticError):
        return value  # such as a date of infinity: no BSON date can be equal to it


def _mongo_value(kind: Kind, value: Any) -> Any:
    match kind, value:
        case Kind.DECIMAL, Decimal():
            return _decimal(value)
        case Kind.TIMESTAMP_MS, dt.datetime():
            return _to_millisecond(value)
        case Kind.TEXT_TIME, str():
            return text_time(value)
    return plain(value)


def _timestamp(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return _to_millisecond(moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC))


def _to_millisecond(moment: dt.datetime) -> dt.datetime:
    rest = moment.microsecond % 1000
    return moment.replace(microsecond=moment.microsecond - rest) if rest else moment


_FROM_POSTGRES: dict[Kind, Callable[[Any], Any]] = {
    Kind.RAW: plain,
    Kind.DECIMAL: lambda text: _decimal(Decimal(text)),
    Kind.TIMESTAMP_MS: _timestamp,
    Kind.TEXT_TIME: text_time,
    Kind.UUID: uuid.UUID,
    Kind.JSON: lambda text: plain(json.loads(text)),
    Kind.BYTES: bytes.fromhex,
}
