"""`make chaos-networks`: connections between components are slow, narrow, reset or silent."""

import pytest

from chaos.experiments.networks import of_networks
from tests.e2e.chaos_runs import passes
from tests.session_stack import SessionStack, ended

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def routed():
    with ended(SessionStack.somewhere()) as place:
        place.up("--workers", 1, "--proxies", 1)
        yield place


@pytest.mark.parametrize("name", [entry.name for entry in of_networks()])
def test_nothing_is_lost(name, routed):
    passes(name, routed)
