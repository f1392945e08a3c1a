"""Rows of 200 kB, many in one transaction: they arrive, and the worker's memory stays bounded (`make outages` runs it too)."""

import time
from typing import Any

import psycopg
import pymongo
import pytest

from monitor.verify import Effort, VerifySettings, verify
from tests.asked import whole
from tests.e2e.outage.watching import Watch
from tests.waiting import eventually

ROWS, SIZE = whole("LARGE_ROWS", 2000), 200_000
GROWTH = 500  # MB: 64 in flight as bytes, four chunks at work decoded, what aiokafka holds; not 2,000 rows
# hexadecimal digits: half of it compresses away in Postgres, Kafka and MongoDB
INSERT = (
    "INSERT INTO items (owner_id, title, price, description)"
    " SELECT %s, 'large', 1, (SELECT string_agg(md5(n::text || m::text), '') FROM generate_series(1, %s / 32) m)"
    " FROM generate_series(1, %s) n"
)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_large_rows_arrive_in_bounded_memory(own_stack):
    own_stack.up("--workers", 1)
    dsn, uri = own_stack.env["VERIFY_POSTGRES_DSN"], own_stack.env["CDC_MONGO_URI"]
    settings = VerifySettings(postgres_dsn=dsn, mongo_uri=uri, mongo_db=own_stack.env["CDC_MONGO_DB"])
    client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(uri)
    with Watch(own_stack) as watch, client, psycopg.connect(dsn) as connection:
        documents = client[settings.mongo_db]["items_read"]
        (owner,) = connection.execute("INSERT INTO users (name, email) VALUES ('large', 'large@example.org') RETURNING id").fetchall()[0]
        connection.execute(INSERT, [owner, SIZE, ROWS])
        connection.commit()
        began = time.monotonic()
        eventually(lambda: documents.count_documents({"title": "large"}) >= ROWS, seconds=900, what="all large rows are there")
        loaded = time.monotonic()
        connection.execute("UPDATE users SET name = 'renamed' WHERE id = %s", [owner])
        connection.commit()
        eventually(lambda: documents.count_documents({"owner.name": "renamed"}) >= ROWS, seconds=900, what="all show the new name")
        renamed = time.monotonic()
        assert verify(settings, effort=Effort(recheck_seconds=30, chunk=50)).ok
    before = watch.samples[0].rss
    loading, fanning = ([s.rss for s in watch.during(*span)] for span in ((began, loaded), (loaded, renamed)))
    print(  # noqa: T201 - the figures
        f"\n  {ROWS} rows of {SIZE:,} bytes: {loaded - began:.0f} s, RSS {before:.0f} -> at most {max(loading):.0f} MB;"
        f" their owner renamed: {renamed - loaded:.0f} s, RSS at most {max(fanning, default=0):.0f} MB"
    )
    assert {s.started for s in watch.samples} == {watch.samples[0].started}
    assert max(loading) < before + GROWTH
