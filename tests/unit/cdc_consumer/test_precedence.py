"""Embedded tables first, while they have a backlog, and nobody waits for ever."""

from faust.types.tuples import TP

from cdc_consumer.precedence import BACKLOG, LONGEST, UNKNOWN, Precedence
from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.readmodel.routes import embedding

ITEMS, LINKS, USERS = TP("cdc.public.items", 0), TP("cdc.public.item_tags", 0), TP("cdc.public.users", 0)
ALL = [ITEMS, LINKS, USERS]


def admitted(backlogs, now=0.0, precedence=None):
    return list((precedence or Precedence({"cdc.public.items"})).admitted(ALL, lambda tp: backlogs.get(tp, 0), now))


def test_only_roots_that_embed_wait():
    assert embedding(DOCUMENTS) == {"items"}


def test_without_a_backlog_nobody_waits():
    assert admitted({}) == ALL
    assert admitted({LINKS: BACKLOG, ITEMS: 10 * BACKLOG}) == ALL


def test_an_embedding_table_waits_for_the_backlog_of_those_it_embeds():
    assert admitted({LINKS: BACKLOG + 1}) == [LINKS, USERS]


def test_it_gets_a_turn_now_and_then():
    precedence, backlogs = Precedence({"cdc.public.items"}), {LINKS: BACKLOG + 1}
    assert ITEMS not in admitted(backlogs, 0.0, precedence)
    assert ITEMS not in admitted(backlogs, LONGEST - 1, precedence)
    assert ITEMS in admitted(backlogs, LONGEST, precedence)
    assert ITEMS not in admitted(backlogs, LONGEST + 1, precedence)


def test_until_kafka_has_told_of_what_is_embedded_who_embeds_it_waits():
    precedence = Precedence({"cdc.public.items"})
    assert admitted({LINKS: None, USERS: 0}, 0.0, precedence) == [LINKS, USERS]
    assert admitted({LINKS: 0, USERS: 0}, 0.1, precedence) == ALL


def test_a_partition_whose_broker_is_away_holds_nobody_up_for_long():
    precedence, backlogs = Precedence({"cdc.public.items"}), {LINKS: None, USERS: 0}
    assert ITEMS not in admitted(backlogs, 0.0, precedence)
    assert ITEMS not in admitted(backlogs, UNKNOWN - 0.1, precedence)
    assert all(ITEMS in admitted(backlogs, UNKNOWN + n, precedence) for n in range(30))
    assert ITEMS not in admitted({LINKS: None, USERS: BACKLOG + 1}, 60.0, precedence)


def test_a_worker_that_has_only_the_one_kind_waits_for_nobody():
    precedence = Precedence({"cdc.public.items"})
    assert list(precedence.admitted([ITEMS], lambda _: BACKLOG + 1, 0.0)) == [ITEMS]
    assert list(Precedence(()).admitted(ALL, lambda _: BACKLOG + 1, 0.0)) == ALL
