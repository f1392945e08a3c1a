"""One traced request, followed from the API to the worker's log line; and the worker's counters, each seen to move."""

import contextlib
import re
import secrets
import uuid
from typing import Any

import orjson
import pymongo
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from stack.layout import layout
from tests.e2e.api import until
from tests.scraping import scrape

TRACE = secrets.token_hex(16)


@pytest.fixture(scope="module")
def metrics(stack):
    """Scrapes worker 1."""
    return lambda: scrape(f"127.0.0.1:{stack.env['CDC_METRICS_PORT']}")


@pytest.fixture(scope="module")
def owner(api):
    """A user that is readable."""
    made = api.post("/v1/users", json={"name": "Ada", "email": f"ada.{uuid.uuid4().hex[:8]}@example.org"}).json()
    until(lambda: api.get(f"/v1/users/{made['id']}").status_code, lambda status: status == 200)
    return made


@pytest.fixture(scope="module")
def traced(api, owner):
    """An item written by a sampled request: (its id, the answer)."""
    body = {"owner_id": owner["id"], "title": "engine", "price": "1.00", "tags": []}
    headers = {"traceparent": f"00-{TRACE}-{secrets.token_hex(8)}-01", "X-Request-Id": f"test-{TRACE[:8]}"}
    answer = api.post("/v1/items", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], answer


def logged(stack, program, *words):
    """The fields of the log lines of a program that have all the words."""
    text = (layout(stack.directory).log / f"{program}.log").read_text()
    lines = [line for line in text.splitlines() if all(word in line for word in words)]
    return [orjson.loads(line) if line.startswith("{") else dict(re.findall(r"(\w+)=(\S+)", line)) for line in lines]


@pytest.fixture(scope="module")
def line(stack, traced):
    """The worker's line of the traced row."""
    return until(lambda: logged(stack, "worker-1", "row_applied", TRACE), bool)[0]


def consumed(stack, line):
    """The record that a line of the worker's log names."""
    consumer = Consumer({"bootstrap.servers": stack.env["CDC_BROKER"], "group.id": f"test-{uuid.uuid4()}"})
    with contextlib.closing(consumer):
        consumer.assign([TopicPartition(line["topic"], int(line["partition"]), int(line["offset"]))])
        return until(lambda: consumer.poll(1.0), lambda found: found is not None and found.error() is None)


def test_a_traceparent_is_followed_from_the_api_to_the_row_in_the_workers_log(stack, traced, line):
    item_id, answer = traced
    (request,) = until(lambda: logged(stack, "api", "http_request", TRACE), bool)
    assert request["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["traceparent"] == f"00-{TRACE}-{request['span_id']}-01"
    assert (line["parent_span_id"], line["table"], int(line["key"])) == (request["span_id"], "items", item_id)
    envelope = orjson.loads(consumed(stack, line).value())
    assert envelope["after"]["id"] == item_id
    assert envelope["source"]["lsn"] == int(line["lsn"])
    assert envelope["source"]["ts_ms"] == int(line["commit_ms"])


def test_a_write_that_is_not_traced_clears_the_trace_and_is_no_line(stack, api, traced, line):
    item_id, _ = traced
    body = api.get(f"/v1/items/{item_id}").json()
    change = {"owner_id": body["owner"]["id"], "title": "loom", "price": "2.00", "tags": []}
    assert api.put(f"/v1/items/{item_id}", json=change).status_code == 200
    until(lambda: api.get(f"/v1/items/{item_id}").json()["title"], lambda title: title == "loom")
    assert len(logged(stack, "worker-1", "row_applied", TRACE)) == 1
    assert "traceparent" not in api.get(f"/v1/items/{item_id}").json()


def test_a_row_is_measured_on_every_hop(metrics, line):
    found = metrics()
    for hop in ("commit_to_connect", "connect_to_kafka", "kafka_to_worker", "worker_to_mongo"):
        assert found.value("cdc_hop_seconds_count", hop=hop, table="items") > 0
    # On one clock the hops make up the whole, except for fractions of a millisecond that each of them cuts off.
    whole, count = (found.value(f"cdc_end_to_end_seconds_{part}", table="items") for part in ("sum", "count"))
    assert found.total("cdc_hop_seconds_sum", table="items") == pytest.approx(whole, abs=0.005 * count)
    assert found.total("cdc_clock_skew_events_total") == 0


def test_commits_and_rebalances_are_counted(metrics, line):
    assert metrics().value("cdc_rebalances_total") >= 1
    until(lambda: metrics().value("cdc_commits_total", outcome="done"), lambda commits: commits > 0)


def test_a_record_that_comes_again_is_a_stale_row(stack, metrics, line):
    before, record = metrics().value("cdc_stale_rows_total", table="items"), consumed(stack, line)
    producer = Producer({"bootstrap.servers": stack.env["CDC_BROKER"]})
    producer.produce(record.topic(), key=record.key(), value=record.value(), headers=record.headers(), partition=record.partition())
    assert producer.flush(10) == 0
    until(lambda: metrics().value("cdc_stale_rows_total", table="items"), lambda stale: stale == before + 1)


def test_a_document_that_somebody_else_is_writing_is_a_conflict_then_a_retry(stack, api, metrics, traced, line):
    item_id, _ = traced
    before = metrics()
    body = api.get(f"/v1/items/{item_id}").json()
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(stack.env["CDC_MONGO_URI"], serverSelectionTimeoutMS=5000)
    with client, client.start_session() as session:
        session.start_transaction()
        client[stack.env["CDC_MONGO_DB"]]["items_read"].update_one({"_id": item_id}, {"$set": {"_held": True}}, session=session)
        change = {"owner_id": body["owner"]["id"], "title": "held", "price": "2.00", "tags": []}
        assert api.put(f"/v1/items/{item_id}", json=change).status_code == 200

        def gained(name):
            return metrics().total(name) - before.total(name)

        until(lambda: gained("cdc_transaction_conflicts_total"), lambda conflicts: conflicts > 0)
        until(lambda: gained("cdc_retries_total"), lambda retries: retries > 0)
        session.abort_transaction()
    until(lambda: api.get(f"/v1/items/{item_id}").json()["title"], lambda title: title == "held")
