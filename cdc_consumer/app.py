"""Composition root of the worker: the Faust app, its one agent, and the pipeline behind it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Final

import faust
import mode
from faust.streams import _CStreamIterator
from faust.transport.conductor import ConductorHandler
from faust.types.tuples import TP
from yarl import URL

from cdc_consumer import http, metrics
from cdc_consumer.death import die
from cdc_consumer.fetching import PREFETCH_BYTES
from cdc_consumer.pace import Pace
from cdc_consumer.passthrough import PassThrough
from cdc_consumer.pipeline import Pipeline
from cdc_consumer.pulse import Pulse
from cdc_consumer.readmodel.declare import Document
from cdc_consumer.readmodel.routes import captured_tables, embedding, topic_of
from cdc_consumer.settings import Settings
from cdc_consumer.sizes import CHUNK
from cdc_consumer.transport import ChunkTransport

REBALANCE_SECONDS: Final = 20.0  # the session timeout and a round of joining


@dataclass
class State:
    """What /ready answers from: MongoDB's collections are there, and Kafka has assigned partitions."""

    pipeline: Pipeline | None = None  # once it is prepared
    assigned: bool = False
    revoked_at: float | None = None  # monotonic; a rebalance takes partitions away and gives them back

    def ready(self) -> bool:
        """Whether the worker works, or has been without partitions for no longer than a rebalance may take."""
        waiting = 0.0 if self.revoked_at is None else time.monotonic() - self.revoked_at
        return bool(self.pipeline) and self.assigned and waiting < REBALANCE_SECONDS


async def _whole(closing: Coroutine[Any, Any, None]) -> None:
    """Run it to its end, although Faust cancels an agent that stops, and more than once. What is run bounds itself."""
    task = asyncio.ensure_future(closing)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)


def build_app(settings: Settings, documents: Iterable[Document], pulse: Pulse) -> Any:
    """The Faust app, ready to run. Nothing connects before it does. `pulse` is told how the work goes."""
    documents = tuple(documents)
    if _CStreamIterator is None or ConductorHandler is None:
        # The pure Python stream acknowledges messages of an old generation that it skipped (pipeline.md 1.2, 5).
        raise RuntimeError("faust was installed without its compiled parts; reinstall faust-streaming from a wheel")
    app = faust.App(
        settings.group,
        broker=f"kafka://{settings.broker}",
        broker_client_id=settings.worker,
        store="memory://",
        datadir=f"{tempfile.gettempdir()}/cdc-faust-{os.getuid()}-{settings.worker}",  # Faust wants one; nothing is kept in it
        consumer_auto_offset_reset="earliest",
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
        consumer_max_fetch_size=PREFETCH_BYTES,
        consumer_metadata_max_age_ms=10_000,  # a topic created later is noticed
        broker_max_poll_records=4 * CHUNK,
        broker_max_poll_interval=2_000_000,  # a long outage must not make the worker leave its group for good (pipeline.md 1.5)
        # A static member: restarted within the session timeout it has its partitions back at once, without a rebalance for the others.
        consumer_group_instance_id=settings.worker,
        broker_session_timeout=settings.session_timeout,
        broker_request_timeout=settings.request_timeout,
        broker_heartbeat_interval=2,
        broker_commit_interval=1.0,
        stream_wait_empty=False,
        stream_buffer_maxsize=16,  # chunks; `sizes` bounds their bytes
        agent_supervisor=mode.CrashingSupervisor,
    )
    app.transport = ChunkTransport([URL(f"aiokafka://{address}") for address in settings.broker.split(",")], app, loop=None)
    app.transport.pace = Pace()
    names = [topic_of(settings.topic_prefix, table) for table in captured_tables(documents)]
    app.transport.topics = frozenset(names)
    app.transport.later = (
        frozenset(topic_of(settings.topic_prefix, table) for table in embedding(documents)) if not settings.mirrors_only else frozenset()
    )
    state = State()

    @app.agent(app.topic(*names, schema=PassThrough()), name="apply")  # type: ignore[untyped-decorator]
    async def apply(stream: Any) -> None:
        pipeline = Pipeline(settings, documents, lambda: app.consumer, pulse, app.transport.pace)
        try:
            await pipeline.prepare()
            state.pipeline = pipeline
            pipeline.board.follow(app.consumer.assignment())
            async for event in stream.noack().events():
                await pipeline.submit(event.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, Faust would only restart the agent
            die(error)
        finally:
            await _whole(pipeline.close())

    @app.on_partitions_assigned.connect  # type: ignore[untyped-decorator]
    async def assigned(_: Any, partitions: Iterable[TP], **__: Any) -> None:
        metrics.REBALANCES.inc()
        state.assigned, state.revoked_at = True, None
        if state.pipeline:
            state.pipeline.board.follow(partitions)

    @app.on_partitions_revoked.connect  # type: ignore[untyped-decorator]
    async def revoked(*_: Any, **__: Any) -> None:
        state.revoked_at = time.monotonic()
        if state.pipeline:
            state.pipeline.board.follow(())

    http.serve(settings.metrics_host, settings.metrics_port, lambda: "" if state.ready() else "no partitions assigned yet")
    return app
