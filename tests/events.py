"""Debezium records as the connector writes them, made by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import orjson


@dataclasses.dataclass
class FakeRecord:
    """The part of aiokafka's ConsumerRecord that the worker reads."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int = 0


def record(
    table: str,
    op: str,
    *,
    key: dict[str, Any] | None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    lsn: int = 100,
    commit: int | None = 50,
    snapshot: str = "false",
    epoch: int = 1,
    offset: int = 0,
) -> FakeRecord:
    """One record of topic cdc.public.<table>."""
    envelope = {
        "before": before,
        "after": after,
        "source": {
            "version": "3.7.0.Final",
            "connector": "postgresql",
            "name": "cdc",
            "ts_ms": 1_760_000_000_000,
            "snapshot": snapshot,
            "db": "app",
            "sequence": orjson.dumps([None if commit is None else str(commit), str(lsn)]).decode(),
            "schema": "public",
            "table": table,
            "txId": 7,
            "lsn": None if snapshot == "incremental" else lsn,
            "xmin": None,
        },
        "op": op,
        "ts_ms": 1_760_000_000_100,
    }
    return FakeRecord(
        f"cdc.public.{table}",
        0,
        offset,
        None if key is None else orjson.dumps(key),
        orjson.dumps(envelope),
        (("cdc-epoch", str(epoch).encode()),),
    )
