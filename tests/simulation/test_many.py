"""The ways that only large chunks take (versions compared in a transaction, documents inserted), on the simulator's small ones."""

from cdc_consumer import materialise, mirror
from tests.asked import whole
from tests.simulation.harness import simulate

SCHEDULES = whole("SCHEDULES", 60)


def test_every_schedule_ends_well_also_on_the_ways_of_large_chunks(mongo_uri, mongo_db, monkeypatch):
    monkeypatch.setattr(mirror, "MANY", 1)
    monkeypatch.setattr(materialise, "ASKED", 1)
    simulate(mongo_uri, mongo_db, SCHEDULES)
