import json
import os
import subprocess
import sys

import psycopg
import pytest

from scripts import seed
from stack.settings import ROOT


@pytest.fixture
def db(migrated, monkeypatch):
    monkeypatch.setenv("SEED_POSTGRES_DSN", migrated)
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute("TRUNCATE users, items, tags, item_tags")
        yield connection


def run(*args):
    return seed.main([*args, "--json"])


def sums(db):
    """Rows of each table, and a hash of all their values."""
    tables = ("users", "items", "tags", "item_tags")
    return {t: db.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {t} t").fetchone() for t in tables}


def test_the_same_seed_writes_the_same_rows_whatever_the_batches(db, capsys):
    assert run("--users", "50", "--items", "300", "--tags", "12", "--seed", "5") == 0
    first, told = sums(db), json.loads(capsys.readouterr().out)["rows"]
    assert {table: count for table, (count, _) in first.items()} == told
    db.execute("TRUNCATE users, items, tags, item_tags")
    assert run("--users", "50", "--items", "300", "--tags", "12", "--seed", "5", "--batch", "7") == 0
    assert sums(db) == first
    db.execute("TRUNCATE users, items, tags, item_tags")
    assert run("--users", "50", "--items", "300", "--tags", "12", "--seed", "6") == 0
    assert sums(db)["items"] != first["items"]


def test_items_have_as_many_tags_as_asked(db):
    run("--users", "5", "--items", "100", "--tags", "9", "--links-per-item", "1-3")
    links = db.execute("SELECT count(t.tag_id) FROM items i LEFT JOIN item_tags t ON t.item_id = i.id GROUP BY i.id").fetchall()
    assert {count for (count,) in links} == {1, 2, 3}


def test_a_table_with_rows_continues_behind_them_and_so_does_the_api(db):
    db.execute("INSERT INTO users (id, name, email) VALUES (1000, 'Zoë', 'zoe@example.org')")
    assert run("--users", "10", "--items", "10", "--tags", "3") == 0
    assert run("--users", "10", "--items", "10", "--tags", "3") == 0
    assert db.execute("SELECT min(id), max(id), count(*) FROM users").fetchone() == (1000, 1020, 21)
    inserted = db.execute("INSERT INTO users (name, email) VALUES ('a', 'a@example.org') RETURNING id").fetchone()
    assert inserted is not None
    assert inserted[0] >= 1021, "the identity goes on behind the seeded ids"


def test_the_identity_never_goes_back(db):
    run("--users", "20", "--items", "0", "--tags", "0")
    db.execute("DELETE FROM users")
    first = db.execute("INSERT INTO users (name, email) VALUES ('a', 'a@example.org') RETURNING id").fetchone()
    run("--users", "1", "--items", "0", "--tags", "0")
    second = db.execute("INSERT INTO users (name, email) VALUES ('b', 'b@example.org') RETURNING id").fetchone()
    assert second > first


def test_items_need_an_owner(db, capsys):
    assert run("--users", "0", "--items", "10", "--tags", "0") == 1
    assert "--users" in capsys.readouterr().err


def test_no_tables_yet(stack, monkeypatch, capsys):
    monkeypatch.setenv("SEED_POSTGRES_DSN", psycopg.conninfo.make_conninfo(stack.env["VERIFY_POSTGRES_DSN"], dbname="postgres"))
    assert run() == 1
    assert "alembic upgrade head" in capsys.readouterr().err


def test_no_server(monkeypatch, capsys):
    monkeypatch.setenv("SEED_POSTGRES_DSN", "postgresql://postgres@127.0.0.1:1/app")
    assert run() == 1
    assert "make status" in capsys.readouterr().err


def test_it_runs_as_a_file_from_anywhere(db, migrated, tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts/seed.py"), "--users", "2", "--items", "3", "--tags", "2"],
        env=os.environ | {"SEED_POSTGRES_DSN": migrated},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("Seeded 2 tags, 2 users, 3 items,")
