import importlib

import pytest
from chaoslib.experiment import ensure_experiment_is_valid

from chaos.backends.base import DOWN, FROZEN, UP
from chaos.experiments import expectations
from chaos.experiments.build import build
from chaos.experiments.catalogue import ENTRIES, entry
from chaos.faults.base import Room
from chaos.faults.process import Crash, Freeze, Kill, Restart, Stop
from chaos.nemesis import NAMES, Nemesis, plan
from chaos.session import Options
from stack.settings import ROOT
from tests.unit.chaos.fakes import FakeBackend


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("phase", ["stream", "snapshot"])
def test_chaos_toolkit_takes_every_experiment(name, phase):
    found = ENTRIES[name]
    made = build(found, found.fault().describe(), Options(phase=phase))
    ensure_experiment_is_valid(made)
    for activity in (*made["steady-state-hypothesis"]["probes"], *made["method"], *made["rollbacks"]):
        provider = activity["provider"]
        assert callable(getattr(importlib.import_module(provider["module"]), provider["func"]))


@pytest.mark.parametrize(("duration", "names"), [(20, []), (45, ["MongoNoPrimary"]), (80, ["CdcFreshnessBurnFast", "MongoNoPrimary"])])
def test_only_an_alert_that_has_to_fire_in_time_holds_up_the_beginning(duration, names):
    made = build(entry("kill-mongo"), "", Options(duration=duration))
    (probe,) = [one["provider"] for one in made["steady-state-hypothesis"]["probes"] if one["provider"]["func"] == "nothing_fires"]
    assert [name for name in probe["arguments"]["names"] if name in {"CdcFreshnessBurnFast", "MongoNoPrimary"}] == names


def test_nothing_is_claimed_of_the_time_to_recover_in_a_snapshot():
    found = entry("kill-connect")
    assert found.recovers_within("stream") == found.recover_within == 10
    assert found.recovers_within("snapshot") is None


def test_a_name_that_is_not_there_gets_near_ones():
    with pytest.raises(KeyError, match="kill-broker"):
        entry("kill-brocker")


@pytest.mark.parametrize(("fault", "state"), [(Kill("kafka"), DOWN), (Stop("kafka"), DOWN), (Freeze("kafka"), FROZEN)])
def test_what_holds_is_seen_and_healed_twice(fault, state):
    room = Room(FakeBackend())
    assert fault.effect(room) == ""
    fault.inject(room)
    assert room.backend.states()["kafka"] == state
    assert fault.effect(room)
    fault.heal(room)
    fault.heal(room)
    assert room.backend.states()["kafka"] == UP
    assert fault.effect(room) == ""


@pytest.mark.parametrize("fault", [Crash("kafka"), Restart("kafka")])
def test_another_life_is_the_evidence(fault):
    room = Room(FakeBackend())
    assert fault.effect(room) == ""
    fault.inject(room)
    assert "life 0" in fault.effect(room)


def test_a_plan_is_the_same_for_a_seed_and_fits_the_time():
    assert plan(7, 300) == plan(7, 300)
    assert plan(7, 300) != plan(8, 300)
    assert 100 < sum(turn.after + turn.held for turn in plan(7, 300)) <= 300
    assert set(NAMES) <= set(ENTRIES)


def test_a_nemesis_makes_and_mends_its_faults():
    said: list[str] = []
    room = Room(FakeBackend())
    turns = [turn.__class__(turn.name, 0.0, 0.0) for turn in plan(1, 60, ["kill-broker", "freeze-mongo"])]
    nemesis = Nemesis(turns, lambda name: entry(name).fault(), said.append)
    nemesis.inject(room)
    nemesis.heal(room)
    assert room.backend.states() == {"kafka": UP, "mongo": UP}
    assert nemesis.effect(room)


def test_a_fault_that_cannot_be_made_is_told_and_mended():
    class Broken(Kill):
        def inject(self, room):
            raise OSError("no")

    said: list[str] = []
    nemesis = Nemesis([turn.__class__(turn.name, 0.0, 0.0) for turn in plan(1, 5, ["x"])], lambda _: Broken("kafka"), said.append)
    nemesis._run(Room(FakeBackend(kafka=DOWN)))
    assert said == ["x: OSError: no", "x: mended"]


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "expectations.yml"
    monkeypatch.setattr(expectations, "FILE", path)
    expectations._components.cache_clear()
    yield path
    expectations._components.cache_clear()


def test_expected_alerts_come_from_the_file_that_the_alerts_are_tested_with(file):
    file.write_text(
        "components:\n  mongo:\n    killed: {tickets: [A]}\n    stopped: {pages: {P: 60}, tickets: {T: 45}, explained: [E]}\n"
        "  prometheus:\n    stopped: {unknown: true}\n"
    )
    stopped = expectations.expected("mongo", "stopped")
    assert (stopped.must, stopped.may) == ({"P": 60, "T": 45}, ("E",))
    assert expectations.expected("mongo", "killed").may[0] == "A"
    assert not expectations.expected("prometheus", "stopped").judged


def test_without_the_file_nothing_is_judged(file):
    assert not expectations.expected("mongo", "stopped").judged


def test_the_real_file_knows_every_component_that_is_broken():
    if not (ROOT / "grafana" / "prometheus" / "expectations.yml").exists():
        pytest.skip("the alerts are not there yet")
    assert all(found.alerts() for found in ENTRIES.values())
