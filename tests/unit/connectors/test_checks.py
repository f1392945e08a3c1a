import pytest

from connectors.checks import check_continuity, check_publication
from connectors.errors import SourceMismatchError
from tests.unit.connectors.fake_connect import slot

STREAMED = [{"lsn": 5, "snapshot": None}]
IN_SNAPSHOT = [{"lsn": 5, "snapshot": "INITIAL", "snapshot_completed": False}]


def test_a_fresh_start_and_a_continuation_are_in_order():
    assert check_continuity([], None, "cdc") is None
    assert check_continuity(STREAMED, slot(active=False), "cdc") is None


def test_a_lost_slot_is_not_papered_over():
    with pytest.raises(SourceMismatchError, match="slot cdc is gone") as caught:
        check_continuity(STREAMED, None, "cdc")
    assert "make recover" in caught.value.next_step


def test_a_slot_that_begins_after_the_position_is_not_papered_over():
    # Debezium itself goes on from a slot that somebody advanced, without a word.
    with pytest.raises(SourceMismatchError, match="made anew or advanced"):
        check_continuity(STREAMED, slot(active=False, confirmed=6), "cdc")
    assert check_continuity(STREAMED, slot(active=False, confirmed=5), "cdc") is None


def test_a_slot_in_use_is_moved_by_the_connector_alone():
    assert check_continuity(STREAMED, slot(active=True, confirmed=6), "cdc") is None


@pytest.mark.parametrize("offsets", [[], STREAMED])
def test_an_invalidated_slot_is_not_papered_over(offsets):
    with pytest.raises(SourceMismatchError, match="is lost"):
        check_continuity(offsets, slot(wal_status="lost"), "cdc")


def test_a_slot_without_offsets_is_told():
    note = check_continuity([], slot(active=False), "cdc")
    assert note is not None
    assert "snapshot is taken again" in note


def test_an_unfinished_snapshot_may_lose_its_slot():
    assert check_continuity(IN_SNAPSHOT, None, "cdc") is None


def test_a_table_outside_the_publication_is_named():
    with pytest.raises(SourceMismatchError, match="does not hold tags") as caught:
        check_publication("cdc_pub", {"items": True}, ["items", "tags"])
    assert "alembic upgrade head" in caught.value.next_step


def test_a_table_without_old_values_is_named():
    with pytest.raises(SourceMismatchError, match="not FULL on tags"):
        check_publication("cdc_pub", {"items": True, "tags": False}, ["items", "tags"])


def test_a_publication_may_hold_more():
    check_publication("cdc_pub", {"items": True, "other": False}, ["items"])
