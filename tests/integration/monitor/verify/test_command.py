"""`python -m monitor.verify`."""

import json

import pytest

from monitor.verify.__main__ import main
from tests.integration.monitor.verify.asking import market, shop


@pytest.fixture
def told(world, monkeypatch):
    monkeypatch.setenv("VERIFY_POSTGRES_DSN", world.settings.postgres_dsn)
    monkeypatch.setenv("VERIFY_MONGO_URI", world.settings.mongo_uri)
    monkeypatch.setenv("VERIFY_MONGO_DB", world.settings.mongo_db)
    return world


@market
def test_equal_is_0(told, capsys):
    assert main(["--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"]
    assert [(c["collection"], c["rows"], c["documents"]) for c in answer["collections"]] == [
        ("users_read", 30, 30),
        ("items_read", 200, 200),
        ("canary_read", 0, 0),
    ]
    assert main(["--collection", "users_read"]) == 0
    assert "items_read" not in capsys.readouterr().out
    assert main(["--counts"]) == 0


@market
def test_differences_are_1_and_are_shown_field_by_field(told, capsys):
    told.db.users_read.update_one({"_id": 3}, {"$set": {"name": "x" * 500}})
    assert main(["--recheck-seconds", "0"]) == 1
    shown = capsys.readouterr().out
    assert "different 3" in shown
    assert "    name: postgres '" in shown
    assert "x" * 200 not in shown
    assert main(["--recheck-seconds", "0", "--json", "--limit-report", "0"]) == 1
    users = json.loads(capsys.readouterr().out)["collections"][0]
    assert (users["different"], users["findings"]) == (1, [])
    assert main(["--counts"]) == 0
    told.db.users_read.delete_one({"_id": 3})
    assert main(["--counts", "--json"]) == 1


@market
@pytest.mark.parametrize(
    "gone", [("VERIFY_POSTGRES_DSN", "postgresql://postgres@127.0.0.1:1/app"), ("VERIFY_MONGO_URI", "mongodb://127.0.0.1:1")]
)
def test_an_absent_database_is_2(told, monkeypatch, capsys, gone):
    monkeypatch.setattr("monitor.verify.mongo.SELECTION_MS", 200)
    monkeypatch.setenv(*gone)
    assert main(["--json"]) == 2
    shown = capsys.readouterr()
    assert "make status" in shown.err
    assert "make status" in json.loads(shown.out)["next_step"]


@market
def test_no_tables_yet_is_2(told, monkeypatch, capsys, stack):
    monkeypatch.setenv("VERIFY_POSTGRES_DSN", told.settings.postgres_dsn.replace(told.connection.info.dbname, "postgres"))
    assert main([]) == 2
    assert "alembic upgrade head" in capsys.readouterr().err


@market
def test_a_name_nobody_declared_is_2(told, monkeypatch, capsys):
    assert main(["--collection", "nothing_read"]) == 2
    assert "declared are users_read, items_read" in capsys.readouterr().err
    monkeypatch.setenv("VERIFY_DOCUMENTS", "tests.schemas.shop:NOTHING")
    assert main([]) == 2
    assert "VERIFY_DOCUMENTS" in capsys.readouterr().err


@shop
def test_other_declarations(told, monkeypatch, capsys):
    monkeypatch.setenv("VERIFY_DOCUMENTS", "tests.schemas.shop:DOCUMENTS")
    assert main(["--json"]) == 0
    assert [found["collection"] for found in json.loads(capsys.readouterr().out)["collections"]] == ["products_read", "orders_read"]
