"""The quick way of reading an envelope says what the careful one says."""

import dataclasses
from typing import Any

import msgspec
import orjson
import pytest

from cdc_consumer import envelope
from cdc_consumer.coalesce import coalesce
from cdc_consumer.envelope import decode
from cdc_consumer.image import Image
from cdc_consumer.poison import Poison
from cdc_consumer.tracing import log_traced
from tests.events import record

ROW = {"id": 7, "title": "lamp"}
VALUES = [
    'ä\u2028😀"\\\n\t\0',
    2**63 - 1,
    -(2**63),
    0.1,
    -0.0,
    5e-324,
    1e308,
    1.0,
    [1, None, [True, {"x": "y"}]],
    {"a": {"b": []}},
    None,
    False,
    "",
]


def carefully(one):
    return envelope._any(one, one.value)


def changed(one) -> Any:
    return decode(one)


def same(one):
    carefully(one)  # now its source and epoch are known
    quick, careful = decode(one), carefully(one)
    assert quick == careful
    assert repr(quick) == repr(careful), "1 and 1.0 are equal, and not the same"


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_values(value):
    row = ROW | {"value": value}
    one = record("items", "u", key={"id": 7}, before=row, after=row)
    same(one)
    assert type(changed(one).after) is Image


@pytest.mark.parametrize(
    "snapshot", ["false", "true", "first", "first_in_data_collection", "last_in_data_collection", "last", "incremental"]
)
@pytest.mark.parametrize("commit", [None, 0, 1, 50, 2**63 - 1])
@pytest.mark.parametrize("op", "curd")
def test_versions(op, commit, snapshot):
    after = None if op == "d" else ROW
    same(
        record(
            "items", op, key={"id": 7}, before=ROW if op in "ud" else None, after=after, commit=commit, snapshot=snapshot, lsn=60, epoch=9
        )
    )


BROKEN = [
    (b"lamp", b"\xff"),
    (b"lamp", b"\\ud800"),
    (b'"op":"u"', b'"op":"x"'),
    (b'"op":"u"', b'"op":7'),
    (b'"op":"u",', b'"op":"u"'),
    (b'"lsn":100', b'"lsn":"z"'),
    (b'"table":"items"', b'"table":"others"'),
    (b"postgresql", b"mysql"),
    (b'"3.', b'"2.'),
    (b'"after":{"id":7,"title":"lamp"}', b'"after":null'),
    (b'"after":{"id":7,"title":"lamp"}', b'"after":7'),
    (b'"after":{"id":7,"title":"lamp"}', b'"after":[]'),
    (b'"before":{"id":7,"title":"lamp"}', b'"before":7'),
    (b'"after":{"id":7,"title":"lamp"}', b'"after":{"id":7,"title":"\xff"}'),
    (b'"before":{"id":7,"title":"lamp"}', b'"before":{"id":7,"title":"\xff"}'),
    (b'"before":{"id":7,"title":"lamp"}', b'"before":{"id":7,"title":"\\udc00"}'),
    (b'"before":{"id":7,"title":"lamp"}', b'"before":{"id":7,"title"}'),
    (b'"source":{', b'"source":7,"other":{'),
]


@pytest.mark.parametrize(("part", "instead"), BROKEN)
def test_what_is_broken_is_poison_by_both(part, instead):
    good = record("items", "u", key={"id": 7}, before=ROW, after=ROW)
    decode(good)
    one = dataclasses.replace(good, value=(good.value or b"").replace(part, instead))
    assert one.value != good.value
    with pytest.raises(Poison) as careful:
        carefully(one)
    with pytest.raises(Poison) as quick:
        decode(one)
    assert (quick.value.cause, str(quick.value)) == (careful.value.cause, str(careful.value))


def test_one_column_is_read_by_itself():
    good = record("items", "u", key={"id": 7}, before=ROW, after=ROW | {"none": None, "ä": 5})
    decode(good)
    image = changed(good).after
    assert [image.get(name) for name in ("title", "none", "ä", "other")] == ["lamp", None, 5, None]
    assert [image.get(name, 9) for name in ("none", "other")] == [None, 9]
    assert image._row is None
    assert Image(msgspec.Raw(b'{"a\\"b":7}')).get('a"b') == 7  # msgspec has no such names
    assert image["title"] == "lamp"
    assert image.get("title") == "lamp"
    assert image.get("other", 9) == 9


def test_a_number_that_no_double_holds_is_poison_once_somebody_needs_it():
    good, beyond = (record("items", "u", key={"id": 7}, before=ROW, after=ROW, lsn=lsn) for lsn in (2, 1))
    decode(good)
    beyond.value = (beyond.value or b"").replace(b'"lamp"', b"1e999")
    assert coalesce("items", [changed(beyond), changed(good)]).rows[7].columns == ROW
    log_traced([(beyond, changed(beyond))], 0.0)
    with pytest.raises(Poison, match="not JSON"):
        coalesce("items", [changed(beyond)])


def test_nothing_and_a_row_without_columns_are_not_the_same():
    assert not Image(msgspec.Raw(b"{}"))
    assert Image(msgspec.Raw(b'{"id":7}'))
    assert Image(msgspec.Raw(b"{ }")) == {}


@pytest.mark.parametrize("headers", [(), (("cdc-epoch", b"x"),), (("other", b"1"),)])
def test_an_epoch_that_is_missing_or_no_number_is_poison(headers):
    good = record("items", "u", key={"id": 7}, before=ROW, after=ROW)
    decode(good)
    with pytest.raises(Poison, match="cdc-epoch"):
        decode(dataclasses.replace(good, headers=headers))


def test_other_headers_beside_the_epoch_change_nothing():
    good = record("items", "u", key={"id": 7}, before=ROW, after=ROW)
    assert decode(dataclasses.replace(good, headers=(("trace", b"x"), *good.headers))) == decode(good)


SEQUENCES = [
    *('[ "77" , "100" ]', '["077","100"]', '[" 77","100"]', '["+77","100"]', '["-77","100"]', '["7_7","100"]', '["1e3","100"]'),
    *('["7.0","100"]', '["NaN","100"]', '["","100"]', "[77,100]", "[7.5,100]", "[true,100]", '[null,"100"]', '["77",null]', '["77","x"]'),
    *('["77"]', '["77","100","7"]', "[]", "{}", "7", "", "[", '["\\u0037","100"]', '["99999999999999999999","100"]', None),
]


@pytest.mark.parametrize("sequence", SEQUENCES, ids=repr)
def test_sequences(sequence):
    good = record("items", "u", key={"id": 7}, before=ROW, after=ROW)
    decode(good)
    text = orjson.loads(good.value or b"")
    text["source"]["sequence"] = sequence
    one = dataclasses.replace(good, value=orjson.dumps(text))
    assert said(decode, one) == said(carefully, one)


def said(read, one) -> str:
    try:
        return repr(read(one))
    except Poison as poison:
        return f"{poison.cause}: {poison}"
