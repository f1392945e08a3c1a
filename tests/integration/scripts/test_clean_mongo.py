import io
import json
from typing import Any

import pytest
from bson.int64 import Int64
from pymongo import MongoClient

from scripts import clean, clean_mongo


@pytest.fixture
def db(mongo_uri, mongo_db, monkeypatch):
    monkeypatch.setenv("CLEAN_MONGO_URI", mongo_uri)
    monkeypatch.setenv("CLEAN_MONGO_DB", mongo_db)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    client: MongoClient[dict[str, Any]] = MongoClient(mongo_uri, serverSelectionTimeoutMS=5000)
    with client:
        db = client[mongo_db]
        db.create_collection("items_read", validator={"$jsonSchema": {"required": ["title"]}})
        db.items_read.create_index("title")
        db.items_read.insert_many([{"_id": i, "title": "t"} for i in range(25)])
        db.mirror_item_tags.insert_many([{"_id": {"item_id": i, "tag_id": 1}} for i in range(25)])
        db.cdc_floors.insert_one({"_id": "users", "_v": {"e": Int64(50), "c": Int64(0), "l": Int64(9)}})
        db.other.insert_one({"_id": 1})
        yield db


def floors(db):
    return {floor["_id"]: (floor["_v"]["e"], floor["_v"]["l"]) for floor in db.cdc_floors.find()}


def test_documents_go_but_indexes_and_validators_stay(db, capsys, monkeypatch):
    monkeypatch.setattr(clean, "CHUNK", 10)
    assert clean_mongo.main(["--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"deleted": {"items_read": 25, "mirror_item_tags": 25}, "floors_raised": []}
    assert db.items_read.count_documents({}) == db.mirror_item_tags.count_documents({}) == 0
    assert "title_1" in db.items_read.index_information()
    assert "validator" in db.items_read.options()
    assert db.other.count_documents({}) == 1
    assert floors(db) == {"users": (50, 9)}


def test_again_there_is_nothing_to_delete(db):
    clean_mongo.main([])
    assert clean_mongo.main([]) == 0


def test_floors_rise_and_never_sink(db, capsys):
    assert clean_mongo.main(["--floor-epoch", "40"]) == 0
    assert floors(db) == {"users": (50, 9), **dict.fromkeys(("items", "tags", "item_tags", "cdc_canary"), (40, 0))}
    assert clean_mongo.main(["--floor-epoch", "60", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["floors_raised"] == ["cdc_canary", "item_tags", "items", "tags", "users"]
    assert clean_mongo.main(["--floor-epoch", "59"]) == 0
    assert floors(db) == dict.fromkeys(("users", "items", "tags", "item_tags", "cdc_canary"), (60, 0))
    assert isinstance(db.cdc_floors.find_one({"_id": "tags"})["_v"]["e"], Int64)


def test_a_dry_run_deletes_nothing(db, capsys):
    assert clean_mongo.main(["--dry-run", "--floor-epoch", "60"]) == 0
    assert "25 items_read" in capsys.readouterr().out
    assert db.items_read.count_documents({}) == 25
    assert floors(db) == {"users": (50, 9)}


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("answer", "code", "left"), [("n\n", 1, 25), ("\n", 1, 25), ("yes\n", 0, 0)])
def test_a_terminal_is_asked(db, monkeypatch, answer, code, left):
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    assert clean_mongo.main([]) == code
    assert db.items_read.count_documents({}) == left


def test_yes_is_not_asked_again(db, monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    assert clean_mongo.main(["--yes"]) == 0


def test_no_server(db, monkeypatch, capsys):
    monkeypatch.setenv("CLEAN_MONGO_URI", "mongodb://127.0.0.1:1")
    monkeypatch.setattr(clean_mongo, "SELECTION_MS", 200)
    assert clean_mongo.main([]) == 1
    assert "make status" in capsys.readouterr().err
