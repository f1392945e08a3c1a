"""Faults of one of three brokers or MongoDB nodes, and the claim that the others carry on."""

from types import SimpleNamespace

import pytest

from chaos.checker.verdict import Claims, Result
from chaos.experiments.catalogue import ENTRIES
from chaos.faults import brokers, members
from chaos.faults.base import Room, SkippedError
from chaos.run import run as run_experiment
from chaos.session import Options
from tests.unit.chaos.fakes import FakeBackend
from tests.unit.chaos.test_verdict import run, samples

NAMES = ("kill-broker-leader", "freeze-broker-leader", "below-min-isr", "step-down-mongo", "kill-mongo-primary", "no-mongo-majority")


@pytest.mark.parametrize("name", NAMES)
def test_without_a_set_an_experiment_says_what_it_needs_before_it_begins(name, tmp_path):
    done = run_experiment(ENTRIES[name], FakeBackend(), Options(), tmp_path)
    assert done.word == "SKIPPED"
    assert "make up BROKERS=3" in done.skipped or "make up MONGO_NODES=3" in done.skipped
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", [brokers.LeaderGone(), brokers.BelowMinIsr()])
def test_a_fault_that_is_made_all_the_same_is_refused(fault):
    with pytest.raises(SkippedError, match="BROKERS=3"):
        fault.inject(Room(FakeBackend()))


@pytest.mark.parametrize("frozen", [False, True])
def test_the_leader_of_the_busiest_partition_goes_and_another_leads(frozen, monkeypatch):
    monkeypatch.setattr(brokers, "lacks_brokers", lambda _: "")
    monkeypatch.setattr(brokers, "busiest", lambda _: ("cdc.public.items", 1, 2))
    part = SimpleNamespace(leader=2)
    found = SimpleNamespace(brokers={1, 2, 3}, topics={"cdc.public.items": SimpleNamespace(partitions={1: part})})
    monkeypatch.setattr(brokers, "_metadata", lambda _: found)
    backend = FakeBackend()
    room, fault = Room(backend), brokers.LeaderGone(frozen)
    fault.inject(room)
    assert backend.asked == [("freeze" if frozen else "kill", "kafka-2")]
    assert fault.effect(room) == "", "nobody else leads yet"
    found.brokers.remove(2)
    part.leader = 3
    assert fault.effect(room) == "broker 2, which led cdc.public.items 1, is away; broker 3 leads it"


@pytest.mark.parametrize("fault", [brokers.LeaderGone(), brokers.BelowMinIsr(), members.PrimaryGone(), members.NoMajority()])
@pytest.mark.parametrize(("state", "asked"), [("down", "start"), ("frozen", "thaw")])
def test_whoever_is_away_comes_back(fault, state, asked):
    component = fault.__class__.__module__.rpartition(".")[2].replace("brokers", "kafka").replace("members", "mongo")
    backend = FakeBackend(**{component: state})
    fault.heal(Room(backend))
    if (asked, type(fault)) not in {("thaw", brokers.BelowMinIsr), ("thaw", members.NoMajority)}:  # which freeze nobody
        assert backend.asked == [(asked, component)]


def late(until):
    return samples(lambda at: 5.0 if 20 < at < until else 0.1)


def test_the_wait_for_the_others_is_held_to_its_claim():
    claims = Claims(carry_within=4)
    quick = run(seen=late(24), claims=claims)
    assert (quick.result, quick.times.carry) == (Result.PASS, 4.0)
    assert run(seen=late(26), claims=claims).reasons == ("those that carry on took 6.0 s, at most 4 s are claimed",)
    assert run(seen=late(31), claims=claims).reasons == (
        "those that carry on were not on time before the healing, at most 4 s are claimed",
    )


def test_what_is_on_time_before_the_fault_takes_effect_does_not_count():
    assert run(seen=late(1)).times.carry == 1.0, "the first sample after the effect"
    assert run(marks=("fault", "heal", "converged")).times.carry is None
