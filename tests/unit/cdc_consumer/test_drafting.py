"""From changes to drafts, without MongoDB."""

import pytest

from cdc_consumer.drafts.drafting import Drafts
from cdc_consumer.drafts.known import BELIEVED
from cdc_consumer.drafts.marks import ADDED_MS, HOLD_MS, MOST, by, held
from cdc_consumer.envelope import decode
from cdc_consumer.poison import Poison
from cdc_consumer.readmodel.documents import DOCUMENTS, ITEMS
from cdc_consumer.version import Version
from tests.events import record
from tests.schemas import shop
from tests.worlds.market import KEYS, item, link, tag, user
from tests.worlds.world import World

PLACE = "items_read", 1
AT = 1_700_000_000_000  # ms since 1970


def changes(world, start=0):
    return [decode(one) for one in world.log[start:]]


@pytest.fixture
def world():
    found = World(KEYS)
    found.put("users", user(1, "ann"))
    found.put("tags", tag(1, "green"))
    return found


@pytest.fixture
def drafts(world):
    made = Drafts(DOCUMENTS)
    made.take({0: changes(world)}, 0.0, AT)
    return made


def put(world, *rows):
    start = len(world.log)
    for table, row in rows:
        world.put(table, row)
    return changes(world, start)


def test_a_new_row_is_shown_with_what_links_to_it(world, drafts):
    taken = drafts.take({1: put(world, ("items", item(1, 1, "lamp"))), 2: put(world, ("item_tags", link(1, 1)))}, 1.0, AT)
    (statement,) = taken.writes["items_read"]
    assert statement["u"]["owner"] == {"id": 1, "name": "ann", "email": "ann@example.org"}
    assert statement["u"]["tags"] == [{"id": 1, "name": "green"}]
    assert statement["upsert"]
    assert [(one["t"], one["k"]) for one in statement["u"]["_draft"]] == [
        ("items", 1),
        ("item_tags", {"item_id": 1, "tag_id": 1}),
        ("users", 1),
        ("tags", 1),
    ]
    assert [one.get("by") for one in statement["u"]["_draft"][2:]] == [
        {"t": "items", "k": 1},
        {"t": "item_tags", "k": {"item_id": 1, "tag_id": 1}},
    ]
    assert taken.whole == {1, 2}


def test_a_link_that_comes_before_its_item_shows_with_it(world, drafts):
    world.put("items", item(1, 1, "lamp"))
    first = drafts.take({1: put(world, ("item_tags", link(1, 1)))}, 1.0, AT)
    assert not first.whole
    assert drafts.awaits(1)
    second = drafts.take({2: [change for change in changes(world) if change.table == "items"]}, 1.0, AT)
    assert second.whole == {1, 2}
    assert not drafts.awaits(1)


def test_a_link_that_comes_later_replaces_the_draft_of_the_same_record_and_nothing_else(world, drafts):
    (first,) = drafts.take({1: put(world, ("items", item(1, 1, "lamp")))}, 1.0, AT).writes["items_read"]
    (second,) = drafts.take({2: put(world, ("item_tags", link(1, 1)))}, 1.0, AT).writes["items_read"]
    assert first["q"] == {"_id": 1, "_v": {"$lt": first["u"]["_v"]}}
    assert second["q"]["$or"] == [{"_v": {"$lt": first["u"]["_v"]}}, {"_rev": {"$in": [first["u"]["_rev"]]}}]
    assert second["u"]["tags"] == [{"id": 1, "name": "green"}]
    drafts.begin(1)
    drafts.end(1)
    late = drafts.take({3: put(world, ("tags", tag(2, "red")), ("item_tags", link(1, 2)))}, 1.0, AT)
    assert "items_read" not in late.writes


