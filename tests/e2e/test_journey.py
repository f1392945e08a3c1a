"""What a client does: write through HTTP, read the joined document, change everything about it, and see it follow."""

import uuid

from tests.e2e.api import until


def created(api, path, body):
    answer = api.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def read(api, path):
    def ask():
        answer = api.get(path)
        return answer.json() if answer.status_code == 200 else None

    return ask


def is_gone(api, path):
    return lambda: api.get(path).status_code


def test_a_document_follows_its_rows(api):
    word = uuid.uuid4().hex[:8]
    ada = created(api, "/v1/users", {"name": "Ada", "email": f"ada.{word}@example.org"})
    bob = created(api, "/v1/users", {"name": "Bob", "email": f"bob.{word}@example.org"})
    item = created(
        api,
        "/v1/items",
        {"owner_id": ada["id"], "title": f"engine {word}", "price": "12.50", "status": "active", "tags": [f"brass-{word}", f"new-{word}"]},
    )
    path = f"/v1/items/{item['id']}"

    document = until(read(api, path), lambda found: found is not None and len(found["tags"]) == 2)
    assert document == item
    assert document["owner"] == {"id": ada["id"], "name": "Ada", "email": ada["email"]}

    body = {
        "owner_id": ada["id"],
        "title": f"loom {word}",
        "price": "99.00",
        "status": "sold",
        "description": "moved",
        "tags": item["tags"],
    }
    assert api.put(path, json=body).status_code == 200
    document = until(read(api, path), lambda found: found["title"] == f"loom {word}")
    assert (document["price"], document["status"], document["description"]) == ("99.00", "sold", "moved")

    assert api.put(f"/v1/users/{ada['id']}", json={"name": "Ada L.", "email": ada["email"]}).status_code == 200
    until(read(api, path), lambda found: found["owner"]["name"] == "Ada L.")

    assert api.put(path, json={**body, "owner_id": bob["id"]}).status_code == 200
    until(read(api, path), lambda found: found["owner"]["name"] == "Bob")

    assert api.put(path, json={**body, "owner_id": bob["id"], "tags": [f"old-{word}"]}).status_code == 200
    until(read(api, path), lambda found: found["tags"] == [f"old-{word}"])
    by_tag = until(read(api, f"/v1/items?tag=old-{word}"), lambda found: bool(found["items"]))
    assert [found["id"] for found in by_tag["items"]] == [item["id"]]

    assert api.delete(f"/v1/users/{bob['id']}").status_code == 409
    assert api.delete(path).status_code == 204
    until(is_gone(api, path), lambda status: status == 404)
    assert api.delete(f"/v1/users/{bob['id']}").status_code == 204
    until(is_gone(api, f"/v1/users/{bob['id']}"), lambda status: status == 404)
