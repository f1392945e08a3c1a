import asyncio

import pytest

from tests.unit.api.client import slug_of

pytestmark = pytest.mark.asyncio


async def user(client, email="ada@example.org", name="Ada"):
    response = await client.post("/v1/users", json={"name": name, "email": email})
    assert response.status_code == 201, response.text
    return response.json()


async def item(client, owner, **changes):
    body = {"owner_id": owner["id"], "title": "Oak chair", "price": "12.50", "tags": ["oak"]} | changes
    response = await client.post("/v1/items", json=body)
    assert response.status_code == 201, response.text
    return response.json()


async def test_a_created_user_is_answered_as_committed(client, postgres):
    response = await client.post("/v1/users", json={"name": " Ada ", "email": "ada@Example.org"})
    body = response.json()
    assert response.headers["location"] == f"/v1/users/{body['id']}"
    assert (body["name"], body["email"]) == ("Ada", "ada@example.org")
    assert body["created_at"] == body["updated_at"]
    assert postgres.execute("SELECT id, name, email FROM users").fetchall() == [(body["id"], "Ada", "ada@example.org")]


async def test_an_email_belongs_to_one_user(client):
    ada, bob = await user(client), await user(client, "bob@example.org")
    again = await client.post("/v1/users", json={"name": "x", "email": ada["email"]})
    assert (again.status_code, slug_of(again)) == (409, "duplicate-email")
    taken = await client.put(f"/v1/users/{bob['id']}", json={"name": "x", "email": ada["email"]})
    assert (taken.status_code, slug_of(taken)) == (409, "duplicate-email")


async def test_put_replaces_a_user_and_moves_updated_at_only(client, postgres):
    before = await user(client)
    after = (await client.put(f"/v1/users/{before['id']}", json={"name": "Countess", "email": "c@example.org"})).json()
    assert (after["name"], after["created_at"]) == ("Countess", before["created_at"])
    assert after["updated_at"] > before["updated_at"]


async def test_updated_at_moves_whoever_writes(client, postgres):
    before = await user(client)
    postgres.execute("UPDATE users SET name = 'psql'")
    assert postgres.execute("SELECT updated_at > created_at FROM users WHERE id = %s", [before["id"]]).fetchone() == (True,)


@pytest.mark.parametrize("path", ["/v1/users/77", "/v1/items/77", f"/v1/items/{2**63 - 1}"])
async def test_ids_that_do_not_exist(client, path):
    owner = await user(client)
    body = {"name": "x", "email": "x@example.org"} if "users" in path else {"owner_id": owner["id"], "title": "a", "price": 1}
    for response in (await client.put(path, json=body), await client.delete(path)):
        assert (response.status_code, slug_of(response)) == (404, "unknown-id")


async def test_who_owns_items_is_not_deleted(client):
    owner = await user(client)
    made = await item(client, owner)
    refused = await client.delete(f"/v1/users/{owner['id']}")
    assert (refused.status_code, slug_of(refused)) == (409, "user-owns-items")
    assert (await client.delete(f"/v1/items/{made['id']}")).status_code == 204
    gone = await client.delete(f"/v1/users/{owner['id']}")
    assert (gone.status_code, gone.content) == (204, b"")


async def test_a_created_item_is_answered_joined(client):
    owner = await user(client)
    made = await item(client, owner, tags=["b", "a"], price=12.5)
    expected = {"title": "Oak chair", "description": None, "price": "12.50", "status": "draft", "tags": ["a", "b"]}
    assert made.items() >= expected.items()
    assert made["owner"] == {"id": owner["id"], "name": "Ada", "email": "ada@example.org"}


async def test_put_replaces_an_item_what_is_left_out_goes_back_to_its_default(client):
    owner, other = await user(client), await user(client, "bob@example.org")
    made = await item(client, owner, description="old", status="active", tags=["a", "b"])
    response = await client.put(f"/v1/items/{made['id']}", json={"owner_id": other["id"], "title": "New", "price": "3"})
    after = response.json()
    expected = {"title": "New", "description": None, "price": "3.00", "status": "draft", "tags": [], "created_at": made["created_at"]}
    assert after.items() >= expected.items()
    assert after["owner"]["id"] == other["id"]


async def test_retagging_touches_only_the_links_that_change(client, postgres):
    owner = await user(client)
    made = await item(client, owner, tags=["a", "b"])
    rows = "SELECT t.name, l.xmin::text FROM item_tags l JOIN tags t ON t.id = l.tag_id"
    before = dict(postgres.execute(rows).fetchall())
    body = {"owner_id": owner["id"], "title": "Oak chair", "price": "12.50", "tags": ["b", "c"]}
    after = await client.put(f"/v1/items/{made['id']}", json=body)
    assert after.json()["tags"] == ["b", "c"]
    assert after.json()["updated_at"] > made["updated_at"]
    links = dict(postgres.execute(rows).fetchall())
    assert links.keys() == {"b", "c"}
    assert links["b"] == before["b"]


async def test_an_item_of_nobody(client, postgres):
    owner = await user(client)
    made = await item(client, owner)
    body = {"owner_id": 999, "title": "a", "price": 1, "tags": ["new"]}
    for response in (await client.post("/v1/items", json=body), await client.put(f"/v1/items/{made['id']}", json=body)):
        assert (response.status_code, slug_of(response)) == (422, "unknown-owner")
        assert response.json()["errors"][0]["pointer"] == "/owner_id"
    assert postgres.execute("SELECT name FROM tags").fetchall() == [("oak",)]  # the refused transaction left nothing


async def test_deleting_an_item_deletes_its_links_and_keeps_the_tags(client, postgres):
    made = await item(client, await user(client))
    await client.delete(f"/v1/items/{made['id']}")
    assert postgres.execute("SELECT (SELECT count(*) FROM item_tags), (SELECT count(*) FROM tags)").fetchone() == (0, 1)


async def test_many_at_once_create_each_tag_once(client, postgres):
    owner = await user(client)
    names = [f"tag {number}" for number in range(12)]
    orders = [names[turn:] + names[:turn] for turn in range(12)]
    made = await asyncio.gather(*(item(client, owner, tags=tags) for tags in orders))
    assert all(one["tags"] == sorted(names) for one in made)
    assert postgres.execute("SELECT count(*) FROM tags").fetchone() == (12,)
    assert postgres.execute("SELECT count(*) FROM item_tags").fetchone() == (144,)


async def test_one_of_two_with_the_same_email_wins(client, postgres):
    body = {"name": "Ada", "email": "ada@example.org"}
    statuses = [response.status_code for response in await asyncio.gather(*(client.post("/v1/users", json=body) for _ in range(8)))]
    assert sorted(statuses) == [201] + [409] * 7
    assert postgres.execute("SELECT count(*) FROM users").fetchone() == (1,)
