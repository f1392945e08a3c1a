"""Whether a document is up to date, for each layout."""

import pytest

from bench.peers import PEERS
from bench.tape import empty
from bench.views import Joined, Rows, differences

LINK = (("item_id", 1), ("tag_id", 5))


@pytest.fixture
def state():
    found = empty()
    found["users"][9] = "Ada"
    found["items"][1] = ("Engine", 9)
    found["tags"][5] = "brass"
    found["item_tags"][LINK] = True
    return found


def document(**changes):
    return {"_id": 1, "title": "Engine", "owner": {"id": 9, "name": "Ada", "email": "a@b"}, "tags": [{"id": 5, "name": "brass"}]} | changes


def test_a_row_is_where_each_sink_puts_it():
    mongodb, debezium = (Rows(peer) for peer in PEERS)
    assert mongodb.place("p", "items", 1) == ("p.public.items", {"id": 1})
    assert debezium.place("p", "item_tags", LINK) == ("p_public_item_tags", {"item_id": 1, "tag_id": 5})
    assert Rows().place("p", "items", 1) == ("mirror_items", 1)
    assert Joined().place("p", "item_tags", LINK) == ("items_joined", 1)
    assert Joined().place("p", "tags", 5) is None


def test_a_row_is_shown_when_its_columns_are_the_new_ones(state):
    assert Rows().shows({"_id": 1, "title": "Engine", "owner_id": 9}, "items", 1, state)
    assert not Rows().shows({"_id": 1, "title": "Old", "owner_id": 9}, "items", 1, state)
    assert not Rows().shows(None, "items", 1, state)


def test_a_deleted_row_is_gone_or_a_tombstone(state):
    assert Rows().shows(None, "items", 2, state)
    assert Rows().shows({"_id": 2, "_deleted": True}, "items", 2, state)
    assert not Rows().shows({"_id": 2, "title": "Engine"}, "items", 2, state)


@pytest.mark.parametrize("incomplete", [{"owner": {"id": 9}}, {"tags": [{"id": 5}]}, {"tags": []}, {"title": "Old"}])
def test_a_joined_document_is_not_there_until_it_is_whole(state, incomplete):
    assert Joined().shows(document(), "item_tags", LINK, state)
    assert not Joined().shows(document(**incomplete), "item_tags", LINK, state)


def test_differences_name_what_is_missing_too_much_or_different(state):
    wanted = Joined().wanted("p", state)
    users = [{"_id": 9, "name": "Ada"}]
    assert differences(wanted, {"users_joined": users, "items_joined": [document()]}, Joined()) == []
    assert differences(wanted, {"users_joined": users, "items_joined": []}, Joined()) == ["items_joined 1: missing"]
    assert len(differences(wanted, {"users_joined": users, "items_joined": [document(tags=[])]}, Joined())) == 1
    assert len(differences(wanted, {"users_joined": [*users, {"_id": 8, "name": "Eve"}], "items_joined": [document()]}, Joined())) == 1