def test_a_change_of_a_root_row_sets_its_fields_if_the_document_is_older(world, drafts):
    put(world, ("items", item(1, 1, "lamp")))
    (change,) = put(world, ("items", item(1, 1, "lantern")))
    taken = drafts.take({1: [change]}, 1.0, AT)
    (statement,) = taken.writes["items_read"]
    old = {"_draft.0.at": {"$not": {"$lte": AT - ADDED_MS}}}
    own = {"owner.id": 1, "_v": {"$lt": change.version.to_bson()}}
    assert statement["q"] == {"_id": 1, "_deleted": None, "schema_version": 1} | own | old
    assert statement["u"]["$set"]["title"] == "lantern"
    assert not {"owner", "tags"} & statement["u"]["$set"].keys()
    shown = {"t": "items", "k": 1, "v": change.version.to_bson(), "at": AT}
    assert statement["u"]["$push"] == {"_draft": {"$each": [shown], "$slice": MOST}}
    assert taken.whole == {1}


@pytest.mark.parametrize(
    "statements",
    [
        [("items", item(1, 1, "lamp")), ("items", item(1, 2, "lamp"))],
        [("users", user(1, "bob"))],
        [("tags", tag(1, "red"))],
        [("items", item(1, 1, "lamp")), None],
    ],
    ids=["other-owner", "rename", "tag", "delete"],
)
def test_what_shows_elsewhere_waits_until_it_is_materialised(world, drafts, statements):
    for statement in statements[:-1]:
        world.put(*statement)
    start = len(world.log)
    world.put(*statements[-1]) if statements[-1] else world.delete("items", 1)
    taken = drafts.take({1: changes(world, start)}, 1.0, AT)
    assert not taken.whole
    assert not taken.writes["items_read"]


@pytest.mark.parametrize("op", ["r", "t"])
def test_snapshot_rows_and_truncates_are_not_drafted(drafts, op):
    key, after = (None, None) if op == "t" else ({"id": 1}, item(1, 1, "lamp"))
    taken = drafts.take({1: [decode(record("items", op, key=key, after=after))]}, 1.0, AT)
    assert not taken.whole
    assert not taken.writes


def test_rows_that_nothing_is_known_of_are_asked_for(world, drafts):
    taken = drafts.take({1: put(world, ("items", item(1, 2, "lamp")))}, 1.0, AT)
    assert taken.missing == {("users", 2)}
    assert taken.incomplete == [PLACE]
    assert not taken.writes
    drafts.known.add("users", 2, {"_id": 2, "_v": Version(1, 2, 3).to_bson(), **user(2, "bob")}, 1.0)
    drafts.write(PLACE, taken, 1.0)
    assert taken.writes["items_read"][0]["u"]["owner"]["name"] == "bob"


def test_what_was_seen_long_ago_is_asked_for_again(world, drafts):
    taken = drafts.take({1: put(world, ("items", item(1, 1, "lamp")))}, BELIEVED + 1, AT)
    assert taken.missing == {("users", 1)}


@pytest.mark.parametrize("value", ["much", [1]], ids=["no-number", "array"])
def test_what_cannot_be_shown_is_said(world, drafts, value):
    bad = item(1, 1, "lamp") | {"price": value}
    with pytest.raises(Poison):
        drafts.take({1: put(world, ("items", bad))}, 1.0, AT)
    world.put("items", item(2, 1, "lamp"))
    with pytest.raises(ValueError, match="price"):
        drafts.take({2: put(world, ("items", bad | {"id": 2}))}, 1.0, AT)


@pytest.mark.parametrize("row", [("items", item(1, 1, "lantern")), ("item_tags", link(1, 1))], ids=["change", "link"])
def test_nothing_is_drafted_of_a_document_that_is_at_work(world, drafts, row):
    drafts.take({1: put(world, ("items", item(1, 1, "lamp")))}, 1.0, AT)
    drafts.begin(1)
    taken = drafts.take({2: put(world, row)}, 1.0, AT)
    assert not taken.writes
    assert not taken.whole
    assert not drafts.awaits(2)
    drafts.end(1)
    assert drafts.take({3: put(world, ("items", item(1, 1, "lampion")))}, 1.0, AT).whole == {3}


def test_a_draft_of_an_older_state_still_shows_what_links_to_it(world, drafts):
    drafts.take({1: put(world, ("items", item(1, 1, "lamp")), ("item_tags", link(1, 1)))}, 1.0, AT)
    (statement,) = drafts.take({2: put(world, ("items", item(1, 1, "lantern")))}, 1.0, AT).writes["items_read"]
    assert (statement["u"]["title"], len(statement["u"]["tags"])) == ("lantern", 1)
    assert [one["t"] for one in statement["u"]["_draft"]] == ["items", "item_tags", "users", "tags"]
    assert statement["u"]["_draft"][0] == {"t": "items", "k": 1, "v": statement["u"]["_v"], "at": AT}


