"""`make chaos-sets`: three brokers and three MongoDB nodes, one of them or too many of them gone."""

import pytest

from chaos.experiments.sets import of_brokers, of_members
from tests.e2e.chaos_runs import passes
from tests.session_stack import SessionStack, ended

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def sets():
    with ended(SessionStack.somewhere()) as place:
        place.up("--workers", 1, "--brokers", 3, "--mongo-nodes", 3)
        yield place


def test_every_topic_has_three_copies_and_asks_for_two(sets):
    from confluent_kafka.admin import AdminClient, ConfigResource  # type: ignore[attr-defined]  # its stubs forget it

    admin = AdminClient({"bootstrap.servers": sets.env["CDC_BROKER"]})
    topics = admin.list_topics(timeout=10).topics
    assert {"connect-offsets", "connect-configs", "connect-status", "__consumer_offsets", "cdc.dead-letters"} <= set(topics)
    assert {len(part.replicas) for topic in topics.values() for part in topic.partitions.values()} == {3}
    asked = admin.describe_configs([ConfigResource("TOPIC", name) for name in topics])
    assert {future.result(10)["min.insync.replicas"].value for future in asked.values()} == {"2"}


def test_another_number_is_refused(sets):
    for option in ("--brokers", "--mongo-nodes"):
        done = sets.run("up", option, 1, check=False)
        assert done.returncode == 1
        assert "make reset" in done.stdout


@pytest.mark.parametrize("name", [entry.name for entry in (*of_brokers(), *of_members())])
def test_nothing_is_lost(name, sets):
    passes(name, sets)
