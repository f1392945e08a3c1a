"""`make simulate SEED=.. SCHEDULES=..` runs this with more schedules; a failing seed replays exactly."""

from tests.asked import whole
from tests.simulation.harness import simulate

SCHEDULES = whole("SCHEDULES", 60)


def test_every_schedule_ends_with_the_documents_of_the_rows(mongo_uri, mongo_db):
    simulate(mongo_uri, mongo_db, SCHEDULES)
