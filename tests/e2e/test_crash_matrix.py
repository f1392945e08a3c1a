"""Every crash point in every phase: the worker dies there, starts again, and the documents are those of SQL (`make crash-matrix`).

Each case is a worker of its own group and database, so that it reads everything from the beginning. What was committed to Kafka
before the crash is not read again: an offset that had passed unwritten records would leave a difference.
"""

import signal
import time
import uuid

import psycopg
import pytest

from cdc_consumer.crash_points import POINTS
from cdc_consumer.readmodel.documents import FOR_CLIENTS
from monitor.verify import Effort, VerifySettings, verify
from tests.e2e.workers import worker

SECONDS = 180  # every case reads what all before it wrote
BUSY = "SELECT id FROM users ORDER BY id LIMIT 1"
STREAM = (
    "UPDATE items SET title = title || '.' WHERE id % 3 = 0",
    "UPDATE items SET owner_id = 1 + owner_id % 50 WHERE id % 4 = 0",
    "DELETE FROM item_tags WHERE item_id % 5 = 0",
    "INSERT INTO item_tags SELECT id, (SELECT min(id) FROM tags) FROM items WHERE id % 5 = 0 ON CONFLICT DO NOTHING",
    "DELETE FROM items WHERE id % 50 = 7",
    "UPDATE tags SET name = name || '.' WHERE id % 2 = 0",
)
FAN_OUT = (f"UPDATE users SET name = name || '.' WHERE id = ({BUSY})",)
PHASES = {"load": (), "stream": STREAM, "fan_out": FAN_OUT}

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def dsn(stack):
    found = stack.env["VERIFY_POSTGRES_DSN"]
    stack.exec("python", "scripts/seed.py", "--users", "100", "--items", "4000", "--tags", "20", "--seed", "2")
    with psycopg.connect(found, autocommit=True) as connection:
        connection.execute(f"UPDATE items SET owner_id = ({BUSY}) WHERE id % 2 = 0")  # more documents than one transaction takes
    return found


DIED = 70  # the exit code of `death`


def until_equal(stack, dsn, database):
    settings = VerifySettings(postgres_dsn=dsn, mongo_uri=stack.env["CDC_MONGO_URI"], mongo_db=database)
    deadline = time.monotonic() + SECONDS
    while not (report := verify(settings, FOR_CLIENTS, Effort(recheck_seconds=0, chunk=5000))).ok:
        assert time.monotonic() < deadline, report
        time.sleep(0.3)


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("point", POINTS)
def test_a_crash_there_loses_nothing(stack, dsn, point, phase):
    name = f"crash_{uuid.uuid4().hex[:8]}"
    # Without the canary, whose chunks come every second: the point has to be reached by the phase.
    documents = "cdc_consumer.readmodel.documents:FOR_CLIENTS"
    own = {"CDC_GROUP": name, "CDC_MONGO_DB": name, "CDC_WORKER": name, "CDC_DOCUMENTS": documents}
    if phase != "load":
        with worker(stack, own):
            until_equal(stack, dsn, name)
    with worker(stack, {**own, "CDC_CRASH_AT": f"{point}:{2 if phase == 'load' else 1}"}) as dying:
        with psycopg.connect(dsn, autocommit=True) as connection:
            for statement in PHASES[phase]:
                connection.execute(statement)
        assert dying.wait(SECONDS) == -signal.SIGKILL
    with worker(stack, own):
        until_equal(stack, dsn, name)


@pytest.mark.parametrize("point", POINTS)
def test_an_error_there_ends_the_worker_and_loses_nothing(stack, dsn, point):
    name = f"error_{uuid.uuid4().hex[:8]}"
    own = {"CDC_GROUP": name, "CDC_MONGO_DB": name, "CDC_WORKER": name}
    with worker(stack, {**own, "CDC_CRASH_AT": f"{point}:2:raise"}) as dying:
        assert dying.wait(SECONDS) == DIED
    with worker(stack, own):
        until_equal(stack, dsn, name)
