from array import array
from decimal import Decimal

import pytest

from scripts.seed import count, parser, span
from scripts.seed_rows import ITEM_COLUMNS, LINK_COLUMNS, TAG_COLUMNS, USER_COLUMNS, Rows
from scripts.words import TAGS

OWNERS, TAG_IDS = array("q", range(1, 101)), array("q", range(1, 51))


def item(rows, key, links=range(2, 5)):
    row, linked = rows.item(key, OWNERS, TAG_IDS, links)
    return dict(zip(ITEM_COLUMNS, row, strict=True)), linked


def test_a_row_depends_on_nothing_but_seed_and_id():
    assert [Rows(7).user(key) for key in range(5)] == [Rows(7).user(key) for key in range(5)]
    assert item(Rows(7), 3) == item(Rows(7), 3)
    assert item(Rows(7), 3) != item(Rows(8), 3)
    assert item(Rows(7), 3) != item(Rows(7), 4)


def test_emails_and_tag_names_are_unique_however_many_there_are():
    users = [dict(zip(USER_COLUMNS, Rows(1).user(key), strict=True)) for key in range(1, 2001)]
    assert len({user["email"] for user in users}) == 2000
    assert all(str(user["email"]).isascii() for user in users)
    names = [dict(zip(TAG_COLUMNS, Rows(1).tag(key), strict=True))["name"] for key in range(1, 5 * len(TAGS))]
    assert len(set(names)) == len(names)


def test_items_are_fit_for_their_columns():
    rows = [item(Rows(1), key)[0] for key in range(1, 2001)]
    assert all(Decimal(0) <= row["price"] <= Decimal("9999999999.99") and row["price"].as_tuple().exponent == -2 for row in rows)
    assert {row["status"] for row in rows} == {"draft", "active", "sold", "archived"}
    assert {row["description"] is None for row in rows} == {True, False}
    assert all(row["created_at"] <= row["updated_at"] and row["created_at"].microsecond % 1000 == 0 for row in rows)
    assert len({row["owner_id"] for row in rows}) == len(OWNERS)


def test_links_are_distinct_and_as_many_as_asked():
    linked = [item(Rows(1), key)[1] for key in range(1, 500)]
    assert {len(links) for links in linked} == {2, 3, 4}
    assert all(len(set(links)) == len(links) for links in linked)
    assert [len(LINK_COLUMNS)] * 2 == [len(link) for link in linked[0][:2]]


def test_fewer_tags_than_links_is_no_error():
    _, linked = Rows(1).item(1, OWNERS, array("q", [9]), range(2, 5))
    assert linked == [(1, 9)]
    assert Rows(1).item(1, OWNERS, array("q"), range(2, 5))[1] == []


@pytest.mark.parametrize(("text", "expected"), [("2-4", range(2, 5)), ("3", range(3, 4)), ("0", range(1))])
def test_links_per_item_as_written(text, expected):
    assert span(text) == expected


@pytest.mark.parametrize("text", ["4-2", "-1", "x", ""])
def test_links_per_item_written_wrongly(text):
    with pytest.raises(SystemExit):
        parser().parse_args(["--links-per-item", text])


def test_numbers_may_have_separators_but_no_sign():
    assert count("1_000,000") == 1_000_000
    with pytest.raises(ValueError, match="-1"):
        count("-1")


def test_help_names_the_options(capsys):
    with pytest.raises(SystemExit):
        parser().parse_args(["--help"])
    shown = capsys.readouterr().out
    assert all(option in shown for option in ("--users", "--items", "--tags", "--seed", "--links-per-item", "--batch", "--json"))
