"""The source connector before and after a pause.

Debezium 3.7.0 never comes back to its slot when the last that it has sent is a TRUNCATE of several tables, as that between two recordings
("Message with LSN ... not present among LSNs seen in the location phase", after each restart; its offset counts the tables as events of
one position). So it rests on a heartbeat. After some minutes its task can also fail once; in a whole stack the keeper restarts it. It is
RUNNING for a moment before, so only what arrives proves anything.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Final

import psycopg

from bench.load import base
from bench.measure import Bench
from connectors.client import Connect
from connectors.errors import CommandError

SECONDS: Final = 120.0
BEATS: Final = 3  # one a second; each is captured before the next is written


def rest(bench: Bench) -> None:
    """Wait until heartbeats are the last that was captured. Raises TimeoutError."""
    end, seen = time.monotonic() + SECONDS, set[object]()
    with psycopg.connect(bench.place.stack.env["VERIFY_POSTGRES_DSN"], autocommit=True) as connection:
        while len(seen) <= BEATS:
            if time.monotonic() > end:
                raise TimeoutError(f"capture writes no heartbeat within {SECONDS:.0f} s; see the log of Connect")
            seen |= set(connection.execute("SELECT beat_at FROM cdc_heartbeat"))
            time.sleep(0.1)


def awake(bench: Bench, say: Callable[[str], None]) -> None:
    """Write rows, and wait until they are in Kafka; a task that fails meanwhile is restarted. Raises TimeoutError."""
    env = bench.place.stack.env
    prefix, client = env["CDC_TOPIC_PREFIX"], Connect(env["CONNECT_URL"], env["CONNECT_NAME"])
    before, end, last = sum(bench.topics.ends(prefix).values()), time.monotonic() + SECONDS, ""
    base(env["VERIFY_POSTGRES_DSN"], f"awake {uuid.uuid4().hex[:8]} ")
    while sum(bench.topics.ends(prefix).values()) == before:
        if time.monotonic() > end:
            raise TimeoutError(f"nothing is captured {SECONDS:.0f} s after Connect was started again; {last or 'its task is RUNNING'}")
        try:
            if (status := client.status()).failed:
                last = status.cause
                say(f"  capture: restarted, since {last}")
                client.restart(only_failed=True)
        except CommandError as error:
            last = str(error)
        time.sleep(1)
