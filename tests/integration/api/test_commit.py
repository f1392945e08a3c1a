"""One request is one transaction, and the commit comes before the answer."""

import psycopg
import pytest

from tests.unit.api.client import serving, slug_of

pytestmark = pytest.mark.asyncio

ADA = {"name": "Ada", "email": "ada@example.org"}

REFUSES_TO_COMMIT = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
"""

COMMITS_SLOWLY = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow();
"""


async def test_a_commit_that_fails_is_never_answered_as_done(client, postgres):
    postgres.execute(REFUSES_TO_COMMIT)
    response = await client.post("/v1/users", json=ADA)
    assert (response.status_code, slug_of(response)) == (500, "internal-error")
    assert "not now" not in response.text
    assert postgres.execute("SELECT count(*) FROM users").fetchone() == (0,)


async def test_the_row_is_there_for_others_when_the_answer_arrives(client, postgres):
    postgres.execute(COMMITS_SLOWLY)
    seen = []

    async def look(response):
        seen.append(postgres.execute("SELECT count(*) FROM users").fetchone())

    client.event_hooks["response"] = [look]  # called as soon as the status is known, before the body is read
    assert (await client.post("/v1/users", json=ADA)).status_code == 201
    assert seen == [(1,)]


async def test_a_lost_connection_at_commit_says_that_the_outcome_is_not_known(client, postgres):
    postgres.execute(REFUSES_TO_COMMIT.replace("RAISE EXCEPTION 'not now'", "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL"))
    postgres.execute("ALTER FUNCTION refuse() SECURITY DEFINER")
    response = await client.post("/v1/users", json=ADA)
    assert (response.status_code, slug_of(response)) == (503, "postgres-unavailable")
    assert response.json()["outcome"] == "unknown"


async def test_a_request_that_waits_for_a_lock_too_long_is_told_so(api_settings, postgres_dsn):
    async with serving(api_settings.model_copy(update={"lock_timeout_s": 0.5})) as client:
        made = (await client.post("/v1/users", json=ADA)).json()
        with psycopg.connect(postgres_dsn) as other:
            other.execute("SELECT FROM users FOR UPDATE")
            response = await client.put(f"/v1/users/{made['id']}", json=ADA)
    assert (response.status_code, slug_of(response)) == (503, "postgres-unavailable")
    assert response.json()["outcome"] == "none"


async def test_before_the_migrations_it_is_not_ready(client, postgres):
    postgres.execute("ALTER TABLE users RENAME TO users_later")
    response = await client.post("/v1/users", json=ADA)
    assert (response.status_code, slug_of(response)) == (503, "postgres-unavailable")
    assert slug_of(await client.get("/readyz")) == "not-ready"
