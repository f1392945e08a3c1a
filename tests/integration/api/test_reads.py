import itertools
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url

from tests.unit.api.client import serving, slug_of

pytestmark = pytest.mark.asyncio


@pytest.fixture
def api_dsn(stack):
    """Reads need no database of their own in Postgres."""
    return make_url(stack.env["API_POSTGRES_DSN"])


async def ids(client, path="/v1/items", **parameters):
    """All ids of a list, page by page, after checking that the pages fit together."""
    found, cursor = [], None
    for _ in range(50):
        response = await client.get(path, params=parameters | ({"cursor": cursor} if cursor else {}))
        assert response.status_code == 200, response.text
        body = response.json()
        found += [row["id"] for row in body["items"]]
        cursor = body["next"]
        if cursor is None:
            return found
        assert len(body["items"]) == parameters.get("limit", 50)
    raise AssertionError("the list does not end")


async def test_an_item_is_answered_as_the_document_says(client, read_model):
    read_model.item(7, tags=[{"id": 1, "name": "vintage"}, {"id": 2, "name": "oak"}])
    assert (await client.get("/v1/items/7")).json() == {
        "id": 7,
        "title": "Oak chair",
        "description": None,
        "price": "12.50",
        "status": "active",
        "owner": {"id": 1, "name": "Ada", "email": "ada@example.org"},
        "tags": ["oak", "vintage"],
        "created_at": "2026-11-22T17:00:00.123Z",
        "updated_at": "2026-11-22T17:00:00.123Z",
    }


async def test_an_item_whose_owner_and_tags_have_not_arrived(client, read_model):
    read_model.item(7, owner={"id": 3}, tags=[{"id": 1}, {"id": 2, "name": "oak"}])
    body = (await client.get("/v1/items/7")).json()
    assert body["owner"] == {"id": 3, "name": None, "email": None}
    assert body["tags"] == ["oak"]


async def test_a_user_is_answered_as_the_document_says(client, read_model):
    read_model.user(3)
    assert (await client.get("/v1/users/3")).json()["email"] == "u3@example.org"


@pytest.mark.parametrize("kind", ["user", "item"])
async def test_tombstones_are_not_there(client, read_model, kind):
    getattr(read_model, kind)(1, removed=True)
    getattr(read_model, kind)(2)
    response = await client.get(f"/v1/{kind}s/1")
    assert (response.status_code, slug_of(response)) == (404, "unknown-id")
    assert await ids(client, f"/v1/{kind}s") == [2]


async def test_a_fresh_read_model_without_collections(client):
    assert (await client.get("/v1/items")).json() == {"items": [], "next": None}
    assert slug_of(await client.get("/v1/users/1")) == "unknown-id"


async def test_text_is_unavailable_until_the_worker_has_made_its_index(client):
    response = await client.get("/v1/items?text=oak")
    assert (response.status_code, slug_of(response)) == (503, "mongo-unavailable")


async def test_users_are_listed_newest_first_on_pages_of_any_length(client, read_model):
    for key in (5, 1, 9, 3, 7, 2, 4):
        read_model.user(key)
    for limit in (1, 2, 3, 7, 200):
        assert await ids(client, "/v1/users", limit=limit) == [9, 7, 5, 4, 3, 2, 1]


async def test_the_longest_page_has_200_rows(client, read_model):
    for key in range(1, 203):
        read_model.user(key)
    body = (await client.get("/v1/users?limit=100000")).json()
    assert len(body["items"]) == 200
    assert body["next"]


async def test_rows_that_come_and_go_do_not_shift_pages(client, read_model):
    for key in (1, 2, 3, 4):
        read_model.user(key)
    first = (await client.get("/v1/users?limit=2")).json()
    read_model.user(5)
    read_model.database.users_read.update_one({"_id": 3}, {"$set": {"_deleted": True}})
    second = (await client.get("/v1/users", params={"limit": 2, "cursor": first["next"]})).json()
    assert [row["id"] for row in second["items"]] == [2, 1]
    assert second["next"] is None


async def test_filters(client, read_model):
    read_model.item(1, owner={"id": 1, "name": "Ada", "email": "a"}, tags=[{"id": 1, "name": "oak"}], status="draft")
    read_model.item(2, owner={"id": 2}, tags=[{"id": 1, "name": "oak"}, {"id": 2, "name": "old"}], price=Decimal("5.00"))
    read_model.item(3, owner={"id": 2}, tags=[{"id": 2, "name": "old"}], price=Decimal("5.00"), title="Pine table")
    assert await ids(client, owner=2) == [3, 2]
    assert await ids(client, tag="oak") == [2, 1]
    assert await ids(client, tag="oak", owner=2) == [2]
    assert await ids(client, status="draft") == [1]
    assert await ids(client, tag="unheard of") == []
    assert await ids(client, text="pine") == [3]
    assert await ids(client, min_price="5", max_price="12.49") == [2, 3]
    assert await ids(client, min_price="5.01", status="draft") == [1]


