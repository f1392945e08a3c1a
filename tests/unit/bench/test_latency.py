from unittest import mock

from bench.latency import Watcher, complete
from bench.load import Write

TAGS = [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]
WHOLE = {"title": "Write 1", "owner": {"id": 1, "name": "Writer 1"}, "tags": TAGS}


def test_a_joined_document_is_complete_when_its_owner_and_both_tags_have_their_names():
    assert complete(WHOLE, joined=True)
    for part in ({"owner": {"id": 1}}, {"owner": None}, {"tags": TAGS[:1]}, {"tags": [{"id": 1}, {"id": 2, "name": "b"}]}):
        assert not complete({**WHOLE, **part}, joined=True)


def test_a_row_is_complete_with_its_title_and_a_tombstone_never():
    assert complete({"title": "Write 1", "owner_id": 1}, joined=False)
    assert not complete({"_deleted": True}, joined=False)
    assert not complete({}, joined=True)


def link(item, tag):
    """As both peers write a row that has only key columns."""
    return {"_id": {"item_id": item, "tag_id": tag}}


def test_of_a_write_with_links_every_row_is_awaited_in_any_order_and_counted_once():
    watcher = Watcher(mock.Mock(), whole=True)
    watcher.expect([Write(0.0, 7, "new", insert=True), Write(0.0, 8, "changed", insert=False)])
    for row in (
        link(7, 1),
        {"_id": {"id": 7}, "title": "new"},
        {"_id": {"id": 7}, "title": "new"},
        {"_id": {"id": 1}, "name": "Writer 1"},
        {},
    ):
        watcher._note(row, joined=False)
        assert not watcher.seen
    watcher._note(link(7, 2), joined=False)
    watcher._note({"_id": {"id": 8}, "title": "changed"}, joined=False)
    assert watcher.seen.keys() == {"new", "changed"}
