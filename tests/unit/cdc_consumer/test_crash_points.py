"""A point that is armed acts the n-th time it is reached; every point is in the way of a chunk."""

import asyncio
import os
import re
import signal
import time

import pytest

from cdc_consumer import crash_points
from cdc_consumer.crash_points import POINTS, Armed, arm_from, reach
from stack.settings import ROOT


@pytest.fixture(autouse=True)
def disarmed(monkeypatch):
    monkeypatch.setattr(crash_points, "armed", None)


@pytest.mark.asyncio
async def test_unarmed_nothing_happens():
    for point in POINTS:
        await reach(point)


@pytest.mark.asyncio
async def test_it_acts_at_that_point_that_time_alone():
    arm_from("after_mirror:2:raise")
    await reach("after_mirror")
    await reach("after_fetch")
    with pytest.raises(Armed):
        await reach("after_mirror")
    await reach("after_mirror")


@pytest.mark.asyncio
async def test_by_itself_it_kills_the_first_time(monkeypatch):
    signals = []
    monkeypatch.setattr(os, "kill", lambda _, number: signals.append(number))
    arm_from("after_commit")
    await reach("after_commit")
    assert signals == [signal.SIGKILL]


@pytest.mark.asyncio
async def test_it_can_hang_and_block(monkeypatch):
    arm_from("after_fetch:1:hang")
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(reach("after_fetch"), 0.05)
    blocked: list[float] = []
    monkeypatch.setattr(time, "sleep", blocked.append)
    arm_from("after_fetch:1:block")
    await reach("after_fetch")
    assert blocked


@pytest.mark.parametrize("text", ["nowhere", "after_fetch:1:sing", "after_fetch:x"])
def test_a_wrong_word_is_refused(text):
    with pytest.raises(ValueError, match=r"unknown|invalid"):
        arm_from(text)


def test_every_point_is_reached_somewhere():
    source = "".join(path.read_text() for path in (ROOT / "cdc_consumer").rglob("*.py"))
    assert set(re.findall(r'reach\("(\w+)"\)', source)) == set(POINTS)
