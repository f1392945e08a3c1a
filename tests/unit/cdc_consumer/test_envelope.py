import base64
import dataclasses

import orjson
import pytest

from cdc_consumer.envelope import decode
from cdc_consumer.poison import Poison
from cdc_consumer.toast import UNAVAILABLE, unavailable
from cdc_consumer.version import Version
from tests.events import record

ROW = {"id": 7, "title": "lamp"}


def decoded(*args, **kwargs):
    change = decode(record(*args, **kwargs))
    assert change is not None
    return change


def test_an_update_carries_both_images_and_its_version():
    change = decoded("items", "u", key={"id": 7}, before={"id": 7, "title": "old"}, after=ROW, lsn=100, commit=50, epoch=3)
    assert (change.table, change.op, change.key, change.after) == ("items", "u", 7, ROW)
    assert change.before == {"id": 7, "title": "old"}
    assert change.version == Version(3, 50, 100)


def test_a_delete_has_no_after_image():
    assert decoded("items", "d", key={"id": 7}, before=ROW).after is None


def test_a_composite_key_does_not_depend_on_the_order_of_its_columns():
    one = decoded("item_tags", "c", key={"item_id": 1, "tag_id": 2}, after={"item_id": 1, "tag_id": 2})
    other = decoded("item_tags", "c", key={"tag_id": 2, "item_id": 1}, after={"item_id": 1, "tag_id": 2})
    assert one.key == other.key == (("item_id", 1), ("tag_id", 2))


def test_a_truncate_needs_no_key():
    change = decoded("items", "t", key=None)
    assert (change.op, change.key, change.after) == ("t", None, None)


def test_a_tombstone_and_a_logical_message_change_nothing():
    tombstone = dataclasses.replace(record("items", "d", key={"id": 7}, before=ROW), value=None)
    assert decode(tombstone) is None
    assert decode(record("items", "m", key=None)) is None


class TestVersion:
    def test_anything_streamed_is_newer_than_the_initial_snapshot_even_with_a_smaller_lsn(self):
        # A transaction that changed the row before the snapshot and committed after it: docs/decisions/0001-version.md.
        snapshot = decoded("items", "r", key={"id": 7}, after=ROW, snapshot="last", lsn=500, commit=None)
        streamed = decoded("items", "u", key={"id": 7}, before=ROW, after=ROW, lsn=490, commit=None)
        assert snapshot.version < streamed.version

    def test_an_incremental_snapshot_row_is_older_than_a_transaction_that_commits_after_it(self):
        read = decoded("items", "r", key={"id": 7}, after=ROW, snapshot="incremental", lsn=500, commit=450)
        later = decoded("items", "u", key={"id": 7}, before=ROW, after=ROW, lsn=490, commit=510)
        assert read.version < later.version

    def test_a_second_attempt_at_the_snapshot_is_newer_than_the_first(self):
        first = decoded("items", "r", key={"id": 7}, after=ROW, snapshot="true", lsn=500, commit=None)
        second = decoded("items", "r", key={"id": 7}, after=ROW, snapshot="true", lsn=600, commit=None)
        assert first.version < second.version

    def test_a_new_epoch_is_newer_than_everything_before(self):
        old = decoded("items", "u", key={"id": 7}, before=ROW, after=ROW, lsn=9000, commit=8000, epoch=1)
        new = decoded("items", "r", key={"id": 7}, after=ROW, snapshot="true", lsn=10, commit=None, epoch=2)
        assert old.version < new.version

    def test_bson_and_back(self):
        assert Version.from_bson(Version(1, 2, 3).to_bson()) == Version(1, 2, 3)


@pytest.mark.parametrize(
    ("cause", "broken"),
    [
        ("not_json", {"value": b"\xff\x00 not json"}),
        ("not_json", {"value": b"[1, 2]"}),
        ("unknown_operation", {"value": b'{"op": "x", "source": {}}'}),
        ("unknown_operation", {"value": b'{"hello": "world"}'}),
        ("bad_source", {"value": b'{"op": "c", "source": {"table": "items"}, "after": {}}'}),
        ("bad_source", {"headers": ()}),
        ("other_envelope", {"value": b'{"schema": {"type": "struct"}, "payload": {"op": "c"}}'}),
        ("unknown_table", {"topic": "cdc.public.users"}),
        ("unknown_table", {"topic": "cdc.private.items"}),
        ("bad_source", {"headers": (("cdc-epoch", b"soon"),)}),
        ("missing_key", {"key": None}),
        ("missing_key", {"key": b"{}"}),
        ("not_json", {"key": b"7"}),
    ],
)
def test_what_is_not_an_envelope_is_poison_with_its_cause(cause, broken):
    whole = record("items", "u", key={"id": 7}, before=ROW, after=ROW)
    with pytest.raises(Poison) as caught:
        decode(dataclasses.replace(whole, **broken))
    assert caught.value.cause == cause


def test_an_update_without_after_image_is_poison():
    with pytest.raises(Poison) as caught:
        decode(record("items", "u", key={"id": 7}, before=ROW, after=None))
    assert caught.value.cause == "missing_row"


@pytest.mark.parametrize("other", [{"version": "2.7.4.Final"}, {"version": None}, {"connector": "mysql"}])
def test_an_envelope_of_another_version_or_connector_is_poison(other):
    whole = record("items", "u", key={"id": 7}, before=ROW, after=ROW)
    envelope = orjson.loads(whole.value or b"")
    envelope["source"] |= other
    with pytest.raises(Poison, match="update it") as caught:
        decode(dataclasses.replace(whole, value=orjson.dumps(envelope)))
    assert caught.value.cause == "other_envelope"


def test_unavailable_values_are_found_in_every_form_debezium_writes_them():
    in_base64 = base64.b64encode(UNAVAILABLE.encode()).decode()
    lists = {"texts": [UNAVAILABLE], "ints": [99, 100, 99, 0, *b"unavailable"], "uuids": ["26dbd109-b0b0-303d-9289-aea2451aa555"]}
    assert unavailable(lists | {"text": UNAVAILABLE, "bytes": in_base64}) == {"text", "bytes", *lists}
    assert unavailable({"id": 1, "fine": "text", "none": None, "other": [99], "empty": []}) == frozenset()