def test_a_link_that_comes_again_after_it_was_removed_is_not_shown(world, drafts):
    put(world, ("items", item(1, 1, "lamp")))
    links = put(world, ("item_tags", link(1, 1)))
    world.delete("item_tags", 1, 1)
    removed = changes(world, len(world.log) - 1)
    taken = drafts.take({1: [*links, *removed, *links], 2: [one for one in changes(world) if one.table == "items"]}, 1.0, AT)
    (statement,) = taken.writes["items_read"]
    assert statement["u"]["tags"] == []
    shown = [one["v"] for one in statement["u"]["_draft"] if one["t"] == "item_tags"]
    assert shown == [removed[0].version.to_bson()]


def test_what_a_snapshot_read_beside_a_row_is_shown_and_not_waited_for(world, drafts):
    def seen(table, key, row):
        return decode(record(table, "r", key=key, after=row, snapshot="incremental", lsn=5000, commit=5000))

    read = [seen("users", {"id": 1}, user(1, "anna")), seen("item_tags", link(1, 1), link(1, 1))]
    (statement,) = drafts.take({1: read, 2: put(world, ("items", item(1, 1, "lamp")))}, 1.0, AT).writes["items_read"]
    assert (statement["u"]["owner"]["name"], len(statement["u"]["tags"])) == ("anna", 1)
    assert [one["t"] for one in statement["u"]["_draft"]] == ["items"]


def test_a_record_that_comes_again_does_not_replace_the_draft_of_a_newer_one(world, drafts):
    older = put(world, ("items", item(1, 1, "lamp")))
    drafts.take({1: [*older, *put(world, ("items", item(1, 1, "lantern")))]}, 1.0, AT)
    (statement,) = drafts.take({2: older}, 1.0, AT).writes["items_read"]
    assert statement["u"]["title"] == "lantern"


class TestHeld:
    """Whether a document that shows some rows waits for them."""

    @staticmethod
    def shown(*versions):
        return [{"t": "items", "k": 1, "v": Version(1, 2, lsn).to_bson(), "at": AT} for lsn in versions]

    @pytest.mark.parametrize(
        ("mirrored", "later", "waits"),
        [
            ({}, 0, True),
            ({("items", 1): Version(1, 2, 3)}, 0, True),
            ({("items", 1): Version(1, 2, 4)}, 0, False),
            ({("items", 1): Version(2, 0, 0)}, 0, False),
            ({}, HOLD_MS, False),
            ({}, -HOLD_MS, False),
        ],
        ids=["not-there", "older", "there", "newer", "for-too-long", "other-clock"],
    )
    def test_until_the_newest_is_mirrored_or_too_long_has_passed(self, mirrored, later, waits):
        assert held(self.shown(3, 4), mirrored, AT + later) is waits

    @pytest.mark.parametrize(
        ("mirrored", "waits"),
        [
            ({("items", 1): Version(1, 2, 3)}, True),
            ({("items", 1): Version(1, 2, 4)}, False),
            ({("items", 1): Version(1, 2, 3), ("users", 1): Version(1, 2, 2)}, False),
        ],
        ids=["as-shown", "changed-since", "there"],
    )
    def test_for_an_owner_only_while_the_row_that_names_him_is_the_one_shown(self, mirrored, waits):
        root = self.shown(3)[0]
        owner = by({"t": "users", "k": 1, "v": Version(1, 2, 2).to_bson(), "at": AT}, root)
        assert held([root, owner], mirrored, AT) is waits
        assert not held([owner], mirrored, AT)

    def test_a_document_without_marks_waits_for_nothing(self):
        assert not held([], {}, AT)


def test_documents_whose_lists_have_lists_are_not_drafted():
    assert "orders_read" not in Drafts(shop.DOCUMENTS)._able
    assert Drafts([ITEMS]).tables == {"items", "users", "tags", "item_tags"}


def test_versions_are_compared_field_by_field():
    assert list(Version(1, 2, 3).to_bson()) == ["e", "c", "l"]
