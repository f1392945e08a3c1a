"""The validator as data; what it refuses is tested on a real MongoDB."""

import dataclasses

import pytest

from cdc_consumer.readmodel.documents import DOCUMENTS, ITEMS
from cdc_consumer.readmodel.kinds import Kind
from cdc_consumer.readmodel.validator import TYPES, validator, version_of
from tests.schemas import shop, types


@pytest.mark.parametrize("document", [*DOCUMENTS, *shop.DOCUMENTS, *types.DOCUMENTS], ids=lambda document: document.collection)
def test_a_document_is_a_tombstone_or_has_exactly_the_declared_names(document):
    tombstone, shape = validator(document)["$or"]
    assert tombstone == {"_deleted": True}
    wanted = {"_id", "_rev", "schema_version", *document.fields, *document.embeds}
    assert set(shape["$jsonSchema"]["required"]) == set(shape["$jsonSchema"]["properties"]) == wanted
    assert shape["$jsonSchema"]["additionalProperties"] is False


def test_every_kind_has_types():
    assert TYPES.keys() == set(Kind)


def test_a_validator_says_whose_it_is():
    assert version_of(validator(ITEMS)) == 1
    assert version_of(validator(dataclasses.replace(ITEMS, schema_version=7))) == 7


@pytest.mark.parametrize("foreign", [{}, {"title": {"$type": "string"}}, {"$or": [{"a": 1}]}, {"$jsonSchema": {}}], ids=str)
def test_a_foreign_validator_is_nobodys(foreign):
    assert version_of(foreign) is None
