"""Faults of the source side, one after the other on a stack of their own: after each, the documents are those of SQL.

`make source-faults` runs them all; times are printed with `-s`.
"""

import contextlib
import subprocess
import sys
import threading

import psycopg
import pytest

from tests.e2e.source import SourceSide
from tests.session_stack import started
from tests.waiting import eventually

pytestmark = pytest.mark.timeout(600)

LARGE = "x" + "".join(f"{number:06x}" for number in range(20_000))  # 120 KB that hardly compress below the limit
MADE_AGAIN = "SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')"
ADVANCE = "SELECT pg_replication_slot_advance('cdc', pg_current_wal_insert_lsn())"


@pytest.fixture(scope="module")
def source():
    with started() as stack:
        stack.exec("python", "scripts/seed.py", "--users", "100", "--items", "1000", "--tags", "20", "--seed", "6")
        side = SourceSide(stack)
        side.until_equal()
        yield side
        side.close()


def change(source, word):
    """Rows changed, deleted and inserted."""
    source.sql.execute("UPDATE items SET title = title || %s WHERE id %% 7 = 0", (word,))
    source.sql.execute("DELETE FROM item_tags WHERE item_id IN (SELECT id FROM items ORDER BY id DESC LIMIT 20)")
    source.sql.execute("DELETE FROM items WHERE id IN (SELECT id FROM items ORDER BY id DESC LIMIT 20)")
    source.sql.execute("INSERT INTO tags (name) VALUES (%s)", (word,))


def report(what, **seconds):
    sys.stdout.write(f"\n{what}: " + ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items()) + "\n")


def test_a_task_that_failed_is_restarted_when_its_cause_is_mended(source):
    before = source.metric('cdc_keeper_restarts_total{cause="task"}')
    source.largest_record("items", 20_000)
    source.sql.execute("UPDATE items SET description = %s WHERE id = (SELECT min(id) FROM items)", (LARGE,))
    eventually(lambda: source.metric('cdc_keeper_restarts_total{cause="task"}') > before, seconds=60, what="a restart")
    source.largest_record("items", 33_554_432)
    report("task FAILED", equal=source.until_equal())
    assert source.keeper("/ready") == "ready\n"


@pytest.mark.parametrize("asked", ["pause", "stop"])
def test_what_somebody_paused_stays_paused(source, asked):
    state = {"pause": "PAUSED", "stop": "STOPPED"}[asked]
    source.connect("PUT", f"/{asked}")
    eventually(lambda: source.connect("GET", "/status")["connector"]["state"] == state, seconds=30, what=state)
    looked = source.metric("cdc_keeper_last_look_timestamp_seconds")
    eventually(lambda: source.metric("cdc_keeper_last_look_timestamp_seconds") > looked + 4, seconds=30, what="two more looks")
    assert source.connect("GET", "/status")["connector"]["state"] == state
    source.sql.execute("INSERT INTO tags (name) VALUES (%s)", (asked,))
    source.recover()
    source.until_equal()


def until_stopped(source):
    """Connect acts on a stop first and says so later."""
    eventually(lambda: source.connect("GET", "/status")["connector"]["state"] == "STOPPED", seconds=30, what="STOPPED")


def test_a_dropped_slot_is_noticed_and_recovered_from(source):
    source.drop_slot()
    change(source, " gap")
    noticed = source.until_noticed("is gone")
    assert source.metric("cdc_keeper_slot_lost") == 1
    source.sql.execute(MADE_AGAIN)  # hides the loss from whoever looks at the slot alone
    until_stopped(source)
    assert not source.differences().ok
    recovered = source.recover()
    report("slot dropped", noticed=noticed, recovered=recovered, equal=source.until_equal())
    assert source.keeper("/ready") == "ready\n"
    assert source.metric("cdc_keeper_slot_lost") == 0


def advance(source):
    source.connect("PUT", "/stop")
    until_stopped(source)
    change(source, " skipped")
    source.sql.execute(ADVANCE)


