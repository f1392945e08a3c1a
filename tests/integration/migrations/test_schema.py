import logging

import psycopg
import pytest
from alembic import command
from alembic.util import CommandError
from psycopg import errors

from tests.integration.migrations.catalog import catalog

CAPTURED = {"users", "items", "tags", "item_tags", "cdc_heartbeat", "cdc_signal", "cdc_canary"}


def test_up_down_up_leaves_the_same_schema(empty_dsn, config_for):
    config = config_for(empty_dsn)
    empty = catalog(empty_dsn)
    command.upgrade(config, "head")
    first = catalog(empty_dsn)
    command.downgrade(config, "base")
    assert catalog(empty_dsn) == empty
    command.upgrade(config, "head")
    assert catalog(empty_dsn) == first
    assert all(first[kind] for kind in first.keys() - {"enums and domains"})


def test_every_step_can_be_taken_alone_and_back(empty_dsn, config_for):
    config = config_for(empty_dsn)
    seen = [catalog(empty_dsn)]
    for _ in range(5):
        command.upgrade(config, "+1")
        seen.append(catalog(empty_dsn))
    for expected in reversed(seen[:-1]):
        command.downgrade(config, "-1")
        assert catalog(empty_dsn) == expected


def test_the_models_say_what_the_migrations_made(empty_dsn, config_for):
    config = config_for(empty_dsn)
    command.upgrade(config, "head")
    command.check(config)


def test_everything_captured_has_its_whole_old_row(postgres_dsn):
    found = catalog(postgres_dsn)
    assert set(found["identities"]) == {repr((table, "f")) for table in CAPTURED}
    assert {row.split(", ")[1].strip("'") for row in found["published"]} == CAPTURED


def test_ids_can_be_copied_in_and_are_given_out_after(postgres_dsn):
    with psycopg.connect(postgres_dsn) as connection:
        with connection.cursor().copy("COPY users (id, name, email) FROM STDIN") as copy:
            copy.write_row((41, "a", "a@b.co"))
        assert connection.execute("INSERT INTO users (name, email) VALUES ('b', 'b@b.co') RETURNING id").fetchone() == (1,)


@pytest.mark.parametrize(("price", "status"), [("-0.01", "sold"), ("NaN", "sold"), ("1", "gone")])
def test_what_an_item_may_not_be(postgres_dsn, price, status):
    with psycopg.connect(postgres_dsn) as connection:
        connection.execute("INSERT INTO users (id, name, email) VALUES (1, 'a', 'a@b.co')")
        with pytest.raises(errors.CheckViolation):
            connection.execute("INSERT INTO items (owner_id, title, price, status) VALUES (1, 'x', %s, %s)", [price, status])


def test_a_second_migration_waits_for_the_first(empty_dsn, config_for):
    config = config_for(empty_dsn)
    with psycopg.connect(empty_dsn, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('alembic'))")
        config.attributes["advisory_wait"] = "300ms"
        with pytest.raises(CommandError, match="another migration"):
            command.upgrade(config, "head")
    command.upgrade(config, "head")


def test_no_password_is_in_a_statement(empty_dsn, config_for, stack, caplog):
    # The server tells its log to the client as well, with every statement in it.
    config = config_for(empty_dsn + "?options=-c%20client_min_messages%3Dlog%20-c%20log_statement%3Dall")
    with caplog.at_level(logging.INFO, logger="sqlalchemy.dialects.postgresql"):
        command.upgrade(config, "head")
    assert "CREATE PUBLICATION" in caplog.text
    assert "ROLE cdc_api LOGIN" in caplog.text
    assert stack.env["MIGRATE_API_PASSWORD"] not in caplog.text
    assert stack.env["MIGRATE_CONNECTOR_PASSWORD"] not in caplog.text
    assert stack.env["MIGRATE_PROBER_PASSWORD"] not in caplog.text


def test_an_address_that_nobody_answers_is_named_without_its_password(config_for):
    config = config_for("postgresql://postgres:hunter2@127.0.0.1:1/app")
    with pytest.raises(CommandError, match=r"127\.0\.0\.1:1/app") as caught:
        command.upgrade(config, "head")
    assert "hunter2" not in str(caught.value)
    assert "make up" in str(caught.value)


def test_offline_mode_is_refused_with_a_reason(config_for, empty_dsn):
    with pytest.raises(CommandError, match="not supported"):
        command.upgrade(config_for(empty_dsn), "head", sql=True)
