"""What readers see before it is confirmed, on a real MongoDB."""

import asyncio
import dataclasses
import itertools
import time

import pytest

from cdc_consumer import metrics
from cdc_consumer.dead_letters.letter import lane_of
from cdc_consumer.drafts import board, drafting, marks, publish
from cdc_consumer.envelope import decode
from cdc_consumer.lanes import GATHER
from cdc_consumer.pace import CALM
from cdc_consumer.readmodel.documents import DOCUMENTS
from cdc_consumer.version import Version
from tests.integration.cdc_consumer.applying import sweeping
from tests.integration.cdc_consumer.early_worker import deep
from tests.worlds.market import expected, item, link, user

pytestmark = pytest.mark.asyncio


async def test_readers_see_a_new_item_with_its_tags_before_it_is_applied_and_the_same_after_it(worker):
    chunks = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(*chunks)
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.db.mirror_items.count_documents({}) == 0
    assert all(CALM / 2 < worker.board.patience(chunk) <= CALM + 0.1 for chunk in chunks)
    assert not await worker.confirmed()
    await worker.apply(*chunks)
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.confirmed()


async def test_a_changed_item_is_shown_and_keeps_what_it_embeds(worker):
    chunks = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.apply(*chunks)
    await worker.offer(worker.chunk(("items", item(1, 1, "lantern"))))
    assert (await worker.shown())[1]["title"] == "lantern"
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_a_link_that_comes_after_its_item_was_drafted_completes_it(worker):
    items = worker.chunk(("items", item(1, 1, "lamp")))
    await worker.offer(items)
    assert (await worker.shown())[1]["tags"] == []
    await worker.offer(worker.chunk(("item_tags", link(1, 1))))
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_nothing_is_shown_of_what_waits_behind_a_parked_key(worker):
    worker.clear = False
    chunk = worker.chunk(("items", item(1, 1, "lamp")))
    await worker.offer(chunk)
    assert await worker.shown() == {}
    assert worker.board.patience(chunk) == GATHER


async def test_nothing_is_shown_while_a_chunk_cannot_be_applied(worker, monkeypatch):
    await worker.offer(worker.chunk(("users", user(2, "bob"))))
    monkeypatch.setattr(board, "STUCK", 0.0)
    await worker.offer(worker.chunk(("users", user(3, "cid"))))
    assert (await worker.shown("users_read")).keys() == {1, 2}


def overtaken():
    return int(metrics.DRAFTS.labels("overtaken")._value.get())


async def test_what_comes_while_a_draft_is_on_its_way_does_not_wait_for_it(worker, monkeypatch):
    withdrawn: list[object] = []
    monkeypatch.setattr(worker.board, "withdraw", withdrawn.append)
    chunks = [worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))]
    chunks += [worker.chunk(("items", item(number, 1, f"lamp {number}"))) for number in range(2, 8)]  # more than there are connections
    first = worker.see(chunks[0])
    before = overtaken()
    each = itertools.chain([first], map(worker.see, chunks[1:]))  # each is seen after the one before was sent
    await asyncio.to_thread(worker.write, each)
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert withdrawn == [first] * (overtaken() - before)  # by the second, of the same document; nearly never
    assert (len(worker.publisher._sent), len(worker.publisher._free)) == (0, publish.WIRES)


async def test_a_draft_that_overtakes_an_older_one_of_its_document_is_the_one_that_stays(worker):
    seen = [worker.see(chunk) for chunk in (worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1))))]
    await asyncio.to_thread(worker.write, reversed(seen))
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_a_reply_that_does_not_come_ends_drafts_and_the_other_connections_go_on(worker, monkeypatch):
    await worker.offer(worker.chunk(("items", item(1, 1, "lamp"))))
    errors: list[object] = []
    monkeypatch.setattr(worker.board, "stop", errors.append)
    wire = worker.publisher._free[-1]
    monkeypatch.setattr(type(wire), "receive", raising(wire, TimeoutError("no reply"), wire.__class__.receive))
    await worker.offer(worker.chunk(("items", item(2, 1, "chair"))))
    assert [str(error) for error in errors] == ["no reply"]
    assert (len(worker.publisher._sent), len(worker.publisher._free)) == (0, publish.WIRES)
    await worker.offer(worker.chunk(("items", item(3, 1, "table"))))
    assert (await worker.shown())[3]["title"] == "table"


def raising(wire, error, real):
    """`receive`, which fails on one connection, once."""
    left = [error]

    def receive(self):
        if self is wire and left:
            self.close()
            raise left.pop()
        return real(self)

    return receive


async def test_a_removed_document_stays_removed_whatever_comes_late(worker):
    chunk = worker.chunk(("items", item(1, 1, "lamp")))
    worker.world.delete("items", 1)
    await worker.apply(chunk, worker.chunk())
    worker.anew()
    await worker.offer(chunk)
    assert await worker.shown() == {}


