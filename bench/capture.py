"""The source connector after a pause.

Debezium's task can fail when it comes back to its slot after some minutes ("Message with LSN ... not present among LSNs seen in the
location phase"); in a whole stack the keeper restarts it. It is RUNNING for a moment before, so only what arrives proves anything.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Final

from bench.load import base
from bench.measure import Bench
from connectors.client import Connect
from connectors.errors import CommandError

SECONDS: Final = 120.0


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
