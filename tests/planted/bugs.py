"""What can be wrong with a worker process, beside the bugs of the simulation."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock

from cdc_consumer.pipeline import Pipeline
from tests.simulation import planted

COMMIT_SECONDS = 1.6  # the commit's timer has run once


@contextlib.contextmanager
def acknowledge_before_write() -> Iterator[None]:
    """A chunk is acknowledged, and committed to Kafka, before it is applied."""

    async def handle(self: Any, messages: Any) -> None:
        for message in messages:
            self._consumer().ack(message)
        await asyncio.sleep(COMMIT_SECONDS)
        for message in messages:
            await self._forever(str(message.tp), lambda records=message.value: self._parking.apply(records), lambda: True)

    async def apart(_: Any, parts: Any) -> Any:
        return range(len(parts))

    with mock.patch.object(Pipeline, "_handle", handle), mock.patch.object(Pipeline, "_jointly", apart):
        yield


BUGS = {
    "none": contextlib.nullcontext,
    "acknowledge_before_write": acknowledge_before_write,
    **{name: planted.BUGS[name] for name in ("no_version_guard", "no_tombstone", "mirror_inside_transaction")},
}
