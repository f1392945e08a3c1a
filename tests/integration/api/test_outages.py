"""A database that hangs is an answer in time, and everything goes on by itself when it is back."""

import asyncio
import time

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import make_url

from tests.integration.api.proxy import Proxy
from tests.unit.api.client import serving, slug_of
from tests.waiting import eventually

pytestmark = pytest.mark.asyncio

SESSIONS = "FROM pg_stat_activity WHERE application_name = 'api' AND datname = current_database()"
ADA = {"name": "Ada", "email": "ada@example.org"}


async def test_postgres_hangs_and_comes_back(api_settings, api_dsn, postgres):
    async with Proxy(api_dsn.host, api_dsn.port).running() as proxy:
        dsn = make_url(api_dsn).set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        short = {"postgres_dsn": SecretStr(dsn), "transaction_timeout_s": 1.0, "health_timeout_s": 0.5}
        async with serving(api_settings.model_copy(update=short)) as client:
            assert (await client.post("/v1/users", json=ADA)).status_code == 201
            proxy.freeze()
            started = time.monotonic()
            frozen = await client.post("/v1/users", json=ADA | {"email": "b@example.org"})
            assert (frozen.status_code, slug_of(frozen)) == (503, "postgres-unavailable")
            assert slug_of(await client.get("/readyz")) == "not-ready"
            assert time.monotonic() - started < 3
            assert (await client.get("/v1/users")).status_code == 200  # reads do not need it
            proxy.thaw()
            async with asyncio.timeout(10):
                while (await client.post("/v1/users", json=ADA | {"email": "c@example.org"})).status_code == 503:
                    pass
            assert (await client.get("/readyz")).status_code == 200
    assert ("c@example.org",) in postgres.execute("SELECT email FROM users").fetchall()


async def test_connections_that_postgres_closed_are_replaced_unseen(client, postgres):
    assert (await client.post("/v1/users", json=ADA)).status_code == 201
    postgres.execute(f"SELECT pg_terminate_backend(pid) {SESSIONS}")
    assert (await client.post("/v1/users", json=ADA | {"email": "b@example.org"})).status_code == 201


def waits_for_lock(postgres):
    return postgres.execute(f"SELECT {SESSIONS} AND wait_event_type = 'Lock'").fetchall()


async def test_more_writers_than_connections_are_told_to_come_back(api_settings, postgres, postgres_dsn):
    few = {"pool_size": 1, "pool_overflow": 0, "pool_wait_s": 0.3}
    async with serving(api_settings.model_copy(update=few)) as client:
        made = (await client.post("/v1/users", json=ADA)).json()
        with psycopg.connect(postgres_dsn, connect_timeout=5) as holder:
            holder.execute("SELECT FROM users FOR UPDATE")
            waiting = asyncio.create_task(client.put(f"/v1/users/{made['id']}", json=ADA))
            await asyncio.to_thread(eventually, lambda: waits_for_lock(postgres), seconds=5, what="the first request waits")
            refused = await client.delete(f"/v1/users/{made['id']}")
            assert (refused.status_code, slug_of(refused)) == (503, "postgres-unavailable")
        assert (await waiting).status_code == 200


async def test_mongo_hangs_and_comes_back(api_settings, mongo_uri, read_model):
    read_model.user(1)
    address = mongo_uri.removeprefix("mongodb://").split("/")[0]
    host, _, port = address.partition(":")
    async with Proxy(host, port).running() as proxy:
        uri = SecretStr(f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true")
        short = {"mongo_uri": uri, "mongo_timeout_s": 1.0, "health_timeout_s": 0.5}
        async with serving(api_settings.model_copy(update=short)) as client:
            assert (await client.get("/v1/users/1")).status_code == 200
            proxy.freeze()
            started = time.monotonic()
            for path in ("/v1/users/1", "/v1/items", "/v1/tags"):
                frozen = await client.get(path)
                assert (frozen.status_code, slug_of(frozen)) == (503, "mongo-unavailable")
            assert slug_of(await client.get("/readyz")) == "not-ready"
            assert time.monotonic() - started < 6
            assert (await client.post("/v1/users", json=ADA)).status_code == 201  # writes do not need it
            proxy.thaw()
            async with asyncio.timeout(15):
                while (await client.get("/v1/users/1")).status_code == 503:
                    pass
