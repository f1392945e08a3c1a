"""An outage is a pause: nothing is committed past what is written, nothing is parked, memory is bounded, and all goes on by itself."""

import os

import pytest

from tests.asked import number
from tests.e2e.outage.experiment import measure, shown
from tests.e2e.outage.faults import FAULTS, serves_again

SECONDS = 10
RATE = 100
GROWTH = 300  # MB: what may be in flight, decoded
EXPLAINED = {"mongo": {"network"}, "kafka": {"kafka"}}  # what cdc_worker_paused says after a while
PROGRAMS = ("mongo", "kafka", "connect", "postgres")


def asked():
    """The faults of FAULTS. Looked at before a stack is started for them."""
    names = os.environ.get("FAULTS", "mongo-stop").split(",")
    known = [f"{program}-{kind}" for program in PROGRAMS for kind in FAULTS]
    if unknown := sorted(set(names) - set(known)):
        raise pytest.UsageError(f"FAULTS={','.join(unknown)}: there are {', '.join(known)}")
    return names


MINUTES, ASKED_RATE = number("MINUTES", 10), number("RATE", 400, least=1)


def check(figures):
    assert figures.restarts == 0
    assert figures.dead_letters == 0
    program = figures.fault.partition("-")[0]
    if program == "mongo":
        assert figures.committed_meanwhile == 0
    if program != "kafka":
        assert figures.rebalances == 0
    assert figures.rss_most < figures.rss_before + GROWTH


@pytest.mark.timeout(300)
@pytest.mark.parametrize("fault", ["mongo-stop", "mongo-freeze", "kafka-stop", "connect-freeze", "postgres-freeze"])
def test_an_outage_is_a_pause(stack, fault):
    figures = measure(stack, fault, SECONDS, RATE, patience=90)
    check(figures)
    serves_again(stack, "connector")


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("fault", asked())
def test_a_long_outage_is_a_pause(own_stack, fault):
    own_stack.up("--workers", 1)
    figures = measure(own_stack, fault, MINUTES * 60, ASKED_RATE, patience=300)
    print(f"\n{shown(figures)}")  # noqa: T201 - the figures are what `make outages` is for
    check(figures)
    assert EXPLAINED.get(figures.fault.partition("-")[0], set()) <= set(figures.paused)
    assert figures.rss_late < 1.1 * figures.rss_early + 20
    assert figures.resumed_seconds < 10
    assert figures.newest_visible_seconds < 30