SEARCHES = {
    "oak": [2, 1],
    "OAK": [2, 1],
    "oak chair": [1],
    "chair oak": [1],
    "oak pine": [],
    "-oak": [2, 1],
    '"oak"': [2, 1],
    "chaise": [3],
    "Ébène": [3],
    "the": [4],
    "椅子": [5],
    "!!!": [],
    '"': [],
    "$where": [],
}


async def test_text_finds_titles_that_have_all_words(client, read_model):
    for key, title in enumerate(["Oak Chair", "Table of oak", "Chaise en ébène", "The end", "木 椅子"], 1):
        read_model.item(key, title=title, description="the oak chair of the description does not count")
    assert {text: await ids(client, text=text) for text in SEARCHES} == SEARCHES


async def test_prices_order_by_price_then_id_and_equal_prices_are_not_lost_between_pages(client, read_model):
    prices = ["5.00", "1.00", "5.00", "3.00", "5.00", "9999999999.99", "0.00"]
    for key, price in enumerate(prices, 1):
        read_model.item(key, price=Decimal(price))
    for limit in (1, 2, 3, 7):
        assert await ids(client, min_price="0", limit=limit) == [7, 2, 4, 1, 3, 5, 6]
        assert await ids(client, min_price="1", max_price="5", limit=limit) == [2, 4, 1, 3, 5]


async def test_text_with_a_price_range_pages_by_price(client, read_model):
    for key, price in enumerate(["3.00", "1.00", "2.00", "1.00"], 1):
        read_model.item(key, price=Decimal(price), title="Oak chair" if key != 3 else "Pine chair")
    assert await ids(client, text="oak", min_price="1", limit=1) == [2, 4, 1]
    assert await ids(client, text="chair", max_price="2", limit=1) == [2, 4, 3]


async def test_a_cursor_of_other_filters_is_refused(client, read_model):
    read_model.item(1)
    read_model.item(2)
    cursor = (await client.get("/v1/items?owner=1&limit=1")).json()["next"]
    for change in ({"owner": 2}, {"owner": 1, "tag": "a"}, {}, {"min_price": 1}):
        response = await client.get("/v1/items", params=change | {"cursor": cursor})
        assert (response.status_code, slug_of(response)) == (400, "cursor-mismatch")
    assert (await client.get("/v1/items", params={"owner": 1, "limit": 3, "cursor": cursor})).status_code == 200
    assert slug_of(await client.get("/v1/users", params={"cursor": cursor})) == "cursor-mismatch"


TEXT = st.text(max_size=30)
VALUES = {
    "owner": TEXT | st.integers().map(str),
    "tag": TEXT,
    "status": TEXT | st.sampled_from(["draft", "sold"]),
    "min_price": TEXT | st.decimals(0, 100, places=2).map(str),
    "max_price": TEXT | st.decimals(0, 100, places=2).map(str),
    "text": TEXT,
    "limit": TEXT | st.integers().map(str),
    "cursor": TEXT,
}
PARAMETERS = st.fixed_dictionaries({}, optional=VALUES)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parameters=PARAMETERS)
async def test_no_parameters_whatever_are_a_mistake_of_ours(client, read_model, parameters):
    encodable = {name: value.encode(errors="replace").decode() for name, value in parameters.items()}
    response = await client.get("/v1/items", params=encodable)
    assert response.status_code in {200, 400, 422}, response.text


async def test_every_combination_of_filters_finds_what_a_plain_search_finds(client, read_model):
    rows = list(itertools.product([1, 2], ["a", "b"], ["draft", "sold"], [Decimal("1.00"), Decimal("2.00")]))
    for key, row in enumerate(rows, 1):
        read_model.item(key, owner={"id": row[0]}, tags=[{"id": 1, "name": row[1]}], status=row[2], price=row[3])
    choices = itertools.product([None, 1], [None, "b"], [None, "sold"], [None, "1.50"])
    for owner, tag, status, price in choices:
        wanted = {"owner": owner, "tag": tag, "status": status, "min_price": price}
        given_only = {name: value for name, value in wanted.items() if value is not None}
        expected = [
            key
            for key, row in enumerate(rows, 1)
            if owner in {None, row[0]} and tag in {None, row[1]} and status in {None, row[2]} and row[3] >= Decimal(price or 0)
        ]
        found = await ids(client, limit=3, **given_only)
        assert found == (sorted(expected, reverse=True) if price is None else expected)


async def test_another_app_goes_on_with_a_cursor(client, api_settings, read_model):
    read_model.user(1)
    read_model.user(2)
    cursor = (await client.get("/v1/users?limit=1")).json()["next"]
    async with serving(api_settings) as other:
        assert await ids(other, "/v1/users", cursor=cursor) == [1]
