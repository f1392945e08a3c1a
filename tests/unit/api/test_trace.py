"""Whose request it is: W3C Trace Context in, ids out."""

import pytest
from starlette.datastructures import Headers

from api import trace
from tests.unit.api.client import serving, settings, slug_of

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def begun(text):
    return trace.begin(Headers({"traceparent": text}))


def test_the_callers_trace_goes_on_with_a_span_of_our_own():
    made = begun(f"00-{TRACE}-{SPAN}-01")
    assert (made.trace_id, made.sampled) == (TRACE, True)
    assert made.traceparent == f"00-{TRACE}-{made.span_id}-01"
    assert made.span_id != SPAN
    assert len(made.span_id) == 16


def test_only_the_first_flag_means_sampled():
    assert not begun(f"00-{TRACE}-{SPAN}-00").sampled
    assert not begun(f"00-{TRACE}-{SPAN}-02").sampled
    assert begun(f"00-{TRACE}-{SPAN}-03").sampled


def test_a_version_to_come_may_say_more():
    assert begun(f"01-{TRACE}-{SPAN}-01-more").trace_id == TRACE


@pytest.mark.parametrize(
    "text",
    ["", "<script>", f"ff-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01-more", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01"],
)
def test_what_is_no_traceparent_begins_a_new_trace_that_leaves_nothing_in_rows(text):
    made = begun(text)
    assert made.trace_id not in {TRACE, "0" * 32}
    assert not made.sampled


def test_a_row_takes_along_a_sampled_trace_alone():
    for flags, wanted in (("01", True), ("00", False)):
        token = trace.current.set(begun(f"00-{TRACE}-{SPAN}-{flags}"))
        assert bool(trace.for_row()) is wanted
        trace.current.reset(token)
    assert trace.for_row() is None


@pytest.mark.asyncio
async def test_an_answer_names_its_request_and_its_trace():
    async with serving(settings()) as client:
        headers = {"traceparent": f"00-{TRACE}-{SPAN}-01", "X-Request-Id": "order-7/try:2"}
        answer = await client.get("/nowhere", headers=headers)
        assert answer.headers["x-request-id"] == "order-7/try:2"
        assert answer.headers["traceparent"].split("-")[1] == answer.json()["trace_id"] == TRACE
        odd = await client.get("/nowhere", headers={"X-Request-Id": "a" * 129})
        assert slug_of(odd) == "no-such-path"  # which also says that the request id is the trace id
