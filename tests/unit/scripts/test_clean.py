from cdc_consumer.readmodel.documents import DOCUMENTS
from scripts.clean import captured_tables, targets


def test_mirrors_and_read_collections_are_emptied_and_nothing_else():
    existing = ["users_read", "items_read", "mirror_items", "mirror_of_a_dropped_table", "cdc_floors", "system.views", "other"]
    assert targets(DOCUMENTS, existing) == ["items_read", "mirror_items", "mirror_of_a_dropped_table", "users_read"]


def test_only_what_exists_is_emptied():
    assert targets(DOCUMENTS, []) == []


def test_floors_are_for_the_captured_tables():
    assert captured_tables(DOCUMENTS) == ["cdc_canary", "item_tags", "items", "tags", "users"]
