"""`make simulate SEED=.. SCHEDULES=..` runs this with more schedules; a failing seed replays exactly."""

import os

from tests.simulation.harness import simulate

SCHEDULES = int(os.environ.get("SCHEDULES", "60"))


def test_every_schedule_ends_with_the_documents_of_the_rows(mongo_uri, mongo_db):
    simulate(mongo_uri, mongo_db, SCHEDULES)
