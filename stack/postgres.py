"""Postgres' data directory. Postgres refuses root, so as root everything here belongs to another account."""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from stack.layout import Layout, postgres_user
from stack.passwords import Passwords
from stack.plan import Watch
from stack.render import fill, write
from stack.tools import run_tool

_CONFIG = ("postgresql.conf", "pg_hba.conf")


def _give(path: Path, user: str | None) -> None:
    if user:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def prepare(paths: Layout, bin_directory: Path, passwords: Passwords, values: Mapping[str, str], watch: Watch) -> bool:
    """Writes the configuration, and makes the cluster when there is none. Answers whether it made one.

    initdb works beside the final place and the result is renamed, so that an interrupted one leaves nothing that looks complete.
    """
    user, home = postgres_user(), paths.postgres
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    _give(home, user)
    for name in _CONFIG:
        write(home / name, fill(name, values))
        _give(home / name, user)
    if (home / "data").exists():
        return False
    watch.note("initdb")
    scratch, secret = home / "data.new", home / "password"
    shutil.rmtree(scratch, ignore_errors=True)
    secret.touch(0o600)
    _give(secret, user)
    secret.write_text(passwords.postgres)
    command = [
        *(str(bin_directory / "initdb"), "-D", str(scratch), "-U", "postgres", "-E", "UTF8"),
        *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
        *("--auth=scram-sha-256", f"--pwfile={secret}", "--data-checksums", "--no-sync"),
    ]
    try:
        run_tool(command, watch, log=paths.log / "initdb.log", seconds=120, user=user)
    finally:
        secret.unlink()
    scratch.rename(home / "data")
    return True


def remove(paths: Layout) -> None:
    """Deletes the cluster, wherever it is, and the note that says where."""
    shutil.rmtree(paths.postgres, ignore_errors=True)
    (paths.directory / "postgres").unlink(missing_ok=True)


def create_database(admin_dsn: str, name: str) -> bool:
    """Creates an empty database unless it is there. `admin_dsn` leads to any database; answers whether it was created."""
    with psycopg.connect(admin_dsn, autocommit=True, connect_timeout=5, dbname="postgres") as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return False
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return True
