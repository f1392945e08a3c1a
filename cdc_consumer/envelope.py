"""Debezium's JSON envelope, decoded. Pure: bytes in, a `Change` out.

The format is Debezium's "change event" for PostgreSQL (documentation, PostgreSQL connector, "Data change events"), written by
JsonConverter with schemas.enable=false. Anything else is `Poison`; its causes, here and later, stand in docs/dead-letters.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol, TypeAlias

import msgspec
import orjson

from cdc_consumer.image import UNREADABLE, Image
from cdc_consumer.poison import Poison
from cdc_consumer.usual import NULL, Reader, Source, commit_of, reader
from cdc_consumer.version import Version

EPOCH_HEADER: Final = "cdc-epoch"
MAJOR: Final = "3."  # of Debezium, whose envelope this is

Headers: TypeAlias = tuple[tuple[str, bytes], ...]
Row: TypeAlias = Mapping[str, Any]
Key: TypeAlias = Any  # the key column's value, or ((column, value), ...) sorted by column for a composite key


class Record(Protocol):
    """What is used of a Kafka record (`records.Fetched`)."""

    @property
    def topic(self) -> str:
        """Its topic."""

    @property
    def partition(self) -> int:
        """Its partition."""

    @property
    def offset(self) -> int:
        """Its offset in the partition."""

    @property
    def key(self) -> bytes | None:
        """The primary key as a JSON object."""

    @property
    def value(self) -> bytes | None:
        """The envelope as a JSON object."""

    @property
    def timestamp(self) -> int:
        """When Kafka took it, milliseconds since 1970; 0 when that is not known."""

    @property
    def headers(self) -> Headers:
        """Connect's headers."""


class Change(msgspec.Struct, gc=False):
    """One captured change of one row, or a TRUNCATE of the whole table (op "t", key None)."""

    table: str
    op: str  # c(reate), u(pdate), d(elete), r(ead by a snapshot), t(runcate)
    key: Key
    before: Row | None
    after: Row | None
    version: Version
    commit_ms: int  # source.ts_ms: commit time, milliseconds since 1970; of a snapshot row: when it was read
    captured_ms: int = 0  # ts_ms of the envelope: when the connector handled the event; 0 when that is not known


def decode(record: Record) -> Change | None:
    """The change a record carries; None for what changes nothing (a Kafka tombstone, a logical message).

    Raises:
        Poison: the record is not an envelope this code understands.
    """
    if record.value is None:
        return None  # the delete event before a tombstone says everything
    table, read = _readers.get(record.topic, ("", None))
    if read and (found := read(record.value)) and (version := _known(found.source, record.headers)):
        before = None if found.before == NULL else Image(found.before)
        after = None if found.after == NULL else Image(found.after)
        return Change(table, found.op, key_of(record.key), before, after, version, found.source.ts_ms, found.ts_ms)
    return _any(record, record.value)


def _known(source: Source, headers: Headers) -> Version | None:
    """The version of a record of an epoch that was seen before; None when it has to be looked at more carefully."""
    epoch, commit = _epochs.get(headers), commit_of(source)
    return None if epoch is None or commit is None else _new_version((epoch, commit, source.lsn))


def _any(record: Record, value: bytes) -> Change | None:
    envelope = _json("value", value)
    op = envelope.get("op")
    if op is None and envelope.keys() >= {"schema", "payload"}:
        raise Poison("other_envelope", "schema and payload around the envelope: set value.converter.schemas.enable=false in the connector")
    if op == "m":
        return None
    source = envelope.get("source")
    if op not in ("c", "u", "d", "r", "t") or not isinstance(source, dict):
        raise Poison("unknown_operation", f"op is {op!r}, expected one of c, u, d, r, t with a source block")
    try:
        _check_source(source, record.topic)
        version = _version(source, record.headers)
        table, commit_ms, captured_ms = str(source["table"]), int(source["ts_ms"]), int(envelope.get("ts_ms") or 0)
    except (KeyError, TypeError, ValueError) as error:
        raise Poison("bad_source", f"source block or {EPOCH_HEADER} header not understood: {error!r}") from error
    if op == "t":
        return Change(table, op, None, None, None, version, commit_ms, captured_ms)
    before, after = envelope.get("before"), envelope.get("after")
    if op != "d" and not isinstance(after, dict):
        raise Poison("missing_row", f"op {op} without an after image")
    if before is not None and not isinstance(before, dict):
        raise Poison("missing_row", f"op {op} with a before image that is no row")
    return Change(table, op, key_of(record.key), before, None if op == "d" else after, version, commit_ms, captured_ms)


def key_of(data: bytes | None) -> Key:
    """The key of a row, from a record's key. Raises Poison when it cannot be one."""
    if data is None:
        raise Poison("missing_key", "record has no key: the table needs a primary key")
    try:
        fields: dict[str, Any] = _plain_key(data)  # nearly every one: numbers and texts
    except UNREADABLE:
        fields = _json("key", data)
        if any(isinstance(part, dict | list) for part in fields.values()):
            raise Poison("bad_key", f"a key cannot hold an array or object: {fields!r}"[:300]) from None
    if not fields:
        raise Poison("missing_key", "record has an empty key")
    return next(iter(fields.values())) if len(fields) == 1 else tuple(sorted(fields.items()))


_plain_key: Final = msgspec.json.Decoder(dict[str, int | str]).decode
_understood: Final[dict[tuple[Any, ...], tuple[str, Reader]]] = {}  # sources that were checked, with their topic: table and reader
_readers: Final[dict[str, tuple[str, Reader]]] = {}  # of the source that a topic had last
_epochs: Final[dict[Headers, int]] = {}  # by a record's headers, where the epoch is all of them
_new_version: Final[Callable[[tuple[int, int, int]], Version]] = partial(tuple.__new__, Version)  # half the price of Version(...)


def _check_source(source: Mapping[str, Any], topic: str) -> None:
    found = connector, version, schema, table = source["connector"], source["version"], source["schema"], source["table"]
    known = _understood.get((*found, topic))
    if known is None:
        if connector != "postgresql" or not str(version).startswith(MAJOR):
            raise Poison(
                "other_envelope",
                f"written by {connector!r} {version!r}, this worker reads Debezium's PostgreSQL connector {MAJOR}x: update it",
            )
        if not topic.endswith(f".{schema}.{table}"):
            raise Poison("unknown_table", f"a change of {schema}.{table} on topic {topic}")
        names = dict(zip(("connector", "version", "schema", "table"), map(str, found), strict=True))
        known = _understood[(*found, topic)] = str(table), reader(names)
    _readers[topic] = known


def _json(what: str, data: bytes) -> dict[str, Any]:
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Poison("not_json", f"{what} is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise Poison("not_json", f"{what} is not a JSON object")
    return parsed


def _version(source: Mapping[str, Any], headers: Headers) -> Version:
    epoch = int(dict(headers)[EPOCH_HEADER])
    if len(headers) == 1:
        _epochs[headers] = epoch
    if source.get("snapshot") not in ("false", "incremental", None, False):
        return Version(epoch, 0, int(source["lsn"]))
    last_commit: Any
    position: Any
    last_commit, position = orjson.loads(source["sequence"]) if source.get("sequence") else (None, None)
    # A row of an incremental snapshot has no LSN of its own: it is as old as the position at which its window closed.
    lsn = position if source["lsn"] is None else source["lsn"]
    return Version(epoch, max(int(last_commit or 0), 1), int(lsn))
