"""Kafka's thread gives way to the event loop."""

import asyncio
import threading
import time
import types
from typing import Any
from unittest import mock

import pytest
from aiokafka.consumer import consumer as aiokafka_consumer
from aiokafka.consumer.fetcher import Fetcher
from mode.threads import MethodQueue

from cdc_consumer import handing
from cdc_consumer.fetching import FairThread
from cdc_consumer.handing import HandingQueue, Turn


def test_the_thread_waits_until_the_loop_is_done(monkeypatch):
    monkeypatch.setattr(handing, "LONGEST", 5.0)
    turn = Turn()
    turn.hand()
    threading.Timer(0.05, turn.done).start()
    began = time.monotonic()
    turn.give_way()
    assert 0.04 < time.monotonic() - began < 4


def test_it_does_not_wait_for_ever_and_only_when_something_was_fetched(monkeypatch):
    monkeypatch.setattr(handing, "LONGEST", 0.5)
    turn = Turn()
    began = time.monotonic()
    turn.give_way()
    assert time.monotonic() - began < 0.4
    turn.hand()
    turn.give_way()
    turn.give_way()
    assert 0.5 <= time.monotonic() - began < 0.9


@pytest.mark.asyncio
async def test_the_thread_has_one_queue_for_its_calls_and_it_gives_way():
    loop = asyncio.get_running_loop()
    thread = FairThread(mock.Mock(transport=mock.Mock(later=())), loop=loop, thread_loop=loop, beacon=mock.Mock())
    assert isinstance(thread.method_queue, HandingQueue)
    assert thread.method_queue is thread.method_queue
    assert thread._method_queue is thread.method_queue  # where mode stops it


@pytest.mark.asyncio
async def test_mode_does_its_calls_where_the_queue_gives_way():
    turn: Any = mock.Mock()
    queue = HandingQueue(turn)

    async def call():
        return 7

    async with queue:
        assert await asyncio.wait_for(await queue.call(asyncio.get_running_loop().create_future(), call), 5) == 7
        await asyncio.sleep(0)
    turn.give_way.assert_called()


@pytest.mark.asyncio
@pytest.mark.parametrize("found", [{}, {"a": [1]}])
async def test_the_thread_gives_way_when_it_has_fetched_something(found):
    thread: Any = object.__new__(FairThread)
    fetch = mock.AsyncMock(return_value=found)
    thread.__dict__.update(turn=mock.Mock(), consumer=types.SimpleNamespace(flow_active=True), _fetch=fetch)
    assert await thread._fetch_records(None, ["a"], timeout=1.0) == found
    assert thread.turn.hand.called is bool(found)


@pytest.mark.asyncio
async def test_the_queue_gives_way_after_the_result_is_handed_over(monkeypatch):
    order = []

    async def process(_self, _call):
        order.append("handed")

    monkeypatch.setattr(MethodQueue, "_process_enqueued", process)
    turn: Any = types.SimpleNamespace(give_way=lambda: order.append("gave way"))
    await HandingQueue(turn)._process_enqueued(None)
    assert order == ["handed", "gave way"]


@pytest.mark.asyncio
@pytest.mark.parametrize("found", [True, False])
async def test_who_waits_for_records_is_woken_when_they_are_there(monkeypatch, found):
    async def fetch(*_):
        return found

    monkeypatch.setattr(Fetcher, "_proc_fetch_request", fetch)
    monkeypatch.setattr(aiokafka_consumer, "Fetcher", Fetcher)
    handing.install()
    waiter = asyncio.get_running_loop().create_future()
    made = object.__new__(aiokafka_consumer.Fetcher)
    made._closed, made._fetch_waiters = True, {waiter}
    assert await made._proc_fetch_request(None, 0, None) is found
    assert waiter.done() is found
