"""Capture follows through downgrade and upgrade: a slot that lived before decodes what comes after."""

import uuid

import psycopg
from alembic import command

INSERT = "INSERT INTO users (name, email) VALUES (%s, %s)"
CHANGES = """SELECT count(*) FROM pg_logical_slot_get_binary_changes(%s, NULL, NULL, 'proto_version', '1', 'publication_names', 'cdc_pub')
    WHERE get_byte(data, 0) = ascii('I')"""


def test_a_slot_survives_the_reset_of_the_schema(empty_dsn, config_for):
    config = config_for(empty_dsn)
    command.upgrade(config, "head")
    slot = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(empty_dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", [slot])
        try:
            connection.execute(INSERT, ["before", "a@b.co"])
            command.downgrade(config, "base")
            connection.execute("CREATE TABLE meanwhile (id int); INSERT INTO meanwhile VALUES (1); DROP TABLE meanwhile")
            command.upgrade(config, "head")
            connection.execute(INSERT, ["after", "a@b.co"])
            assert connection.execute(CHANGES, [slot]).fetchone() == (2,)
        finally:
            connection.execute("SELECT pg_drop_replication_slot(%s)", [slot])