async def test_when_mongodb_is_away_nothing_is_raised_and_drafts_rest(worker, monkeypatch):
    monkeypatch.setattr(publish, "TIMEOUT", 0.1)
    worker.anew("mongodb://127.0.0.1:1/")
    await worker.offer(worker.chunk(("users", user(2, "bob"))))
    await worker.offer(worker.chunk(("users", user(3, "cid"))))
    assert len(worker.board._waiting) == 1
    assert not worker.board.partitions()


def nothing_is_left(board):
    """No trace of any chunk."""
    assert [board._waiting, board._whole, board._partial, board._begun] == [{}, set(), [], {}]
    drafts = board.drafts
    assert [drafts._drafts, drafts._open, drafts._places, drafts._at_work, drafts._begun] == [{}, {}, {}, {}, set()]


async def test_nothing_is_left_of_drafts_that_are_applied(worker):
    chunks = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(*chunks)
    await worker.apply(*chunks)
    nothing_is_left(worker.board)


async def test_a_document_does_not_go_back_when_its_item_is_applied_before_its_link(worker):
    items, links = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(items, links)
    await worker.apply(items)
    assert await worker.shown() == expected(worker.world)["items_read"]
    await worker.apply(links)
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.confirmed()


async def test_a_change_of_another_row_is_not_lost_while_a_draft_waits_for_its_own(worker):
    items, links = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(items, links)
    await worker.apply(items)
    await worker.apply(worker.chunk(("users", user(1, "anna"))))
    assert (await worker.shown())[1]["tags"] == [{"id": 1, "name": "green"}]
    await worker.apply(links)
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_a_document_does_not_go_back_to_an_older_change_that_is_applied_later(worker):
    await worker.apply(worker.chunk(("items", item(1, 1, "lamp"))))
    older, newer = worker.chunk(("items", item(1, 1, "lantern"))), worker.chunk(("items", item(1, 1, "lampion")))
    await worker.offer(newer)
    await worker.apply(older)
    assert (await worker.shown())[1]["title"] == "lampion"
    await worker.apply(newer)
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.confirmed()


@pytest.mark.parametrize(("added", "title"), [(3000, "lampion"), (0, "lantern")], ids=["young", "old"])
async def test_a_draft_that_is_old_is_not_added_to(worker, monkeypatch, added, title):
    await worker.apply(worker.chunk(("items", item(1, 1, "lamp"))))
    await worker.offer(worker.chunk(("items", item(1, 1, "lantern"))))
    monkeypatch.setattr(drafting, "ADDED_MS", added)
    await worker.offer(worker.chunk(("items", item(1, 1, "lampion"))))
    assert (await worker.shown())[1]["title"] == title


async def test_a_draft_whose_row_is_long_in_coming_no_longer_keeps_its_document(worker, monkeypatch):
    items, links = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(items, links)
    monkeypatch.setattr(marks, "HOLD_MS", 0)
    await worker.apply(items)
    assert (await worker.shown())[1]["tags"] == []
    assert await worker.confirmed()


async def test_a_new_item_that_was_shown_and_cannot_be_applied_goes_again(worker):
    chunk = worker.chunk(("items", item(1, 1, "lamp") | {"extra": deep(200)}))
    await worker.offer(chunk)
    assert await worker.shown()
    await worker.alone(chunk)
    assert await worker.shown() == {}
    worker.anew()
    await worker.offer(chunk)
    assert await worker.shown() == {}


@pytest.mark.parametrize("before", [(), ("lamp",)], ids=["new", "changed"])
async def test_a_draft_that_comes_after_its_record_was_parked_changes_nothing(worker, before, monkeypatch):
    for title in before:
        await worker.apply(worker.chunk(("items", item(1, 1, title))))
    chunk = worker.chunk(("items", item(1, 1, "lantern") | {"extra": deep(200)}))
    taken = worker.board.drafts.take({1: [decode(record) for record in chunk.value]}, 0.0, 0)
    await asyncio.to_thread(worker.publisher._read, taken)
    await worker.alone(chunk)
    withdrawn: list[object] = []
    monkeypatch.setattr(worker.board, "withdraw", withdrawn.append)
    await asyncio.to_thread(worker.write, [seen := board.Seen(taken, [], time.monotonic())])
    assert withdrawn == [seen]
    assert [one["title"] for one in (await worker.shown()).values()] == list(before)


async def test_a_link_that_is_parked_takes_nothing_but_itself_back(worker):
    items, links = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1) | {"extra": deep(200)}))
    await worker.offer(items, links)
    assert (await worker.shown())[1]["tags"]
    await worker.alone(links)
    assert (await worker.shown())[1]["title"] == "lamp"
    await worker.alone(items)
    assert (await worker.shown())[1]["tags"] == []
    assert await worker.confirmed()


