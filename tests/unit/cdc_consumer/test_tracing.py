"""Which rows are logged."""

import structlog

from cdc_consumer import tracing
from cdc_consumer.envelope import decode
from tests.events import record

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{SPAN}-01"


def applied(op="c", parent=PARENT, **more):
    row = {"id": 1, "traceparent": parent}
    found = record("items", op, key={"id": 1}, before=row if op == "d" else None, after=None if op == "d" else row, **more)
    return found, decode(found)


def lines(*some):
    with structlog.testing.capture_logs() as said:
        tracing.log_traced(some, 2.0)
    return said


def test_a_traced_row_is_one_line_with_everything_to_find_it_by():
    (line,) = lines(applied(lsn=77, offset=5), applied(parent=None))
    assert line["event"] == "row_applied"
    wanted = {"trace_id": TRACE, "parent_span_id": SPAN, "table": "items", "op": "c", "key": 1, "lsn": 77, "fetched_ms": 2000}
    assert {**wanted, "topic": "cdc.public.items", "partition": 0, "offset": 5}.items() <= line.items()


def test_a_snapshot_a_delete_and_a_text_that_is_no_traceparent_say_nothing():
    assert lines(applied("r"), applied("d"), applied(parent="by hand"), applied(parent=f"00-{TRACE}")) == []


def test_a_bulk_write_under_one_trace_is_no_flood():
    said = lines(*[applied()] * 70)
    assert [line["event"] for line in said] == ["row_applied"] * 50 + ["row_applied_left_out"]
    assert said[-1]["rows"] == 20
