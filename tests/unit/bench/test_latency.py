from bench.latency import complete

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
