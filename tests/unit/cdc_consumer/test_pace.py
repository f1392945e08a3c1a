"""How often Kafka is asked."""

import asyncio
import types
from typing import Any

import pytest
from aiokafka.consumer import consumer as aiokafka_consumer
from aiokafka.consumer.fetcher import Fetcher

from cdc_consumer import pace
from cdc_consumer.pace import BUSY, CALM, ENOUGH, Pace, PacedFetcher


def assignment(**highwaters):
    """Partitions that were read up to offset 5, with these ends."""
    state = {tp: types.SimpleNamespace(has_valid_position=True, highwater=end, position=5) for tp, end in highwaters.items()}
    return types.SimpleNamespace(tps=state.keys(), state_value=state.get)


HELD = assignment(a=5, b=None)


@pytest.fixture
def calm():
    """Readers see all, and records have just come."""
    made = Pace()
    made.calm(1)
    made.found()
    return made


def test_it_asks_at_once_unless_readers_see_what_comes(calm):
    new = Pace()
    new.found()
    assert new.left() == 0
    assert CALM / 2 < calm.left() <= CALM
    calm.rush()
    assert calm.left() == 0


def test_it_asks_at_once_when_nothing_has_come_for_a_while(calm, monkeypatch):
    monkeypatch.setattr(pace, "CALM", 0.0)
    assert calm.left() == 0


def test_it_asks_more_often_while_more_waits_than_a_batch_takes_quickly(calm):
    woken = []
    calm.attach(lambda: woken.append(1))
    calm.calm(ENOUGH)
    assert BUSY < calm.left() <= CALM
    assert not woken
    calm.calm(ENOUGH + 1)
    calm.calm(ENOUGH + 2)
    assert BUSY / 2 < calm.left() <= BUSY
    assert len(woken) == 1
    calm.calm(ENOUGH)
    assert BUSY < calm.left() <= CALM


def test_what_readers_do_not_see_is_asked_for_once(calm):
    calm.hurry()
    assert calm.left() == 0
    assert calm.left() > 0


def test_who_waits_is_woken(calm):
    woken = []
    calm.attach(lambda: woken.append(1))
    calm.hurry()
    calm.rush()
    assert len(woken) == 2


def fetcher(loop, monkeypatch, requests, found=True):
    """aiokafka's part would send these requests."""
    monkeypatch.setattr(Fetcher, "_get_actions_per_node", lambda *_: (requests, {}, 10.0, False, []))

    async def fetch(*_):
        return found

    monkeypatch.setattr(Fetcher, "_proc_fetch_request", fetch)
    made: Any = object.__new__(PacedFetcher)
    made.__dict__.update(_records={}, _loop=loop, _closed=True, _wait_consume_future=loop.create_future())
    return made


@pytest.mark.asyncio
async def test_requests_wait_for_their_time_and_resets_do_not(calm, monkeypatch):
    made = fetcher(asyncio.get_running_loop(), monkeypatch, ["request"])
    assert made._get_actions_per_node(HELD)[0] == ["request"]
    made.keep(calm)
    requests, resets, timeout, *_ = made._get_actions_per_node(HELD)
    assert (requests, resets) == ([], {})
    assert 0 < timeout <= CALM
    calm.hurry()
    assert made._get_actions_per_node(HELD)[0] == ["request"]


@pytest.mark.asyncio
async def test_what_an_answer_did_not_hold_is_asked_for_at_once(calm, monkeypatch):
    made = fetcher(asyncio.get_running_loop(), monkeypatch, ["request"])
    made.keep(calm)
    assert made._get_actions_per_node(assignment(a=5, b=6))[0] == ["request"]
    made._records = {"b": []}  # it may be in here
    assert made._get_actions_per_node(assignment(a=5, b=6))[0] == []


@pytest.mark.asyncio
async def test_a_hurry_is_kept_while_a_request_is_under_way(calm, monkeypatch):
    made = fetcher(asyncio.get_running_loop(), monkeypatch, requests := [])
    made.keep(calm)
    calm.hurry()
    assert made._get_actions_per_node(HELD)[0] == []
    requests.append("request")
    assert made._get_actions_per_node(HELD)[0] == ["request"]


@pytest.mark.asyncio
async def test_the_routine_is_woken_from_another_thread(calm, monkeypatch):
    made = fetcher(asyncio.get_running_loop(), monkeypatch, ["request"])
    made.keep(calm)
    await asyncio.to_thread(calm.hurry)
    await asyncio.wait_for(made._wait_consume_future, 5)


@pytest.mark.parametrize("found", [True, False])
@pytest.mark.asyncio
async def test_the_time_counts_from_the_last_records(monkeypatch, found):
    made, own = fetcher(asyncio.get_running_loop(), monkeypatch, ["request"], found), Pace()
    made.keep(own)
    own.calm(1)
    assert await made._proc_fetch_request() is found
    assert (own.left() > 0) is found


def test_hurrying_after_the_loop_has_ended_raises_nothing(calm, monkeypatch):
    loop = asyncio.new_event_loop()
    made = fetcher(loop, monkeypatch, [])
    made.keep(calm)
    loop.close()
    calm.hurry()


def test_aiokafka_makes_its_consumers_with_it(monkeypatch):
    monkeypatch.setattr(aiokafka_consumer, "Fetcher", Fetcher)
    pace.install()
    assert vars(aiokafka_consumer)["Fetcher"] is PacedFetcher
