from cdc_consumer.coalesce import coalesce
from cdc_consumer.envelope import decode
from cdc_consumer.toast import UNAVAILABLE
from cdc_consumer.version import Version
from tests.events import record


def chunk_of(*records):
    return coalesce("items", [change for r in records if (change := decode(r))])


def row(**columns):
    return {"id": 7, "owner_id": 1, "title": "lamp", **columns}


def test_the_newest_state_of_a_row_remains_and_every_image_is_kept():
    chunk = chunk_of(
        record("items", "c", key={"id": 7}, after=row(), lsn=1),
        record("items", "u", key={"id": 7}, before=row(), after=row(owner_id=2), lsn=2),
        record("items", "u", key={"id": 7}, before=row(owner_id=2), after=row(owner_id=3), lsn=3),
    )
    assert [state.columns for state in chunk.rows.values()] == [row(owner_id=3)]
    assert {image["owner_id"] for _, image in chunk.images} == {1, 2, 3}
    assert chunk.rows[7].fresh


def test_a_redelivered_older_change_after_a_newer_one_does_not_win():
    newer = record("items", "u", key={"id": 7}, before=row(), after=row(title="new"), lsn=2)
    older = record("items", "c", key={"id": 7}, after=row(title="old"), lsn=1)
    chunk = chunk_of(newer, older)
    assert chunk.rows[7].columns == row(title="new")
    assert not chunk.rows[7].fresh


def test_insert_then_delete_leaves_a_delete():
    chunk = chunk_of(record("items", "c", key={"id": 7}, after=row(), lsn=1), record("items", "d", key={"id": 7}, before=row(), lsn=2))
    assert chunk.rows[7].columns is None
    assert chunk.rows[7].version == Version(1, 50, 2)


def test_an_unchanged_toast_value_is_taken_from_the_before_image():
    chunk = chunk_of(record("items", "u", key={"id": 7}, before=row(text="long"), after=row(text=UNAVAILABLE, title="new")))
    assert chunk.rows[7].columns == row(text="long", title="new")
    assert not chunk.rows[7].missing


def test_an_unchanged_toast_value_is_taken_from_an_earlier_change_of_the_chunk():
    chunk = chunk_of(
        record("items", "c", key={"id": 7}, after=row(text="long"), lsn=1),
        record("items", "u", key={"id": 7}, after=row(text=UNAVAILABLE, title="new"), lsn=2),
    )
    assert chunk.rows[7].columns == row(text="long", title="new")
    assert not chunk.rows[7].missing


def test_a_toast_value_that_nobody_knows_is_missing_and_the_row_is_blind():
    state = chunk_of(record("items", "u", key={"id": 7}, after=row(text=UNAVAILABLE))).rows[7]
    assert state.missing == {"text"}
    assert state.blind


def test_a_truncate_keeps_its_newest_version():
    chunk = chunk_of(record("items", "t", key=None, lsn=5), record("items", "t", key=None, lsn=9))
    assert chunk.truncated == Version(1, 50, 9)
    assert not chunk.rows


def test_only_a_row_of_which_the_chunk_holds_one_snapshot_row_may_say_nothing_new():
    read = record("items", "r", key={"id": 7}, after=row(), lsn=2)
    older = record("items", "u", key={"id": 7}, before=row(), after=row(), lsn=1)
    newer = record("items", "u", key={"id": 7}, before=row(), after=row(), lsn=3)
    assert chunk_of(read).rows[7].read
    assert not chunk_of(older).rows[7].read
    for others in ([read, older], [older, read], [read, newer], [read, read]):
        assert not chunk_of(*others).rows[7].read
