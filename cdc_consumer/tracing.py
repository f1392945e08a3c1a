"""Following one request to its row: the log line of a row whose write was traced.

The API keeps the W3C traceparent of a sampled request in the row's column `traceparent`, so that it arrives with the row itself. A
line is written once MongoDB has acknowledged the row, again when the record comes again; rows without one cost a dictionary look-up.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import structlog

from cdc_consumer.lag import Decoded

COLUMN: Final = "traceparent"
LINES: Final = 50  # of one chunk: a bulk write under one trace must not become a flood
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")

log = structlog.get_logger()


def log_traced(applied: Sequence[Decoded], fetched: float) -> None:
    """One line for each row that was written by a traced request; `fetched` is when the rows came from Kafka, seconds since 1970."""
    # One column of each: reading whole rows that were not written would cost as much as decoding them.
    traced = [(*one, at) for one in applied if one[1].op != "r" and (row := one[1].after) is not None and (at := row.get(COLUMN))]
    if not traced:
        return
    for record, change, traceparent in traced[:LINES]:
        found = _TRACEPARENT.fullmatch(str(traceparent))
        if found is None:
            continue  # somebody wrote the column by hand
        place: dict[str, Any] = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.info(
            "row_applied",
            trace_id=found[1],
            parent_span_id=found[2],
            table=change.table,
            op=change.op,
            key=change.key,
            lsn=change.version.lsn,
            commit_ms=change.commit_ms,
            fetched_ms=int(fetched * 1000),
            **place,
        )
    if len(traced) > LINES:
        log.info("row_applied_left_out", rows=len(traced) - LINES, table=traced[0][1].table, limit=LINES)
