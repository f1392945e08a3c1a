"""Debezium's JSON envelope, decoded. Pure: bytes in, a `Change` out.

The format is Debezium's "change event" for PostgreSQL (documentation, PostgreSQL connector, "Data change events"), written by
JsonConverter with schemas.enable=false. Anything else is `Poison`; its causes, here and later, stand in docs/dead-letters.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

import orjson

from cdc_consumer.usual import Source, commit_of, usual
from cdc_consumer.version import Version

EPOCH_HEADER: Final = "cdc-epoch"
MAJOR: Final = "3."  # of Debezium, whose envelope this is

Row: TypeAlias = Mapping[str, Any]
Key: TypeAlias = Any  # the key column's value, or ((column, value), ...) sorted by column for a composite key


class Record(Protocol):
    """What is used of a Kafka record (aiokafka.ConsumerRecord)."""

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
    def headers(self) -> Sequence[tuple[str, bytes]]:
        """Connect's headers."""


class Poison(Exception):  # noqa: N818 - the field's word for a record that no retry can help
    """A record that can never be applied. `cause` is a short stable word for counting, the message says the rest."""

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(message)
        self.cause = cause


class Change(NamedTuple):
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
    if (found := usual(record.value)) and (version := _known(found.source, record)):
        return Change(found.source.table, found.op, key_of(record.key), found.before, found.after, version, found.source.ts_ms, found.ts_ms)
    return _any(record, record.value)


def _known(source: Source, record: Record) -> Version | None:
    """The version of a record of a source and an epoch that were seen before; None when it has to be looked at more carefully."""
    headers = record.headers
    if len(headers) != 1 or headers[0][0] != EPOCH_HEADER or (epoch := _epochs.get(headers[0][1])) is None:
        return None
    if (source.connector, source.version, source.schema, source.table, record.topic) not in _understood:
        return None
    commit = commit_of(source)
    return None if commit is None else Version(epoch, commit, source.lsn)


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
    return Change(table, op, key_of(record.key), before, None if op == "d" else after, version, commit_ms, captured_ms)


def key_of(data: bytes | None) -> Key:
    """The key of a row, from a record's key. Raises Poison when it cannot be one."""
    if data is None:
        raise Poison("missing_key", "record has no key: the table needs a primary key")
    fields = _json("key", data)
    if len(fields) == 1:
        (part,) = fields.values()
        if type(part) is int or type(part) is str:  # nearly every key
            return part
    if not fields:
        raise Poison("missing_key", "record has an empty key")
    if any(isinstance(part, dict | list) for part in fields.values()):
        raise Poison("bad_key", f"a key cannot hold an array or object: {fields!r}"[:300])
    return part if len(fields) == 1 else tuple(sorted(fields.items()))


_understood: Final[set[tuple[Any, ...]]] = set()  # sources that were checked: one for each topic
_epochs: Final[dict[bytes, int]] = {}  # as written in the header: one for each epoch there was


def _check_source(source: Mapping[str, Any], topic: str) -> None:
    found = connector, version, schema, table = source["connector"], source["version"], source["schema"], source["table"]
    if (*found, topic) in _understood:
        return
    if connector != "postgresql" or not str(version).startswith(MAJOR):
        raise Poison(
            "other_envelope", f"written by {connector!r} {version!r}, this worker reads Debezium's PostgreSQL connector {MAJOR}x: update it"
        )
    if not topic.endswith(f".{schema}.{table}"):
        raise Poison("unknown_table", f"a change of {schema}.{table} on topic {topic}")
    _understood.add((*found, topic))


def _json(what: str, data: bytes) -> dict[str, Any]:
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Poison("not_json", f"{what} is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise Poison("not_json", f"{what} is not a JSON object")
    return parsed


def _version(source: Mapping[str, Any], headers: Sequence[tuple[str, bytes]]) -> Version:
    written = dict(headers)[EPOCH_HEADER]
    epoch = _epochs[written] = int(written)
    if source.get("snapshot") not in ("false", "incremental", None, False):
        return Version(epoch, 0, int(source["lsn"]))
    last_commit: Any
    position: Any
    last_commit, position = orjson.loads(source["sequence"]) if source.get("sequence") else (None, None)
    # A row of an incremental snapshot has no LSN of its own: it is as old as the position at which its window closed.
    lsn = position if source["lsn"] is None else source["lsn"]
    return Version(epoch, max(int(last_commit or 0), 1), int(lsn))
