import psycopg
import pytest
from alembic import command
from psycopg import errors

RIGHTS = "SELECT rolsuper, rolreplication, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = user"
TABLES = ("users", "items", "tags", "item_tags")


def test_the_connector_reads_beats_and_replicates_and_does_no_more(postgres_dsn, as_role):
    with as_role(postgres_dsn, "cdc_connector") as connection:
        for table in TABLES:
            connection.execute(f"SELECT * FROM {table}")
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(f"DELETE FROM {table}")
        beat = "INSERT INTO cdc_heartbeat (id, beat_at) VALUES (1, now()) ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at"
        connection.execute(beat)
        connection.execute(beat)
        for forbidden in ("CREATE TABLE mine (id int)", "CREATE PUBLICATION mine FOR TABLE users", "CREATE ROLE mine"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(forbidden)
        rights = connection.execute(
            "SELECT rolsuper, rolreplication, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = user"
        )
        assert rights.fetchone() == (False, True, False, False, False)
    with as_role(postgres_dsn, "cdc_connector", replication="database") as connection:
        assert connection.execute("IDENTIFY_SYSTEM").fetchone()


def test_the_api_writes_rows_and_does_no_more(postgres_dsn, as_role):
    with as_role(postgres_dsn, "cdc_api") as connection:
        connection.execute("INSERT INTO users (name, email) VALUES ('a', 'a@b.co')")
        connection.execute("UPDATE users SET name = 'b'")
        connection.execute("DELETE FROM users")
        for forbidden in ("TRUNCATE users", "DROP TABLE users", "SELECT FROM cdc_heartbeat", "SELECT FROM alembic_version"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(forbidden)
        assert connection.execute(RIGHTS).fetchone() == (False, False, False, False)
    with pytest.raises(psycopg.OperationalError):
        as_role(postgres_dsn, "cdc_api", replication="database")


def test_a_downgrade_here_leaves_the_roles_of_other_databases_alone(empty_dsn, config_for, as_role, postgres_dsn):
    config = config_for(empty_dsn)
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    with as_role(postgres_dsn, "cdc_api") as connection:
        connection.execute("SELECT FROM users")


def test_a_session_keeps_its_rights_through_down_and_up(empty_dsn, config_for, as_role):
    """The API's pool and the connector stay connected through `make reset-all`."""
    config = config_for(empty_dsn)
    command.upgrade(config, "head")
    with as_role(empty_dsn, "cdc_api") as connection:
        connection.execute("SELECT FROM users")
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        connection.execute("SELECT FROM users")


def test_the_prober_watches_writes_its_canary_and_does_no_more(postgres_dsn, as_role):
    with as_role(postgres_dsn, "cdc_prober") as connection:
        for table in TABLES:
            connection.execute(f"SELECT * FROM {table}")
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(f"DELETE FROM {table}")
        for _ in range(2):
            connection.execute(
                "INSERT INTO cdc_canary AS c (id, seq, emitted_at) VALUES (1, 1, now())"
                " ON CONFLICT (id) DO UPDATE SET seq = c.seq + 1, emitted_at = excluded.emitted_at"
            )
        assert connection.execute("SELECT seq FROM cdc_canary").fetchone() == (2,)
        for forbidden in ("DELETE FROM cdc_canary", "INSERT INTO users (name, email) VALUES ('a', 'a@b.co')", "CREATE TABLE mine (id int)"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(forbidden)
        assert connection.execute("SELECT pg_has_role(user, 'pg_monitor', 'usage')").fetchone() == (True,)
        assert connection.execute(RIGHTS).fetchone() == (False, False, False, False)
    with pytest.raises(psycopg.OperationalError):
        as_role(postgres_dsn, "cdc_prober", replication="database")