async def test_a_bad_row_is_parked_also_when_its_document_shows_a_link_that_is_not_applied(worker):
    items, links = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(items, links)
    items.value.extend(worker.chunk(("items", item(1, 1, "lamp") | {"price": "much"})).value)
    await worker.alone(items)
    assert await worker.db.cdc_parked.count_documents({}) == 1


async def test_a_record_that_decodes_and_cannot_be_read_is_parked_and_no_more(worker):
    await worker.alone(worker.chunk(("items", item(1, 1, "lamp"))))  # of the usual form from now on
    chunk = worker.chunk(("items", item(1, 1, "lantern")))
    value = chunk.value[0].value
    assert b'"9.90"' in value
    chunk.value[0] = dataclasses.replace(chunk.value[0], value=value.replace(b'"9.90"', b"1e999"))
    await worker.alone(chunk)
    assert await worker.db.cdc_parked.count_documents({}) == 1
    assert (await worker.shown())[1]["title"] == "lamp"


async def test_a_sweep_removes_what_was_shown_of_a_record_that_never_comes_again(worker, mongo_uri, mongo_db):
    chunk = worker.chunk(("items", item(1, 1, "lamp")), ("items", item(2, 1, "lantern")))
    await worker.offer(chunk)
    assert (await worker.shown()).keys() == {1, 2}
    async with sweeping(mongo_uri, mongo_db, DOCUMENTS) as sweep:
        await sweep("items", Version(9, 0, 0), {2})
    assert (await worker.shown()).keys() == {2}


@pytest.mark.parametrize("cause", ["refused", "behind"])
async def test_of_a_change_that_was_shown_and_is_parked_nothing_stays_and_nothing_else_is_lost(worker, cause):
    chunks = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.apply(*chunks)
    changed = worker.chunk(("items", item(1, 1, "lantern") | ({"extra": deep(200)} if cause == "refused" else {})))
    await worker.offer(changed)
    await worker.apply(worker.chunk(("users", user(1, "anna"))))
    shown = (await worker.shown())[1]
    assert (shown["title"], shown["owner"]["name"]) == ("lantern", "ann")
    if cause == "behind":
        await worker.db.cdc_parked.insert_one({"_id": lane_of(changed.tp.topic, changed.value[0].key), "topic": changed.tp.topic})
    await worker.alone(changed)
    shown = (await worker.shown())[1]
    assert (shown["title"], shown["owner"]["name"], len(shown["tags"])) == ("lamp", "anna", 1)
    assert await worker.confirmed()


async def test_nothing_waits_for_rows_while_a_key_is_parked(worker):
    items, links = worker.chunk(("items", item(1, 1, "lamp"))), worker.chunk(("item_tags", link(1, 1)))
    await worker.offer(items, links)
    await worker.db.cdc_parked.insert_one({"_id": "other 1", "topic": "other"})
    await worker.apply(items)
    assert (await worker.shown())[1]["tags"] == []


async def test_a_chunk_that_is_applied_at_once_is_drafted_beside_it(worker):
    chunk = worker.chunk(("items", item(1, 1, "lamp")))
    seen = worker.see(chunk)
    worker.board.begin([chunk])
    await asyncio.to_thread(worker.write, [seen])
    assert await worker.shown() == expected(worker.world)["items_read"]


async def test_nothing_is_left_of_what_a_rebalance_takes_away_and_it_may_come_again(worker):
    chunk = worker.chunk(("items", item(1, 1, "lamp")))
    await worker.offer(chunk)
    worker.board.follow([chunk.tp])
    nothing_is_left(worker.board)
    await worker.offer(chunk)
    await worker.apply(chunk)
    nothing_is_left(worker.board)
    assert await worker.shown() == expected(worker.world)["items_read"]
    assert await worker.confirmed()


async def test_an_owner_that_was_not_seen_lately_is_read(worker):
    worker.anew()
    await worker.offer(worker.chunk(("items", item(1, 1, "lamp"))))
    assert await worker.shown() == expected(worker.world)["items_read"]


@pytest.mark.parametrize("value", [b"no json", b'{"op": "c"}'], ids=["no-json", "no-envelope"])
async def test_after_a_record_that_is_parked_nothing_is_shown_for_a_while(worker, value):
    bad = worker.chunk(("items", item(1, 1, "lamp")))
    bad.value[0] = dataclasses.replace(bad.value[0], value=value)
    await worker.offer(bad)
    await worker.offer(worker.chunk(("items", item(1, 1, "lantern"))))
    assert await worker.shown() == {}


async def test_values_that_cannot_be_shown_stop_drafts_and_nothing_else(worker):
    chunk = worker.chunk(("items", item(1, 1, "lamp") | {"price": "much"}))
    await worker.offer(chunk)
    worker.board.begin([chunk])
    worker.board.end([chunk])
    assert await worker.shown() == {}
    nothing_is_left(worker.board)
