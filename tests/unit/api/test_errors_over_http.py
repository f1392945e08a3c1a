import re

import pytest
import pytest_asyncio

from api.main import create_app
from api.problem import Problem
from tests.unit.api.client import serving, settings, slug_of

pytestmark = pytest.mark.asyncio

JSON = {"content-type": "application/json"}
DEEP = b"[" * 60_000
DIGITS = b"9" * 5_000


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client():
    async with serving(settings()) as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "no-such-path"),
        ("GET", "/v1/users/%00", 422, "invalid-request"),
        ("GET", "/v1/users/9223372036854775808", 422, "invalid-request"),
        ("GET", "/v1/users/" + "9" * 5000, 422, "invalid-request"),
        ("GET", "/v1/items?limit=0", 422, "invalid-request"),
        ("GET", "/v1/items?limit=-1", 422, "invalid-request"),
        ("GET", "/v1/items?limit=x", 422, "invalid-request"),
        ("GET", "/v1/items?cursor=x", 400, "malformed-cursor"),
        ("GET", "/v1/items?cursor=%00%ff", 400, "malformed-cursor"),
        ("GET", "/v1/items?ownr=3", 422, "invalid-request"),
        ("GET", "/v1/items?owner=99999999999999999999", 422, "invalid-request"),
        ("GET", "/v1/items?status=gone", 422, "invalid-request"),
        ("GET", "/v1/items?min_price=5&max_price=4", 422, "invalid-request"),
        ("GET", "/v1/items?text=%00", 422, "invalid-request"),
        ("GET", "/problems/nonsense", 404, "no-such-path"),
        ("PATCH", "/v1/users", 405, "method-not-allowed"),
        ("DELETE", "/v1/tags", 405, "method-not-allowed"),
        ("POST", "/livez", 405, "method-not-allowed"),
    ],
)
async def test_requests_without_body(client, method, path, status, slug):
    response = await client.request(method, path)
    assert (response.status_code, slug_of(response)) == (status, slug)


@pytest.mark.parametrize(
    ("body", "headers", "status", "slug"),
    [
        (b'{"name":', JSON, 400, "malformed-json"),
        (DEEP, JSON, 400, "malformed-json"),
        (DIGITS, JSON, 400, "malformed-json"),
        (b'"\xff"', JSON, 400, "malformed-json"),
        (b"", JSON, 422, "invalid-request"),
        (b"null", JSON, 422, "invalid-request"),
        (b"[]", JSON, 422, "invalid-request"),
        (b'{"name":"a\\u0000","email":"a@b.co"}', JSON, 422, "invalid-request"),
        (b'{"name":"\\ud800","email":"a@b.co"}', JSON, 422, "invalid-request"),
        (b'{"name":"a","email":"a@b.co","admin":true}', JSON, 422, "invalid-request"),
        (b'{"name":NaN,"email":"a@b.co"}', JSON, 422, "invalid-request"),
        (b"{}", {"content-type": "text/plain"}, 415, "unsupported-media-type"),
        (b"{}", {"content-type": "multipart/form-data"}, 415, "unsupported-media-type"),
        (b"{}", {}, 415, "unsupported-media-type"),
        (b" " * 70_000, JSON, 413, "body-too-large"),
    ],
)
async def test_bodies(client, body, headers, status, slug):
    response = await client.post("/v1/users", content=body, headers=headers)
    assert (response.status_code, slug_of(response)) == (status, slug)


async def test_a_body_of_unknown_length_is_bounded_too(client):
    async def endless():
        for _ in range(1000):
            yield b" " * 1000

    response = await client.post("/v1/users", content=endless(), headers=JSON)
    assert (response.status_code, slug_of(response)) == (413, "body-too-large")
    assert response.json()["max_bytes"] == 65_536


async def test_a_method_that_is_not_allowed_is_told_which_are(client):
    assert set((await client.patch("/v1/users/1")).headers["allow"].split(", ")) <= {"GET", "PUT", "DELETE"}


async def test_each_value_that_is_not_valid_is_named(client):
    body = {"owner_id": 2**70, "title": "", "price": "free", "tags": ["a", 3]}
    found = (await client.post("/v1/items", json=body)).json()["errors"]
    assert {error["pointer"] for error in found} == {"/owner_id", "/title", "/price", "/tags/1"}
    assert {error["in"] for error in found} == {"body"}


async def test_a_tag_may_not_be_named_twice(client):
    response = await client.post("/v1/items", json={"owner_id": 1, "title": "a", "price": 1, "tags": ["a", " a "]})
    assert response.json()["errors"][0]["pointer"] == "/tags"


@pytest.mark.parametrize(
    ("method", "path", "slug"),
    [
        ("GET", "/v1/users", "mongo-unavailable"),
        ("GET", "/v1/items/1", "mongo-unavailable"),
        ("GET", "/v1/tags", "mongo-unavailable"),
        ("DELETE", "/v1/users/1", "postgres-unavailable"),
        ("GET", "/readyz", "not-ready"),
        ("GET", "/v1/health/", "not-ready"),
    ],
)
async def test_without_databases_it_says_when_to_come_back(client, method, path, slug):
    response = await client.request(method, path)
    assert (response.status_code, slug_of(response)) == (503, slug)
    assert int(response.headers["retry-after"]) > 0
    assert not re.search(r"hunter2|127\.0\.0\.1|Traceback|SELECT|DELETE FROM", response.text)


async def test_a_write_that_did_not_begin_says_that_nothing_was_written(client):
    assert (await client.delete("/v1/users/1")).json()["outcome"] == "none"


async def test_alive_without_databases(client):
    assert (await client.get("/livez")).json() == {"status": "ok"}


async def test_a_mistake_of_ours_tells_nothing_of_the_inside():
    app = create_app(settings())

    @app.get("/broken")
    async def broken():
        raise ZeroDivisionError("SELECT secret FROM passwords")

    async with serving(app) as client:
        response = await client.get("/broken")
    assert (response.status_code, slug_of(response)) == (500, "internal-error")
    assert not re.search("secret|ZeroDivision|Traceback|client.py", response.text)


async def test_the_trace_id_of_the_caller_is_taken_over(client):
    trace = "0af7651916cd43dd8448eb211c80319c"
    response = await client.get("/nowhere", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
    assert response.json()["trace_id"] == trace
    other = await client.get("/nowhere", headers={"traceparent": "<script>"})
    assert re.fullmatch("[0-9a-f]{32}", other.json()["trace_id"])


@pytest.mark.parametrize("slug", sorted(Problem.kinds))
async def test_the_type_of_a_problem_is_a_page(client, slug):
    page = await client.get(f"/problems/{slug}")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert slug in page.text
