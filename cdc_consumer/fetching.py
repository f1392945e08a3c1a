"""Taking fetched records from aiokafka: partitions in turn, at most a chunk of each, bounded in bytes.

aiokafka hands over by number of records, and empties one partition before it comes to the next: 5,000 records of 400 kB at once, while a
small table waits behind a large one's backlog.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from functools import partial
from typing import Any, Final

from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from cdc_consumer import pace, records
from cdc_consumer.death import die
from cdc_consumer.precedence import Precedence
from cdc_consumer.protocols import join_once, offered
from cdc_consumer.sizes import FETCH_BYTES, ask, size_of

# Compressed, of each partition; aiokafka holds one such answer of each. Where rows come one by one each is a batch of its own, about 500
# bytes: a thousand of them; what waits in a lane is applied together all the same.
PREFETCH_BYTES: Final = 512 * 1024
# aiokafka has one fetch under way to a broker, and leaves out partitions it holds records of. While that fetch waits for others'
# records, a busy partition gets none; Faust has it wait for 1.5 s.
LONGEST_WAIT_MS: Final = 200


class Turns:
    """Who is next: partitions in a fixed order that begins after the one served last."""

    def __init__(self) -> None:
        self._last: Any = None

    def order(self, partitions: Iterable[Any]) -> list[Any]:
        """All of them, the one after the last served first."""
        ordered = sorted(partitions)
        later = [one for one in ordered if self._last is not None and one > self._last]
        return later + ordered[: len(ordered) - len(later)]

    def served(self, partition: Any) -> None:
        """This one had its turn."""
        self._last = partition


def _backlog(fetcher: Any, tp: Any) -> int | None:
    """Records of a partition that are in Kafka and not taken yet, as far as the last fetch has told; None before the first one."""
    state = fetcher._subscriptions.subscription.assignment.state_value(tp)  # noqa: SLF001 - aiokafka offers only a call for each
    if not (state and state.highwater is not None and state.has_valid_position):
        return None
    return int(state.highwater - state.position)


class FairThread(AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's consumer thread with another way of taking records."""

    _precedence = Precedence(())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turns = Turns()
        self._precedence = Precedence(self.transport.later)

    def _create_worker_consumer(self, transport: Any) -> Any:
        records.install()
        pace.install()
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = LONGEST_WAIT_MS  # noqa: SLF001 - Faust offers no setting
        consumer._partition_assignment_strategy = offered(self._assignor, transport.topics)  # noqa: SLF001 - nor for this
        return consumer

    async def on_start(self) -> None:
        """As Faust's; before the first topic is subscribed to, so before the group is joined."""
        await super().on_start()
        self._consumer._fetcher.keep(self.transport.pace)  # noqa: SLF001 - as above
        join_once(self._consumer._coordinator, len(self._consumer._partition_assignment_strategy))  # noqa: SLF001 - as above

    async def crash(self, reason: BaseException) -> None:
        """As the consumer's: a commit that Kafka refuses for good, or Kafka away at the start."""
        if not self.app.should_stop:
            die(reason)
        await super().crash(reason)

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: Collection[Any],
        timeout: float | None = None,  # noqa: ASYNC109 - as the method it replaces
        max_records: int | None = None,
    ) -> dict[Any, list[Any]]:
        if not self.consumer.flow_active:
            return {}
        fetcher = consumer._fetcher  # noqa: SLF001 - as the method it replaces
        if consumer._closed or fetcher._closed:  # noqa: SLF001
            raise ConsumerStoppedError
        most = max_records or FETCH_BYTES
        partitions = self._precedence.admitted(active_partitions, partial(_backlog, fetcher), time.monotonic())
        with fetcher._subscriptions.fetch_context():  # noqa: SLF001
            if found := await self._take(fetcher, self._turns.order(partitions), {}, most):
                return found
            # Nothing there: wait for one record, of whichever partition, and take what has come with it.
            first: dict[Any, list[Any]] = await fetcher.fetched_records(partitions, timeout=timeout, max_records=1)
            if not first:
                return {}
            return await self._take(fetcher, [*first, *(tp for tp in self._turns.order(partitions) if tp not in first)], first, most)

    async def _take(self, fetcher: Any, turns: Iterable[Any], found: dict[Any, list[Any]], most: int) -> dict[Any, list[Any]]:
        """`found` with up to a chunk of each partition in turn, until it is enough. An error in between ends the worker, as any does."""
        records = total = 0
        for tp in turns:
            if total >= FETCH_BYTES or records >= most:
                break
            if tp not in found and tp not in fetcher._records:  # noqa: SLF001 - to ask for each of some twenty takes a part of a ms
                continue
            taken = found.get(tp, [])
            size = sum(map(size_of, taken))
            while more := ask(len(taken), size):
                if fetcher._subscriptions.reassignment_in_progress:  # noqa: SLF001 - it would wait for the new assignment
                    return found
                some = (await fetcher.fetched_records({tp}, timeout=0, max_records=more)).get(tp)
                if not some:
                    break
                taken += some
                size += sum(map(size_of, some))
            if taken:
                found[tp] = taken
                records, total = records + len(taken), total + size
                self._turns.served(tp)
        return found
