"""Kafka's thread gives way to the event loop."""

import asyncio
import threading
import time
import types
from typing import Any

import pytest
from aiokafka.consumer import consumer as aiokafka_consumer
from aiokafka.consumer.fetcher import Fetcher
from mode.threads import MethodQueue

from cdc_consumer import handing
from cdc_consumer.handing import HandingQueue, Turn


def test_the_thread_waits_until_the_loop_has_begun(monkeypatch):
    monkeypatch.setattr(handing, "LONGEST", 5.0)
    turn = Turn()
    turn.hand()
    threading.Timer(0.05, turn.begun).start()
    began = time.monotonic()
    turn.give_way()
    assert 0.04 < time.monotonic() - began < 4


def test_it_does_not_wait_for_ever_and_only_when_something_was_fetched():
    turn = Turn()
    began = time.monotonic()
    turn.give_way()
    assert time.monotonic() - began < handing.LONGEST
    turn.hand()
    turn.give_way()
    turn.give_way()
    assert handing.LONGEST <= time.monotonic() - began < 1


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