def outgrow(source):
    source.connect("PUT", "/stop")
    until_stopped(source)
    source.sql.execute("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'")
    source.sql.execute("SELECT pg_reload_conf()")
    change(source, " outgrown")
    lost = "SELECT wal_status = 'lost' FROM pg_replication_slots WHERE slot_name = 'cdc'"
    while not source.sql.execute(lost).fetchone()[0]:
        source.sql.execute("SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1000000)) FROM generate_series(1, 20)")
        source.sql.execute("SELECT pg_switch_wal()")
        source.sql.execute("CHECKPOINT")
    source.sql.execute("ALTER SYSTEM RESET max_slot_wal_keep_size")
    source.sql.execute("SELECT pg_reload_conf()")


def unpublish(source):
    source.sql.execute("ALTER PUBLICATION cdc_pub DROP TABLE items")
    change(source, " unpublished")


@pytest.mark.long
@pytest.mark.parametrize(("fault", "reason"), [(advance, "advanced"), (outgrow, "is lost"), (unpublish, "does not hold items")])
def test_changes_that_are_missing_are_noticed_and_recovered_from(source, fault, reason):
    fault(source)
    noticed = source.until_noticed(reason)
    if fault is unpublish:
        source.sql.execute("ALTER PUBLICATION cdc_pub ADD TABLE items")  # what was written meanwhile is not sent even so
    assert not source.differences().ok
    recovered = source.recover()
    report(fault.__name__, noticed=noticed, recovered=recovered, equal=source.until_equal())


def register(source):
    with contextlib.suppress(subprocess.CalledProcessError):  # the connector runs by then; Connect dies before it answers that
        source.stack.exec("python", "-m", "connectors", "register", "--timeout", "90")


def test_connect_killed_in_the_snapshot(source):
    source.stack.exec("python", "-m", "connectors", "delete", "--slot", "--offsets")
    rows, before = source.rows(), source.records()
    registering = threading.Thread(target=register, args=(source,))
    registering.start()
    eventually(lambda: source.records() > before, seconds=60, what="the first rows of the snapshot")
    source.stack.supervisor.signal_program("connect", "KILL")
    sent = source.records() - before  # the second attempt begins some seconds later
    change(source, " between two attempts")
    registering.join(120)
    equal = source.until_equal()  # rows of the first attempt alone are swept away by the keeper itself
    assert sent < rows, f"the first attempt was whole ({sent:,} records): the kill came too late"
    report(f"Connect killed in the snapshot, after {sent:,} of {rows:,} rows", equal=equal)


def gone(connection):
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return True
    return False


def test_postgres_killed_under_writes(source):
    with source.writing() as committed:
        assert committed.wait(10)
        source.stack.supervisor.signal_program("postgres", "QUIT")  # what `pg_ctl stop -m immediate` sends
        eventually(lambda: gone(source.sql), seconds=30, what="the end of a connection")
        committed.clear()
        assert committed.wait(60), "Postgres did not come back"
    source.sql = psycopg.connect(source.env["VERIFY_POSTGRES_DSN"], autocommit=True)
    report("Postgres immediate", equal=source.until_equal())


@pytest.mark.parametrize("rows", [20_000, pytest.param(100_000, marks=pytest.mark.long)])
def test_connect_killed_in_the_middle_of_a_large_copy(source, rows):
    before = source.records()
    with source.sql.cursor() as cursor, cursor.copy("COPY users (name, email) FROM STDIN") as copy:
        for number in range(rows):
            copy.write_row((f"copied {number}", f"copied.{number}.of.{rows}@example.org"))
    eventually(lambda: source.records() > before + rows // 10, seconds=60, what="the first tenth of the rows")
    source.stack.supervisor.signal_program("connect", "KILL")
    assert source.records() - before < rows, "all rows were captured: the kill came too late"
    eventually(lambda: source.records() >= before + rows, seconds=240, what="all rows on the topic")
    report(f"Connect killed in a COPY of {rows}", equal=source.until_equal())
