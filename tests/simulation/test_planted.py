"""Every guard is needed: with any one of them removed, a random schedule ends with wrong documents (`make simulate-planted`)."""

import pytest

from tests.simulation.harness import simulate
from tests.simulation.planted import BUGS


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("bug", BUGS)
def test_the_simulation_catches(bug, mongo_uri, mongo_db):
    with BUGS[bug](), pytest.raises(AssertionError, match=r"differs from SQL|are not written"):
        simulate(mongo_uri, mongo_db, 3000, shrink=False)
