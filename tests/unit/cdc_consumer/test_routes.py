from cdc_consumer.readmodel.declare import Link
from cdc_consumer.readmodel.documents import FOR_CLIENTS, ITEMS, USERS
from cdc_consumer.readmodel.routes import Column, Linked, Pointing, Route, captured_tables, mirror_indexes, routes

LINK = Link(table="item_tags", parent="item_id", child="tag_id")


def test_every_table_leads_to_the_documents_it_is_part_of():
    assert routes(FOR_CLIENTS) == {
        "users": (Route(USERS, ()), Route(ITEMS, (Pointing("items", "owner_id"),))),
        "items": (Route(ITEMS, ()),),
        "item_tags": (Route(ITEMS, (Column("item_tags", "item_id"),)),),
        "tags": (Route(ITEMS, (Linked(LINK),)),),
    }


def test_the_captured_tables_and_the_indexes_follow_from_the_declarations():
    assert captured_tables(FOR_CLIENTS) == ("item_tags", "items", "tags", "users")
    assert mirror_indexes(FOR_CLIENTS) == {"items": ("owner_id",), "item_tags": ("item_id", "tag_id")}
